//! Data sources: read while planning where that can be, else during apply.

use skyform_diag::Diagnostics;
use skyform_lang::Scope;
use skyform_lang::config::Resource;
use skyform_plan::{ChangeAction, Reason, ResourceChange};
use skyform_value::{InstanceAddress, Value};

use super::decide::at_line;
use super::walk::Walk;
use crate::graph::NodeId;
use crate::objects::mark;
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
