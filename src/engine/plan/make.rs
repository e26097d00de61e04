//! The steps of making a plan: moves, graph, walk, orphans, outputs, order.

use std::collections::BTreeMap;

use skyform_diag::{Diagnostics, Location, error_at};
use skyform_lang::Evaluator;
use skyform_plan::{Plan, PlanMode};
use skyform_value::{ModuleInstance, Str};

use super::PlanRequest;
use super::walk::Walk;
use crate::graph::Graph;
use crate::moved::apply_moves;
use crate::order;
use crate::persisted::check_root_outputs;
use crate::providers::Providers;
use crate::provisioners::check_provisioners;
use crate::references::check_references;
use crate::values::Values;

/// Resource types that may be written in short spelling; for loading configuration.
pub fn short_types(providers: &Providers) -> Vec<Str> {
    providers.short_types()
}

/// Makes a plan. With errors there is none, or one that tells how far it got and must not be applied.
pub async fn make_plan(request: &PlanRequest<'_>) -> (Option<Plan>, Diagnostics) {
    let mut diagnostics = undeclared_inputs(request);
    let (blocks, problems) = super::walk::resolve_blocks(request);
    diagnostics.extend(problems);
    diagnostics.extend(check_root_outputs(request.config));
    diagnostics.extend(check_references(request.config, request.providers));
    for module in &request.config.modules {
        diagnostics.extend(module.source.resources.values().flat_map(check_provisioners));
    }
    let roles = |id: skyform_lang::config::ModuleId, block: &skyform_lang::config::Resource| {
        super::walk::role(&blocks, id, &request.config.modules[id.0], block)
    };
    let graph = match Graph::build(request.config, roles) {
        Ok(graph) => graph,
        Err(cycles) => {
            diagnostics.extend(cycles);
            diagnostics.sort();
            return (None, diagnostics);
        }
    };
    let mut prior = request.state.clone();
    let (moves, problems) = apply_moves(request.config, &mut prior);
    diagnostics.extend(problems);
    let values = Values::default();
    let evaluator =
        Evaluator::new(request.config, &values, request.inputs, request.world.while_planning());
    for index in 0..request.config.modules.len() {
        diagnostics.extend(evaluator.check_call_arguments(skyform_lang::config::ModuleId(index)));
    }
    if diagnostics.has_errors() {
        // What is missing is said together with what is too much.
        for name in request.config.modules[0].source.variables.keys() {
            let root = skyform_lang::config::ModuleId(0);
            diagnostics.take(evaluator.variable(root, &ModuleInstance::root(), name));
        }
        diagnostics.sort();
        return (None, diagnostics);
    }
    let walk =
        Walk::new(request, &graph, &evaluator, &values, &blocks, &moves, &prior, diagnostics);
    if !walk.check_moves_targeted() {
        let mut found = walk.into_found();
        found.diagnostics.sort();
        return (None, found.diagnostics);
    }
    walk.run().await;
    walk.check_imports();
    let sound = walk.check_statements();
    walk.plan_orphans().await;
    if request.options.mode == PlanMode::RefreshOnly {
        walk.note_moves().await;
    }
    walk.plan_outputs();
    walk.run_checks();
    let ephemerals = walk.ephemerals.instances.take();
    let mut found = walk.into_found();
    found.diagnostics.sort();
    let mut plan = Plan {
        mode: request.options.mode,
        timestamp: request.world.now.to_owned(),
        lineage: request.state.lineage.clone(),
        serial: request.state.serial,
        prior_changed: found.prior != *request.state,
        prior: found.prior,
        changes: found.changes,
        drift: found.drift,
        deferred: found.deferred,
        known: found.known,
        dependencies: found.dependencies,
        outputs: found.outputs,
        actions: Vec::new(),
        placements: found.placements,
        variables: given_variables(request),
        ephemeral_variables: ephemeral_variables(request),
        checks: found.checks,
        targets: request.options.targets.clone(),
        snapshot: skyform_plan::Snapshot::default(),
    };
    plan.changes.sort_by(|left, right| {
        (&left.address, &left.deposed).cmp(&(&right.address, &right.deposed))
    });
    plan.deferred.sort_by_key(skyform_plan::Deferred::address);
    plan.drift.sort_by(|left, right| left.address.cmp(&right.address));
    plan.checks.sort_by(|left, right| left.address.cmp(&right.address));
    if plan.mode != PlanMode::RefreshOnly {
        order::add_actions(&mut plan, &graph, request.config, &blocks, ephemerals);
    }
    (sound.then_some(plan), found.diagnostics)
}

fn given_variables(request: &PlanRequest<'_>) -> BTreeMap<Str, skyform_value::Value> {
    let declared = &request.config.modules[0].source.variables;
    let is_ephemeral = |name: &Str| declared.get(name).is_some_and(|variable| variable.ephemeral);
    let given = request.inputs.iter().filter(|(name, _)| !is_ephemeral(name));
    given.map(|(name, input)| (name.clone(), input.value.clone())).collect()
}

/// Names of ephemeral root variables that were set: they must be given again to apply.
fn ephemeral_variables(request: &PlanRequest<'_>) -> Vec<String> {
    let declared = &request.config.modules[0].source.variables;
    let ephemeral = declared.values().filter(|variable| variable.ephemeral);
    let set = ephemeral.filter(|variable| request.inputs.contains_key(&variable.name));
    set.map(|variable| variable.name.to_string()).collect()
}

fn undeclared_inputs(request: &PlanRequest<'_>) -> Diagnostics {
    let declared = &request.config.modules[0].source.variables;
    let mut diagnostics = Diagnostics::new();
    for (name, input) in request.inputs {
        if declared.contains_key(name) {
            continue;
        }
        let known = declared.keys().map(Str::as_str);
        // In files shared by several stacks a value more does no harm; an argument was meant.
        if matches!(&input.location, Location::Input(from) if from.starts_with("-var")) {
            diagnostics.push(
                error_at!(
                    input.location.clone(),
                    "Value for undeclared variable",
                    "A value was given for \"{name}\", and the root module has no variable of that name."
                )
                .did_you_mean(name, known),
            );
        } else {
            diagnostics.push(
                skyform_diag::Diagnostic::warning(
                    input.location.clone(),
                    "Value for undeclared variable",
                    format!("The root module has no variable named \"{name}\"."),
                )
                .did_you_mean(name, known),
            );
        }
    }
    diagnostics
}
