//! Nodes: the blocks of a configuration that have a value or an effect.

use skyform_diag::Span;
use skyform_lang::config::{Config, ModuleId};

/// Index of a node in its graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId(pub u32);

/// A block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub module: ModuleId,
    pub kind: NodeKind,
}

/// What block it is; numbers are indices in the module's ordered maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NodeKind {
    Variable(usize),
    Local(usize),
    Output(usize),
    /// A module call's `count` or `for_each`.
    Call(usize),
    Resource(usize),
    /// All of the module's resources are done; what `depends_on = [module.x]` waits for.
    ModuleDone,
    /// The portable provider knows all clouds.
    Clouds,
}

impl Node {
    /// The node as a user would write it.
    pub(crate) fn display(&self, config: &Config) -> String {
        let module = &config.modules[self.module.0];
        let source = &module.source;
        let name = match self.kind {
            NodeKind::Variable(index) => format!("var.{}", source.variables[index].name),
            NodeKind::Local(index) => format!("local.{}", source.locals[index].name),
            NodeKind::Output(index) => format!("output.{}", source.outputs[index].name),
            NodeKind::Call(index) => format!("module.{}", source.calls[index].name),
            NodeKind::Resource(index) => {
                let key = &source.resources[index].key;
                format!("{}.{}", key.type_name, key.name)
            }
            NodeKind::ModuleDone => return module.path.to_string(),
            NodeKind::Clouds => return "all clouds".to_owned(),
        };
        if module.path.is_root() { name } else { format!("{}.{name}", module.path) }
    }

    /// Where the block stands.
    pub(crate) fn span(&self, config: &Config) -> Option<Span> {
        let source = &config.modules[self.module.0].source;
        match self.kind {
            NodeKind::Variable(index) => Some(source.variables[index].span),
            NodeKind::Local(index) => Some(source.locals[index].span),
            NodeKind::Output(index) => Some(source.outputs[index].span),
            NodeKind::Call(index) => Some(source.calls[index].span),
            NodeKind::Resource(index) => Some(source.resources[index].span),
            NodeKind::ModuleDone | NodeKind::Clouds => None,
        }
    }
}
