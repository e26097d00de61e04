//! The order of actions: the only place where it is decided.
//!
//! 1. A create, update or read waits for those of everything that its block refers to.
//! 2. A delete waits for the deletes of everything that was made from the object; and, unless its
//!    place is needed for its replacement, for the creates and updates of all that, so that nothing
//!    is left pointing at what is gone. Where one of those has to wait for the delete, it goes first.
//! 3. A replacement deletes before it creates; with `create_before_destroy` the other way round.
//! 4. Where a type makes before it breaks, deletes of a block wait for its creates, and for those of
//!    the gates that judge it.
//! 5. Outputs wait for what they are made from.
//! 6. An ephemeral resource is opened before everything that its value may reach, and closed behind.
//!
//! See docs/concepts/ordering.md.

mod sort;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use skyform_lang::config::{Config, ModuleId, ResourceKey};
use skyform_plan::{Action, ActionKind, ChangeAction, ChangeId, Plan};
use skyform_state::BlockAddress;
use skyform_value::InstanceAddress;

use crate::graph::{EphemeralUse, Graph, Node, NodeId, NodeKind};
use crate::plan::Blocks;

/// Adds the plan's actions with what each waits for.
pub(crate) fn add_actions(
    plan: &mut Plan,
    graph: &Graph,
    config: &Config,
    blocks: &Blocks,
    ephemerals: HashMap<NodeId, Vec<InstanceAddress>>,
) {
    let mut order = Order::new(plan, graph, config, blocks);
    order.ephemerals = ephemerals;
    order.uses = graph.ephemeral_uses(config);
    order.early_deletes();
    order.forward();
    order.closes();
    order.late_deletes();
    let actions = order.finish();
    plan.actions = actions;
}

/// Actions under construction: edges may go either way until they are sorted at the end.
struct Order<'a> {
    plan: &'a Plan,
    graph: &'a Graph,
    config: &'a Config,
    blocks: &'a Blocks,
    kinds: Vec<ActionKind>,
    after: Vec<Vec<u32>>,
    /// What a delete waits for unless that waits for the delete.
    soft: Vec<(u32, u32)>,
    /// Changes of each block.
    of_block: HashMap<BlockAddress, Vec<ChangeId>>,
    /// The delete of each change that has one.
    deletes: HashMap<ChangeId, u32>,
    /// What to wait for to have everything of a block created, updated and read.
    forward_gates: HashMap<BlockAddress, Vec<u32>>,
    /// What to wait for to have everything of a block deleted that goes, and all made from it.
    delete_gates: HashMap<BlockAddress, Vec<u32>>,
    /// Instances of ephemeral blocks.
    ephemerals: HashMap<NodeId, Vec<InstanceAddress>>,
    /// Ephemeral blocks and who uses them, in the order of closing.
    uses: Vec<EphemeralUse>,
    /// Actions of each node, but for deletes.
    of_node: HashMap<NodeId, Vec<u32>>,
    /// Blocks made from a block, by what is stored.
    dependents: BTreeMap<BlockAddress, BTreeSet<BlockAddress>>,
}

impl<'a> Order<'a> {
    fn new(plan: &'a Plan, graph: &'a Graph, config: &'a Config, blocks: &'a Blocks) -> Self {
        let mut of_block: HashMap<BlockAddress, Vec<ChangeId>> = HashMap::new();
        for (id, change) in (0..).map(ChangeId).zip(&plan.changes) {
            of_block.entry(BlockAddress::from(&*change.address.resource)).or_default().push(id);
        }
        let mut dependents: BTreeMap<BlockAddress, BTreeSet<BlockAddress>> = BTreeMap::new();
        for (resource, stored) in &plan.prior.resources {
            let block = BlockAddress::from(&**resource);
            let mut known: Option<&[BlockAddress]> = None;
            for instance in stored.instances.values() {
                let objects = instance.current.iter().chain(instance.deposed.values());
                for object in objects {
                    // Instances of one block mostly have the same dependencies.
                    if known == Some(&object.dependencies) {
                        continue;
                    }
                    known = Some(&object.dependencies);
                    for need in object.dependencies.iter() {
                        dependents.entry(need.clone()).or_default().insert(block.clone());
                    }
                }
            }
        }
        Self {
            plan,
            graph,
            config,
            blocks,
            kinds: Vec::new(),
            after: Vec::new(),
            soft: Vec::new(),
            of_block,
            deletes: HashMap::new(),
            forward_gates: HashMap::new(),
            delete_gates: HashMap::new(),
            ephemerals: HashMap::new(),
            uses: Vec::new(),
            of_node: HashMap::new(),
            dependents,
        }
    }

    fn add(&mut self, kind: ActionKind, after: Vec<u32>) -> u32 {
        let id = u32::try_from(self.kinds.len()).unwrap_or(u32::MAX);
        self.kinds.push(kind);
        self.after.push(after);
        id
    }

