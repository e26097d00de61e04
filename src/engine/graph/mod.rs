//! The dependency graph of blocks, not of instances: a `count` of 10,000 is one node.

mod build;
mod cycles;
mod node;
mod outline;
mod users;

pub(crate) use build::{BlockRole, Graph};
pub(crate) use node::{Node, NodeId, NodeKind};
pub use outline::{Outline, OutlineNode, outline, resource_outline};
pub(crate) use users::EphemeralUse;
