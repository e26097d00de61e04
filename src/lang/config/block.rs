//! One file's top-level blocks into a module's source.

use indexmap::IndexMap;
use indexmap::map::Entry;
use skyform_diag::{Diagnostics, Span, error_at};
use skyform_value::{Mode, Str, Type, convert};

use super::arguments::{Arguments, is_identifier, labels, unexpected_block};
use super::constraint::{constant, parse_constraint};
use super::meta::condition;
use super::resource::resource;
use super::statements::{import, moved, removed};
use super::target::{depends_on, provider_ref};
use super::{
    CheckBlock, Constraint, Local, ModuleCall, ModuleSource, Output, ProviderConfig,
    RequiredProvider, Resource, Variable,
};
use crate::syntax::{Block, Body, ExprKind};

/// Block types at the top of a file.
const KNOWN: [&str; 14] = [
    "terraform",
    "provider",
    "variable",
    "locals",
    "output",
    "module",
    "resource",
    "data",
    "ephemeral",
    "check",
    "import",
    "moved",
    "removed",
    "language",
];

/// Resource types with a short spelling: `bucket "b" {}` for `resource "bucket" "b" {}`.
#[derive(Clone, Copy)]
pub(super) struct ShortTypes<'a> {
    pub names: &'a [Str],
    /// Whether the file at hand may use it.
    pub is_allowed: bool,
}

/// Adds the blocks of a file.
pub(super) fn add_file(
    source: &mut ModuleSource,
    body: Body,
    short: ShortTypes<'_>,
    diagnostics: &mut Diagnostics,
) {
    for attribute in body.attributes.values() {
        diagnostics.push(
            error_at!(
                attribute.name_span,
                "Unsupported argument",
                "An argument named \"{}\" is not expected here: outside of blocks there are none.",
                attribute.name
            )
            .did_you_mean(&attribute.name, KNOWN),
        );
    }
    for block in body.blocks {
        add_block(source, block, short, diagnostics);
    }
}

fn add_block(
    source: &mut ModuleSource,
    block: Block,
    short: ShortTypes<'_>,
    diagnostics: &mut Diagnostics,
) {
    let span = block.span;
    match block.kind.as_str() {
        "variable" => {
            if let Some(variable) = variable(block, diagnostics) {
                insert(
                    &mut source.variables,
                    variable.name.clone(),
                    variable,
                    span,
                    "variable",
                    diagnostics,
                    |v| v.span,
                );
            }
        }
        "locals" => locals(&mut source.locals, block, diagnostics),
        "output" => {
            if let Some(output) = output(block, diagnostics) {
                insert(
                    &mut source.outputs,
                    output.name.clone(),
                    output,
                    span,
                    "output",
                    diagnostics,
                    |o| o.span,
                );
            }
        }
        "module" => {
            if let Some(call) = module_call(block, diagnostics) {
                insert(
                    &mut source.calls,
                    call.name.clone(),
                    call,
                    span,
                    "module",
                    diagnostics,
                    |c| c.span,
                );
            }
        }
        "resource" | "data" | "ephemeral" => {
            let mode = match block.kind.as_str() {
                "data" => Mode::Data,
                "ephemeral" => Mode::Ephemeral,
                _ => Mode::Managed,
            };
            if let Some(found) = resource(mode, false, block, diagnostics) {
                insert(
                    &mut source.resources,
                    found.key.clone(),
                    found,
                    span,
                    "resource",
                    diagnostics,
                    |r| r.span,
                );
            }
        }
        "check" => {
            if let Some((check, data)) = check(block, diagnostics) {
                if let Some(data) = data {
                    insert(
                        &mut source.resources,
                        data.key.clone(),
                        data,
                        span,
                        "resource",
                        diagnostics,
                        |r| r.span,
                    );
                }
                insert(
                    &mut source.checks,
                    check.name.clone(),
                    check,
                    span,
                    "check",
                    diagnostics,
                    |c| c.span,
                );
            }
        }
        "terraform" => settings(source, block, diagnostics),
        "provider" => source.providers.extend(provider(block, diagnostics)),
        "moved" => source.moved.extend(moved(block, diagnostics)),
        "removed" => source.removed.extend(removed(block, diagnostics)),
        "import" => source.imports.extend(import(block, diagnostics)),
        kind if short.names.iter().any(|known| known == kind) => {
            if !short.is_allowed {
                let place = error_at!(
                    block.kind_span,
                    "Unsupported block type",
                    "Blocks of type \"{kind}\" stand in *.hcl files and in JSON, not in *.tf files.";
                    hint: "Move it to an *.hcl file of this folder, or write resource \"{kind}\" \"NAME\" {{}}."
                );
                diagnostics.push(place);
                return;
            }
            if let Some(found) = resource(Mode::Managed, true, block, diagnostics) {
                insert(
                    &mut source.resources,
                    found.key.clone(),
                    found,
                    span,
                    "resource",
                    diagnostics,
                    |r| r.span,
                );
            }
        }
        _ => {
            let known: Vec<&str> =
                KNOWN.iter().copied().chain(short.names.iter().map(Str::as_str)).collect();
            diagnostics.push(unexpected_block(&block, &known));
        }
    }
}

