//! One object on its way from one store to another.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use opendal::options::{CopyOptions as StoreCopyOptions, ReadOptions, ReaderOptions, WriteOptions};
use opendal::{Buffer, Metadata, Operator};
use tokio::sync::Semaphore;

use super::compare;
use super::error::CopyError;
use super::events::{CopyEvent, CopyEvents};
use super::file;
use super::listing::{self, Found};
use super::parts::{Parts, Reading};
use super::place::Place;
use super::rate::Limit;
use super::record::{Begun, Record};
use super::sums::{self, Piece, Sums};
use super::upload::Upload;

/// Larger objects go in parts of this size, or of more if they would be too many.
pub(super) const PART: u64 = 5 << 20;

/// Whether an object of so many bytes goes in parts.
pub fn goes_in_parts(size: u64) -> bool {
    size > PART
}

/// No store takes more parts for one object.
const MOST_PARTS: u64 = 10_000;

/// What the objects that are on their way may take in memory.
pub(super) const MEMORY: u64 = 22 * PART;

/// What must be at the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// In bytes.
    pub size: u64,
    /// Of the content, in hexadecimal digits.
    pub sha256: String,
}

/// An object that comes alone has the share of one of so many: others may be on their way elsewhere.
pub(super) const ALONE: usize = 2;

/// What is at the destination now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// In bytes.
    pub size: u64,
    /// Of the content; none if the store copied it within itself.
    pub sha256: Option<String>,
    /// The store's tag of it, if it told one.
    pub(super) tag: Option<String>,
    /// Bytes that did not have to be sent again.
    pub(super) resumed_bytes: u64,
}

/// Copies one object, streamed and checked. Nothing is visible at `to` before all of it is there and
/// is what is expected.
///
/// # Errors
/// If a store refuses, or the object is not the expected one or changes meanwhile.
pub async fn copy_object(
    source: &Place,
    from: &str,
    destination: &Place,
    to: &str,
    expected: Option<&Expected>,
    events: Arc<dyn CopyEvents>,
) -> Result<Arrived, CopyError> {
    let found = listing::look(source, from).await?;
    let found = found.ok_or_else(|| CopyError::NothingThere(format!("{}{from}", source.shown)))?;
    if let Some(expected) = expected.filter(|expected| expected.size != found.size) {
        return Err(CopyError::Unexpected {
            path: from.to_owned(),
            found: format!("of other {} bytes", found.size),
            expected: expected.sha256.clone(),
        });
    }
    destination.check(to)?;
    let course = Course::new(source, destination, None, None, events);
    let job = Job::new(from, to, found, expected);
    course.carry(&job, course.share(ALONE)).await
}

/// What all objects of a copy share.
pub(super) struct Course {
    pub(super) source: Place,
    pub(super) destination: Place,
    pub(super) record: Option<Arc<Record>>,
    pub(super) events: Arc<dyn CopyEvents>,
    limit: Option<Limit>,
    memory: Semaphore,
    /// The destination's tags are not the MD5s that they look like.
    other_tags: Arc<AtomicBool>,
}

/// One object of a copy.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) found: Found,
    /// What it has to be, if that is known.
    pub(super) sha256: Option<String>,
}

impl Job {
    pub(super) fn new(from: &str, to: &str, found: Found, expected: Option<&Expected>) -> Job {
        let sha256 = expected.map(|expected| expected.sha256.clone());
        Job { from: from.to_owned(), to: to.to_owned(), found, sha256 }
    }
}

/// How many parts of one object are read ahead and sent at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    pub(super) read: usize,
    pub(super) sent: usize,
}

impl Course {
    pub(super) fn new(
        source: &Place,
        destination: &Place,
        record: Option<Arc<Record>>,
        limit: Option<Limit>,
        events: Arc<dyn CopyEvents>,
    ) -> Course {
        Course {
            source: source.clone(),
            destination: destination.clone(),
            record,
            events,
            limit,
            memory: Semaphore::new(kibibytes(MEMORY)),
            other_tags: Arc::default(),
        }
    }

    /// The share of each of so many large objects at once.
    pub(super) fn share(&self, at_once: usize) -> Share {
        let parts = kibibytes(MEMORY) / kibibytes(PART) / at_once.max(1);
        // One part is being read while one is ready, one is being hashed, and the writer keeps one back.
        const READ: usize = 2;
        Share { read: READ, sent: parts.saturating_sub(READ + 2).max(1) }
    }

