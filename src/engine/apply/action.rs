//! One action: written ahead, carried out, its outcome written down.

use std::sync::Arc;

use skyform_diag::{Diagnostic, Diagnostics, Location, error_at};
use skyform_lang::config::{ModuleId, Resource, ResourceKey};
use skyform_lang::{Scope, eval::Outcome as Checked};
use skyform_plan::{ActionId, ActionKind, ChangeAction, ChangeId, ResourceChange};
use skyform_provider_sdk::{ApplyRequest as ProviderApply, ApplyResponse, PlanRequest};
use skyform_state::journal::{Change, Intent, IntentAction, Outcome};
use skyform_state::{BlockAddress, DeposedKey, Object, ObjectStatus, OutputState};
use skyform_value::{Marks, ModuleInstance, Path, Value, json};

use super::walk::{Apply, state_problem};
use crate::Event;
use crate::diff::{ignore_changes, proposed};
use crate::events::ProgressOf;
use crate::objects::{self, mark, sensitive_paths};
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
            ActionKind::Join => true,
        }
    }

    fn subject(&self, id: ChangeId) -> Result<Subject<'a>, Diagnostics> {
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
        let path = resource.module.path();
        let modules = &self.request.config.modules;
        let module = modules.iter().position(|module| module.path == path);
        let key = ResourceKey {
            mode: resource.mode,
            type_name: resource.type_name.clone(),
            name: resource.name.clone(),
        };
        let block = module
            .and_then(|index| Some((ModuleId(index), modules[index].source.resources.get(&key)?)));
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

    async fn change_object(&self, id: ChangeId, step: Step) -> bool {
        let subject = match self.subject(id) {
            Ok(subject) => subject,
            Err(errors) => {
                self.report("", errors);
                return false;
            }
        };
        let action = step.shown();
        self.started(&subject.text, action, objects::shown_id(&subject.change.before));
        let result = self.try_change(&subject, step).await;
        match result {
            Ok(value) => {
                self.finished(&subject.text, action, objects::shown_id(&value));
                let mut outcome = self.outcome.borrow_mut();
                match step {
                    Step::Create => outcome.added += 1,
                    Step::Update => outcome.changed += 1,
                }
                true
            }
            Err(errors) => {
                self.report(&subject.text, errors);
                self.fail(&subject.text, action);
                self.request.events.event(Event::Failed { address: subject.text.clone(), action });
                false
            }
        }
    }

    async fn try_change(&self, subject: &Subject<'_>, step: Step) -> Result<Value, Diagnostics> {
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
        let (config, planned, private) = self.final_plan(subject, block, &prior).await?;
        let (bare_config, mut marks) = config.unmark();
        marks.extend(sensitive_paths(schema));
        let token = self.request.world.token(16);
        let intent = self.begin(subject, step.intent(), &planned, &private, &token, None).await?;
        let answer = subject
            .resolved
            .provider
            .apply(ProviderApply {
                type_name: &block.key.type_name,
                address: &subject.text,
                config: bare_config,
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
        self.end(subject, intent, object.clone(), None, &errors)?;
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
        self.check_after(subject, block, &value)?;
        Ok(value)
    }

    /// The configuration with everything known, and the plan for it: the one made already where
    /// nothing has been unknown.
    async fn final_plan(
        &self,
        subject: &Subject<'_>,
        block: &Resource,
        prior: &Value,
    ) -> Result<(Value, Value, Vec<u8>), Diagnostics> {
        let change = subject.change;
        if let Some(config) = &change.config {
            return Ok((config.clone(), change.after.unmarked(), change.private.clone()));
        }
        let schema = &subject.resolved.schema.block;
        let scope = self.scope(subject).ok_or_else(Diagnostics::new)?;
        let config = self.evaluator.decode(&block.body, schema, &scope)?;
        if !config.is_wholly_known() {
            return Err(error_at!(
                block.span,
                "Configuration still not known",
                "Something in this block is not known although everything that it needs is done. This is a bug in Skyform."
            )
            .into());
        }
        let bare = config.unmarked();
        let effective = ignore_changes(&block.lifecycle.ignore_changes, schema, prior, &bare);
        let answer = subject
            .resolved
            .provider
            .plan(PlanRequest {
                type_name: &block.key.type_name,
                address: &subject.text,
                config: effective.clone(),
                prior: prior.clone(),
                proposed: proposed(schema, prior, &effective),
                private: self
                    .current_object(subject)
                    .map(|o| o.private.to_vec())
                    .unwrap_or_default(),
            })
            .await
            .map_err(|problems| {
                problems
                    .into_iter()
                    .map(|p| at_line(p, block, &subject.text))
                    .collect::<Diagnostics>()
            })?;
        if let Some(problem) = inconsistent(&change.after.unmarked(), &answer.planned, block) {
            return Err(problem.into());
        }
        Ok((config, answer.planned, answer.private))
    }

    pub(super) fn current_object(&self, subject: &Subject<'_>) -> Option<Object> {
        self.ledger.borrow().state().object(&subject.change.address).cloned()
    }

    /// The blocks whose values the object was made from.
    fn dependencies(&self, subject: &Subject<'_>) -> Arc<[BlockAddress]> {
        let block = BlockAddress::from(&*subject.change.address.resource);
        self.request.plan.dependencies.get(&block).cloned().unwrap_or_default()
    }

    /// Writes an intent ahead, and waits until that is durable. Where nothing can come into doubt
    /// there is none.
    pub(super) async fn begin(
        &self,
        subject: &Subject<'_>,
        action: IntentAction,
        planned: &Value,
        private: &[u8],
        token: &str,
        deposed: Option<&DeposedKey>,
    ) -> Result<Option<u64>, Diagnostics> {
        if subject.resolved.traits.pure && action != IntentAction::Provision {
            return Ok(None);
        }
        let ticket = {
            let mut ledger = self.ledger.borrow_mut();
            let id = ledger.next_intent();
            let intent = Intent {
                id,
                address: subject.change.address.clone(),
                deposed: deposed.cloned(),
                action,
                provider: subject.change.provider.clone(),
                prior: None,
                planned: (!planned.is_null()).then(|| {
                    let ty = subject.resolved.schema.block.implied_type();
                    Arc::from(json::to_typed(&planned.unmarked(), &ty))
                }),
                private: private.into(),
                token: token.to_owned(),
            };
            let ticket = ledger.intent(intent).map_err(|error| state_problem(&error))?;
            (id, ticket)
        };
        let (id, ticket) = ticket;
        ticket.durable().await.map_err(|error| {
            Diagnostic::error(
                Location::address(&subject.text),
                "Journal could not be written",
                format!("{error}. Nothing has been done to this resource."),
            )
        })?;
        Ok(Some(id))
    }

    /// Writes the outcome down.
    pub(super) fn end(
        &self,
        subject: &Subject<'_>,
        intent: Option<u64>,
        object: Option<Object>,
        deposed: Option<&DeposedKey>,
        errors: &Diagnostics,
    ) -> Result<(), Diagnostics> {
        let (address, provider) = (subject.change.address.clone(), subject.change.provider.clone());
        let change = match deposed {
            Some(key) => Change::Deposed { address, key: key.clone(), provider, object },
            None => Change::Current { address, provider, object },
        };
        let mut ledger = self.ledger.borrow_mut();
        let written = match intent {
            Some(intent) => {
                let error = errors.iter().find(|error| error.is_error());
                let error = error.map(|error| format!("{}: {}", error.summary, error.detail));
                ledger.outcome(Outcome { intent, changes: vec![change], error })
            }
            None => ledger.change(change),
        };
        written.map(drop).map_err(|error| state_problem(&error).into())
    }

    async fn create_first(&self, id: ChangeId) -> bool {
        let change = self.request.plan.change(id);
        let (address, provider) = (change.address.clone(), change.provider.clone());
        let before = self.ledger.borrow().state().object(&address).cloned();
        let key = DeposedKey(self.request.world.token(4).into());
        let depose = |object: Option<Object>| Change::Deposed {
            address: address.clone(),
            key: key.clone(),
            provider: provider.clone(),
            object,
        };
        let current = |object: Option<Object>| Change::Current {
            address: address.clone(),
            provider: provider.clone(),
            object,
        };
        // The old object is noted in its new place before it leaves the old one.
        if !(self.record(depose(before.clone())) && self.record(current(None))) {
            return false;
        }
        self.deposed.borrow_mut().insert(id, key.clone());
        let good = self.change_object(id, Step::Create).await;
        let nothing_made = self.ledger.borrow().state().object(&address).is_none();
        if !good && nothing_made {
            self.record(current(before));
            self.record(depose(None));
            self.deposed.borrow_mut().remove(&id);
        }
        good
    }

    async fn delete(&self, id: ChangeId) -> bool {
        let subject = match self.subject(id) {
            Ok(subject) => subject,
            Err(errors) => {
                self.report("", errors);
                return false;
            }
        };
        let action = ChangeAction::Delete;
        self.started(&subject.text, action, objects::shown_id(&subject.change.before));
        match self.try_delete(id, &subject).await {
            Ok(()) => {
                self.finished(&subject.text, action, None);
                self.outcome.borrow_mut().destroyed += 1;
                true
            }
            Err(errors) => {
                self.report(&subject.text, errors);
                self.fail(&subject.text, action);
                self.request.events.event(Event::Failed { address: subject.text.clone(), action });
                false
            }
        }
    }

    async fn try_delete(&self, id: ChangeId, subject: &Subject<'_>) -> Result<(), Diagnostics> {
        let change = subject.change;
        let deposed = self.deposed.borrow().get(&id).cloned().or_else(|| change.deposed.clone());
        if deposed.is_none() {
            self.provision_destroy(subject).await?;
        }
        let prior = change.before.unmarked();
        let none = Value::null_of(subject.resolved.schema.block.implied_type());
        let token = self.request.world.token(16);
        let before = match &deposed {
            Some(key) => {
                let ledger = self.ledger.borrow();
                ledger.state().instance(&change.address).and_then(|i| i.deposed.get(key)).cloned()
            }
            None => self.current_object(subject),
        };
        let private = before.as_ref().map(|object| object.private.to_vec()).unwrap_or_default();
        let intent = self
            .begin(subject, IntentAction::Delete, &none, &private, &token, deposed.as_ref())
            .await?;
        let answer = subject
            .resolved
            .provider
            .apply(ProviderApply {
                type_name: &change.address.resource.type_name,
                address: &subject.text,
                config: none.clone(),
                prior,
                planned: none,
                private,
                token: &token,
                progress: Arc::new(ProgressOf {
                    address: subject.text.clone(),
                    events: Arc::clone(&self.request.events),
                }),
            })
            .await;
        let place =
            subject.block.map_or_else(|| Location::address(&subject.text), |(_, b)| b.span.into());
        let problems = answer.problems.into_iter();
        let found: Diagnostics =
            problems.map(|problem| problem.into_diagnostic(place.clone(), &subject.text)).collect();
        let failed = found.has_errors();
        self.end(subject, intent, if failed { before } else { None }, deposed.as_ref(), &found)?;
        if failed {
            return Err(found);
        }
        self.report(&subject.text, found);
        Ok(())
    }

    async fn read(&self, id: ChangeId) -> bool {
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
            Err(errors) => {
                self.report(&subject.text, errors);
                self.fail(&subject.text, ChangeAction::Read);
                false
            }
        }
    }

    async fn try_read(&self, subject: &Subject<'_>) -> Result<(), Diagnostics> {
        let (Some((_, block)), Some(scope)) = (subject.block, self.scope(subject)) else {
            return Ok(());
        };
        let config = self.evaluator.decode(&block.body, &subject.resolved.schema.block, &scope)?;
        let (bare, marks) = config.unmark();
        let read = subject.resolved.provider.read_data(&block.key.type_name, bare).await;
        let value = read.map_err(|problems| {
            problems.into_iter().map(|p| at_line(p, block, &subject.text)).collect::<Diagnostics>()
        })?;
        let address = &subject.change.address;
        let value = mark(&value, &marks);
        self.values.set(&address.resource.module, &block.key, address.key.clone(), value.clone());
        self.check_after(subject, block, &value)
    }

    fn forget(&self, id: ChangeId) -> bool {
        let change = self.request.plan.change(id);
        self.outcome.borrow_mut().forgotten += 1;
        let (address, provider) = (change.address.clone(), change.provider.clone());
        self.record(match &change.deposed {
            Some(key) => Change::Deposed { address, key: key.clone(), provider, object: None },
            None => Change::Current { address, provider, object: None },
        })
    }

    fn output(&self, name: &str) -> bool {
        let root = ModuleInstance::root();
        match self.evaluator.output(ModuleId(0), &root, name) {
            Ok(value) => {
                let sensitive = value.has_mark(Marks::SENSITIVE);
                let value = value.unmarked();
                let stored = (!value.is_null()).then_some(OutputState { value, sensitive });
                self.record(Change::Output { name: name.into(), value: stored })
            }
            Err(errors) => {
                self.report(&format!("output.{name}"), errors);
                false
            }
        }
    }

    fn check_after(
        &self,
        subject: &Subject<'_>,
        block: &Resource,
        value: &Value,
    ) -> Result<(), Diagnostics> {
        let Some(scope) = self.scope(subject) else { return Ok(()) };
        let scope = scope.with_self(value.clone());
        let mut errors = Diagnostics::new();
        for rule in &block.lifecycle.postconditions {
            match self.evaluator.check(rule, &scope) {
                Checked::Fail(message) => errors.push(error_at!(
                    rule.condition.span,
                    "Resource postcondition failed",
                    "{message}"
                )),
                Checked::Error(problems) => errors.extend(problems),
                Checked::Pass | Checked::Unknown => {}
            }
        }
        errors.into_result(())
    }

    fn started(&self, address: &str, action: ChangeAction, id: Option<String>) {
        self.request.events.event(Event::Started { address: address.to_owned(), action, id });
    }

    fn finished(&self, address: &str, action: ChangeAction, id: Option<String>) {
        self.request.events.event(Event::Finished { address: address.to_owned(), action, id });
    }
}

