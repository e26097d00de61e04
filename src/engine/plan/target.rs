//! `-target` and `-exclude`: which blocks and instances a plan is about.

use std::collections::{HashMap, HashSet};

use skyform_plan::PlanMode;
use skyform_state::BlockAddress;
use skyform_value::{InstanceAddress, ModuleInstance};

use super::PlanRequest;
use crate::graph::{Graph, NodeId, NodeKind};

/// What a plan is about.
pub(super) struct Targets {
    given: Vec<Target>,
    /// The nodes of targets and of everything that they need; none: all.
    nodes: Option<HashSet<NodeId>>,
    /// Nodes that are named themselves.
    named: HashSet<NodeId>,
    /// Nodes that providers need to be configured.
    for_providers: HashSet<NodeId>,
    /// Blocks made from what is to be destroyed: they go with it.
    made_from: HashSet<BlockAddress>,
    excluded: Excluded,
}

enum Target {
    Instance(InstanceAddress),
    Module(ModuleInstance),
}

impl Targets {
    pub(super) fn new(request: &PlanRequest<'_>, graph: &Graph) -> Self {
        let given = parse(&request.options.targets);
        let named: HashSet<NodeId> = if given.is_empty() {
            HashSet::new()
        } else {
            let all = (0..).map(NodeId).zip(&graph.nodes);
            let fits =
                all.filter(|(_, node)| given.iter().any(|target| names(target, node, request)));
            fits.map(|(id, _)| id).collect()
        };
        let mut nodes = (!given.is_empty()).then(|| behind(graph, named.iter().copied()));
        if let Some(nodes) = &mut nodes {
            add_outputs(nodes, graph, request);
        }
        let for_providers = behind(graph, [graph.clouds()]);
        let excluded = Excluded::new(request, graph);
        let made_from = HashSet::new();
        let mut targets = Self { given, nodes, named, for_providers, made_from, excluded };
        if request.options.mode == PlanMode::Destroy && !targets.given.is_empty() {
            targets.made_from = targets.made_from_targets(request);
        }
        targets
    }

    /// Blocks that are stored as made from a target, from those, and so on.
    fn made_from_targets(&self, request: &PlanRequest<'_>) -> HashSet<BlockAddress> {
        let mut found = HashSet::new();
        let mut origins: HashSet<BlockAddress> = request
            .state
            .instances()
            .filter(|(address, _)| self.includes_stored(address))
            .map(|(address, _)| BlockAddress::from(&*address.resource))
            .collect();
        loop {
            let more: HashSet<BlockAddress> = request
                .state
                .instances()
                .filter(|(_, instance)| {
                    let mut objects = instance.current.iter();
                    objects.any(|object| object.dependencies.iter().any(|d| origins.contains(d)))
                })
                .map(|(address, _)| BlockAddress::from(&*address.resource))
                .filter(|block| !found.contains(block))
                .collect();
            if more.is_empty() {
                return found;
            }
            found.extend(more.iter().cloned());
            origins = more;
        }
    }

    /// Whether a node is a target, or needed by one. Outputs count when all that they need is.
    pub(super) fn includes(&self, node: NodeId) -> bool {
        !self.excluded.nodes.contains(&node)
            && self.nodes.as_ref().is_none_or(|nodes| nodes.contains(&node))
    }

    /// Whether an instance of an included node is meant.
    pub(super) fn includes_instance(&self, node: NodeId, address: &InstanceAddress) -> bool {
        if self.excluded.names(address) {
            return false;
        }
        if self.nodes.is_none() || !self.named.contains(&node) {
            return true;
        }
        self.includes_stored(address)
    }

    /// Whether a stored object is meant by a target itself.
    pub(super) fn includes_stored(&self, address: &InstanceAddress) -> bool {
        let block = BlockAddress::from(&*address.resource);
        if self.excluded.kept.contains(&block) || self.excluded.names(address) {
            return false;
        }
        self.made_from.contains(&block) || self.names(address)
    }

    /// Whether a target names an instance, or there are none.
    pub(super) fn names(&self, address: &InstanceAddress) -> bool {
        self.given.is_empty() || self.given.iter().any(|target| target.fits(address))
    }

    /// Whether the plan is about a part only.
    pub(super) fn is_partial(&self) -> bool {
        !self.given.is_empty() || !self.excluded.given.is_empty()
    }

    /// Whether a plan to destroy needs the node's value.
    pub(super) fn needed_to_destroy(&self, node: NodeId) -> bool {
        self.for_providers.contains(&node)
    }
}

fn parse(addresses: &[String]) -> Vec<Target> {
    let parse = |text: &String| match text.parse::<ModuleInstance>() {
        Ok(module) if !module.is_root() => Some(Target::Module(module)),
        _ => text.parse().ok().map(Target::Instance),
    };
    addresses.iter().filter_map(parse).collect()
}

impl Target {
    /// Whether an instance is meant.
    fn fits(&self, address: &InstanceAddress) -> bool {
        match self {
            Target::Instance(target) => {
                target.resource == address.resource
                    && (target.key.is_none() || target.key == address.key)
            }
            Target::Module(module) => {
                let calls = &address.resource.module.0;
                calls.len() >= module.0.len()
                    && module.0.iter().zip(calls.iter()).all(|(wanted, call)| {
                        wanted.0 == call.0 && (wanted.1.is_none() || wanted.1 == call.1)
                    })
            }
        }
    }

