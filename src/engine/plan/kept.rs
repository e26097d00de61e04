//! Values of what a plan leaves out: those that are stored.

use std::collections::HashMap;
use std::sync::Arc;

use skyform_lang::config::{ModuleId, Resource};
use skyform_state::{BlockAddress, State};
use skyform_value::{InstanceAddress, Mode, ResourceAddress, Type, Value};

use super::walk::Walk;
use crate::providers::Resolved;
use crate::values::Repetition;

impl Walk<'_> {
    /// Blocks left out by `-target` keep the values that they have in state.
    pub(super) async fn keep_values(&self, module: ModuleId, index: usize) {
        let Some(resolved) = self.blocks.get(&(module, index)) else { return };
        let block = &self.evaluator.module(module).source.resources[index];
        let at = BlockAddress {
            module: self.evaluator.module(module).path.clone(),
            mode: block.key.mode,
            type_name: block.key.type_name.clone(),
            name: block.key.name.clone(),
        };
        for address in self.stored_resources(&at) {
            let Some(resource) = self.prior.resources.get(address) else { continue };
            let repetition = Repetition::of_stored(&resource.instances);
            self.values.declare(&address.module, &block.key, repetition);
            for (key, instance) in &resource.instances {
                let at = address.instance(key.clone());
                if !self.is_destroy() {
                    self.seen.borrow_mut().insert(at.clone());
                }
                let Some(object) = &instance.current else { continue };
                let text = at.to_string();
                if let Ok(value) =
                    crate::objects::decode(resolved, &text, &block.key.type_name, object).await
                {
                    self.found.borrow_mut().known.insert(at, value.clone());
                    self.values.set(&address.module, &block.key, key.clone(), value);
                }
            }
        }
    }

    /// The stored resources that are instances of a block.
    pub(super) fn stored_resources(
        &self,
        block: &BlockAddress,
    ) -> impl Iterator<Item = &Arc<ResourceAddress>> {
        self.stored.get_or_init(|| by_block(self.prior)).get(block).into_iter().flatten()
    }

    /// An instance left out keeps the value that it has in state; without one, nothing is known.
    pub(super) async fn keep_value(
        &self,
        block: &Resource,
        resolved: &Resolved,
        address: &InstanceAddress,
    ) {
        let object = self.prior.object(address).filter(|_| block.key.mode == Mode::Managed);
        let decoded = match object {
            Some(object) => {
                let text = address.to_string();
                crate::objects::decode(resolved, &text, &block.key.type_name, object).await.ok()
            }
            None => None,
        };
        let value = decoded.unwrap_or_else(|| Value::unknown(Type::Any));
        self.found.borrow_mut().known.insert(address.clone(), value.clone());
        self.values.set(&address.resource.module, &block.key, address.key.clone(), value);
    }
}

fn by_block(state: &State) -> HashMap<BlockAddress, Vec<Arc<ResourceAddress>>> {
    let mut found: HashMap<BlockAddress, Vec<Arc<ResourceAddress>>> = HashMap::new();
    for address in state.resources.keys() {
        found.entry(BlockAddress::from(&**address)).or_default().push(Arc::clone(address));
    }
    found
}
