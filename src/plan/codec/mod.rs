//! Plan files: one JSON document with a version, complete and independent of everything else.

mod deferred;
mod plan;
mod value;

pub use plan::{PlanFileError, plan_from_json, plan_to_json};
