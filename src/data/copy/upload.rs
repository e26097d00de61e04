//! An upload in parts that goes on where an earlier one was cut off.
//!
//! Stores that take an object in parts give an upload a name when it is begun, and keep its parts until
//! it is completed or aborted. OpenDAL keeps that name to itself, so this stands between it and the
//! server: it records what the server answers, and answers in its place where a part is there already.
//! The parts' digests decide which those are, so that never parts of two contents are put together.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http::{Request, Response, StatusCode, header};
use opendal::raw::ServiceOperation;
use opendal::{
    Buffer, Error, ErrorKind, HttpBody, HttpTransport, HttpTransporter, Operator, Result,
};

use super::record::{Begun, Part, Record};
use super::sums::{Piece, as_md5};
use crate::digest;

/// One upload, as its transport and the copy that feeds it see it.
#[derive(Debug)]
pub(super) struct Upload {
    record: Option<Arc<Record>>,
    /// What it is, and what of it the server has.
    begun: Mutex<Begun>,
    /// What is sent, part by part; told before each part is.
    pieces: Mutex<Vec<Piece>>,
    /// Only to be aborted: no part is sent.
    ending: bool,
    resumed_bytes: AtomicU64,
    /// Parts whose tag is their MD5, and is another one.
    matching: AtomicU64,
    different: AtomicU64,
    /// Parts that were sent a second time, since their tag was another one.
    sent_again: Mutex<BTreeSet<u64>>,
    /// The store's tags only look like MD5s.
    other_tags: Arc<AtomicBool>,
    /// The server does not know the upload any more.
    gone: AtomicBool,
}

impl Upload {
    /// An upload, or the rest of one if the server's answer to its beginning is known.
    pub(super) fn new(
        begun: Begun,
        record: Option<Arc<Record>>,
        other_tags: Arc<AtomicBool>,
    ) -> Arc<Upload> {
        Arc::new(Upload { record, other_tags, ..Self::plain(begun) })
    }

    /// An upload that is to be aborted.
    pub(super) fn ending(begun: Begun) -> Arc<Upload> {
        Arc::new(Upload { ending: true, ..Self::plain(begun) })
    }

    fn plain(begun: Begun) -> Upload {
        Upload {
            record: None,
            begun: Mutex::new(begun),
            pieces: Mutex::default(),
            ending: false,
            resumed_bytes: AtomicU64::new(0),
            matching: AtomicU64::new(0),
            different: AtomicU64::new(0),
            sent_again: Mutex::default(),
            other_tags: Arc::default(),
            gone: AtomicBool::new(false),
        }
    }

    /// The store with this upload's transport.
    pub(super) fn store(self: &Arc<Self>, store: &Operator) -> Operator {
        let context = store.base_context();
        let inner = context.http_transport().clone();
        let transport = HttpTransporter::new(Through { inner, upload: Arc::clone(self) });
        store.clone().with_context(context.with_http_transport(transport))
    }

    /// What the next part holds.
    pub(super) fn add(&self, piece: Piece) {
        lock(&self.pieces).push(piece);
    }

    pub(super) fn resumed_bytes(&self) -> u64 {
        self.resumed_bytes.load(Ordering::Relaxed)
    }

    pub(super) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }

    /// MD5s of all parts, if the server's tags of them are their MD5s.
    pub(super) fn checked_parts(&self) -> Option<Vec<[u8; 16]>> {
        let pieces = lock(&self.pieces);
        let all = self.matching.load(Ordering::Relaxed) == pieces.len() as u64;
        all.then(|| pieces.iter().filter_map(|piece| piece.md5).collect())
    }

    /// The name that the upload has already, as the server told it.
    fn known_answer(&self) -> Option<String> {
        let begun = lock(&self.begun);
        (!begun.answer.is_empty()).then(|| begun.answer.clone())
    }

    fn take_answer(&self, answer: String) -> Result<()> {
        let mut begun = lock(&self.begun);
        *begun = Begun { answer, parts: Default::default(), ..begun.clone() };
        match &self.record {
            Some(record) => record.add_begun(begun.clone()).map_err(unrecorded),
            None => Ok(()),
        }
    }

    /// The tag of a part that the server has, with the content that it is to have.
    fn known_part(&self, number: u64) -> Option<Part> {
        let piece = self.piece(number)?;
        let part = lock(&self.begun).parts.get(&number).cloned()?;
        if part.sha256 != piece.sha256 {
            return None;
        }
        self.count(is_md5_of(&part.etag, &piece));
        Some(part)
    }

    fn piece(&self, number: u64) -> Option<Piece> {
        let at = usize::try_from(number.checked_sub(1)?).ok()?;
        lock(&self.pieces).get(at).cloned()
    }

    fn count(&self, is_same: Option<bool>) {
        match is_same {
            Some(true) => self.matching.fetch_add(1, Ordering::Relaxed),
            Some(false) => self.different.fetch_add(1, Ordering::Relaxed),
            None => 0,
        };
    }

    /// Whether the server's tags are MD5s for some parts and not for others.
    pub(super) fn is_damaged(&self) -> bool {
        let seen = |count: &AtomicU64| count.load(Ordering::Relaxed) > 0;
        seen(&self.matching) && seen(&self.different)
    }

    fn take_part(&self, number: u64, etag: &str) -> Result<()> {
        let Some(piece) = self.piece(number) else { return Ok(()) };
        let is_same = is_md5_of(etag, &piece);
        if is_same == Some(false) && !self.other_tags.load(Ordering::Relaxed) {
            let message = "a part did not arrive as it was sent: the server's tag is not its MD5";
            let damaged = Error::new(ErrorKind::Unexpected, message);
            if lock(&self.sent_again).insert(number) {
                return Err(damaged.set_temporary());
            }
            if self.matching.load(Ordering::Relaxed) > 0 {
                self.count(is_same);
                return Err(damaged);
            }
            // The same again, and no part is tagged with its MD5.
            self.other_tags.store(true, Ordering::Relaxed);
        }
        self.count(is_same);
        let part = Part { sha256: piece.sha256, etag: etag.to_owned() };
        let mut begun = lock(&self.begun);
        if let Some(record) = &self.record {
            record.add_part(&begun.path, number, part.clone()).map_err(unrecorded)?;
        }
        begun.parts.insert(number, part);
        Ok(())
    }
}

