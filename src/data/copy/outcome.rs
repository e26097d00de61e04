//! What a copy did.

use super::error::CopyError;
use crate::manifest::{Manifest, ManifestError, ManifestFile};

/// What became of all objects.
#[derive(Debug, Default)]
pub struct CopyOutcome {
    /// Copied now, by path.
    pub copied: Vec<CopiedObject>,
    /// Not copied, since they were there already, by path.
    pub same: Vec<CopiedObject>,
    /// Deleted at the destination, by path.
    pub deleted: Vec<String>,
    /// Not copied, by path; the others are.
    pub failed: Vec<FailedObject>,
    /// Bytes that did not have to be sent, since an earlier copy had sent them.
    pub resumed_bytes: u64,
}

/// An object that is at the destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedObject {
    /// Its path in the destination's folder.
    pub path: String,
    /// In bytes.
    pub size: u64,
    /// Of its content, where it is known.
    pub sha256: Option<String>,
}

/// An object that is not.
#[derive(Debug)]
pub struct FailedObject {
    /// Its path in the destination's folder.
    pub path: String,
    /// Why.
    pub error: CopyError,
}

impl CopyOutcome {
    /// The bytes of what was copied.
    pub fn copied_bytes(&self) -> u64 {
        self.copied.iter().map(|object| object.size).sum()
    }

    /// All objects that are there now and whose digest is known.
    ///
    /// # Errors
    /// If a path cannot stand in a manifest.
    pub fn manifest(&self) -> Result<Manifest, ManifestError> {
        let file = |object: &CopiedObject| {
            let CopiedObject { path, size, sha256 } = object.clone();
            sha256.map(|sha256| ManifestFile { path, size, sha256 })
        };
        Manifest::new(self.copied.iter().chain(&self.same).filter_map(file).collect())
    }

    pub(super) fn sort(&mut self) {
        self.copied.sort_by(|one, other| one.path.cmp(&other.path));
        self.same.sort_by(|one, other| one.path.cmp(&other.path));
        self.failed.sort_by(|one, other| one.path.cmp(&other.path));
        self.deleted.sort();
    }
}
