//! Templates to text.

use skyform_diag::{Diagnostics, Span, error_at};
use skyform_value::{Marks, Refinements, Type, Value, convert};

use super::{Evaluator, Scope};
use crate::functions::certain_prefix;
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
        let out = self.text(parts, scope, span)?;
        let value = if out.unknown {
            let prefix = certain_prefix(&out.text);
            let refinements = Refinements { not_null: true, prefix, ..Refinements::default() };
            Value::unknown_refined(Type::String, refinements)
        } else {
            Value::string(out.text)
        };
        Ok(value.with_marks(out.marks))
    }

    fn text(&self, parts: &[Part], scope: &Scope, span: Span) -> Result<Text, Diagnostics> {
        let mut out = Text { text: String::new(), marks: Marks::NONE, unknown: false };
        self.write_parts(parts, scope, &mut out, span)?;
        Ok(out)
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
                    let (then, otherwise) =
                        (self.text(then, scope, span), self.text(otherwise, scope, span));
                    // What is secret in the part that is left out is secret still.
                    for branch in [&then, &otherwise].into_iter().flatten() {
                        out.marks |= branch.marks;
                    }
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
                    out.append(if truth { then? } else { otherwise? });
                }
                Part::For { key, value, collection, body } => {
                    let items = self.evaluate(collection, scope)?;
                    let Some(pairs) = super::for_expression::pairs(&items, collection.span)? else {
                        out.unknown = true;
                        continue;
                    };
                    out.marks |= items.marks();
                    let mut all = Text { text: String::new(), marks: Marks::NONE, unknown: false };
                    for (item_key, item) in pairs {
                        let key = key.iter().map(|name| (name.clone(), item_key.clone()));
                        let names = key.chain([(value.clone(), item)]).collect::<Vec<_>>();
                        scope.binding(names, || self.write_parts(body, scope, &mut all, span))?;
                    }
                    out.append(all);
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
        if !value.is_known() {
            out.marks |= value.deep_marks();
            out.unknown = true;
            return Ok(());
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
        out.push(text.as_str().unwrap_or_default());
        Ok(())
    }
}

impl Text {
    fn push(&mut self, text: &str) {
        if !self.unknown {
            self.text.push_str(text);
        }
    }

    /// With a part behind it that is a text of its own: if that is unknown, so is how it begins.
    fn append(&mut self, part: Text) {
        self.marks |= part.marks;
        match part.unknown {
            true => self.unknown = true,
            false => self.push(&part.text),
        }
    }
}
