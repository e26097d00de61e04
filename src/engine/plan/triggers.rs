//! `replace_triggered_by`: whether anything that it names changes in this plan.

use skyform_lang::Scope;
use skyform_lang::config::{Resource, Subject};
use skyform_lang::syntax::{Expr, ExprKind, TraversalStep};
use skyform_plan::ChangeAction;
use skyform_value::{InstanceAddress, InstanceKey, Path, Step, Value};

use super::walk::Walk;
use crate::objects::at_or_null;

/// What a trigger names: an instance or all of them, and a part of its value.
struct Named {
    instance: Option<InstanceKey>,
    path: Path,
}

impl Walk<'_> {
    pub(super) fn is_triggered(
        &self,
        block: &Resource,
        address: &InstanceAddress,
        scope: &Scope,
    ) -> bool {
        block.lifecycle.replace_triggered_by.iter().any(|expr| {
            let Some(reference) = expr.as_reference() else { return false };
            let Subject::Resource(key, _) = &reference.subject else { return false };
            // Most often nothing of that block changes: then its changes need not be looked for.
            let changing = (address.resource.module.clone(), key.clone());
            if !self.pending.borrow().contains(&changing) {
                return false;
            }
            let Named { instance, path } = self.named(expr, scope);
            let found = self.found.borrow();
            found.changes.iter().any(|change| {
                let resource = &change.address.resource;
                let same = resource.module == address.resource.module
                    && resource.mode == key.mode
                    && resource.type_name == key.type_name
                    && resource.name == key.name
                    && (instance.is_none() || change.address.key == instance);
                let values_differ = || {
                    at_or_null(&change.before, &path).unmarked()
                        != at_or_null(&change.after, &path).unmarked()
                };
                same && match change.action {
                    ChangeAction::NoOp
                    | ChangeAction::Read
                    | ChangeAction::Forget
                    | ChangeAction::Create => false,
                    _ if path.0.is_empty() => true,
                    _ => values_differ(),
                }
            })
        })
    }

    /// The steps behind the resource's name; keys may be `each.key` or `count.index`.
    fn named(&self, expr: &Expr, scope: &Scope) -> Named {
        let mut named = Named { instance: None, path: Path::root() };
        let ExprKind::Traversal(traversal) = &*expr.kind else { return named };
        let is_long = traversal
            .root
            .as_name()
            .is_some_and(|name| matches!(name.as_str(), "resource" | "data" | "ephemeral"));
        for (at, (step, _)) in traversal.steps.iter().skip(1 + usize::from(is_long)).enumerate() {
            let key = match step {
                TraversalStep::Attribute(name) => Some(Step::Attribute(name.clone())),
                TraversalStep::LegacyIndex(index) => Some(Step::Index(*index)),
                TraversalStep::Index(index) => {
                    let value = self.evaluator.evaluate(index, scope).ok();
                    value
                        .as_ref()
                        .map(Value::unmarked)
                        .as_ref()
                        .and_then(InstanceKey::from_value)
                        .map(|key| match key {
                            InstanceKey::Index(index) => Step::Index(index),
                            InstanceKey::Name(name) => Step::Key(name),
                        })
                }
                _ => None,
            };
            match key {
                Some(Step::Index(index)) if at == 0 => {
                    named.instance = Some(InstanceKey::Index(index));
                }
                Some(Step::Key(name)) if at == 0 => named.instance = Some(InstanceKey::Name(name)),
                Some(step) => named.path = named.path.then(step),
                // A splat, or a key that is not known: all that is behind it counts.
                None => return named,
            }
        }
        named
    }
}
