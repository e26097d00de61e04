//! The walk over the graph: each block once, behind everything that it needs. Blocks that need
//! providers run side by side; everything else is evaluated on the spot.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use indexmap::IndexMap;
use skyform_diag::{Diagnostic, Diagnostics, Location};
use skyform_lang::config::{Module, ModuleId, Resource, ResourceKey};
use skyform_lang::{Evaluator, Expansion, Scope};
use skyform_plan::{
    CheckResult, Deferred, DeferredReason, OutputChange, PlacementReport, PlanMode, ResourceChange,
};
use skyform_provider_sdk::ConfigureRequest;
use skyform_state::{BlockAddress, State};
use skyform_value::{InstanceAddress, InstanceKey, ModuleInstance, ResourceAddress, Str, Value};
use tokio::sync::Semaphore;

use super::PlanRequest;
use super::dependencies::forced_cbd;
use super::ephemeral::Ephemerals;
use super::importing::{Wanted, imports_by_block};
use super::target::Targets;
use crate::graph::{BlockRole, Graph, Node, NodeId, NodeKind};
use crate::moved::Moves;
use crate::placement::{Named, Places};
use crate::providers::{PORTABLE, Resolved};
use crate::values::{Repetition, Values};

/// What stands behind each resource block, by module and index.
pub(crate) type Blocks = HashMap<(ModuleId, usize), Resolved>;

/// Finds the provider of each resource block.
pub(super) fn resolve_blocks(request: &PlanRequest<'_>) -> (Blocks, Diagnostics) {
    let mut blocks = Blocks::new();
    let mut diagnostics = Diagnostics::new();
    for (id, module) in (0..).map(ModuleId).zip(&request.config.modules) {
        for (index, block) in module.source.resources.values().enumerate() {
            match request.providers.of_block(module, block) {
                Ok(resolved) => {
                    blocks.insert((id, index), resolved);
                }
                Err(problems) => diagnostics.extend(problems),
            }
        }
    }
    (blocks, diagnostics)
}

/// How the graph treats a resource block.
pub(super) fn role(blocks: &Blocks, id: ModuleId, module: &Module, block: &Resource) -> BlockRole {
    let source = &module.source;
    let resolved =
        source.resources.get_index_of(&block.key).and_then(|index| blocks.get(&(id, index)));
    let kind = match resolved {
        Some(resolved) if resolved.source == PORTABLE => block.key.type_name.as_str(),
        _ => return BlockRole::default(),
    };
    BlockRole {
        needs_clouds: !matches!(kind, "catalog" | "cloud" | "task" | "placement"),
        is_cloud: kind == "cloud",
        is_task: kind == "task",
        is_placement: kind == "placement",
    }
}

/// What the walk has found so far.
#[derive(Default)]
pub(super) struct Found {
    pub changes: Vec<ResourceChange>,
    pub drift: Vec<ResourceChange>,
    pub deferred: Vec<Deferred>,
    pub outputs: BTreeMap<Str, OutputChange>,
    pub placements: Vec<PlacementReport>,
    pub checks: Vec<CheckResult>,
    pub known: BTreeMap<InstanceAddress, Value>,
    pub dependencies: BTreeMap<BlockAddress, Arc<[BlockAddress]>>,
    pub prior: State,
    pub diagnostics: Diagnostics,
}

/// What a walk waits for.
enum Work {
    Visit(NodeId),
    /// Ephemeral resources that nobody needs any more.
    Close(Vec<NodeId>),
}

/// How a node came out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    Waiting,
    Done,
    /// It failed, or something that it needs did.
    Failed,
}

