//! What `moved` and `removed` blocks say must agree with one another and with the configuration.

use std::collections::HashMap;

use skyform_diag::{Diagnostic, Location, error_at};
use skyform_lang::Scope;
use skyform_lang::config::{Module, ModuleId, Moved, ResourceKey, Target};
use skyform_value::{InstanceKey, ModuleInstance, ModulePath, Str};

use super::walk::Walk;

/// A target with the module that it is written in, so that two can be told apart.
type Place<'a> = (&'a ModulePath, &'a [(Str, Option<InstanceKey>)], Option<&'a Named>);
type Named = (ResourceKey, Option<InstanceKey>);

fn place<'a>(module: &'a Module, target: &'a Target) -> Place<'a> {
    (&module.path, &target.module, target.resource.as_ref())
}

impl Walk<'_> {
    /// Whether all statements are sound; reported where they are not.
    pub(super) fn check_statements(&self) -> bool {
        let mut sound = true;
        let mut from = HashMap::new();
        let mut to = HashMap::new();
        for (id, module) in (0..).map(ModuleId).zip(&self.request.config.modules) {
            for moved in &module.source.moved {
                if place(module, &moved.from) == place(module, &moved.to) {
                    sound = false;
                    self.report([error_at!(
                        moved.span,
                        "Redundant move statement",
                        "This moves an address to itself, which is the same as not moving it at all."
                    )]);
                    continue;
                }
                let earlier: Option<&Moved> = from.insert(place(module, &moved.from), moved);
                if let Some(earlier) =
                    earlier.filter(|earlier| place(module, &earlier.to) != place(module, &moved.to))
                {
                    sound = false;
                    self.report([ambiguous(moved, earlier, "to only one address")]);
                    continue;
                }
                let earlier: Option<&Moved> = to.insert(place(module, &moved.to), moved);
                if let Some(earlier) = earlier
                    .filter(|earlier| place(module, &earlier.from) != place(module, &moved.from))
                {
                    sound = false;
                    self.report([ambiguous(moved, earlier, "from only one address")]);
                    continue;
                }
                if self.still_exists(id, &moved.from, Some(&moved.to)) {
                    sound = false;
                    self.report([error_at!(
                        moved.span,
                        "Moved object still exists",
                        "What this moves away is still declared in the configuration.";
                        hint: "Rename the block to where it has moved, or take this block out."
                    )]);
                }
            }
            for removed in &module.source.removed {
                if self.still_exists(id, &removed.from, None) {
                    sound = false;
                    let summary = match removed.from.resource {
                        Some(_) => "Removed resource still exists",
                        None => "Removed module still exists",
                    };
                    let detail = "This says that it was removed, but it is still declared in the configuration.";
                    self.report([Diagnostic::error(removed.span, summary, detail)]);
                }
            }
        }
        sound
    }

    /// Whether the configuration still declares what a statement says is gone. Where one side of a
    /// move has a key, the other one without means the instance without a key.
    fn still_exists(&self, id: ModuleId, gone: &Target, to: Option<&Target>) -> bool {
        let of_instances = has_key(gone) || to.is_some_and(has_key);
        let mut module = id;
        for (name, key) in &gone.module {
            let source = &self.evaluator.module(module).source;
            let Some(call) = source.calls.get(name) else { return false };
            let Some(child) = self.evaluator.module(module).children.get(name) else {
                return false;
            };
            let is_last = gone.resource.is_none();
            if key.is_some() || of_instances && is_last {
                // Keys of outer modules decide in each instance; one that has it is enough.
                let instances = self.evaluator.module_instances(module).unwrap_or_default();
                let exists = instances.iter().any(|instance| {
                    let scope = Scope::new(module, instance.clone());
                    let expansion = self.evaluator.expand(&call.count, &call.for_each, &scope);
                    expansion.is_ok_and(|expansion| expansion.keys().any(|found| found == *key))
                });
                if !exists {
                    return false;
                }
            }
            module = *child;
        }
        let Some((key, instance)) = &gone.resource else { return true };
        let Some(block) = self.evaluator.module(module).source.resources.get(key) else {
            return false;
        };
        if !of_instances {
            return true;
        }
        let instances = self.evaluator.module_instances(module).unwrap_or_default();
        instances.iter().any(|at| {
            let scope = Scope::new(module, at.clone());
            let expansion = self.evaluator.expand(&block.count, &block.for_each, &scope);
            fits(at, gone) && expansion.is_ok_and(|found| found.keys().any(|key| key == *instance))
        })
    }

    /// With `-target`, everything that moves must be among the targets: a move is for good.
    pub(super) fn check_moves_targeted(&self) -> bool {
        let left_out: Vec<String> = self
            .moves
            .iter()
            .filter(|(to, from)| {
                !(self.targets.includes_stored(to) && self.targets.includes_stored(from))
            })
            .map(|(to, from)| format!("{from} to {to}"))
            .collect();
        if left_out.is_empty() {
            return true;
        }
        self.report([Diagnostic::error(
            Location::input("-target"),
            "Moved resource instances excluded by targeting",
            format!(
                "Instances have moved, and the plan must include them: {}.",
                left_out.join(", ")
            ),
        )
        .hint("Name both addresses with -target too, or plan without it.")]);
        false
    }
}

/// Whether the last calls that lead to a module instance are those of a target.
fn fits(at: &ModuleInstance, target: &Target) -> bool {
    let skipped = at.0.len().saturating_sub(target.module.len());
    let calls = at.0.iter().skip(skipped);
    calls.zip(&target.module).all(|((name, key), (wanted, wanted_key))| {
        name == wanted && (wanted_key.is_none() || key == wanted_key)
    })
}

fn has_key(target: &Target) -> bool {
    match &target.resource {
        Some((_, key)) => key.is_some(),
        None => target.module.last().is_some_and(|(_, key)| key.is_some()),
    }
}

fn ambiguous(moved: &Moved, earlier: &Moved, only: &str) -> Diagnostic {
    error_at!(
        moved.span,
        "Ambiguous move statements",
        "Another statement says something else of the same address. A resource can have moved {only}."
    )
    .related(earlier.span, "the other one")
}
