//! Builds the graph from the references that blocks make.

use skyform_diag::{Diagnostics, Span};
use skyform_lang::config::{Config, ModuleId, Reference, Resource, ResourceKey, Subject};
use skyform_lang::syntax::{Expr, ExprKind, TraversalStep};

use super::cycles;
use super::node::{Node, NodeId, NodeKind};
use crate::plan::imported_block;

/// Blocks and what each waits for.
pub(crate) struct Graph {
    pub nodes: Vec<Node>,
    /// For each node the nodes that it reads or waits for, each once, with one place where it does.
    pub dependencies: Vec<Vec<(NodeId, Option<Span>)>>,
    /// All nodes, each behind its dependencies.
    pub order: Vec<NodeId>,
    layout: Vec<Layout>,
}

/// Where the nodes of a module start.
struct Layout {
    variables: u32,
    locals: u32,
    outputs: u32,
    calls: u32,
    resources: u32,
    done: u32,
}

/// How the graph treats a resource block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct BlockRole {
    /// Of the portable provider and stored: needs to know all clouds.
    pub needs_clouds: bool,
    /// `cloud`
    pub is_cloud: bool,
    /// `task`
    pub is_task: bool,
    /// `placement`
    pub is_placement: bool,
}

impl Graph {
    /// Builds the graph of a configuration.
    ///
    /// # Errors
    /// A diagnostic for each dependency cycle.
    pub(crate) fn build(
        config: &Config,
        role: impl Fn(ModuleId, &Resource) -> BlockRole,
    ) -> Result<Self, Diagnostics> {
        let mut nodes = Vec::new();
        let layout = lay_out(config, &mut nodes);
        nodes.push(Node { module: ModuleId(0), kind: NodeKind::Clouds });
        let mut graph = Graph { dependencies: Vec::new(), order: Vec::new(), nodes, layout };
        graph.dependencies =
            (0..graph.nodes.len()).map(|index| graph.edges_of(config, index)).collect();
        graph.add_implicit(config, role);
        graph.add_imports(config);
        for edges in &mut graph.dependencies {
            edges.sort_unstable_by_key(|(node, span)| (*node, span.is_none()));
            edges.dedup_by_key(|(node, _)| *node);
        }
        graph.order = cycles::order(&graph.nodes, &graph.dependencies, config)?;
        Ok(graph)
    }

    /// The node that waits for all clouds.
    pub(crate) fn clouds(&self) -> NodeId {
        NodeId(u32::try_from(self.nodes.len() - 1).unwrap_or(u32::MAX))
    }

    /// The node of a resource block.
    pub(crate) fn resource(&self, module: ModuleId, index: usize) -> NodeId {
        at(self.layout[module.0].resources, index)
    }

    /// The node of a root output.
    pub(crate) fn root_output(&self, index: usize) -> NodeId {
        at(self.layout[0].outputs, index)
    }

