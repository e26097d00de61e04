//! Ephemeral resources while planning: opened where their configuration is known, closed behind the
//! last block that their value reaches. Nothing of them gets into the plan but that apply opens them.

use std::cell::RefCell;
use std::collections::HashMap;

use skyform_diag::Diagnostics;
use skyform_lang::Scope;
use skyform_lang::config::Resource;
use skyform_value::{InstanceAddress, Marks};

use super::PlanRequest;
use super::data::unknown_where_computed;
use super::walk::Walk;
use crate::graph::{EphemeralUse, Graph, NodeId};
use crate::opened::OpenResources;
use crate::providers::Resolved;

/// Ephemeral resources of a plan, and who still needs them.
pub(super) struct Ephemerals {
    pub open: OpenResources,
    /// In the order of closing.
    uses: Vec<EphemeralUse>,
    /// By number in `uses`: how many blocks are still to be visited, the resource's own among them.
    waiting: RefCell<Vec<usize>>,
    /// By block: numbers of those that it uses or is.
    used_by: HashMap<NodeId, Vec<usize>>,
    /// Instances by block, open or not.
    pub instances: RefCell<HashMap<NodeId, Vec<InstanceAddress>>>,
}

impl Ephemerals {
    pub(super) fn new(request: &PlanRequest<'_>, graph: &Graph) -> Self {
        let uses = graph.ephemeral_uses(request.config);
        let mut used_by: HashMap<NodeId, Vec<usize>> = HashMap::new();
        for (number, found) in uses.iter().enumerate() {
            for node in found.users.iter().chain([&found.node]) {
                used_by.entry(*node).or_default().push(number);
            }
        }
        let waiting = uses.iter().map(|found| found.users.len() + 1).collect();
        Self {
            open: OpenResources::new(std::sync::Arc::clone(&request.events)),
            uses,
            waiting: RefCell::new(waiting),
            used_by,
            instances: RefCell::default(),
        }
    }

    /// Takes note of an instance.
    fn note(&self, node: NodeId, address: &InstanceAddress) {
        self.instances.borrow_mut().entry(node).or_default().push(address.clone());
    }

    /// Takes note that a block has been visited; the ephemeral blocks that nobody needs any more.
    pub(super) fn visited(&self, node: NodeId) -> Vec<NodeId> {
        let mut waiting = self.waiting.borrow_mut();
        let mut done = Vec::new();
        for number in self.used_by.get(&node).into_iter().flatten() {
            waiting[*number] -= 1;
            if waiting[*number] == 0 {
                done.push(self.uses[*number].node);
            }
        }
        done
    }
}

impl Walk<'_> {
    pub(super) async fn plan_ephemeral(
        &self,
        node: NodeId,
        block: &Resource,
        resolved: &Resolved,
        address: &InstanceAddress,
        scope: &Scope,
    ) -> Result<(), Diagnostics> {
        let schema = &resolved.schema.block;
        self.ephemerals.note(node, address);
        let config = self.evaluator.decode(&block.body, schema, scope)?;
        self.preconditions(block, address, scope)?;
        let waits = !block.depends_on.is_empty() && self.waits_for_changes(node)
            || self.module_waits(scope.module);
        let value = if config.is_wholly_known() && !waits {
            let (bare, _) = config.unmark();
            let text = address.to_string();
            let problems = resolved.provider.validate(&block.key.type_name, &bare).await;
            self.provider_problems(problems, block, &text)?;
            self.ephemerals.open.open(resolved, block, address, &config).await?
        } else {
            unknown_where_computed(schema, &config).with_marks(Marks::EPHEMERAL)
        };
        self.values.set(&scope.instance, &block.key, address.key.clone(), value.clone());
        self.postconditions(block, address, scope, &value)
    }

    /// Closes all instances of ephemeral blocks.
    pub(super) async fn close_ephemerals(&self, nodes: Vec<NodeId>) {
        for node in nodes {
            let instances = self.ephemerals.instances.borrow().get(&node).cloned();
            for address in instances.into_iter().flatten() {
                let problems = self.ephemerals.open.close(&address).await;
                self.report(problems);
            }
        }
    }
}
