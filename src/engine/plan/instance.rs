//! One instance of a resource: read again, compared with its configuration, planned.

use std::sync::Arc;

use skyform_diag::{Diagnostic, Diagnostics, Location, error_at};
use skyform_lang::config::{ModuleId, Resource};
use skyform_lang::eval::attribute_span;
use skyform_lang::{Scope, eval::Outcome};
use skyform_plan::{ChangeAction, PlanMode, Reason, ResourceChange};
use skyform_provider_sdk::{
    ImportRequest, PlanRequest as ProviderPlan, PlanResponse, Problems, ReadRequest,
};
use skyform_state::journal::{Change, apply_change};
use skyform_state::{BlockAddress, Object, ObjectStatus};
use skyform_value::{InstanceAddress, Marks, Mode, ModuleInstance, Path, Value};

use super::walk::Walk;
use crate::Event;
use crate::diff::{ignore_changes, proposed};
use crate::graph::NodeId;
use crate::objects::{self, at_or_null, decode, mark, sensitive_paths};
use crate::providers::Resolved;

/// What a plan of one instance came to.
struct Planned {
    action: ChangeAction,
    reason: Option<Reason>,
    after: Value,
    requires_replace: Vec<Path>,
    private: Vec<u8>,
    notes: Vec<String>,
}

