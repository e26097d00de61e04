//! References to attributes of resources, held against the schemas: what `try`, `can` and results that
//! are not taken do not hide.

use skyform_diag::{Diagnostic, Diagnostics, error_at};
use skyform_lang::config::{Config, Module, Reference, Subject};
use skyform_lang::eval::{missing_instance_key, type_at_step, unexpected_instance_key};
use skyform_value::{Step, Str};

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

fn check(module: &Module, providers: &Providers, reference: &Reference) -> Diagnostics {
    checked(module, providers, reference).err().unwrap_or_default()
}

fn checked(
    module: &Module,
    providers: &Providers,
    reference: &Reference,
) -> Result<(), Diagnostics> {
    let Subject::Resource(key, instance) = &reference.subject else { return Ok(()) };
    let Some(block) = module.source.resources.get(key) else { return Ok(()) };
    // What is wrong with its provider is said elsewhere.
    let Ok(resolved) = providers.of_block(module, block) else { return Ok(()) };
    if resolved.traits.evaluated {
        return Ok(());
    }
    let has_keys = block.count.is_some() || block.for_each.is_some();
    if instance.is_some() && !has_keys {
        return Err(unexpected_instance_key(key, reference.span).into());
    }
    let mut steps = reference.rest.iter().zip(&reference.places);
    let Some((first, place)) = steps.next() else { return Ok(()) };
    let Step::Attribute(attribute) = first else {
        // It leads to an instance, or else an instance is an object of its arguments, which have names.
        let name = format!("{}.{}", key.type_name, key.name);
        return match instance.is_none() && has_keys {
            true => Ok(()),
            false => Err(error_at!(
                *place,
                "Invalid index",
                "What an instance of {name} has is named by a dot and its name."
            )
            .into()),
        };
    };
    if instance.is_none() && has_keys {
        return Err(missing_instance_key(key, *place).into());
    }
    let block = &resolved.schema.block;
    let Some(mut ty) = block.type_of(attribute) else {
        let names = block.attributes.keys().chain(block.blocks.keys()).map(Str::as_str);
        let detail = format!("This object has no attribute named \"{attribute}\".");
        let problem = Diagnostic::error(*place, "Unsupported attribute", detail);
        return Err(problem.did_you_mean(attribute, names).into());
    };
    for (step, place) in steps {
        ty = type_at_step(&ty, step, *place)?;
    }
    Ok(())
}
