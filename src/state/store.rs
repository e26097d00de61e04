//! State in a local file, with a backup of the one before.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::codec::{state_from_json, state_to_json};
use crate::lock::with_suffix;
use crate::{LockInfo, State, StateError, StateLock};

/// A state file.
#[derive(Debug)]
pub struct LocalStore {
    path: PathBuf,
    lock: Option<StateLock>,
}

impl LocalStore {
    /// The state file at `path`, not locked.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), lock: None }
    }

    /// Locks the file for as long as this store lives.
    ///
    /// # Errors
    /// [`StateError::Locked`] with the holder, or if the file cannot be opened.
    pub fn lock(&mut self, info: &LockInfo) -> Result<(), StateError> {
        if self.lock.is_none() {
            self.lock = Some(StateLock::acquire(&self.path, info)?);
        }
        Ok(())
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the journal of this state is.
    pub fn journal_path(&self) -> PathBuf {
        with_suffix(&self.path, ".journal")
    }

    /// The stored state; none if there is none yet.
    ///
    /// # Errors
    /// If the file cannot be read or is not a state file.
    pub fn read(&mut self) -> Result<Option<State>, StateError> {
        let text = match &mut self.lock {
            Some(lock) => lock.read()?,
            None => match std::fs::read_to_string(&self.path) {
                Ok(text) if text.is_empty() => None,
                Ok(text) => Some(text),
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(StateError::io(&self.path)(error)),
            },
        };
        let Some(text) = text else { return Ok(None) };
        parse(&self.path, &text).map(Some)
    }

    /// Writes the state as a whole; the one before is kept as a backup.
    ///
    /// # Errors
    /// If it cannot be written; the old state is untouched then.
    pub fn write(&mut self, state: &State) -> Result<(), StateError> {
        let text = state_to_json(state);
        let Some(lock) = &mut self.lock else {
            return write_atomically(&self.path, text.as_bytes())
                .map_err(StateError::io(&self.path));
        };
        if let Some(before) = lock.read()? {
            let backup = with_suffix(&self.path, ".backup");
            write_atomically(&backup, before.as_bytes()).map_err(StateError::io(backup))?;
        }
        lock.replace(&text)
    }
}

fn parse(path: &Path, text: &str) -> Result<State, StateError> {
    state_from_json(text).map_err(|error| match error {
        crate::codec::NotAState::TooNew(version) => {
            StateError::TooNew { path: path.to_owned(), version }
        }
        crate::codec::NotAState::Invalid(reason) => {
            StateError::Invalid { path: path.to_owned(), reason }
        }
    })
}

/// Writes a file as a whole: after a crash either the old or the new content is there.
///
/// # Errors
/// If it cannot be written; the old content is untouched then.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let staged = with_suffix(path, ".new");
    let write = || -> io::Result<()> {
        let mut file = File::create(&staged)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&staged, path)?;
        sync_folder_of(path)
    };
    write().inspect_err(|_| {
        let _ = std::fs::remove_file(&staged);
    })
}

/// Makes a file's name durable.
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