impl Walk<'_> {
    /// Plans an instance; false if that fails, which is reported then.
    pub(super) async fn plan_instance(
        &self,
        node: NodeId,
        block: &Resource,
        resolved: &Resolved,
        address: InstanceAddress,
        scope: Scope,
        dependencies: Arc<[BlockAddress]>,
    ) -> bool {
        if !self.targets.includes_instance(node, &address) {
            return true;
        }
        self.seen.borrow_mut().insert(address.clone());
        let text = address.to_string();
        let result = match block.key.mode {
            Mode::Managed => {
                self.plan_managed(node, block, resolved, &address, &text, &scope, dependencies)
                    .await
            }
            _ => self.plan_data(node, block, resolved, &address, &text, &scope).await,
        };
        match result {
            Ok(()) => true,
            Err(errors) => {
                self.report(errors.for_address(&text));
                false
            }
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "everything that a plan of one instance depends on"
    )]
    async fn plan_managed(
        &self,
        node: NodeId,
        block: &Resource,
        resolved: &Resolved,
        address: &InstanceAddress,
        text: &str,
        scope: &Scope,
        dependencies: Arc<[BlockAddress]>,
    ) -> Result<(), Diagnostics> {
        let mut stored = self.prior.object(address).cloned();
        let mut importing = None;
        if stored.is_none()
            && let Some((object, id)) = self.import(block, resolved, address, text).await?
        {
            stored = Some(object);
            importing = Some(id);
        }
        let prior = self.refresh(resolved, address, text, stored.as_ref(), block).await?;
        if self.request.options.mode == PlanMode::RefreshOnly {
            let value = prior.map_or_else(Value::null, |(value, _)| value);
            self.values.set(&scope.instance, &block.key, address.key.clone(), value);
            return Ok(());
        }
        let config = self.evaluator.decode(&block.body, &resolved.schema.block, scope)?;
        self.preconditions(block, address, scope)?;
        let (bare_config, mut marks) = config.unmark();
        marks.extend(sensitive_paths(&resolved.schema.block));
        let (prior_value, prior_object) = match &prior {
            Some((value, object)) => (value.clone(), Some(object)),
            None => (Value::null_of(resolved.schema.block.implied_type()), None),
        };
        let bare_prior = prior_value.unmarked();
        let problems = resolved.provider.validate(&block.key.type_name, &bare_config).await;
        self.provider_problems(problems, block, text)?;
        let planned = self
            .ask(block, resolved, address, text, &bare_config, &bare_prior, prior_object)
            .await?;
        let mut planned = planned;
        planned.after = mark(&planned.after, &marks);
        let marks_changed = planned.action == ChangeAction::NoOp
            && sensitive_set(&planned.after) != sensitive_set(&prior_value);
        if marks_changed {
            planned.action = ChangeAction::Update;
        }
        if let Some(span) = block.lifecycle.prevent_destroy
            && planned.action.is_replace()
        {
            return Err(prevented(span, text).into());
        }
        let forced = self.creates_first(node, block);
        if planned.action == ChangeAction::DeleteThenCreate && forced {
            planned.action = ChangeAction::CreateThenDelete;
        }
        if planned.action == ChangeAction::NoOp
            && let Some(object) = prior_object
            && (object.dependencies != dependencies || object.create_before_destroy != forced)
        {
            // Where it comes from has changed, though it has not: kept for the order of deletes.
            let object = Object {
                dependencies: Arc::clone(&dependencies),
                create_before_destroy: forced,
                ..object.clone()
            };
            let change = Change::Current {
                address: address.clone(),
                provider: resolved.config_address.clone(),
                object: Some(object),
            };
            apply_change(&mut self.found.borrow_mut().prior, &change);
        }
        self.values.set(&scope.instance, &block.key, address.key.clone(), planned.after.clone());
        if planned.action != ChangeAction::NoOp {
            self.pending.borrow_mut().insert((scope.instance.clone(), block.key.clone()));
        }
        let known = config.is_wholly_known() && !config.has_mark(Marks::EPHEMERAL);
        self.found.borrow_mut().changes.push(ResourceChange {
            previous_address: self.moves.get(address).cloned(),
            address: address.clone(),
            deposed: None,
            provider: resolved.config_address.clone(),
            action: planned.action,
            reason: planned.reason,
            before: prior_value,
            after: planned.after.clone(),
            config: known.then_some(config),
            requires_replace: planned.requires_replace,
            private: planned.private,
            notes: planned.notes,
            importing,
            span: Some(block.span),
        });
        self.postconditions(block, address, scope, &planned.after)
    }

    /// The object that an `import` block names for an instance, taken over by its provider.
    async fn import(
        &self,
        block: &Resource,
        resolved: &Resolved,
        address: &InstanceAddress,
        text: &str,
    ) -> Result<Option<(Object, String)>, Diagnostics> {
        let imports = &self.request.config.modules[0].source.imports;
        let named = imports.iter().find(|import| {
            let target = import.to.as_reference();
            let target = target.map(|_| self.request.config.sources.text(import.to.span));
            target.and_then(|target| target.parse().ok()).as_ref() == Some(address)
        });
        let Some(import) = named else { return Ok(None) };
        if let Some(for_each) = &import.for_each {
            return Err(error_at!(
                for_each.span,
                "Import with for_each is not supported",
                "Write an import block for each instance."
            )
            .into());
        }
        let scope = Scope::new(ModuleId(0), ModuleInstance::root());
        let id = self.evaluator.evaluate(&import.id, &scope)?;
        let Some(id) = id.as_str().filter(|id| !id.is_empty()).map(str::to_owned) else {
            return Err(error_at!(
                import.id.span,
                "Invalid import id",
                "The id must be known while planning, and text that is not empty."
            )
            .into());
        };
        let request = ImportRequest { type_name: &block.key.type_name, address: text, id: &id };
        let found = resolved.provider.import(request).await.map_err(|problems| {
            let place = Location::Span(import.span);
            problems
                .into_iter()
                .map(|p| p.into_diagnostic(place.clone(), text))
                .collect::<Diagnostics>()
        })?;
        let Some(found) = found.into_iter().next() else {
            return Err(error_at!(
                import.span,
                "Nothing to import",
                "There is no object with the id \"{id}\"."
            )
            .into());
        };
        let object = objects::encode(resolved, &found.state, found.private, Arc::from([]), false);
        let change = Change::Current {
            address: address.clone(),
            provider: resolved.config_address.clone(),
            object: Some(object.clone()),
        };
        apply_change(&mut self.found.borrow_mut().prior, &change);
        Ok(Some((object, id)))
    }

    /// The object as it is now, and as stored; what has changed outside is noted as drift.
    async fn refresh(
        &self,
        resolved: &Resolved,
        address: &InstanceAddress,
        text: &str,
        stored: Option<&Object>,
        block: &Resource,
    ) -> Result<Option<(Value, Object)>, Diagnostics> {
        let Some(object) = stored else { return Ok(None) };
        let read = self.read_again(resolved, address, text, object).await;
        read.map_err(|problems| {
            let place = Location::Span(block.span);
            problems
                .into_iter()
                .map(|p| p.into_diagnostic(place.clone(), text))
                .collect::<Diagnostics>()
        })?
    }

    /// Reads a stored object again, if that is wanted, and takes note of what has changed.
    pub(super) async fn read_again(
        &self,
        resolved: &Resolved,
        address: &InstanceAddress,
        text: &str,
        object: &Object,
    ) -> Result<Result<Option<(Value, Object)>, Diagnostics>, Problems> {
        let type_name = address.resource.type_name.as_str();
        let before = match decode(resolved, text, type_name, object).await {
            Ok(value) => value,
            Err(errors) => return Ok(Err(errors)),
        };
        if !self.request.options.refresh {
            return Ok(Ok(Some((before, object.clone()))));
        }
        let permit = self.limit.acquire().await;
        self.request.events.event(Event::RefreshStarted {
            address: text.to_owned(),
            id: objects::shown_id(&before),
        });
        let answer = resolved
            .provider
            .read(ReadRequest {
                type_name,
                address: text,
                current: before.unmarked(),
                private: object.private.to_vec(),
            })
            .await?;
        drop(permit);
        let marks: Vec<_> = object
            .sensitive
            .iter()
            .map(|path| (path.clone(), Marks::SENSITIVE))
            .chain(sensitive_paths(&resolved.schema.block))
            .collect();
        let now = mark(&answer.state, &marks);
        if now == before {
            return Ok(Ok(Some((before, object.clone()))));
        }
        let refreshed = (!now.is_null()).then(|| Object {
            status: object.status,
            ..objects::encode(
                resolved,
                &now,
                answer.private,
                Arc::clone(&object.dependencies),
                object.create_before_destroy,
            )
        });
        let change = Change::Current {
            address: address.clone(),
            provider: resolved.config_address.clone(),
            object: refreshed.clone(),
        };
        let mut found = self.found.borrow_mut();
        apply_change(&mut found.prior, &change);
        found.drift.push(ResourceChange {
            address: address.clone(),
            previous_address: self.moves.get(address).cloned(),
            deposed: None,
            provider: resolved.config_address.clone(),
            action: if now.is_null() { ChangeAction::Delete } else { ChangeAction::Update },
            reason: None,
            before,
            after: now.clone(),
            config: None,
            requires_replace: Vec::new(),
            private: Vec::new(),
            notes: Vec::new(),
            importing: None,
            span: None,
        });
        Ok(Ok(refreshed.map(|object| (now, object))))
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "everything that a plan of one instance depends on"
    )]
    async fn ask(
        &self,
        block: &Resource,
        resolved: &Resolved,
        address: &InstanceAddress,
        text: &str,
        config: &Value,
        prior: &Value,
        object: Option<&Object>,
    ) -> Result<Planned, Diagnostics> {
        let schema = &resolved.schema.block;
        let none = Value::null_of(schema.implied_type());
        let tainted = object.is_some_and(|object| object.status == ObjectStatus::Tainted);
        let effective_prior = if tainted { &none } else { prior };
        let effective_config =
            ignore_changes(&block.lifecycle.ignore_changes, schema, effective_prior, config);
        let private = object.map(|object| object.private.to_vec()).unwrap_or_default();
        let first = self
            .provider_plan(
                block,
                resolved,
                text,
                &effective_config,
                effective_prior,
                private.clone(),
            )
            .await?;
        let replace_paths: Vec<Path> = first
            .requires_replace
            .iter()
            .filter(|path| {
                !effective_prior.is_null()
                    && at_or_null(effective_prior, path) != at_or_null(&first.planned, path)
            })
            .cloned()
            .collect();
        let requested = self.request.options.replace.contains(address);
        let triggered = object.is_some() && !tainted && self.is_triggered(block, address);
        let reason = if object.is_none() {
            None
        } else if tainted {
            Some(Reason::Tainted)
        } else if requested {
            Some(Reason::Requested)
        } else if !replace_paths.is_empty() {
            Some(Reason::CannotUpdate)
        } else if triggered {
            Some(Reason::Triggered)
        } else {
            None
        };
        let (planned, action) = match (object, reason) {
            (None, _) => (first, ChangeAction::Create),
            (Some(_), Some(Reason::Tainted)) => (first, ChangeAction::DeleteThenCreate),
            (Some(_), Some(_)) => {
                let second = self
                    .provider_plan(block, resolved, text, config, &none, first.private.clone())
                    .await?;
                let mut second = second;
                if second.notes.is_empty() {
                    second.notes = first.notes;
                }
                (second, ChangeAction::DeleteThenCreate)
            }
            (Some(_), None) if first.planned == *prior => (first, ChangeAction::NoOp),
            (Some(_), None) => (first, ChangeAction::Update),
        };
        Ok(Planned {
            action,
            reason,
            after: planned.planned,
            requires_replace: if action.is_replace() { replace_paths } else { Vec::new() },
            private: planned.private,
            notes: planned.notes,
        })
    }

    async fn provider_plan(
        &self,
        block: &Resource,
        resolved: &Resolved,
        text: &str,
        config: &Value,
        prior: &Value,
        private: Vec<u8>,
    ) -> Result<PlanResponse, Diagnostics> {
        let permit = self.limit.acquire().await;
        let answer = resolved
            .provider
            .plan(ProviderPlan {
                type_name: &block.key.type_name,
                address: text,
                config: config.clone(),
                prior: prior.clone(),
                proposed: proposed(&resolved.schema.block, prior, config),
                private,
            })
            .await;
        drop(permit);
        match answer {
            Ok(mut answer) => {
                let problems = std::mem::take(&mut answer.problems);
                self.provider_problems(problems, block, text)?;
                Ok(answer)
            }
            Err(problems) => {
                self.provider_problems(problems, block, text)?;
                Err(error_at!(
                    block.span,
                    "Provider gave no plan",
                    "The provider failed to plan this resource, and did not say why."
                )
                .into())
            }
        }
    }

    /// A provider's problems at the lines that they are about; warnings go on.
    fn provider_problems(
        &self,
        problems: Problems,
        block: &Resource,
        text: &str,
    ) -> Result<(), Diagnostics> {
        let found: Diagnostics =
            problems.into_iter().map(|problem| at_line(problem, block, text)).collect();
        if found.has_errors() {
            return Err(found);
        }
        self.report(found);
        Ok(())
    }

    /// Whether anything that `replace_triggered_by` names changes in this plan.
    fn is_triggered(&self, block: &Resource, address: &InstanceAddress) -> bool {
        let found = self.found.borrow();
        block.lifecycle.replace_triggered_by.iter().any(|expr| {
            let Some(reference) = expr.as_reference() else { return false };
            let skyform_lang::config::Subject::Resource(key, instance) = &reference.subject else {
                return false;
            };
            found.changes.iter().any(|change| {
                let resource = &change.address.resource;
                let same = resource.module == address.resource.module
                    && resource.type_name == key.type_name
                    && resource.name == key.name
                    && (instance.is_none() || change.address.key == *instance);
                let path = Path(reference.rest.clone());
                let values_differ = || {
                    at_or_null(&change.before, &path).unmarked()
                        != at_or_null(&change.after, &path).unmarked()
                };
                same && match change.action {
                    ChangeAction::NoOp | ChangeAction::Read | ChangeAction::Forget => false,
                    ChangeAction::Create => false,
                    _ if path.0.is_empty() => true,
                    _ => values_differ(),
                }
            })
        })
    }

    fn creates_first(&self, node: NodeId, block: &Resource) -> bool {
        block.lifecycle.create_before_destroy.unwrap_or(false) || self.forced_cbd.contains(&node)
    }

    fn preconditions(
        &self,
        block: &Resource,
        address: &InstanceAddress,
        scope: &Scope,
    ) -> Result<(), Diagnostics> {
        let rules = &block.lifecycle.preconditions;
        self.resource_conditions(rules, "Resource precondition failed", block, address, scope)
    }

    fn postconditions(
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

    async fn plan_data(
        &self,
        node: NodeId,
        block: &Resource,
        resolved: &Resolved,
        address: &InstanceAddress,
        text: &str,
        scope: &Scope,
    ) -> Result<(), Diagnostics> {
        let config = self.evaluator.decode(&block.body, &resolved.schema.block, scope)?;
        self.preconditions(block, address, scope)?;
        let waits = !block.depends_on.is_empty() && self.waits_for_changes(node);
        let value = if config.is_wholly_known() && !waits {
            let (bare, marks) = config.unmark();
            let read = resolved.provider.read_data(&block.key.type_name, bare).await;
            let value = read.map_err(|problems| {
                problems.into_iter().map(|p| at_line(p, block, text)).collect::<Diagnostics>()
            })?;
            let value = mark(&value, &marks);
            self.note_known(&scope.instance, block, address.key.clone(), &value);
            value
        } else {
            let reason = if waits { Reason::DependencyPending } else { Reason::ConfigUnknown };
            let after = unknown_where_null(&config);
            self.found.borrow_mut().changes.push(ResourceChange {
                previous_address: None,
                address: address.clone(),
                deposed: None,
                provider: resolved.config_address.clone(),
                action: ChangeAction::Read,
                reason: Some(reason),
                before: Value::null(),
                after: after.clone(),
                config: config.is_wholly_known().then_some(config),
                requires_replace: Vec::new(),
                private: Vec::new(),
                notes: Vec::new(),
                importing: None,
                span: Some(block.span),
            });
            self.pending.borrow_mut().insert((scope.instance.clone(), block.key.clone()));
            after
        };
        self.values.set(&scope.instance, &block.key, address.key.clone(), value.clone());
        self.postconditions(block, address, scope, &value)
    }

    fn waits_for_changes(&self, node: NodeId) -> bool {
        let pending = self.pending.borrow();
        self.resources_behind(node).iter().any(|near| {
            let crate::graph::Node { module, kind } = self.graph.nodes[near.0 as usize];
            let crate::graph::NodeKind::Resource(index) = kind else { return false };
            let key = &self.evaluator.module(module).source.resources[index].key;
            pending.iter().any(|(_, known)| known == key)
        })
    }

    /// Checks conditions of a resource and takes note of the result.
    fn resource_conditions(
        &self,
        rules: &[skyform_lang::config::Condition],
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
                    errors.push(error_at!(rule.condition.span, summary, "{message}"))
                }
                Outcome::Error(problems) => errors.extend(problems.clone()),
                Outcome::Pass | Outcome::Unknown => {}
            }
            outcomes.push(outcome);
        }
        self.note_check(
            skyform_plan::CheckKind::Resource,
            BlockAddress::from(&*address.resource).to_string(),
            address.to_string(),
            &outcomes,
            Some(block.span),
        );
        errors.into_result(())
    }
}

