//! Whether two objects have the same content.
//!
//! Two objects are called the same only if something shows it: the record of an earlier copy, with the
//! tags that both had then and still have; or digests of both. Sizes and times alone never do.

use std::num::NonZeroUsize;

use md5::Md5;
use opendal::Buffer;
use sha2::{Digest as _, Sha256};

use super::error::CopyError;
use super::listing::Found;
use super::object;
use super::outcome::CopiedObject;
use super::parts::{Parts, Reading};
use super::place::Place;
use super::plan::PlannedObject;
use super::record::Copied;
use super::sums;
use super::workers;
use crate::digest;

/// Bytes that are hashed at once, and how many such blocks are read ahead.
const BLOCK: u64 = 1 << 20;
const AHEAD: usize = 2;

/// What is known without reading.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// With its SHA-256, where that is known.
    Same(Option<String>),
    Different,
    /// Only reading tells.
    Unclear(Question),
}

/// What reading has to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// Whether the source has this MD5.
    IsSource(String),
    /// Whether the destination has it.
    IsDestination(String),
    /// Whether the side that is a folder has the tag of parts that the other side has.
    HasParts(TagOfParts),
    /// Whether both have the same SHA-256.
    AreBoth,
    /// They are the same; only the SHA-256 is wanted, of the side that is nearer.
    Digest,
}

/// A tag that S3 gives for parts, and how large they probably were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TagOfParts {
    tag: String,
    part_size: u64,
}

impl TagOfParts {
    /// None if it is no such tag, or if no usual size of parts gives so many.
    fn of(found: &Found) -> Option<TagOfParts> {
        const MIB: u64 = 1 << 20;
        const USUAL: [u64; 6] = [5 * MIB, 8 * MIB, 10 * MIB, 16 * MIB, 32 * MIB, 64 * MIB];
        let number = sums::number_of_parts(&found.tag)?;
        let own = object::part_size(found.size);
        let fits = |size: &u64| found.size.div_ceil(*size) == number;
        let part_size = [own].into_iter().chain(USUAL).find(fits)?;
        Some(TagOfParts { tag: found.tag.to_ascii_lowercase(), part_size })
    }
}

/// Compares by what the listings and the record tell.
pub(super) fn verdict(
    source: &Place,
    destination: &Place,
    there: &Found,
    here: &Found,
    known: Option<Copied>,
    digests: bool,
) -> Verdict {
    if there.size != here.size {
        return Verdict::Different;
    }
    // What the record says of the source's content, and whether the destination is as it was left.
    let known = known.filter(|known| known.size == there.size && known.source_tag == there.tag);
    let untouched = known.as_ref().is_some_and(|known| known.tag.as_ref() == Some(&here.tag));
    let sha256 = known.and_then(|known| known.sha256);
    let same = |sha256: Option<String>| match sha256 {
        None if digests => Verdict::Unclear(Question::Digest),
        sha256 => Verdict::Same(sha256),
    };
    if untouched && !there.tag.is_empty() {
        return same(sha256);
    }
    match (&there.md5, &here.md5) {
        (Some(one), Some(other)) if one == other => same(sha256),
        (Some(_), Some(_)) => Verdict::Different,
        (None, Some(md5)) if source.is_local() => Verdict::Unclear(Question::IsSource(md5.clone())),
        (Some(md5), None) if destination.is_local() => {
            Verdict::Unclear(Question::IsDestination(md5.clone()))
        }
        (None, None) if source.is_local() && destination.is_local() => {
            Verdict::Unclear(Question::AreBoth)
        }
        (None, None) => match (TagOfParts::of(there), TagOfParts::of(here)) {
            // Digests of the same number of parts.
            (Some(one), Some(other)) if one == other => same(sha256),
            (None, Some(tag)) if source.is_local() => Verdict::Unclear(Question::HasParts(tag)),
            (Some(tag), None) if destination.is_local() => {
                Verdict::Unclear(Question::HasParts(tag))
            }
            _ => Verdict::Different,
        },
        _ => Verdict::Different,
    }
}