    fn edges_of(&self, config: &Config, index: usize) -> Vec<(NodeId, Option<Span>)> {
        let Node { module: id, kind } = self.nodes[index];
        let module = &config.modules[id.0];
        let source = &module.source;
        let mut edges = Edges { graph: self, config, module: id, found: Vec::new() };
        let call = |edges: &mut Edges<'_>| {
            if let (Some(parent), Some(name)) = (module.parent, module.path.0.last()) {
                edges.call(parent, name);
            }
        };
        match kind {
            NodeKind::Variable(variable) => {
                let variable = &source.variables[variable];
                call(&mut edges);
                if let (Some(parent), Some(name)) = (module.parent, module.path.0.last())
                    && let Some(block) = config.modules[parent.0].source.calls.get(name)
                    && let Some(argument) = block.arguments.attributes.get(&variable.name)
                {
                    edges.in_module(parent, &argument.expr.references());
                }
                for condition in &variable.validations {
                    let own = |reference: &Reference| {
                        reference.subject != Subject::Variable(variable.name.clone())
                    };
                    let mut references = condition.condition.references();
                    references.extend(condition.error_message.references());
                    references.retain(own);
                    edges.in_module(id, &references);
                }
            }
            NodeKind::Local(local) => {
                call(&mut edges);
                edges.expression(&source.locals[local].value);
            }
            NodeKind::Output(output) => {
                let output = &source.outputs[output];
                call(&mut edges);
                edges.expression(&output.value);
                edges.in_module(id, &output.depends_on);
                for condition in &output.preconditions {
                    edges.expression(&condition.condition);
                    edges.expression(&condition.error_message);
                }
            }
            NodeKind::Call(block) => {
                let block = &source.calls[block];
                call(&mut edges);
                edges.optional(&block.count);
                edges.optional(&block.for_each);
                edges.in_module(id, &block.depends_on);
            }
            NodeKind::Resource(block) => {
                call(&mut edges);
                edges.resource(&source.resources[block]);
            }
            NodeKind::ModuleDone => {
                call(&mut edges);
                for index in 0..source.resources.len() {
                    edges.found.push((self.resource(id, index), None));
                }
                for child in module.children.values() {
                    edges.found.push((NodeId(self.layout[child.0].done), None));
                }
            }
            NodeKind::Clouds => {}
        }
        edges.found
    }

    /// A resource waits for what the `import` blocks about it refer to.
    fn add_imports(&mut self, config: &Config) {
        for import in &config.modules[0].source.imports {
            let Some(block) = imported_block(import) else { continue };
            let module = config.modules.iter().position(|module| module.path == block.module);
            let key =
                ResourceKey { mode: block.mode, type_name: block.type_name, name: block.name };
            let Some(module) = module else { continue };
            let Some(index) = config.modules[module].source.resources.get_index_of(&key) else {
                continue;
            };
            let node = self.resource(ModuleId(module), index);
            let mut edges = Edges { graph: self, config, module: ModuleId(0), found: Vec::new() };
            edges.expression(&import.id);
            edges.optional(&import.for_each);
            if let ExprKind::Traversal(traversal) = &*import.to.kind {
                for (step, _) in &traversal.steps {
                    if let TraversalStep::Index(key) = step {
                        edges.expression(key);
                    }
                }
            }
            let found = edges.found;
            self.dependencies[node.0 as usize].extend(found);
        }
    }

    /// Edges that no reference makes: from clouds and tasks to placements and portable resources.
    fn add_implicit(&mut self, config: &Config, role: impl Fn(ModuleId, &Resource) -> BlockRole) {
        let clouds = self.clouds();
        for (id, module) in (0..).map(ModuleId).zip(&config.modules) {
            let roles: Vec<_> =
                module.source.resources.values().map(|block| role(id, block)).collect();
            for (index, block_role) in roles.iter().enumerate() {
                let node = self.resource(id, index);
                if block_role.is_cloud {
                    self.dependencies[clouds.0 as usize].push((node, None));
                }
                if block_role.needs_clouds || block_role.is_placement {
                    self.dependencies[node.0 as usize].push((clouds, None));
                }
                if block_role.is_placement {
                    let tasks = roles.iter().enumerate().filter(|(_, role)| role.is_task);
                    let tasks: Vec<_> =
                        tasks.map(|(task, _)| (self.resource(id, task), None)).collect();
                    self.dependencies[node.0 as usize].extend(tasks);
                }
            }
        }
    }
}

/// Collects what one block refers to.
struct Edges<'a> {
    graph: &'a Graph,
    config: &'a Config,
    module: ModuleId,
    found: Vec<(NodeId, Option<Span>)>,
}

