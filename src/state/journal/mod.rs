//! The journal: every side effect is written ahead, so that a kill at any moment loses nothing.

mod record;

pub use record::{Change, Digest, Intent, IntentAction, Outcome, Record};
