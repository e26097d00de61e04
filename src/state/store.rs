//! State in a local file, with a backup of the one before.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::codec::{NotAState, state_from_json, state_to_json};
use crate::disk::{Disk, RealDisk, replace, with_suffix};
use crate::{LockInfo, State, StateError, StateLock};

/// A state file.
#[derive(Debug)]
pub struct LocalStore {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    lock: Option<StateLock>,
    /// Whether the state from before this run is in the backup.
    backed_up: bool,
    /// Bytes that were written last, or read.
    size: usize,
}

impl LocalStore {
    /// The state file at `path`, not locked.
    pub fn new(path: &Path) -> Self {
        Self::on(Arc::new(RealDisk), path)
    }

    /// The same on any disk.
    pub fn on(disk: Arc<dyn Disk>, path: &Path) -> Self {
        Self { disk, path: path.to_owned(), lock: None, backed_up: false, size: 0 }
    }

    /// Locks the file for as long as this store lives.
    ///
    /// # Errors
    /// [`StateError::Locked`] with the holder, or if the file cannot be opened.
    pub fn lock(&mut self, info: &LockInfo) -> Result<(), StateError> {
        if self.lock.is_none() {
            self.lock = Some(StateLock::acquire(Arc::clone(&self.disk), &self.path, info)?);
        }
        Ok(())
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the file is on.
    pub fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    /// Where the journal of this state is.
    pub fn journal_path(&self) -> PathBuf {
        with_suffix(&self.path, ".journal")
    }

    /// Bytes of the state file as it was last read or written.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The stored state; none if there is none yet.
    ///
    /// # Errors
    /// If the file cannot be read or is not a state file.
    pub fn read(&mut self) -> Result<Option<State>, StateError> {
        let Some(bytes) = self.bytes()? else { return Ok(None) };
        self.size = bytes.len();
        let invalid = |reason: String| StateError::Invalid { path: self.path.clone(), reason };
        let text = std::str::from_utf8(&bytes).map_err(|error| invalid(error.to_string()))?;
        match state_from_json(text) {
            Ok(state) => Ok(Some(state)),
            Err(NotAState::TooNew(version)) => {
                Err(StateError::TooNew { path: self.path.clone(), version })
            }
            Err(NotAState::Invalid(reason)) => Err(invalid(reason)),
        }
    }

    fn bytes(&mut self) -> Result<Option<Vec<u8>>, StateError> {
        match &mut self.lock {
            Some(lock) => lock.read(),
            None => {
                let bytes = self.disk.read(&self.path).map_err(StateError::io(&self.path))?;
                Ok(bytes.filter(|bytes| !bytes.is_empty()))
            }
        }
    }

    /// Writes the state as a whole; the one from before this run is kept as a backup.
    ///
    /// # Errors
    /// If it cannot be written; the old state is untouched then.
    pub fn write(&mut self, state: &State) -> Result<(), StateError> {
        let text = state_to_json(state);
        if self.lock.is_some()
            && !self.backed_up
            && let Some(before) = self.bytes()?
        {
            let backup = with_suffix(&self.path, ".backup");
            replace(&*self.disk, &backup, &before).map_err(StateError::io(backup))?;
        }
        self.backed_up = true;
        match &mut self.lock {
            Some(lock) => lock.replace(&text)?,
            None => replace(&*self.disk, &self.path, text.as_bytes())
                .map_err(StateError::io(&self.path))?,
        }
        self.size = text.len();
        Ok(())
    }
}

/// Writes a file as a whole: after a crash either the old or the new content is there.
///
/// # Errors
/// If it cannot be written; the old content is untouched then.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace(&RealDisk, path, bytes)
}
