//! File formats: state v4 as Terraform writes it, and the journal's records.

mod object;
mod record;
mod v4;

pub use record::{record_from_json, record_to_json};
pub use v4::{NotAState, state_from_json, state_to_json};
