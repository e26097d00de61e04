//! Preconditions and postconditions of resources.

use skyform_diag::{Diagnostics, error_at};
use skyform_lang::Scope;
use skyform_lang::config::{Condition, Resource};
use skyform_lang::eval::Outcome;
use skyform_plan::CheckKind;
use skyform_state::BlockAddress;
use skyform_value::{InstanceAddress, Value};

use super::walk::Walk;

impl Walk<'_> {
    pub(super) fn preconditions(
        &self,
        block: &Resource,
        address: &InstanceAddress,
        scope: &Scope,
    ) -> Result<(), Diagnostics> {
        let rules = &block.lifecycle.preconditions;
        self.resource_conditions(rules, "Resource precondition failed", block, address, scope)
    }

    pub(super) fn postconditions(
        &self,
        block: &Resource,
        address: &InstanceAddress,
        scope: &Scope,
        value: &Value,
    ) -> Result<(), Diagnostics> {
        let rules = &block.lifecycle.postconditions;
        let scope = scope.clone().with_self(value.clone());
        self.resource_conditions(rules, "Resource postcondition failed", block, address, &scope)
    }

    /// Checks conditions of a resource and takes note of the result.
    fn resource_conditions(
        &self,
        rules: &[Condition],
        summary: &'static str,
        block: &Resource,
        address: &InstanceAddress,
        scope: &Scope,
    ) -> Result<(), Diagnostics> {
        if rules.is_empty() {
            return Ok(());
        }
        let mut errors = Diagnostics::new();
        let mut outcomes = Vec::with_capacity(rules.len());
        for rule in rules {
            let outcome = self.evaluator.check(rule, scope);
            match &outcome {
                Outcome::Fail(message) => {
                    let values = self.evaluator.values_of(&rule.condition, scope);
                    let problem = error_at!(rule.condition.span, summary, "{message}");
                    errors.push(problem.with_values(values));
                }
                Outcome::Error(problems) => errors.extend(problems.clone()),
                Outcome::Pass | Outcome::Unknown => {}
            }
            outcomes.push(outcome);
        }
        self.note_check(
            CheckKind::Resource,
            BlockAddress::from(&*address.resource).to_string(),
            address.to_string(),
            &outcomes,
            Some(block.span),
        );
        errors.into_result(())
    }
}
