//! The few operations on files that state needs.
//!
//! Behind a trait, so that tests can put disks in their place that are full, that cannot be written,
//! or that lose power. Nothing else in this crate touches a file.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

mod memory;
mod real;
#[cfg(test)]
pub(crate) mod simulated;

pub(crate) use memory::MemoryDisk;
pub use real::RealDisk;

/// A disk, as far as state needs one.
pub trait Disk: fmt::Debug + Send + Sync {
    /// Opens a file for reading and writing; it is made where there is none.
    ///
    /// # Errors
    /// If it can be neither opened nor made.
    fn open(&self, path: &Path, content: Content) -> io::Result<Box<dyn DiskFile>>;

    /// The content of a file; none if there is no such file.
    ///
    /// # Errors
    /// If it is there and cannot be read.
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>>;

    /// Gives a file another name, in place of whatever had that name.
    ///
    /// # Errors
    /// If it cannot; both names stand for what they stood for then.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file; one that does not exist is removed already.
    ///
    /// # Errors
    /// If it is still there.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes the folder that `path` is to lie in, and those above it, where they are missing. A disk
    /// without folders has nothing to do.
    ///
    /// # Errors
    /// If it is not there afterwards.
    fn make_folder(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }

    /// Makes durable which files the folder of `path` has.
    ///
    /// # Errors
    /// If that cannot be promised.
    fn sync_names(&self, path: &Path) -> io::Result<()>;
}

/// What becomes of a file's content when it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// It stays.
    Kept,
    /// It goes.
    Dropped,
}

/// An open file.
pub trait DiskFile: fmt::Debug + Send {
    /// All of its content.
    ///
    /// # Errors
    /// If it cannot be read.
    fn read(&mut self) -> io::Result<Vec<u8>>;

    /// Writes behind everything that is there.
    ///
    /// # Errors
    /// If not all of it was written; some of it may have been.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes durable what was written. Its name is another matter.
    ///
    /// # Errors
    /// If that cannot be promised.
    fn sync(&mut self) -> io::Result<()>;

    /// Takes the lock that excludes other processes, for as long as the file is open; false if
    /// another one has it.
    ///
    /// # Errors
    /// If locks do not work here.
    fn try_lock(&mut self) -> io::Result<bool>;

    /// Whether there is nothing in it.
    ///
    /// # Errors
    /// If that cannot be found out.
    fn is_empty(&self) -> io::Result<bool>;

    /// Whether the name still stands for this file.
    ///
    /// # Errors
    /// If that cannot be found out.
    fn is_at(&self, path: &Path) -> io::Result<bool>;
}

/// Writes a file as a whole: after a crash either the old or the new content is there.
pub(crate) fn replace(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace_with(disk, path, bytes, |_| Ok(())).map(drop)
}

/// The same; the new file is prepared before it takes the old one's place, and stays open.
pub(crate) fn replace_with(
    disk: &dyn Disk,
    path: &Path,
    bytes: &[u8],
    prepare: impl FnOnce(&mut dyn DiskFile) -> io::Result<()>,
) -> io::Result<Box<dyn DiskFile>> {
    let staged = with_suffix(path, ".new");
    let write = || -> io::Result<Box<dyn DiskFile>> {
        let mut file = disk.open(&staged, Content::Dropped)?;
        prepare(&mut *file)?;
        file.append(bytes)?;
        file.sync()?;
        disk.rename(&staged, path)?;
        disk.sync_names(path)?;
        Ok(file)
    };
    write().inspect_err(|_| {
        // What is left of the new file is of no use; if it cannot be removed, it does no harm.
        let _ = disk.remove(&staged);
    })
}

pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{name}{suffix}"))
}

#[cfg(test)]
mod tests;
