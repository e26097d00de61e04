//! `force-unlock`: drops a lock that nobody holds any more.
//!
//! The lock on a local state file ends with the process that holds it, so there is never one to be
//! dropped by force; what is left behind is at most the note about who held it.

use skyform_diag::{Diagnostic, Diagnostics, Location};
use skyform_state::{LocalStore, StateError};

use crate::cli::EXIT_OK;
use crate::cli::arguments::ForceUnlockArgs;
use crate::cli::context::Context;
use crate::cli::project;

pub(crate) fn run(context: &Context, args: &ForceUnlockArgs) -> u8 {
    match unlock(context, &args.id) {
        Ok(()) => EXIT_OK,
        Err(problems) => context.report(&problems, &project::no_sources(), false),
    }
}

fn unlock(context: &Context, id: &str) -> Result<(), Diagnostics> {
    let mut store = LocalStore::new(&context.workspace.state_path());
    let problem = |summary: &'static str, detail: String| {
        Diagnostic::error(Location::input(id), summary, detail)
    };
    match store.lock(&context.lock_info("force-unlock")) {
        Ok(()) => Err(problem("State is not locked", "Nobody holds a lock on it.".to_owned()).into()),
        Err(StateError::Locked(holder)) => Err(problem(
            "Lock is held by a running process",
            format!(
                "A lock on a local state file cannot be dropped by another process. It is held by {} since {}, with the ID {}.",
                holder.who, holder.created, holder.id
            ),
        )
        .hint("End that process; its lock ends with it.")
        .into()),
        Err(error) => Err(project::state_problem(&error).into()),
    }
}
