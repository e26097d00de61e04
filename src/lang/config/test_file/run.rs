//! `run` blocks.

use skyform_diag::error_at;

use super::mock::{duplicates, override_block};
use super::read::Reader;
use super::{OverrideKind, Run, RunCommand, RunModule, RunOptions};
use crate::config::arguments::{Arguments, labels};
use crate::config::meta::condition;
use crate::config::target::{provider_ref, target};
use crate::config::{ProviderRef, Target};
use crate::syntax::{Block, Expr, ExprKind};

/// Block types in a `run` block, with their number of labels.
const INNER: [(&str, usize); 7] = [
    ("assert", 0),
    ("plan_options", 0),
    ("variables", 0),
    ("module", 0),
    ("override_resource", 0),
    ("override_data", 0),
    ("override_module", 0),
];

pub(super) fn run(reader: &mut Reader<'_>, block: Block) -> Option<Run> {
    let [name] = labels(&block, ["name"], &mut reader.diagnostics)?;
    let span = block.span;
    let body = reader.with_blocks(block.body, &INNER);
    let mut arguments = Arguments::new(body, span, &mut reader.diagnostics);
    let command = arguments.optional("command");
    let providers = arguments.expr("providers");
    let expected = arguments.expr("expect_failures");
    let state_key = arguments.string("state_key").map(|(text, _)| text);
    let options = arguments.single("plan_options");
    let variables = arguments.single("variables");
    let module = arguments.single("module");
    let asserts = arguments.blocks("assert");
    let resources = arguments.blocks("override_resource");
    let data = arguments.blocks("override_data");
    let modules = arguments.blocks("override_module");
    arguments.finish();
    let command =
        reader.keyword(command.as_ref(), "Invalid \"command\" keyword", ["apply", "plan"]);
    let options = options.map_or_else(RunOptions::default, |block| plan_options(reader, block));
    let kinds = [
        (OverrideKind::Resource, resources),
        (OverrideKind::Data, data),
        (OverrideKind::Module, modules),
    ];
    let overrides = kinds
        .into_iter()
        .flat_map(|(kind, blocks)| blocks.into_iter().map(move |block| (kind, block)))
        .filter_map(|(kind, block)| override_block(reader, block, kind))
        .collect::<Vec<_>>();
    duplicates(&overrides, &mut reader.diagnostics);
    Some(Run {
        name,
        span,
        command: match command.as_deref() {
            Some("plan") => RunCommand::Plan,
            _ => RunCommand::Apply,
        },
        options,
        variables: variables.map(|block| reader.values(block)).unwrap_or_default(),
        module: module.and_then(|block| run_module(reader, block)),
        providers: providers.map(|expr| passed(reader, &expr)).unwrap_or_default(),
        overrides,
        asserts: asserts.into_iter().filter_map(|block| assertion(reader, block)).collect(),
        expect_failures: expected.map(|expr| list(reader, &expr)).unwrap_or_default(),
        state_key,
    })
}

/// A condition that refers to nothing checks nothing.
fn assertion(reader: &mut Reader<'_>, block: Block) -> Option<crate::config::Condition> {
    let found = condition(block, &mut reader.diagnostics)?;
    if found.condition.references().is_empty() {
        reader.diagnostics.push(error_at!(
            found.condition.span,
            "Invalid assert expression",
            "The condition must refer to at least one object of the configuration; its result would say nothing about it otherwise."
        ));
    }
    Some(found)
}

fn plan_options(reader: &mut Reader<'_>, block: Block) -> RunOptions {
    let mut arguments = Arguments::new(block.body, block.span, &mut reader.diagnostics);
    let mode = arguments.optional("mode");
    let refresh = arguments.bool("refresh");
    let targets = arguments.expr("target");
    let replace = arguments.expr("replace");
    arguments.finish();
    let mode =
        reader.keyword(mode.as_ref(), "Invalid \"mode\" keyword", ["normal", "refresh-only"]);
    let refresh_only = mode.as_deref() == Some("refresh-only");
    if refresh_only && let Some((false, span)) = refresh {
        reader.diagnostics.push(error_at!(
            span,
            "Incompatible plan options",
            "\"refresh\" cannot be false where the mode is \"refresh-only\"."
        ));
    }
    RunOptions {
        refresh_only,
        refresh: refresh.is_none_or(|(truth, _)| truth),
        targets: targets.map(|expr| addresses(reader, &expr)).unwrap_or_default(),
        replace: replace.map(|expr| addresses(reader, &expr)).unwrap_or_default(),
    }
}

fn addresses(reader: &mut Reader<'_>, expr: &Expr) -> Vec<Target> {
    let items = list(reader, expr);
    let targets = items.iter().map(target);
    targets.filter_map(|found| found.map_err(|error| reader.diagnostics.push(error)).ok()).collect()
}

/// The references in a list.
fn list(reader: &mut Reader<'_>, expr: &Expr) -> Vec<Expr> {
    let ExprKind::Tuple(items) = &*expr.kind else {
        reader.diagnostics.push(error_at!(
            expr.span,
            "Invalid expression",
            "A list of references is needed here."
        ));
        return Vec::new();
    };
    items.iter().map(|item| reader.reference(item)).collect()
}

fn run_module(reader: &mut Reader<'_>, block: Block) -> Option<RunModule> {
    labels(&block, [], &mut reader.diagnostics)?;
    let mut arguments = Arguments::new(block.body, block.span, &mut reader.diagnostics);
    let source = arguments.required("source");
    let version = arguments.string("version").map(|(text, _)| text);
    let source = source.and_then(|attribute| arguments.constant_string(&attribute));
    arguments.finish();
    let (source, span) = source?;
    Some(RunModule { source, span, version })
}

fn passed(reader: &mut Reader<'_>, expr: &Expr) -> Vec<(ProviderRef, ProviderRef)> {
    let ExprKind::Object(items) = &*expr.kind else {
        reader.diagnostics.push(error_at!(
            expr.span,
            "Invalid providers argument",
            "\"providers\" maps names in the module to names in the test file, such as {{ aws = aws.west }}."
        ));
        return Vec::new();
    };
    let mut pairs = Vec::with_capacity(items.len());
    for (inside, here) in items {
        match (provider_ref(inside), provider_ref(here)) {
            (Ok(inside), Ok(here)) => pairs.push((inside, here)),
            (Err(error), _) | (_, Err(error)) => reader.diagnostics.push(error),
        }
    }
    pairs
}
