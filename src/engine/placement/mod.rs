//! Placements: the values of `cloud` and `task` blocks to numbers, and the decision back to values.

mod catalog;
mod cloud;
mod explanation;
mod filter;
mod places;
mod problem;
mod report;
mod task;
mod trouble;
mod values;

pub(crate) use catalog::catalog;
pub(crate) use explanation::explained;
pub(crate) use places::Places;
pub(crate) use problem::{Named, PlacementInput, ReadProblem, read_problem};
pub(crate) use report::{report, result_value};
pub(crate) use trouble::{conflicts, invalid};
