//! `show`

use skyform_engine::{block_schema, schema_version};
use skyform_plan::Plan;
use skyform_render::json::{self, BlockSchema, Known};
use skyform_render::{plan_html, plan_markdown, plan_text, state_text};

use super::plan::{decoder, read_plan};
use crate::cli::EXIT_OK;
use crate::cli::arguments::{ShowArgs, VariableArgs};
use crate::cli::context::Context;
use crate::cli::project::{self, Project};
use crate::cli::snapshot;

pub(crate) fn run(context: &Context, args: &ShowArgs) -> u8 {
    let no_color = args.shown.no_color;
    // Configuration is not needed to show what is stored, so what is wrong in it does not matter.
    let (project, _) = project::open(context, &VariableArgs::default());
    let decode = decoder(&project);
    let style = context.style(no_color);
    if let Some(path) = &args.plan {
        let plan = match read_plan(context, path) {
            Ok(plan) => plan,
            Err(problems) => return context.report(&problems, &project::no_sources(), no_color),
        };
        context.print(&if args.json {
            format!("{}\n", document(context, &plan, &project))
        } else if args.markdown {
            plan_markdown(&plan)
        } else if args.html {
            plan_html(&plan)
        } else {
            plan_text(&plan, style)
        });
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

/// The plan's document, with the configuration that the plan brings along.
fn document(context: &Context, plan: &Plan, project: &Project) -> serde_json::Value {
    let config = snapshot::configuration(context, &plan.snapshot, project);
    let configuration = config.as_ref().map_or_else(
        || serde_json::json!({"root_module": {}}),
        |config| {
            json::configuration_json(config, &|module, block| {
                let (provider, schema) = block_schema(&project.providers, module, block)?;
                Some(BlockSchema { provider, schema })
            })
        },
    );
    let known = Known {
        decode: &decoder(project),
        schema_version: &|provider, mode, type_name| {
            schema_version(&project.providers, provider, mode, type_name)
        },
        configuration,
        config: config.as_ref(),
    };
    json::plan_json(plan, &known)
}
