//! What can go wrong with stored state.

use std::io;
use std::path::PathBuf;

use crate::LockInfo;

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
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> StateError {
        let path = path.into();
        move |source| StateError::Io { path, source }
    }
}
