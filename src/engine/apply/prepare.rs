//! Before the first action and after the last one.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use skyform_lang::Evaluator;
use skyform_lang::config::{Config, ModuleId, ResourceKey};
use skyform_plan::{ChangeAction, CheckStatus, PlacementStatus, Plan};
use skyform_provider_sdk::ConfigureRequest;
use skyform_state::journal::Change;
use skyform_state::{Ledger, PlacementState, StateError};
use skyform_value::{InstanceAddress, Str, Value};

use super::{ApplyOutcome, ApplyRequest};
use crate::providers::PORTABLE;
use crate::values::{Repetition, Values};

/// Brings the state to what the plan starts from: moves, and objects that were read again.
pub(super) fn take_over_prior(ledger: &mut Ledger, plan: &Plan) -> Result<(), StateError> {
    let addresses: BTreeSet<InstanceAddress> = ledger
        .state()
        .instances()
        .chain(plan.prior.instances())
        .map(|(address, _)| address)
        .collect();
    for address in addresses {
        let stored = ledger.state().instance(&address).cloned().unwrap_or_default();
        let wanted = plan.prior.instance(&address).cloned().unwrap_or_default();
        if stored == wanted {
            continue;
        }
        let resources = &plan.prior.resources;
        let provider = resources
            .get(&address.resource)
            .or_else(|| ledger.state().resources.get(&address.resource))
            .map(|resource| resource.provider.clone())
            .unwrap_or_default();
        if stored.current != wanted.current {
            ledger.change(Change::Current {
                address: address.clone(),
                provider: provider.clone(),
                object: wanted.current,
            })?;
        }
        let keys: BTreeSet<_> =
            stored.deposed.keys().chain(wanted.deposed.keys()).cloned().collect();
        for key in keys {
            let object = wanted.deposed.get(&key).cloned();
            if stored.deposed.get(&key) != object.as_ref() {
                let (address, provider) = (address.clone(), provider.clone());
                ledger.change(Change::Deposed { address, key, provider, object })?;
            }
        }
    }
    Ok(())
}

/// Every block's value as planned; actions replace them by real ones.
pub(super) fn declare_values(
    values: &Values,
    evaluator: &Evaluator<'_>,
    plan: &Plan,
    config: &Config,
) {
    let key_of = |address: &InstanceAddress| ResourceKey {
        mode: address.resource.mode,
        type_name: address.resource.type_name.clone(),
        name: address.resource.name.clone(),
    };
    // Modules stand behind those that call them, so the instances of one are known in time.
    for (id, module) in (0..).map(ModuleId).zip(&config.modules) {
        let Ok(instances) = evaluator.module_instances(id) else { continue };
        for instance in instances {
            for (key, block) in &module.source.resources {
                let repetition = match (&block.count, &block.for_each) {
                    (Some(_), _) => Repetition::Count,
                    (None, Some(_)) => Repetition::ForEach,
                    (None, None) => Repetition::Single,
                };
                values.declare(&instance, key, repetition);
            }
        }
        let path = &module.path;
        let known =
            plan.known.iter().filter(|(address, _)| address.resource.module.path() == *path);
        for (address, value) in known {
            let module = &address.resource.module;
            values.set(module, &key_of(address), address.key.clone(), value.clone());
        }
        for change in &plan.changes {
            let gone = matches!(change.action, ChangeAction::Delete | ChangeAction::Forget);
            let module = &change.address.resource.module;
            if !gone && change.deposed.is_none() && module.path() == *path {
                let key = key_of(&change.address);
                values.set(module, &key, change.address.key.clone(), change.after.clone());
            }
        }
    }
}

/// Tells the portable provider of the clouds that the plan was made with.
pub(super) async fn configure(request: &ApplyRequest<'_>) {
    let Some(provider) = request.providers.get(PORTABLE) else { return };
    let mut clouds: IndexMap<Str, Value> = IndexMap::new();
    for (address, value) in &request.plan.known {
        if address.resource.type_name == "cloud"
            && let Some(name) = value.get("name").and_then(Value::as_str)
        {
            clouds.insert(name.into(), value.unmarked());
        }
    }
    // It was configured like this while planning, and any complaint was made then.
    let _ = provider.configure(ConfigureRequest { config: Value::null(), clouds }).await;
}

/// Keeps placements' decisions, results of checks, and outputs that are gone.
pub(super) fn record_decisions(
    ledger: &mut Ledger,
    plan: &Plan,
    outcome: &ApplyOutcome,
) -> Result<(), StateError> {
    for (name, change) in &plan.outputs {
        if change.action == ChangeAction::Delete {
            ledger.change(Change::Output { name: name.clone(), value: None })?;
        }
    }
    if !outcome.failures.is_empty() || outcome.stopped {
        return Ok(());
    }
    let gone: Vec<String> = ledger
        .state()
        .placements
        .keys()
        .filter(|address| !plan.placements.iter().any(|report| report.address == **address))
        .cloned()
        .collect();
    for address in gone {
        ledger.change(Change::Placement { address, decision: None })?;
    }
    for report in &plan.placements {
        if !matches!(report.status, PlacementStatus::Optimal | PlacementStatus::Feasible) {
            continue;
        }
        let mut decision =
            PlacementState { monthly_cost: report.cost.clone(), ..PlacementState::default() };
        for task in &report.tasks {
            let chosen = task.offers.iter().filter(|offer| offer.units > 0);
            let units =
                chosen.map(|offer| (format!("{}/{}", offer.cloud, offer.offer), offer.units));
            decision.units.insert(task.name.clone(), units.collect());
        }
        if ledger.state().placements.get(&report.address) != Some(&decision) {
            let address = report.address.clone();
            ledger.change(Change::Placement { address, decision: Some(decision) })?;
        }
    }
    let checks = check_results(plan);
    if ledger.state().checks != checks {
        ledger.change(Change::Checks(checks))?;
    }
    Ok(())
}

/// Results of checks in the form of state v4.
fn check_results(plan: &Plan) -> Option<String> {
    use skyform_plan::CheckKind;
    let mut blocks: IndexMap<(&str, &str), Vec<&skyform_plan::CheckResult>> = IndexMap::new();
    for check in &plan.checks {
        let kind = match check.kind {
            CheckKind::Resource => "resource",
            CheckKind::Output => "output",
            CheckKind::Check => "check",
            CheckKind::Variable => "var",
        };
        blocks.entry((kind, &check.block)).or_default().push(check);
    }
    let status = |status: CheckStatus| match status {
        CheckStatus::Pass => "pass",
        CheckStatus::Unknown => "unknown",
        CheckStatus::Fail => "fail",
        CheckStatus::Error => "error",
    };
    let results: Vec<serde_json::Value> = blocks
        .into_iter()
        .map(|((kind, block), checks)| {
            let worst = checks.iter().map(|check| check.status).max();
            let objects: Vec<serde_json::Value> = checks
                .iter()
                .map(|check| {
                    let mut object = serde_json::json!({
                        "object_addr": check.address,
                        "status": status(check.status),
                    });
                    if !check.failures.is_empty() {
                        object["failure_messages"] = serde_json::json!(check.failures);
                    }
                    object
                })
                .collect();
            serde_json::json!({
                "object_kind": kind,
                "config_addr": block,
                "status": status(worst.unwrap_or(CheckStatus::Pass)),
                "objects": objects,
            })
        })
        .collect();
    (!results.is_empty()).then(|| serde_json::Value::from(results).to_string())
}
