//! Who uses an ephemeral resource: it must be open until all of them are done.

use skyform_lang::config::Config;
use skyform_value::Mode;

use super::Graph;
use super::node::{Node, NodeId, NodeKind};

/// An ephemeral resource block with everything that its value reaches.
#[derive(Debug)]
pub(crate) struct EphemeralUse {
    /// The block.
    pub node: NodeId,
    /// Blocks that its value may reach, directly or through locals, outputs, variables and other
    /// ephemeral resources. A stored resource or data source takes it no further.
    pub users: Vec<NodeId>,
}

impl Graph {
    /// All ephemeral resource blocks, each behind those that use it: in the order of closing.
    pub(crate) fn ephemeral_uses(&self, config: &Config) -> Vec<EphemeralUse> {
        let is_ephemeral = |id: NodeId| self.mode(config, id) == Some(Mode::Ephemeral);
        let ephemeral: Vec<NodeId> =
            self.order.iter().rev().copied().filter(|id| is_ephemeral(*id)).collect();
        if ephemeral.is_empty() {
            return Vec::new();
        }
        let mut dependents: Vec<Vec<NodeId>> = vec![Vec::new(); self.nodes.len()];
        for (node, needs) in (0..).map(NodeId).zip(&self.dependencies) {
            for (need, _) in needs {
                dependents[need.0 as usize].push(node);
            }
        }
        let uses = ephemeral.into_iter().map(|node| {
            let mut seen = vec![false; self.nodes.len()];
            let mut queue = vec![node];
            let mut users = Vec::new();
            while let Some(at) = queue.pop() {
                for user in &dependents[at.0 as usize] {
                    if std::mem::replace(&mut seen[user.0 as usize], true) {
                        continue;
                    }
                    users.push(*user);
                    if self.mode(config, *user).is_none_or(|mode| mode == Mode::Ephemeral) {
                        queue.push(*user);
                    }
                }
            }
            EphemeralUse { node, users }
        });
        uses.collect()
    }

    /// The kind of resource that a node is; none if it is something else.
    pub(crate) fn mode(&self, config: &Config, id: NodeId) -> Option<Mode> {
        let Node { module, kind } = self.nodes[id.0 as usize];
        let NodeKind::Resource(index) = kind else { return None };
        Some(config.modules[module.0].source.resources[index].key.mode)
    }
}
