//! One instance of a resource: read again, compared with its configuration, planned.

use std::sync::Arc;

use skyform_diag::{Diagnostic, Diagnostics, error_at};
use skyform_lang::Scope;
use skyform_lang::config::Resource;
use skyform_plan::{ChangeAction, PlanMode, ResourceChange};
use skyform_state::journal::{Change, apply_change};
use skyform_state::{BlockAddress, Object};
use skyform_value::{InstanceAddress, Marks, Mode, Path, Value};

use super::data::as_warning;
use super::walk::Walk;
use crate::graph::NodeId;
use crate::objects::{mark, sensitive_paths};
use crate::persisted::{check_persisted, gives_write_only, without_write_only};
use crate::providers::Resolved;

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
            self.keep_value(block, resolved, &address).await;
            return true;
        }
        self.seen.borrow_mut().insert(address.clone());
        let text = address.to_string();
        let result = match block.key.mode {
            Mode::Managed => {
                self.plan_managed(node, block, resolved, &address, &text, &scope, dependencies)
                    .await
            }
            Mode::Ephemeral => self.plan_ephemeral(node, block, resolved, &address, &scope).await,
            Mode::Data => self.plan_data(node, block, resolved, &address, &text, &scope).await,
        };
        match result {
            Ok(()) => true,
            Err(errors) if block.check.is_some() => {
                self.fail_check(block, &scope.instance, &errors);
                self.report(errors.for_address(&text).into_iter().map(as_warning));
                true
            }
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
        if stored.is_some() {
            self.wanted.borrow_mut().remove(address);
        }
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
        check_persisted(block, &resolved.schema.block, &config)?;
        self.preconditions(block, address, scope)?;
        let (bare_config, _) = config.unmark();
        let (_, mut marks) = without_write_only(&resolved.schema.block, &config).unmark();
        marks.extend(sensitive_paths(&resolved.schema.block));
        let (prior_value, prior_object) = match &prior {
            Some((value, object)) => (value.clone(), Some(object)),
            None => (Value::null_of(resolved.schema.block.implied_type()), None),
        };
        let bare_prior = prior_value.unmarked();
        let problems = resolved.provider.validate(&block.key.type_name, &bare_config).await;
        self.provider_problems(problems, block, text)?;
        let planned = self
            .ask(block, resolved, address, text, &bare_config, &bare_prior, prior_object, scope)
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
        // What must not be stored anywhere is evaluated again during apply.
        let known = config.is_wholly_known()
            && !config.has_mark(Marks::EPHEMERAL)
            && !gives_write_only(&resolved.schema.block, &config);
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

    fn creates_first(&self, node: NodeId, block: &Resource) -> bool {
        block.lifecycle.create_before_destroy.unwrap_or(false) || self.forced_cbd.contains(&node)
    }
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
