//! The journal's file: a header line, then records of length, checksum and JSON.
//!
//! The last record may be torn by a crash while it was written: it was never acknowledged, and is
//! left out. Whole records behind a damaged one mean that the disk has lost something that was: they
//! are taken, and that there is damage is told.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::Record;
use crate::Seal;
use crate::codec::{record_from_json, record_to_json};
use crate::disk::{Content, Disk};
use crate::seal::is_sealed;

/// What records are sealed with, if they are.
pub(crate) type Sealing<'a> = Option<&'a Arc<dyn Seal>>;

/// The first line; its number is the format's version.
pub(super) const HEADER: &[u8] = b"skyform journal 1\n";

/// What a journal holds.
#[derive(Debug, Default)]
pub struct JournalContent {
    /// The records in order.
    pub records: Vec<Record>,
    /// Bytes at the end that are no whole record.
    pub torn_bytes: u64,
    /// Bytes before the last whole record that are none.
    pub damaged_bytes: u64,
}

/// A record as it stands in the file.
pub(super) fn frame(record: &Record, seal: Sealing<'_>) -> io::Result<Vec<u8>> {
    let mut body = record_to_json(record).into_bytes();
    if let Some(seal) = seal {
        body = seal.seal(&body).map_err(io::Error::other)?;
    }
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(&length.to_le_bytes());
    checksum.update(&body);
    let mut bytes = Vec::with_capacity(body.len() + 8);
    bytes.extend(length.to_le_bytes());
    bytes.extend(checksum.finalize().to_le_bytes());
    bytes.extend(body);
    Ok(bytes)
}

/// Reads a journal; one that does not exist is empty.
///
/// # Errors
/// If the file cannot be read, or is not a journal of this format.
pub fn read_journal(disk: &dyn Disk, path: &Path, seal: Sealing<'_>) -> io::Result<JournalContent> {
    match disk.read(path)? {
        Some(bytes) => parse(&bytes, seal),
        None => Ok(JournalContent::default()),
    }
}

/// Writes a record behind those of a journal that nobody else writes to, durably.
///
/// # Errors
/// If it cannot be written.
pub fn append_record(
    disk: &dyn Disk,
    path: &Path,
    record: &Record,
    seal: Sealing<'_>,
) -> io::Result<()> {
    let mut file = disk.open(path, Content::Kept)?;
    file.append(&frame(record, seal)?)?;
    file.sync()
}

pub(super) fn parse(bytes: &[u8], seal: Sealing<'_>) -> io::Result<JournalContent> {
    let count = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
    let mut content = JournalContent::default();
    if bytes.len() < HEADER.len() && HEADER.starts_with(bytes) {
        content.torn_bytes = count(bytes.len());
        return Ok(content);
    }
    if !bytes.starts_with(HEADER) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "not a journal of a known format"));
    }
    let mut at = HEADER.len();
    let mut from = at;
    while from < bytes.len() {
        let Some((body, next)) = next_body(bytes, from) else {
            from += 1;
            continue;
        };
        let Some(record) = opened(body, seal)? else {
            from += 1;
            continue;
        };
        content.damaged_bytes += count(from - at);
        content.records.push(record);
        (at, from) = (next, next);
    }
    content.torn_bytes = count(bytes.len() - at);
    Ok(content)
}

/// The record in a body whose checksum is right; none if it is no record. One that is sealed and
/// cannot be opened is an error: it is not damaged, and must not be left out.
fn opened(body: &[u8], seal: Sealing<'_>) -> io::Result<Option<Record>> {
    let invalid = |why: String| io::Error::new(io::ErrorKind::InvalidData, why);
    let text = match seal {
        Some(seal) => seal.open(body).map_err(|error| invalid(error.to_string()))?,
        None if is_sealed(body) => {
            let why = "it is encrypted, and the configuration has no \"encryption\" block";
            return Err(invalid(why.to_owned()));
        }
        None => body.to_vec(),
    };
    let text = std::str::from_utf8(&text).ok();
    Ok(text.and_then(|text| record_from_json(text).ok()))
}

/// The body of the record that begins here, and where the next one does. What begins with a length that leads
/// out of the file is not looked at, so trying every place of a damaged journal is quick.
fn next_body(bytes: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let word = |from: usize| -> Option<u32> {
        let bytes = bytes.get(from..from + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    };
    let (length, expected) = (word(at)?, word(at + 4)?);
    let end = (at + 8).checked_add(usize::try_from(length).ok()?)?;
    let body = bytes.get(at + 8..end)?;
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(&length.to_le_bytes());
    checksum.update(body);
    if checksum.finalize() != expected {
        return None;
    }
    Some((body, end))
}

#[cfg(test)]
mod tests;
