//! `apply`, `destroy` and `refresh`

use std::io::{BufRead as _, IsTerminal as _};

use skyform_diag::{Diagnostic, Diagnostics, Location};
use skyform_engine::{ApplyOutcome, ApplyRequest, Skipped, Why, apply};
use skyform_plan::{Plan, PlanMode};
use skyform_render::json::{Counts, change_messages, change_summary, stored_outputs_message};
use skyform_render::outputs_text;
use skyform_state::Ledger;
use tokio_util::sync::CancellationToken;

use super::plan::{prepare, read_plan};
use crate::cli::arguments::ApplyArgs;
use crate::cli::ask::ask_missing;
use crate::cli::context::Context;
use crate::cli::project::{self, Project, is_true};
use crate::cli::view::View;
use crate::cli::{EXIT_ERROR, EXIT_INTERRUPTED, EXIT_OK};

/// Which of the commands it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Apply,
    Destroy,
    Refresh,
}

pub(crate) fn run(context: &Context, args: &ApplyArgs, kind: Kind) -> u8 {
    let view = View::new(context, &args.shown, args.json);
    let (mut project, mut diagnostics) = project::open(context, &args.variables);
    let may_ask = is_true(&args.shown.input) && args.plan.is_none() && !args.json;
    diagnostics.extend(ask_missing(&mut project, may_ask));
    if diagnostics.has_errors() {
        return view.report(&diagnostics, &project.config.sources);
    }
    let opened = project::open_state(context, &args.lock, "OperationTypeApply");
    let (mut ledger, recovered) = match opened {
        Ok(opened) => opened,
        Err(problems) => return view.report(&problems, &project.config.sources),
    };
    let mode = match (kind, args.planning.destroy, args.planning.refresh_only) {
        (Kind::Destroy, ..) | (_, true, _) => PlanMode::Destroy,
        (Kind::Refresh, ..) | (_, _, true) => PlanMode::RefreshOnly,
        _ => PlanMode::Normal,
    };
    let plan = match &args.plan {
        Some(path) => match read_plan(context, path).and_then(|plan| fresh(plan, &ledger)) {
            Ok(plan) => {
                if let View::Json(stream) = &view {
                    change_messages(&plan).into_iter().for_each(|said| stream.message(said));
                }
                plan
            }
            Err(problems) => return view.report(&problems, &project.config.sources),
        },
        None => {
            let events = view.events();
            let (plan, mut problems) =
                prepare(context, &project, &mut ledger, &recovered, mode, &args.planning, events);
            problems.extend(diagnostics);
            let failed = problems.has_errors();
            if let (Some(plan), true) = (&plan, failed) {
                view.partial_plan(plan);
            }
            let Some(plan) = plan.filter(|_| !failed) else {
                view.report(&problems, &project.config.sources);
                return EXIT_ERROR;
            };
            // What a refresh finds is taken over without a plan in the stream.
            if kind != Kind::Refresh || !args.json {
                view.plan(&plan);
            }
            if args.auto_approve {
                // They are checked in a moment, and then it is said how they came out.
                let later = "Check block assertion known after apply";
                problems = problems.iter().filter(|p| p.summary != later).cloned().collect();
            }
            view.report(&problems, &project.config.sources);
            let asks = !args.auto_approve && kind != Kind::Refresh && plan.is_applyable();
            if asks && !approved(context, &view, args, plan.mode) {
                return EXIT_ERROR;
            }
            plan
        }
    };
    let (project, problems) = with_snapshot(project, &plan, args.plan.is_some());
    if problems.has_errors() {
        return view.report(&problems, &project.config.sources);
    }
    view.begin_apply(&plan);
    let outcome = carry_out(context, &project, &plan, ledger, args, &view);
    view.end_apply();
    let kind = if args.planning.destroy { Kind::Destroy } else { kind };
    finish(context, &view, &project, &plan, &outcome, kind, args.shown.no_color)
}

/// A saved plan is only good for the state that it was made from.
fn fresh(plan: Plan, ledger: &Ledger) -> Result<Plan, Diagnostics> {
    let state = ledger.state();
    let problem = |detail: String| {
        Diagnostics::from(
            Diagnostic::error(Location::input("saved plan"), "Saved plan is stale", detail)
                .hint("Make a new plan, and look at it before you apply it."),
        )
    };
    if plan.lineage != state.lineage && !(plan.lineage.is_empty() && state.is_empty()) {
        return Err(problem("It was made from another state.".to_owned()));
    }
    if plan.serial != state.serial {
        return Err(problem(format!(
            "It was made from the state with serial {}, and the state has changed since: its serial is {}.",
            plan.serial, state.serial
        )));
    }
    Ok(plan)
}

