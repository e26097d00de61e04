//! All objects of a copy: leftovers ended first, large objects beside small ones, deletions last.

use std::num::{NonZeroU64, NonZeroUsize};
use std::sync::Arc;

use super::compare;
use super::error::CopyError;
use super::events::{CopyEvent, CopyEvents};
use super::object::{self, Arrived, Course, Job, PART, Share};
use super::outcome::{CopiedObject, CopyOutcome, FailedObject};
use super::place::Place;
use super::plan::{CopyPlan, PlannedObject};
use super::rate::Limit;
use super::record::{Copied, Record};
use super::workers;

/// Large objects that are on their way at once: each goes in several parts at once.
const LARGE_AT_ONCE: usize = 4;

/// How a copy is done.
#[derive(Clone, Copy, Debug)]
pub struct CopyOptions {
    /// Whether the destination loses what the source does not have.
    pub mirror: bool,
    /// Objects that are on their way at once.
    pub parallelism: NonZeroUsize,
    /// Bytes a second, at most.
    pub limit_rate: Option<NonZeroU64>,
    /// Whether the SHA-256 of every object is wanted, even if it has to be read for that alone.
    pub digests: bool,
}

/// Carries a plan out. Objects that cannot be copied do not keep the others from it; nothing is deleted
/// unless all are copied.
///
/// # Errors
/// If the record cannot be written, or the work ends without a result.
pub async fn run(
    plan: CopyPlan,
    source: &Place,
    destination: &Place,
    options: &CopyOptions,
    record: Option<Arc<Record>>,
    events: Arc<dyn CopyEvents>,
) -> Result<CopyOutcome, CopyError> {
    events.event(CopyEvent::Planned { objects: plan.copy.len() as u64, bytes: plan.bytes() });
    let limit = options.limit_rate.map(Limit::new);
    let course = Arc::new(Course::new(source, destination, record, limit, events));
    end_leftovers(&course, &plan).await?;
    let mut outcome =
        CopyOutcome { same: plan.same, failed: plan.refused, ..CopyOutcome::default() };
    let (large, small): (Vec<_>, Vec<_>) =
        plan.copy.into_iter().partition(|object| object.size > PART);
    let at_once = options.parallelism.get();
    let large_at_once = LARGE_AT_ONCE.min(at_once).min(large.len().max(1));
    let share = course.share(large_at_once);
    let work = |course: &Arc<Course>| {
        let (course, digests) = (Arc::clone(course), options.digests);
        move |object: PlannedObject| {
            let course = Arc::clone(&course);
            async move { carry(&course, object, share, digests).await }
        }
    };
    let (large, small) = futures::try_join!(
        workers::each(large, large_at_once, work(&course)),
        workers::each(small, at_once, work(&course)),
    )?;
    for (path, carried) in large.into_iter().chain(small) {
        match carried {
            Ok(Arrived { size, sha256, resumed_bytes, .. }) => {
                outcome.resumed_bytes += resumed_bytes;
                outcome.copied.push(CopiedObject { path, size, sha256 });
            }
            Err(error) => outcome.failed.push(FailedObject { path, error }),
        }
    }
    if outcome.failed.is_empty() {
        delete(&course, plan.delete, &mut outcome).await;
    }
    outcome.sort();
    Ok(outcome)
}

/// Ends uploads that an earlier copy has begun, and that this one does not go on with.
async fn end_leftovers(course: &Arc<Course>, plan: &CopyPlan) -> Result<(), CopyError> {
    let Some(record) = &course.record else { return Ok(()) };
    for begun in record.all_begun() {
        let goes_on = plan.copy.iter().any(|object| {
            object.path == begun.path
                && object.size == begun.size
                && object.found.tag == begun.source_tag
                && object::part_size(object.size) == begun.part_size
        });
        if !goes_on {
            let (path, key) = (begun.path.clone(), course.destination.key(&begun.path));
            object::abort(&course.destination.store, &key, begun).await?;
            record.end(&path)?;
        }
    }
    Ok(())
}

async fn carry(
    course: &Course,
    object: PlannedObject,
    share: Share,
    digests: bool,
) -> (String, Result<Arrived, CopyError>) {
    let PlannedObject { path, size, from, found, .. } = object;
    course.events.event(CopyEvent::Started { path: &path, size });
    let job = Job { from, to: path.clone(), found, sha256: None };
    let carried = carry_recorded(course, &job, share, digests).await;
    course.events.event(match &carried {
        Ok(_) => CopyEvent::Copied { path: &path },
        Err(_) => CopyEvent::Failed { path: &path },
    });
    (path, carried)
}

async fn carry_recorded(
    course: &Course,
    job: &Job,
    share: Share,
    digests: bool,
) -> Result<Arrived, CopyError> {
    let within = course.destination.can_copy_from(&course.source);
    let mut arrived = match within {
        true => course.carry_within(job).await?,
        false => course.carry(job, share).await?,
    };
    if arrived.sha256.is_none() && digests {
        let read = compare::read(&course.destination, &job.to, job.found.size).await?;
        arrived.sha256 = read.map(|read| read.sha256);
    }
    if let Some(record) = &course.record {
        record.add_copied(Copied {
            path: job.to.clone(),
            size: arrived.size,
            sha256: arrived.sha256.clone(),
            source_tag: job.found.tag.clone(),
            tag: arrived.tag.clone(),
        })?;
    }
    Ok(arrived)
}

/// Deletes what the source does not have, in as few requests as the store allows.
async fn delete(course: &Course, paths: Vec<String>, outcome: &mut CopyOutcome) {
    const AT_ONCE: usize = 1000;
    for paths in paths.chunks(AT_ONCE) {
        let keys = paths.iter().map(|path| course.destination.key(path));
        match course.destination.store.delete_iter(keys).await {
            Ok(()) => {
                for path in paths {
                    course.events.event(CopyEvent::Deleted { path });
                    outcome.deleted.push(path.clone());
                }
            }
            Err(error) => {
                let path = paths.first().cloned().unwrap_or_default();
                let error = CopyError::store(&path)(error);
                outcome.failed.push(FailedObject { path, error });
                return;
            }
        }
    }
}
