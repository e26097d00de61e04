//! Whether two objects have the same content.
//!
//! Two objects are called the same only if something shows it: the record of an earlier copy, with the
//! tags that both had then and still have; or digests of both. Sizes and times alone never do.

use std::num::NonZeroUsize;

use md5::Md5;
use sha2::{Digest as _, Sha256};

use super::error::CopyError;
use super::listing::Found;
use super::outcome::CopiedObject;
use super::parts::{Parts, Reading};
use super::place::Place;
use super::plan::PlannedObject;
use super::record::Copied;
use super::workers;
use crate::digest;

/// Bytes that are hashed at once, and how many such blocks are read ahead.
const BLOCK: u64 = 4 << 20;
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
    /// Whether both have the same SHA-256.
    AreBoth,
    /// They are the same; only the SHA-256 is wanted, of the side that is nearer.
    Digest,
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
}

/// Reads an object as a whole, block by block; none if it has not that size any more.
pub(super) async fn read(
    place: &Place,
    path: &str,
    size: u64,
) -> Result<Option<Digests>, CopyError> {
    let failed = |error| CopyError::store(path)(error);
    let reader = place.store.reader(&place.key(path)).await.map_err(failed)?;
    let streams = !place.is_local();
    let mut blocks = Parts::of(reader, Reading { size, part_size: BLOCK, ahead: AHEAD, streams });
    let (mut sha256, mut md5) = (Sha256::new(), Md5::new());
    let mut at = 0;
    while let Some(block) = blocks.next().await {
        let block = match block {
            Ok(block) => block,
            Err(error) if error.kind() == opendal::ErrorKind::RangeNotSatisfied => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        at += block.len() as u64;
        let hashed = tokio::task::spawn_blocking(move || {
            for bytes in block {
                sha256.update(&bytes);
                md5.update(&bytes);
            }
            (sha256, md5)
        });
        (sha256, md5) = hashed.await.map_err(|error| CopyError::Ended(error.to_string()))?;
    }
    if at != size {
        return Ok(None);
    }
    let sha256 = digest::hexadecimal(&sha256.finalize());
    Ok(Some(Digests { sha256, md5: digest::hexadecimal(&md5.finalize()) }))
}