    /// Brings one object over.
    pub(super) async fn carry(&self, job: &Job, share: Share) -> Result<Arrived, CopyError> {
        if job.found.size <= PART {
            return self.carry_whole(job).await;
        }
        let mut first = true;
        loop {
            match self.carry_parts(job, share).await {
                // What the record told of is not there any more, so it is begun anew.
                Err(Failure { begin_again: true, .. }) if first => first = false,
                Err(failure) => return Err(failure.error),
                Ok(arrived) => return Ok(arrived),
            }
        }
    }

    /// Lets the store copy it within itself.
    pub(super) async fn carry_within(&self, job: &Job) -> Result<Arrived, CopyError> {
        let failed = |error| CopyError::store(&job.to)(error);
        let options = StoreCopyOptions {
            source_content_length_hint: Some(job.found.size),
            ..StoreCopyOptions::default()
        };
        let (from, to) = (self.source.key(&job.from), self.destination.key(&job.to));
        let about =
            self.destination.store.copy_options(&from, &to, options).await.map_err(failed)?;
        self.events.event(CopyEvent::Moved { path: &job.to, bytes: job.found.size });
        let tag = self.looked(job).await?;
        let tag = about.etag().map(|tag| sums::bare(tag).to_owned()).or(tag);
        Ok(Arrived { size: job.found.size, sha256: job.sha256.clone(), tag, resumed_bytes: 0 })
    }

    async fn carry_whole(&self, job: &Job) -> Result<Arrived, CopyError> {
        let size = job.found.size;
        let permits = u32::try_from(kibibytes(size) + 1).unwrap_or(u32::MAX);
        let _room = self.memory.acquire_many(permits).await.map_err(ended)?;
        let (bytes, piece) = match self.source.is_local() {
            true => file::read(&self.source, &job.from, &job.found, self.sums()).await?,
            false => self.read_whole(job).await?,
        };
        expect(job, &piece.sha256)?;
        if let Some(limit) = &self.limit {
            limit.take(size).await;
        }
        self.write_whole(job, bytes, piece).await
    }

    /// Digests as this destination needs them.
    pub(super) fn sums(&self) -> Sums {
        Sums::new(!self.destination.is_local())
    }

