//! Why a source gives nothing, by meaning.

use std::io;

/// A source that can't be read. `source` is its path or address in each case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Nothing is there.
    #[error("{source_name} does not exist")]
    NotFound {
        /// Path or address.
        source_name: String,
    },
    /// It is there, and may not be read.
    #[error("{source_name} may not be read: {reason}")]
    Denied {
        /// Path or address.
        source_name: String,
        /// Who says so.
        reason: String,
    },
    /// Larger than the caller takes.
    #[error("{source_name} is larger than {most} bytes")]
    TooLarge {
        /// Path or address.
        source_name: String,
        /// The most that the caller takes.
        most: u64,
    },
    /// It can't be read now; later it may.
    #[error("{source_name} cannot be read now: {reason}")]
    Unavailable {
        /// Path or address.
        source_name: String,
        /// What happened.
        reason: String,
    },
    /// Trying again can't help.
    #[error("{source_name} is no source: {reason}")]
    Invalid {
        /// Path or address.
        source_name: String,
        /// What is wrong.
        reason: String,
    },
}

impl SourceError {
    /// Whether trying again later can help.
    pub fn is_retryable(&self) -> bool {
        matches!(self, SourceError::Unavailable { .. })
    }

    pub(super) fn not_found(source: &str) -> SourceError {
        SourceError::NotFound { source_name: source.to_owned() }
    }

    pub(super) fn denied(source: &str, reason: impl Into<String>) -> SourceError {
        SourceError::Denied { source_name: source.to_owned(), reason: reason.into() }
    }

    pub(super) fn too_large(source: &str, most: u64) -> SourceError {
        SourceError::TooLarge { source_name: source.to_owned(), most }
    }

    pub(super) fn unavailable(source: &str, reason: impl Into<String>) -> SourceError {
        SourceError::Unavailable { source_name: source.to_owned(), reason: reason.into() }
    }

    pub(super) fn invalid(source: &str, reason: impl Into<String>) -> SourceError {
        SourceError::Invalid { source_name: source.to_owned(), reason: reason.into() }
    }

    /// An error of the file system.
    pub(super) fn io(source: &str, error: &io::Error) -> SourceError {
        match error.kind() {
            io::ErrorKind::NotFound => SourceError::not_found(source),
            io::ErrorKind::PermissionDenied => SourceError::denied(source, error.to_string()),
            io::ErrorKind::NotADirectory
            | io::ErrorKind::IsADirectory
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::InvalidFilename => SourceError::invalid(source, error.to_string()),
            _ => SourceError::unavailable(source, error.to_string()),
        }
    }
}
