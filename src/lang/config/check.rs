//! What must be so between the blocks of a configuration, and needs no evaluation.

use skyform_diag::{Diagnostics, error_at};
use skyform_value::Str;

use super::version::{LANGUAGE_VERSION, Version, VersionConstraint};
use super::{Config, Module, ModuleSource, ProviderRef, Reference, Subject};
use crate::eval::names;

/// Complains about references between blocks that lead nowhere, and about versions that are wrong.
pub(super) fn check(config: &Config) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for module in &config.modules {
        let source = &module.source;
        versions(source, &mut diagnostics);
        duplicate_providers(source, &mut diagnostics);
        for resource in source.resources.values() {
            if let Some(provider) = &resource.provider {
                provider_is_there(
                    source,
                    provider,
                    "Provider configuration not present",
                    &mut diagnostics,
                );
            }
            dependencies(module, &resource.depends_on, &mut diagnostics);
            triggers(module, &resource.lifecycle.replace_triggered_by, &mut diagnostics);
        }
        for output in source.outputs.values() {
            dependencies(module, &output.depends_on, &mut diagnostics);
        }
        for check in source.checks.values() {
            asserts_check_something(check, &mut diagnostics);
        }
        for variable in source.variables.values() {
            validations_read_it(variable, &mut diagnostics);
        }
        for call in source.calls.values() {
            dependencies(module, &call.depends_on, &mut diagnostics);
            let child = module.children.get(&call.name).map(|id| &config.modules[id.0]);
            providers_are_passed(source, call, child, &mut diagnostics);
        }
    }
    diagnostics
}

fn versions(source: &ModuleSource, diagnostics: &mut Diagnostics) {
    let own = Version::parse(LANGUAGE_VERSION);
    for (text, span) in &source.settings.required_version {
        match (VersionConstraint::parse(text), &own) {
            (None, _) => diagnostics.push(error_at!(
                *span,
                "Invalid version constraint",
                "\"{text}\" is not a version constraint.";
                hint: "Write it as in \">= 1.5, < 2.0\" or \"~> 1.11\"."
            )),
            (Some(constraint), Some(own)) if !constraint.allows(own) => {
                diagnostics.push(error_at!(
                    *span,
                    "Unsupported language version",
                    "The configuration asks for Terraform {text}; what is spoken here is the language of Terraform {LANGUAGE_VERSION}."
                ));
            }
            _ => {}
        }
    }
}

fn duplicate_providers(source: &ModuleSource, diagnostics: &mut Diagnostics) {
    for (at, provider) in source.providers.iter().enumerate() {
        let before = &source.providers[..at];
        let first = before.iter().find(|p| p.name == provider.name && p.alias == provider.alias);
        if let Some(first) = first {
            diagnostics.push(
                error_at!(
                    provider.span,
                    "Duplicate provider configuration",
                    "The provider \"{}\" is configured already in this module.", provider.name;
                    hint: "Give a second configuration of a provider an \"alias\" of its own."
                )
                .related(first.span, "configured first here"),
            );
        }
    }
}

/// A configuration with an alias must be in the module or be passed to it.
fn provider_is_there(
    source: &ModuleSource,
    provider: &ProviderRef,
    summary: &'static str,
    diagnostics: &mut Diagnostics,
) {
    let Some(alias) = &provider.alias else { return };
    let configured =
        source.providers.iter().any(|p| p.name == provider.name && p.alias.as_ref() == Some(alias));
    if configured || aliases(source).any(|p| p.name == provider.name && p.alias == provider.alias) {
        return;
    }
    let known = source.providers.iter().filter_map(|p| Some((&p.name, p.alias.as_ref()?)));
    let known: Vec<String> = known.map(|(name, alias)| format!("{name}.{alias}")).collect();
    let name = format!("{}.{alias}", provider.name);
    diagnostics.push(
        error_at!(
            provider.span,
            summary,
            "There is no configuration {name} in this module: neither a \"provider\" block with this alias, nor an entry in \"configuration_aliases\"."
        )
        .did_you_mean(&name, known.iter().map(String::as_str)),
    );
}

