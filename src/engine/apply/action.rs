//! One action: written ahead, carried out, its outcome written down.

use std::sync::Arc;

use skyform_diag::{Diagnostic, Diagnostics, Location};
use skyform_lang::Scope;
use skyform_lang::config::{ModuleId, Resource, ResourceKey};
use skyform_plan::{ActionId, ActionKind, ChangeAction, ChangeId, ResourceChange};
use skyform_provider_sdk::{ApplyRequest as ProviderApply, ApplyResponse};
use skyform_state::journal::{Change, IntentAction};
use skyform_state::{BlockAddress, Object, ObjectStatus};
use skyform_value::{Marks, Path, Value};

use super::Tried;
use super::final_plan::inconsistent;
use super::walk::Apply;
use crate::Event;
use crate::events::ProgressOf;
use crate::objects::{self, mark, sensitive_paths};
use crate::persisted::without_write_only;
use crate::plan::at_line;
use crate::providers::Resolved;

/// What a change is about.
pub(super) struct Subject<'a> {
    pub change: &'a ResourceChange,
    pub text: String,
    pub resolved: Resolved,
    pub block: Option<(ModuleId, &'a Resource)>,
}

impl<'a> Apply<'a> {
    /// Carries an action out; false if it failed, which is reported then.
    pub(super) async fn carry_out(&self, id: ActionId) -> bool {
        match &self.request.plan.action(id).kind {
            ActionKind::Create(change) => self.change_object(*change, Step::Create).await,
            ActionKind::CreateBeforeDestroy(change) => self.create_first(*change).await,
            ActionKind::Update(change) => self.change_object(*change, Step::Update).await,
            ActionKind::Delete(change) => self.delete(*change).await,
            ActionKind::Read(change) => self.read(*change).await,
            ActionKind::Forget(change) => self.forget(*change),
            ActionKind::Output(name) => self.output(name),
            ActionKind::Open(address) => self.open(address).await,
            ActionKind::Close(address) => self.close(address).await,
            ActionKind::Join => true,
        }
    }

