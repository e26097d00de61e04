//! `validate`

use std::collections::BTreeMap;

use skyform_diag::Diagnostics;
use skyform_engine::validate;
use skyform_lang::config::unused;
use skyform_render::diagnostic_json;

use crate::cli::arguments::{ValidateArgs, VariableArgs};
use crate::cli::context::Context;
use crate::cli::project;
use crate::cli::{EXIT_ERROR, EXIT_OK};

pub(crate) fn run(context: &Context, args: &ValidateArgs) -> u8 {
    let no_color = args.shown.no_color;
    let (project, mut diagnostics) = project::open(context, &VariableArgs::default());
    if !diagnostics.has_errors() {
        let found: Diagnostics =
            validate(&project.config, &project.providers, &BTreeMap::new(), context.world());
        diagnostics.extend(found);
    }
    if args.strict && !diagnostics.has_errors() {
        diagnostics.extend(unused(&project.config));
    }
    diagnostics.sort();
    let valid = !diagnostics.has_errors();
    let sources = &project.config.sources;
    if args.json {
        let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
        let json = serde_json::json!({
            "format_version": "1.0",
            "valid": valid,
            "error_count": errors,
            "warning_count": diagnostics.len() - errors,
            "diagnostics": diagnostics.iter().map(|d| diagnostic_json(d, sources)).collect::<Vec<_>>(),
        });
        context.print(&format!("{json:#}\n"));
        return if valid { EXIT_OK } else { EXIT_ERROR };
    }
    context.report(&diagnostics, sources, no_color);
    if !valid {
        return EXIT_ERROR;
    }
    let style = context.style(no_color);
    context.print(&format!("{} The configuration is valid.\n", style.green("Success!")));
    EXIT_OK
}
