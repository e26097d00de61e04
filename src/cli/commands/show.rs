//! `show`

use skyform_render::{json, plan_text, state_text};

use super::plan::{decoder, read_plan};
use crate::cli::EXIT_OK;
use crate::cli::arguments::{ShowArgs, VariableArgs};
use crate::cli::context::Context;
use crate::cli::project;

pub(crate) fn run(context: &Context, args: &ShowArgs) -> u8 {
    let no_color = args.shown.no_color;
    // Configuration is not needed to show what is stored, so what is wrong in it does not matter.
    let (project, _) = project::open(context, &VariableArgs::default());
    let decode = decoder(&project);
    let style = context.style(no_color);
    if let Some(path) = &args.plan {
        let plan = match read_plan(path) {
            Ok(plan) => plan,
            Err(problems) => return context.report(&problems, &project::no_sources(), no_color),
        };
        let text = if args.json {
            format!("{}\n", json::plan_json(&plan, &decode))
        } else {
            plan_text(&plan, style)
        };
        context.print(&text);
        return EXIT_OK;
    }
    match project::read_state(context) {
        Ok(ledger) => {
            let text = if args.json {
                format!("{}\n", json::state_json(ledger.state(), &decode))
            } else if ledger.state().is_empty() {
                "The state is empty: nothing is managed here yet.\n".to_owned()
            } else {
                state_text(ledger.state(), style, &decode)
            };
            context.print(&text);
            EXIT_OK
        }
        Err(problems) => context.report(&problems, &project::no_sources(), no_color),
    }
}
