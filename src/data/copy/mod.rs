//! Objects copied between any two stores: streamed, checked, in parallel, and gone on with after a kill.
//!
//! A copy lists both sides, plans what is new, changed, the same and left over, and moves what has to
//! be moved with bounded memory. Each byte that is streamed goes through SHA-256, and no object is
//! visible under its name before all of it is there. What was done, and which uploads were begun,
//! stands in a [`Record`]. Knows OpenDAL's operators, and no clouds.

mod batch;
mod compare;
mod error;
mod events;
mod file;
mod listing;
mod measure;
mod object;
mod outcome;
mod parts;
mod place;
mod plan;
mod rate;
mod reader;
mod record;
mod staged;
mod sums;
mod upload;
mod workers;

pub use batch::{CopyOptions, run};
pub use error::CopyError;
pub use events::{CopyEvent, CopyEvents, Meter, Silent};
pub use measure::{Measured, measure, measure_reader};
pub use object::{Arrived, Expected, copy_object, goes_in_parts};
pub use outcome::{CopiedObject, CopyOutcome, FailedObject};
pub use place::{Place, Selection};
pub use plan::{CopyPlan, PlannedObject, Reason, plan};
pub use reader::copy_reader;
pub use record::Record;
pub use staged::Staged;

#[cfg(test)]
mod tests;