pub(super) struct Walk<'a> {
    pub request: &'a PlanRequest<'a>,
    pub graph: &'a Graph,
    pub evaluator: &'a Evaluator<'a>,
    pub values: &'a Values,
    pub blocks: &'a Blocks,
    pub moves: &'a Moves,
    /// The state with moves done, as it was before anything was read again.
    pub prior: &'a State,
    pub targets: Targets,
    pub ephemerals: Ephemerals,
    pub found: RefCell<Found>,
    /// Instances that have been dealt with.
    pub seen: RefCell<HashSet<InstanceAddress>>,
    /// Instances that a plan to destroy has read again.
    pub refreshed: RefCell<HashSet<InstanceAddress>>,
    /// Instances whose objects change in this plan.
    pub pending: RefCell<HashSet<(ModuleInstance, ResourceKey)>>,
    pub clouds: RefCell<IndexMap<Str, Value>>,
    /// What is to be said of catalogues that have been read.
    pub catalog_notes: RefCell<Vec<String>>,
    pub cloud_places: RefCell<BTreeMap<String, Places>>,
    /// Tasks with the module that they belong to.
    pub tasks: RefCell<Vec<(ModuleInstance, Named)>>,
    pub limit: Semaphore,
    /// The `import` blocks that are about each resource block.
    pub imports: HashMap<BlockAddress, Vec<usize>>,
    /// What `import` blocks say of instances that have not been dealt with yet.
    pub wanted: RefCell<BTreeMap<InstanceAddress, Wanted>>,
    /// Stored resources by the block that they are instances of, once that is asked for.
    pub stored: OnceCell<HashMap<BlockAddress, Vec<Arc<ResourceAddress>>>>,
    /// Nodes of which nothing certain can be said yet.
    pub deferred_nodes: RefCell<HashSet<NodeId>>,
    /// Blocks that are left for a later plan, and the instance of their module; all for none.
    pub deferred_blocks: RefCell<HashSet<(BlockAddress, Option<ModuleInstance>)>>,
    /// Nodes that something with create_before_destroy depends on.
    pub forced_cbd: HashSet<NodeId>,
    status: RefCell<Vec<Status>>,
    pub dependencies: RefCell<HashMap<NodeId, Rc<[NodeId]>>>,
    failed: Cell<bool>,
}

impl<'a> Walk<'a> {
    #[expect(clippy::too_many_arguments, reason = "the one place where the parts of a plan meet")]
    pub(super) fn new(
        request: &'a PlanRequest<'a>,
        graph: &'a Graph,
        evaluator: &'a Evaluator<'a>,
        values: &'a Values,
        blocks: &'a Blocks,
        moves: &'a Moves,
        prior: &'a State,
        diagnostics: Diagnostics,
    ) -> Self {
        let targets = Targets::new(request, graph);
        let found = Found { prior: prior.clone(), diagnostics, ..Found::default() };
        Self {
            request,
            graph,
            evaluator,
            values,
            blocks,
            moves,
            prior,
            targets,
            ephemerals: Ephemerals::new(request, graph),
            found: RefCell::new(found),
            seen: RefCell::default(),
            refreshed: RefCell::default(),
            pending: RefCell::default(),
            clouds: RefCell::default(),
            catalog_notes: RefCell::default(),
            cloud_places: RefCell::default(),
            tasks: RefCell::default(),
            limit: Semaphore::new(request.options.parallelism.max(1)),
            imports: imports_by_block(request.config),
            wanted: RefCell::default(),
            stored: OnceCell::new(),
            deferred_nodes: RefCell::default(),
            deferred_blocks: RefCell::default(),
            forced_cbd: forced_cbd(request, graph),
            status: RefCell::new(vec![Status::Waiting; graph.nodes.len()]),
            dependencies: RefCell::default(),
            failed: Cell::new(false),
        }
    }

    pub(super) fn into_found(self) -> Found {
        self.found.into_inner()
    }

    pub(super) fn report(&self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.found.borrow_mut().diagnostics.extend(diagnostics);
    }

    pub(super) fn is_destroy(&self) -> bool {
        self.request.options.mode == PlanMode::Destroy
    }

    /// Walks all blocks, and closes what was opened on the way.
    pub(super) async fn run(&self) {
        let nodes = &self.graph.nodes;
        let mut waiting: Vec<usize> = self.graph.dependencies.iter().map(Vec::len).collect();
        let mut dependents: Vec<Vec<NodeId>> = vec![Vec::new(); nodes.len()];
        for (node, dependencies) in (0..).map(NodeId).zip(&self.graph.dependencies) {
            for (dependency, _) in dependencies {
                dependents[dependency.0 as usize].push(node);
            }
        }
        let mut ready: VecDeque<NodeId> =
            self.graph.order.iter().copied().filter(|node| waiting[node.0 as usize] == 0).collect();
        let mut running = FuturesUnordered::new();
        loop {
            while let Some(node) = ready.pop_front() {
                if self.is_alone(node) {
                    self.evaluate_node(node);
                    release(node, &dependents, &mut waiting, &mut ready);
                    let unused = self.ephemerals.visited(node);
                    if !unused.is_empty() {
                        running.push(self.work_on(Work::Close(unused)));
                    }
                } else {
                    running.push(self.work_on(Work::Visit(node)));
                }
            }
            match running.next().await {
                Some(Some(node)) => {
                    release(node, &dependents, &mut waiting, &mut ready);
                    let unused = self.ephemerals.visited(node);
                    if !unused.is_empty() {
                        running.push(self.work_on(Work::Close(unused)));
                    }
                }
                Some(None) => {}
                None => break,
            }
        }
    }