/// Answers questions by reading; each object with what it is, if it is the same.
pub(super) async fn settle(
    source: &Place,
    destination: &Place,
    unclear: Vec<(PlannedObject, Question)>,
    at_once: NonZeroUsize,
) -> Result<Vec<(PlannedObject, Option<CopiedObject>)>, CopyError> {
    let (source, destination) = (source.clone(), destination.clone());
    let answers = workers::each(unclear, at_once.get(), move |(object, question)| {
        let (source, destination) = (source.clone(), destination.clone());
        async move {
            let sha256 = answer(&source, &destination, &object, question).await?;
            let same = sha256.map(|sha256| CopiedObject {
                path: object.path.clone(),
                size: object.size,
                sha256: Some(sha256),
            });
            Ok((object, same))
        }
    });
    answers.await?.into_iter().collect()
}

/// The SHA-256 if they are the same.
async fn answer(
    source: &Place,
    destination: &Place,
    object: &PlannedObject,
    question: Question,
) -> Result<Option<String>, CopyError> {
    let there = || read(source, &object.from, object.size);
    let here = || read(destination, &object.path, object.size);
    Ok(match question {
        Question::HasParts(TagOfParts { tag, part_size }) => {
            let (place, path) = match source.is_local() {
                true => (source, &object.from),
                false => (destination, &object.path),
            };
            let read = read_parts(place, path, object.size, part_size).await?;
            read.filter(|read| sums::tag_of_parts(&read.parts) == tag)
        }
        Question::IsSource(md5) => there().await?.filter(|read| read.md5 == md5),
        Question::IsDestination(md5) => here().await?.filter(|read| read.md5 == md5),
        Question::AreBoth => {
            let (there, here) = futures::try_join!(there(), here())?;
            there.filter(|there| here.is_some_and(|here| here.sha256 == there.sha256))
        }
        Question::Digest if destination.is_local() => here().await?,
        Question::Digest => there().await?,
    }
    .map(|read| read.sha256))
}

/// Digests of a content.
pub(super) struct Digests {
    pub(super) sha256: String,
    pub(super) md5: String,
    /// MD5s of its parts, if it was read in such.
    parts: Vec<[u8; 16]>,
}

/// Reads an object as a whole, block by block; none if it has not that size any more.
pub(super) async fn read(
    place: &Place,
    path: &str,
    size: u64,
) -> Result<Option<Digests>, CopyError> {
    read_parts(place, path, size, u64::MAX).await
}

/// The same, with MD5s of its parts, whose size is that of whole blocks.
async fn read_parts(
    place: &Place,
    path: &str,
    size: u64,
    part_size: u64,
) -> Result<Option<Digests>, CopyError> {
    let failed = |error| CopyError::store(path)(error);
    let reader = place.store.reader(&place.key(path)).await.map_err(failed)?;
    let streams = !place.is_local();
    let mut blocks = Parts::of(reader, Reading { size, part_size: BLOCK, ahead: AHEAD, streams });
    let mut hashing = Hashing { part_size, ..Hashing::default() };
    while let Some(block) = blocks.next().await {
        let block = match block {
            Ok(block) => block,
            Err(error) if error.kind() == opendal::ErrorKind::RangeNotSatisfied => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let hashed = tokio::task::spawn_blocking(move || {
            hashing.take(block);
            hashing
        });
        hashing = hashed.await.map_err(|error| CopyError::Ended(error.to_string()))?;
    }
    Ok((hashing.size == size).then(|| hashing.end()))
}

#[derive(Default)]
struct Hashing {
    sha256: Sha256,
    md5: Md5,
    part_size: u64,
    /// Of the part that is not at its end yet.
    part: Md5,
    parts: Vec<[u8; 16]>,
    size: u64,
}

impl Hashing {
    fn take(&mut self, block: Buffer) {
        let in_parts = self.part_size < u64::MAX;
        for bytes in block {
            self.sha256.update(&bytes);
            self.size += bytes.len() as u64;
            // Nobody wants both.
            if in_parts {
                self.part.update(&bytes);
            } else {
                self.md5.update(&bytes);
            }
        }
        if in_parts && self.size.is_multiple_of(self.part_size) {
            self.parts.push(self.part.finalize_reset().into());
        }
    }

    fn end(mut self) -> Digests {
        if self.part_size < u64::MAX && !self.size.is_multiple_of(self.part_size) {
            self.parts.push(self.part.finalize_reset().into());
        }
        let sha256 = digest::hexadecimal(&self.sha256.finalize());
        let md5 = digest::hexadecimal(&self.md5.finalize());
        Digests { sha256, md5, parts: self.parts }
    }
}
