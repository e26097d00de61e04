//! What a copy has done and begun, on disk, so that the next one goes on where it was.
//!
//! One line of JSON for each thing that happened. It is read as a whole, written anew when a copy
//! begins, and appended to. The last line may be torn by a kill; the work that it told of is done again.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::error::CopyError;

const VERSION: u64 = 1;

/// A record, held by one copy at a time.
#[derive(Debug)]
pub struct Record {
    path: PathBuf,
    inner: Mutex<Inner>,
    /// Held as long as the record is.
    _lock: File,
}

#[derive(Debug)]
struct Inner {
    file: File,
    known: Known,
}

/// All that a record tells.
#[derive(Clone, Debug, Default)]
struct Known {
    copied: BTreeMap<String, Copied>,
    begun: BTreeMap<String, Begun>,
}

/// An object that was copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Copied {
    pub(super) path: String,
    pub(super) size: u64,
    pub(super) sha256: Option<String>,
    pub(super) source_tag: String,
    /// None if the store did not tell one when the object was written.
    pub(super) tag: Option<String>,
}

/// An upload in parts that was begun and not ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Begun {
    pub(super) path: String,
    pub(super) size: u64,
    pub(super) source_tag: String,
    pub(super) part_size: u64,
    /// What the store answered when the upload was begun; it holds the upload's name.
    pub(super) answer: String,
    /// By number, from 1.
    #[serde(default)]
    pub(super) parts: BTreeMap<u64, Part>,
}

/// A part that the store has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    /// SHA-256 of the object up to this part's end.
    pub(super) sha256: String,
    /// The store's tag of the part.
    pub(super) etag: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Line {
    Copy { version: u64, source: String, destination: String },
    Copied(Copied),
    Begun(Begun),
    Part { path: String, number: u64, part: Part },
    Ended { path: String },
}

