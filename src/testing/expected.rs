//! Failures that a run expects: conditions of the module under test that must not hold.

use std::cell::Cell;

use skyform_diag::{Diagnostic, Diagnostics, Span, error_at};
use skyform_lang::config::{Condition, ModuleSource, ResourceKey, Run, Subject};
use skyform_lang::syntax::Expr;
use skyform_value::{InstanceKey, Mode, Str};

/// What has conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Checkable {
    Variable(Str),
    Output(Str),
    Check(Str),
    Resource(ResourceKey, Option<InstanceKey>),
}

/// The failures that a run expects.
pub(crate) struct Expected<'a> {
    source: &'a ModuleSource,
    items: Vec<(Checkable, Expr, Cell<bool>)>,
}

impl<'a> Expected<'a> {
    /// Those of a run, and what is wrong with them.
    pub(crate) fn of(run: &Run, source: &'a ModuleSource) -> (Self, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let mut items = Vec::new();
        for expr in &run.expect_failures {
            match checkable(expr) {
                Some(found) => items.push((found, expr.clone(), Cell::new(false))),
                None => diagnostics.push(error_at!(
                    expr.span,
                    "Invalid \"expect_failures\" reference",
                    "Only what has conditions can be expected to fail: variables, outputs, check blocks, resources and data sources."
                )),
            }
        }
        (Self { source, items }, diagnostics)
    }

    /// Takes the expected failures out. A check that failed without being expected to is an error
    /// here.
    pub(crate) fn sift(&self, found: Diagnostics) -> (Diagnostics, Diagnostics) {
        let (mut taken, mut rest) = (Diagnostics::new(), Diagnostics::new());
        for mut diagnostic in found.iter().cloned() {
            let failed = self.failed(&diagnostic);
            let mut expected = self.items.iter().filter(|(wanted, ..)| {
                failed.as_ref().is_some_and(|failed| is_wanted(wanted, failed))
            });
            let first = expected.next();
            for (.., met) in first.into_iter().chain(expected) {
                met.set(true);
            }
            if first.is_some() {
                taken.push(diagnostic);
                continue;
            }
            if is_failed_check(&diagnostic) {
                diagnostic.severity = skyform_diag::Severity::Error;
            }
            rest.push(diagnostic);
        }
        (taken, rest)
    }

    /// What was expected to fail, and did not.
    pub(crate) fn missing(&self) -> Diagnostics {
        let missing = self.items.iter().filter(|(.., met)| !met.get());
        missing
            .map(|(what, expr, _)| {
                error_at!(
                    expr.span,
                    "Missing expected failure",
                    "{} was expected to report an error, and did not.",
                    shown(what)
                )
            })
            .collect()
    }

    /// The object whose condition a diagnostic is about.
    fn failed(&self, diagnostic: &Diagnostic) -> Option<Checkable> {
        let span = diagnostic.span()?;
        let is_it = |rules: &[Condition]| rules.iter().any(|rule| lies_in(span, rule));
        let source = self.source;
        if let Some(found) = source.variables.values().find(|found| is_it(&found.validations)) {
            return Some(Checkable::Variable(found.name.clone()));
        }
        if let Some(found) = source.outputs.values().find(|found| is_it(&found.preconditions)) {
            return Some(Checkable::Output(found.name.clone()));
        }
        if let Some(found) = source.checks.values().find(|found| is_it(&found.asserts)) {
            return Some(Checkable::Check(found.name.clone()));
        }
        let found = source.resources.values().find(|found| {
            is_it(&found.lifecycle.preconditions) || is_it(&found.lifecycle.postconditions)
        })?;
        let address = diagnostic.address.as_deref();
        let address: Option<skyform_value::InstanceAddress> =
            address.and_then(|text| text.parse().ok());
        if address.as_ref().is_some_and(|address| !address.resource.module.is_root()) {
            return None;
        }
        Some(Checkable::Resource(found.key.clone(), address.and_then(|address| address.key)))
    }
}

fn lies_in(span: Span, rule: &Condition) -> bool {
    span == rule.condition.span
}

/// Whether a failed object is what was meant: a resource without a key means all instances.
fn is_wanted(wanted: &Checkable, failed: &Checkable) -> bool {
    match (wanted, failed) {
        (Checkable::Resource(key, None), Checkable::Resource(own, _)) => key == own,
        _ => wanted == failed,
    }
}

/// Whether it is the warning about an assertion of a `check` block.
pub(crate) fn is_failed_check(diagnostic: &Diagnostic) -> bool {
    diagnostic.summary == "Check block assertion failed"
}

fn checkable(expr: &Expr) -> Option<Checkable> {
    let reference = expr.as_reference()?;
    Some(match reference.subject {
        Subject::Variable(name) => Checkable::Variable(name),
        Subject::Resource(key, None) if key.type_name == "output" => Checkable::Output(key.name),
        Subject::Resource(key, None) if key.type_name == "check" => Checkable::Check(key.name),
        Subject::Resource(key, instance) if key.mode != Mode::Ephemeral => {
            Checkable::Resource(key, instance)
        }
        _ => return None,
    })
}

fn shown(what: &Checkable) -> String {
    match what {
        Checkable::Variable(name) => format!("var.{name}"),
        Checkable::Output(name) => format!("output.{name}"),
        Checkable::Check(name) => format!("check.{name}"),
        Checkable::Resource(key, instance) => {
            let data = if key.mode == Mode::Data { "data." } else { "" };
            let instance = instance.as_ref().map(ToString::to_string).unwrap_or_default();
            format!("{data}{}.{}{instance}", key.type_name, key.name)
        }
    }
}
