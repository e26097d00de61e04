//! Opening a ledger: what is stored, and what a journal has to add to it.

use super::{FOLD_AT, Ledger, digest};
use crate::backend::Store;
use crate::journal::{Change, Intent, Record, read_journal, replay};
use crate::{LockInfo, State, StateError};

/// How a ledger is opened.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    /// Who takes the lock; without it the state is not locked.
    pub lock: Option<LockInfo>,
    /// The lineage of a state that is written for the first time.
    pub new_lineage: String,
    /// Whether a journal is taken up though others have changed the state since.
    pub onto_newer: bool,
}

/// What was found of a run that did not end properly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Records of the journal that had not been folded into the state file.
    pub records: usize,
    /// Bytes at the journal's end that are no whole record.
    pub torn_bytes: u64,
    /// Bytes before the journal's last whole record that are none: something was lost there.
    pub damaged_bytes: u64,
    /// Intents whose outcome is not known.
    pub in_doubt: Vec<Intent>,
}

impl Recovered {
    /// Whether there is anything to tell.
    pub fn is_empty(&self) -> bool {
        self.records == 0 && self.in_doubt.is_empty() && self.damaged_bytes == 0
    }
}

impl Ledger {
    /// Opens any state, and does what its journal says.
    ///
    /// # Errors
    /// If the state is locked by someone else, cannot be read, or is none; or if its journal does not
    /// go on from it.
    pub fn open_store(
        mut store: Box<dyn Store>,
        opening: &Opening,
    ) -> Result<(Self, Recovered), StateError> {
        if let Some(info) = &opening.lock {
            store.lock(info)?;
        }
        let stored = store.read()?.unwrap_or_default();
        let journal_path = store.journal_path();
        let content = read_journal(&**store.disk(), &journal_path, store.seal())
            .map_err(StateError::io(&journal_path))?;
        let mut state = stored.clone();
        let mut recovered = Recovered {
            torn_bytes: content.torn_bytes,
            damaged_bytes: content.damaged_bytes,
            ..Recovered::default()
        };
        // A journal whose first record is lost is taken to go on from the state that is there.
        let (lineage, serial) = match content.records.first() {
            Some(Record::Begin { lineage, serial }) => (lineage.clone(), *serial),
            _ => (stored.lineage.clone(), stored.serial),
        };
        let is_shared = store.rescue().is_some();
        let is_other = lineage != stored.lineage;
        // Where nothing is stored, a first run may have been cut off; where something is that others
        // have made meanwhile, such a run has been overtaken.
        let is_foreign = match (stored.lineage.is_empty(), is_shared) {
            (true, false) => false,
            (true, true) => serial > 0,
            (false, false) => true,
            (false, true) => serial > 0,
        };
        if is_other && is_foreign {
            return Err(StateError::ForeignJournal { path: journal_path, lineage });
        }
        let is_newer = stored.serial > serial || is_other && !stored.lineage.is_empty();
        let is_part = is_newer && (!is_shared || is_saved(&stored, &content.records));
        if is_newer && !is_part && !opening.onto_newer {
            let addresses = changed_addresses(&content.records);
            if !addresses.is_empty() {
                let stored = stored.serial;
                let path = journal_path;
                return Err(StateError::Overtaken { path, serial, stored, addresses });
            }
        }
        if is_part {
            // It was folded already; only the open intents still count.
            recovered.in_doubt = replay(&mut state.clone(), &content.records);
        } else {
            recovered.records = content.records.iter().filter(|record| is_done(record)).count();
            recovered.in_doubt = replay(&mut state, &content.records);
            if state.lineage.is_empty() {
                state.lineage.clone_from(&lineage);
            }
        }
        let next_intent = 1 + recovered.in_doubt.iter().map(|intent| intent.id).max().unwrap_or(0);
        let ledger = Self {
            fold_at: FOLD_AT.max(2 * store.size()),
            least_to_fold: FOLD_AT,
            has_journal: !content.records.is_empty() || content.torn_bytes > 0,
            is_damaged: content.damaged_bytes > 0,
            in_doubt: recovered.in_doubt.clone(),
            journal: None,
            failure: None,
            store,
            state,
            stored,
            next_intent,
            new_lineage: opening.new_lineage.clone(),
        };
        Ok((ledger, recovered))
    }
}

/// Whether a state is the one that a journal's run was about to save last, as a rescued one is.
///
/// # Errors
/// If the journal cannot be read.
pub fn is_of_journal(store: &dyn Store, state: &State) -> Result<bool, StateError> {
    let path = store.journal_path();
    let content =
        read_journal(&**store.disk(), &path, store.seal()).map_err(StateError::io(path))?;
    Ok(is_saved(state, &content.records))
}

/// Whether a record says that something has been done.
fn is_done(record: &Record) -> bool {
    matches!(record, Record::Outcome(_) | Record::Changes(_))
}

/// Whether all that a journal says is part of the stored state: it was the last thing that the run
/// was about to do.
fn is_saved(stored: &State, records: &[Record]) -> bool {
    let last = records.iter().rev().take_while(|record| !is_done(record));
    let mut saved = last.filter_map(|record| match record {
        Record::Saving { serial, digest } => Some((*serial, digest)),
        _ => None,
    });
    saved.any(|(serial, text)| serial == stored.serial && *text == digest(stored))
}

/// Instances that a journal has changes for, each once, in the order of their addresses.
fn changed_addresses(records: &[Record]) -> Vec<String> {
    let changes = records.iter().flat_map(|record| match record {
        Record::Outcome(outcome) => outcome.changes.as_slice(),
        Record::Changes(changes) => changes.as_slice(),
        _ => &[],
    });
    let mut addresses: Vec<String> = changes
        .map(|change| match change {
            Change::Current { address, .. } | Change::Deposed { address, .. } => {
                address.to_string()
            }
            Change::Moved { to, .. } => to.to_string(),
            Change::Output { name, .. } => format!("output.{name}"),
            Change::Placement { address, .. } => address.clone(),
            Change::Checks(_) => "check results".to_owned(),
        })
        .collect();
    addresses.sort();
    addresses.dedup();
    addresses
}
