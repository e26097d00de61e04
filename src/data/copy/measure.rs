//! What a content is: its size, its digest, and how it begins. None of it is kept but that.

use std::io::{self, Read};

use opendal::options::ReaderOptions;
use sha2::{Digest as _, Sha256};

use super::error::CopyError;
use super::listing;
use super::object::{PART, ended};
use super::parts::{Parts, Reading};
use super::place::Place;
use crate::digest;

/// Blocks of an object that are read ahead.
const AHEAD: usize = 2;

/// What was read once from its beginning to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// In bytes.
    pub size: u64,
    /// Of all of it.
    pub sha256: String,
    /// Its first bytes, as many as were asked for; all of it if it has fewer.
    pub start: Vec<u8>,
}

/// Reads an object block by block. One that is written to meanwhile is an error where the store can
/// tell.
///
/// # Errors
/// If there is no object, or the store refuses.
pub async fn measure(place: &Place, path: &str, start: usize) -> Result<Measured, CopyError> {
    let failed = |error| CopyError::store(path)(error);
    let found = listing::look(place, path).await?;
    let found = found.ok_or_else(|| CopyError::NothingThere(format!("{}{path}", place.shown)))?;
    let can = place.store.info().capability().read_with_if_match;
    let options = ReaderOptions {
        if_match: found.condition.filter(|_| can),
        content_length_hint: Some(found.size),
        ..ReaderOptions::default()
    };
    let reader = place.store.reader_options(&place.key(path), options).await.map_err(failed)?;
    let streams = !place.is_local();
    let reading = Reading { size: found.size, part_size: PART, ahead: AHEAD, streams };
    let mut blocks = Parts::of(reader, reading);
    let mut running = Running::new(start);
    while let Some(block) = blocks.next().await {
        let block = block.map_err(failed)?;
        let hashed = tokio::task::spawn_blocking(move || {
            for bytes in block {
                running.take(&bytes);
            }
            running
        });
        running = hashed.await.map_err(ended)?;
    }
    if running.size != found.size {
        return Err(CopyError::Changed(path.to_owned()));
    }
    Ok(running.end())
}

/// The same of what a reader gives.
///
/// # Errors
/// What the reader says.
pub fn measure_reader(reader: &mut dyn Read, start: usize) -> io::Result<Measured> {
    let mut running = Running::new(start);
    let mut block = vec![0; 256 << 10];
    loop {
        match reader.read(&mut block) {
            Ok(0) => return Ok(running.end()),
            Ok(read) => running.take(&block[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

struct Running {
    sha256: Sha256,
    size: u64,
    start: Vec<u8>,
    wanted: usize,
}

impl Running {
    fn new(wanted: usize) -> Running {
        Running { sha256: Sha256::new(), size: 0, start: Vec::new(), wanted }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.size += bytes.len() as u64;
        let room = self.wanted.saturating_sub(self.start.len()).min(bytes.len());
        self.start.extend_from_slice(&bytes[..room]);
    }

    fn end(self) -> Measured {
        let sha256 = digest::hexadecimal(&self.sha256.finalize());
        Measured { size: self.size, sha256, start: self.start }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_is_read_once() {
        let bytes: Vec<u8> = (0..600_000_u32).map(|number| (number % 251) as u8).collect();
        for (wanted, kept) in [(0, 0), (1000, 1000), (300_000, 300_000), (700_000, 600_000)] {
            let measured = measure_reader(&mut &bytes[..], wanted).expect("read");
            assert_eq!((measured.size, measured.sha256), (600_000, digest::of(&bytes)));
            assert_eq!(measured.start, bytes[..kept]);
        }
    }
}
