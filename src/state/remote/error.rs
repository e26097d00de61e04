//! What can go wrong with a remote place, by meaning.

use crate::LockInfo;

/// Why a remote place did not do what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RemoteError {
    /// What it means.
    pub kind: RemoteErrorKind,
    /// What the place said, in a sentence without its full stop.
    pub message: String,
}

/// What an error means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemoteErrorKind {
    /// Someone else holds the lock.
    Locked(Box<LockInfo>),
    /// The lock that is held has another id.
    OtherLock(Box<LockInfo>),
    /// There is no lock.
    NotLocked,
    /// What is stored is not what was expected.
    Changed,
    /// Credentials are missing, expired, or not good for this.
    Denied,
    /// The bucket, container, database or address is not there.
    Missing,
    /// No answer, or one that says to try again.
    Unreachable,
    /// The backend cannot do that.
    Unsupported,
    /// Anything else.
    Other,
}

impl RemoteError {
    /// An error of this kind.
    pub fn new(kind: RemoteErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// Someone else has stored something.
    pub fn changed() -> Self {
        Self::new(RemoteErrorKind::Changed, "another state has been stored there since")
    }

    /// Someone else holds the lock.
    pub fn locked(holder: LockInfo) -> Self {
        Self::new(RemoteErrorKind::Locked(Box::new(holder)), "the state is locked")
    }

    /// The lock has another id than the one given.
    pub fn other_lock(holder: LockInfo) -> Self {
        Self::new(RemoteErrorKind::OtherLock(Box::new(holder)), "the lock has another ID")
    }

    /// There is no lock to be given up.
    pub fn not_locked() -> Self {
        Self::new(RemoteErrorKind::NotLocked, "the state is not locked")
    }
}