    /// Whether it means whole blocks, not certain instances.
    fn is_whole(&self) -> bool {
        match self {
            Target::Instance(address) => {
                address.key.is_none() && address.resource.module.0.iter().all(|(_, k)| k.is_none())
            }
            Target::Module(module) => module.0.iter().all(|(_, key)| key.is_none()),
        }
    }
}

/// What `-exclude` leaves out.
struct Excluded {
    given: Vec<Target>,
    /// Nodes that are named as a whole, and all that depend on any named one.
    nodes: HashSet<NodeId>,
    /// Blocks that must stay: those left out, and what they were made from.
    kept: HashSet<BlockAddress>,
}

impl Excluded {
    fn new(request: &PlanRequest<'_>, graph: &Graph) -> Self {
        let given = parse(&request.options.excludes);
        let mut excluded = Self { given, nodes: HashSet::new(), kept: HashSet::new() };
        if excluded.given.is_empty() {
            return excluded;
        }
        let named = |node: &crate::graph::Node, whole: bool| {
            let mut given = excluded.given.iter().filter(|target| !whole || target.is_whole());
            given.any(|target| names(target, node, request))
        };
        let mut nodes = HashSet::new();
        let mut blocks = HashSet::new();
        for id in &graph.order {
            let node = &graph.nodes[id.0 as usize];
            let needs = &graph.dependencies[id.0 as usize];
            let depends = needs.iter().any(|(need, _)| {
                nodes.contains(need) || named(&graph.nodes[need.0 as usize], false)
            });
            if depends || named(node, true) {
                nodes.insert(*id);
                // What depends on it may well be destroyed without it.
                if request.options.mode != PlanMode::Destroy || named(node, true) {
                    blocks.extend(block_of(node, request));
                }
            }
        }
        excluded.nodes = nodes;
        excluded.kept = excluded.kept(request, blocks);
        excluded
    }

    fn names(&self, address: &InstanceAddress) -> bool {
        self.given.iter().any(|target| target.fits(address))
    }

    /// What is left out must keep what it was made from.
    fn kept(
        &self,
        request: &PlanRequest<'_>,
        mut kept: HashSet<BlockAddress>,
    ) -> HashSet<BlockAddress> {
        let mut queue: Vec<BlockAddress> = kept.iter().cloned().collect();
        let named = request.state.instances().filter(|(address, _)| self.names(address));
        queue.extend(named.map(|(address, _)| BlockAddress::from(&*address.resource)));
        let mut needs: HashMap<BlockAddress, HashSet<BlockAddress>> = HashMap::new();
        for (address, instance) in request.state.instances() {
            let objects = instance.current.iter().chain(instance.deposed.values());
            let found = objects.flat_map(|object| object.dependencies.iter().cloned());
            needs.entry(BlockAddress::from(&*address.resource)).or_default().extend(found);
        }
        while let Some(block) = queue.pop() {
            for need in needs.remove(&block).into_iter().flatten() {
                kept.insert(need.clone());
                queue.push(need);
            }
        }
        kept
    }
}

fn block_of(node: &crate::graph::Node, request: &PlanRequest<'_>) -> Option<BlockAddress> {
    let NodeKind::Resource(index) = node.kind else { return None };
    let module = &request.config.modules[node.module.0];
    let key = &module.source.resources[index].key;
    Some(BlockAddress {
        module: module.path.clone(),
        mode: key.mode,
        type_name: key.type_name.clone(),
        name: key.name.clone(),
    })
}

fn names(target: &Target, node: &crate::graph::Node, request: &PlanRequest<'_>) -> bool {
    let module = &request.config.modules[node.module.0];
    match target {
        Target::Instance(address) => {
            let NodeKind::Resource(index) = node.kind else { return false };
            let key = &module.source.resources[index].key;
            address.resource.module.path() == module.path
                && address.resource.mode == key.mode
                && address.resource.type_name == key.type_name
                && address.resource.name == key.name
        }
        Target::Module(target) => {
            matches!(node.kind, NodeKind::Resource(_))
                && module.path.0.starts_with(&target.path().0)
        }
    }
}

/// Root outputs of which all that they are made from is included.
fn add_outputs(nodes: &mut HashSet<NodeId>, graph: &Graph, request: &PlanRequest<'_>) {
    for index in 0..request.config.modules[0].source.outputs.len() {
        let output = graph.root_output(index);
        let needs = behind(graph, [output]);
        let mut resources = needs
            .iter()
            .filter(|n| matches!(graph.nodes[n.0 as usize].kind, NodeKind::Resource(_)));
        let any = resources.clone().next().is_some();
        if any && resources.all(|need| nodes.contains(need)) {
            nodes.extend(needs);
        }
    }
}

/// The nodes and everything that they need.
fn behind(graph: &Graph, start: impl IntoIterator<Item = NodeId>) -> HashSet<NodeId> {
    let mut queue: Vec<NodeId> = start.into_iter().collect();
    let mut found: HashSet<NodeId> = queue.iter().copied().collect();
    while let Some(node) = queue.pop() {
        for (need, _) in &graph.dependencies[node.0 as usize] {
            if found.insert(*need) {
                queue.push(*need);
            }
        }
    }
    found
}
