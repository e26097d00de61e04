//! Changes of root outputs.

use skyform_diag::error_at;
use skyform_lang::config::ModuleId;
use skyform_plan::{ChangeAction, OutputChange};
use skyform_value::{Marks, ModuleInstance, Value};

use super::walk::Walk;
use crate::persisted::infinite_output;

impl Walk<'_> {
    pub(super) fn plan_outputs(&self) {
        let stored = &self.request.state.outputs;
        let root = &self.request.config.modules[0].source.outputs;
        for (index, output) in root.values().enumerate() {
            if self.is_destroy() || output.ephemeral {
                continue;
            }
            if !self.targets.includes(self.graph.root_output(index)) {
                continue;
            }
            if self.deferred_nodes.borrow().contains(&self.graph.root_output(index)) {
                continue;
            }
            let Ok(value) =
                self.evaluator.output(ModuleId(0), &ModuleInstance::root(), &output.name)
            else {
                continue;
            };
            if value.has_mark(Marks::SENSITIVE) && !output.sensitive {
                self.report([error_at!(
                    output.span,
                    "Output refers to sensitive values",
                    "The value of this output comes from sensitive values, so it would show them.";
                    hint: "Say that this is meant with sensitive = true in the output block."
                )]);
                continue;
            }
            if value.has_mark(Marks::EPHEMERAL) {
                self.report([error_at!(
                    output.span,
                    "Ephemeral value not allowed",
                    "A root output is stored, and ephemeral values must not be."
                )]);
                continue;
            }
            if value.has_infinity() {
                self.report([infinite_output(output.value.span)]);
                continue;
            }
            let before = stored.get(&output.name);
            let after = value.unmarked();
            let action = match before {
                None if after.is_null() => ChangeAction::NoOp,
                None => ChangeAction::Create,
                Some(before) if before.value == after && before.sensitive == output.sensitive => {
                    ChangeAction::NoOp
                }
                Some(_) if after.is_null() => ChangeAction::Delete,
                Some(_) => ChangeAction::Update,
            };
            let before = before.map_or_else(Value::null, |before| before.value.clone());
            let change = OutputChange { before, after, sensitive: output.sensitive, action };
            self.found.borrow_mut().outputs.insert(output.name.clone(), change);
        }
        let all_go = self.is_destroy() && !self.targets.is_partial();
        let gone = stored.iter().filter(|(name, _)| all_go || !root.contains_key(*name));
        for (name, before) in gone {
            let change = OutputChange {
                before: before.value.clone(),
                after: Value::null(),
                sensitive: before.sensitive,
                action: ChangeAction::Delete,
            };
            self.found.borrow_mut().outputs.insert(name.clone(), change);
        }
    }
}
