//! `copy`: objects from one store to another.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value as Json, json};
use skyform_data::copy::{self, CopyError, CopyOutcome, CopyPlan, Reason, Record};
use skyform_diag::{Diagnostic, Diagnostics, Location};

use crate::cli::context::Context;
use crate::cli::copying::{
    CopyArgs, Shown, Sides, bytes, copy_options, count, duration, open, rate, record_path,
};
use crate::cli::project::no_sources;
use crate::cli::{EXIT_ERROR, EXIT_INTERRUPTED, EXIT_OK};

/// More objects that failed are only counted.
const MOST_SHOWN: usize = 10;

pub(crate) fn run(context: &Context, args: &CopyArgs) -> u8 {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(async {
            tokio::select! {
                result = copy(context, args) => result,
                _ = tokio::signal::ctrl_c() => {
                    context.complain("\nInterrupted. The same command goes on where this one was.\n");
                    Ok(EXIT_INTERRUPTED)
                }
            }
        }),
        Err(error) => {
            let place = Location::input("process");
            Err(Diagnostic::error(place, "Process out of resources", format!("{error}.")))
        }
    };
    result.unwrap_or_else(|problem| {
        context.report(&Diagnostics::from(problem), &no_sources(), args.no_color);
        EXIT_ERROR
    })
}

async fn copy(context: &Context, args: &CopyArgs) -> Result<u8, Diagnostic> {
    let sides = open(context, args).await?;
    let Sides { source, destination, selection, .. } = &sides;
    let options = copy_options(args);
    let dumb = context.variable("TERM") == Some("dumb");
    let shown = Arc::new(Shown::new(!args.json && !args.dry_run, dumb));
    let record = record_path(context, args, &source.full_name(), &destination.full_name());
    let record = match record {
        // What a dry run learns is not worth a folder.
        Some(path) if !args.dry_run || path.exists() => {
            let opened = Record::open(&path, &source.full_name(), &destination.full_name());
            Some(Arc::new(opened.map_err(|error| problem(args, &error))?))
        }
        _ => None,
    };
    let planned = copy::plan(source, destination, selection, &options, record.as_deref()).await;
    let plan = planned.map_err(|error| problem(args, &error))?;
    if args.dry_run {
        context.print(&if args.json { plan_json(&plan) } else { plan_text(&plan) });
        return Ok(EXIT_OK);
    }
    let passed_over = plan.passed_over;
    let events = Arc::clone(&shown) as Arc<dyn copy::CopyEvents>;
    let ran = copy::run(plan, source, destination, &options, record, events).await;
    let elapsed = shown.end();
    let outcome = ran.map_err(|error| problem(args, &error))?;
    if let Some(path) = &args.manifest {
        write_manifest(path, &outcome)?;
    }
    let text = match args.json {
        true => outcome_json(&outcome, elapsed),
        false => outcome_text(&outcome, elapsed, passed_over),
    };
    context.print(&text);
    if outcome.failed.is_empty() {
        return Ok(EXIT_OK);
    }
    if !args.json {
        context.report(&failures(&outcome), &no_sources(), args.no_color);
    }
    Ok(EXIT_ERROR)
}

fn write_manifest(path: &PathBuf, outcome: &CopyOutcome) -> Result<(), Diagnostic> {
    let failed = |reason: String| {
        let place = Location::input(path.display());
        Diagnostic::error(place, "Manifest could not be written", format!("{reason}."))
    };
    let manifest = outcome.manifest().map_err(|error| failed(error.to_string()))?;
    let text = manifest.text();
    skyform_state::write_atomically(Path::new(path), text.as_bytes())
        .map_err(|error| failed(error.to_string()))
}

/// The one place where an error of a copy becomes a message.
fn problem(args: &CopyArgs, error: &CopyError) -> Diagnostic {
    let (place, summary) = match error {
        CopyError::NothingThere(_) | CopyError::EmptyMirror(_) => {
            (args.source.clone(), "Nothing to copy")
        }
        CopyError::Record { path, .. } => {
            (path.display().to_string(), "Record of the copy cannot be used")
        }
        CopyError::Busy(_) => (args.destination.clone(), "Another copy is under way"),
        CopyError::OtherRecord { path, .. } => {
            (path.display().to_string(), "Record of another copy")
        }
        CopyError::Store { path, .. } | CopyError::Damaged { path, .. } => {
            (path.clone(), "Store cannot be used")
        }
        _ => (args.destination.clone(), "Copy failed"),
    };
    let problem = Diagnostic::error(Location::input(place), summary, format!("{error}."));
    match hint(error) {
        Some(hint) => problem.hint(hint),
        None => problem,
    }
}