/// A saved plan brings its own configuration and values of variables.
fn with_snapshot(project: Project, plan: &Plan, saved: bool) -> (Project, Diagnostics) {
    if !saved {
        return (project, Diagnostics::new());
    }
    let mut problems = inputs_of_saved(&project, plan);
    let given = project.inputs.clone();
    let inputs = plan.variables.iter().map(|(name, value)| {
        let location = Location::input("saved plan");
        let value = skyform_lang::config::VariableValue { value: value.clone(), location };
        (name.clone(), value)
    });
    let mut inputs: std::collections::BTreeMap<_, _> = inputs.collect();
    let ephemeral = given.into_iter().filter(|(name, _)| is_ephemeral(&project, name));
    inputs.extend(ephemeral);
    let changed = project.config.sources.iter().find(|(_, source)| {
        let known = plan.snapshot.files.get(&*source.name);
        known.is_some_and(|text| **text != *source.text)
    });
    problems.extend(match changed {
        Some((_, source)) => Diagnostic::error(
            Location::input(&source.name),
            "Configuration has changed since the plan",
            "The saved plan was made from another version of this file.",
        )
        .hint("Make a new plan, and look at it before you apply it.")
        .into(),
        None => Diagnostics::new(),
    });
    (Project { inputs, ..project }, problems)
}

fn is_ephemeral(project: &Project, name: &str) -> bool {
    let declared = &project.config.modules[0].source.variables;
    declared.get(name).is_some_and(|variable| variable.ephemeral)
}

/// A saved plan has its values of variables; only ephemeral ones are given again.
fn inputs_of_saved(project: &Project, plan: &Plan) -> Diagnostics {
    let mut problems = Diagnostics::new();
    for (name, input) in &project.inputs {
        let on_command_line =
            matches!(&input.location, Location::Input(from) if from.starts_with("-var"));
        let same = plan.variables.get(name) == Some(&input.value);
        if on_command_line && !same && !is_ephemeral(project, name) {
            problems.push(
                Diagnostic::error(
                    input.location.clone(),
                    "Can't change variable when applying a saved plan",
                    format!(
                        "The saved plan has its own value of \"{name}\", which it was made with."
                    ),
                )
                .hint("Leave the option out, or make a new plan."),
            );
        }
    }
    for name in &plan.ephemeral_variables {
        if !project.inputs.contains_key(name.as_str()) {
            problems.push(
                Diagnostic::error(
                    Location::input("saved plan"),
                    "No value for required variable",
                    format!("The ephemeral variable \"{name}\" was set for the plan, and is not saved with it, so it must be set to apply it too."),
                )
                .hint(format!("Give -var {name}=VALUE.")),
            );
        }
    }
    problems
}

fn approved(context: &Context, view: &View<'_>, args: &ApplyArgs, mode: PlanMode) -> bool {
    if args.json || !is_true(&args.shown.input) || !std::io::stdin().is_terminal() {
        let problem = Diagnostic::error(
            Location::input("apply"),
            "Nobody to ask for approval",
            "The plan needs approval, and there is no terminal to ask at.",
        )
        .hint("Apply a saved plan, or give -auto-approve.");
        view.report(&problem.into(), &project::no_sources());
        return false;
    }
    let question = match mode {
        PlanMode::Destroy => {
            "\nDestroy all of this? There is no way back. Only \"yes\" is taken as such: "
        }
        _ => "\nDo all of this? Only \"yes\" is taken as such: ",
    };
    context.print(question);
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    let approved = read.is_ok() && answer.trim() == "yes";
    if !approved {
        context.print("\nNothing has been done.\n");
    }
    approved
}

fn carry_out(
    context: &Context,
    project: &Project,
    plan: &Plan,
    ledger: Ledger,
    args: &ApplyArgs,
    view: &View<'_>,
) -> ApplyOutcome {
    let (stop, abort) = (CancellationToken::new(), CancellationToken::new());
    let request = ApplyRequest {
        plan,
        config: &project.config,
        providers: &project.providers,
        inputs: &project.inputs,
        world: context.world(),
        parallelism: args.planning.parallelism,
        events: view.events(),
        stop: stop.clone(),
        abort: abort.clone(),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let place = Location::input("process");
            let problem = Diagnostic::error(place, "Process out of resources", format!("{error}."));
            return ApplyOutcome { diagnostics: problem.into(), ..ApplyOutcome::default() };
        }
    };
    runtime.block_on(async {
        let work = apply(&request, ledger);
        tokio::pin!(work);
        loop {
            tokio::select! {
                outcome = &mut work => return outcome,
                signal = tokio::signal::ctrl_c(), if !stop.is_cancelled() => {
                    if signal.is_ok() {
                        view.say_between("Stopping: what runs is finished, nothing new is begun. The journal keeps everything if you interrupt again.");
                        stop.cancel();
                        tokio::spawn(abort_next(abort.clone()));
                    }
                }
            }
        }
    })
}