    /// One action to wait for in place of many.
    fn join(&mut self, mut gates: Vec<u32>) -> Vec<u32> {
        gates.sort_unstable();
        gates.dedup();
        if gates.len() > 1 { vec![self.add(ActionKind::Join, gates)] } else { gates }
    }

    /// Deletes exist from the start, so that everything else can refer to them.
    fn early_deletes(&mut self) {
        for (id, change) in (0..).map(ChangeId).zip(&self.plan.changes) {
            let kind = match change.action {
                ChangeAction::Delete
                | ChangeAction::DeleteThenCreate
                | ChangeAction::CreateThenDelete => ActionKind::Delete(id),
                ChangeAction::Forget => ActionKind::Forget(id),
                _ => continue,
            };
            let action = self.add(kind, Vec::new());
            self.deletes.insert(id, action);
        }
    }

    fn forward(&mut self) {
        let mut gates: Vec<Vec<u32>> = vec![Vec::new(); self.graph.nodes.len()];
        for node in &self.graph.order {
            let needs = &self.graph.dependencies[node.0 as usize];
            let incoming: Vec<u32> =
                needs.iter().flat_map(|(need, _)| gates[need.0 as usize].iter().copied()).collect();
            let incoming = self.join(incoming);
            gates[node.0 as usize] = self.forward_of(*node, incoming);
        }
    }

    fn forward_of(&mut self, node: NodeId, incoming: Vec<u32>) -> Vec<u32> {
        let Node { module, kind } = self.graph.nodes[node.0 as usize];
        match kind {
            NodeKind::Resource(index) => {
                let Some(block) = self.block_address(module, index) else { return incoming };
                let mut gates = self.opens(node, &incoming);
                for id in self.of_block.get(&block).cloned().unwrap_or_default() {
                    let mut after = incoming.clone();
                    let kind = match self.plan.change(id).action {
                        ChangeAction::Create => ActionKind::Create(id),
                        ChangeAction::Update => ActionKind::Update(id),
                        ChangeAction::Read => ActionKind::Read(id),
                        ChangeAction::DeleteThenCreate => {
                            after.extend(self.deletes.get(&id));
                            ActionKind::Create(id)
                        }
                        ChangeAction::CreateThenDelete => ActionKind::CreateBeforeDestroy(id),
                        ChangeAction::NoOp | ChangeAction::Delete | ChangeAction::Forget => {
                            continue;
                        }
                    };
                    gates.push(self.add(kind, after));
                }
                if !self.uses.is_empty() {
                    self.of_node.insert(node, gates.clone());
                }
                let gates = if gates.is_empty() { incoming } else { self.join(gates) };
                self.forward_gates.insert(block, gates.clone());
                gates
            }
            NodeKind::Output(index) if module == ModuleId(0) => {
                let name = self.config.modules[0].source.outputs[index].name.clone();
                let computed = self.plan.outputs.get(&name).is_some_and(|output| {
                    matches!(output.action, ChangeAction::Create | ChangeAction::Update)
                });
                if computed {
                    let action = self.add(ActionKind::Output(name), incoming.clone());
                    self.of_node.insert(node, vec![action]);
                }
                incoming
            }
            _ => incoming,
        }
    }

    /// Ephemeral resources are opened where an action may need them.
    fn opens(&mut self, node: NodeId, incoming: &[u32]) -> Vec<u32> {
        let Some(instances) = self.ephemerals.get(&node).cloned() else { return Vec::new() };
        if !self.is_needed(node) {
            return Vec::new();
        }
        let open = instances.into_iter().map(ActionKind::Open);
        open.map(|kind| self.add(kind, incoming.to_vec())).collect()
    }

    /// Whether anything is done in which the value of an ephemeral block may have a part.
    fn is_needed(&self, node: NodeId) -> bool {
        let Some(found) = self.uses.iter().find(|found| found.node == node) else { return false };
        let checked = self.config.modules.iter().any(|module| !module.source.checks.is_empty());
        checked || found.users.iter().any(|user| self.has_actions(*user))
    }

    fn has_actions(&self, node: NodeId) -> bool {
        let Node { module, kind } = self.graph.nodes[node.0 as usize];
        match kind {
            NodeKind::Resource(index) => {
                let block = self.block_address(module, index);
                let changes = block.and_then(|block| self.of_block.get(&block));
                let mut changes = changes.into_iter().flatten().map(|id| self.plan.change(*id));
                changes.any(|change| {
                    !matches!(
                        change.action,
                        ChangeAction::NoOp | ChangeAction::Delete | ChangeAction::Forget
                    )
                })
            }
            NodeKind::Output(index) if module == ModuleId(0) => {
                let name = &self.config.modules[0].source.outputs[index].name;
                self.plan.outputs.get(name).is_some_and(skyform_plan::OutputChange::is_change)
            }
            _ => false,
        }
    }