fn hint(error: &CopyError) -> Option<&'static str> {
    use opendal::ErrorKind;
    Some(match error {
        CopyError::Busy(_) => "Wait until it is done; a copy ends with its process.",
        CopyError::OtherRecord { .. } => "Give this copy another -manifest file.",
        CopyError::Changed(_) => "Run the same command again when nobody writes there.",
        CopyError::Damaged { .. } => "Run the same command again; it is copied anew.",
        CopyError::EmptyMirror(_) => "Check the source; without -mirror nothing is deleted.",
        CopyError::Path(_) => "Parts between slashes may not be empty, \".\" or \"..\".",
        CopyError::Store { .. } if error.is_about_credentials() => {
            "Renew or set the credentials, and run the same command again; it goes on where it was."
        }
        CopyError::Store { .. } => match error.kind()? {
            ErrorKind::PermissionDenied => {
                "Check the credentials in the environment, and what they allow."
            }
            ErrorKind::ConfigInvalid => "Check the bucket's name, and the endpoint.",
            ErrorKind::RateLimited => {
                "Run the same command again later, or with less -parallelism."
            }
            _ if error.is_retryable() => "Run the same command again; it goes on where it was.",
            _ => return None,
        },
        _ => return None,
    })
}

fn failures(outcome: &CopyOutcome) -> Diagnostics {
    let mut problems = Diagnostics::new();
    for failed in outcome.failed.iter().take(MOST_SHOWN) {
        let place = Location::input(&failed.path);
        let detail = format!("{}.", failed.error);
        let problem = Diagnostic::error(place, "Object was not copied", detail);
        problems.push(match hint(&failed.error) {
            Some(hint) => problem.hint(hint),
            None => problem,
        });
    }
    let more = outcome.failed.len().saturating_sub(MOST_SHOWN);
    if more > 0 {
        let detail = format!("{} more were not copied.", count(more as u64, "object"));
        problems.push(Diagnostic::error(
            Location::input("copy"),
            "Objects were not copied",
            detail,
        ));
    }
    problems
}

fn outcome_text(outcome: &CopyOutcome, elapsed: Duration, passed_over: u64) -> String {
    let moved = outcome.copied_bytes();
    let mut text = if outcome.copied.is_empty() {
        "Nothing to copy.".to_owned()
    } else {
        let speed = moved as f64 / elapsed.as_secs_f64().max(0.001);
        format!(
            "Copied {} ({}) in {}, {}.",
            count(outcome.copied.len() as u64, "object"),
            bytes(moved),
            duration(elapsed),
            rate(speed)
        )
    };
    let mut add = |number: u64, what: &str| {
        if number > 0 {
            text.push_str(&format!(" {} {what}.", count(number, "object")));
        }
    };
    add(outcome.same.len() as u64, "there already");
    add(outcome.deleted.len() as u64, "deleted");
    add(outcome.failed.len() as u64, "failed");
    add(passed_over, "passed over: links and special files");
    if outcome.resumed_bytes > 0 {
        let resumed = bytes(outcome.resumed_bytes);
        text.push_str(&format!(" {resumed} had been sent before."));
    }
    text.push('\n');
    text
}

fn outcome_json(outcome: &CopyOutcome, elapsed: Duration) -> String {
    let object = |object: &copy::CopiedObject| json!({"path": object.path, "size": object.size, "sha256": object.sha256});
    let failed = outcome.failed.iter().map(|failed| {
        json!({
            "path": failed.path,
            "error": failed.error.to_string(),
            "retryable": failed.error.is_retryable(),
        })
    });
    let whole = json!({
        "format_version": "1.0",
        "copied": outcome.copied.iter().map(object).collect::<Vec<Json>>(),
        "same": outcome.same.len(),
        "deleted": outcome.deleted,
        "failed": failed.collect::<Vec<Json>>(),
        "bytes": outcome.copied_bytes(),
        "resumed_bytes": outcome.resumed_bytes,
        "seconds": elapsed.as_secs_f64(),
    });
    format!("{whole}\n")
}

fn plan_text(plan: &CopyPlan) -> String {
    let mut lines: Vec<(&str, String)> = Vec::new();
    for object in &plan.copy {
        let sign = if object.reason == Reason::New { "+" } else { "~" };
        lines.push((&object.path, format!("  {sign} {} ({})\n", object.path, bytes(object.size))));
    }
    lines.extend(plan.delete.iter().map(|path| (path.as_str(), format!("  - {path}\n"))));
    lines.sort();
    let mut text: String = lines.into_iter().map(|(_, line)| line).collect();
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(&format!(
        "{} to copy ({}), {} to delete, {} there already.\n",
        count(plan.copy.len() as u64, "object"),
        bytes(plan.bytes()),
        count(plan.delete.len() as u64, "object"),
        count(plan.same.len() as u64, "object"),
    ));
    text
}

fn plan_json(plan: &CopyPlan) -> String {
    let object = |object: &copy::PlannedObject| {
        let reason = if object.reason == Reason::New { "new" } else { "changed" };
        json!({"path": object.path, "size": object.size, "reason": reason})
    };
    let whole = json!({
        "format_version": "1.0",
        "copy": plan.copy.iter().map(object).collect::<Vec<Json>>(),
        "delete": plan.delete,
        "same": plan.same.len(),
        "left_over": plan.left_over,
        "bytes": plan.bytes(),
    });
    format!("{whole}\n")
}
