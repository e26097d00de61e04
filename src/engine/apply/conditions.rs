//! Conditions of resources and outputs while a plan is applied: those that were not known before.

use std::collections::BTreeMap;

use skyform_diag::{Diagnostics, error_at};
use skyform_lang::Scope;
use skyform_lang::config::{Condition, Resource};
use skyform_lang::eval::Outcome;
use skyform_plan::CheckStatus;
use skyform_value::Value;

use super::action::Subject;
use super::walk::Apply;

/// How the conditions of one object came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Checked {
    pub status: CheckStatus,
    /// Messages of those that do not hold.
    pub failures: Vec<String>,
}

/// How conditions came out, by the address of what has them.
pub(super) type CheckedConditions = BTreeMap<String, Checked>;

impl Apply<'_> {
    /// Whether what must be so before an action is so.
    pub(super) fn check_before(
        &self,
        subject: &Subject<'_>,
        block: &Resource,
    ) -> Result<(), Diagnostics> {
        let rules = &block.lifecycle.preconditions;
        let Some(scope) = self.scope(subject).filter(|_| !rules.is_empty()) else { return Ok(()) };
        self.check_rules(rules, &scope, &subject.text, "Resource precondition failed")
    }

    /// Whether what must be so after an action is so.
    pub(super) fn check_after(
        &self,
        subject: &Subject<'_>,
        block: &Resource,
        value: &Value,
    ) -> Result<(), Diagnostics> {
        let rules = &block.lifecycle.postconditions;
        let Some(scope) = self.scope(subject).filter(|_| !rules.is_empty()) else { return Ok(()) };
        let scope = scope.with_self(value.clone());
        self.check_rules(rules, &scope, &subject.text, "Resource postcondition failed")
    }

    /// Evaluates conditions and takes note of how they came out.
    pub(super) fn check_rules(
        &self,
        rules: &[Condition],
        scope: &Scope,
        address: &str,
        summary: &'static str,
    ) -> Result<(), Diagnostics> {
        let mut errors = Diagnostics::new();
        for rule in rules {
            let (status, message) = match self.evaluator.check(rule, scope) {
                Outcome::Pass => (CheckStatus::Pass, None),
                Outcome::Unknown => (CheckStatus::Unknown, None),
                Outcome::Fail(message) => {
                    let values = self.evaluator.values_of(&rule.condition, scope);
                    let problem = error_at!(rule.condition.span, summary, "{message}");
                    errors.push(problem.with_values(values));
                    (CheckStatus::Fail, Some(message))
                }
                Outcome::Error(problems) => {
                    errors.extend(problems);
                    (CheckStatus::Error, None)
                }
            };
            let mut checked = self.checked.borrow_mut();
            let none = Checked { status: CheckStatus::Pass, failures: Vec::new() };
            let known = checked.entry(address.to_owned()).or_insert(none);
            known.status = known.status.max(status);
            known.failures.extend(message);
        }
        errors.into_result(())
    }
}
