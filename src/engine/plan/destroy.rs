//! What a plan to destroy reads first: the same that a plan to keep everything would read.

use futures::StreamExt as _;
use skyform_lang::Scope;
use skyform_lang::config::{ModuleId, Resource};
use skyform_state::BlockAddress;
use skyform_value::{InstanceAddress, Mode};

use super::walk::Walk;
use crate::graph::{NodeId, NodeKind};
use crate::providers::Resolved;
use crate::removed::removed_block;
use crate::values::Repetition;

impl Walk<'_> {
    /// Reads a block's objects again, for itself and for the data sources that its values lead to.
    pub(super) async fn read_before_destroy(
        &self,
        node: NodeId,
        module: ModuleId,
        index: usize,
        resolved: &Resolved,
    ) -> bool {
        if !self.request.options.refresh {
            return true;
        }
        let block = &self.evaluator.module(module).source.resources[index];
        match block.key.mode {
            Mode::Managed if !resolved.traits.evaluated => {
                self.read_stored(node, module, block, resolved).await
            }
            Mode::Data => {
                self.read_data_sources(node, module, block, resolved).await;
                true
            }
            Mode::Managed | Mode::Ephemeral => true,
        }
    }

    async fn read_stored(
        &self,
        node: NodeId,
        module: ModuleId,
        block: &Resource,
        resolved: &Resolved,
    ) -> bool {
        let at = BlockAddress {
            module: self.evaluator.module(module).path.clone(),
            mode: block.key.mode,
            type_name: block.key.type_name.clone(),
            name: block.key.name.clone(),
        };
        let mut addresses = Vec::new();
        for resource in self.stored_resources(&at) {
            let Some(stored) = self.prior.resources.get(resource) else { continue };
            let repetition = Repetition::of_stored(&stored.instances);
            self.values.declare(&resource.module, &block.key, repetition);
            let instances = stored.instances.keys().map(|key| resource.instance(key.clone()));
            addresses.extend(instances.filter(|at| self.targets.includes_instance(node, at)));
        }
        let reads = futures::stream::iter(addresses)
            .map(|address| async move { self.read_instance(block, resolved, &address).await });
        let all: Vec<bool> =
            reads.buffer_unordered(self.request.options.parallelism.max(1)).collect().await;
        all.into_iter().all(|good| good)
    }

    async fn read_instance(
        &self,
        block: &Resource,
        resolved: &Resolved,
        address: &InstanceAddress,
    ) -> bool {
        let text = address.to_string();
        let object = self.prior.object(address).cloned();
        match self.refresh(resolved, address, &text, object.as_ref(), block).await {
            Ok(found) => {
                self.refreshed.borrow_mut().insert(address.clone());
                if let Some((value, _)) = found {
                    let (module, key) = (&address.resource.module, &block.key);
                    self.values.set(module, key, address.key.clone(), value);
                }
                true
            }
            Err(errors) => {
                self.report(errors.for_address(&text));
                false
            }
        }
    }

    /// Reads data sources whose configuration is known. What cannot be read or evaluated hinders
    /// nothing from being destroyed.
    async fn read_data_sources(
        &self,
        node: NodeId,
        module: ModuleId,
        block: &Resource,
        resolved: &Resolved,
    ) {
        let Ok(instances) = self.evaluator.module_instances(module) else { return };
        for instance in instances {
            let scope = Scope::new(module, instance.clone());
            let Ok(expansion) = self.evaluator.expand(&block.count, &block.for_each, &scope) else {
                continue;
            };
            let Some(repetition) = Repetition::of(&expansion) else { continue };
            self.values.declare(&instance, &block.key, repetition);
            for key in expansion.keys() {
                let resource = skyform_value::ResourceAddress {
                    module: instance.clone(),
                    mode: block.key.mode,
                    type_name: block.key.type_name.clone(),
                    name: block.key.name.clone(),
                };
                let address = std::sync::Arc::new(resource).instance(key.clone());
                if !self.targets.includes_instance(node, &address) {
                    continue;
                }
                let value = key.as_ref().and_then(|key| expansion.value(key));
                let scope = scope.clone().with_key(key.as_ref(), value);
                let text = address.to_string();
                let read = self.read_known(block, resolved, &text, &scope).await;
                if let Some(value) = read {
                    self.values.set(&instance, &block.key, key, value);
                }
            }
        }
    }

    /// Whether the object of an instance that no block has been visited for is read again.
    pub(super) fn reads_orphan(&self, address: &InstanceAddress) -> bool {
        if !self.is_destroy() {
            return true;
        }
        match self.node_of(address) {
            Some(node) => {
                self.targets.includes(node) && self.targets.includes_instance(node, address)
            }
            None => {
                let removed = removed_block(self.request.config, address);
                self.targets.names(address) && removed.is_none_or(|(_, removed)| removed.destroy)
            }
        }
    }

    /// The node of the block that an instance belongs to.
    fn node_of(&self, address: &InstanceAddress) -> Option<NodeId> {
        let (module, block) = self.block_of(address)?;
        let resources = &self.request.config.modules[module.0].source.resources;
        let node = self.graph.resource(module, resources.get_index_of(&block.key)?);
        matches!(self.graph.nodes[node.0 as usize].kind, NodeKind::Resource(_)).then_some(node)
    }
}
