//! A folder with one file in it, and nothing else in the world.

use std::io;
use std::path::{Path, PathBuf};

use skyform_lang::Files;

/// The file.
pub struct OneFile<'a> {
    /// Its name.
    pub name: &'static str,
    /// What it contains.
    pub text: &'a str,
}

impl Files for OneFile<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.is_file(path) {
            true => Ok(self.text.as_bytes().to_vec()),
            false => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<(String, bool)>> {
        match folder.as_os_str().is_empty() || folder == Path::new(".") {
            true => Ok(vec![(self.name.to_owned(), false)]),
            false => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn is_file(&self, path: &Path) -> bool {
        path.strip_prefix(".").unwrap_or(path) == Path::new(self.name)
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(Path::new("/stack").join(path))
    }

    fn working_dir(&self) -> PathBuf {
        PathBuf::from("/stack")
    }

    fn home_dir(&self) -> Option<PathBuf> {
        None
    }
}
