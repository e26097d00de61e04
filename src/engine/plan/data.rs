//! Data sources: read while planning where that can be, else during apply.

use std::sync::Arc;

use skyform_diag::{Diagnostic, Diagnostics, Severity};
use skyform_lang::Scope;
use skyform_lang::config::{ModuleId, Resource};
use skyform_plan::{ChangeAction, PlanMode, Reason, ResourceChange};
use skyform_state::journal::{Change, apply_change};
use skyform_value::schema::Block;
use skyform_value::{InstanceAddress, Value};

use super::decide::at_line;
use super::walk::Walk;
use crate::Event;
use crate::ephemeral::check_persisted;
use crate::graph::NodeId;
use crate::objects::{self, mark, sensitive_paths};
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
            let (bare, mut marks) = config.unmark();
            marks.extend(sensitive_paths(schema));
            let action = ChangeAction::Read;
            let events = &self.request.events;
            events.event(Event::Started { address: text.to_owned(), action, id: None });
            let read = resolved.provider.read_data(&block.key.type_name, bare).await;
            match &read {
                Ok(value) => {
                    let id = objects::shown_id(&mark(value, &marks));
                    events.event(Event::Finished { address: text.to_owned(), action, id });
                }
                Err(_) => events.event(Event::Failed { address: text.to_owned(), action }),
            }
            let read = read.map_err(|problems| {
                problems.into_iter().map(|p| at_line(p, block, text)).collect::<Diagnostics>()
            });
            match read {
                Ok(value) => mark(&value, &marks),
                Err(errors) if block.check.is_some() => {
                    self.report(errors.into_iter().map(as_warning));
                    pending.clone()
                }
                Err(errors) => return Err(errors),
            }
        } else {
            pending.clone()
        };
        if known && block.check.is_none() {
            self.note_known(&scope.instance, block, address.key.clone(), &value);
            self.keep_read(resolved, address, &value);
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

    fn waits_for_changes(&self, node: NodeId) -> bool {
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
    fn module_waits(&self, module: ModuleId) -> bool {
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
fn unknown_where_computed(schema: &Block, value: &Value) -> Value {
    let Some(attributes) = value.as_table() else { return value.clone() };
    Value::object(attributes.iter().map(|(name, value)| {
        let computed = schema.attributes.get(name).is_some_and(|attribute| attribute.computed);
        let unknown = computed && value.is_null();
        (name.clone(), if unknown { Value::unknown(value.ty()) } else { value.clone() })
    }))
    .with_marks(value.marks())
}

/// What is wrong within a check is no error.
pub(crate) fn as_warning(mut diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.severity = Severity::Warning;
    diagnostic
}
