//! The content of a source's files: read, measured, or brought into a bucket.
//!
//! What is brought is streamed in parts and checked by its digest; no object is in memory as a whole.

use std::fs::File;
use std::io::{ErrorKind as IoKind, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use opendal::ErrorKind;
use skyform_data::copy::{self, Arrived, CopyError, CopyEvent, CopyEvents, Expected, Measured};
use skyform_data::source::{self, HttpOptions, SourceError};
use skyform_provider_sdk::{Cloud, Problem, ProblemKind, Progress, ProgressEvent, objects};

use crate::clouds::Clouds;
use crate::sources::{self, Place, SourceFile};

/// Between two reports of how far an object is.
const EVERY: Duration = Duration::from_secs(2);

/// A content that streams may take that long.
const LONGEST: Duration = Duration::from_secs(6 * 60 * 60);

/// Says that a content is not the one that was there before, or that is expected.
pub(crate) const CHANGED: &str = "Source has changed";

/// Where an object is to be.
pub(crate) struct Target<'t> {
    pub(crate) cloud: &'t dyn Cloud,
    pub(crate) bucket: &'t str,
    pub(crate) key: &'t str,
    /// Of the object, where it is known.
    pub(crate) size: Option<u64>,
}

/// Reads a file's content from its beginning to its end, and keeps `start` bytes of it.
pub(crate) async fn measure(
    clouds: &Clouds,
    file: &SourceFile,
    start: usize,
) -> Result<Measured, Problem> {
    let name = file.name.clone();
    match open(clouds, file).await? {
        Opened::Object(place, key) => copy::measure(&place, &key, start).await.map_err(problem),
        Opened::Reader(mut reader) => {
            let measured = move || copy::measure_reader(&mut *reader, start);
            let failed = |error| problem(CopyError::Source { path: name, error });
            off_thread(measured).await?.map_err(failed)
        }
    }
}

/// Brings a file into a bucket; what is there then.
pub(crate) async fn bring(
    clouds: &Clouds,
    file: &SourceFile,
    target: &Target<'_>,
    expected: Option<&Expected>,
    progress: &Arc<dyn Progress>,
) -> Result<Arrived, Problem> {
    match open(clouds, file).await? {
        Opened::Object(place, key) => bring_object(&place, &key, target, expected, progress).await,
        Opened::Reader(reader) => {
            let to = place_in(target.cloud, target.bucket)?;
            tidy(target).await?;
            let events = Reported::of(target, progress);
            let copied = copy::copy_reader(reader, &file.name, &to, target.key, expected, events);
            copied.await.map_err(problem)
        }
    }
}

/// Brings an object of one bucket into another.
pub(crate) async fn bring_object(
    from: &copy::Place,
    key: &str,
    target: &Target<'_>,
    expected: Option<&Expected>,
    progress: &Arc<dyn Progress>,
) -> Result<Arrived, Problem> {
    objects::check_key(target.key)?;
    let to = place_in(target.cloud, target.bucket)?;
    tidy(target).await?;
    let events = Reported::of(target, progress);
    copy::copy_object(from, key, &to, target.key, expected, events).await.map_err(problem)
}

/// Ends what a killed run has begun to send there; small objects are sent as one.
async fn tidy(target: &Target<'_>) -> Result<(), Problem> {
    if target.size.is_some_and(|size| !copy::goes_in_parts(size)) {
        return Ok(());
    }
    target.cloud.end_uploads(target.bucket, target.key).await
}

/// A bucket as copies see it.
pub(crate) fn place_in(cloud: &dyn Cloud, bucket: &str) -> Result<copy::Place, Problem> {
    let shown = cloud.url(bucket, "");
    let (store, identity) = (cloud.objects(bucket)?, shown.clone());
    Ok(copy::Place { store, folder: String::new(), shown, identity })
}

enum Opened {
    Object(copy::Place, String),
    Reader(Box<dyn Read + Send>),
}

async fn open(clouds: &Clouds, file: &SourceFile) -> Result<Opened, Problem> {
    let reader = match file.place.clone() {
        Place::Path(path) => {
            let shown = path.to_string_lossy().into_owned();
            let opened = off_thread(move || File::open(path)).await?;
            let failed = |error| problem(CopyError::Source { path: shown, error });
            Box::new(opened.map_err(failed)?) as Box<dyn Read + Send>
        }
        Place::Http(url, authorization) => {
            let options = HttpOptions {
                authorization,
                most_bytes: u64::MAX,
                timeout: LONGEST,
                ..HttpOptions::default()
            };
            let opened = off_thread(move || source::open(&url, &options)).await?;
            opened.map_err(|error: SourceError| sources::problem(&error))?
        }
        Place::Object(url) => {
            let located = clouds.locate(&url).await?;
            let place = place_in(&*located.cloud, &located.place.bucket)?;
            return Ok(Opened::Object(place, located.place.key));
        }
    };
    Ok(Opened::Reader(reader))
}

/// Tells how far a large object is, now and then.
struct Reported {
    progress: Arc<dyn Progress>,
    moved: AtomicU64,
    total: Option<u64>,
    told: Mutex<Instant>,
}

impl Reported {
    fn of(target: &Target<'_>, progress: &Arc<dyn Progress>) -> Arc<dyn CopyEvents> {
        let (progress, moved) = (Arc::clone(progress), AtomicU64::new(0));
        Arc::new(Self { progress, moved, total: target.size, told: Mutex::new(Instant::now()) })
    }

    /// Whether enough time has passed since it was told.
    fn is_due(&self) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = told.elapsed() >= EVERY;
        if is_due {
            *told = Instant::now();
        }
        is_due
    }
}

impl CopyEvents for Reported {
    fn event(&self, event: CopyEvent<'_>) {
        if let CopyEvent::Moved { bytes, .. } = event {
            let (done, total) =
                (self.moved.fetch_add(bytes, Ordering::Relaxed) + bytes, self.total);
            if self.is_due() {
                self.progress.report(ProgressEvent::Amount { done, total, unit: "bytes" });
            }
        }
    }
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        Problem::error(ProblemKind::Other, "Source cannot be read", format!("{error}."))
    })
}

/// What went wrong on the way, by its meaning.
pub(crate) fn problem(error: CopyError) -> Problem {
    let detail = format!("{error}.");
    let (kind, summary) = match &error {
        CopyError::NothingThere(_) => (ProblemKind::NotFound, "Source cannot be read"),
        CopyError::Source { error, .. } => {
            let kind = match error.kind() {
                IoKind::NotFound => ProblemKind::NotFound,
                IoKind::PermissionDenied => ProblemKind::Denied,
                _ => ProblemKind::Unavailable,
            };
            (kind, "Source cannot be read")
        }
        CopyError::Unexpected { .. } | CopyError::Changed(_) => (ProblemKind::Invalid, CHANGED),
        CopyError::Path(_) => (ProblemKind::Invalid, "Invalid object key"),
        CopyError::Store { path, error } => {
            let problem = objects::problem(error, path);
            let denied = error.kind() == ErrorKind::PermissionDenied;
            return if denied {
                problem.hint("Check what the credentials allow.")
            } else {
                problem
            };
        }
        _ => (ProblemKind::Other, "Object was not copied"),
    };
    let problem = Problem::error(kind, summary, detail);
    match error.is_retryable() {
        true => problem.hint("Trying again later may help."),
        false => problem,
    }
}
