//! What is left for a later plan: blocks of which it is not known how many instances there will be,
//! and everything that depends on those.

use skyform_diag::Span;
use skyform_lang::Scope;
use skyform_lang::config::{ModuleId, Resource};
use skyform_plan::{Deferred, DeferredReason};
use skyform_state::BlockAddress;
use skyform_value::{InstanceAddress, ModuleInstance, Type, Value};

use super::walk::Walk;
use crate::graph::NodeId;
use crate::providers::Resolved;

impl Walk<'_> {
    /// Whether something that the node needs is left for later.
    pub(super) fn needs_deferred(&self, node: NodeId) -> bool {
        let deferred = self.deferred_nodes.borrow();
        let mut needs = self.graph.dependencies[node.0 as usize].iter();
        !deferred.is_empty() && needs.any(|(need, _)| deferred.contains(need))
    }

    /// Takes note that nothing certain can be said of a node yet.
    pub(super) fn defer_node(&self, node: NodeId) {
        self.deferred_nodes.borrow_mut().insert(node);
    }

    /// Leaves a block for later in all instances of its module.
    pub(super) fn defer_block(&self, module: ModuleId, block: &Resource, resolved: &Resolved) {
        let instances = self.evaluator.module_instances(module).unwrap_or_default();
        if instances.is_empty() {
            let reason = DeferredReason::InstanceCountUnknown;
            let path = &self.evaluator.module(module).path;
            let some = path.0.iter().map(|name| (name.clone(), None)).collect();
            return self.defer_in(module, &ModuleInstance(some), block, resolved, reason, true);
        }
        for instance in instances {
            let reason = DeferredReason::DeferredPrerequisite;
            self.defer_in(module, &instance, block, resolved, reason, false);
        }
    }

    /// Leaves a block for later in one instance of its module, or in those that are to come.
    pub(super) fn defer_in(
        &self,
        module: ModuleId,
        instance: &ModuleInstance,
        block: &Resource,
        resolved: &Resolved,
        reason: DeferredReason,
        is_to_come: bool,
    ) {
        let mut scope = Scope::new(module, instance.clone());
        if block.count.is_some() {
            scope.count_index = Some(Value::unknown(Type::Number));
        }
        if block.for_each.is_some() {
            scope.each = Some((Value::unknown(Type::String), Value::unknown(Type::Any)));
        }
        let schema = &resolved.schema.block;
        // Mistakes are found when everything is known.
        let config = self.evaluator.decode(&block.body, schema, &scope);
        let after = config.unwrap_or_else(|_| Value::unknown(schema.implied_type()));
        let path = self.evaluator.module(module).path.clone();
        let address = BlockAddress {
            module: path,
            mode: block.key.mode,
            type_name: block.key.type_name.clone(),
            name: block.key.name.clone(),
        };
        let module = match is_to_come {
            true => self.with_unknown_keys(module),
            false => instance.to_string(),
        };
        let deferred = Deferred {
            module,
            mode: block.key.mode,
            type_name: block.key.type_name.clone(),
            name: block.key.name.clone(),
            is_repeated: block.count.is_some() || block.for_each.is_some(),
            provider: resolved.config_address.clone(),
            reason,
            after: super::data::unknown_where_computed(schema, &after),
            exists: self
                .prior
                .resources
                .keys()
                .any(|known| BlockAddress::from(&**known) == address),
            span: Some(block.span),
        };
        self.deferred_blocks
            .borrow_mut()
            .insert((address, (!is_to_come).then(|| instance.clone())));
        self.found.borrow_mut().deferred.push(deferred);
    }

    /// The module's path with `[*]` behind calls whose instances are not known.
    fn with_unknown_keys(&self, module: ModuleId) -> String {
        let mut parts = Vec::new();
        let mut at = module;
        while let (Some(parent), Some(name)) =
            (self.evaluator.module(at).parent, self.evaluator.module(at).path.0.last())
        {
            let call = self.evaluator.module(parent).source.calls.get(name);
            let repeated = call.is_some_and(|call| call.count.is_some() || call.for_each.is_some());
            parts.push(format!("module.{name}{}", if repeated { "[*]" } else { "" }));
            at = parent;
        }
        parts.reverse();
        parts.join(".")
    }

    /// Whether an object belongs to a block that is left for later, so that it must stay.
    pub(super) fn is_deferred(&self, address: &InstanceAddress) -> bool {
        let deferred = self.deferred_blocks.borrow();
        if deferred.is_empty() {
            return false;
        }
        let block = BlockAddress::from(&*address.resource);
        deferred.contains(&(block.clone(), None))
            || deferred.contains(&(block, Some(address.resource.module.clone())))
    }

    /// The error where that is not allowed.
    pub(super) fn unknown_instances(span: Span) -> skyform_diag::Diagnostics {
        skyform_diag::error_at!(
            span,
            "Invalid count or for_each argument",
            "The value depends on resource attributes that are known only after apply, so it is not known yet how many instances there will be.";
            hint: "Use keys that are known while planning, or plan with -allow-deferral: it leaves this for a second apply."
        )
        .into()
    }
}
