//! Before the first action and after the last one.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use skyform_lang::Evaluator;
use skyform_lang::config::{Config, ModuleId, ResourceKey};
use skyform_plan::{ChangeAction, CheckResult, PlacementStatus, Plan};
use skyform_provider_sdk::ConfigureRequest;
use skyform_state::journal::Change;
use skyform_state::{Ledger, PlacementState, StateError};
use skyform_value::{InstanceAddress, ModuleInstance, Str, Value};

use super::final_checks::check_results;
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

/// Every block's value as planned; actions replace them by real ones. `evaluator` is one that
/// asks `values`.
pub fn declare_planned(values: &Values, evaluator: &Evaluator<'_>, plan: &Plan, config: &Config) {
    let key_of = |address: &InstanceAddress| ResourceKey {
        mode: address.resource.mode,
        type_name: address.resource.type_name.clone(),
        name: address.resource.name.clone(),
    };
    let mut known: Vec<Vec<_>> = vec![Vec::new(); config.modules.len()];
    for (address, value) in &plan.known {
        if let Some(id) = config.module_of(&address.resource.module) {
            known[id.0].push((address, value));
        }
    }
    let stays = plan.changes.iter().filter(|change| {
        !matches!(change.action, ChangeAction::Delete | ChangeAction::Forget)
            && change.deposed.is_none()
    });
    for change in stays {
        if let Some(id) = config.module_of(&change.address.resource.module) {
            known[id.0].push((&change.address, &change.after));
        }
    }
    // Modules stand behind those that call them, so the instances of one are known in time.
    for ((id, module), known) in (0..).map(ModuleId).zip(&config.modules).zip(known) {
        let Ok(instances) = evaluator.module_instances(id) else { continue };
        for instance in instances {
            for (key, block) in &module.source.resources {
                // What is left for later stays unknown.
                if is_deferred(plan, &instance, key) {
                    continue;
                }
                let repetition = match (&block.count, &block.for_each) {
                    (Some(_), _) => Repetition::Count,
                    (None, Some(_)) => Repetition::ForEach,
                    (None, None) => Repetition::Single,
                };
                values.declare(&instance, key, repetition);
            }
        }
        for (address, value) in known {
            let module = &address.resource.module;
            values.set(module, &key_of(address), address.key.clone(), value.clone());
        }
    }
}

fn is_deferred(plan: &Plan, instance: &ModuleInstance, key: &ResourceKey) -> bool {
    plan.deferred.iter().any(|deferred| {
        deferred.mode == key.mode
            && deferred.type_name == key.type_name
            && deferred.name == key.name
            && deferred.module == instance.to_string()
    })
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
    checks: &[CheckResult],
    outcome: &ApplyOutcome,
) -> Result<(), StateError> {
    for (name, change) in &plan.outputs {
        if change.action == ChangeAction::Delete {
            ledger.change(Change::Output { name: name.clone(), value: None })?;
        }
    }
    let checks = check_results(checks);
    if ledger.state().checks != checks {
        ledger.change(Change::Checks(checks))?;
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
    Ok(())
}