/// The second interrupt gives up what still runs, and a third ends the process whatever it does.
async fn abort_next(abort: CancellationToken) {
    if tokio::signal::ctrl_c().await.is_err() {
        return;
    }
    abort.cancel();
    // Something that holds the main thread up keeps the first from being heard.
    let patience = tokio::time::sleep(std::time::Duration::from_secs(5));
    tokio::select! {
        () = patience => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    end_process();
}

/// Ends the process as an interrupt does. The journal is whole at any moment.
#[expect(clippy::exit, reason = "an interrupt must end the process whatever it is doing")]
fn end_process() {
    std::process::exit(EXIT_INTERRUPTED.into())
}

fn finish(
    context: &Context,
    view: &View<'_>,
    project: &Project,
    plan: &Plan,
    outcome: &ApplyOutcome,
    kind: Kind,
    no_color: bool,
) -> u8 {
    let failed =
        !outcome.failures.is_empty() || outcome.diagnostics.has_errors() || outcome.stopped;
    let mut diagnostics = outcome.diagnostics.clone();
    if let Some(target) = plan.targets.first() {
        diagnostics.push(
            Diagnostic::warning(
                Location::input(format!("-target={target}")),
                "Applied changes may be incomplete",
                "The plan was made with -target, so changes that the configuration calls for may have been left out.",
            )
            .hint("\"skyform plan\" shows what is still to be done."),
        );
    }
    if let View::Json(stream) = view {
        view.report(&diagnostics, &project.config.sources);
        if !failed {
            final_messages(plan, outcome, kind).into_iter().for_each(|said| stream.message(said));
        }
        return exit_code(outcome, failed);
    }
    let forgotten = match outcome.forgotten {
        0 => String::new(),
        count => format!(", {count} forgotten"),
    };
    let style = context.style(no_color);
    let counts = match kind {
        Kind::Destroy => format!("{} destroyed{forgotten}", outcome.destroyed),
        _ => format!(
            "{} added, {} changed, {} destroyed{forgotten}",
            outcome.added, outcome.changed, outcome.destroyed
        ),
    };
    let title = match (kind, failed) {
        (_, true) if !outcome.given_up.is_empty() => style.red("Given up."),
        (_, true) if outcome.stopped => style.yellow("Stopped."),
        (_, true) => style.red("Not everything could be done."),
        (Kind::Destroy, _) => style.green("Destroy complete!"),
        (Kind::Refresh, _) => style.green("Refresh complete!"),
        (Kind::Apply, _) => style.green("Apply complete!"),
    };
    let mut text = format!("\n{} Resources: {counts}.\n", style.bold(&title));
    for failure in &outcome.failures {
        text.push_str(&format!(
            "  {} {} ({})\n",
            style.red("failed:"),
            failure.address,
            failure.tried
        ));
    }
    for address in &outcome.given_up {
        text.push_str(&format!(
            "  {} {address} (still running; the next plan finds out what became of it)\n",
            style.red("in doubt:")
        ));
    }
    for Skipped { address, why } in &outcome.skipped {
        let why = match why {
            Why::Failed(root) => format!("{root} failed"),
            Why::Stopped => "stopped before".to_owned(),
            Why::NoJournal => "the journal cannot be written".to_owned(),
        };
        text.push_str(&format!("  {} {address} ({why})\n", style.yellow("skipped:")));
    }
    if let Some(left) = deferred_summary(plan, failed) {
        text.push_str(&left);
    }
    if plan.mode != PlanMode::Destroy && !outcome.state.outputs.is_empty() {
        text.push_str(&format!("\n{}\n\n{}", style.bold("Outputs:"), outputs_text(&outcome.state)));
    }
    context.print(&text);
    view.report(&diagnostics, &project.config.sources);
    exit_code(outcome, failed)
}

/// What is still to be done of what the plan has left for later.
fn deferred_summary(plan: &Plan, failed: bool) -> Option<String> {
    if plan.deferred.is_empty() || failed {
        return None;
    }
    let addresses = plan.deferred.iter().map(|left| format!("  deferred: {}\n", left.address()));
    let addresses: String = addresses.collect();
    Some(format!("{addresses}More is known now: \"skyform apply\" does what was left for later.\n"))
}

fn exit_code(outcome: &ApplyOutcome, failed: bool) -> u8 {
    match failed {
        _ if !outcome.given_up.is_empty() => EXIT_INTERRUPTED,
        true => EXIT_ERROR,
        false => EXIT_OK,
    }
}

/// What a stream ends with.
fn final_messages(plan: &Plan, outcome: &ApplyOutcome, kind: Kind) -> Vec<serde_json::Value> {
    let counts = Counts {
        add: outcome.added,
        change: outcome.changed,
        remove: outcome.destroyed,
        import: plan.changes.iter().filter(|change| change.importing.is_some()).count(),
    };
    let outputs = stored_outputs_message(&outcome.state);
    match kind {
        Kind::Refresh => vec![outputs],
        Kind::Destroy => vec![change_summary(counts, "destroy")],
        Kind::Apply => vec![change_summary(counts, "apply"), outputs],
    }
}
