//! The lock on a state file, which excludes other runs of Skyform and of Terraform.
//!
//! It is a POSIX lock on the state file itself, so it cannot outlive its process, with a file beside
//! it that says who holds it. Within one process, closing any other handle of the state file would
//! give the lock up, so the file is read and written only through the lock.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::StateError;
use crate::disk::{Content, Disk, DiskFile, replace_with};

/// Who holds a lock; the fields and names are those of Terraform's lock files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct LockInfo {
    /// Identifies the lock.
    #[serde(rename = "ID")]
    pub id: String,
    /// What is being done, such as `OperationTypeApply`.
    pub operation: String,
    /// More about it.
    pub info: String,
    /// `user@host`
    pub who: String,
    /// Version of the program.
    pub version: String,
    /// Since when, in RFC 3339.
    pub created: String,
    /// The state's path.
    pub path: String,
}

/// A held lock, and the way to the locked file.
#[derive(Debug)]
pub(crate) struct StateLock {
    disk: Arc<dyn Disk>,
    file: Box<dyn DiskFile>,
    path: PathBuf,
    info_path: PathBuf,
}

impl StateLock {
    /// Takes the lock, or fails at once if someone else holds it.
    ///
    /// # Errors
    /// [`StateError::Locked`] with the holder, or if the file cannot be opened.
    pub(crate) fn acquire(
        disk: Arc<dyn Disk>,
        path: &Path,
        info: &LockInfo,
    ) -> Result<Self, StateError> {
        let fail = || StateError::io(path);
        let info_path = info_path(path);
        loop {
            let mut file = disk.open(path, Content::Kept).map_err(fail())?;
            if !file.try_lock().map_err(fail())? {
                return Err(StateError::Locked(Box::new(holder(&*disk, &info_path))));
            }
            // The file may have been replaced between opening and locking: then it is another one.
            if file.is_at(path).map_err(fail())? {
                let lock = Self { disk, file, path: path.to_owned(), info_path };
                lock.say_who(info)?;
                return Ok(lock);
            }
        }
    }

    /// The file that says who holds the lock; only for people, so it need not be durable.
    fn say_who(&self, info: &LockInfo) -> Result<(), StateError> {
        let text = serde_json::to_string(info).unwrap_or_default();
        let file = self.disk.open(&self.info_path, Content::Dropped);
        let written = file.and_then(|mut file| file.append(text.as_bytes()));
        written.map_err(StateError::io(&self.info_path))
    }

    /// The content of the locked file; none if it is empty.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn read(&mut self) -> Result<Option<Vec<u8>>, StateError> {
        let bytes = self.file.read().map_err(StateError::io(&self.path))?;
        Ok((!bytes.is_empty()).then_some(bytes))
    }

    /// Replaces the file as a whole: either the old or the new one is there after a crash. The new
    /// file is locked before it takes the old one's place.
    ///
    /// # Errors
    /// If it cannot be written; the old file is untouched then.
    pub(crate) fn replace(&mut self, text: &[u8]) -> Result<(), StateError> {
        let lock = |file: &mut dyn DiskFile| file.try_lock().map(drop);
        let replaced = replace_with(&*self.disk, &self.path, text, lock);
        self.file = replaced.map_err(StateError::io(&self.path))?;
        Ok(())
    }
}

impl Drop for StateLock {
    fn drop(&mut self) {
        let _ = self.disk.remove(&self.info_path);
        // A file that was only made to be locked goes again.
        let is_ours = self.file.is_at(&self.path).unwrap_or(false);
        if is_ours && self.file.is_empty().unwrap_or(false) {
            let _ = self.disk.remove(&self.path);
        }
    }
}

/// Where it is said who holds the lock of a state file: Terraform's place for it.
fn info_path(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.lock.info"))
}

fn holder(disk: &dyn Disk, info_path: &Path) -> LockInfo {
    let bytes = disk.read(info_path).ok().flatten().unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}
