//! Reading a data source, and computing a root output: what apply does besides objects.

use std::sync::Arc;

use skyform_diag::Diagnostics;
use skyform_lang::Scope;
use skyform_lang::config::ModuleId;
use skyform_plan::{ChangeAction, ChangeId, CheckStatus};
use skyform_state::OutputState;
use skyform_state::journal::Change;
use skyform_value::{Marks, ModuleInstance, Value};

use super::Tried;
use super::action::Subject;
use super::conditions::Checked;
use super::walk::Apply;
use crate::Event;
use crate::objects::{self, mark, sensitive_paths};
use crate::persisted::infinite_output;
use crate::plan::{as_warning, at_line, check_address, in_one, null_where_unknown};

impl Apply<'_> {
    pub(super) async fn read(&self, id: ChangeId) -> bool {
        let subject = match self.subject(id) {
            Ok(subject) => subject,
            Err(errors) => {
                self.report("", errors);
                return false;
            }
        };
        self.started(&subject.text, ChangeAction::Read, None);
        match self.try_read(&subject).await {
            Ok(()) => {
                self.finished(&subject.text, ChangeAction::Read, None);
                true
            }
            Err(errors) if subject.block.is_some_and(|(_, block)| block.check.is_some()) => {
                self.fail_check(&subject, &errors);
                self.report(&subject.text, errors.into_iter().map(as_warning));
                true
            }
            Err(errors) => {
                self.report(&subject.text, errors);
                let action = ChangeAction::Read;
                self.fail(&subject.text, Tried::Action(action));
                self.request.events.event(Event::Failed { address: subject.text.clone(), action });
                false
            }
        }
    }

    /// A check whose data source has a problem does not hold, and has nothing else to judge.
    fn fail_check(&self, subject: &Subject<'_>, errors: &Diagnostics) {
        let change = subject.change;
        let Some((_, block)) = subject.block else { return };
        let instance = &change.address.resource.module;
        if let Some(name) = &block.check {
            let failures = errors.iter().map(in_one).collect();
            let checked = Checked { status: CheckStatus::Fail, failures };
            self.checked.borrow_mut().insert(check_address(instance, name), checked);
        }
        let value = null_where_unknown(&change.after);
        let object = objects::encode(&subject.resolved, &value, Vec::new(), Arc::from([]), false);
        self.record(Change::Current {
            address: change.address.clone(),
            provider: change.provider.clone(),
            object: Some(object),
        });
    }

    async fn try_read(&self, subject: &Subject<'_>) -> Result<(), Diagnostics> {
        let (Some((_, block)), Some(scope)) = (subject.block, self.scope(subject)) else {
            return Ok(());
        };
        self.check_before(subject, block)?;
        let config = self.evaluator.decode(&block.body, &subject.resolved.schema.block, &scope)?;
        let (bare, mut marks) = config.unmark();
        let provider = &subject.resolved.provider;
        let read = provider.read_data_at(&subject.text, &block.key.type_name, bare).await;
        let value = read.map_err(|problems| {
            problems.into_iter().map(|p| at_line(p, block, &subject.text)).collect::<Diagnostics>()
        })?;
        let address = &subject.change.address;
        marks.extend(sensitive_paths(&subject.resolved.schema.block));
        let value = mark(&value, &marks);
        let object = objects::encode(&subject.resolved, &value, Vec::new(), Arc::from([]), false);
        self.record(Change::Current {
            address: address.clone(),
            provider: subject.change.provider.clone(),
            object: Some(object),
        });
        self.values.set(&address.resource.module, &block.key, address.key.clone(), value.clone());
        self.check_after(subject, block, &value)
    }

    pub(super) fn output(&self, name: &str) -> bool {
        let root = ModuleInstance::root();
        let address = format!("output.{name}");
        let declared = self.request.config.modules[0].source.outputs.get(name);
        let rules = declared.map(|output| output.preconditions.as_slice()).unwrap_or_default();
        let scope = Scope::new(ModuleId(0), root.clone());
        let summary = "Module output value precondition failed";
        if let Err(errors) = self.check_rules(rules, &scope, &address, summary) {
            self.report(&address, errors);
            return false;
        }
        match self.evaluator.output(ModuleId(0), &root, name) {
            Ok(value) if value.has_infinity() => {
                let span = declared.map(|output| output.value.span);
                self.report(&address, span.map(infinite_output));
                false
            }
            Ok(value) => {
                let sensitive = value.has_mark(Marks::SENSITIVE);
                // What -target leaves out stays unknown, and is stored as null.
                let value = value.unmarked().transform(&mut |part| {
                    if part.is_known() { part } else { Value::null() }
                });
                let stored = (!value.is_null()).then_some(OutputState { value, sensitive });
                self.record(Change::Output { name: name.into(), value: stored })
            }
            Err(errors) => {
                self.report(&address, errors);
                false
            }
        }
    }
}
