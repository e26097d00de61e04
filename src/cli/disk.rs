//! The file system, as the language reads it.

use std::io;
use std::path::{Path, PathBuf};

use skyform_lang::Files;

/// The real file system.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    pub(crate) working_dir: PathBuf,
    pub(crate) home_dir: Option<PathBuf>,
}

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<(String, bool)>> {
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let is_folder = entry.path().is_dir();
            entries.push((entry.file_name().to_string_lossy().into_owned(), is_folder));
        }
        entries.sort();
        Ok(entries)
    }

    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        path.canonicalize()
    }

    fn working_dir(&self) -> PathBuf {
        self.working_dir.clone()
    }

    fn home_dir(&self) -> Option<PathBuf> {
        self.home_dir.clone()
    }
}
