//! Blocks that are evaluated while planning and not stored: `cloud`, `task`, `placement`.

use skyform_diag::error_at;
use skyform_lang::config::{ModuleId, Resource};
use skyform_lang::{Expansion, Scope};
use skyform_value::{ModuleInstance, Str, Value};

use super::walk::Walk;
use crate::providers::Resolved;

impl Walk<'_> {
    pub(super) fn evaluate_block(
        &self,
        module: ModuleId,
        instance: &ModuleInstance,
        block: &Resource,
        resolved: &Resolved,
        expansion: &Expansion,
    ) -> bool {
        let mut good = true;
        for key in expansion.keys() {
            let value = key.as_ref().and_then(|key| expansion.value(key));
            let scope = Scope::new(module, instance.clone()).with_key(key.as_ref(), value);
            let decoded = match self.evaluator.decode(&block.body, &resolved.schema.block, &scope) {
                Ok(value) => value,
                Err(errors) => {
                    self.report(errors);
                    good = false;
                    continue;
                }
            };
            let name: Str = match &key {
                Some(skyform_value::InstanceKey::Name(part)) => {
                    format!("{}-{part}", block.key.name).into()
                }
                Some(skyform_value::InstanceKey::Index(part)) => {
                    format!("{}-{part}", block.key.name).into()
                }
                None => block.key.name.clone(),
            };
            let value = with_attribute(&decoded, "name", Value::from(name.clone()));
            let value = match block.key.type_name.as_str() {
                "cloud" if !instance.is_root() => {
                    self.report([error_at!(
                        block.span,
                        "Cloud block outside of the root module",
                        "Clouds are declared in the root module and handed to others by reference.";
                        hint: "Move this block to the root module, and give the module a variable for it."
                    )]);
                    good = false;
                    continue;
                }
                "cloud" => {
                    self.clouds.borrow_mut().insert(name, value.unmarked());
                    value
                }
                _ => value,
            };
            self.note_known(instance, block, key.clone(), &value);
            self.values.set(instance, &block.key, key, value);
        }
        good
    }
}

impl Walk<'_> {
    /// Keeps the value of an instance that apply does not touch.
    pub(super) fn note_known(
        &self,
        module: &ModuleInstance,
        block: &Resource,
        key: Option<skyform_value::InstanceKey>,
        value: &Value,
    ) {
        let address = skyform_value::ResourceAddress {
            module: module.clone(),
            mode: block.key.mode,
            type_name: block.key.type_name.clone(),
            name: block.key.name.clone(),
        };
        let address = std::sync::Arc::new(address).instance(key);
        self.found.borrow_mut().known.insert(address, value.clone());
    }
}

fn with_attribute(object: &Value, name: &str, value: Value) -> Value {
    let attributes = object.as_table().into_iter().flatten();
    let attributes = attributes.map(|(name, value)| (name.clone(), value.clone()));
    Value::object(attributes.chain([(Str::from(name), value)])).with_marks(object.marks())
}