    /// What was opened is closed behind everything that may use it, ephemeral users first.
    fn closes(&mut self) {
        for number in 0..self.uses.len() {
            let EphemeralUse { node, users } = &self.uses[number];
            let of = |node: &NodeId| self.of_node.get(node).into_iter().flatten().copied();
            let opens: Vec<u32> = of(node).collect();
            let after: Vec<u32> = users.iter().chain([node]).flat_map(of).collect();
            let node = *node;
            let after = self.join(after);
            for open in opens {
                let ActionKind::Open(address) = self.kinds[open as usize].clone() else { continue };
                let close = self.add(ActionKind::Close(address), after.clone());
                self.of_node.entry(node).or_default().push(close);
            }
        }
    }

    fn block_address(&self, module: ModuleId, index: usize) -> Option<BlockAddress> {
        let module = &self.config.modules[module.0];
        let (key, _) = module.source.resources.get_index(index)?;
        Some(BlockAddress {
            module: module.path.clone(),
            mode: key.mode,
            type_name: key.type_name.clone(),
            name: key.name.clone(),
        })
    }

    fn late_deletes(&mut self) {
        let blocks: BTreeSet<BlockAddress> =
            self.of_block.keys().chain(self.dependents.keys()).cloned().collect();
        for block in &blocks {
            self.delete_gate(block, &mut BTreeSet::new());
        }
    }

    /// What to wait for to have all deletes of a block done, and of what was made from it.
    fn delete_gate(
        &mut self,
        block: &BlockAddress,
        above: &mut BTreeSet<BlockAddress>,
    ) -> Vec<u32> {
        if let Some(known) = self.delete_gates.get(block) {
            return known.clone();
        }
        if !above.insert(block.clone()) {
            // What is stored may go round in a circle where configuration has changed over time.
            return Vec::new();
        }
        let mut deleted = Vec::new();
        let mut settled = Vec::new();
        for dependent in self.dependents.get(block).cloned().unwrap_or_default() {
            deleted.extend(self.delete_gate(&dependent, above));
            settled.extend(self.forward_gates.get(&dependent).into_iter().flatten().copied());
        }
        above.remove(block);
        let deleted = self.join(deleted);
        let settled = self.join(settled);
        let judged = self.judged(block);
        let mut gates = Vec::new();
        for id in self.of_block.get(block).cloned().unwrap_or_default() {
            let Some(action) = self.deletes.get(&id).copied() else { continue };
            let after = &mut self.after[action as usize];
            after.extend(&deleted);
            match self.plan.change(id).action {
                ChangeAction::DeleteThenCreate => {}
                ChangeAction::CreateThenDelete => {
                    self.soft.extend(settled.iter().map(|need| (action, *need)));
                    after.extend(self.forward_gates.get(block).into_iter().flatten());
                }
                _ => {
                    self.soft.extend(settled.iter().map(|need| (action, *need)));
                    after.extend(&judged);
                }
            }
            gates.push(action);
        }
        let gates = if gates.is_empty() { deleted } else { self.join(gates) };
        self.delete_gates.insert(block.clone(), gates.clone());
        gates
    }

    /// For a type that makes before it breaks: what must stand before anything of it goes.
    fn judged(&self, block: &BlockAddress) -> Vec<u32> {
        let Some(id) = self.config.module_at(block.module.0.iter()) else { return Vec::new() };
        let resources = &self.config.modules[id.0].source.resources;
        let key = ResourceKey {
            mode: block.mode,
            type_name: block.type_name.clone(),
            name: block.name.clone(),
        };
        let found = resources.get_index_of(&key);
        let Some(index) = found else { return Vec::new() };
        if !self.blocks.get(&(id, index)).is_some_and(|block| block.traits.make_before_break) {
            return Vec::new();
        }
        let node = self.graph.resource(id, index);
        let mut gates = self.forward_gates.get(block).cloned().unwrap_or_default();
        for (other, needs) in (0..).map(NodeId).zip(&self.graph.dependencies) {
            let Node { module, kind: NodeKind::Resource(index) } =
                self.graph.nodes[other.0 as usize]
            else {
                continue;
            };
            let is_gate = self.blocks.get(&(module, index)).is_some_and(|block| block.traits.gate);
            if is_gate
                && needs.iter().any(|(need, _)| *need == node)
                && let Some(address) = self.block_address(module, index)
            {
                gates.extend(self.forward_gates.get(&address).into_iter().flatten());
            }
        }
        gates
    }

    /// The actions, each behind all that it waits for.
    fn finish(mut self) -> Vec<Action> {
        sort::leave_out_circles(&mut self.after, &self.soft);
        sort::sorted(self.kinds, self.after)
    }
}
