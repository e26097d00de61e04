//! `import`: takes an object that exists already into the state.

use std::sync::Arc;

use skyform_diag::{Diagnostic, Diagnostics, Location};
use skyform_engine::{NoEvents, PlanOptions, PlanRequest, import_object};
use skyform_value::InstanceAddress;

use crate::cli::arguments::ImportArgs;
use crate::cli::context::Context;
use crate::cli::project::{self, Project};

pub(crate) fn run(context: &Context, args: &ImportArgs) -> u8 {
    let no_color = args.shown.no_color;
    let (project, mut diagnostics) = project::open(context, &args.variables);
    if !diagnostics.has_errors()
        && let Err(problems) = import(context, args, &project)
    {
        diagnostics.extend(problems);
    }
    let code = context.report(&diagnostics, &project.config.sources, no_color);
    if !diagnostics.has_errors() {
        let style = context.style(no_color);
        context.print(&format!(
            "{} {} is in the state now.\n",
            style.green("Import successful!"),
            args.address
        ));
    }
    code
}

fn import(context: &Context, args: &ImportArgs, project: &Project) -> Result<(), Diagnostics> {
    let address: InstanceAddress = args.address.parse().map_err(|error| {
        let place = Location::input(&args.address);
        Diagnostic::error(place, "Invalid address", format!("{error}."))
    })?;
    let (mut ledger, _) = project::open_state(context, &args.lock, "OperationTypeImport")?;
    let state = ledger.state().clone();
    let request = PlanRequest {
        config: &project.config,
        providers: &project.providers,
        state: &state,
        inputs: &project.inputs,
        world: context.world(),
        options: &PlanOptions::default(),
        events: Arc::new(NoEvents),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        let place = Location::input("process");
        Diagnostic::error(place, "Process out of resources", format!("{error}."))
    })?;
    let outcome = runtime.block_on(import_object(&request, &address, &args.id))?;
    let written = ledger.change(outcome.change).map(drop).and_then(|()| ledger.finish());
    written.map(drop).map_err(|error| project::state_problem(&error).into())
}
