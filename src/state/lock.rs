//! The lock on a state file, which excludes other runs of Skyform and of Terraform.
//!
//! It is a POSIX lock on the state file itself, so it cannot outlive its process, with a file beside
//! it that says who holds it. Within one process, closing any other handle of the state file would
//! give the lock up, so the file is read and written only through the lock.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, fcntl_lock};
use serde::{Deserialize, Serialize};

use crate::StateError;
use crate::store::sync_folder_of;

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
pub struct StateLock {
    file: File,
    path: PathBuf,
    info_path: PathBuf,
}

impl StateLock {
    /// Takes the lock, or fails at once if someone else holds it.
    ///
    /// # Errors
    /// [`StateError::Locked`] with the holder, or if the file cannot be opened.
    pub fn acquire(path: &Path, info: &LockInfo) -> Result<Self, StateError> {
        let fail = || StateError::io(path);
        let info_path = info_path(path);
        loop {
            let mut options = OpenOptions::new();
            let file = options
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(path)
                .map_err(fail())?;
            match fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {}
                Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) => {
                    return Err(StateError::Locked(Box::new(holder(&info_path))));
                }
                Err(error) => return Err(fail()(error.into())),
            }
            // The file may have been replaced between opening and locking: then it is another one.
            if is_same(&file, path).map_err(fail())? {
                let lock = Self { file, path: path.to_owned(), info_path };
                let text = serde_json::to_string(info).unwrap_or_default();
                std::fs::write(&lock.info_path, text).map_err(StateError::io(&lock.info_path))?;
                return Ok(lock);
            }
        }
    }

    /// The text of the locked file; none if it is empty.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(&mut self) -> Result<Option<String>, StateError> {
        let mut text = String::new();
        let read = self.file.rewind().and_then(|()| self.file.read_to_string(&mut text));
        read.map_err(StateError::io(&self.path))?;
        Ok((!text.is_empty()).then_some(text))
    }

    /// Replaces the file as a whole: either the old or the new one is there after a crash. The new
    /// file is locked before it takes the old one's place.
    ///
    /// # Errors
    /// If it cannot be written; the old file is untouched then.
    pub fn replace(&mut self, text: &str) -> Result<(), StateError> {
        let path = self.path.clone();
        let staged = with_suffix(&path, ".new");
        let write = || -> io::Result<File> {
            let mut options = OpenOptions::new();
            let mut file =
                options.read(true).write(true).create(true).truncate(true).open(&staged)?;
            fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&staged, &path)?;
            sync_folder_of(&path)?;
            Ok(file)
        };
        match write() {
            Ok(file) => {
                self.file = file;
                Ok(())
            }
            Err(error) => {
                // What is left of the new file is of no use; if it cannot be removed, it does no harm.
                let _ = std::fs::remove_file(&staged);
                Err(StateError::io(&path)(error))
            }
        }
    }
}

impl Drop for StateLock {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.info_path);
        // A file that was only made to be locked goes again.
        if self.file.metadata().is_ok_and(|metadata| metadata.len() == 0) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Where it is said who holds the lock of a state file: Terraform's place for it.
pub(crate) fn info_path(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.lock.info"))
}

pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{name}{suffix}"))
}

fn holder(info_path: &Path) -> LockInfo {
    let text = std::fs::read_to_string(info_path).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

fn is_same(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let ours = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(theirs) => Ok((ours.dev(), ours.ino()) == (theirs.dev(), theirs.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