fn insert<K: std::hash::Hash + Eq, V>(
    map: &mut IndexMap<K, V>,
    key: K,
    value: V,
    span: Span,
    kind: &str,
    diagnostics: &mut Diagnostics,
    place: fn(&V) -> Span,
) {
    match map.entry(key) {
        Entry::Vacant(entry) => {
            entry.insert(value);
        }
        Entry::Occupied(entry) => diagnostics.push(
            error_at!(
                span,
                "Duplicate configuration",
                "A {kind} of this name is declared already in this module.";
                hint: "Names must be unique in a module: rename one of them."
            )
            .related(place(entry.get()), "declared first here"),
        ),
    }
}

fn variable(block: Block, diagnostics: &mut Diagnostics) -> Option<Variable> {
    let [name] = labels(&block, ["name"], diagnostics)?;
    let span = block.span;
    let reserved = [
        "source",
        "version",
        "providers",
        "count",
        "for_each",
        "lifecycle",
        "depends_on",
        "locals",
    ];
    if reserved.contains(&name.as_str()) {
        diagnostics.push(error_at!(
            span,
            "Invalid variable name",
            "The name \"{name}\" is reserved, since module calls have an argument of that name."
        ));
    }
    let mut arguments = Arguments::new(block.body, span, diagnostics);
    let ty = arguments.expr("type");
    let default = arguments.optional("default");
    let description = arguments.string("description").map(|(text, _)| text);
    let sensitive = arguments.bool("sensitive").is_some_and(|(truth, _)| truth);
    let ephemeral = arguments.bool("ephemeral").is_some_and(|(truth, _)| truth);
    let nullable = arguments.bool("nullable").is_none_or(|(truth, _)| truth);
    let validations = arguments.blocks("validation");
    arguments.finish();
    let typed = ty.is_some();
    let constraint = match ty.map(|expr| parse_constraint(&expr)) {
        Some(Ok(constraint)) => constraint,
        Some(Err(diagnostic)) => {
            diagnostics.push(diagnostic);
            Constraint { ty: Type::Any, defaults: None }
        }
        None => Constraint { ty: Type::Any, defaults: None },
    };
    let default = default.and_then(|attribute| {
        let span = attribute.expr.span;
        let Some(given) = constant(&attribute.expr) else {
            diagnostics.push(error_at!(
                span,
                "Variables not allowed",
                "The default of a variable must be constant: nothing may be referred to or called in it."
            ));
            return None;
        };
        let filled = match &constraint.defaults {
            Some(defaults) => super::apply_defaults(&given, defaults),
            None => given,
        };
        match convert(&filled, &constraint.ty) {
            Ok(value) if value.is_null() && !nullable => {
                diagnostics.push(error_at!(
                    span,
                    "Invalid default value for variable",
                    "The default is null, which \"nullable = false\" excludes."
                ));
                None
            }
            Ok(value) => Some(value),
            Err(error) => {
                diagnostics.push(error_at!(
                    span,
                    "Invalid default value for variable",
                    "The default value does not fit the variable's type: {error}."
                ));
                None
            }
        }
    });
    let validations =
        validations.into_iter().filter_map(|block| condition(block, diagnostics)).collect();
    Some(Variable {
        name,
        span,
        constraint,
        typed,
        default,
        description,
        sensitive,
        ephemeral,
        nullable,
        validations,
    })
}