    pub(super) fn other_tags(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.other_tags)
    }

    /// Writes what is in memory as one object.
    pub(super) async fn write_whole(
        &self,
        job: &Job,
        bytes: Buffer,
        piece: Piece,
    ) -> Result<Arrived, CopyError> {
        let size = bytes.len() as u64;
        let key = self.destination.key(&job.to);
        let written = self.destination.store.write(&key, bytes).await;
        let about = written.map_err(CopyError::store(&job.to))?;
        self.events.event(CopyEvent::Moved { path: &job.to, bytes: size });
        let tag = self.check_whole(job, &piece, &about).await?;
        Ok(Arrived { size, sha256: Some(piece.sha256), tag, resumed_bytes: 0 })
    }

    async fn read_whole(&self, job: &Job) -> Result<(Buffer, Piece), CopyError> {
        let size = job.found.size;
        let bytes = if size == 0 { Buffer::new() } else { self.ask_for(job).await? };
        if bytes.len() as u64 != size {
            return Err(CopyError::Changed(job.from.clone()));
        }
        let (_, piece) = self.sums().add(&bytes).await.map_err(ended)?;
        Ok((bytes, piece))
    }

    async fn ask_for(&self, job: &Job) -> Result<Buffer, CopyError> {
        let options = ReadOptions {
            if_match: self.condition(job),
            content_length_hint: Some(job.found.size),
            ..ReadOptions::default()
        };
        let read = self.source.store.read_options(&self.source.key(&job.from), options).await;
        read.map_err(CopyError::store(&job.from))
    }

    /// Reads only what was listed, where the store can do that.
    fn condition(&self, job: &Job) -> Option<String> {
        let can = self.source.store.info().capability().read_with_if_match;
        job.found.condition.clone().filter(|_| can)
    }

    /// Files have no condition to be read with; they are looked at again.
    async fn check_source(&self, job: &Job) -> Result<(), CopyError> {
        if !self.source.is_local() {
            return Ok(());
        }
        let now = listing::look(&self.source, &job.from).await?;
        let is_same = now.is_some_and(|now| now.tag == job.found.tag && now.size == job.found.size);
        if is_same { Ok(()) } else { Err(CopyError::Changed(job.from.clone())) }
    }

    /// Whether what was written in one piece arrived; its tag.
    async fn check_whole(
        &self,
        job: &Job,
        piece: &Piece,
        about: &Metadata,
    ) -> Result<Option<String>, CopyError> {
        let told = Found::of(about);
        let tag = about.etag().map(|tag| sums::bare(tag).to_owned());
        let sent = piece.md5.map(|md5| crate::digest::hexadecimal(&md5));
        match (told.md5, sent) {
            (Some(told), Some(sent)) if told == sent => return Ok(tag),
            (Some(_), Some(_)) if !self.other_tags.load(Ordering::Relaxed) => {
                // Either damage, or a store whose tags only look like an MD5: reading tells.
                let read = compare::read(&self.destination, &job.to, job.found.size).await?;
                if read.is_none_or(|read| read.sha256 != piece.sha256) {
                    let detail = "the store has another content".to_owned();
                    return Err(CopyError::Damaged { path: job.to.clone(), detail });
                }
                self.other_tags.store(true, Ordering::Relaxed);
                return Ok(tag);
            }
            _ if self.destination.is_local() && told.size == job.found.size => {
                return Ok(Some(told.tag));
            }
            _ => {}
        }
        let looked = self.looked(job).await?;
        Ok(tag.or(looked))
    }

    /// Looks whether an object of the right size is there; its tag.
    async fn looked(&self, job: &Job) -> Result<Option<String>, CopyError> {
        let there = listing::look(&self.destination, &job.to).await?;
        let detail = match there {
            Some(there) if there.size == job.found.size => return Ok(Some(there.tag)),
            Some(there) => format!("it has {} bytes instead of {}", there.size, job.found.size),
            None => "it is not there".to_owned(),
        };
        Err(CopyError::Damaged { path: job.to.clone(), detail })
    }

    async fn carry_parts(&self, job: &Job, share: Share) -> Result<Arrived, Failure> {
        let size = job.found.size;
        let part_size = part_size(size);
        let parts = share.read + share.sent + 2;
        let memory = (part_size * parts as u64).min(MEMORY);
        let permits = u32::try_from(kibibytes(memory)).unwrap_or(u32::MAX);
        let _room = self.memory.acquire_many(permits).await.map_err(ended)?;
        let fresh = Begun {
            path: job.to.clone(),
            size,
            source_tag: job.found.tag.clone(),
            part_size,
            ..Begun::default()
        };
        let begun = self.record.as_ref().and_then(|record| record.begun(&job.to));
        let upload = Upload::new(begun.unwrap_or(fresh), self.record.clone(), self.other_tags());
        match self.send_parts(job, share, part_size, &upload).await {
            Ok(arrived) => Ok(arrived),
            Err(error) => {
                let begin_again = upload.is_gone() && upload.resumed_bytes() > 0;
                if let Some(record) = self.record.as_ref().filter(|_| upload.is_gone()) {
                    record.end(&job.to)?;
                }
                Err(Failure { error, begin_again })
            }
        }
    }

    async fn send_parts(
        &self,
        job: &Job,
        share: Share,
        part_size: u64,
        upload: &Arc<Upload>,
    ) -> Result<Arrived, CopyError> {
        let options = WriteOptions { concurrent: share.sent, ..WriteOptions::default() };
        let (store, key) = (upload.store(&self.destination.store), self.destination.key(&job.to));
        let writer = store.writer_options(&key, options).await;
        let mut writer = writer.map_err(CopyError::store(&job.to))?;
        let sent = self.feed(job, share, part_size, upload, &mut writer).await;
        let sent = match sent {
            Ok(sha256) => expect(job, &sha256).map(|()| sha256),
            Err(error) => Err(error),
        };
        let closed = match sent {
            Ok(sha256) => {
                let about = writer.close().await.map_err(CopyError::store(&job.to));
                about.map(|about| (sha256, about))
            }
            Err(error) => Err(error),
        };
        let (sha256, about) = match closed {
            Ok(closed) => closed,
            Err(error) => {
                // The next copy goes on with it, if there is a record and it can.
                let goes_on = self.record.is_some()
                    && !upload.is_damaged()
                    && !matches!(error, CopyError::Changed(_) | CopyError::Unexpected { .. });
                if !goes_on {
                    let aborted = writer.abort().await;
                    if let (Ok(()), Some(record)) = (aborted, &self.record) {
                        record.end(&job.to)?;
                    }
                }
                return Err(error);
            }
        };
        let tag = self.check_parts(job, upload, &about).await?;
        let resumed_bytes = upload.resumed_bytes();
        Ok(Arrived { size: job.found.size, sha256: Some(sha256), tag, resumed_bytes })
    }

    /// Reads, hashes and writes part by part; the SHA-256 of it all.
    async fn feed(
        &self,
        job: &Job,
        share: Share,
        part_size: u64,
        upload: &Upload,
        writer: &mut opendal::Writer,
    ) -> Result<String, CopyError> {
        let size = job.found.size;
        let options = ReaderOptions {
            if_match: self.condition(job),
            content_length_hint: Some(size),
            ..ReaderOptions::default()
        };
        let opened = self.source.store.reader_options(&self.source.key(&job.from), options).await;
        let reader = opened.map_err(CopyError::store(&job.from))?;
        let streams = !self.source.is_local();
        let reading = Reading { size, part_size, ahead: share.read, streams };
        let mut parts = Parts::of(reader, reading);
        let mut sums = self.sums();
        let (mut sha256, mut at) = (String::new(), 0);
        while at < size {
            let wanted = part_size.min(size - at);
            let part = parts.next().await.ok_or_else(|| CopyError::Changed(job.from.clone()))?;
            let part = part.map_err(CopyError::store(&job.from))?;
            if part.len() as u64 != wanted {
                return Err(CopyError::Changed(job.from.clone()));
            }
            let piece;
            (sums, piece) = sums.add(&part).await.map_err(ended)?;
            sha256.clone_from(&piece.sha256);
            upload.add(piece);
            if let Some(limit) = &self.limit {
                limit.take(wanted).await;
            }
            writer.write(part).await.map_err(CopyError::store(&job.to))?;
            self.events.event(CopyEvent::Moved { path: &job.to, bytes: wanted });
            at += wanted;
        }
        self.check_source(job).await?;
        Ok(sha256)
    }

    /// Whether what was written in parts arrived; its tag.
    pub(super) async fn check_parts(
        &self,
        job: &Job,
        upload: &Upload,
        about: &Metadata,
    ) -> Result<Option<String>, CopyError> {
        let told = Found::of(about);
        if self.destination.is_local() && told.size == job.found.size {
            return Ok(Some(told.tag));
        }
        let tag = about.etag().map(|tag| sums::bare(tag).to_owned());
        let expected = upload.checked_parts().map(|parts| sums::tag_of_parts(&parts));
        if tag.is_some() && tag == expected {
            return Ok(tag);
        }
        let looked = self.looked(job).await?;
        Ok(tag.or(looked))
    }
}

