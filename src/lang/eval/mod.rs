//! Evaluation: one evaluator for plan and apply, asking for the values of resources.

mod call;
mod condition;
mod conditional;
mod constant;
mod decode;
mod evaluator;
mod expand;
mod expression;
mod for_expression;
pub(crate) mod names;
mod operators;
mod reference;
mod scope;
mod template;
mod traversal;

pub use condition::Outcome;
pub use constant::{Nothing, constant};
pub use decode::attribute_span;
pub use evaluator::{Environment, Evaluator, ValueSource};
pub use expand::Expansion;
pub use names::{missing_instance_key, unexpected_instance_key};
pub use scope::Scope;
pub use traversal::type_at_step;
