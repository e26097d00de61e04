//! Conditions with messages: `validation`, `precondition`, `postcondition`, `assert`.

use skyform_diag::{Diagnostics, error_at};
use skyform_value::{Marks, Type, convert};

use super::evaluator::brief;
use super::{Evaluator, Scope};
use crate::config::Condition;
use crate::syntax::{Expr, parse_expression};

/// How a condition came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Pass,
    /// It does not: what its author says about that.
    Fail(String),
    /// Known only after apply.
    Unknown,
    /// It could not be evaluated.
    Error(Diagnostics),
}

impl Evaluator<'_> {
    /// Evaluates a condition, and its message if it does not hold.
    pub fn check(&self, rule: &Condition, scope: &Scope) -> Outcome {
        let value = match self.evaluate(&rule.condition, scope) {
            Ok(value) => value,
            Err(errors) => return Outcome::Error(errors),
        };
        if !value.is_known() {
            return Outcome::Unknown;
        }
        let truth = convert(&value.unmarked(), &Type::Bool).ok().and_then(|value| value.as_bool());
        match truth {
            Some(true) => Outcome::Pass,
            Some(false) => self.message(rule, scope),
            None => Outcome::Error(
                error_at!(
                    rule.condition.span,
                    "Invalid condition result",
                    "A condition must be true or false; this is {}.",
                    brief(&value)
                )
                .into(),
            ),
        }
    }

    /// What an expression's references come to, each by its text, for a message about it. What is not
    /// known is left out.
    pub fn values_of(&self, expression: &Expr, scope: &Scope) -> Vec<(String, String)> {
        let mut values: Vec<(String, String)> = Vec::new();
        for reference in expression.references() {
            let span = reference.span;
            let source = self.config.sources.get(span.source);
            let range = span.start as usize..span.end as usize;
            let Some(text) = source.and_then(|source| source.text.get(range)) else { continue };
            if values.iter().any(|(known, _)| known == text) {
                continue;
            }
            let parsed = parse_expression(span.source, text);
            let value = parsed.and_then(|parsed| self.evaluate(&parsed, scope));
            if let Ok(value) = value.map(|value| value.is_known().then(|| brief(&value)))
                && let Some(value) = value
            {
                values.push((text.to_owned(), value));
            }
        }
        values
    }

    fn message(&self, rule: &Condition, scope: &Scope) -> Outcome {
        match self.evaluate(&rule.error_message, scope) {
            Err(errors) => Outcome::Error(errors),
            Ok(message) if message.has_mark(Marks::SENSITIVE) => Outcome::Fail(
                "The error message refers to sensitive values, so it is not shown.".to_owned(),
            ),
            Ok(message) if message.has_mark(Marks::EPHEMERAL) => Outcome::Fail(
                "The error message refers to ephemeral values, so it is not shown.".to_owned(),
            ),
            Ok(message) => match convert(&message, &Type::String) {
                Ok(text) => match text.as_str() {
                    Some(text) => Outcome::Fail(text.trim().to_owned()),
                    None => Outcome::Fail("The condition does not hold.".to_owned()),
                },
                Err(_) => Outcome::Fail("The condition does not hold.".to_owned()),
            },
        }
    }
}
