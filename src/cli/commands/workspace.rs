//! `workspace list|show|new|select|delete`

use std::path::Path;

use skyform_diag::{Diagnostic, Diagnostics, Location};
use skyform_state::{DEFAULT_WORKSPACE, LocalStore, StateError, Store as _};

use crate::cli::arguments::{LockArgs, WorkspaceCommand};
use crate::cli::context::Context;
use crate::cli::project::{self, is_true};
use crate::cli::workspace;
use crate::cli::{EXIT_ERROR, EXIT_OK};

pub(crate) fn run(context: &Context, command: &WorkspaceCommand) -> u8 {
    let result = match command {
        WorkspaceCommand::List => list(context),
        WorkspaceCommand::Show => Ok(format!("{}\n", context.workspace.name)),
        WorkspaceCommand::New { name, state, lock } => new(context, name, state.as_deref(), lock),
        WorkspaceCommand::Select { name, or_create } => select(context, name, *or_create),
        WorkspaceCommand::Delete { name, force, lock } => delete(context, name, *force, lock),
    };
    match result {
        Ok(text) => {
            context.print(&text);
            EXIT_OK
        }
        Err(problems) => {
            context.report(&problems, &project::no_sources(), false);
            EXIT_ERROR
        }
    }
}

fn list(context: &Context) -> Result<String, Diagnostics> {
    let current = &context.workspace.name;
    let names = known(context)?;
    let mut text: String = names
        .iter()
        .map(|name| format!("{} {name}\n", if name == current { '*' } else { ' ' }))
        .collect();
    if context.workspace.from_environment {
        text.push_str("\nThe active workspace is being overridden using the TF_WORKSPACE environment\nvariable.\n");
    }
    Ok(text)
}

fn new(
    context: &Context,
    name: &str,
    state: Option<&Path>,
    lock: &LockArgs,
) -> Result<String, Diagnostics> {
    changeable(context)?;
    valid(name)?;
    if known(context)?.iter().any(|known| known == name) {
        return Err(problem(
            name,
            "Workspace already exists",
            "There is a workspace of this name already.",
        )
        .into());
    }
    let failed = |error: StateError| Diagnostics::from(project::state_problem(&error));
    let lineage = uuid::Uuid::new_v4().to_string();
    context.backend()?.create(name, &context.here()?, &lineage).map_err(failed)?;
    if let Some(path) = state {
        let given = LocalStore::new(path)
            .sealed_with(context.seals()?.state)
            .read()
            .map_err(failed)?
            .unwrap_or_default();
        let mut store = context.store_of(name)?;
        if is_true(&lock.lock) {
            store.lock(&context.lock_info("workspace-new", store.place())).map_err(failed)?;
        }
        store.read().and_then(|_| store.write(&given)).map_err(failed)?;
        store.unlock().map_err(failed)?;
    }
    choose(context, name)?;
    Ok(format!(
        "Created and switched to workspace \"{name}\"!\n\nIts state is empty: a plan here sees nothing of other workspaces.\n"
    ))
}

fn select(context: &Context, name: &str, or_create: bool) -> Result<String, Diagnostics> {
    changeable(context)?;
    valid(name)?;
    let names = known(context)?;
    if !names.iter().any(|known| known == name) {
        if or_create {
            return new(context, name, None, &LockArgs::default());
        }
        return Err(problem(name, "No such workspace", "There is no workspace of this name.")
            .did_you_mean(name, names.iter().map(String::as_str))
            .hint(format!("Make it: skyform workspace new {name}"))
            .into());
    }
    choose(context, name)?;
    Ok(format!("Switched to workspace \"{name}\".\n"))
}

fn delete(
    context: &Context,
    name: &str,
    force: bool,
    lock: &LockArgs,
) -> Result<String, Diagnostics> {
    valid(name)?;
    if name == DEFAULT_WORKSPACE {
        return Err(problem(
            name,
            "Default workspace stays",
            "The default workspace cannot be deleted.",
        )
        .into());
    }
    if !known(context)?.iter().any(|known| known == name) {
        return Err(
            problem(name, "No such workspace", "There is no workspace of this name.").into()
        );
    }
    if context.workspace.name == name {
        return Err(problem(
            name,
            "Workspace is in use",
            "The workspace in use cannot be deleted.",
        )
        .hint("Choose another one first: skyform workspace select default")
        .into());
    }
    let mut store = context.store_of(name)?;
    let failed = |error: StateError| Diagnostics::from(project::state_problem(&error));
    if is_true(&lock.lock) {
        store.lock(&context.lock_info("workspace-delete", store.place())).map_err(failed)?;
    }
    let holds = store.read().map_err(failed)?.is_some_and(|state| !state.resources.is_empty());
    if holds && !force {
        return Err(problem(
            name,
            "Workspace is not empty",
            "Its state still has resources, which would be managed by nobody.",
        )
        .hint("Destroy them first; or give -force to leave them behind.")
        .into());
    }
    context.backend()?.delete(name, &context.here()?).map_err(failed)?;
    let left =
        if holds { " Its resources may still exist, and nothing manages them now." } else { "" };
    Ok(format!("Deleted workspace \"{name}\"!{left}\n"))
}

fn known(context: &Context) -> Result<Vec<String>, Diagnostics> {
    let listed = context.backend()?.workspaces();
    listed.map_err(|error| project::state_problem(&error).into())
}

fn choose(context: &Context, name: &str) -> Result<(), Diagnostics> {
    let chosen = context.workspace.choose(name);
    chosen.map_err(|error| unwritable(Path::new(".terraform"), &error))
}

fn changeable(context: &Context) -> Result<(), Diagnostics> {
    if context.workspace.from_environment {
        return Err(problem(
            "TF_WORKSPACE",
            "Workspace is set by the environment",
            "The environment variable TF_WORKSPACE names the workspace, so it cannot be chosen by a command.",
        )
        .hint("Unset TF_WORKSPACE.")
        .into());
    }
    Ok(())
}

fn valid(name: &str) -> Result<(), Diagnostics> {
    if workspace::is_valid(name) {
        return Ok(());
    }
    Err(problem(
        name,
        "Invalid workspace name",
        "A name must be usable in an address without escapes: letters, digits, \"-\", \"_\" and \".\".",
    )
    .into())
}

fn problem(name: &str, summary: &'static str, detail: &str) -> Diagnostic {
    Diagnostic::error(Location::input(name), summary, detail)
}

fn unwritable(path: &Path, error: &std::io::Error) -> Diagnostics {
    let place = Location::input(path.display());
    Diagnostic::error(place, "Workspace could not be changed", format!("{error}.")).into()
}