/// Passes requests on, and answers those that need not go.
struct Through {
    inner: HttpTransporter,
    upload: Arc<Upload>,
}

impl HttpTransport for Through {
    async fn fetch(&self, request: Request<Buffer>) -> Result<Response<HttpBody>> {
        let operation = request.extensions().get::<ServiceOperation>().map_or("", |known| known.0);
        match operation {
            "CreateMultipartUpload" | "InitiateMultipartUpload" => self.begin(request).await,
            "UploadPart" => self.part(request).await,
            "CompleteMultipartUpload" if self.upload.is_damaged() => {
                let message = "some parts did not arrive as they were sent";
                Err(Error::new(ErrorKind::Unexpected, message))
            }
            "CompleteMultipartUpload" => {
                let response = self.inner.fetch(request).await?;
                self.notice(&response);
                Ok(response)
            }
            _ => self.inner.fetch(request).await,
        }
    }
}

impl Through {
    async fn begin(&self, request: Request<Buffer>) -> Result<Response<HttpBody>> {
        if let Some(answer) = self.upload.known_answer() {
            return answered(None, answer.into_bytes());
        }
        let (parts, mut body) = self.inner.fetch(request).await?.into_parts();
        let body = body.to_buffer().await?;
        if parts.status.is_success() {
            let answer = String::from_utf8_lossy(&body.to_bytes()).into_owned();
            self.upload.take_answer(answer)?;
        }
        Ok(Response::from_parts(parts, whole(body)))
    }

    async fn part(&self, request: Request<Buffer>) -> Result<Response<HttpBody>> {
        if self.upload.ending {
            return answered(Some("\"none\""), Vec::new());
        }
        let number = number_of(request.uri().query().unwrap_or_default()).unwrap_or_default();
        let size = request.body().len() as u64;
        if let Some(part) = self.upload.known_part(number) {
            self.upload.resumed_bytes.fetch_add(size, Ordering::Relaxed);
            return answered(Some(&part.etag), Vec::new());
        }
        let response = self.inner.fetch(request).await?;
        self.notice(&response);
        let etag = response.headers().get(header::ETAG).and_then(|etag| etag.to_str().ok());
        if let (true, Some(etag)) = (response.status().is_success(), etag) {
            self.upload.take_part(number, etag)?;
        }
        Ok(response)
    }

    fn notice(&self, response: &Response<HttpBody>) {
        if response.status() == StatusCode::NOT_FOUND {
            self.upload.gone.store(true, Ordering::Relaxed);
        }
    }
}

/// Whether a tag is the MD5 of what was sent; none if it does not look like one.
fn is_md5_of(etag: &str, piece: &Piece) -> Option<bool> {
    let (tag, md5) = (as_md5(etag)?, piece.md5?);
    Some(tag == digest::hexadecimal(&md5))
}

/// `partNumber` of a request's query.
fn number_of(query: &str) -> Option<u64> {
    let pair = query.split('&').find_map(|pair| pair.strip_prefix("partNumber="));
    pair?.parse().ok()
}

fn answered(etag: Option<&str>, body: Vec<u8>) -> Result<Response<HttpBody>> {
    let mut response = Response::builder().status(StatusCode::OK);
    if let Some(etag) = etag {
        response = response.header(header::ETAG, etag);
    }
    response.body(whole(Buffer::from(body))).map_err(|error| {
        Error::new(ErrorKind::Unexpected, "the record holds no answer").set_source(error)
    })
}

fn whole(body: Buffer) -> HttpBody {
    let size = body.len() as u64;
    HttpBody::new(futures::stream::iter([Ok(body)]), Some(size))
}

fn unrecorded(error: super::CopyError) -> Error {
    Error::new(ErrorKind::Unexpected, error.to_string())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
