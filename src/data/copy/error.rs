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
    #[error("{path}: {}", words(error))]
    Store {
        /// What was read or written.
        path: String,
        /// In the store's own words.
        error: Box<opendal::Error>,
    },
    /// What is read from, and is no store, failed.
    #[error("{path}: {error}")]
    Source {
        /// What it is called.
        path: String,
        /// What it says.
        error: io::Error,
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

/// A store's error with its causes, none of them said twice.
fn words(error: &opendal::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text.trim_end_matches('.').to_owned()
}

impl CopyError {
    /// Whether there are no credentials, or none that are good any more.
    pub fn is_about_credentials(&self) -> bool {
        // As S3 and the stores of its protocol say it.
        const OVER: [&str; 4] =
            ["ExpiredToken", "TokenRefreshRequired", "InvalidToken", "security token"];
        let CopyError::Store { error, .. } = self else { return false };
        let message = error.message();
        message == "signing http request" || OVER.iter().any(|word| message.contains(word))
    }

    /// Whether trying again later can help.
    pub fn is_retryable(&self) -> bool {
        match self {
            _ if self.is_about_credentials() => false,
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

#[cfg(test)]
mod tests {
    use opendal::Error;

    use super::*;

    #[test]
    fn causes_are_said_and_credentials_are_known() {
        let cause = io::Error::other("the profile is not there.");
        let signing = Error::new(ErrorKind::Unexpected, "signing http request").set_source(cause);
        let signing = CopyError::store("a")(signing);
        assert!(signing.to_string().ends_with("the profile is not there"), "{signing}");
        assert!(signing.is_about_credentials() && !signing.is_retryable());
        let said = "S3Error { code: \"ExpiredToken\" }";
        let expired = CopyError::store("a")(Error::new(ErrorKind::Unexpected, said));
        assert!(expired.is_about_credentials() && !expired.is_retryable());
        let broken = CopyError::store("a")(Error::new(ErrorKind::Unexpected, "reset"));
        assert!(!broken.is_about_credentials() && broken.is_retryable());
    }
}
