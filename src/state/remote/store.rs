//! A state in a remote place as a store: read, written and locked as one in a file is.
//!
//! Beside the remote lock the journal's place on this machine is locked: so two runs in one folder
//! exclude each other even where the remote place has no locks, and a remote lock that a killed run
//! of this folder has left behind is known to be nobody's.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Remote, RemoteError, RemoteErrorKind, Version};
use crate::backend::{Here, Store};
use crate::codec::state_to_json;
use crate::disk::{Disk, replace, with_suffix};
use crate::local::{StateLock, state_from_bytes};
use crate::seal;
use crate::{LockInfo, Seal, State, StateError};

/// A state in a remote place.
#[derive(Debug)]
pub struct RemoteStore {
    remote: Arc<dyn Remote>,
    here: Here,
    /// Stands for the state on this machine: the lock is taken on it, the journal lies beside it.
    stand_in: PathBuf,
    lock: Option<Held>,
    /// The version that was read or written last; none where nothing was there.
    version: Option<Version>,
    size: usize,
}

/// Both locks.
#[derive(Debug)]
struct Held {
    id: String,
    _local: StateLock,
}

/// Which remote lock was taken from which folder, so that it is known again when its run is dead.
#[derive(Serialize, Deserialize)]
struct Note {
    id: String,
    owner: String,
}

impl RemoteStore {
    /// The state of a workspace in a remote place; nothing is read or locked yet.
    pub fn new(remote: Arc<dyn Remote>, workspace: &str, here: &Here) -> Self {
        let stand_in = here.journals.join(workspace).join("terraform.tfstate");
        Self { remote, here: here.clone(), stand_in, lock: None, version: None, size: 0 }
    }

    fn failed(&self, error: RemoteError) -> StateError {
        match error.kind {
            RemoteErrorKind::Locked(holder) => StateError::Locked(holder),
            RemoteErrorKind::OtherLock(holder) => StateError::OtherLock(holder),
            RemoteErrorKind::NotLocked => StateError::NotLocked,
            _ => StateError::Remote { place: self.remote.place(), problem: error },
        }
    }

    /// The version of what is stored if it is just this: then the answer to a write was lost, and it
    /// was tried again.
    fn stored_already(&self, bytes: &[u8]) -> Option<Version> {
        let (stored, version) = self.remote.read().ok()??;
        (stored == bytes).then_some(version)
    }

    fn note_path(&self) -> PathBuf {
        with_suffix(&self.stand_in, ".lock.json")
    }

    /// The remote lock that a dead run of this folder has taken last, and not given up.
    fn noted(&self) -> Option<String> {
        let bytes = self.here.disk.read(&self.note_path()).ok()??;
        let note: Note = serde_json::from_slice(&bytes).ok()?;
        (note.owner == self.here.owner).then_some(note.id)
    }

    /// Written before the lock is taken, so that there is never a lock without its note.
    fn note(&self, id: &str) -> Result<(), StateError> {
        let note = Note { id: id.to_owned(), owner: self.here.owner.clone() };
        let text = serde_json::to_string(&note).unwrap_or_default();
        let path = self.note_path();
        replace(&*self.here.disk, &path, text.as_bytes()).map_err(StateError::io(path))
    }

    /// Takes the remote lock; one that a dead run of this folder holds is broken first.
    fn lock_remote(&self, info: &LockInfo) -> Result<String, StateError> {
        let noted = self.noted();
        self.note(&info.id)?;
        let first = self.remote.lock(info);
        let error = match first {
            Ok(id) => return Ok(id),
            Err(error) => error,
        };
        // The answer to a lock was lost, and it was tried again.
        if matches!(&error.kind, RemoteErrorKind::Locked(holder) if holder.id == info.id) {
            return Ok(info.id.clone());
        }
        if let RemoteErrorKind::Locked(holder) = &error.kind
            && noted.as_ref() == Some(&holder.id)
            && !holder.id.is_empty()
        {
            self.remote.unlock(&holder.id).map_err(|error| self.failed(error))?;
            return self.remote.lock(info).map_err(|error| self.failed(error));
        }
        // The lock of a dead run is still there, and still its own.
        if let Some(noted) = noted {
            self.note(&noted)?;
        }
        Err(self.failed(error))
    }
}

impl Store for RemoteStore {
    fn lock(&mut self, info: &LockInfo) -> Result<(), StateError> {
        if self.lock.is_some() {
            return Ok(());
        }
        let disk = Arc::clone(&self.here.disk);
        disk.make_folder(&self.stand_in).map_err(StateError::io(&self.stand_in))?;
        let local = StateLock::acquire(disk, &self.stand_in, info)?;
        let id = self.lock_remote(info)?;
        if id != info.id {
            self.note(&id)?;
        }
        self.lock = Some(Held { id, _local: local });
        Ok(())
    }

    fn unlock(&mut self) -> Result<(), StateError> {
        let Some(held) = self.lock.take() else { return Ok(()) };
        match self.remote.unlock(&held.id) {
            Ok(()) => {
                // If it stays, it names a lock that is no more.
                let _ = self.here.disk.remove(&self.note_path());
                Ok(())
            }
            // Someone has broken it: what was written since is guarded by its version.
            Err(RemoteError { kind: RemoteErrorKind::NotLocked, .. }) => Ok(()),
            Err(RemoteError { kind: RemoteErrorKind::OtherLock(_), .. }) => Ok(()),
            Err(problem) => {
                Err(StateError::StillLocked { place: self.place(), id: held.id, problem })
            }
        }
    }

    fn force_unlock(&mut self, id: &str) -> Result<(), StateError> {
        self.remote.unlock(id).map_err(|error| self.failed(error))
    }

    fn read(&mut self) -> Result<Option<State>, StateError> {
        let found = self.remote.read().map_err(|error| self.failed(error))?;
        let Some((bytes, version)) = found else {
            self.version = None;
            return Ok(None);
        };
        self.version = Some(version);
        self.size = bytes.len();
        if bytes.is_empty() {
            return Ok(None);
        }
        let place = self.place();
        let text = seal::open(&self.here.seal, Path::new(&place), bytes)?;
        state_from_bytes(Path::new(&place), &text).map(Some)
    }

    fn write(&mut self, state: &State) -> Result<(), StateError> {
        let text = state_to_json(state).into_bytes();
        let text = seal::seal(&self.here.seal, Path::new(&self.place()), text)?;
        let written = match self.remote.write(&text, self.version.as_ref()) {
            Err(error) if error.kind == RemoteErrorKind::Changed => {
                self.stored_already(&text).ok_or(error)
            }
            written => written,
        };
        self.version = Some(written.map_err(|error| self.failed(error))?);
        self.size = text.len();
        Ok(())
    }

    fn size(&self) -> usize {
        self.size
    }

    fn disk(&self) -> &Arc<dyn Disk> {
        &self.here.disk
    }

    fn journal_path(&self) -> PathBuf {
        with_suffix(&self.stand_in, ".journal")
    }

    fn seal(&self) -> Option<&Arc<dyn Seal>> {
        self.here.seal.as_ref()
    }

    fn place(&self) -> String {
        self.remote.place()
    }

    fn rescue(&self) -> Option<PathBuf> {
        Some(self.here.rescue.clone())
    }
}

impl Drop for RemoteStore {
    fn drop(&mut self) {
        // Who ends without unlocking is not interested in why it fails; the next run says it.
        let _ = self.unlock();
    }
}
