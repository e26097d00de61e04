//! Placements: the values of `cloud` and `task` blocks to numbers, and the decision back to values.

mod problem;
mod report;

pub(crate) use problem::{PlacementInput, read_problem};
pub(crate) use report::{conflicts, report, result_value};
