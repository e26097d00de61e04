//! Repositories, by the `git` program: it knows the user's keys and credentials.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::ModuleError;

/// Clones a repository at a branch, tag or commit into a folder that is not there yet.
pub(crate) fn clone(
    url: &str,
    reference: Option<&str>,
    depth: Option<u32>,
    into: &Path,
) -> Result<(), ModuleError> {
    if url.starts_with('-') || reference.is_some_and(|reference| reference.starts_with('-')) {
        return Err(ModuleError::Source(format!("\"{url}\" is no address of a repository")));
    }
    let depth_text = depth.map(|depth| depth.to_string());
    let mut arguments = vec!["clone", "--quiet"];
    if let Some(depth) = &depth_text {
        arguments.extend(["--depth", depth]);
        // A shallow clone holds just one branch or tag, so it must be the right one.
        arguments.extend(reference.into_iter().flat_map(|reference| ["--branch", reference]));
    }
    let target = into.display().to_string();
    arguments.extend(["--", url, &target]);
    run("clone", Path::new("."), &arguments)?;
    if let Some(reference) = reference.filter(|_| depth.is_none()) {
        run("checkout", into, &["checkout", "--quiet", reference, "--"])?;
    }
    run("submodule update", into, &["submodule", "--quiet", "update", "--init", "--recursive"])
}

fn run(action: &'static str, folder: &Path, arguments: &[&str]) -> Result<(), ModuleError> {
    let mut command = Command::new("git");
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    // Where a password is missing, the answer is an error and not a question.
    command.env("GIT_TERMINAL_PROMPT", "0");
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(name);
    }
    let failed = |said: String| ModuleError::Git { action, said };
    let output = command
        .output()
        .map_err(|error| failed(format!("the program git could not be started: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = &lines[lines.len().saturating_sub(4)..];
    Err(failed(last.join("; ")))
}
