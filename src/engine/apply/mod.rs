//! Applying a plan: its actions are walked, at most so many at once; each is written ahead to the
//! journal, carried out, and its outcome written down before anything that waits for it begins.

mod action;
mod delete;
mod final_plan;
mod prepare;
mod provisioner;
mod read;
mod recover;
mod request;
mod walk;
mod written;

pub use recover::settle;
pub use request::{ApplyOutcome, ApplyRequest, Failure};
pub use walk::apply;
