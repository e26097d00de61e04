//! `force-unlock`: breaks a lock that nobody holds any more.

use std::io::BufRead as _;

use skyform_diag::{Diagnostic, Diagnostics, Location};
use skyform_state::StateError;

use crate::cli::EXIT_OK;
use crate::cli::arguments::ForceUnlockArgs;
use crate::cli::context::Context;
use crate::cli::project;

pub(crate) fn run(context: &Context, args: &ForceUnlockArgs) -> u8 {
    match unlock(context, args) {
        Ok(()) => EXIT_OK,
        Err(problems) => context.report(&problems, &project::no_sources(), false),
    }
}

fn unlock(context: &Context, args: &ForceUnlockArgs) -> Result<(), Diagnostics> {
    let mut store = context.store()?;
    let is_remote = store.rescue().is_some();
    if is_remote && !args.force && !approved(context, &store.place()) {
        let place = Location::input(&args.id);
        let detail = "The lock is left as it is.";
        return Err(Diagnostic::error(place, "Not approved", detail).into());
    }
    match store.force_unlock(&args.id) {
        Ok(()) => {
            context.print("The lock has been broken. Whoever held it can no longer save what it reads as changed.\n");
            Ok(())
        }
        Err(error @ (StateError::NotLocked | StateError::HeldByProcess(_))) => {
            let problem = project::state_problem(&error);
            Err(Diagnostic { location: Location::input(&args.id), ..problem }.into())
        }
        Err(error) => Err(project::state_problem(&error).into()),
    }
}

fn approved(context: &Context, place: &str) -> bool {
    context.print(&format!(
        "Break the lock on {place}? Do so only if its holder is surely gone. Only \"yes\" is taken as such: "
    ));
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    read.is_ok() && answer.trim() == "yes"
}
