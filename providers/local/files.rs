//! Writing and listing files, synchronously; callers keep it off the threads that wait.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Writes a file as a whole: after a crash either the old or the new content is there.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let staged = path.with_file_name(format!(".{name}.new"));
    let mut file = fs::File::create(&staged)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&staged, path)?;
    fs::File::open(folder)?.sync_all()
}

/// The content of a file; none if there is none.
pub(crate) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A file below a folder.
pub(crate) struct Listed {
    /// Its path from the folder, with slashes.
    pub(crate) name: String,
    pub(crate) size: u64,
    /// Another one whenever the file is written.
    pub(crate) etag: String,
}

/// All files below a folder, by name; none if there is no such folder. Files that are being written
/// are left out.
pub(crate) fn list(folder: &Path) -> io::Result<Vec<Listed>> {
    let mut found = Vec::new();
    let mut folders = vec![(folder.to_owned(), String::new())];
    while let Some((next, prefix)) = folders.pop() {
        let entries = match fs::read_dir(&next) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let metadata = entry.metadata()?;
            if metadata.is_dir() {
                folders.push((entry.path(), format!("{prefix}{name}/")));
            } else if !(name.starts_with('.') && name.ends_with(".new")) {
                let size = metadata.len();
                let (seconds, nanos) = (metadata.mtime(), metadata.mtime_nsec());
                // Files are written beside and renamed, so each content has an inode of its own.
                let etag = format!("{seconds:x}.{nanos:x}-{size:x}-{:x}", metadata.ino());
                found.push(Listed { name: format!("{prefix}{name}"), size, etag });
            }
        }
    }
    found.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(found)
}

/// Deletes a folder with everything in it; one that does not exist is deleted already.
pub(crate) fn remove_all(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Gives a file a second name, the first free one of `BASE.1`, `BASE.2` and so on; nothing if there is
/// no such file.
pub(crate) fn link_beside(path: &Path, base: &Path) -> io::Result<()> {
    if !path.exists() {
        return Ok(());
    }
    fs::create_dir_all(base.parent().unwrap_or(Path::new(".")))?;
    let name = base.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut number = 1_u64;
    loop {
        match fs::hard_link(path, base.with_file_name(format!("{name}.{number}"))) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            linked => return linked,
        }
    }
}
