//! Conditions of outputs and `check` blocks, and the results of all conditions.

use skyform_diag::{Diagnostic, Diagnostics, error_at};
use skyform_lang::Scope;
use skyform_lang::config::{ModuleId, Output, Resource};
use skyform_lang::eval::Outcome;
use skyform_plan::{CheckKind, CheckResult, CheckStatus};
use skyform_value::ModuleInstance;

use super::walk::Walk;

impl Walk<'_> {
    /// Takes note of how an object's conditions came out; several calls about one add up.
    pub(super) fn note_check(
        &self,
        kind: CheckKind,
        block: String,
        address: String,
        outcomes: &[Outcome],
        span: Option<skyform_diag::Span>,
    ) {
        let status = outcomes.iter().map(status).max().unwrap_or(CheckStatus::Pass);
        let failures = outcomes.iter().filter_map(|outcome| match outcome {
            Outcome::Fail(message) => Some(message.clone()),
            _ => None,
        });
        let failures: Vec<String> = failures.collect();
        let mut found = self.found.borrow_mut();
        if let Some(known) = found.checks.iter_mut().find(|known| known.address == address) {
            known.status = known.status.max(status);
            known.failures.extend(failures);
            return;
        }
        found.checks.push(CheckResult { kind, block, address, status, failures, span });
    }

    /// Takes note of how a variable's validations came out.
    pub(super) fn note_variable(
        &self,
        instance: &ModuleInstance,
        name: &str,
        outcomes: &[Outcome],
        span: Option<skyform_diag::Span>,
    ) {
        let prefix = |module: String| if module.is_empty() { module } else { format!("{module}.") };
        let block = format!("{}var.{name}", prefix(instance.path().to_string()));
        let address = format!("{}var.{name}", prefix(instance.to_string()));
        self.note_check(CheckKind::Variable, block, address, outcomes, span);
    }

    /// Whether an output's preconditions hold, as far as is known.
    pub(super) fn check_output(
        &self,
        id: ModuleId,
        instance: &ModuleInstance,
        output: &Output,
    ) -> bool {
        if output.preconditions.is_empty() {
            return true;
        }
        let scope = Scope::new(id, instance.clone());
        let mut good = true;
        let mut outcomes = Vec::new();
        for rule in &output.preconditions {
            let outcome = self.evaluator.check(rule, &scope);
            match &outcome {
                Outcome::Fail(message) => {
                    good = false;
                    let summary = "Module output value precondition failed";
                    let values = self.evaluator.values_of(&rule.condition, &scope);
                    let problem = error_at!(rule.condition.span, summary, "{message}");
                    self.report([problem.with_values(values)]);
                }
                Outcome::Error(errors) => {
                    good = false;
                    self.report(errors.clone());
                }
                Outcome::Pass | Outcome::Unknown => {}
            }
            outcomes.push(outcome);
        }
        let prefix = |module: String| if module.is_empty() { module } else { format!("{module}.") };
        let block = format!("{}output.{}", prefix(instance.path().to_string()), output.name);
        let address = format!("{}output.{}", prefix(instance.to_string()), output.name);
        self.note_check(CheckKind::Output, block, address, &outcomes, Some(output.span));
        good
    }

    /// A check whose data source has a problem does not hold.
    pub(super) fn fail_check(
        &self,
        block: &Resource,
        instance: &ModuleInstance,
        errors: &Diagnostics,
    ) {
        let Some(name) = &block.check else { return };
        let address = check_address(instance, name);
        let outcomes: Vec<Outcome> = errors.iter().map(|e| Outcome::Fail(in_one(e))).collect();
        let span = Some(block.span);
        self.note_check(CheckKind::Check, check_block(instance, name), address, &outcomes, span);
    }

    /// Evaluates `check` blocks: what does not hold is a warning.
    pub(super) fn run_checks(&self) {
        if self.is_destroy() || self.found.borrow().diagnostics.has_errors() {
            return;
        }
        for (id, module) in (0..).map(ModuleId).zip(&self.request.config.modules) {
            let Ok(instances) = self.evaluator.module_instances(id) else { continue };
            for instance in instances {
                for check in module.source.checks.values() {
                    let scope = Scope::new(id, instance.clone()).within_check(&check.name);
                    let address = check_address(&instance, &check.name);
                    if self.found.borrow().checks.iter().any(|known| known.address == address) {
                        // Its data source could not be read, so there is nothing to judge.
                        continue;
                    }
                    let outcomes: Vec<Outcome> = check
                        .asserts
                        .iter()
                        .map(|rule| self.evaluator.check(rule, &scope))
                        .collect();
                    for (rule, outcome) in check.asserts.iter().zip(&outcomes) {
                        match outcome {
                            Outcome::Fail(message) => self.report([Diagnostic::warning(
                                rule.condition.span,
                                "Check block assertion failed",
                                message.clone(),
                            )
                            .with_values(self.evaluator.values_of(&rule.condition, &scope))]),
                            Outcome::Error(errors) => {
                                self.report(errors.iter().cloned().map(|mut error| {
                                    error.severity = skyform_diag::Severity::Warning;
                                    error
                                }));
                            }
                            Outcome::Unknown => self.report([Diagnostic::warning(
                                rule.condition.span,
                                "Check block assertion known after apply",
                                "The condition has values that are known only after apply; it is checked then.",
                            )]),
                            Outcome::Pass => {}
                        }
                    }
                    self.note_check(
                        CheckKind::Check,
                        check_block(&instance, &check.name),
                        address,
                        &outcomes,
                        Some(check.span),
                    );
                }
            }
        }
    }
}

/// The address of a `check` block in an instance of its module.
pub(crate) fn check_address(instance: &ModuleInstance, name: &str) -> String {
    let prefix = if instance.is_root() { String::new() } else { format!("{instance}.") };
    format!("{prefix}check.{name}")
}

/// The address of a `check` block in its module, whichever instance.
fn check_block(instance: &ModuleInstance, name: &str) -> String {
    let path = instance.path().to_string();
    if path.is_empty() { format!("check.{name}") } else { format!("{path}.check.{name}") }
}

/// A problem in one line.
pub(crate) fn in_one(problem: &Diagnostic) -> String {
    format!("{}: {}", problem.summary, problem.detail)
}

fn status(outcome: &Outcome) -> CheckStatus {
    match outcome {
        Outcome::Pass => CheckStatus::Pass,
        Outcome::Unknown => CheckStatus::Unknown,
        Outcome::Fail(_) => CheckStatus::Fail,
        Outcome::Error(_) => CheckStatus::Error,
    }
}
