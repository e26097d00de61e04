//! Applying a plan: its actions are walked, at most so many at once; each is written ahead to the
//! journal, carried out, and its outcome written down before anything that waits for it begins.

mod action;
mod conditions;
mod delete;
mod doubt;
mod ephemeral;
mod final_checks;
mod final_plan;
mod prepare;
mod provisioner;
mod read;
mod recover;
mod request;
mod walk;
mod written;

#[cfg(test)]
mod faults;

pub use prepare::declare_planned;
pub use recover::settle;
pub use request::{ApplyOutcome, ApplyRequest, Failure, Skipped, Tried, Why};
pub use walk::apply;
