//! Least-cost placement of tasks on clouds, with a proven bound.
//!
//! Numbers in, assignment and proof out: a mixed-integer program, solved by HiGHS. Never sees
//! configuration. All amounts are exact decimals; what is returned is verified and its cost added up
//! anew, whatever the solver's tolerances are. The model is defined in docs/reference/placement.md.

mod check;
mod component;
mod conflict;
mod eligibility;
mod explain;
mod lagrange;
mod mip;
mod narrow;
mod outcome;
mod problem;
mod program;
mod side_by_side;
mod solution;
mod solve;
mod verify;

pub use check::{InvalidProblem, MOST_PAIRS, Mistake, check};
pub use eligibility::{Ineligible, eligible, fits};
pub use explain::{Choice, Explanation, NextBest, Shadow, ShadowLess, TaskCost, explain};
pub use outcome::{
    Assignment, CloudCost, Conflict, ConflictKind, Outcome, Placed, Remedy, Requirement,
};
pub use problem::{Cloud, Data, HOURS_A_MONTH, Limits, Offer, Problem, Task, Tier, UnitsByOffer};
pub use solve::place;
