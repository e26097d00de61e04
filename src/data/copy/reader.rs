//! What a reader gives, on its way into a store: a file, or the answer of a web server.

use std::io::Read;
use std::sync::Arc;

use opendal::Buffer;
use opendal::options::WriteOptions;

use super::error::CopyError;
use super::events::{CopyEvent, CopyEvents};
use super::listing::Found;
use super::object::{Arrived, Course, Expected, Job, PART, Share, ended, expect};
use super::place::Place;
use super::record::Begun;
use super::sums::{Piece, Sums};
use super::upload::Upload;

/// Writes all that is left in a reader, which may wait, as one object: in parts, and checked. Nothing
/// is visible at `to` before all of it is there and is what is expected. `from` is what the reader is
/// called in errors.
///
/// # Errors
/// If the reader fails, the store refuses, or the content is not the expected one.
pub async fn copy_reader<R: Read + Send + 'static>(
    reader: R,
    from: &str,
    destination: &Place,
    to: &str,
    expected: Option<&Expected>,
    events: Arc<dyn CopyEvents>,
) -> Result<Arrived, CopyError> {
    destination.check(to)?;
    let course = Course::new(destination, destination, None, None, events);
    // How large it is will be known at its end.
    let found = Found { size: 0, tag: String::new(), condition: None, md5: None };
    let job = Job::new(from, to, found, expected);
    let mut parts =
        Parts { reader: Some(reader), from, sums: course.sums(), sha256: None, size: 0 };
    let first = parts.next().await?;
    match first {
        Some((bytes, piece)) if bytes.len() as u64 == PART => {
            course.take_parts(job, parts, (bytes, piece)).await
        }
        first => {
            let (bytes, piece) = match first {
                Some(first) => first,
                None => {
                    let (_, piece) = course.sums().add(&Buffer::new()).await.map_err(ended)?;
                    (Buffer::new(), piece)
                }
            };
            let found = Found { size: bytes.len() as u64, ..job.found.clone() };
            let job = Job { found, ..job };
            expect(&job, &piece.sha256)?;
            course.write_whole(&job, bytes, piece).await
        }
    }
}

/// A reader, part by part.
struct Parts<'f, R> {
    /// None once it has ended.
    reader: Option<R>,
    from: &'f str,
    sums: Sums,
    /// Of all parts so far.
    sha256: Option<String>,
    size: u64,
}

impl<R: Read + Send + 'static> Parts<'_, R> {
    /// The next part with its digests; none at the end. Only the last one is a short one.
    async fn next(&mut self) -> Result<Option<(Buffer, Piece)>, CopyError> {
        let Some(mut reader) = self.reader.take() else { return Ok(None) };
        let read = tokio::task::spawn_blocking(move || {
            let mut bytes = Vec::new();
            let read = reader.by_ref().take(PART).read_to_end(&mut bytes);
            read.map(|_| (reader, bytes))
        });
        let failed = |error| CopyError::Source { path: self.from.to_owned(), error };
        let (reader, bytes) = read.await.map_err(ended)?.map_err(failed)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let bytes = Buffer::from(bytes);
        if bytes.len() as u64 == PART {
            self.reader = Some(reader);
        }
        let (sums, piece) = self.sums.clone().add(&bytes).await.map_err(ended)?;
        self.sums = sums;
        self.sha256 = Some(piece.sha256.clone());
        self.size += bytes.len() as u64;
        Ok(Some((bytes, piece)))
    }
}

impl Course {
    async fn take_parts<R: Read + Send + 'static>(
        &self,
        job: Job,
        mut parts: Parts<'_, R>,
        first: (Buffer, Piece),
    ) -> Result<Arrived, CopyError> {
        let Share { sent, .. } = self.share(super::object::ALONE);
        let begun = Begun { path: job.to.clone(), part_size: PART, ..Begun::default() };
        let upload = Upload::new(begun, None, self.other_tags());
        let options = WriteOptions { concurrent: sent, ..WriteOptions::default() };
        let (store, key) = (upload.store(&self.destination.store), self.destination.key(&job.to));
        let writer = store.writer_options(&key, options).await;
        let mut writer = writer.map_err(CopyError::store(&job.to))?;
        let sent = async {
            let mut next = Some(first);
            while let Some((bytes, piece)) = next {
                let size = bytes.len() as u64;
                upload.add(piece);
                writer.write(bytes).await.map_err(CopyError::store(&job.to))?;
                self.events.event(CopyEvent::Moved { path: &job.to, bytes: size });
                next = parts.next().await?;
            }
            let sha256 = parts.sha256.take().unwrap_or_default();
            expect(&job, &sha256)?;
            let about = writer.close().await.map_err(CopyError::store(&job.to))?;
            Ok::<_, CopyError>((sha256, about))
        };
        let (sha256, about) = match sent.await {
            Ok(closed) => closed,
            Err(error) => {
                // What went wrong counts, not whether the parts could be taken back.
                let _ = writer.abort().await;
                return Err(error);
            }
        };
        let found = Found { size: parts.size, ..job.found.clone() };
        let job = Job { found, ..job };
        let tag = self.check_parts(&job, &upload, &about).await?;
        Ok(Arrived { size: parts.size, sha256: Some(sha256), tag, resumed_bytes: 0 })
    }
}