/// A data source's value while it cannot be read: what is not given is not known.
fn unknown_where_null(value: &Value) -> Value {
    match value.as_table() {
        Some(attributes) => Value::object(attributes.iter().map(|(name, value)| {
            let kept = if value.is_null() { Value::unknown(value.ty()) } else { value.clone() };
            (name.clone(), kept)
        })),
        None => value.clone(),
    }
}

/// A provider's problem at the line of the attribute that it is about.
pub(crate) fn at_line(
    problem: skyform_provider_sdk::Problem,
    block: &Resource,
    text: &str,
) -> Diagnostic {
    let span = problem.attribute.as_ref().and_then(|path| attribute_span(&block.body, path));
    problem.into_diagnostic(Location::Span(span.unwrap_or(block.span)), text)
}

/// The error where something would be destroyed that must not be.
pub(super) fn prevented(span: skyform_diag::Span, address: &str) -> Diagnostic {
    error_at!(
        span,
        "Instance cannot be destroyed",
        "{address} has lifecycle.prevent_destroy set, but the plan calls for it to be destroyed.";
        hint: "Take prevent_destroy out if it may go, or leave it out of the plan with -target."
    )
}

fn sensitive_set(value: &Value) -> Vec<Path> {
    let (_, marks) = value.unmark();
    marks.into_iter().filter(|(_, m)| m.contains(Marks::SENSITIVE)).map(|(path, _)| path).collect()
}