    pub(super) fn subject(&self, id: ChangeId) -> Result<Subject<'a>, Diagnostics> {
        let change = self.request.plan.change(id);
        let resource = &change.address.resource;
        let text = change.address.to_string();
        let resolved =
            self.request.providers.of_stored(&change.provider, resource.mode, &resource.type_name);
        let Some(resolved) = resolved else {
            return Err(Diagnostic::error(
                Location::address(&text),
                "Provider not available",
                format!("The plan needs {}, which is not available here.", change.provider),
            )
            .into());
        };
        let modules = &self.request.config.modules;
        let module = self.request.config.module_of(&resource.module);
        let key = ResourceKey {
            mode: resource.mode,
            type_name: resource.type_name.clone(),
            name: resource.name.clone(),
        };
        let block = module.and_then(|id| Some((id, modules[id.0].source.resources.get(&key)?)));
        Ok(Subject { change, text, resolved, block })
    }

    pub(super) fn report(&self, text: &str, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        let named = diagnostics.into_iter().map(|diagnostic| diagnostic.for_address(text));
        self.outcome.borrow_mut().diagnostics.extend(named);
    }

    pub(super) fn scope(&self, subject: &Subject<'_>) -> Option<Scope> {
        let (module, block) = subject.block?;
        let address = &subject.change.address;
        let scope = Scope::new(module, address.resource.module.clone());
        let value = match (&address.key, &block.for_each) {
            (Some(key), Some(_)) => {
                let expansion =
                    self.evaluator.expand(&block.count, &block.for_each, &scope).ok()?;
                expansion.value(key)
            }
            _ => None,
        };
        Some(scope.with_key(address.key.as_ref(), value))
    }

    pub(super) async fn change_object(&self, id: ChangeId, step: Step) -> bool {
        let subject = match self.subject(id) {
            Ok(subject) => subject,
            Err(errors) => {
                self.report("", errors);
                return false;
            }
        };
        let action = step.shown();
        let ready = match self.make_ready(&subject, step).await {
            Ok(Some(ready)) => ready,
            Ok(None) => return true,
            Err(errors) => {
                self.report(&subject.text, errors);
                self.fail(&subject.text, Tried::Action(action));
                return false;
            }
        };
        let id = match step {
            Step::Create => None,
            Step::Update => objects::shown_id(&subject.change.before),
        };
        self.started(&subject.text, action, id);
        let block = ready.block;
        let value = match self.try_change(&subject, ready, step).await {
            Ok(value) => value,
            Err(errors) => {
                self.report(&subject.text, errors);
                self.fail(&subject.text, Tried::Action(action));
                self.request.events.event(Event::Failed { address: subject.text.clone(), action });
                return false;
            }
        };
        self.finished(&subject.text, action, objects::shown_id(&value));
        match step {
            Step::Create => self.outcome.borrow_mut().added += 1,
            Step::Update => self.outcome.borrow_mut().changed += 1,
        }
        self.holds_after(&subject, block, &value)
    }

    /// Whether an object is what its postconditions ask for; reported where it is not.
    fn holds_after(&self, subject: &Subject<'_>, block: &Resource, value: &Value) -> bool {
        let held = self.check_after(subject, block, value);
        if let Err(errors) = held {
            self.report(&subject.text, errors);
            self.fail(&subject.text, Tried::Postcondition);
            return false;
        }
        true
    }

    /// Evaluates and plans what is left to evaluate and plan. None if it turns out that nothing is
    /// to be changed.
    async fn make_ready(
        &self,
        subject: &Subject<'a>,
        step: Step,
    ) -> Result<Option<Ready<'a>>, Diagnostics> {
        let change = subject.change;
        let schema = &subject.resolved.schema.block;
        let none = Value::null_of(schema.implied_type());
        let prior = match step {
            Step::Create => none,
            Step::Update => change.before.unmarked(),
        };
        let Some((_, block)) = subject.block else {
            return Err(Diagnostic::error(
                Location::address(&subject.text),
                "No configuration for this resource",
                "The plan changes it, and the configuration has no block for it.",
            )
            .into());
        };
        self.check_before(subject, block)?;
        let (config, planned, private) = self.final_plan(subject, block, &prior).await?;
        let (_, mut marks) = without_write_only(schema, &config).unmark();
        marks.extend(sensitive_paths(schema));
        let ready = Ready { block, config: config.unmarked(), prior, planned, private, marks };
        let was_open = change.config.is_none() && step == Step::Update;
        if !was_open || mark(&ready.planned, &ready.marks) != change.before {
            return Ok(Some(ready));
        }
        self.keep_unchanged(subject, &ready)
    }

    /// An update that comes to nothing: what the object is made from may have changed all the same.
    fn keep_unchanged(
        &self,
        subject: &Subject<'a>,
        ready: &Ready<'a>,
    ) -> Result<Option<Ready<'a>>, Diagnostics> {
        let change = subject.change;
        let dependencies = self.dependencies(subject);
        let current = self.current_object(subject);
        if let Some(object) = current.filter(|object| object.dependencies != dependencies) {
            self.record(Change::Current {
                address: change.address.clone(),
                provider: change.provider.clone(),
                object: Some(Object { dependencies, ..object }),
            });
        }
        let address = &change.address;
        let (module, key) = (&address.resource.module, &ready.block.key);
        self.values.set(module, key, address.key.clone(), change.before.clone());
        self.check_after(subject, ready.block, &change.before).map(|()| None)
    }

    async fn try_change(
        &self,
        subject: &Subject<'_>,
        ready: Ready<'_>,
        step: Step,
    ) -> Result<Value, Diagnostics> {
        let change = subject.change;
        let Ready { block, config, prior, planned, private, marks } = ready;
        let schema = &subject.resolved.schema.block;
        let token = self.request.world.token(16);
        let intent = self.begin(subject, step.intent(), &planned, &private, &token, None).await?;
        let answer = subject
            .resolved
            .provider
            .apply(ProviderApply {
                type_name: &block.key.type_name,
                address: &subject.text,
                config,
                prior: prior.clone(),
                planned: planned.clone(),
                private,
                token: &token,
                progress: Arc::new(ProgressOf {
                    address: subject.text.clone(),
                    events: Arc::clone(&self.request.events),
                }),
            })
            .await;
        let ApplyResponse { state, private, problems } = answer;
        self.stays_open(subject, intent, &problems)?;
        let state = without_write_only(schema, &state);
        let found: Diagnostics =
            problems.into_iter().map(|problem| at_line(problem, block, &subject.text)).collect();
        let mut failed = found.has_errors();
        let mut errors = found;
        if !failed && let Some(problem) = inconsistent(&planned, &state, block) {
            errors.push(problem);
            failed = true;
        }
        let value = mark(&state, &marks);
        let object = (!state.is_null()).then(|| {
            let dependencies = self.dependencies(subject);
            let first = change.action == ChangeAction::CreateThenDelete
                || block.lifecycle.create_before_destroy == Some(true);
            let object = objects::encode(&subject.resolved, &value, private, dependencies, first);
            let tainted = failed && step == Step::Create;
            let status = if tainted { ObjectStatus::Tainted } else { ObjectStatus::Ready };
            Object { status, ..object }
        });
        let object = match object {
            None if failed && step == Step::Update => self.current_object(subject),
            object => object,
        };
        // Made wholly only when its provisioners have run: a crash before they begin must not hide that.
        let provisioned = block.provisioners.iter().any(|provisioner| !provisioner.on_destroy);
        let kept = object.clone().map(|object| match step {
            Step::Create if provisioned => Object { status: ObjectStatus::Tainted, ..object },
            _ => object,
        });
        self.end(subject, intent, kept, None, &errors)?;
        if failed {
            return Err(errors);
        }
        self.report(&subject.text, errors);
        let address = &change.address;
        self.values.set(&address.resource.module, &block.key, address.key.clone(), value.clone());
        if step == Step::Create
            && let Some(object) = object
        {
            self.provision(subject, block, &value, object).await?;
        }
        Ok(value)
    }

    pub(super) fn current_object(&self, subject: &Subject<'_>) -> Option<Object> {
        self.ledger.borrow().state().object(&subject.change.address).cloned()
    }

    /// The blocks whose values the object was made from.
    fn dependencies(&self, subject: &Subject<'_>) -> Arc<[BlockAddress]> {
        let block = BlockAddress::from(&*subject.change.address.resource);
        self.request.plan.dependencies.get(&block).cloned().unwrap_or_default()
    }

    pub(super) fn started(&self, address: &str, action: ChangeAction, id: Option<String>) {
        self.request.events.event(Event::Started { address: address.to_owned(), action, id });
    }

    pub(super) fn finished(&self, address: &str, action: ChangeAction, id: Option<String>) {
        self.request.events.event(Event::Finished { address: address.to_owned(), action, id });
    }
}

/// All that a provider needs to carry a change out.
struct Ready<'a> {
    block: &'a Resource,
    config: Value,
    prior: Value,
    planned: Value,
    private: Vec<u8>,
    /// Marks of what comes out.
    marks: Vec<(Path, Marks)>,
}

/// Whether an object is made or changed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Create,
    Update,
}

impl Step {
    fn shown(self) -> ChangeAction {
        match self {
            Step::Create => ChangeAction::Create,
            Step::Update => ChangeAction::Update,
        }
    }

    fn intent(self) -> IntentAction {
        match self {
            Step::Create => IntentAction::Create,
            Step::Update => IntentAction::Update,
        }
    }
}
