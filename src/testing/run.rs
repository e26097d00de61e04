//! One run: planned, applied if it says so, and judged.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use skyform_diag::{Diagnostic, Diagnostics, Location, error_at};
use skyform_engine::{
    ApplyOutcome, ApplyRequest, NoEvents, PlanOptions, PlanRequest, Providers, apply, make_plan,
};
use skyform_lang::config::{Config, Run, RunCommand, Target, VariableValue};
use skyform_plan::{Plan, PlanMode};
use skyform_state::{Ledger, State};
use skyform_value::{InstanceAddress, Str, Value};

use crate::assertions::{Ground, judge};
use crate::expected::{Expected, is_failed_check};
use crate::mocks::Mocks;
use crate::modules::{with_overrides, with_providers};
use crate::report::{Shown, Status};
use crate::suite::Suite;
use crate::variables::{Names, collect};

/// Everything that a run works with.
pub(crate) struct Prepared {
    config: Config,
    inputs: BTreeMap<Str, VariableValue>,
    providers: Providers,
    names: Names,
}

/// How a run ended.
pub(crate) struct Ended {
    pub status: Status,
    pub held: usize,
    pub diagnostics: Diagnostics,
    pub shown: Option<Shown>,
    /// Its outputs, if it came so far.
    pub outputs: Option<Value>,
    /// The state after it, if it may have changed it.
    pub state: Option<State>,
}

impl Ended {
    /// It could not be carried out.
    pub(crate) fn failed(diagnostics: Diagnostics) -> Self {
        let (status, held) = (Status::Error, 0);
        Self { status, held, diagnostics, shown: None, outputs: None, state: None }
    }
}

/// Configuration, variables and providers of a run.
pub(crate) fn prepare(
    suite: &Suite,
    at: usize,
    run: usize,
    outputs: &IndexMap<Str, Value>,
) -> (Option<Prepared>, Diagnostics) {
    let (file, module) = (&suite.files[at], suite.module(at, run));
    let (inputs, names, mut diagnostics) = collect(suite, at, run, outputs);
    let mocks = Mocks::of_run(file, &file.runs[run]);
    let evaluate = |expr: &skyform_lang::syntax::Expr| names.evaluate(suite, module, expr);
    let (config, problems) = with_overrides(&module.config, &mocks, &evaluate);
    diagnostics.extend(problems);
    let config = with_providers(config, file);
    let (providers, problems) =
        mocks.providers(&config, &suite.providers, suite.machine.random, &evaluate);
    diagnostics.extend(problems);
    let prepared = Prepared { config, inputs, providers, names };
    ((!diagnostics.has_errors()).then_some(prepared), diagnostics)
}

/// Carries a run out on a state.
pub(crate) async fn carry_out(
    suite: &Suite,
    at: usize,
    run: usize,
    prepared: &Prepared,
    state: &State,
) -> Ended {
    let block = &suite.files[at].runs[run];
    let (expected, problems) = Expected::of(block, &prepared.config.modules[0].source);
    if problems.has_errors() {
        return Ended::failed(problems);
    }
    let options = match options(suite, block) {
        Ok(options) => options,
        Err(problems) => return Ended::failed(problems),
    };
    let (plan, found) = plan(suite, prepared, state, &options).await;
    match block.command {
        RunCommand::Plan => planned(suite, block, prepared, &expected, plan, found),
        RunCommand::Apply => {
            let (taken, rest) = expected.sift(found);
            match plan {
                Some(plan) if !rest.has_errors_besides_checks() && !taken.has_errors() => {
                    applied(suite, block, prepared, &expected, state, plan, rest).await
                }
                _ => not_applied(block, taken, rest),
            }
        }
    }
}

/// Errors that are none of a check: those are looked at again after apply.
trait BesidesChecks {
    fn has_errors_besides_checks(&self) -> bool;
}

impl BesidesChecks for Diagnostics {
    fn has_errors_besides_checks(&self) -> bool {
        self.iter().any(|diagnostic| diagnostic.is_error() && !is_failed_check(diagnostic))
    }
}

fn planned(
    suite: &Suite,
    block: &Run,
    prepared: &Prepared,
    expected: &Expected<'_>,
    plan: Option<Plan>,
    found: Diagnostics,
) -> Ended {
    let (_, mut diagnostics) = expected.sift(found);
    diagnostics.extend(expected.missing());
    let mut status = if diagnostics.has_errors() { Status::Error } else { Status::Pass };
    let (mut held, mut outputs) = (0, None);
    if let Some(plan) = plan.as_ref().filter(|_| status == Status::Pass) {
        let ground = ground(suite, prepared, plan, None);
        let judgement = judge(&ground, &block.asserts);
        held = judgement.held;
        status = status.max(judgement.status);
        diagnostics.extend(judgement.diagnostics);
        outputs = Some(judgement.outputs);
    }
    let shown = plan.map(|plan| Shown::Plan(Box::new(plan)));
    Ended { status, held, diagnostics, shown, outputs, state: None }
}

/// The plan failed, so there is nothing to apply; also where that was expected.
fn not_applied(block: &Run, taken: Diagnostics, mut rest: Diagnostics) -> Ended {
    if taken.has_errors() {
        rest.push(
            Diagnostic::warning(
                block.span,
                "Expected failure while planning",
                "A condition failed as expected, but already while planning, so that there was nothing to apply.",
            )
            .hint("Say command = plan in the run."),
        );
    }
    rest.extend(taken);
    Ended::failed(rest)
}