fn locals(locals: &mut IndexMap<Str, Local>, block: Block, diagnostics: &mut Diagnostics) {
    if labels(&block, [], diagnostics).is_none() {
        return;
    }
    for inner in &block.body.blocks {
        diagnostics.push(unexpected_block(inner, &[]));
    }
    for (name, attribute) in block.body.attributes {
        let span = attribute.name_span;
        if !is_identifier(&name) {
            diagnostics.push(error_at!(span, "Invalid name", "\"{name}\" is not a valid name."));
        }
        let local = Local { name: name.clone(), span, value: attribute.expr };
        insert(locals, name, local, span, "local value", diagnostics, |l| l.span);
    }
}

fn output(block: Block, diagnostics: &mut Diagnostics) -> Option<Output> {
    let [name] = labels(&block, ["name"], diagnostics)?;
    let span = block.span;
    let mut arguments = Arguments::new(block.body, span, diagnostics);
    let value = arguments.required("value").map(|attribute| attribute.expr);
    let description = arguments.string("description").map(|(text, _)| text);
    let sensitive = arguments.bool("sensitive").is_some_and(|(truth, _)| truth);
    let ephemeral = arguments.bool("ephemeral").is_some_and(|(truth, _)| truth);
    let depends = arguments.expr("depends_on");
    let preconditions = arguments.blocks("precondition");
    arguments.finish();
    let depends_on = depends.map_or_else(Vec::new, |expr| depends_on(&expr, diagnostics));
    let preconditions =
        preconditions.into_iter().filter_map(|block| condition(block, diagnostics)).collect();
    Some(Output {
        name,
        span,
        value: value?,
        description,
        sensitive,
        ephemeral,
        depends_on,
        preconditions,
    })
}

fn module_call(block: Block, diagnostics: &mut Diagnostics) -> Option<ModuleCall> {
    let [name] = labels(&block, ["name"], diagnostics)?;
    let span = block.span;
    let mut arguments = Arguments::new(block.body, span, diagnostics);
    let source =
        arguments.required("source").and_then(|attribute| arguments.constant_string(&attribute));
    let version = arguments.string("version").map(|(text, _)| text);
    let count = arguments.expr("count");
    let for_each = arguments.expr("for_each");
    if let (Some(_), Some(for_each)) = (&count, &for_each) {
        arguments.diagnostics.push(error_at!(
            for_each.span,
            "Invalid combination of \"count\" and \"for_each\"",
            "\"count\" and \"for_each\" exclude each other: only one of them may be set."
        ));
    }
    let depends = arguments.expr("depends_on");
    let providers = arguments.expr("providers");
    let body = arguments.body;
    for inner in &body.blocks {
        diagnostics.push(unexpected_block(inner, &[]));
    }
    let depends_on = depends.map_or_else(Vec::new, |expr| depends_on(&expr, diagnostics));
    let mut passed = Vec::new();
    if let Some(ExprKind::Object(items)) = providers.as_ref().map(|expr| &*expr.kind) {
        for (inside, here) in items {
            match (provider_ref(inside), provider_ref(here)) {
                (Ok(inside), Ok(here)) => passed.push((inside, here)),
                (Err(diagnostic), _) | (_, Err(diagnostic)) => diagnostics.push(diagnostic),
            }
        }
    }
    let (source, source_span) = source?;
    Some(ModuleCall {
        name,
        span,
        source,
        source_span,
        version,
        arguments: body,
        count,
        for_each,
        depends_on,
        providers: passed,
    })
}

