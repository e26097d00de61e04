//! Objects that the configuration has no place for any more, and deposed ones: to be deleted.

use skyform_diag::{Diagnostic, Location};
use skyform_lang::config::{ModuleId, ResourceKey};
use skyform_plan::{ChangeAction, PlanMode, Reason, ResourceChange};
use skyform_state::journal::{Change, apply_change};
use skyform_value::{InstanceAddress, InstanceKey, Mode, Value};

use super::instance::prevented;
use super::walk::Walk;
use crate::objects;
use crate::removed::removed_block;

impl Walk<'_> {
    pub(super) async fn plan_orphans(&self) {
        let all: Vec<_> =
            self.prior.instances().map(|(address, instance)| (address, instance.clone())).collect();
        for (address, instance) in all {
            let seen = self.seen.borrow().contains(&address) || self.is_deferred(&address);
            if !self.targets.includes_stored(&address) {
                continue;
            }
            let current = if self.refreshed.borrow().contains(&address) {
                // As it is since it was read again; gone if it is not there any more.
                self.found.borrow().prior.object(&address).cloned()
            } else {
                instance.current
            };
            if let Some(object) = current.filter(|_| !seen) {
                self.plan_orphan(&address, &object, None).await;
            }
            for (key, object) in instance.deposed {
                self.plan_orphan(&address, &object, Some(key)).await;
            }
        }
    }

    async fn plan_orphan(
        &self,
        address: &InstanceAddress,
        object: &skyform_state::Object,
        deposed: Option<skyform_state::DeposedKey>,
    ) {
        let text = address.to_string();
        let resource = &address.resource;
        let stored = self.prior.resources.get(resource);
        let provider = stored.map(|stored| stored.provider.clone()).unwrap_or_default();
        if resource.mode == Mode::Data {
            // A data source's object is only a memory of what was read.
            let gone = Change::Current { address: address.clone(), provider, object: None };
            return apply_change(&mut self.found.borrow_mut().prior, &gone);
        }
        let resolved =
            self.request.providers.of_stored(&provider, resource.mode, &resource.type_name);
        let Some(resolved) = resolved else {
            return self.report([Diagnostic::error(
                Location::address(&text),
                "Provider not available",
                format!("The object is kept by {provider}, which is not available here, so it can be neither read nor deleted."),
            )
            .hint("Drop it from state with \"skyform state rm\" if it is no longer to be managed.")]);
        };
        let is_current = deposed.is_none();
        let (reason, forget, span) = self.why_gone(address);
        // What is only dropped from state need not be looked at.
        let known = is_current && self.refreshed.borrow().contains(address);
        let read = if !forget && !known && self.reads_orphan(address) {
            self.read_again(&resolved, address, &text, object, deposed.as_ref()).await
        } else {
            let decoded = objects::decode(&resolved, &text, &resource.type_name, object).await;
            Ok(decoded.map(|value| Some((value, object.clone()))))
        };
        let before = match read {
            Ok(Ok(Some((value, _)))) => value,
            Ok(Ok(None)) => return,
            Ok(Err(errors)) => return self.report(errors.for_address(&text)),
            Err(problems) => {
                let place = Location::address(&text);
                let problems = problems.into_iter();
                return self.report(problems.map(|p| p.into_diagnostic(place.clone(), &text)));
            }
        };
        if self.request.options.mode == PlanMode::RefreshOnly {
            return;
        }
        if let Some(span) = self.prevent_destroy(address).filter(|_| is_current && !forget) {
            self.report([prevented(span, &text)]);
        }
        self.found.borrow_mut().changes.push(ResourceChange {
            previous_address: self.moves.get(address).filter(|_| !self.is_destroy()).cloned(),
            address: address.clone(),
            deposed,
            provider,
            action: if forget { ChangeAction::Forget } else { ChangeAction::Delete },
            reason: if self.is_destroy() || !is_current { None } else { reason },
            before,
            after: Value::null_of(resolved.schema.block.implied_type()),
            config: None,
            requires_replace: Vec::new(),
            private: object.private.to_vec(),
            notes: Vec::new(),
            importing: None,
            span,
        });
    }

    fn prevent_destroy(&self, address: &InstanceAddress) -> Option<skyform_diag::Span> {
        let (_, block) = self.block_of(address)?;
        block.lifecycle.prevent_destroy
    }

    pub(super) fn block_of(
        &self,
        address: &InstanceAddress,
    ) -> Option<(ModuleId, &skyform_lang::config::Resource)> {
        let config = self.request.config;
        let id = config.module_of(&address.resource.module)?;
        let key = ResourceKey {
            mode: address.resource.mode,
            type_name: address.resource.type_name.clone(),
            name: address.resource.name.clone(),
        };
        Some((id, config.modules[id.0].source.resources.get(&key)?))
    }

    /// Why an object has no place any more, whether it is only to be dropped, and where that is said.
    fn why_gone(
        &self,
        address: &InstanceAddress,
    ) -> (Option<Reason>, bool, Option<skyform_diag::Span>) {
        let no_config = if self.moves.contains_key(address) {
            Reason::NoMoveTarget
        } else {
            Reason::NoResourceConfig
        };
        let removed = removed_block(self.request.config, address);
        if let Some((_, removed)) = removed.filter(|_| !self.is_destroy()) {
            return (Some(no_config), !removed.destroy, Some(removed.span));
        }
        let Some((module, block)) = self.block_of(address) else {
            return (Some(no_config), false, None);
        };
        let exists = self
            .evaluator
            .module_instances(module)
            .is_ok_and(|instances| instances.contains(&address.resource.module));
        if !exists {
            return (Some(Reason::NoModule), false, None);
        }
        let reason = match (&address.key, block.count.is_some(), block.for_each.is_some()) {
            (Some(InstanceKey::Index(_)), true, _) => Reason::CountIndex,
            (Some(InstanceKey::Name(_)), _, true) => Reason::EachKey,
            _ => Reason::WrongRepetition,
        };
        (Some(reason), false, Some(block.span))
    }
}