async fn applied(
    suite: &Suite,
    block: &Run,
    prepared: &Prepared,
    expected: &Expected<'_>,
    state: &State,
    plan: Plan,
    found: Diagnostics,
) -> Ended {
    let is_about_checks = |diagnostic: &&Diagnostic| {
        is_failed_check(diagnostic)
            || diagnostic.summary == "Check block assertion known after apply"
    };
    let mut diagnostics: Diagnostics =
        found.iter().filter(|found| !is_about_checks(found)).cloned().collect();
    let outcome = match carry(suite, prepared, state, &plan).await {
        Ok(outcome) => outcome,
        Err(problem) => return Ended::failed(problem.into()),
    };
    let (taken, rest) = expected.sift(outcome.diagnostics);
    diagnostics.extend(rest);
    let stopped = outcome.stopped || !outcome.given_up.is_empty();
    if stopped {
        diagnostics.push(error_at!(
            block.span,
            "Run interrupted",
            "It was interrupted before everything was done."
        ));
    }
    let after = outcome.state;
    let all_expected = outcome.failures.is_empty() || taken.has_errors();
    if !stopped {
        diagnostics.extend(expected.missing());
    }
    let mut status =
        if diagnostics.has_errors() || !all_expected { Status::Error } else { Status::Pass };
    let (mut held, mut outputs) = (0, None);
    if status == Status::Pass {
        let judgement = judge(&ground(suite, prepared, &plan, Some(&after)), &block.asserts);
        held = judgement.held;
        status = status.max(judgement.status);
        diagnostics.extend(judgement.diagnostics);
        outputs = Some(judgement.outputs);
    }
    let shown = Some(Shown::State(Box::new(after.clone())));
    Ended { status, held, diagnostics, shown, outputs, state: Some(after) }
}

fn ground<'a>(
    suite: &'a Suite,
    prepared: &'a Prepared,
    plan: &'a Plan,
    state: Option<&'a State>,
) -> Ground<'a> {
    let Prepared { config, inputs, providers, names } = prepared;
    Ground { machine: &suite.machine, config, inputs, providers, names, plan, state }
}

/// Destroys everything in a state: what is wrong, and what is left.
pub(crate) async fn destroy(
    suite: &Suite,
    prepared: &Prepared,
    state: &State,
) -> (Diagnostics, Vec<String>) {
    let all = |state: &State| state.instances().map(|(address, _)| address.to_string()).collect();
    let options = PlanOptions {
        mode: PlanMode::Destroy,
        parallelism: suite.parallelism,
        ..PlanOptions::default()
    };
    let (plan, diagnostics) = plan(suite, prepared, state, &options).await;
    let Some(plan) = plan.filter(|_| !diagnostics.has_errors()) else {
        return (diagnostics, all(state));
    };
    match carry(suite, prepared, state, &plan).await {
        Ok(outcome) => (outcome.diagnostics, all(&outcome.state)),
        Err(problem) => (problem.into(), all(state)),
    }
}

async fn plan(
    suite: &Suite,
    prepared: &Prepared,
    state: &State,
    options: &PlanOptions,
) -> (Option<Plan>, Diagnostics) {
    let request = PlanRequest {
        config: &prepared.config,
        providers: &prepared.providers,
        state,
        inputs: &prepared.inputs,
        world: suite.machine.world(&prepared.config.modules[0].source.dir),
        options,
        events: Arc::new(NoEvents),
    };
    make_plan(&request).await
}

async fn carry(
    suite: &Suite,
    prepared: &Prepared,
    state: &State,
    plan: &Plan,
) -> Result<ApplyOutcome, Diagnostic> {
    let world = suite.machine.world(&prepared.config.modules[0].source.dir);
    let mut random = [0; 16];
    (world.random)(&mut random);
    let lineage = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let ledger = Ledger::in_memory(state, lineage).map_err(|error| {
        Diagnostic::error(Location::input("state"), "State could not be kept", format!("{error}."))
    })?;
    // Teardown goes on after a stop, until nothing is waited for any more.
    let is_destroy = plan.mode == PlanMode::Destroy;
    let stop = if is_destroy { suite.abort.clone() } else { suite.stop.clone() };
    let request = ApplyRequest {
        plan,
        config: &prepared.config,
        providers: &prepared.providers,
        inputs: &prepared.inputs,
        world,
        parallelism: suite.parallelism,
        events: Arc::new(NoEvents),
        stop,
        abort: suite.abort.clone(),
    };
    Ok(apply(&request, ledger).await)
}

fn options(suite: &Suite, block: &Run) -> Result<PlanOptions, Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let mut replace: Vec<InstanceAddress> = Vec::with_capacity(block.options.replace.len());
    for target in &block.options.replace {
        match text(target).parse() {
            Ok(address) => replace.push(address),
            Err(_) => diagnostics.push(error_at!(
                target.span,
                "Invalid address",
                "Only an instance of a resource can be replaced."
            )),
        }
    }
    let mode = if block.options.refresh_only { PlanMode::RefreshOnly } else { PlanMode::Normal };
    diagnostics.into_result(PlanOptions {
        mode,
        refresh: block.options.refresh,
        targets: block.options.targets.iter().map(text).collect(),
        replace,
        parallelism: suite.parallelism,
        ..PlanOptions::default()
    })
}

/// An address as text.
fn text(target: &Target) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (name, key) in &target.module {
        let key = key.as_ref().map(ToString::to_string).unwrap_or_default();
        parts.push(format!("module.{name}{key}"));
    }
    if let Some((key, instance)) = &target.resource {
        let data = if key.mode == skyform_value::Mode::Data { "data." } else { "" };
        let instance = instance.as_ref().map(ToString::to_string).unwrap_or_default();
        parts.push(format!("{data}{}.{}{instance}", key.type_name, key.name));
    }
    parts.join(".")
}