    /// Does it; the block that has been visited, if that is what it was.
    async fn work_on(&self, work: Work) -> Option<NodeId> {
        match work {
            Work::Visit(node) => {
                self.visit_resource(node).await;
                Some(node)
            }
            Work::Close(nodes) => {
                self.close_ephemerals(nodes).await;
                None
            }
        }
    }

    /// Whether the node needs no provider.
    fn is_alone(&self, node: NodeId) -> bool {
        let kind = self.graph.nodes[node.0 as usize].kind;
        !matches!(kind, NodeKind::Resource(_) | NodeKind::Clouds)
    }

    fn needs_failed(&self, node: NodeId) -> bool {
        let status = self.status.borrow();
        let mut needs = self.graph.dependencies[node.0 as usize].iter();
        needs.any(|(need, _)| status[need.0 as usize] == Status::Failed)
    }

    pub(super) fn settle(&self, node: NodeId, good: bool) {
        self.status.borrow_mut()[node.0 as usize] =
            if good { Status::Done } else { Status::Failed };
        if !good {
            self.failed.set(true);
        }
    }

    fn evaluate_node(&self, id: NodeId) {
        let Node { module, kind } = self.graph.nodes[id.0 as usize];
        if self.needs_failed(id) {
            return self.settle(id, false);
        }
        if !self.targets.includes(id) || self.is_destroy() && !self.targets.needed_to_destroy(id) {
            return self.settle(id, true);
        }
        if self.needs_deferred(id) {
            self.defer_node(id);
        }
        let good = match self.evaluator.module_instances(module) {
            Ok(instances) => {
                instances.iter().all(|instance| self.evaluate_in(id, module, instance, kind))
            }
            Err(errors) => {
                self.report(errors);
                false
            }
        };
        self.settle(id, good);
    }

    fn evaluate_in(
        &self,
        node: NodeId,
        id: ModuleId,
        instance: &ModuleInstance,
        kind: NodeKind,
    ) -> bool {
        let source = &self.evaluator.module(id).source;
        let result = match kind {
            NodeKind::Variable(index) => {
                let name = source.variables[index].name.clone();
                let value = self.evaluator.variable(id, instance, &name).map(drop);
                value.and_then(|()| {
                    let (outcomes, problems) =
                        self.evaluator.validate_variable(id, instance, &name);
                    if !outcomes.is_empty() {
                        let span = Some(source.variables[index].span);
                        self.note_variable(instance, &name, &outcomes, span);
                    }
                    problems.into_result(())
                })
            }
            NodeKind::Local(index) => {
                self.evaluator.local(id, instance, &source.locals[index].name).map(drop)
            }
            NodeKind::Output(index) => {
                let output = &source.outputs[index];
                let held = self.check_output(id, instance, output);
                if held {
                    self.evaluator.output(id, instance, &output.name).map(drop)
                } else {
                    Err(Diagnostics::new())
                }
            }
            NodeKind::Call(index) => {
                let name = &source.calls[index].name;
                self.evaluator.call_expansion(id, instance, name).and_then(|found| match found {
                    Expansion::Unknown(_) if self.request.options.allow_deferral => {
                        self.defer_node(node);
                        Ok(())
                    }
                    Expansion::Unknown(span) => Err(Self::unknown_instances(span)),
                    _ => Ok(()),
                })
            }
            NodeKind::Resource(_) | NodeKind::ModuleDone | NodeKind::Clouds => Ok(()),
        };
        match result {
            Ok(()) => true,
            Err(errors) => {
                self.report(errors);
                false
            }
        }
    }

    async fn visit_resource(&self, id: NodeId) {
        let Node { module, kind } = self.graph.nodes[id.0 as usize];
        if self.needs_failed(id) {
            return self.settle(id, false);
        }
        if self.needs_deferred(id) {
            self.defer_node(id);
            if let NodeKind::Resource(index) = kind
                && self.targets.includes(id)
                && !self.is_destroy()
            {
                if let Some(resolved) = self.blocks.get(&(module, index)) {
                    let block = &self.evaluator.module(module).source.resources[index];
                    self.defer_block(module, block, resolved);
                }
                return self.settle(id, true);
            }
        }
        let good = match kind {
            NodeKind::Clouds => self.configure_portable().await,
            NodeKind::Resource(index) if self.targets.includes(id) => {
                self.visit_block(id, module, index).await
            }
            NodeKind::Resource(index) => {
                self.keep_values(module, index).await;
                true
            }
            _ => true,
        };
        self.settle(id, good);
    }

