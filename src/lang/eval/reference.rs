//! References: what stands at the root of a traversal.

use std::path::Path;

use skyform_diag::{Diagnostics, Span, error_at};
use skyform_value::{InstanceKey, Marks, ModuleInstance, Str, Type, Value};

use super::expand::Expansion;
use super::{Evaluator, Scope, names};
use crate::config::{ModuleId, ResourceKey, Subject};
use crate::syntax::{Traversal, reference};

impl Evaluator<'_> {
    /// The value that a traversal starts from, and how many of its steps have led there.
    pub(super) fn root_value(
        &self,
        traversal: &Traversal,
        span: Span,
        scope: &Scope,
    ) -> Result<(Value, usize), Diagnostics> {
        let Some(name) = traversal.root.as_name() else {
            return Ok((self.evaluate(&traversal.root, scope)?, 0));
        };
        if let Some(bound) = scope.bound(name) {
            return Ok((bound, 0));
        }
        let Some(found) = reference(traversal, span) else {
            return Err(names::invalid(name, span, self.module(scope.module)).into());
        };
        let source = &self.module(scope.module).source;
        let value = match &found.subject {
            Subject::Variable(name) => {
                if !source.variables.contains_key(name) {
                    return Err(names::undeclared_variable(name, span, source).into());
                }
                self.variable(scope.module, &scope.instance, name)?
            }
            Subject::Local(name) => {
                if !source.locals.contains_key(name) {
                    return Err(names::undeclared_local(name, span, source).into());
                }
                self.local(scope.module, &scope.instance, name)?
            }
            Subject::Resource(key, instance) => {
                let used =
                    1 + usize::from(matches!(name.as_str(), "data" | "ephemeral" | "resource"));
                return self.resource_value(key, instance.as_ref(), used, span, scope);
            }
            Subject::Module(call, instance, output) => {
                return self.module_value(call, instance.as_ref(), output.as_ref(), span, scope);
            }
            Subject::Path(name) => self.path_value(name, span, scope)?,
            Subject::Terraform(name) => match name.as_str() {
                "workspace" | "env" => Value::from(self.environment.workspace),
                "applying" => {
                    Value::from(self.environment.now.is_some()).with_marks(Marks::EPHEMERAL)
                }
                _ => {
                    return Err(error_at!(
                        span,
                        "Invalid \"terraform\" attribute",
                        "The \"terraform\" object has no attribute \"{name}\".";
                        hint: "It has terraform.workspace."
                    )
                    .into());
                }
            },
            Subject::Each(part) => match (&scope.each, part.as_str()) {
                (Some((key, _)), "key") => key.clone(),
                (Some((_, value)), "value") => value.clone(),
                (Some(_), _) => {
                    return Err(error_at!(
                        span,
                        "Invalid \"each\" attribute",
                        "The \"each\" object has no attribute \"{part}\".";
                        hint: "It has each.key and each.value."
                    )
                    .into());
                }
                (None, _) => {
                    return Err(error_at!(
                        span,
                        "Reference to \"each\" in context without for_each",
                        "\"each\" is only known in blocks that set \"for_each\"."
                    )
                    .into());
                }
            },
            Subject::CountIndex => match &scope.count_index {
                Some(index) => {
                    let is_index = traversal.steps.first().is_some_and(|(step, _)| {
                        matches!(step, crate::syntax::TraversalStep::Attribute(name) if name == "index")
                    });
                    if !is_index {
                        return Err(error_at!(
                            span,
                            "Invalid \"count\" attribute",
                            "The \"count\" object has only the attribute \"index\"."
                        )
                        .into());
                    }
                    index.clone()
                }
                None => {
                    return Err(error_at!(
                        span,
                        "Reference to \"count\" in non-counted context",
                        "\"count\" is only known in blocks that set \"count\"."
                    )
                    .into());
                }
            },
            Subject::SelfObject => return Ok((self.self_object(span, scope)?, 0)),
        };
        Ok((value, 1))
    }

    pub(super) fn self_object(&self, span: Span, scope: &Scope) -> Result<Value, Diagnostics> {
        scope.self_value.clone().ok_or_else(|| {
            error_at!(
                span,
                "Invalid \"self\" reference",
                "\"self\" is only known in provisioners and postconditions of a resource."
            )
            .into()
        })
    }

    fn resource_value(
        &self,
        key: &ResourceKey,
        instance: Option<&InstanceKey>,
        used: usize,
        span: Span,
        scope: &Scope,
    ) -> Result<(Value, usize), Diagnostics> {
        let module = self.module(scope.module);
        if !module.source.resources.contains_key(key) {
            return Err(names::undeclared_resource(key, span, module).into());
        }
        let block = &module.source.resources[key];
        if block.check.is_some() && block.check != scope.check {
            let check = block.check.clone().unwrap_or_default();
            return Err(error_at!(
                span,
                "Reference to scoped resource",
                "data.{}.{} belongs to check.{check}, and can be named inside of that block only.",
                key.type_name,
                key.name;
                hint: "Move the data block out of the check."
            )
            .into());
        }
        if instance.is_some() && block.count.is_none() && block.for_each.is_none() {
            return Err(names::unexpected_instance_key(key, span).into());
        }
        if let Some(instance) = instance
            && let Some(value) = self.source.instance(&scope.instance, key, instance)
        {
            return Ok((value, used + 1));
        }
        Ok((self.source.resource(&scope.instance, key), used))
    }

    fn module_value(
        &self,
        call: &Str,
        instance: Option<&InstanceKey>,
        output: Option<&Str>,
        span: Span,
        scope: &Scope,
    ) -> Result<(Value, usize), Diagnostics> {
        let module = self.module(scope.module);
        if !module.source.calls.contains_key(call) {
            return Err(names::undeclared_module(call, span, module).into());
        }
        let Some(child) = module.children.get(call).copied() else {
            // The module could not be loaded, which has been said.
            return Err(Diagnostics::new());
        };
        if self.is_alone {
            return Ok((Value::unknown(Type::Any), 1));
        }
        let expansion = self.call_expansion(scope.module, &scope.instance, call)?;
        match (&expansion, instance, output) {
            (Expansion::Single, None, Some(output)) => {
                let at = scope.instance.child(call, None);
                Ok((self.module_output(child, &at, output, span)?, 2))
            }
            (_, Some(key), Some(output))
                if expansion.keys().any(|known| known.as_ref() == Some(key)) =>
            {
                let at = scope.instance.child(call, Some(key.clone()));
                Ok((self.module_output(child, &at, output, span)?, 3))
            }
            (Expansion::Single, ..) => {
                let at = scope.instance.child(call, None);
                Ok((self.module_object(child, &at, span)?, 1))
            }
            (Expansion::Count(_), ..) => {
                let items = expansion
                    .keys()
                    .map(|key| self.module_object(child, &scope.instance.child(call, key), span));
                Ok((Value::tuple(items.collect::<Result<Vec<_>, _>>()?), 1))
            }
            (Expansion::ForEach(items), ..) => {
                let items = items.iter().map(|(name, _)| {
                    let key = Some(InstanceKey::Name(name.clone()));
                    let object =
                        self.module_object(child, &scope.instance.child(call, key), span)?;
                    Ok((name.clone(), object))
                });
                Ok((Value::object(items.collect::<Result<Vec<_>, Diagnostics>>()?), 1))
            }
            (Expansion::Unknown(_), ..) => Ok((Value::unknown(Type::Any), 1)),
        }
    }

    fn module_output(
        &self,
        child: ModuleId,
        instance: &ModuleInstance,
        output: &str,
        span: Span,
    ) -> Result<Value, Diagnostics> {
        let outputs = &self.module(child).source.outputs;
        if !outputs.contains_key(output) {
            return Err(error_at!(
                span,
                "Unsupported attribute",
                "{} has no output named \"{output}\".",
                self.module(child).path
            )
            .did_you_mean(output, outputs.keys().map(Str::as_str))
            .into());
        }
        self.output(child, instance, output)
    }

    fn module_object(
        &self,
        child: ModuleId,
        instance: &ModuleInstance,
        span: Span,
    ) -> Result<Value, Diagnostics> {
        let names = self.module(child).source.outputs.keys();
        let outputs =
            names.map(|name| Ok((name.clone(), self.module_output(child, instance, name, span)?)));
        Ok(Value::object(outputs.collect::<Result<Vec<_>, Diagnostics>>()?))
    }

    fn path_value(&self, name: &str, span: Span, scope: &Scope) -> Result<Value, Diagnostics> {
        let text = |path: &Path| Value::from(path.display().to_string());
        match name {
            "module" => Ok(text(&self.module(scope.module).source.dir)),
            "root" => Ok(text(self.environment.root_dir)),
            "cwd" => Ok(text(self.environment.working_dir)),
            _ => Err(error_at!(
                span,
                "Invalid \"path\" attribute",
                "The \"path\" object has no attribute \"{name}\".";
                hint: "It has path.module, path.root and path.cwd."
            )
            .into()),
        }
    }
}
