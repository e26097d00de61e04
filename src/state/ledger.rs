//! The one owner of the state during a run: state in memory, journal, and state file together.

use std::path::Path;

use crate::journal::{
    Change, Intent, JournalWriter, Outcome, Record, Ticket, apply_change, read_journal, replay,
};
use crate::lock::with_suffix;
use crate::{LocalStore, LockInfo, State, StateError};

/// Keeps what was done: first in the journal, then in the state file.
#[derive(Debug)]
pub struct Ledger {
    store: LocalStore,
    state: State,
    stored: State,
    journal: Option<JournalWriter>,
    in_doubt: Vec<Intent>,
    next_intent: u64,
    new_lineage: String,
}

/// What was found of a run that did not end properly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Records of the journal that had not been folded into the state file.
    pub records: usize,
    /// Bytes at the journal's end that are no whole record.
    pub torn_bytes: u64,
    /// Intents whose outcome is not known.
    pub in_doubt: Vec<Intent>,
}

impl Recovered {
    /// Whether there is anything to tell.
    pub fn is_empty(&self) -> bool {
        self.records == 0 && self.in_doubt.is_empty()
    }
}

impl Ledger {
    /// Opens the state file at `path`, locked if `lock` says for whom, and does what its journal
    /// says. `new_lineage` is for a state that is written for the first time.
    ///
    /// # Errors
    /// If the file is locked by someone else, cannot be read, or is not a state file.
    pub fn open(
        path: &Path,
        lock: Option<&LockInfo>,
        new_lineage: String,
    ) -> Result<(Self, Recovered), StateError> {
        let mut store = LocalStore::new(path);
        if let Some(info) = lock {
            store.lock(info)?;
        }
        let stored = store.read()?.unwrap_or_default();
        let journal_path = store.journal_path();
        let content = read_journal(&journal_path).map_err(StateError::io(&journal_path))?;
        let mut state = stored.clone();
        let mut recovered = Recovered { torn_bytes: content.torn_bytes, ..Recovered::default() };
        if let Some(Record::Begin { lineage, serial }) = content.records.first() {
            if *lineage != stored.lineage && !stored.lineage.is_empty() {
                return Err(StateError::ForeignJournal {
                    path: journal_path,
                    lineage: lineage.clone(),
                });
            }
            if stored.serial > *serial {
                // It was folded already; only the open intents still count.
                recovered.in_doubt = replay(&mut state.clone(), &content.records);
            } else {
                recovered.records = content
                    .records
                    .iter()
                    .filter(|record| !matches!(record, Record::Begin { .. } | Record::Intent(_)))
                    .count();
                recovered.in_doubt = replay(&mut state, &content.records);
                state.lineage.clone_from(lineage);
            }
        }
        let next_intent = 1 + recovered.in_doubt.iter().map(|intent| intent.id).max().unwrap_or(0);
        let in_doubt = recovered.in_doubt.clone();
        let journal = None;
        let ledger = Self { store, state, stored, journal, in_doubt, next_intent, new_lineage };
        Ok((ledger, recovered))
    }

    /// The state as it is now.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Intents whose outcome is not known.
    pub fn in_doubt(&self) -> &[Intent] {
        &self.in_doubt
    }

    /// A number for a new intent.
    pub fn next_intent(&mut self) -> u64 {
        self.next_intent += 1;
        self.next_intent - 1
    }

    /// Writes down what is about to be done.
    ///
    /// # Errors
    /// If the journal cannot be made.
    pub fn intent(&mut self, intent: Intent) -> Result<Ticket, StateError> {
        let ticket = self.append(&Record::Intent(intent.clone()))?;
        self.in_doubt.push(intent);
        Ok(ticket)
    }

    /// Writes down what has become of an intent, and changes the state accordingly.
    ///
    /// # Errors
    /// If the journal cannot be made.
    pub fn outcome(&mut self, outcome: Outcome) -> Result<Ticket, StateError> {
        let ticket = self.append(&Record::Outcome(outcome.clone()))?;
        self.in_doubt.retain(|intent| intent.id != outcome.intent);
        outcome.changes.iter().for_each(|change| apply_change(&mut self.state, change));
        Ok(ticket)
    }

    /// Changes the state.
    ///
    /// # Errors
    /// If the journal cannot be made.
    pub fn change(&mut self, change: Change) -> Result<Ticket, StateError> {
        let ticket = self.append(&Record::Change(change.clone()))?;
        apply_change(&mut self.state, &change);
        Ok(ticket)
    }

    fn append(&mut self, record: &Record) -> Result<Ticket, StateError> {
        if self.journal.is_none() {
            self.start_journal()?;
        }
        match &mut self.journal {
            Some(journal) => Ok(journal.append(record)),
            None => Err(StateError::Invalid {
                path: self.store.journal_path(),
                reason: "the journal is closed".to_owned(),
            }),
        }
    }

    /// A new journal that starts from the stored state. What an old one held and is not stored yet
    /// is stored first, and its open intents stand in the new one too.
    fn start_journal(&mut self) -> Result<(), StateError> {
        if self.state.lineage.is_empty() {
            self.state.lineage.clone_from(&self.new_lineage);
        }
        let (serial, lineage) = (self.stored.serial, self.stored.lineage.clone());
        if (State { serial, lineage, ..self.state.clone() }) != self.stored {
            self.store_state()?;
        }
        let path = self.store.journal_path();
        let staged = with_suffix(&path, ".new");
        let mut journal = JournalWriter::open(&staged, None).map_err(StateError::io(&path))?;
        let (lineage, serial) = (self.state.lineage.clone(), self.stored.serial);
        let mut last = journal.append(&Record::Begin { lineage, serial });
        for intent in &self.in_doubt {
            last = journal.append(&Record::Intent(intent.clone()));
        }
        last.wait().map_err(StateError::io(&path))?;
        std::fs::rename(&staged, &path).map_err(StateError::io(&path))?;
        self.journal = Some(journal);
        Ok(())
    }

    fn store_state(&mut self) -> Result<(), StateError> {
        self.state.serial = self.stored.serial + 1;
        self.store.write(&self.state)?;
        self.stored = self.state.clone();
        Ok(())
    }

    /// Writes the state file, and drops the journal if no intent is open. Nothing is written where
    /// nothing has changed.
    ///
    /// # Errors
    /// If it cannot be written; the journal then still has everything.
    pub fn finish(mut self) -> Result<State, StateError> {
        let path = self.store.journal_path();
        if let Some(journal) = self.journal.take() {
            journal.close().map_err(StateError::io(&path))?;
        }
        let changed = State { serial: self.stored.serial, ..self.state.clone() } != self.stored;
        if changed {
            if self.state.lineage.is_empty() {
                self.state.lineage.clone_from(&self.new_lineage);
            }
            self.store_state()?;
        }
        if self.in_doubt.is_empty() {
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(StateError::io(&path)(error));
                }
                _ => {}
            }
        } else {
            self.start_journal()?;
        }
        Ok(self.state)
    }
}

#[cfg(test)]
mod tests;
