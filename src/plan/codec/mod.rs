//! Plan files: one JSON document with a version, complete and independent of everything else.
//!
//! Reading takes nothing for granted: a field that is missing or of another kind is an error.

mod action;
mod address;
mod change;
mod check;
mod deferred;
mod fields;
mod placement;
mod plan;
mod span;
mod value;

pub use plan::{PlanFileError, plan_from_json, plan_to_json};
