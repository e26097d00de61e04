//! Making a plan.

mod checks;
mod conditions;
mod data;
mod decide;
mod deferral;
mod dependencies;
mod destroy;
mod ephemeral;
mod evaluated;
mod importing;
mod instance;
mod kept;
mod make;
mod orphans;
mod outputs;
mod refresh;
mod request;
mod statements;
mod target;
mod triggers;
mod walk;

pub(crate) use checks::{check_address, in_one};
pub(crate) use data::{as_warning, null_where_unknown};
pub(crate) use decide::at_line;
pub(crate) use importing::block_of as imported_block;
pub use make::{make_plan, short_types};
pub use request::{PlanOptions, PlanRequest};
pub(crate) use walk::Blocks;
