//! Data sources: read while planning where that can be, else during apply.

use std::sync::Arc;

use skyform_diag::{Diagnostic, Diagnostics, Severity};
use skyform_lang::Scope;
use skyform_lang::config::{ModuleId, Resource};
use skyform_plan::{ChangeAction, PlanMode, Reason, ResourceChange};
use skyform_state::journal::{Change, apply_change};
use skyform_value::schema::Block;
use skyform_value::{InstanceAddress, Marks, Value};

use super::decide::at_line;
use super::walk::Walk;
use crate::Event;
use crate::graph::NodeId;
use crate::objects::{self, mark, sensitive_paths};
use crate::persisted::check_persisted;
use crate::providers::Resolved;

impl Walk<'_> {
    pub(super) async fn plan_data(
        &self,
        node: NodeId,
        block: &Resource,
        resolved: &Resolved,
        address: &InstanceAddress,
        text: &str,
        scope: &Scope,
    ) -> Result<(), Diagnostics> {
        if self.request.options.mode == PlanMode::RefreshOnly && block.check.is_some() {
            return Ok(());
        }
        let schema = &resolved.schema.block;
        let config = self.evaluator.decode(&block.body, schema, scope)?;
        check_persisted(block, schema, &config)?;
        self.preconditions(block, address, scope)?;
        let waits = !block.depends_on.is_empty() && self.waits_for_changes(node)
            || self.module_waits(scope.module);
        let known = config.is_wholly_known() && !waits;
        let pending = unknown_where_computed(schema, &config);
        let value = if known {
            match self.read_source(block, resolved, text, &config).await {
                Ok(value) => value,
                Err(errors) if block.check.is_some() => {
                    let null = null_where_unknown(&pending);
                    self.keep_read(resolved, address, &null);
                    self.plan_read(block, resolved, address, Reason::CheckNested, &pending, config);
                    self.values.set(&scope.instance, &block.key, address.key.clone(), pending);
                    return Err(errors);
                }
                Err(errors) => return Err(errors),
            }
        } else {
            pending.clone()
        };
        if known {
            self.keep_read(resolved, address, &value);
        }
        if known && block.check.is_none() {
            self.note_known(&scope.instance, block, address.key.clone(), &value);
        } else if self.request.options.mode == PlanMode::Normal {
            let reason = match block.check {
                Some(_) => Reason::CheckNested,
                None if waits => Reason::DependencyPending,
                None => Reason::ConfigUnknown,
            };
            self.plan_read(block, resolved, address, reason, &value, config);
            if block.check.is_none() {
                self.pending.borrow_mut().insert((scope.instance.clone(), block.key.clone()));
            }
        }
        self.values.set(&scope.instance, &block.key, address.key.clone(), value.clone());
        self.postconditions(block, address, scope, &value)
    }

    /// Reads a data source; its value with all marks.
    async fn read_source(
        &self,
        block: &Resource,
        resolved: &Resolved,
        text: &str,
        config: &Value,
    ) -> Result<Value, Diagnostics> {
        let (bare, mut marks) = config.unmark();
        marks.extend(sensitive_paths(&resolved.schema.block));
        let action = ChangeAction::Read;
        let events = &self.request.events;
        events.event(Event::Started { address: text.to_owned(), action, id: None });
        match resolved.provider.read_data_at(text, &block.key.type_name, bare).await {
            Ok(value) => {
                let value = mark(&value, &marks);
                let id = objects::shown_id(&value);
                events.event(Event::Finished { address: text.to_owned(), action, id });
                Ok(value)
            }
            Err(problems) => {
                events.event(Event::Failed { address: text.to_owned(), action });
                Err(problems.into_iter().map(|problem| at_line(problem, block, text)).collect())
            }
        }
    }

    /// Reads a data source if its configuration is known already. What is wrong is a warning.
    pub(super) async fn read_known(
        &self,
        block: &Resource,
        resolved: &Resolved,
        text: &str,
        scope: &Scope,
    ) -> Option<Value> {
        let config = self.evaluator.decode(&block.body, &resolved.schema.block, scope).ok()?;
        if !config.is_wholly_known() || config.has_mark(Marks::EPHEMERAL) {
            return None;
        }
        match self.read_source(block, resolved, text, &config).await {
            Ok(value) => Some(value),
            Err(errors) => {
                self.report(errors.for_address(text).into_iter().map(as_warning));
                None
            }
        }
    }

    /// What was read is kept in state, where other commands find it.
    fn keep_read(&self, resolved: &Resolved, address: &InstanceAddress, value: &Value) {
        let object = objects::encode(resolved, value, Vec::new(), Arc::from([]), false);
        let change = Change::Current {
            address: address.clone(),
            provider: resolved.config_address.clone(),
            object: Some(object),
        };
        apply_change(&mut self.found.borrow_mut().prior, &change);
    }

    fn plan_read(
        &self,
        block: &Resource,
        resolved: &Resolved,
        address: &InstanceAddress,
        reason: Reason,
        after: &Value,
        config: Value,
    ) {
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
    }

    pub(super) fn waits_for_changes(&self, node: NodeId) -> bool {
        let pending = self.pending.borrow();
        self.resources_behind(node).iter().any(|near| {
            let crate::graph::Node { module, kind } = self.graph.nodes[near.0 as usize];
            let crate::graph::NodeKind::Resource(index) = kind else { return false };
            let module = self.evaluator.module(module);
            let key = &module.source.resources[index].key;
            pending.iter().any(|(at, known)| known == key && at.path() == module.path)
        })
    }

    /// Whether the module, or one that it is in, is called with a `depends_on` that has changes.
    pub(super) fn module_waits(&self, module: ModuleId) -> bool {
        let called = self.evaluator.module(module);
        let (Some(parent), Some(name)) = (called.parent, called.path.0.last()) else {
            return false;
        };
        let calls = &self.evaluator.module(parent).source.calls;
        let own = calls.get_full(name).is_some_and(|(index, _, call)| {
            !call.depends_on.is_empty() && self.waits_for_changes(self.graph.call(parent, index))
        });
        own || self.module_waits(parent)
    }
}

/// A data source's value while it cannot be read: what its provider sets is not known.
pub(super) fn unknown_where_computed(schema: &Block, value: &Value) -> Value {
    let Some(attributes) = value.as_table() else { return value.clone() };
    Value::object(attributes.iter().map(|(name, value)| {
        let computed = schema.attributes.get(name).is_some_and(|attribute| attribute.computed);
        let unknown = computed && value.is_null();
        (name.clone(), if unknown { Value::unknown(value.ty()) } else { value.clone() })
    }))
    .with_marks(value.marks())
}

/// What is kept of a data source that could not be read.
pub(crate) fn null_where_unknown(value: &Value) -> Value {
    value.clone().transform(&mut |part| match part.is_known() {
        true => part,
        false => Value::null_of(part.ty()),
    })
}

/// What is wrong within a check is no error.
pub(crate) fn as_warning(mut diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.severity = Severity::Warning;
    diagnostic
}
