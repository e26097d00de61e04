//! The one owner of the state during a run: state in memory, journal, and state file together.

use std::path::Path;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::backend::Store;
use crate::codec::state_to_json;
use crate::disk::{Disk, MemoryDisk, RealDisk, replace, with_suffix};
use crate::journal::{
    Change, Intent, JournalWriter, Outcome, Record, StagedJournal, Ticket, append_record,
    apply_change, moved,
};
use crate::seal;
use crate::{LocalStore, LockInfo, State, StateError};

mod open;

pub use open::{Opening, Recovered, is_of_journal};

/// A journal is folded into the state file when it has grown past this, and past twice the size of
/// that file: so all folding together costs no more than writing the journal.
const FOLD_AT: usize = 16 << 20;

/// Keeps what was done: first in the journal, then in the state file.
#[derive(Debug)]
pub struct Ledger {
    store: Box<dyn Store>,
    state: State,
    stored: State,
    journal: Option<JournalWriter>,
    /// Why nothing more can be written to the journal, once that is so.
    failure: Option<(std::io::ErrorKind, String)>,
    /// Whether there is a journal's file, of this run or one before.
    has_journal: bool,
    /// Whether that file is damaged and to be kept for whoever looks into it.
    is_damaged: bool,
    /// Bytes of journal from which on it is folded, and how few they may be.
    fold_at: usize,
    least_to_fold: usize,
    in_doubt: Vec<Intent>,
    next_intent: u64,
    new_lineage: String,
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
        Self::open_on(Arc::new(RealDisk), path, lock, new_lineage)
    }

    /// A ledger of a state that is kept nowhere but in memory.
    ///
    /// # Errors
    /// If the state cannot be written in its format and read again.
    pub fn in_memory(state: &State, new_lineage: String) -> Result<Self, StateError> {
        let disk: Arc<dyn Disk> = Arc::new(MemoryDisk::default());
        let path = Path::new("terraform.tfstate");
        if *state != State::default() {
            LocalStore::on(Arc::clone(&disk), path).write(state)?;
        }
        Self::open_on(disk, path, None, new_lineage).map(|(ledger, _)| ledger)
    }

    /// The same on any disk.
    ///
    /// # Errors
    /// If the file is locked by someone else, cannot be read, or is not a state file.
    pub fn open_on(
        disk: Arc<dyn Disk>,
        path: &Path,
        lock: Option<&LockInfo>,
        new_lineage: String,
    ) -> Result<(Self, Recovered), StateError> {
        let opening = Opening { lock: lock.cloned(), new_lineage, onto_newer: false };
        Self::open_store(Box::new(LocalStore::on(disk, path)), &opening)
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
    /// If the journal cannot be written.
    pub fn intent(&mut self, intent: Intent) -> Result<Ticket, StateError> {
        let ticket = self.append(&Record::Intent(intent.clone()))?;
        self.in_doubt.push(intent);
        Ok(ticket)
    }

    /// Writes down what has become of an intent, and changes the state accordingly.
    ///
    /// # Errors
    /// If the journal cannot be written. The state in memory is changed all the same.
    pub fn outcome(&mut self, outcome: Outcome) -> Result<Ticket, StateError> {
        let ticket = self.append(&Record::Outcome(outcome.clone()));
        // It has happened, whether that could be written down or not: the state file may still be.
        self.in_doubt.retain(|intent| intent.id != outcome.intent);
        outcome.changes.iter().for_each(|change| apply_change(&mut self.state, change));
        ticket
    }

    /// Changes the state.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub fn change(&mut self, change: Change) -> Result<Ticket, StateError> {
        let changes = match &change {
            Change::Moved { from, to } => moved(&self.state, from, to),
            _ => vec![change.clone()],
        };
        let ticket = self.append(&Record::Changes(changes));
        apply_change(&mut self.state, &change);
        ticket
    }

    fn append(&mut self, record: &Record) -> Result<Ticket, StateError> {
        if let Some(error) = self.failure() {
            return Err(error);
        }
        let written = self.ready_journal().map(|journal| journal.append(record));
        if let Err(StateError::Io { source, .. }) = &written {
            self.failure = Some((source.kind(), source.to_string()));
        }
        written
    }

    fn ready_journal(&mut self) -> Result<&mut JournalWriter, StateError> {
        if self.journal.as_ref().is_some_and(|journal| journal.bytes() > self.fold_at) {
            self.fold()?;
        }
        let journal = match self.journal.take() {
            Some(journal) => journal,
            None => self.start_journal()?,
        };
        Ok(self.journal.insert(journal))
    }

    /// Why nothing more can be written to the journal, if that is so. It stays so for the whole run.
    pub fn failure(&self) -> Option<StateError> {
        let noted = self.failure.clone().map(|(kind, text)| std::io::Error::new(kind, text));
        let source = noted.or_else(|| self.journal.as_ref()?.failure())?;
        Some(StateError::Io { path: self.store.journal_path(), source })
    }

    /// A new journal that starts from the stored state. What an old one held and is not stored yet
    /// is stored first, and its open intents stand in the new one too.
    fn start_journal(&mut self) -> Result<JournalWriter, StateError> {
        let path = self.store.journal_path();
        if self.is_changed() {
            self.store_state()?;
        }
        self.keep_damaged()?;
        self.begin_lineage();
        let staged = self.stage(self.stored.serial).map_err(StateError::io(&path))?;
        self.has_journal = true;
        staged.take_over(&**self.store.disk(), &path).map_err(StateError::io(&path))
    }

    /// Brings the state file up to date and begins a new journal. Where there is no room for either,
    /// the old journal goes on.
    fn fold(&mut self) -> Result<(), StateError> {
        let path = self.store.journal_path();
        let disk = Arc::clone(self.store.disk());
        let staged = match self.stage(self.stored.serial + 1) {
            Ok(staged) => staged,
            Err(_) => {
                self.fold_at *= 2;
                return Ok(());
            }
        };
        if self.store_state().is_err() {
            staged.give_up(&*disk, &path);
            self.fold_at *= 2;
            return Ok(());
        }
        self.fold_at = self.least_to_fold.max(2 * self.store.size());
        // All that the old one holds is in the state file now.
        self.journal = None;
        self.journal = Some(staged.take_over(&*disk, &path).map_err(StateError::io(&path))?);
        Ok(())
    }

    /// A new journal for the state with this serial.
    fn stage(&self, serial: u64) -> std::io::Result<StagedJournal> {
        let begin = Record::Begin { lineage: self.state.lineage.clone(), serial };
        let open = self.in_doubt.iter().cloned().map(Record::Intent);
        let records: Vec<Record> = std::iter::once(begin).chain(open).collect();
        let path = self.store.journal_path();
        StagedJournal::write(&**self.store.disk(), &path, &records, self.store.seal())
    }

    /// A damaged journal is kept under another name before it goes.
    fn keep_damaged(&mut self) -> Result<(), StateError> {
        if !std::mem::take(&mut self.is_damaged) {
            return Ok(());
        }
        let path = self.store.journal_path();
        let disk = self.store.disk();
        let bytes = disk.read(&path).map_err(StateError::io(&path))?.unwrap_or_default();
        let kept = with_suffix(&path, ".damaged");
        replace(&**disk, &kept, &bytes).map_err(StateError::io(kept))
    }

    fn begin_lineage(&mut self) {
        if self.state.lineage.is_empty() {
            self.state.lineage.clone_from(&self.new_lineage);
        }
    }

    fn is_changed(&self) -> bool {
        !self.state.has_content_of(&self.stored)
    }

    fn store_state(&mut self) -> Result<(), StateError> {
        self.begin_lineage();
        let before = std::mem::replace(&mut self.state.serial, self.stored.serial + 1);
        let written = self.note_saving().and_then(|()| self.store.write(&self.state));
        if let Err(error) = written {
            self.state.serial = before;
            return Err(error);
        }
        self.stored = self.state.clone();
        Ok(())
    }

    /// Where others write the state too, a higher serial alone does not say that the journal is part
    /// of what is stored: so it is noted what is about to be.
    fn note_saving(&mut self) -> Result<(), StateError> {
        if self.store.rescue().is_none() || !self.has_journal {
            return Ok(());
        }
        let (serial, digest) = (self.state.serial, digest(&self.state));
        let record = Record::Saving { serial, digest };
        let path = self.store.journal_path();
        let written = match &mut self.journal {
            Some(journal) => journal.append(&record).wait(),
            None => append_record(&**self.store.disk(), &path, &record, self.store.seal()),
        };
        written.map_err(StateError::io(path))
    }

    /// Keeps the state on this machine if it belongs elsewhere and could not be saved there.
    fn rescue(&self, error: StateError) -> StateError {
        let Some(path) = self.store.rescue() else { return error };
        let state = State { serial: self.stored.serial + 1, ..self.state.clone() };
        let sealing = self.store.seal().cloned();
        let text = seal::seal(&sealing, &path, state_to_json(&state).into_bytes());
        let kept = text.map(|text| replace(&**self.store.disk(), &path, &text).is_ok());
        match kept {
            Ok(true) => StateError::Rescued { path, source: Box::new(error) },
            // The journal has everything still.
            Ok(false) | Err(_) => error,
        }
    }

    /// Writes the state file, and drops the journal if no intent is open. Nothing is written where
    /// nothing has changed.
    ///
    /// # Errors
    /// If it cannot be written. The journal then still has everything, unless the error is
    /// [`StateError::Unsaved`].
    pub fn finish(mut self) -> Result<State, StateError> {
        let path = self.store.journal_path();
        let closed = self.journal.take().map_or(Ok(()), JournalWriter::close);
        if self.is_changed() {
            let stored = self.store_state();
            stored.map_err(|error| match (error, &closed) {
                (StateError::Io { path, source }, Err(_)) => StateError::Unsaved { path, source },
                (error, _) => self.rescue(error),
            })?;
        }
        if !self.in_doubt.is_empty() {
            drop(self.start_journal()?);
        } else if self.has_journal {
            self.keep_damaged()?;
            let disk = self.store.disk();
            disk.remove(&path).map_err(StateError::io(&path))?;
            disk.sync_names(&path).map_err(StateError::io(&path))?;
        }
        self.store.unlock()?;
        Ok(self.state)
    }
}

/// SHA-256 of a state's text.
fn digest(state: &State) -> String {
    Sha256::digest(state_to_json(state).as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod faults;
#[cfg(test)]
mod tests;
