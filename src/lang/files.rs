//! How the language reads files: modules, and functions such as `file` and `fileset`.

use std::io;
use std::path::{Path, PathBuf};

/// Read-only access to files.
pub trait Files {
    /// The content of a file.
    ///
    /// # Errors
    /// As the file system says.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// Names and "is a folder" of a folder's entries, sorted by name.
    ///
    /// # Errors
    /// As the file system says.
    fn list(&self, folder: &Path) -> io::Result<Vec<(String, bool)>>;

    /// Whether there is a file (not a folder) at `path`.
    fn is_file(&self, path: &Path) -> bool;

    /// The absolute path without links.
    ///
    /// # Errors
    /// As the file system says.
    fn canonical(&self, path: &Path) -> io::Result<PathBuf>;

    /// The folder that relative paths start from, as an absolute path.
    fn working_dir(&self) -> PathBuf;

    /// The user's home folder.
    fn home_dir(&self) -> Option<PathBuf>;
}
