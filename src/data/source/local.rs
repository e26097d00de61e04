//! Files and folders.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use globset::{GlobBuilder, GlobMatcher};

use super::error::SourceError;
use crate::digest;

/// A file of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Relative to the source's folder, with `/` between its parts; of a single file, its name.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// In bytes.
    pub size: u64,
    /// When it was last written, if the file system tells.
    pub modified: Option<SystemTime>,
}

/// More files are a mistake, such as the root folder.
const MOST_FILES: usize = 100_000;

/// The files of `source`, sorted by name: a file, a folder with all folders inside, or a pattern
/// (`*`, `**`, `?`, `[a-z]`, `{a,b}`). Names that start with a dot are left out of folders and patterns.
/// Links are followed.
///
/// # Errors
/// Nothing there, not readable, folders that contain themselves by links, names that are no UTF-8.
pub fn list(base: &Path, source: &str) -> Result<Vec<SourceFile>, SourceError> {
    let whole = base.join(source);
    let found = match fs::metadata(&whole) {
        Ok(found) => found,
        Err(error) => {
            return match pattern(source)? {
                Some((folder, matcher)) => matching(&base.join(folder), source, &matcher),
                None => Err(SourceError::io(source, &error)),
            };
        }
    };
    if !found.is_dir() {
        let name = name_of(&whole, source)?;
        return Ok(vec![file(name, whole, &found, source)?]);
    }
    let files = folder(&whole, source)?;
    if files.is_empty() {
        return Err(SourceError::invalid(source, "the folder has no files"));
    }
    Ok(files)
}

/// The content of a file of at most `most` bytes.
///
/// # Errors
/// Nothing there, not readable, too large.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, SourceError> {
    let shown = path.to_string_lossy();
    let file = File::open(path).map_err(|error| SourceError::io(&shown, &error))?;
    let mut bytes = Vec::new();
    // One more than is taken: the file may grow while it is read.
    let result = file.take(most.saturating_add(1)).read_to_end(&mut bytes);
    result.map_err(|error| SourceError::io(&shown, &error))?;
    if bytes.len() as u64 > most {
        return Err(SourceError::too_large(&shown, most));
    }
    Ok(bytes)
}

/// The SHA-256 of a file, and its size; nothing of it is kept.
///
/// # Errors
/// Nothing there, not readable.
pub fn measure(path: &Path) -> Result<(String, u64), SourceError> {
    let failed = |error: std::io::Error| SourceError::io(&path.to_string_lossy(), &error);
    digest::of_reader(&mut File::open(path).map_err(failed)?).map_err(failed)
}

/// The folder before the first part with a wildcard, and what matches paths below it.
fn pattern(source: &str) -> Result<Option<(String, GlobMatcher)>, SourceError> {
    let parts: Vec<&str> = source.split('/').collect();
    let is_wild = |part: &&str| part.contains(['*', '?', '[', '{']);
    let Some(first) = parts.iter().position(is_wild) else { return Ok(None) };
    let glob = GlobBuilder::new(&parts[first..].join("/")).literal_separator(true).build();
    let glob = glob.map_err(|error| SourceError::invalid(source, error.kind().to_string()))?;
    let mut folder = parts[..first].join("/");
    if folder.is_empty() {
        folder.push_str(if source.starts_with('/') { "/" } else { "." });
    }
    Ok(Some((folder, glob.compile_matcher())))
}

fn matching(
    root: &Path,
    source: &str,
    matcher: &GlobMatcher,
) -> Result<Vec<SourceFile>, SourceError> {
    let mut files = folder(root, source)?;
    files.retain(|file| matcher.is_match(&file.name));
    if files.is_empty() { Err(SourceError::not_found(source)) } else { Ok(files) }
}

/// All files in a folder and below, sorted by name.
fn folder(root: &Path, source: &str) -> Result<Vec<SourceFile>, SourceError> {
    let mut files = Vec::new();
    let mut walk = Walk { source, files: &mut files, above: Vec::new() };
    walk.enter(root, "")?;
    files.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(files)
}

struct Walk<'w> {
    source: &'w str,
    files: &'w mut Vec<SourceFile>,
    /// The folders that this one is in, without links.
    above: Vec<PathBuf>,
}

impl Walk<'_> {
    fn enter(&mut self, folder: &Path, prefix: &str) -> Result<(), SourceError> {
        let source = self.source;
        let fail = |error: std::io::Error| SourceError::io(source, &error);
        let real = folder.canonicalize().map_err(fail)?;
        if self.above.contains(&real) {
            let reason = format!("the folder \"{prefix}\" leads back to one that it is in");
            return Err(SourceError::invalid(source, reason));
        }
        self.above.push(real);
        let entries = fs::read_dir(folder).map_err(fail)?;
        let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| Ok(entry?.path())).collect();
        let mut paths = paths.map_err(fail)?;
        // The same mistake is reported each time.
        paths.sort();
        for path in paths {
            let name = name_of(&path, source)?;
            if name.starts_with('.') {
                continue;
            }
            let name = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
            let found = fs::metadata(&path)
                .map_err(|error| SourceError::io(&format!("{source}: {name}"), &error))?;
            if found.is_dir() {
                self.enter(&path, &name)?;
                continue;
            }
            if self.files.len() == MOST_FILES {
                let reason = format!("there are more than {MOST_FILES} files");
                return Err(SourceError::invalid(source, reason));
            }
            self.files.push(file(name, path, &found, source)?);
        }
        self.above.pop();
        Ok(())
    }
}

fn file(
    name: String,
    path: PathBuf,
    found: &fs::Metadata,
    source: &str,
) -> Result<SourceFile, SourceError> {
    if !found.is_file() {
        let reason = format!("\"{name}\" is neither a file nor a folder");
        return Err(SourceError::invalid(source, reason));
    }
    Ok(SourceFile { name, path, size: found.len(), modified: found.modified().ok() })
}

fn name_of(path: &Path, source: &str) -> Result<String, SourceError> {
    let name = path.file_name().and_then(|name| name.to_str());
    let broken = || {
        let reason = format!("the name of {} is no valid UTF-8", path.to_string_lossy());
        SourceError::invalid(source, reason)
    };
    name.map(str::to_owned).ok_or_else(broken)
}

#[cfg(test)]
mod tests;
