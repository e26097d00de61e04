//! Archives: `.zip`, `.tar.gz` and `.tar`, told apart by what they begin with.

use std::io::{Cursor, Read};
use std::path::{Component, Path, PathBuf};

use crate::ModuleError;

/// What may come out of one archive, all together.
const MAX_BYTES: u64 = 2 << 30;
/// More files than that are taken for an attack.
const MAX_FILES: usize = 200_000;

/// Whether an address ends as archives' names do.
pub(crate) fn is_named_so(path: &str) -> bool {
    [".zip", ".tar.gz", ".tgz", ".tar"].iter().any(|end| path.ends_with(end))
}

/// Unpacks an archive. Nothing is written outside of the folder; links are left out.
pub(crate) fn unpack(bytes: &[u8], into: &Path) -> Result<(), ModuleError> {
    let mut writer = Writer::new(into);
    if bytes.starts_with(b"PK") {
        return unzip(bytes, &mut writer);
    }
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return untar(flate2::read::MultiGzDecoder::new(bytes), &mut writer);
    }
    if bytes.get(257..262) == Some(b"ustar") {
        return untar(bytes, &mut writer);
    }
    Err(ModuleError::Archive("it is neither .zip nor .tar.gz".to_owned()))
}

/// Writes files below a folder, within bounds.
pub(crate) struct Writer<'a> {
    into: &'a Path,
    bytes: u64,
    files: usize,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(into: &'a Path) -> Self {
        Self { into, bytes: 0, files: 0 }
    }

    pub(crate) fn write(&mut self, name: &Path, content: &mut dyn Read) -> Result<(), ModuleError> {
        let Some(inside) = inside(name) else {
            let message = format!("{} would be written outside of the folder", name.display());
            return Err(ModuleError::Archive(message));
        };
        self.files += 1;
        if self.files > MAX_FILES {
            return Err(ModuleError::Archive(format!("it has more than {MAX_FILES} files")));
        }
        let path = self.into.join(inside);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(ModuleError::io(folder))?;
        }
        let left = MAX_BYTES - self.bytes;
        let mut file = std::fs::File::create(&path).map_err(ModuleError::io(&path))?;
        let copied = std::io::copy(&mut content.take(left + 1), &mut file);
        self.bytes += copied.map_err(|error| ModuleError::Archive(error.to_string()))?;
        if self.bytes > MAX_BYTES {
            return Err(ModuleError::Archive("it unpacks to more than 2 GiB".to_owned()));
        }
        Ok(())
    }
}

/// The path if it stays where it is put.
fn inside(name: &Path) -> Option<PathBuf> {
    let mut path = PathBuf::new();
    for part in name.components() {
        match part {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            _ => return None,
        }
    }
    (!path.as_os_str().is_empty()).then_some(path)
}

fn unzip(bytes: &[u8], writer: &mut Writer<'_>) -> Result<(), ModuleError> {
    let broken = |error: zip::result::ZipError| ModuleError::Archive(error.to_string());
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).map_err(broken)?;
        if entry.is_dir() || entry.is_symlink() {
            continue;
        }
        let name = entry.name().map_err(broken)?.replace('\\', "/");
        writer.write(Path::new(&name), &mut entry)?;
    }
    Ok(())
}

fn untar(reader: impl Read, writer: &mut Writer<'_>) -> Result<(), ModuleError> {
    let broken = |error: std::io::Error| ModuleError::Archive(error.to_string());
    let mut archive = tar::Archive::new(reader);
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = entry.path().map_err(broken)?.into_owned();
        writer.write(&name, &mut entry)?;
    }
    Ok(())
}
