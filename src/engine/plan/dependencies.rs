//! What a block depends on: the resources behind it, and what their settings ask of it.

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use skyform_state::BlockAddress;
use skyform_value::Mode;

use super::PlanRequest;
use super::walk::Walk;
use crate::graph::{Graph, Node, NodeId, NodeKind};

impl Walk<'_> {
    /// The stored blocks that a block's values come from, through locals, variables, outputs, data
    /// sources and ephemeral resources.
    pub(super) fn stored_dependencies(&self, node: NodeId) -> Arc<[BlockAddress]> {
        let mut found: Vec<BlockAddress> = Vec::new();
        let mut seen = HashSet::new();
        let mut queue: Vec<NodeId> = self.resources_behind(node).to_vec();
        while let Some(near) = queue.pop() {
            if !seen.insert(near) {
                continue;
            }
            if self.graph.mode(self.request.config, near) != Some(Mode::Managed) {
                // Nothing of it stays behind, so what it was made from counts.
                queue.extend(self.resources_behind(near).iter());
                continue;
            }
            let Node { module, kind } = self.graph.nodes[near.0 as usize];
            let NodeKind::Resource(index) = kind else { continue };
            let is_stored = self
                .blocks
                .get(&(module, index))
                .is_some_and(|resolved| !resolved.traits.evaluated);
            let module = self.evaluator.module(module);
            let key = &module.source.resources[index].key;
            if is_stored {
                found.push(BlockAddress {
                    module: module.path.clone(),
                    mode: key.mode,
                    type_name: key.type_name.clone(),
                    name: key.name.clone(),
                });
            }
        }
        found.sort();
        found.dedup();
        found.into()
    }

    /// The nearest resource nodes that a node depends on.
    pub(super) fn resources_behind(&self, node: NodeId) -> Rc<[NodeId]> {
        if let Some(known) = self.dependencies.borrow().get(&node) {
            return Rc::clone(known);
        }
        let mut found = Vec::new();
        for (need, _) in &self.graph.dependencies[node.0 as usize] {
            match self.graph.nodes[need.0 as usize].kind {
                NodeKind::Resource(_) => found.push(*need),
                NodeKind::Clouds => {}
                _ => found.extend(self.resources_behind(*need).iter().copied()),
            }
        }
        found.sort_unstable();
        found.dedup();
        let found: Rc<[NodeId]> = found.into();
        self.dependencies.borrow_mut().insert(node, Rc::clone(&found));
        found
    }
}

/// `create_before_destroy` spreads to everything that such a resource depends on: otherwise the old
/// one would have to go before the new one is there.
pub(super) fn forced_cbd(request: &PlanRequest<'_>, graph: &Graph) -> HashSet<NodeId> {
    let mut forced = HashSet::new();
    for node in graph.order.iter().rev() {
        let Node { module, kind } = graph.nodes[node.0 as usize];
        let own = match kind {
            NodeKind::Resource(index) => {
                let source = &request.config.modules[module.0].source;
                source.resources[index].lifecycle.create_before_destroy == Some(true)
            }
            _ => false,
        };
        if own || forced.contains(node) {
            forced.extend(graph.dependencies[node.0 as usize].iter().map(|(need, _)| *need));
        }
    }
    forced
}
