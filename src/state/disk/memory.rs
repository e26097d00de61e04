//! A disk in memory, for a state that is nowhere else.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Content, Disk, DiskFile};

/// A disk in memory; what is on it goes with the last clone of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct MemoryDisk {
    files: Arc<Mutex<BTreeMap<PathBuf, MemoryFile>>>,
}

/// A file; clones are the same one.
#[derive(Clone, Debug, Default)]
struct MemoryFile {
    bytes: Arc<Mutex<Vec<u8>>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Bytes and names are whole at any moment, whoever has panicked.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Disk for MemoryDisk {
    fn open(&self, path: &Path, content: Content) -> io::Result<Box<dyn DiskFile>> {
        let file = locked(&self.files).entry(path.to_owned()).or_default().clone();
        if content == Content::Dropped {
            locked(&file.bytes).clear();
        }
        Ok(Box::new(OpenFile { disk: self.clone(), file }))
    }

    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        Ok(locked(&self.files).get(path).map(|file| locked(&file.bytes).clone()))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut files = locked(&self.files);
        let file = files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        files.insert(to.to_owned(), file);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        locked(&self.files).remove(path);
        Ok(())
    }

    fn sync_names(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Debug)]
struct OpenFile {
    disk: MemoryDisk,
    file: MemoryFile,
}

impl DiskFile for OpenFile {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        Ok(locked(&self.file.bytes).clone())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        locked(&self.file.bytes).extend_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn try_lock(&mut self) -> io::Result<bool> {
        Ok(true)
    }

    fn is_empty(&self) -> io::Result<bool> {
        Ok(locked(&self.file.bytes).is_empty())
    }

    fn is_at(&self, path: &Path) -> io::Result<bool> {
        let files = locked(&self.disk.files);
        Ok(files.get(path).is_some_and(|file| Arc::ptr_eq(&file.bytes, &self.file.bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_what_was_written_under_any_name() {
        let disk = MemoryDisk::default();
        let (a, b) = (Path::new("a"), Path::new("b"));
        let mut file = disk.open(a, Content::Kept).expect("opened");
        assert!(file.is_empty().expect("known"));
        file.append(b"one").expect("written");
        disk.rename(a, b).expect("renamed");
        assert!(file.is_at(b).expect("known") && !file.is_at(a).expect("known"));
        assert_eq!(disk.read(b).expect("read"), Some(b"one".to_vec()));
        assert_eq!(disk.read(a).expect("read"), None);
        disk.open(b, Content::Dropped).expect("opened");
        assert_eq!(file.read().expect("read"), b"");
        disk.remove(b).expect("removed");
        assert!(disk.rename(b, a).is_err());
    }
}
