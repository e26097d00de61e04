//! `place`

use std::sync::Arc;

use skyform_engine::NoEvents;
use skyform_plan::{PlacementStatus, PlanMode};
use skyform_render::json::placements_json;
use skyform_render::{Detail, placement_text};

use super::plan::prepare;
use crate::cli::arguments::{PlaceArgs, PlanningArgs};
use crate::cli::context::Context;
use crate::cli::project;
use crate::cli::{EXIT_ERROR, EXIT_OK};

pub(crate) fn run(context: &Context, args: &PlaceArgs) -> u8 {
    let no_color = args.shown.no_color;
    let (project, diagnostics) = project::open(context, &args.variables);
    if diagnostics.has_errors() {
        return context.report(&diagnostics, &project.config.sources, no_color);
    }
    let mut ledger = match project::read_state(context) {
        Ok(ledger) => ledger,
        Err(problems) => return context.report(&problems, &project.config.sources, no_color),
    };
    // Placements read prices and demands, not what exists, so nothing is read again.
    let planning = PlanningArgs {
        refresh: "false".to_owned(),
        parallelism: 10,
        explain: true,
        ..PlanningArgs::default()
    };
    let recovered = skyform_state::Recovered::default();
    let (plan, problems) = prepare(
        context,
        &project,
        &mut ledger,
        &recovered,
        PlanMode::Normal,
        &planning,
        Arc::new(NoEvents),
    );
    let reports = plan.map(|plan| plan.placements).unwrap_or_default();
    let solved = |status| matches!(status, PlacementStatus::Optimal | PlacementStatus::Feasible);
    let good = !reports.is_empty() && reports.iter().all(|report| solved(report.status));
    if args.json {
        context.print(&format!("{}\n", placements_json(&reports)));
    } else {
        for report in &reports {
            context.print(&placement_text(report, Detail::Full, context.style(no_color)));
        }
    }
    if !good || !args.json {
        context.report(&problems, &project.config.sources, no_color);
    }
    if reports.is_empty() && !problems.has_errors() {
        context.complain("There is no placement block in this configuration.\n");
    }
    if good { EXIT_OK } else { EXIT_ERROR }
}
