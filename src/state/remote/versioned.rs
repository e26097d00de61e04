//! One state in a remote place.

use std::fmt;

use super::RemoteError;
use crate::LockInfo;

/// One state in a remote place, as bytes that have a version.
///
/// Calls wait for the answer; each has a deadline of its own.
pub trait Remote: fmt::Debug + Send + Sync {
    /// The place, as messages name it (`s3://bucket/key`). No secrets are in it.
    fn place(&self) -> String;

    /// What is stored, and its version; none if there is nothing.
    ///
    /// # Errors
    /// If it cannot be read.
    fn read(&self) -> Result<Option<(Vec<u8>, Version)>, RemoteError>;

    /// Stores bytes in place of what has the version `expected`; in place of nothing if there is
    /// none.
    ///
    /// # Errors
    /// [`RemoteErrorKind::Changed`] if something else is stored; it is left as it is. Otherwise if it
    /// is not known to be stored.
    fn write(&self, bytes: &[u8], expected: Option<&Version>) -> Result<Version, RemoteError>;

    /// Takes the lock. The id to give it up with is the one of `info`, or the one returned.
    ///
    /// # Errors
    /// [`RemoteErrorKind::Locked`] with the holder.
    fn lock(&self, info: &LockInfo) -> Result<String, RemoteError>;

    /// Gives up the lock with this id, of this process or another one.
    ///
    /// # Errors
    /// [`RemoteErrorKind::OtherLock`] with the holder if it has another id; otherwise if it may still
    /// be there.
    fn unlock(&self, id: &str) -> Result<(), RemoteError>;
}

/// What a stored state is told from others by: an entity tag, a generation, or a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(pub String);
