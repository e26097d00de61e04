//! The journal's file: a header line, then records of length, checksum and JSON.
//!
//! The last record may be torn by a crash while it was written; reading ends before it. A record
//! whose checksum does not match ends reading too: what stands behind it was never acknowledged.

use std::io;
use std::path::Path;

use super::Record;
use crate::codec::{record_from_json, record_to_json};

/// The first line; its number is the format's version.
pub(super) const HEADER: &[u8] = b"skyform journal 1\n";

/// What a journal holds.
#[derive(Debug, Default)]
pub struct JournalContent {
    /// The records in order.
    pub records: Vec<Record>,
    /// Bytes at the end that are no whole record.
    pub torn_bytes: u64,
}

/// A record as it stands in the file.
pub(super) fn frame(record: &Record) -> Vec<u8> {
    let body = record_to_json(record).into_bytes();
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(&length.to_le_bytes());
    checksum.update(&body);
    let mut bytes = Vec::with_capacity(body.len() + 8);
    bytes.extend(length.to_le_bytes());
    bytes.extend(checksum.finalize().to_le_bytes());
    bytes.extend(body);
    bytes
}

/// Reads a journal; one that does not exist is empty.
///
/// # Errors
/// If the file cannot be read, or is not a journal of this format.
pub fn read_journal(path: &Path) -> io::Result<JournalContent> {
    match std::fs::read(path) {
        Ok(bytes) => parse(&bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(JournalContent::default()),
        Err(error) => Err(error),
    }
}

pub(super) fn parse(bytes: &[u8]) -> io::Result<JournalContent> {
    let torn = |from: usize| u64::try_from(bytes.len() - from).unwrap_or(u64::MAX);
    if bytes.len() < HEADER.len() && HEADER.starts_with(bytes) {
        return Ok(JournalContent { records: Vec::new(), torn_bytes: torn(0) });
    }
    if !bytes.starts_with(HEADER) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "not a journal of a known format"));
    }
    let mut at = HEADER.len();
    let mut records = Vec::new();
    while let Some((record, next)) = next_record(bytes, at) {
        records.push(record);
        at = next;
    }
    Ok(JournalContent { records, torn_bytes: torn(at) })
}

fn next_record(bytes: &[u8], at: usize) -> Option<(Record, usize)> {
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
    let record = record_from_json(std::str::from_utf8(body).ok()?).ok()?;
    Some((record, end))
}

#[cfg(test)]
mod tests;
