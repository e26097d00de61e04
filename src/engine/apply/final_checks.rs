//! Results of all conditions and `check` blocks when the last action is done.

use indexmap::IndexMap;
use skyform_diag::{Diagnostic, error_at};
use skyform_lang::config::{Condition, ModuleId, ResourceKey};
use skyform_lang::eval::Outcome;
use skyform_lang::{Evaluator, Scope};
use skyform_plan::{CheckKind, CheckResult, CheckStatus, Plan};
use skyform_value::{InstanceAddress, ModuleInstance};

use super::ApplyOutcome;
use super::conditions::CheckedConditions;
use crate::values::Values;

/// The plan's checks with what has become known. What an action has checked on its way is taken from
/// `checked`; where everything came out well, the rest is checked now, else it stays unknown.
pub(super) fn final_checks(
    evaluator: &Evaluator<'_>,
    values: &Values,
    plan: &Plan,
    checked: &CheckedConditions,
    outcome: &mut ApplyOutcome,
) -> Vec<CheckResult> {
    let whole = outcome.failures.is_empty() && !outcome.stopped;
    let mut checks = plan.checks.clone();
    for check in &mut checks {
        if let Some(found) = checked.get(&check.address) {
            check.status = found.status;
            check.failures.clone_from(&found.failures);
            continue;
        }
        let open = check.kind == CheckKind::Check || check.status == CheckStatus::Unknown;
        if !open {
            continue;
        }
        if !whole {
            check.status = CheckStatus::Unknown;
            continue;
        }
        match check.kind {
            CheckKind::Check => {
                if let Some((rules, scope)) = of_check(evaluator, check) {
                    evaluate(evaluator, rules, &scope, None, check, outcome);
                }
            }
            CheckKind::Output => {
                if let Some((rules, scope)) = of_output(evaluator, check) {
                    let summary = Some("Module output value precondition failed");
                    evaluate(evaluator, rules, &scope, summary, check, outcome);
                }
            }
            CheckKind::Resource => of_resource(evaluator, values, check, outcome),
            CheckKind::Variable => check.status = CheckStatus::Pass,
        }
    }
    checks
}

/// Evaluates conditions anew. What does not hold is an error with this summary; without one it is a
/// `check` block's warning.
fn evaluate(
    evaluator: &Evaluator<'_>,
    rules: &[Condition],
    scope: &Scope,
    summary: Option<&'static str>,
    check: &mut CheckResult,
    outcome: &mut ApplyOutcome,
) {
    check.status = CheckStatus::Pass;
    check.failures.clear();
    for rule in rules {
        let status = match evaluator.check(rule, scope) {
            Outcome::Pass => CheckStatus::Pass,
            Outcome::Unknown => CheckStatus::Unknown,
            Outcome::Fail(message) => {
                let span = rule.condition.span;
                let problem = match summary {
                    Some(summary) => error_at!(span, summary, "{message}"),
                    None => {
                        Diagnostic::warning(span, "Check block assertion failed", message.clone())
                    }
                };
                let values = evaluator.values_of(&rule.condition, scope);
                outcome.diagnostics.push(problem.with_values(values));
                check.failures.push(message);
                CheckStatus::Fail
            }
            Outcome::Error(_) => CheckStatus::Error,
        };
        check.status = check.status.max(status);
    }
}

/// The module instance that an address begins with: the one for which the rest fits.
fn instance_of(
    evaluator: &Evaluator<'_>,
    id: ModuleId,
    check: &CheckResult,
    rest: &str,
) -> Option<ModuleInstance> {
    let instances = evaluator.module_instances(id).ok()?;
    instances.into_iter().find(|instance| {
        let prefix = if instance.is_root() { String::new() } else { format!("{instance}.") };
        check.address == format!("{prefix}{rest}")
    })
}

fn of_check<'a>(
    evaluator: &Evaluator<'a>,
    check: &CheckResult,
) -> Option<(&'a [Condition], Scope)> {
    let name = check.block.rsplit('.').next()?;
    (0..).map(ModuleId).zip(&evaluator.config().modules).find_map(|(id, module)| {
        let block = module.source.checks.get(name)?;
        let instance = instance_of(evaluator, id, check, &format!("check.{name}"))?;
        Some((block.asserts.as_slice(), Scope::new(id, instance).within_check(&block.name)))
    })
}

fn of_output<'a>(
    evaluator: &Evaluator<'a>,
    check: &CheckResult,
) -> Option<(&'a [Condition], Scope)> {
    let name = check.block.rsplit('.').next()?;
    (0..).map(ModuleId).zip(&evaluator.config().modules).find_map(|(id, module)| {
        let output = module.source.outputs.get(name)?;
        let instance = instance_of(evaluator, id, check, &format!("output.{name}"))?;
        Some((output.preconditions.as_slice(), Scope::new(id, instance)))
    })
}

/// A resource that nothing was done to: its conditions may be about others that have changed.
fn of_resource(
    evaluator: &Evaluator<'_>,
    values: &Values,
    check: &mut CheckResult,
    outcome: &mut ApplyOutcome,
) {
    let Ok(address) = check.address.parse::<InstanceAddress>() else { return };
    let resource = &address.resource;
    let config = evaluator.config();
    let Some(id) = config.module_of(&resource.module) else { return };
    let key = ResourceKey {
        mode: resource.mode,
        type_name: resource.type_name.clone(),
        name: resource.name.clone(),
    };
    let Some(block) = config.modules[id.0].source.resources.get(&key) else { return };
    let scope = Scope::new(id, resource.module.clone());
    let expansion = evaluator.expand(&block.count, &block.for_each, &scope);
    let each = address.key.as_ref().and_then(|key| expansion.ok()?.value(key));
    let scope = scope.with_key(address.key.as_ref(), each);
    let before = &block.lifecycle.preconditions;
    evaluate(evaluator, before, &scope, Some("Resource precondition failed"), check, outcome);
    let Some(value) = values.get(&resource.module, &key, &address.key) else { return };
    let (status, failures) = (check.status, check.failures.clone());
    let after = &block.lifecycle.postconditions;
    let scope = scope.with_self(value);
    evaluate(evaluator, after, &scope, Some("Resource postcondition failed"), check, outcome);
    check.status = check.status.max(status);
    check.failures.splice(0..0, failures);
}

/// Results of checks in the form of state v4.
pub(super) fn check_results(checks: &[CheckResult]) -> Option<String> {
    let mut blocks: IndexMap<(&str, &str), Vec<&CheckResult>> = IndexMap::new();
    for check in checks {
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
