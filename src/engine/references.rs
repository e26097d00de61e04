//! References to attributes of resources, held against the schemas: what `try`, `can` and results that
//! are not taken do not hide.

use skyform_diag::{Diagnostic, Diagnostics, Span, error_at};
use skyform_lang::config::{Config, Module, Reference, Subject};
use skyform_value::{Step, Str, Type};

use crate::providers::Providers;

/// An error for each reference to something that a resource cannot have, by its schema, and for each
/// that names an instance of a block without, or none of one with instances.
pub(crate) fn check_references(config: &Config, providers: &Providers) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for module in &config.modules {
        let rules = module.source.variables.values().flat_map(|variable| variable.references());
        for reference in module.source.references().into_iter().chain(rules) {
            diagnostics.extend(check(module, providers, &reference));
        }
    }
    diagnostics
}

fn check(module: &Module, providers: &Providers, reference: &Reference) -> Option<Diagnostic> {
    let Subject::Resource(key, instance) = &reference.subject else { return None };
    let block = module.source.resources.get(key)?;
    let resolved = providers.of_block(module, block).ok()?;
    if resolved.traits.evaluated {
        return None;
    }
    let has_keys = block.count.is_some() || block.for_each.is_some();
    let name = format!("{}.{}", key.type_name, key.name);
    if instance.is_some() && !has_keys {
        return Some(error_at!(
            reference.span,
            "Unexpected resource instance key",
            "{name} sets neither \"count\" nor \"for_each\", so there is only one instance of it.";
            hint: "Leave the index out."
        ));
    }
    let mut steps = reference.rest.iter().zip(&reference.places);
    if instance.is_none() && has_keys {
        let (Step::Attribute(attribute), place) = steps.next()? else { return None };
        return Some(error_at!(
            *place,
            "Missing resource instance key",
            "{name} has an instance for each of its keys, so one has to be named before \"{attribute}\".";
            hint: "Take one instance, as in [each.key] or [count.index], or all of them with [*]."
        ));
    }
    // An instance is an object of its arguments, which have names.
    if let Some((Step::Index(_) | Step::Key(_), place)) = steps.clone().next() {
        return Some(error_at!(
            *place,
            "Invalid index",
            "What an instance of {name} has is named by a dot and its name."
        ));
    }
    let (Step::Attribute(attribute), place) = steps.next()? else { return None };
    let block = &resolved.schema.block;
    let Some(mut ty) = block.type_of(attribute) else {
        let names = block.attributes.keys().chain(block.blocks.keys()).map(Str::as_str);
        return Some(unsupported_attribute(*place, attribute, names));
    };
    for (step, place) in steps {
        match below(&ty, step, *place) {
            Ok(Some(found)) => ty = found,
            Ok(None) => return None,
            Err(problem) => return Some(problem),
        }
    }
    None
}

fn unsupported_attribute<'n>(
    place: Span,
    name: &str,
    names: impl Iterator<Item = &'n str>,
) -> Diagnostic {
    let detail = format!("This object has no attribute named \"{name}\".");
    Diagnostic::error(place, "Unsupported attribute", detail).did_you_mean(name, names)
}

/// The type behind a step; none where it is not certain.
fn below(ty: &Type, step: &Step, place: Span) -> Result<Option<Type>, Diagnostic> {
    let unsupported = |detail: String| Diagnostic::error(place, "Unsupported attribute", detail);
    match (ty, step) {
        (Type::Object(object), Step::Attribute(name)) => match object.attributes.get(name) {
            Some(found) => Ok(Some(found.clone())),
            None => {
                let names = object.attributes.keys().map(Str::as_str);
                Err(unsupported_attribute(place, name, names))
            }
        },
        (Type::Map(element), _) => Ok(Some((**element).clone())),
        (Type::List(element), Step::Index(_)) => Ok(Some((**element).clone())),
        (Type::String | Type::Number | Type::Bool, Step::Attribute(name)) => {
            Err(unsupported(format!("A {} has no attribute \"{name}\".", ty.friendly())))
        }
        (Type::String | Type::Number | Type::Bool, _) => Err(Diagnostic::error(
            place,
            "Invalid index",
            format!("A {} has no elements.", ty.friendly()),
        )),
        (Type::List(_) | Type::Set(_) | Type::Tuple(_), Step::Attribute(name)) => {
            Err(unsupported(format!("A {} has no attribute \"{name}\".", ty.friendly())))
        }
        _ => Ok(None),
    }
}