/// Whether an object is made or changed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
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

/// A problem if what was planned and known has come out otherwise.
fn inconsistent(planned: &Value, actual: &Value, block: &Resource) -> Option<Diagnostic> {
    let path = differs(planned, actual, &Path::root())?;
    Some(error_at!(
        block.span,
        "Provider produced an inconsistent result",
        "What the provider planned for \"{path}\" is not what it made. This is a bug in the provider."
    ))
}

fn differs(planned: &Value, actual: &Value, path: &Path) -> Option<Path> {
    use skyform_value::{Kind, Step as PathStep};
    match (planned.kind(), actual.kind()) {
        (Kind::Unknown(_), _) => None,
        (Kind::Object(planned), Kind::Object(actual)) => {
            planned.iter().find_map(|(name, value)| {
                let path = path.then(PathStep::Attribute(name.clone()));
                match actual.get(name) {
                    Some(actual) => differs(value, actual, &path),
                    None => Some(path),
                }
            })
        }
        (Kind::Tuple(_) | Kind::List(_), Kind::Tuple(_) | Kind::List(_)) => {
            let (planned, actual) = (planned.as_slice()?, actual.as_slice()?);
            if planned.len() != actual.len() {
                return Some(path.clone());
            }
            (0..).zip(planned.iter().zip(actual)).find_map(|(index, (planned, actual))| {
                differs(planned, actual, &path.then(PathStep::Index(index)))
            })
        }
        (Kind::Map(planned), Kind::Map(actual)) => planned.items.iter().find_map(|(key, value)| {
            let path = path.then(PathStep::Key(key.clone()));
            match actual.items.get(key) {
                Some(actual) => differs(value, actual, &path),
                None => Some(path),
            }
        }),
        _ if !planned.is_wholly_known() || planned == actual => None,
        _ => Some(path.clone()),
    }
}
