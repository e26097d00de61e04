//! Where files lie while they are written into a folder: beside the others, under no name of theirs.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The folder's name, in the folder that is written into. No listing shows it.
pub(super) const STAGED: &str = ".skyform-copy/";

/// The folder for files that are being written. It goes, with what a killed copy has left in it, when
/// the last copy that writes there ends.
#[derive(Debug)]
pub struct Staged {
    folder: PathBuf,
    lock: File,
}

impl Staged {
    /// Makes the folder, and empties it if no other copy uses it.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn open(root: &Path) -> io::Result<Staged> {
        let folder = root.join(STAGED.trim_end_matches('/'));
        fs::create_dir_all(&folder)?;
        let lock = File::create(folder.join("lock"))?;
        if lock.try_lock().is_ok() {
            for entry in fs::read_dir(&folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    fs::remove_dir_all(path)?;
                } else if !path.ends_with("lock") {
                    fs::remove_file(path)?;
                }
            }
            lock.unlock()?;
        }
        lock.lock_shared()?;
        Ok(Staged { folder, lock })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if self.lock.unlock().is_ok() && self.lock.try_lock().is_ok() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_goes_when_nobody_uses_it() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = root.path().join(STAGED);
        fs::create_dir_all(folder.join("deep")).expect("made");
        fs::write(folder.join("deep/old"), "x").expect("written");
        let first = Staged::open(root.path()).expect("opened");
        assert!(!folder.join("deep").exists(), "a killed copy's");
        fs::write(first.folder().join("mine"), "x").expect("written");
        let second = Staged::open(root.path()).expect("opened");
        assert!(folder.join("mine").exists(), "in use");
        drop(first);
        assert!(folder.join("mine").exists(), "in use by the second");
        drop(second);
        assert!(!folder.exists());
    }
}
