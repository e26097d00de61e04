//! `providers`: which providers the configuration needs, and their schemas.

use std::collections::BTreeSet;

use skyform_engine::{Deadlines, block_schema};
use skyform_lang::config::ModuleId;
use skyform_render::json::{ProviderSchemas, schemas_json};

use crate::cli::EXIT_OK;
use crate::cli::arguments::{ProvidersArgs, ProvidersCommand, VariableArgs};
use crate::cli::context::Context;
use crate::cli::project::{self, Project};

pub(crate) fn run(context: &Context, args: &ProvidersArgs) -> u8 {
    match &args.command {
        Some(ProvidersCommand::Schema { .. }) => schema(context),
        None => tree(context),
    }
}

fn schema(context: &Context) -> u8 {
    let providers = crate::cli::providers::all(context, Deadlines::default());
    let all: Vec<_> =
        providers.iter().map(|(source, provider)| (source, provider.schema())).collect();
    let schemas: Vec<ProviderSchemas<'_>> = all
        .iter()
        .map(|(source, offered)| ProviderSchemas {
            source: source.as_str(),
            provider: &offered.provider,
            resources: offered.resources.iter().map(|(name, ty)| (name, &ty.schema)).collect(),
            data_sources: offered.data_sources.iter().collect(),
            ephemeral: offered.ephemeral.iter().collect(),
        })
        .collect();
    context.print(&format!("{}\n", schemas_json(&schemas)));
    EXIT_OK
}

fn tree(context: &Context) -> u8 {
    let (project, diagnostics) = project::open(context, &VariableArgs::default());
    if diagnostics.has_errors() {
        return context.report(&diagnostics, &project.config.sources, false);
    }
    let mut text = String::from("\nProviders required by configuration:\n.\n");
    branch(&project, ModuleId(0), "", &mut text);
    context.print(&format!("{text}\n"));
    EXIT_OK
}

/// A module's providers, then the modules that it calls, drawn as a tree.
fn branch(project: &Project, id: ModuleId, indent: &str, text: &mut String) {
    let module = &project.config.modules[id.0];
    let used: BTreeSet<String> = module
        .source
        .resources
        .values()
        .filter_map(|block| block_schema(&project.providers, module, block))
        .map(|(source, _)| format!("provider[{source}]"))
        .collect();
    let called = module.children.iter().map(|(name, id)| (format!("module.{name}"), Some(*id)));
    let entries: Vec<_> = used.into_iter().map(|name| (name, None)).chain(called).collect();
    for (number, (name, child)) in (1..).zip(&entries) {
        let is_last = number == entries.len();
        let (corner, rest) =
            if is_last { ("└── ", "    ") } else { ("├── ", "│   ") };
        text.push_str(&format!("{indent}{corner}{name}\n"));
        if let Some(child) = child {
            branch(project, *child, &format!("{indent}{rest}"), text);
        }
    }
}