/// A `check` block, and the data source in it, which is one of the module's.
fn check(block: Block, diagnostics: &mut Diagnostics) -> Option<(CheckBlock, Option<Resource>)> {
    let [name] = labels(&block, ["name"], diagnostics)?;
    let span = block.span;
    let mut arguments = Arguments::new(block.body, span, diagnostics);
    let data = arguments.single("data");
    let asserts = arguments.blocks("assert");
    arguments.finish();
    if asserts.is_empty() {
        diagnostics.push(error_at!(
            span,
            "Zero assert blocks",
            "A \"check\" block needs at least one \"assert\" block to check something."
        ));
    }
    let data = data.and_then(|block| resource(Mode::Data, false, block, diagnostics));
    let data = data.map(|data| Resource { check: Some(name.clone()), ..data });
    let asserts = asserts.into_iter().filter_map(|block| condition(block, diagnostics)).collect();
    Some((CheckBlock { name, span, asserts }, data))
}

fn provider(block: Block, diagnostics: &mut Diagnostics) -> Option<ProviderConfig> {
    let [name] = labels(&block, ["name"], diagnostics)?;
    let span = block.span;
    let mut arguments = Arguments::new(block.body, span, diagnostics);
    let alias = arguments.string("alias").map(|(text, _)| text);
    // Old configurations give a version here; required_providers has taken its place.
    arguments.optional("version");
    Some(ProviderConfig { name, alias, span, body: arguments.body })
}

fn settings(source: &mut ModuleSource, block: Block, diagnostics: &mut Diagnostics) {
    let span = block.span;
    let mut arguments = Arguments::new(block.body, span, diagnostics);
    let version = arguments.string("required_version");
    arguments.optional("experiments");
    let required = arguments.blocks("required_providers");
    let backend = arguments.single("backend");
    let cloud = arguments.single("cloud");
    let encryption = arguments.single("encryption");
    arguments.blocks("provider_meta");
    arguments.finish();
    source.settings.required_version.extend(version);
    source.settings.cloud = cloud.map(|block| block.span);
    source.settings.encryption = encryption.map(|block| (block.body, block.span));
    if let Some(block) = backend
        && let Some([kind]) = labels(&block, ["type"], diagnostics)
    {
        source.settings.backend = Some((kind, block.body, block.span));
    }
    for block in &required {
        if let Some(first) = source.settings.required_providers_span.replace(block.span) {
            diagnostics.push(
                error_at!(
                    block.span,
                    "Duplicate required providers configuration",
                    "A module has one \"required_providers\" block at most."
                )
                .related(first, "the first one"),
            );
        }
    }
    for attribute in required.into_iter().flat_map(|block| block.body.attributes.into_values()) {
        let mut provider = RequiredProvider::default();
        match &*attribute.expr.kind {
            ExprKind::Literal(version) => provider.version = version.as_str().map(Str::from),
            ExprKind::Object(items) => {
                for (key, value) in items {
                    let text =
                        || value.as_literal().and_then(|value| value.as_str()).map(Str::from);
                    match key.as_literal().and_then(|key| key.as_str()) {
                        Some("source") => {
                            provider.source = text();
                            let valid = provider.source.as_deref().is_some_and(is_provider_source);
                            if !valid {
                                diagnostics.push(error_at!(
                                    value.span,
                                    "Invalid provider source string",
                                    "A provider's source is a TYPE, NAMESPACE/TYPE or HOST/NAMESPACE/TYPE."
                                ));
                            }
                        }
                        Some("version") => provider.version = text(),
                        Some("configuration_aliases") => {
                            if let ExprKind::Tuple(items) = &*value.kind {
                                provider.aliases =
                                    items.iter().filter_map(|item| provider_ref(item).ok()).collect();
                            }
                        }
                        _ => diagnostics.push(error_at!(
                            key.span,
                            "Invalid required_providers object",
                            "Only \"source\", \"version\" and \"configuration_aliases\" are expected here."
                        )),
                    }
                }
            }
            _ => diagnostics.push(error_at!(
                attribute.expr.span,
                "Invalid required_providers object",
                "A provider is described by an object with \"source\" and \"version\"."
            )),
        }
        source.settings.required_providers.insert(attribute.name, provider);
    }
}

/// `TYPE`, `NAMESPACE/TYPE` or `HOST/NAMESPACE/TYPE`.
fn is_provider_source(source: &str) -> bool {
    let parts: Vec<&str> = source.split('/').collect();
    let is_name = |part: &&str| {
        !part.is_empty()
            && part.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':'))
    };
    parts.len() <= 3 && parts.iter().all(is_name)
}
