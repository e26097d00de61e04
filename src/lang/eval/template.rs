//! Templates to text.

use skyform_diag::{Diagnostics, Span, error_at};
use skyform_value::{Kind, Marks, Refinements, Str, Type, Value, convert};

use super::{Evaluator, Scope};
use crate::syntax::{Expr, Part};

/// Longer results than that are refused.
const MAX_LENGTH: usize = 1 << 30;

struct Text {
    text: String,
    marks: Marks,
    /// Whether a part is known only after apply; what is in `text` then is the known start.
    unknown: bool,
}

impl Evaluator<'_> {
    pub(super) fn template(
        &self,
        parts: &[Part],
        scope: &Scope,
        span: Span,
    ) -> Result<Value, Diagnostics> {
        let mut out = Text { text: String::new(), marks: Marks::NONE, unknown: false };
        self.write_parts(parts, scope, &mut out, span)?;
        let value = if out.unknown {
            let prefix = (!out.text.is_empty()).then(|| Str::from(out.text));
            let refinements = Refinements { not_null: true, prefix, ..Refinements::default() };
            Value::unknown_refined(Type::String, refinements)
        } else {
            Value::string(out.text)
        };
        Ok(value.with_marks(out.marks))
    }

    fn write_parts(
        &self,
        parts: &[Part],
        scope: &Scope,
        out: &mut Text,
        span: Span,
    ) -> Result<(), Diagnostics> {
        for part in parts {
            match part {
                Part::Literal(text) => out.push(text),
                Part::Interpolation(inner) => self.write_value(inner, scope, out)?,
                Part::If { condition, then, otherwise } => {
                    let test = self.evaluate(condition, scope)?;
                    out.marks |= test.marks();
                    if !test.is_known() {
                        out.unknown = true;
                        continue;
                    }
                    let truth =
                        convert(&test.unmarked(), &Type::Bool).ok().and_then(|t| t.as_bool());
                    let Some(truth) = truth else {
                        return Err(error_at!(
                            condition.span,
                            "Incorrect condition type",
                            "The condition of %{{if}} must be a bool."
                        )
                        .into());
                    };
                    self.write_parts(if truth { then } else { otherwise }, scope, out, span)?;
                }
                Part::For { key, value, collection, body } => {
                    let items = self.evaluate(collection, scope)?;
                    out.marks |= items.marks();
                    let Some(pairs) = super::for_expression::pairs(&items, collection.span)? else {
                        out.unknown = true;
                        continue;
                    };
                    for (item_key, item) in pairs {
                        let key = key.iter().map(|name| (name.clone(), item_key.clone()));
                        let names = key.chain([(value.clone(), item)]).collect::<Vec<_>>();
                        scope.binding(names, || self.write_parts(body, scope, out, span))?;
                    }
                }
            }
            if out.text.len() > MAX_LENGTH {
                return Err(error_at!(
                    span,
                    "Text too long",
                    "This template makes more than 1 GiB of text."
                )
                .into());
            }
        }
        Ok(())
    }

    fn write_value(&self, expr: &Expr, scope: &Scope, out: &mut Text) -> Result<(), Diagnostics> {
        let value = self.evaluate(expr, scope)?;
        if value.is_null() {
            return Err(error_at!(
                expr.span,
                "Invalid template interpolation value",
                "The expression is null. A string template cannot include a null value.";
                hint: "Give another value in its place with coalesce(..., \"\")."
            )
            .into());
        }
        let text = convert(&value, &Type::String).map_err(|_| {
            Diagnostics::from(error_at!(
                expr.span,
                "Invalid template interpolation value",
                "A {} cannot be included in a string template.", value.ty().friendly();
                hint: "Take a part of it, or write it with jsonencode(...) or join(...)."
            ))
        })?;
        out.marks |= text.deep_marks();
        match text.kind() {
            Kind::String(text) => out.push(text),
            Kind::Unknown(unknown) => {
                if let Some(prefix) = unknown.refinements.prefix.as_ref() {
                    out.push(prefix);
                }
                out.unknown = true;
            }
            _ => {}
        }
        Ok(())
    }
}

impl Text {
    fn push(&mut self, text: &str) {
        if !self.unknown {
            self.text.push_str(text);
        }
    }
}
