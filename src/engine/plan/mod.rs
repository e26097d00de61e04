//! Making a plan.

mod checks;
mod evaluated;
mod instance;
mod make;
mod orphans;
mod outputs;
mod request;
mod target;
mod walk;

pub(crate) use instance::at_line;
pub use make::{make_plan, short_types};
pub use request::{PlanOptions, PlanRequest};
pub(crate) use walk::Blocks;
