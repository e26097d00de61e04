//! The values of resources during a run: planned ones first, then real ones.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};

use skyform_lang::config::ResourceKey;
use skyform_lang::{Expansion, ValueSource};
use skyform_state::InstanceState;
use skyform_value::{InstanceKey, ModuleInstance, Str, Type, Value};

/// How a block's instances are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repetition {
    /// One instance without a key.
    Single,
    /// `count`
    Count,
    /// `for_each`
    ForEach,
    /// Known only after apply.
    Unknown,
}

impl Repetition {
    /// By what `count` and `for_each` came to; none if that is not known.
    pub(crate) fn of(expansion: &Expansion) -> Option<Self> {
        match expansion {
            Expansion::Single => Some(Repetition::Single),
            Expansion::Count(_) => Some(Repetition::Count),
            Expansion::ForEach(_) => Some(Repetition::ForEach),
            Expansion::Unknown(_) => None,
        }
    }

    /// By the instances that are stored.
    pub(crate) fn of_stored(instances: &BTreeMap<Option<InstanceKey>, InstanceState>) -> Self {
        match instances.keys().next() {
            Some(Some(InstanceKey::Index(_))) => Repetition::Count,
            Some(Some(InstanceKey::Name(_))) => Repetition::ForEach,
            _ => Repetition::Single,
        }
    }
}

/// Values of all resource blocks in all module instances.
#[derive(Default)]
pub struct Values {
    blocks: RefCell<HashMap<(ModuleInstance, ResourceKey), BlockValues>>,
}

struct BlockValues {
    repetition: Repetition,
    instances: BTreeMap<Option<InstanceKey>, Value>,
    whole: OnceCell<Value>,
}

impl Values {
    /// Declares a block; its instances follow.
    pub(crate) fn declare(
        &self,
        module: &ModuleInstance,
        key: &ResourceKey,
        repetition: Repetition,
    ) {
        let block = BlockValues { repetition, instances: BTreeMap::new(), whole: OnceCell::new() };
        self.blocks.borrow_mut().insert((module.clone(), key.clone()), block);
    }

    /// Sets the value of an instance of a declared block.
    pub(crate) fn set(
        &self,
        module: &ModuleInstance,
        key: &ResourceKey,
        instance: Option<InstanceKey>,
        value: Value,
    ) {
        // Keys are compared by value; the clone only bumps reference counts.
        if let Some(block) = self.blocks.borrow_mut().get_mut(&(module.clone(), key.clone())) {
            block.instances.insert(instance, value);
            block.whole = OnceCell::new();
        }
    }

    /// The value of one instance, if it has been set.
    pub(crate) fn get(
        &self,
        module: &ModuleInstance,
        key: &ResourceKey,
        instance: &Option<InstanceKey>,
    ) -> Option<Value> {
        let blocks = self.blocks.borrow();
        blocks.get(&(module.clone(), key.clone()))?.instances.get(instance).cloned()
    }
}

impl BlockValues {
    fn whole(&self) -> Value {
        let build = || match self.repetition {
            Repetition::Single => {
                self.instances.get(&None).cloned().unwrap_or_else(|| Value::unknown(Type::Any))
            }
            Repetition::Count => Value::tuple(self.instances.values().cloned()),
            Repetition::ForEach => {
                Value::object(self.instances.iter().filter_map(|(key, value)| match key {
                    Some(InstanceKey::Name(name)) => Some((Str::clone(name), value.clone())),
                    _ => None,
                }))
            }
            Repetition::Unknown => Value::unknown(Type::Any),
        };
        self.whole.get_or_init(build).clone()
    }
}

impl ValueSource for Values {
    fn resource(&self, module: &ModuleInstance, key: &ResourceKey) -> Value {
        let blocks = self.blocks.borrow();
        // Left out by `-target`, or its own problem has been reported: nothing is known of it.
        let block = blocks.get(&(module.clone(), key.clone()));
        block.map_or_else(|| Value::unknown(Type::Any), BlockValues::whole)
    }

    fn instance(
        &self,
        module: &ModuleInstance,
        key: &ResourceKey,
        instance: &InstanceKey,
    ) -> Option<Value> {
        self.get(module, key, &Some(instance.clone()))
    }
}