impl Edges<'_> {
    fn expression(&mut self, expression: &Expr) {
        self.in_module(self.module, &expression.references());
    }

    fn optional(&mut self, expression: &Option<Expr>) {
        if let Some(expression) = expression {
            self.expression(expression);
        }
    }

    fn resource(&mut self, block: &Resource) {
        self.in_module(self.module, &block.body.references());
        self.optional(&block.count);
        self.optional(&block.for_each);
        self.in_module(self.module, &block.depends_on);
        for trigger in &block.lifecycle.replace_triggered_by {
            self.expression(trigger);
        }
        for condition in block.lifecycle.preconditions.iter().chain(&block.lifecycle.postconditions)
        {
            self.expression(&condition.condition);
            self.expression(&condition.error_message);
        }
        for provisioner in &block.provisioners {
            self.in_module(self.module, &provisioner.body.references());
        }
        // A resource's own conditions and provisioners may name the resource itself.
        let own = self.config.modules[self.module.0].source.resources.get_index_of(&block.key);
        if let Some(own) = own.map(|index| self.graph.resource(self.module, index)) {
            let names_itself = |references: Vec<Reference>| {
                references.iter().any(|reference| {
                    matches!(&reference.subject, Subject::Resource(key, _) if *key == block.key)
                })
            };
            if !names_itself(block.body.references()) {
                self.found.retain(|(node, _)| *node != own);
            }
        }
    }

    fn call(&mut self, parent: ModuleId, name: &str) {
        let calls = &self.config.modules[parent.0].source.calls;
        if let Some(index) = calls.get_index_of(name) {
            self.found.push((at(self.graph.layout[parent.0].calls, index), None));
        }
    }

    /// Names that do not exist are left out: evaluation reports them.
    fn in_module(&mut self, module: ModuleId, references: &[Reference]) {
        for reference in references {
            self.reference(module, reference);
        }
    }

    fn reference(&mut self, id: ModuleId, reference: &Reference) {
        let module = &self.config.modules[id.0];
        let source = &module.source;
        let layout = &self.graph.layout[id.0];
        let span = Some(reference.span);
        let mut add = |start: u32, index: Option<usize>| {
            if let Some(index) = index {
                self.found.push((at(start, index), span));
            }
        };
        match &reference.subject {
            Subject::Variable(name) => add(layout.variables, source.variables.get_index_of(name)),
            Subject::Local(name) => add(layout.locals, source.locals.get_index_of(name)),
            Subject::Resource(key, _) => {
                add(layout.resources, source.resources.get_index_of(key));
            }
            Subject::Module(name, _, output) => {
                add(layout.calls, source.calls.get_index_of(name));
                let Some(child) = module.children.get(name) else { return };
                let child_layout = &self.graph.layout[child.0];
                let outputs = &self.config.modules[child.0].source.outputs;
                match output.as_ref().map(|output| outputs.get_index_of(output)) {
                    Some(index) => add(child_layout.outputs, index),
                    None => {
                        (0..outputs.len()).for_each(|index| add(child_layout.outputs, Some(index)));
                        add(child_layout.done, Some(0));
                    }
                }
            }
            Subject::Path(_)
            | Subject::Terraform(_)
            | Subject::Each(_)
            | Subject::CountIndex
            | Subject::SelfObject => {}
        }
    }
}

fn at(start: u32, index: usize) -> NodeId {
    NodeId(start + u32::try_from(index).unwrap_or(u32::MAX - start))
}

fn lay_out(config: &Config, nodes: &mut Vec<Node>) -> Vec<Layout> {
    let mut layout = Vec::with_capacity(config.modules.len());
    for (module, source) in (0..).map(ModuleId).zip(config.modules.iter().map(|m| &m.source)) {
        let mut add = |count: usize, kind: fn(usize) -> NodeKind| {
            let start = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
            nodes.extend((0..count).map(|index| Node { module, kind: kind(index) }));
            start
        };
        layout.push(Layout {
            variables: add(source.variables.len(), NodeKind::Variable),
            locals: add(source.locals.len(), NodeKind::Local),
            outputs: add(source.outputs.len(), NodeKind::Output),
            calls: add(source.calls.len(), NodeKind::Call),
            resources: add(source.resources.len(), NodeKind::Resource),
            done: add(1, |_| NodeKind::ModuleDone),
        });
    }
    layout
}
