//! What can go wrong with stored state.

use std::io;
use std::path::PathBuf;

use crate::{LockInfo, RemoteError, RemoteErrorKind, SealError};

/// Why state could not be read, written or locked.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not a state file.
    #[error("{path} is not a state file: {reason}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        reason: String,
    },
    /// The file was written by a newer version.
    #[error("{path} has the state format {version}, and this version of Skyform knows up to 4")]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its format.
        version: u64,
    },
    /// Someone else works with the state.
    #[error("the state is locked")]
    Locked(Box<LockInfo>),
    /// The lock that is held has another id than the one to be broken.
    #[error("the lock has another ID, {}", .0.id)]
    OtherLock(Box<LockInfo>),
    /// There is no lock to be broken.
    #[error("the state is not locked")]
    NotLocked,
    /// The lock belongs to a process that runs, and ends with it.
    #[error("the lock is held by a running process")]
    HeldByProcess(Box<LockInfo>),
    /// The backend has the default workspace only.
    #[error("this backend has no workspaces but the default one")]
    NoWorkspaces,
    /// A remote place did not do what it was asked for.
    #[error("{place}: {problem}")]
    Remote {
        /// The place.
        place: String,
        /// Why.
        problem: RemoteError,
    },
    /// What is stored cannot be opened, or not sealed to be stored.
    #[error("{place}: {problem}")]
    Sealed {
        /// The file or place.
        place: PathBuf,
        /// Why.
        problem: SealError,
    },
    /// The lock could not be given up, or it is not known whether it was.
    #[error("{place}: {problem}; the lock {id} may still be there")]
    StillLocked {
        /// The state's place.
        place: String,
        /// The lock's id.
        id: String,
        /// Why.
        problem: RemoteError,
    },
    /// The state could not be saved where it belongs, and was kept on this machine.
    #[error("{source}; the state was kept in {path}")]
    Rescued {
        /// The file that it was kept in.
        path: PathBuf,
        /// Why it could not be saved.
        source: Box<StateError>,
    },
    /// The state has been changed by others since a run was cut off whose journal lies here.
    #[error("the state has come to serial {stored}, and the journal {path} goes on from {serial}")]
    Overtaken {
        /// The journal.
        path: PathBuf,
        /// The serial that it goes on from.
        serial: u64,
        /// The serial of the stored state.
        stored: u64,
        /// What the journal has and the state may not: addresses of instances.
        addresses: Vec<String>,
    },
    /// The journal belongs to another state.
    #[error("the journal {path} belongs to another state (lineage {lineage})")]
    ForeignJournal {
        /// The journal.
        path: PathBuf,
        /// Its state's lineage.
        lineage: String,
    },
    /// Neither the state file nor the journal could be written.
    #[error("{path}: {source}; the journal could not be written either")]
    Unsaved {
        /// The state file.
        path: PathBuf,
        /// Why it could not.
        source: io::Error,
    },
}

impl StateError {
    /// What to do about it where nothing but the error itself tells: how a rescued state gets where
    /// it belongs.
    pub fn advice(&self) -> Option<String> {
        let StateError::Rescued { path, source } = self else { return None };
        let push = format!("skyform state push {}", path.display());
        let is_changed = matches!(
            **source,
            StateError::Remote { ref problem, .. } if problem.kind == RemoteErrorKind::Changed
        );
        Some(if is_changed {
            format!(
                "Nothing was overwritten. Compare both with care. To put what was done here onto the newer state: skyform recover -onto-newer. To replace the newer one: {push} -force"
            )
        } else {
            format!(
                "Once the backend can be written again, run here again: the journal is taken up. Or, from anywhere: {push}"
            )
        })
    }

    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> StateError {
        let path = path.into();
        move |source| StateError::Io { path, source }
    }
}
