//! `graph`: the graph of blocks, or of a plan's actions, in the DOT language.

use skyform_diag::{Diagnostic, Location};
use skyform_engine::{Outline, outline, resource_outline};
use skyform_render::{GraphNode, actions_dot, graph_dot};

use super::plan::read_plan;
use crate::cli::EXIT_OK;
use crate::cli::arguments::{GraphArgs, GraphType};
use crate::cli::context::Context;
use crate::cli::project;

pub(crate) fn run(context: &Context, args: &GraphArgs) -> u8 {
    let no_color = args.shown.no_color;
    if let Some(path) = &args.plan {
        return match read_plan(context, path) {
            Ok(plan) => {
                context.print(&actions_dot(&plan));
                EXIT_OK
            }
            Err(problems) => context.report(&problems, &project::no_sources(), no_color),
        };
    }
    let (project, diagnostics) = project::open(context, &args.variables);
    let sources = &project.config.sources;
    if diagnostics.has_errors() {
        return context.report(&diagnostics, sources, no_color);
    }
    let found = match args.kind {
        None => resource_outline(&project.config),
        Some(GraphType::Plan | GraphType::PlanRefreshOnly) => outline(&project.config),
        // Deletes go the other way round.
        Some(GraphType::PlanDestroy) => resource_outline(&project.config).map(|found| Outline {
            edges: found.edges.iter().map(|(from, to)| (*to, *from)).collect(),
            ..found
        }),
        Some(GraphType::Apply) => {
            let problem = Diagnostic::error(
                Location::input("-type=apply"),
                "No plan to show",
                "The actions are those of a plan, which must be given.",
            )
            .hint("skyform plan -out=FILE, then skyform graph -plan=FILE");
            return context.report(&problem.into(), sources, no_color);
        }
    };
    match found {
        Ok(found) => {
            let nodes: Vec<GraphNode> = found
                .nodes
                .into_iter()
                .map(|node| GraphNode { module: node.module, name: node.name, label: node.label })
                .collect();
            context.print(&graph_dot(&nodes, &found.edges));
            EXIT_OK
        }
        Err(cycles) => context.report(&cycles, sources, no_color),
    }
}
