//! Where an expression is evaluated: the module instance, and what is bound there.

use std::cell::RefCell;

use skyform_value::{InstanceKey, ModuleInstance, Str, Value};

use crate::config::ModuleId;

/// The surroundings of an expression.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The module.
    pub module: ModuleId,
    /// The instance of it.
    pub instance: ModuleInstance,
    /// `each.key` and `each.value`.
    pub each: Option<(Value, Value)>,
    /// `count.index`
    pub count_index: Option<Value>,
    /// `self`
    pub self_value: Option<Value>,
    /// The `check` block that it belongs to, whose data source only it may name.
    pub check: Option<Str>,
    /// `for` variables and `dynamic` iterators, inner ones last.
    bound: RefCell<Vec<(Str, Value)>>,
}

impl Scope {
    /// The surroundings of a module's own blocks.
    pub fn new(module: ModuleId, instance: ModuleInstance) -> Self {
        Self {
            module,
            instance,
            each: None,
            count_index: None,
            self_value: None,
            check: None,
            bound: RefCell::default(),
        }
    }

    /// In an instance of a block with `count` or `for_each`.
    #[must_use]
    pub fn with_key(mut self, key: Option<&InstanceKey>, value: Option<Value>) -> Self {
        match key {
            Some(InstanceKey::Index(_)) => self.count_index = key.map(InstanceKey::to_value),
            Some(InstanceKey::Name(_)) => {
                self.each = key.map(InstanceKey::to_value).zip(value);
            }
            None => {}
        }
        self
    }

    /// With `self`.
    #[must_use]
    pub fn with_self(mut self, value: Value) -> Self {
        self.self_value = Some(value);
        self
    }

    /// Within a `check` block.
    #[must_use]
    pub fn within_check(mut self, name: &Str) -> Self {
        self.check = Some(name.clone());
        self
    }

    /// With a name that stands for a value, before anything that it could refer to otherwise.
    #[must_use]
    pub fn with_name(self, name: &str, value: Value) -> Self {
        self.bound.borrow_mut().push((name.into(), value));
        self
    }

    /// The value bound to a name, the innermost one.
    pub(super) fn bound(&self, name: &str) -> Option<Value> {
        let bound = self.bound.borrow();
        bound.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    /// Does `work` with names bound.
    pub(super) fn binding<T>(
        &self,
        names: impl IntoIterator<Item = (Str, Value)>,
        work: impl FnOnce() -> T,
    ) -> T {
        let depth = self.bound.borrow().len();
        self.bound.borrow_mut().extend(names);
        let result = work();
        self.bound.borrow_mut().truncate(depth);
        result
    }
}
