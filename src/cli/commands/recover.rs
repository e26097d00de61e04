//! `recover`: shows what a run that was cut off has left in doubt, and settles it.

use skyform_diag::{Diagnostic, Diagnostics, Location};
use skyform_engine::settle;
use skyform_state::Ledger;
use skyform_state::journal::Outcome;

use super::plan::said_of;
use crate::cli::EXIT_ERROR;
use crate::cli::arguments::{RecoverArgs, VariableArgs};
use crate::cli::context::Context;
use crate::cli::project::{self, Project};

pub(crate) fn run(context: &Context, args: &RecoverArgs) -> u8 {
    let (project, _) = project::open(context, &VariableArgs::default());
    match recover(context, args, &project) {
        Ok(said) => {
            if said.is_empty() {
                context.print("Nothing is in doubt.\n");
            }
            context.report(&said, &project.config.sources, false)
        }
        Err(problems) => {
            context.report(&problems, &project.config.sources, false);
            EXIT_ERROR
        }
    }
}

fn recover(
    context: &Context,
    args: &RecoverArgs,
    project: &Project,
) -> Result<Diagnostics, Diagnostics> {
    let (mut ledger, recovered) =
        project::open_state_with(context, &args.lock, "recover", args.onto_newer)?;
    let mut found = said_of(context, &recovered);
    for address in &args.absent {
        give_up(&mut ledger, address)?;
        context.print(&format!("{address} is taken as not made.\n"));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        let place = Location::input("process");
        Diagnostic::error(place, "Process out of resources", format!("{error}."))
    })?;
    let said = runtime.block_on(settle(&mut ledger, &project.providers));
    let said = said.map_err(|error| project::state_problem(&error))?;
    ledger.finish().map_err(|error| project::state_problem(&error))?;
    found.extend(said);
    Ok(found)
}

/// Takes the user's word that an intent has made nothing.
fn give_up(ledger: &mut Ledger, address: &str) -> Result<(), Diagnostics> {
    let found = ledger.in_doubt().iter().find(|intent| intent.address.to_string() == address);
    let Some(intent) = found.map(|intent| intent.id) else {
        let detail = "Nothing is in doubt at this address.";
        return Err(Diagnostic::error(Location::input(address), "Not in doubt", detail).into());
    };
    let outcome = Outcome { intent, changes: Vec::new(), error: None };
    ledger.outcome(outcome).map(drop).map_err(|error| project::state_problem(&error).into())
}
