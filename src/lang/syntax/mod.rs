//! Syntax: text to a small tree with spans. Native syntax through hcl-edit, and JSON syntax.
//!
//! Nothing is evaluated here, and no block or argument name has a meaning yet.

mod ast;
mod json;
mod lower;
mod native;
mod references;
mod template;

pub use ast::{
    Attribute, BinaryOperator, Block, Body, Expr, ExprKind, Part, Traversal, TraversalStep,
    UnaryOperator,
};
pub use json::{blocks_of, parse_json_body};
pub use native::{parse_body, parse_expression, parse_template};
pub(crate) use references::reference;
