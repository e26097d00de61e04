//! `-generate-config-out`: configuration for what is to be imported and has none.

use std::path::Path;
use std::sync::Arc;

use skyform_diag::{Diagnostic, Diagnostics, Location};
use skyform_engine::{NoEvents, PlanOptions, PlanRequest, generate_config};
use skyform_state::State;

use crate::cli::arguments::VariableArgs;
use crate::cli::context::Context;
use crate::cli::project::{self, Project};

/// Writes the file, and gives the project with it. The file must not be there yet.
pub(super) fn with_generated(
    context: &Context,
    variables: &VariableArgs,
    project: Project,
    state: &State,
    path: &Path,
) -> Result<Project, (Project, Diagnostics)> {
    let problem = |summary: &'static str, detail: String| {
        Diagnostics::from(Diagnostic::error(Location::input(path.display()), summary, detail))
    };
    if path.exists() {
        let detail = "Configuration is only generated into a new file.".to_owned();
        return Err((project, problem("Target generated file already exists", detail)));
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return Err((project, problem("Process out of resources", format!("{error}."))));
        }
    };
    let request = PlanRequest {
        config: &project.config,
        providers: &project.providers,
        state,
        inputs: &project.inputs,
        world: context.world(),
        options: &PlanOptions::default(),
        events: Arc::new(NoEvents),
    };
    let (text, problems) = runtime.block_on(generate_config(&request));
    if problems.has_errors() {
        return Err((project, problems));
    }
    if text.is_empty() {
        return Ok(project);
    }
    if let Err(error) = std::fs::write(path, text) {
        return Err((project, problem("File could not be written", format!("{error}."))));
    }
    context.complain(&format!(
        "Configuration was generated into {}. Look at it before you keep it.\n",
        path.display()
    ));
    let (project, problems) = project::open(context, variables);
    if problems.has_errors() { Err((project, problems)) } else { Ok(project) }
}