impl Record {
    /// Opens the record of a copy between two places, or begins one. Waits for nobody.
    ///
    /// # Errors
    /// If another copy holds it, if it is that of other places, or if it cannot be written.
    pub fn open(path: &Path, source: &str, destination: &str) -> Result<Record, CopyError> {
        let failed = |error| CopyError::record(path)(error);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let lock_path = beside(path, "lock");
        let lock = File::create(&lock_path).map_err(CopyError::record(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(CopyError::Busy(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(CopyError::record(&lock_path)(error)),
        }
        let head = Line::Copy {
            version: VERSION,
            source: source.to_owned(),
            destination: destination.to_owned(),
        };
        let known = read(path, source, destination)?;
        let new = beside(path, "new");
        write(&new, &head, &known).map_err(CopyError::record(&new))?;
        fs::rename(&new, path).map_err(failed)?;
        let file = File::options().append(true).open(path).map_err(failed)?;
        let inner = Mutex::new(Inner { file, known });
        Ok(Record { path: path.to_owned(), inner, _lock: lock })
    }

    /// Removes the record, once nothing is left that the next copy needs.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn remove(self) -> Result<(), CopyError> {
        fs::remove_file(&self.path).map_err(CopyError::record(&self.path))
    }

    /// Uploads that were begun and not ended.
    pub fn open_uploads(&self) -> usize {
        self.lock().known.begun.len()
    }

    pub(super) fn copied(&self, path: &str) -> Option<Copied> {
        self.lock().known.copied.get(path).cloned()
    }

    pub(super) fn begun(&self, path: &str) -> Option<Begun> {
        self.lock().known.begun.get(path).cloned()
    }

    pub(super) fn all_begun(&self) -> Vec<Begun> {
        self.lock().known.begun.values().cloned().collect()
    }

    pub(super) fn add_copied(&self, copied: Copied) -> Result<(), CopyError> {
        self.append(Line::Copied(copied))
    }

    /// An upload is begun. On disk when this returns: nothing else knows its name.
    pub(super) fn add_begun(&self, begun: Begun) -> Result<(), CopyError> {
        self.append(Line::Begun(begun))?;
        let synced = self.lock().file.sync_data();
        synced.map_err(CopyError::record(&self.path))
    }

    pub(super) fn add_part(&self, path: &str, number: u64, part: Part) -> Result<(), CopyError> {
        self.append(Line::Part { path: path.to_owned(), number, part })
    }

    pub(super) fn end(&self, path: &str) -> Result<(), CopyError> {
        if self.begun(path).is_none() {
            return Ok(());
        }
        self.append(Line::Ended { path: path.to_owned() })
    }

    fn append(&self, line: Line) -> Result<(), CopyError> {
        let mut text = text_of(&line).map_err(CopyError::record(&self.path))?;
        text.push('\n');
        let mut inner = self.lock();
        inner.file.write_all(text.as_bytes()).map_err(CopyError::record(&self.path))?;
        inner.known.take(line);
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn take(&mut self, line: Line) {
        match line {
            Line::Copy { .. } => {}
            Line::Copied(copied) => {
                self.begun.remove(&copied.path);
                self.copied.insert(copied.path.clone(), copied);
            }
            Line::Begun(begun) => {
                self.begun.insert(begun.path.clone(), begun);
            }
            Line::Part { path, number, part } => {
                if let Some(begun) = self.begun.get_mut(&path) {
                    begun.parts.insert(number, part);
                }
            }
            Line::Ended { path } => {
                self.begun.remove(&path);
            }
        }
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    path.with_file_name(name)
}

fn text_of(line: &Line) -> std::io::Result<String> {
    serde_json::to_string(line).map_err(std::io::Error::from)
}

fn read(path: &Path, source: &str, destination: &str) -> Result<Known, CopyError> {
    let mut known = Known::default();
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(known),
        Err(error) => return Err(CopyError::record(path)(error)),
    };
    for line in BufReader::new(file).lines() {
        let line = line.map_err(CopyError::record(path))?;
        match serde_json::from_str(&line) {
            Ok(Line::Copy { version: VERSION, source: from, destination: to })
                if from == source && to == destination => {}
            Ok(Line::Copy { version: VERSION, source, destination }) => {
                let (path, source_name) = (path.to_owned(), source);
                return Err(CopyError::OtherRecord { path, source_name, destination });
            }
            Ok(Line::Copy { version, .. }) => {
                let reason = format!("it has version {version}, and this program reads {VERSION}");
                let error = std::io::Error::new(std::io::ErrorKind::InvalidData, reason);
                return Err(CopyError::record(path)(error));
            }
            Ok(line) => known.take(line),
            // Torn by a kill.
            Err(_) => break,
        }
    }
    Ok(known)
}

fn write(path: &Path, head: &Line, known: &Known) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "{}", text_of(head)?)?;
    for copied in known.copied.values() {
        writeln!(file, "{}", text_of(&Line::Copied(copied.clone()))?)?;
    }
    for begun in known.begun.values() {
        writeln!(file, "{}", text_of(&Line::Begun(begun.clone()))?)?;
    }
    file.into_inner().map_err(|error| error.into_error())?.sync_data()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(path: &str) -> Copied {
        Copied {
            path: path.to_owned(),
            size: 3,
            sha256: Some(crate::digest::of(b"abc")),
            source_tag: "1".to_owned(),
            tag: None,
        }
    }

    fn begun(path: &str) -> Begun {
        Begun { path: path.to_owned(), answer: "<xml/>".to_owned(), ..Begun::default() }
    }

    #[test]
    fn what_was_done_and_begun_is_known_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("deep/record");
        let part = Part { sha256: "s".to_owned(), etag: "e".to_owned() };
        let open = || Record::open(&path, "a", "b");
        let record = open().expect("a new one");
        record.add_copied(copied("done")).expect("written");
        for path in ["open", "ended", "whole"] {
            record.add_begun(begun(path)).expect("written");
        }
        record.add_part("open", 1, part.clone()).expect("written");
        record.end("ended").expect("written");
        record.end("never begun").expect("nothing to write");
        record.add_copied(copied("whole")).expect("written");
        assert!(matches!(open(), Err(CopyError::Busy(_))), "two at once");
        drop(record);
        // Torn in the middle of a line.
        let mut text = fs::read_to_string(&path).expect("text");
        text.push_str("{\"copied\":{\"path\":\"torn");
        fs::write(&path, text).expect("written");
        for _ in 0..2 {
            let record = open().expect("read");
            assert_eq!(record.copied("done"), Some(copied("done")));
            assert_eq!((record.copied("torn"), record.begun("ended")), (None, None));
            assert_eq!(record.open_uploads(), 1);
            assert_eq!(
                record.begun("open").expect("begun").parts,
                BTreeMap::from([(1, part.clone())])
            );
        }
        let other = Record::open(&path, "a", "c").expect_err("another copy's");
        assert!(other.to_string().ends_with("is the record of a copy from a to b"), "{other}");
        open().expect("read").remove().expect("removed");
        assert!(!path.exists());
    }
}
