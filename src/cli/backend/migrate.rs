//! Takes states along from one backend to another.

use std::io::BufRead as _;

use skyform_diag::{Diagnostic, Diagnostics, Location};
use skyform_state::{Backend, DEFAULT_WORKSPACE, State, StateError, Store};

use crate::cli::context::Context;
use crate::cli::project::state_problem;

/// Whether states may be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Approval {
    /// An option says so.
    Given,
    /// The user is asked.
    Asked,
    /// Nobody can be asked.
    Refused,
}

/// A state that goes from one store to another; both are locked.
struct Copy {
    workspace: String,
    state: State,
    from: Box<dyn Store>,
    to: Box<dyn Store>,
    replaces: bool,
}

/// Copies the states of all workspaces that have one. What is in their place already is only
/// replaced where that is approved.
pub(super) fn migrate(
    context: &Context,
    from: &dyn Backend,
    to: &dyn Backend,
    approval: Approval,
) -> Result<(), Diagnostics> {
    let failed = |error: StateError| Diagnostics::from(state_problem(&error));
    let workspaces = match from.workspaces() {
        Err(StateError::NoWorkspaces) => vec![DEFAULT_WORKSPACE.to_owned()],
        listed => listed.map_err(failed)?,
    };
    let mut copies = Vec::new();
    for workspace in workspaces {
        copies.extend(prepare(context, from, to, &workspace)?);
    }
    if copies.is_empty() {
        return Ok(());
    }
    if !approved(context, &copies, approval)? {
        let place = Location::input("backend");
        let detail = "States were not copied, and nothing has been changed.";
        return Err(Diagnostic::error(place, "Not approved", detail).into());
    }
    for copy in &mut copies {
        copy.to.write(&copy.state).map_err(failed)?;
    }
    for mut copy in copies {
        copy.to.unlock().map_err(failed)?;
        copy.from.unlock().map_err(failed)?;
        context.print(&format!(
            "- the state of \"{}\" was copied from {} to {}\n",
            copy.workspace,
            copy.from.place(),
            copy.to.place()
        ));
        set_aside(context, &*copy.from)?;
    }
    Ok(())
}

/// A state file that is no longer the state would mislead: it is kept as a backup.
fn set_aside(context: &Context, from: &dyn Store) -> Result<(), Diagnostics> {
    if from.rescue().is_some() {
        return Ok(());
    }
    let (path, backup) = (from.place(), format!("{}.backup", from.place()));
    std::fs::rename(&path, &backup).map_err(|source| {
        Diagnostics::from(state_problem(&StateError::Io { path: path.clone().into(), source }))
    })?;
    context.print(&format!("  {path} is now {backup}\n"));
    Ok(())
}

fn prepare(
    context: &Context,
    from: &dyn Backend,
    to: &dyn Backend,
    workspace: &str,
) -> Result<Option<Copy>, Diagnostics> {
    let failed = |error: StateError| Diagnostics::from(state_problem(&error));
    let here = context.here()?;
    let mut source = from.store(workspace, &here).map_err(failed)?;
    if source.journal_path().exists() {
        let place = Location::input(source.journal_path().display());
        let detail = "The last run did not end properly, and what it did is not in the state yet.";
        return Err(Diagnostic::error(place, "State has a journal", detail)
            .hint("Put the old backend back, and settle that first: skyform recover")
            .into());
    }
    let Some(state) = source.read().map_err(failed)?.filter(|state| !state.is_empty()) else {
        return Ok(None);
    };
    let mut target = to.store(workspace, &here).map_err(failed)?;
    if source.place() == target.place() {
        return Ok(None);
    }
    let info = |store: &dyn Store| context.lock_info("migrate-state", store.place());
    source.lock(&info(&*source)).map_err(failed)?;
    // One of both at most locks its stand-in on this machine.
    target.lock(&info(&*target)).map_err(failed)?;
    let there = target.read().map_err(failed)?.filter(|there| !there.is_empty());
    if there
        .as_ref()
        .is_some_and(|there| there.has_content_of(&state) && there.lineage == state.lineage)
    {
        return Ok(None);
    }
    let replaces = there.is_some();
    let workspace = workspace.to_owned();
    Ok(Some(Copy { workspace, state, from: source, to: target, replaces }))
}

fn approved(context: &Context, copies: &[Copy], approval: Approval) -> Result<bool, Diagnostics> {
    if approval == Approval::Given {
        return Ok(true);
    }
    let mut text = String::from("\nStates to be copied to the new backend:\n");
    for copy in copies {
        let note = if copy.replaces { " (REPLACES another state there)" } else { "" };
        text.push_str(&format!(
            "  {}: {} -> {}{note}\n",
            copy.workspace,
            copy.from.place(),
            copy.to.place()
        ));
    }
    context.print(&text);
    if approval == Approval::Refused {
        let place = Location::input("-input=false");
        let detail = "There are states to be copied, and nobody may be asked.";
        return Err(Diagnostic::error(place, "Approval needed", detail)
            .hint("-force-copy copies them; -reconfigure leaves them where they are.")
            .into());
    }
    context.print("Copy them? Only \"yes\" is taken as such: ");
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    Ok(read.is_ok() && answer.trim() == "yes")
}
