//! Where a copy reads and writes.

use opendal::Operator;

use super::error::CopyError;

/// A folder in a store.
#[derive(Clone, Debug)]
pub struct Place {
    /// The store; paths in it are keys.
    pub store: Operator,
    /// What the keys begin with: empty, or with a slash at the end.
    pub folder: String,
    /// How it is shown, and known again: a URL or a path.
    pub shown: String,
    /// Equal for places whose store is the same: copies between them may stay within it.
    pub identity: String,
}

/// What of the source is copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Everything in the source's folder.
    All,
    /// One object of it.
    One {
        /// Its path in the source's folder.
        from: String,
        /// Its path in the destination's folder.
        to: String,
    },
}

impl Place {
    /// The place among those of all stores, with a slash at the end.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.identity, self.folder)
    }

    /// The key of a path in this folder.
    pub(super) fn key(&self, path: &str) -> String {
        format!("{}{path}", self.folder)
    }

    /// Whether it is a folder of this machine.
    pub(super) fn is_local(&self) -> bool {
        self.store.info().scheme() == "fs"
    }

    /// Whether the store itself can copy from there to here.
    pub(super) fn can_copy_from(&self, source: &Place) -> bool {
        // A file system's copy is neither atomic nor checked.
        !self.is_local() && self.identity == source.identity && self.store.info().capability().copy
    }

    /// Refuses paths that lead out of the folder, or that are not what they seem to the store.
    pub(super) fn check(&self, path: &str) -> Result<(), CopyError> {
        let plain = |part: &str| !matches!(part, "" | "." | "..");
        if !path.contains('\0') && path.split('/').all(plain) {
            return Ok(());
        }
        Err(CopyError::Path(path.to_owned()))
    }
}
