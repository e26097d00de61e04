//! `plan`

use std::path::Path;
use std::sync::Arc;

use skyform_diag::{Diagnostic, Diagnostics, Location};
use skyform_engine::{Events, PlanOptions, PlanRequest, make_plan, settle};
use skyform_plan::{ChangeAction, Plan, PlanMode, Snapshot};
use skyform_state::{Ledger, Recovered, SealError, State, StateError};
use skyform_value::Value;

use super::generated::with_generated;
use crate::cli::arguments::{PlanArgs, PlanningArgs};
use crate::cli::ask::ask_missing;
use crate::cli::context::Context;
use crate::cli::project::{self, Project, is_true};
use crate::cli::view::View;
use crate::cli::{EXIT_CHANGES, EXIT_ERROR, EXIT_OK};

pub(crate) fn run(context: &Context, args: &PlanArgs) -> u8 {
    let view = View::new(context, &args.shown, args.json);
    let (mut project, mut diagnostics) = project::open(context, &args.variables);
    diagnostics.extend(ask_missing(&mut project, is_true(&args.shown.input) && !args.json));
    if diagnostics.has_errors() {
        return view.report(&diagnostics, &project.config.sources);
    }
    let mode = match (args.planning.destroy, args.planning.refresh_only) {
        (true, _) => PlanMode::Destroy,
        (false, true) => PlanMode::RefreshOnly,
        _ => PlanMode::Normal,
    };
    let opened = project::open_state(context, &args.lock, "OperationTypePlan");
    let (mut ledger, recovered) = match opened {
        Ok(opened) => opened,
        Err(problems) => return view.report(&problems, &project.config.sources),
    };
    if let Some(path) = &args.generate_config_out {
        match with_generated(context, &args.variables, project, ledger.state(), path) {
            Ok(with_file) => project = with_file,
            Err((project, problems)) => {
                return view.report(&problems, &project.config.sources);
            }
        }
    }
    let events = view.events();
    let made = prepare(context, &project, &mut ledger, &recovered, mode, &args.planning, events);
    let (plan, mut problems) = made;
    problems.extend(diagnostics);
    let failed = problems.has_errors();
    if let (Some(plan), true) = (&plan, failed) {
        view.partial_plan(plan);
    }
    let Some(plan) = plan.filter(|_| !failed) else {
        view.report(&problems, &project.config.sources);
        return EXIT_ERROR;
    };
    view.plan(&plan);
    view.report(&problems, &project.config.sources);
    if let Some(path) = &args.out {
        if let Err(problem) = save(context, &plan, path) {
            return view.report(&problem, &project.config.sources);
        }
        let style = context.style(args.shown.no_color);
        let path = path.display();
        let next = style.bold(&format!("skyform apply {path}"));
        view.say(&format!("\nSaved to {path}. To do just this: {next}\n"));
    }
    let changes = plan.has_changes()
        || !plan.deferred.is_empty()
        || mode == PlanMode::RefreshOnly && plan.is_applyable();
    if args.detailed_exitcode && changes { EXIT_CHANGES } else { EXIT_OK }
}

fn save(context: &Context, plan: &Plan, path: &Path) -> Result<(), Diagnostics> {
    let mut text = skyform_plan::codec::plan_to_json(plan).into_bytes();
    if let Some(seal) = context.seals()?.plan {
        text = seal.seal(&text).map_err(|problem| sealed(path, problem))?;
    }
    skyform_state::write_atomically(path, &text).map_err(|error| {
        Diagnostic::error(
            Location::input(path.display()),
            "Plan could not be saved",
            format!("{error}."),
        )
        .into()
    })
}

fn sealed(path: &Path, problem: SealError) -> Diagnostics {
    project::state_problem(&StateError::Sealed { place: path.to_owned(), problem }).into()
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
    diagnostics.extend(contradictions(mode, planning));
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
        allow_deferral: planning.allow_deferral,
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
        diagnostics.extend(warnings(&plan));
        plan
    });
    (plan, diagnostics)
}

