//! `plan`

use std::path::Path;
use std::sync::Arc;

use skyform_diag::{Diagnostic, Diagnostics, Location};
use skyform_engine::{Events, NoEvents, PlanOptions, PlanRequest, make_plan, settle};
use skyform_plan::{Plan, PlanMode, Snapshot};
use skyform_render::{json, plan_text};
use skyform_state::{Ledger, Recovered, State};
use skyform_value::Value;

use super::generated::with_generated;
use crate::cli::arguments::{PlanArgs, PlanningArgs};
use crate::cli::ask::ask_missing;
use crate::cli::context::Context;
use crate::cli::progress::Lines;
use crate::cli::project::{self, Project, is_true};
use crate::cli::{EXIT_CHANGES, EXIT_ERROR, EXIT_OK};

pub(crate) fn run(context: &Context, args: &PlanArgs) -> u8 {
    let no_color = args.shown.no_color;
    let (mut project, mut diagnostics) = project::open(context, &args.variables);
    diagnostics.extend(ask_missing(&mut project, is_true(&args.shown.input)));
    if diagnostics.has_errors() {
        return context.report(&diagnostics, &project.config.sources, no_color);
    }
    let mode = match (args.planning.destroy, args.planning.refresh_only) {
        (true, _) => PlanMode::Destroy,
        (false, true) => PlanMode::RefreshOnly,
        _ => PlanMode::Normal,
    };
    let opened = project::open_state(context, &args.lock, "OperationTypePlan");
    let (mut ledger, recovered) = match opened {
        Ok(opened) => opened,
        Err(problems) => return context.report(&problems, &project.config.sources, no_color),
    };
    if let Some(path) = &args.generate_config_out {
        match with_generated(context, &args.variables, project, ledger.state(), path) {
            Ok(with_file) => project = with_file,
            Err((project, problems)) => {
                return context.report(&problems, &project.config.sources, no_color);
            }
        }
    }
    let events: Arc<dyn Events> =
        if args.json { Arc::new(NoEvents) } else { Arc::new(Lines::new(context.style(no_color))) };
    let made = prepare(context, &project, &mut ledger, &recovered, mode, &args.planning, events);
    let (plan, mut problems) = made;
    problems.extend(diagnostics);
    let failed = problems.has_errors();
    if let Some(plan) = plan.filter(|_| !failed) {
        let decode = decoder(&project);
        if args.json {
            context.print(&format!("{}\n", json::plan_json(&plan, &decode)));
        } else {
            context.print(&plan_text(&plan, context.style(no_color)));
        }
        context.report(&problems, &project.config.sources, no_color);
        if let Some(path) = &args.out {
            if let Err(error) = skyform_state::write_atomically(
                path,
                skyform_plan::codec::plan_to_json(&plan).as_bytes(),
            ) {
                let problem = Diagnostic::error(
                    Location::input(path.display()),
                    "Plan could not be saved",
                    format!("{error}."),
                );
                return context.report(&problem.into(), &project.config.sources, no_color);
            }
            if !args.json {
                let style = context.style(no_color);
                let path = path.display();
                let next = format!("skyform apply {path}");
                context
                    .print(&format!("\nSaved to {path}. To do just this: {}\n", style.bold(&next)));
            }
        }
        let changes = plan.has_changes() || mode == PlanMode::RefreshOnly && plan.is_applyable();
        return if args.detailed_exitcode && changes { EXIT_CHANGES } else { EXIT_OK };
    }
    context.report(&problems, &project.config.sources, no_color);
    EXIT_ERROR
}

/// Settles what is in doubt, and makes a plan.
pub(crate) fn prepare(
    context: &Context,
    project: &Project,
    ledger: &mut Ledger,
    recovered: &Recovered,
    mode: PlanMode,
    planning: &PlanningArgs,
    events: Arc<dyn Events>,
) -> (Option<Plan>, Diagnostics) {
    let mut diagnostics = said_of(context, recovered);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let place = Location::input("process");
            let problem = Diagnostic::error(place, "Process out of resources", format!("{error}."));
            return (None, problem.into());
        }
    };
    if !ledger.in_doubt().is_empty() {
        match runtime.block_on(settle(ledger, &project.providers)) {
            Ok(said) => diagnostics.extend(said),
            Err(error) => diagnostics.push(project::state_problem(&error)),
        }
    }
    let mut replace = Vec::new();
    for text in &planning.replace {
        match text.parse() {
            Ok(address) => replace.push(address),
            Err(error) => diagnostics.push(Diagnostic::error(
                Location::input(format!("-replace={text}")),
                "Invalid address",
                format!("{error}."),
            )),
        }
    }
    let named = planning.target.iter().map(|text| ("-target", text));
    for (option, text) in named.chain(planning.exclude.iter().map(|text| ("-exclude", text))) {
        let is_module = text.parse::<skyform_value::ModuleInstance>().is_ok();
        if !is_module && let Err(error) = text.parse::<skyform_value::InstanceAddress>() {
            diagnostics.push(Diagnostic::error(
                Location::input(format!("{option}={text}")),
                "Invalid address",
                format!("{error}."),
            ));
        }
    }
    if diagnostics.has_errors() {
        return (None, diagnostics);
    }
    let options = PlanOptions {
        mode,
        refresh: is_true(&planning.refresh),
        targets: planning.target.clone(),
        excludes: planning.exclude.clone(),
        replace,
        parallelism: planning.parallelism,
        explain: planning.explain,
    };
    let state: State = ledger.state().clone();
    let request = PlanRequest {
        config: &project.config,
        providers: &project.providers,
        state: &state,
        inputs: &project.inputs,
        world: context.world(),
        options: &options,
        events,
    };
    let (plan, problems) = runtime.block_on(make_plan(&request));
    diagnostics.extend(problems);
    let plan = plan.map(|mut plan| {
        plan.snapshot = snapshot(project);
        plan
    });
    (plan, diagnostics)
}

fn snapshot(project: &Project) -> Snapshot {
    let files = project
        .config
        .sources
        .iter()
        .map(|(_, source)| (source.name.to_string(), source.text.to_string()));
    Snapshot { files: files.collect() }
}

/// What a run that was cut off has left behind.
fn said_of(context: &Context, recovered: &Recovered) -> Diagnostics {
    if recovered.records == 0 {
        return Diagnostics::new();
    }
    let detail = format!(
        "{} change{} of the last run, which did not end properly, stood only in the journal and {} part of the state now.",
        recovered.records,
        if recovered.records == 1 { "" } else { "s" },
        if recovered.records == 1 { "is" } else { "are" },
    );
    Diagnostic::warning(
        Location::input(context.workspace.state_path().display()),
        "State recovered from the journal",
        detail,
    )
    .into()
}

/// Gives values of stored objects by their provider's schema.
pub(crate) fn decoder(
    project: &Project,
) -> impl Fn(&skyform_value::InstanceAddress, &skyform_state::Object) -> Value + '_ {
    |address, object| skyform_engine::stored_value(&project.providers, address, object)
}

/// Reads a saved plan.
pub(crate) fn read_plan(path: &Path) -> Result<Plan, Diagnostics> {
    let problem = |detail: String| {
        Diagnostics::from(Diagnostic::error(
            Location::input(path.display()),
            "Plan file could not be read",
            detail,
        ))
    };
    let text = std::fs::read_to_string(path).map_err(|error| problem(format!("{error}.")))?;
    skyform_plan::codec::plan_from_json(&text).map_err(|error| problem(format!("{error}.")))
}