    async fn visit_block(&self, node: NodeId, module: ModuleId, index: usize) -> bool {
        let Some(resolved) = self.blocks.get(&(module, index)) else { return false };
        let block = &self.evaluator.module(module).source.resources[index];
        if self.is_destroy() && !(resolved.traits.evaluated && self.targets.needed_to_destroy(node))
        {
            return self.read_before_destroy(node, module, index, resolved).await;
        }
        let instances = match self.evaluator.module_instances(module) {
            Ok(instances) => instances,
            Err(errors) => {
                self.report(errors);
                return false;
            }
        };
        if !self.imports.is_empty()
            && self.request.options.mode != PlanMode::RefreshOnly
            && let Err(errors) = self.evaluate_imports(&BlockAddress {
                module: self.evaluator.module(module).path.clone(),
                mode: block.key.mode,
                type_name: block.key.type_name.clone(),
                name: block.key.name.clone(),
            })
        {
            self.report(errors);
            return false;
        }
        let mut good = true;
        for instance in instances {
            good &= self.visit_block_in(node, module, &instance, block, resolved).await;
        }
        good
    }

    async fn visit_block_in(
        &self,
        node: NodeId,
        module: ModuleId,
        instance: &ModuleInstance,
        block: &Resource,
        resolved: &Resolved,
    ) -> bool {
        let scope = Scope::new(module, instance.clone());
        let expansion = match self.evaluator.expand(&block.count, &block.for_each, &scope) {
            Ok(Expansion::Unknown(_)) if self.request.options.allow_deferral => {
                self.defer_node(node);
                let reason = DeferredReason::InstanceCountUnknown;
                self.defer_in(module, instance, block, resolved, reason, false);
                return true;
            }
            Ok(Expansion::Unknown(span)) => {
                self.report(Self::unknown_instances(span));
                return false;
            }
            Ok(expansion) => expansion,
            Err(errors) => {
                self.report(errors);
                return false;
            }
        };
        let repetition = match &expansion {
            Expansion::Single => Repetition::Single,
            Expansion::Count(_) => Repetition::Count,
            Expansion::ForEach(_) => Repetition::ForEach,
            Expansion::Unknown(_) => Repetition::Unknown,
        };
        self.values.declare(instance, &block.key, repetition);
        if resolved.traits.evaluated {
            return self.evaluate_block(module, instance, block, resolved, &expansion);
        }
        let address = Arc::new(ResourceAddress {
            module: instance.clone(),
            mode: block.key.mode,
            type_name: block.key.type_name.clone(),
            name: block.key.name.clone(),
        });
        let dependencies = self.stored_dependencies(node);
        self.found
            .borrow_mut()
            .dependencies
            .insert(BlockAddress::from(&*address), Arc::clone(&dependencies));
        let keys: Vec<Option<InstanceKey>> = expansion.keys().collect();
        let work = futures::stream::iter(keys).map(|key| {
            let value = key.as_ref().and_then(|key| expansion.value(key));
            let scope = scope.clone().with_key(key.as_ref(), value);
            let at = address.instance(key);
            let dependencies = Arc::clone(&dependencies);
            async move { self.plan_instance(node, block, resolved, at, scope, dependencies).await }
        });
        let results: Vec<bool> =
            work.buffer_unordered(self.request.options.parallelism.max(1)).collect().await;
        results.into_iter().all(|good| good)
    }

    async fn configure_portable(&self) -> bool {
        let Some(provider) = self.request.providers.get(PORTABLE) else { return true };
        let clouds = self.clouds.borrow().clone();
        let request = ConfigureRequest { config: Value::null(), clouds };
        match provider.configure(request).await {
            Ok(problems) | Err(problems) => {
                let failed = problems.iter().any(skyform_provider_sdk::Problem::is_error);
                let place = Location::address("clouds");
                self.report(
                    problems.into_iter().map(|p| p.into_diagnostic(place.clone(), "clouds")),
                );
                !failed
            }
        }
    }
}

fn release(
    node: NodeId,
    dependents: &[Vec<NodeId>],
    waiting: &mut [usize],
    ready: &mut VecDeque<NodeId>,
) {
    for dependent in &dependents[node.0 as usize] {
        waiting[dependent.0 as usize] -= 1;
        if waiting[dependent.0 as usize] == 0 {
            ready.push_back(*dependent);
        }
    }
}
