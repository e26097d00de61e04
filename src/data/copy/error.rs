//! Why a copy, or one object of it, failed.

use std::io;
use std::path::PathBuf;

use opendal::ErrorKind;

/// Why something was not copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// There is nothing where the source is said to be.
    #[error("there is nothing at {0}")]
    NothingThere(String),
    /// A mirror of nothing would delete everything.
    #[error("{0} has no objects, and a mirror of it would delete everything at the destination")]
    EmptyMirror(String),
    /// Written by someone else between the listing and the end of the copy.
    #[error("{0} was changed while it was copied")]
    Changed(String),
    /// What arrived is not what was sent.
    #[error("{path} did not arrive as it was sent: {detail}")]
    Damaged {
        /// The object.
        path: String,
        /// What differs.
        detail: String,
    },
    /// The object is not the one that was asked for.
    #[error("{path} has the SHA-256 {found}, and {expected} was asked for")]
    Unexpected {
        /// The object.
        path: String,
        /// Of what was read.
        found: String,
        /// Of what should have been there.
        expected: String,
    },
    /// A path that cannot be one at the destination.
    #[error("\"{0}\" cannot be the path of an object")]
    Path(String),
    /// A store refused or did not answer.
    #[error("{path}: {error}")]
    Store {
        /// What was read or written.
        path: String,
        /// In the store's own words.
        error: Box<opendal::Error>,
    },
    /// The record of what was done cannot be used.
    #[error("{}: {error}", path.display())]
    Record {
        /// The record's file.
        path: PathBuf,
        /// What the file system says.
        error: io::Error,
    },
    /// The record is that of another copy.
    #[error("{} is the record of a copy from {source_name} to {destination}", path.display())]
    OtherRecord {
        /// The record's file.
        path: PathBuf,
        /// Where that copy reads.
        source_name: String,
        /// Where it writes.
        destination: String,
    },
    /// Another process uses the same record.
    #[error("another copy with the record {} is under way", .0.display())]
    Busy(PathBuf),
    /// A part of the work ended without saying why.
    #[error("the copy was ended: {0}")]
    Ended(String),
}

impl CopyError {
    /// Whether trying again later can help.
    pub fn is_retryable(&self) -> bool {
        match self {
            CopyError::Changed(_) | CopyError::Damaged { .. } | CopyError::Busy(_) => true,
            CopyError::Store { error, .. } => {
                use ErrorKind::{Conflict, RateLimited, Unexpected};
                matches!(error.kind(), Unexpected | RateLimited | Conflict)
            }
            _ => false,
        }
    }

    /// What the store means, if it is the store's error.
    pub fn kind(&self) -> Option<ErrorKind> {
        match self {
            CopyError::Store { error, .. } => Some(error.kind()),
            _ => None,
        }
    }

    /// An error of a store about an object.
    pub(super) fn store(path: &str) -> impl FnOnce(opendal::Error) -> CopyError + '_ {
        move |error| match error.kind() {
            // Only reads that name the version that was listed have conditions.
            ErrorKind::ConditionNotMatch => CopyError::Changed(path.to_owned()),
            _ => CopyError::Store { path: path.to_owned(), error: Box::new(error) },
        }
    }

    /// An error of the record's file.
    pub(super) fn record(path: &std::path::Path) -> impl FnOnce(io::Error) -> CopyError + '_ {
        move |error| CopyError::Record { path: path.to_owned(), error }
    }
}
