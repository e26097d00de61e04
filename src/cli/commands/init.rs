//! `init`: the folder's configuration can be loaded, all its providers are there, and its backend is
//! recorded.

use crate::cli::EXIT_OK;
use crate::cli::arguments::InitArgs;
use crate::cli::backend::initialize;
use crate::cli::context::Context;
use crate::cli::project;
use crate::cli::test_suite::fetch_missing;

pub(crate) fn run(context: &Context, args: &InitArgs) -> u8 {
    let no_color = args.shown.no_color;
    let (project, diagnostics) = project::open_and_fetch(context, args.upgrade);
    let code = context.report(&diagnostics, &project.config.sources, no_color);
    if diagnostics.has_errors() {
        return code;
    }
    let wants_backend = args.backend.as_deref().is_none_or(project::is_true);
    if wants_backend && let Err(problems) = initialize(context, args) {
        return context.report(&problems, &project.config.sources, no_color);
    }
    let (sources, problems) = fetch_missing(context, &project.providers, "tests", args.upgrade);
    let code = context.report(&problems, &sources, no_color);
    if problems.has_errors() {
        return code;
    }
    let style = context.style(no_color);
    for (source, _) in project.providers.iter() {
        context.print(&format!("- {source} is built in\n"));
    }
    let modules = project.config.modules.len() - 1;
    if modules > 0 {
        context.print(&format!(
            "- {modules} module call{} loaded\n",
            if modules == 1 { "" } else { "s" }
        ));
    }
    context.print(&format!(
        "\n{}\n\nNext: \"skyform plan\" shows what would be done.\n",
        style.bold(&style.green("Skyform is ready in this folder."))
    ));
    EXIT_OK
}
