//! Syntax: text to a small tree with spans. Native syntax, and JSON syntax.
//!
//! Nothing is evaluated here, and no block or argument name has a meaning yet.

mod ast;
mod fmt;
mod json;
mod parse;
mod references;
mod tokens;

pub use ast::{
    Attribute, BinaryOperator, Block, Body, Expr, ExprKind, Part, Traversal, TraversalStep,
    UnaryOperator,
};
pub use fmt::{format, format_expression};
pub(crate) use json::parse_json_arguments;
pub use json::{blocks_of, parse_json_body, parse_json_values};
pub(crate) use parse::embedded_expression;
pub use parse::{parse_body, parse_expression, parse_template};
pub(crate) use references::reference;
pub use tokens::is_unfinished;
