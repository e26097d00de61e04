//! Native syntax: tokens to the tree, going on behind mistakes so that one run shows them all.
//!
//! Source: the specification of HCL's native syntax, and what is recorded in `testdata/spec`.

mod body;
mod collection;
mod cursor;
mod entry;
mod expression;
mod string;
mod template;

#[cfg(test)]
mod tests;

pub(super) use cursor::Place;
pub(crate) use entry::embedded_expression;
pub use entry::{parse_body, parse_expression, parse_template};
pub(super) use entry::{parse_embedded_expression, parse_embedded_template};
