//! What is said about names that mean nothing where they stand.

use skyform_diag::{Diagnostic, Diagnostics, Span, error_at};
use skyform_value::{Mode, Str, Value};

use super::{Evaluator, Scope};
use crate::config::{Module, ModuleSource, ResourceKey};

impl Evaluator<'_> {
    /// The value of a name with nothing behind it.
    pub(super) fn bare_name(
        &self,
        name: &str,
        span: Span,
        scope: &Scope,
    ) -> Result<Value, Diagnostics> {
        match scope.bound(name) {
            Some(value) => Ok(value),
            None if name == "self" => self.self_object(span, scope),
            None => Err(invalid(name, span, self.module(scope.module)).into()),
        }
    }
}

/// A name that is no reference.
pub(super) fn invalid(name: &str, span: Span, module: &Module) -> Diagnostic {
    let diagnostic = match name {
        "var" | "local" | "module" | "path" | "terraform" | "each" | "data" | "ephemeral" => {
            return error_at!(
                span,
                "Invalid reference",
                "\"{name}\" must be followed by a name, such as {name}.NAME."
            );
        }
        _ => error_at!(
            span,
            "Invalid reference",
            "\"{name}\" alone refers to nothing. A reference to a resource has a type and a name, such as bucket.data."
        ),
    };
    let source = &module.source;
    let hint = if source.variables.contains_key(name) {
        Some(format!("Did you mean the variable var.{name}?"))
    } else if source.locals.contains_key(name) {
        Some(format!("Did you mean the local value local.{name}?"))
    } else if source.calls.contains_key(name) {
        Some(format!("Did you mean module.{name}?"))
    } else {
        Some(format!("If text was meant, put it in quotes: \"{name}\"."))
    };
    match hint {
        Some(hint) => diagnostic.hint(hint),
        None => diagnostic,
    }
}

/// An instance is named of a resource that has only one.
pub fn unexpected_instance_key(key: &ResourceKey, span: Span) -> Diagnostic {
    error_at!(
        span,
        "Unexpected resource instance key",
        "{}.{} sets neither \"count\" nor \"for_each\", so there is only one instance of it.",
        key.type_name,
        key.name;
        hint: "Leave the index out."
    )
}

/// An attribute is taken of a resource that has instances, and none is named.
pub fn missing_instance_key(key: &ResourceKey, span: Span) -> Diagnostic {
    error_at!(
        span,
        "Missing resource instance key",
        "{}.{} has an instance for each of its keys, so one has to be named.",
        key.type_name,
        key.name;
        hint: "Take one instance, as in [each.key] or [count.index], or all of them with [*]."
    )
}

pub(crate) fn undeclared_variable(name: &str, span: Span, source: &ModuleSource) -> Diagnostic {
    let diagnostic = error_at!(
        span,
        "Reference to undeclared input variable",
        "An input variable named \"{name}\" has not been declared in this module."
    )
    .did_you_mean(name, source.variables.keys().map(Str::as_str));
    if diagnostic.hint.is_some() {
        return diagnostic;
    }
    diagnostic.hint(format!("Declare it with a variable \"{name}\" {{}} block."))
}

pub(crate) fn undeclared_local(name: &str, span: Span, source: &ModuleSource) -> Diagnostic {
    error_at!(
        span,
        "Reference to undeclared local value",
        "A local value named \"{name}\" has not been declared in this module."
    )
    .did_you_mean(name, source.locals.keys().map(Str::as_str))
}

pub(crate) fn undeclared_module(name: &str, span: Span, module: &Module) -> Diagnostic {
    error_at!(
        span,
        "Reference to undeclared module",
        "No module call named \"{name}\" is declared in {}.",
        display(module)
    )
    .did_you_mean(name, module.source.calls.keys().map(Str::as_str))
}

pub(crate) fn undeclared_resource(key: &ResourceKey, span: Span, module: &Module) -> Diagnostic {
    let resources = &module.source.resources;
    let kind = match key.mode {
        Mode::Managed => "managed resource",
        Mode::Data => "data resource",
        Mode::Ephemeral => "ephemeral resource",
    };
    let diagnostic = error_at!(
        span,
        "Reference to undeclared resource",
        "A {kind} \"{}\" \"{}\" has not been declared in {}.",
        key.type_name,
        key.name,
        display(module)
    );
    // A name in the same type is more likely meant than another type.
    let same_type = resources.keys().filter(|known| known.type_name == key.type_name);
    let names: Vec<&str> = same_type.map(|known| known.name.as_str()).collect();
    if let Some(best) = skyform_diag::nearest(&key.name, names) {
        return diagnostic.hint(format!("Did you mean \"{}.{best}\"?", key.type_name));
    }
    let types = resources.keys().filter(|known| known.name == key.name);
    let types: Vec<&str> = types.map(|known| known.type_name.as_str()).collect();
    match skyform_diag::nearest(&key.type_name, types) {
        Some(best) => diagnostic.hint(format!("Did you mean \"{best}.{}\"?", key.name)),
        None => diagnostic,
    }
}

fn display(module: &Module) -> String {
    if module.path.is_root() { "the root module".to_owned() } else { module.path.to_string() }
}