fn aliases(source: &ModuleSource) -> impl Iterator<Item = &ProviderRef> {
    source.settings.required_providers.values().flat_map(|provider| &provider.aliases)
}

fn providers_are_passed(
    source: &ModuleSource,
    call: &super::ModuleCall,
    child: Option<&Module>,
    diagnostics: &mut Diagnostics,
) {
    for (_, here) in &call.providers {
        provider_is_there(source, here, "Reference to undefined provider", diagnostics);
    }
    for wanted in child.into_iter().flat_map(|child| aliases(&child.source)) {
        let is_passed =
            |inside: &ProviderRef| inside.name == wanted.name && inside.alias == wanted.alias;
        if call.providers.iter().any(|(inside, _)| is_passed(inside)) {
            continue;
        }
        let alias = wanted.alias.clone().unwrap_or_default();
        diagnostics.push(
            error_at!(
                call.span,
                "Missing required provider configuration",
                "The module needs a provider configuration {}.{alias}, which is not passed to it.", wanted.name;
                hint: "Pass it: providers = {{ {}.{alias} = {} }}.", wanted.name, wanted.name
            )
            .related(wanted.span, "the module asks for it here"),
        );
    }
}

/// What `depends_on` names must be there.
fn dependencies(module: &Module, references: &[Reference], diagnostics: &mut Diagnostics) {
    for reference in references {
        let source = &module.source;
        match &reference.subject {
            Subject::Resource(key, _) if !source.resources.contains_key(key) => {
                diagnostics.push(names::undeclared_resource(key, reference.span, module));
            }
            Subject::Module(name, ..) if !source.calls.contains_key(name) => {
                diagnostics.push(names::undeclared_module(name, reference.span, module));
            }
            Subject::Variable(name) if !source.variables.contains_key(name) => {
                diagnostics.push(names::undeclared_variable(name, reference.span, source));
            }
            Subject::Local(name) if !source.locals.contains_key(name) => {
                diagnostics.push(names::undeclared_local(name, reference.span, source));
            }
            _ => {}
        }
    }
}

/// `replace_triggered_by` takes resources of the module.
fn triggers(module: &Module, triggers: &[crate::syntax::Expr], diagnostics: &mut Diagnostics) {
    for trigger in triggers {
        let subject = trigger.as_reference().map(|reference| reference.subject);
        match subject {
            Some(Subject::Resource(key, _)) if !module.source.resources.contains_key(&key) => {
                diagnostics.push(names::undeclared_resource(&key, trigger.span, module));
            }
            Some(Subject::Resource(..)) | None => {}
            Some(_) => diagnostics.push(error_at!(
                trigger.span,
                "Invalid reference in replace_triggered_by expression",
                "Only resources of the same module, their instances and attributes can be named here."
            )),
        }
    }
}

/// A condition that refers to nothing always comes out the same.
fn asserts_check_something(check: &super::CheckBlock, diagnostics: &mut Diagnostics) {
    for rule in check.asserts.iter().filter(|rule| rule.condition.references().is_empty()) {
        diagnostics.push(error_at!(
            rule.condition.span,
            "Invalid assert expression",
            "The condition must refer to something in the configuration; otherwise it would check nothing."
        ));
    }
}

/// A validation rule that does not read its variable checks something else.
fn validations_read_it(variable: &super::Variable, diagnostics: &mut Diagnostics) {
    for rule in &variable.validations {
        let is_it = |reference: &Reference| matches!(&reference.subject, Subject::Variable(name) if *name == variable.name);
        let name: &Str = &variable.name;
        if !rule.condition.references().iter().any(is_it) {
            diagnostics.push(error_at!(
                rule.condition.span,
                "Invalid validation expression",
                "The condition must refer to var.{name}, whose value it is to judge."
            ));
        }
    }
}