/// An object that was not brought over.
struct Failure {
    error: CopyError,
    /// Because what was to be gone on with is not there any more.
    begin_again: bool,
}

impl From<CopyError> for Failure {
    fn from(error: CopyError) -> Self {
        Failure { error, begin_again: false }
    }
}

/// Ends an upload that an earlier copy has left, and its parts with it. One that the store does not
/// know any more is ended already.
pub(super) async fn abort(store: &Operator, key: &str, begun: Begun) -> Result<(), CopyError> {
    let path = begun.path.clone();
    let failed = |error| CopyError::store(&path)(error);
    let smallest = store.info().capability().write_multi_min_size.unwrap_or(1);
    let upload = Upload::ending(begun);
    let mut writer = upload.store(store).writer(key).await.map_err(failed)?;
    // The writer takes up an upload when it has two parts for it; these are not sent.
    let part = Buffer::from(vec![0; smallest]);
    for part in [part.clone(), part] {
        writer.write(part).await.map_err(failed)?;
    }
    match writer.abort().await {
        Err(error) if error.kind() != opendal::ErrorKind::NotFound => Err(failed(error)),
        _ => Ok(()),
    }
}

/// The size of an object's parts, in whole MiB.
pub(super) fn part_size(size: u64) -> u64 {
    const MIB: u64 = 1 << 20;
    PART.max(size.div_ceil(MOST_PARTS).div_ceil(MIB) * MIB)
}

pub(super) fn expect(job: &Job, sha256: &str) -> Result<(), CopyError> {
    match &job.sha256 {
        Some(expected) if expected != sha256 => Err(CopyError::Unexpected {
            path: job.from.clone(),
            found: sha256.to_owned(),
            expected: expected.clone(),
        }),
        _ => Ok(()),
    }
}

fn kibibytes(bytes: u64) -> usize {
    usize::try_from(bytes.div_ceil(1024)).unwrap_or(usize::MAX)
}

pub(super) fn ended(error: impl std::fmt::Display) -> CopyError {
    CopyError::Ended(error.to_string())
}
