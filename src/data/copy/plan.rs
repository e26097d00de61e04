//! What is to be copied, what is there already, and what is left over.

use super::batch::CopyOptions;
use super::compare::{self, Verdict};
use super::error::CopyError;
use super::listing::{self, Found, Sides};
use super::outcome::{CopiedObject, FailedObject};
use super::place::{Place, Selection};
use super::record::Record;

/// What a copy will do.
#[derive(Debug, Default)]
pub struct CopyPlan {
    /// By path.
    pub copy: Vec<PlannedObject>,
    /// There already, by path.
    pub same: Vec<CopiedObject>,
    /// To be deleted at the destination, by path; only in a mirror.
    pub delete: Vec<String>,
    /// Objects at the destination that the source does not have, and that stay.
    pub left_over: u64,
    /// Objects whose paths cannot be written, or cannot be read as they are.
    pub refused: Vec<FailedObject>,
    /// Links and special files of the source, which are not copied.
    pub passed_over: u64,
}

/// An object that is to be copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedObject {
    /// Its path in the destination's folder.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// Why.
    pub reason: Reason,
    /// Its path in the source's folder.
    pub(super) from: String,
    pub(super) found: Found,
}

/// Why an object is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The destination does not have it.
    New,
    /// The destination has another one, or one that nothing shows to be the same.
    Changed,
}

impl CopyPlan {
    /// The bytes of what is to be copied.
    pub fn bytes(&self) -> u64 {
        self.copy.iter().map(|object| object.size).sum()
    }
}

/// Lists both sides and compares them. Changes nothing; reads files of this machine where only their
/// content can tell whether they are the same.
///
/// # Errors
/// If a side cannot be listed, or there is nothing at the source.
pub async fn plan(
    source: &Place,
    destination: &Place,
    selection: &Selection,
    options: &CopyOptions,
    record: Option<&Record>,
) -> Result<CopyPlan, CopyError> {
    let Sides { source: there, destination: mut here, passed_over } =
        listing::sides(source, destination, selection).await?;
    let mut plan = CopyPlan { passed_over, ..CopyPlan::default() };
    if let Selection::One { from, .. } = selection
        && !there.contains_key(from)
    {
        return Err(CopyError::NothingThere(format!("{}{from}", source.shown)));
    }
    if there.is_empty() && options.mirror {
        return Err(CopyError::EmptyMirror(source.shown.clone()));
    }
    let mut unclear = Vec::new();
    for (from, found) in there {
        let path = match selection {
            Selection::All => from.clone(),
            Selection::One { to, .. } => to.clone(),
        };
        let object = |reason| PlannedObject {
            path: path.clone(),
            size: found.size,
            reason,
            from: from.clone(),
            found: found.clone(),
        };
        if let Err(error) = source.check(&from).and_then(|()| destination.check(&path)) {
            plan.refused.push(FailedObject { path, error });
            continue;
        }
        let Some(old) = here.remove(&path) else {
            plan.copy.push(object(Reason::New));
            continue;
        };
        let known = record.and_then(|record| record.copied(&path));
        let changed = object(Reason::Changed);
        match compare::verdict(source, destination, &changed.found, &old, known, options.digests) {
            Verdict::Same(sha256) => {
                plan.same.push(CopiedObject { path, size: changed.size, sha256 });
            }
            Verdict::Different => plan.copy.push(changed),
            Verdict::Unclear(question) => unclear.push((changed, question)),
        }
    }
    for (object, same) in compare::settle(source, destination, unclear, options.parallelism).await?
    {
        match same {
            Some(same) => plan.same.push(same),
            None => plan.copy.push(object),
        }
    }
    plan.copy.sort_by(|one, other| one.path.cmp(&other.path));
    plan.same.sort_by(|one, other| one.path.cmp(&other.path));
    if options.mirror && *selection == Selection::All {
        plan.delete = here.into_keys().collect();
    } else {
        plan.left_over = here.len() as u64;
    }
    Ok(plan)
}
