//! The journal: every side effect is written ahead, so that a kill at any moment loses nothing.

mod apply;
mod file;
mod record;
mod writer;

pub use apply::{apply_change, moved, replay};
pub use file::{JournalContent, append_record, read_journal};
pub use record::{Change, Digest, Intent, IntentAction, Outcome, Record};
pub use writer::{JournalWriter, StagedJournal, Ticket};
