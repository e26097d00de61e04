//! Least-cost placement of tasks on clouds, with a proven bound.
//!
//! Numbers in, assignment and proof out: a mixed-integer program, solved by HiGHS. Never sees
//! configuration. Money is exact decimal; what is returned is verified and its cost added up anew,
//! whatever the solver's tolerances are. The model is defined in docs/reference/placement.md.

mod check;
mod conflict;
mod eligibility;
mod model;
mod outcome;
mod problem;
mod solve;
mod verify;

pub use check::{InvalidProblem, check};
pub use eligibility::{Ineligible, eligible};
pub use outcome::{Assignment, CloudCost, Conflict, ConflictKind, Outcome, Placed};
pub use problem::{Cloud, Data, HOURS_A_MONTH, Limits, Offer, Problem, Task};
pub use solve::place;
