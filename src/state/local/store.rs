//! State in a local file, with a backup of the one before.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::StateLock;
use crate::backend::Store;
use crate::codec::{NotAState, state_from_json, state_to_json};
use crate::disk::{Disk, RealDisk, replace, with_suffix};
use crate::seal::{self, MaybeSeal};
use crate::{LockInfo, Seal, State, StateError};

/// A state file.
#[derive(Debug)]
pub struct LocalStore {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    lock: Option<StateLock>,
    seal: MaybeSeal,
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
        Self { disk, path: path.to_owned(), lock: None, seal: None, backed_up: false, size: 0 }
    }

    /// The same, sealed.
    #[must_use]
    pub fn sealed_with(self, seal: Option<Arc<dyn Seal>>) -> Self {
        Self { seal, ..self }
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
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
}

impl Store for LocalStore {
    fn lock(&mut self, info: &LockInfo) -> Result<(), StateError> {
        if self.lock.is_none() {
            self.disk.make_folder(&self.path).map_err(StateError::io(&self.path))?;
            self.lock = Some(StateLock::acquire(Arc::clone(&self.disk), &self.path, info)?);
        }
        Ok(())
    }

    fn unlock(&mut self) -> Result<(), StateError> {
        self.lock = None;
        Ok(())
    }

    /// The lock on a file ends with the process that holds it, so there is never one to be broken.
    fn force_unlock(&mut self, _id: &str) -> Result<(), StateError> {
        match self.lock(&LockInfo::default()) {
            Ok(()) => {
                self.lock = None;
                Err(StateError::NotLocked)
            }
            Err(StateError::Locked(holder)) => Err(StateError::HeldByProcess(holder)),
            Err(error) => Err(error),
        }
    }

    fn read(&mut self) -> Result<Option<State>, StateError> {
        let Some(bytes) = self.bytes()? else { return Ok(None) };
        self.size = bytes.len();
        let text = seal::open(&self.seal, &self.path, bytes)?;
        state_from_bytes(&self.path, &text).map(Some)
    }

    fn write(&mut self, state: &State) -> Result<(), StateError> {
        let text = state_to_json(state).into_bytes();
        let text = seal::seal(&self.seal, &self.path, text)?;
        if self.lock.is_some()
            && !self.backed_up
            && let Some(before) = self.bytes()?
        {
            let backup = with_suffix(&self.path, ".backup");
            // What was not encrypted before does not stay so in the backup.
            let before = match &self.seal {
                Some(_) => {
                    let text = seal::open(&self.seal, &self.path, before)?;
                    seal::seal(&self.seal, &self.path, text)?
                }
                None => before,
            };
            replace(&*self.disk, &backup, &before).map_err(StateError::io(backup))?;
        }
        self.backed_up = true;
        self.disk.make_folder(&self.path).map_err(StateError::io(&self.path))?;
        match &mut self.lock {
            Some(lock) => lock.replace(&text)?,
            None => replace(&*self.disk, &self.path, &text).map_err(StateError::io(&self.path))?,
        }
        self.size = text.len();
        Ok(())
    }

    fn size(&self) -> usize {
        self.size
    }

    fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    fn journal_path(&self) -> PathBuf {
        with_suffix(&self.path, ".journal")
    }

    fn seal(&self) -> Option<&Arc<dyn Seal>> {
        self.seal.as_ref()
    }

    fn place(&self) -> String {
        self.path.display().to_string()
    }

    fn rescue(&self) -> Option<PathBuf> {
        None
    }
}

/// Reads a state's text; `path` is for messages.
pub(crate) fn state_from_bytes(path: &Path, bytes: &[u8]) -> Result<State, StateError> {
    let invalid = |reason: String| StateError::Invalid { path: path.to_owned(), reason };
    let text = std::str::from_utf8(bytes).map_err(|error| invalid(error.to_string()))?;
    state_from_json(text).map_err(|error| match error {
        NotAState::TooNew(version) => StateError::TooNew { path: path.to_owned(), version },
        NotAState::Invalid(reason) => invalid(reason),
    })
}

/// Writes a file as a whole: after a crash either the old or the new content is there.
///
/// # Errors
/// If it cannot be written; the old content is untouched then.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace(&RealDisk, path, bytes)
}
