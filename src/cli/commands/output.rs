//! `output`

use skyform_diag::{Diagnostic, Location};
use skyform_render::{json, outputs_text};
use skyform_value::{Type, convert, to_console};

use crate::cli::EXIT_OK;
use crate::cli::arguments::OutputArgs;
use crate::cli::context::Context;
use crate::cli::project;

pub(crate) fn run(context: &Context, args: &OutputArgs) -> u8 {
    let no_color = args.shown.no_color;
    let ledger = match project::read_state(context) {
        Ok(ledger) => ledger,
        Err(problems) => return context.report(&problems, &project::no_sources(), no_color),
    };
    let state = ledger.state();
    let Some(name) = &args.name else {
        let text = if args.json {
            format!("{:#}\n", json::outputs_json(state))
        } else if state.outputs.is_empty() {
            context.complain(
                "Warning: the state has no outputs. They are stored by \"skyform apply\".\n",
            );
            String::new()
        } else {
            outputs_text(state)
        };
        context.print(&text);
        return EXIT_OK;
    };
    let Some(output) = state.outputs.get(name.as_str()) else {
        let known = state.outputs.keys().map(skyform_value::Str::as_str);
        let problem = Diagnostic::error(
            Location::input(name),
            "No such output",
            format!("The state has no output named \"{name}\"."),
        )
        .did_you_mean(name, known);
        return context.report(&problem.into(), &project::no_sources(), no_color);
    };
    if args.json {
        context.print(&format!("{}\n", json::plain(&output.value)));
    } else if args.raw {
        match convert(&output.value, &Type::String).ok().and_then(|v| v.as_str().map(str::to_owned))
        {
            Some(text) => context.print(&text),
            None => {
                let problem = Diagnostic::error(
                    Location::input(name),
                    "Output has no raw form",
                    format!(
                        "\"{name}\" is a {}; -raw is for text, numbers and bools.",
                        output.value.ty().friendly()
                    ),
                )
                .hint("Use -json for it.");
                return context.report(&problem.into(), &project::no_sources(), no_color);
            }
        }
    } else {
        context.print(&format!("{}\n", to_console(&output.value)));
    }
    EXIT_OK
}