/// Options that contradict one another, which only shows when the command's mode is known.
fn contradictions(mode: PlanMode, planning: &PlanningArgs) -> Diagnostics {
    let mut found = Diagnostics::new();
    if mode == PlanMode::RefreshOnly && !is_true(&planning.refresh) {
        let place = Location::input("-refresh=false");
        let detail = "With -refresh-only, objects are read again and nothing else, so there would be nothing to do.";
        found.push(Diagnostic::error(place, "Incompatible options", detail));
    }
    if mode != PlanMode::Normal
        && let Some(address) = planning.replace.first()
    {
        let place = Location::input(format!("-replace={address}"));
        let detail =
            "Instances are replaced by normal plans only, not with -destroy or -refresh-only.";
        found.push(Diagnostic::error(place, "Incompatible options", detail));
    }
    found
}

/// What a reviewer should know of a plan.
fn warnings(plan: &Plan) -> Diagnostics {
    let mut warnings = Diagnostics::new();
    if let Some(target) = plan.targets.first() {
        let place = Location::input(format!("-target={target}"));
        let detail = "Only what is named and what it needs is in this plan; other changes that the configuration calls for are left out.";
        warnings.push(Diagnostic::warning(place, "Resource targeting is in effect", detail));
    }
    let forgotten = plan.changes.iter().filter(|change| change.action == ChangeAction::Forget);
    let forgotten: Vec<String> = forgotten.map(|change| change.address.to_string()).collect();
    if let Some(first) = forgotten.first() {
        let detail = format!(
            "They stay as they are, and are dropped from the state: {}.",
            forgotten.join(", ")
        );
        warnings.push(
            Diagnostic::warning(
                Location::address(first),
                "Some objects will no longer be managed",
                detail,
            )
            .hint("To manage them again, import them."),
        );
    }
    warnings
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
pub(crate) fn said_of(context: &Context, recovered: &Recovered) -> Diagnostics {
    let mut said = Diagnostics::new();
    let state = context.store().map_or_else(|_| "state".to_owned(), |store| store.place());
    let place = || Location::input(&state);
    if recovered.damaged_bytes > 0 {
        let detail = format!(
            "{} bytes in the middle of it are not what was written; everything before and behind them has been taken. What they said is lost.",
            recovered.damaged_bytes
        );
        let problem = Diagnostic::warning(place(), "Journal is damaged", detail);
        said.push(problem.hint("The damaged one is kept beside it, with the ending .damaged. Compare the state with what is there, and import what is missing."));
    }
    if recovered.records > 0 {
        let detail = format!(
            "{} change{} of the last run, which did not end properly, stood only in the journal and {} part of the state now.",
            recovered.records,
            if recovered.records == 1 { "" } else { "s" },
            if recovered.records == 1 { "is" } else { "are" },
        );
        said.push(Diagnostic::warning(place(), "State recovered from the journal", detail));
    }
    said
}

/// Gives values of stored objects by their provider's schema.
pub(crate) fn decoder(
    project: &Project,
) -> impl Fn(&skyform_value::InstanceAddress, &skyform_state::Object) -> Value + '_ {
    |address, object| skyform_engine::stored_value(&project.providers, address, object)
}

/// Reads a saved plan.
pub(crate) fn read_plan(context: &Context, path: &Path) -> Result<Plan, Diagnostics> {
    let problem = |detail: String| {
        Diagnostics::from(Diagnostic::error(
            Location::input(path.display()),
            "Plan file could not be read",
            detail,
        ))
    };
    let mut bytes = std::fs::read(path).map_err(|error| problem(format!("{error}.")))?;
    if let Some(seal) = context.seals()?.plan {
        bytes = seal.open(&bytes).map_err(|problem| sealed(path, problem))?;
    }
    let text = String::from_utf8_lossy(&bytes);
    skyform_plan::codec::plan_from_json(&text).map_err(|error| problem(format!("{error}.")))
}
