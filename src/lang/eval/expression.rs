//! Expressions to values.

use std::collections::BTreeMap;

use skyform_diag::{Diagnostics, error_at};
use skyform_value::{Kind, Marks, Str, Type, Value, convert};

use super::{Evaluator, Scope, operators};
use crate::syntax::{Expr, ExprKind};

/// Deeper nesting than that is an error, well before the stack is used up.
const MAX_DEPTH: usize = 400;

impl Evaluator<'_> {
    /// The value of an expression.
    ///
    /// # Errors
    /// What is wrong with it; nothing where that has been said about something it depends on.
    pub fn evaluate(&self, expr: &Expr, scope: &Scope) -> Result<Value, Diagnostics> {
        if let ExprKind::Literal(value) = &*expr.kind {
            return Ok(value.clone());
        }
        self.deeper(|| self.evaluate_kind(expr, scope))
            .unwrap_or_else(|| Err(Self::too_deep(expr.span)))
    }

    /// What `work` gives one level further down; none where that would be too deep.
    pub(super) fn deeper<T>(&self, work: impl FnOnce() -> T) -> Option<T> {
        if self.depth.get() >= MAX_DEPTH {
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        let result = work();
        self.depth.set(self.depth.get() - 1);
        Some(result)
    }

    fn evaluate_kind(&self, expr: &Expr, scope: &Scope) -> Result<Value, Diagnostics> {
        match &*expr.kind {
            ExprKind::Literal(value) => Ok(value.clone()),
            ExprKind::Template(parts) => self.template(parts, scope, expr.span),
            ExprKind::Wrapped(inner) | ExprKind::Parenthesis(inner) => self.evaluate(inner, scope),
            ExprKind::Tuple(items) => {
                let mut values = Vec::with_capacity(items.len());
                let mut diagnostics = Diagnostics::new();
                let mut failed = false;
                for item in items {
                    match self.evaluate(item, scope) {
                        Ok(value) => values.push(value),
                        Err(errors) => {
                            failed = true;
                            diagnostics.extend(errors);
                        }
                    }
                }
                if failed { Err(diagnostics) } else { Ok(Value::tuple(values)) }
            }
            ExprKind::Object(items) => {
                self.object_of(items, scope, &|part| self.evaluate(part, scope))
            }
            ExprKind::Name(name) => self.bare_name(name, expr.span, scope),
            ExprKind::Traversal(traversal) => self.traversal(traversal, expr.span, scope),
            ExprKind::Call { name, name_span, arguments, spread } => {
                self.call(name, *name_span, arguments, *spread, expr.span, scope)
            }
            ExprKind::Unary(operator, inner) => {
                let value = self.evaluate(inner, scope)?;
                operators::unary(*operator, &value, inner.span)
            }
            ExprKind::Binary(..) => self.binary(expr, scope),
            ExprKind::Conditional(condition, yes, no) => {
                self.conditional(condition, yes, no, expr, scope)
            }
            ExprKind::For { .. } => self.for_expression(expr, scope),
        }
    }

    /// A chain of operators, `a + b + c`, from its first operand on: no deeper for being longer.
    fn binary(&self, whole: &Expr, scope: &Scope) -> Result<Value, Diagnostics> {
        let mut chain = Vec::new();
        let mut first = whole;
        while let ExprKind::Binary(operator, left, right) = &*first.kind {
            chain.push((*operator, left, right, first.span));
            first = left;
        }
        let mut value = self.evaluate(first, scope);
        for (operator, left, right, span) in chain.into_iter().rev() {
            // Both sides are evaluated, whatever the first one is, so that all mistakes are found.
            value = match (value, self.evaluate(right, scope)) {
                (Ok(left_value), Ok(right_value)) => operators::binary(
                    operator,
                    (&left_value, left.span),
                    (&right_value, right.span),
                    span,
                ),
                (Err(mut errors), Err(more)) => {
                    errors.extend(more);
                    Err(errors)
                }
                (Err(errors), Ok(_)) | (Ok(_), Err(errors)) => Err(errors),
            };
        }
        value
    }

    /// An object of what `part` makes of its values.
    pub(super) fn object_of(
        &self,
        items: &[(Expr, Expr)],
        scope: &Scope,
        part: &dyn Fn(&Expr) -> Result<Value, Diagnostics>,
    ) -> Result<Value, Diagnostics> {
        let mut attributes = BTreeMap::new();
        let mut diagnostics = Diagnostics::new();
        let mut failed = false;
        let mut key_marks = Marks::NONE;
        let mut unknown_key = false;
        for (key_expr, value_expr) in items {
            let key = self.object_key(key_expr, scope);
            let value = part(value_expr);
            match (key, value) {
                (Ok(key), Ok(value)) => {
                    key_marks |= key.marks();
                    match key.as_str() {
                        Some(name) => {
                            attributes.insert(Str::from(name), value);
                        }
                        None => unknown_key = true,
                    }
                }
                (key, value) => {
                    failed = true;
                    diagnostics.extend(key.err().into_iter().flatten());
                    diagnostics.extend(value.err().into_iter().flatten());
                }
            }
        }
        if failed {
            return Err(diagnostics);
        }
        if unknown_key {
            return Ok(Value::unknown(Type::Any));
        }
        Ok(Value::from(Kind::Object(attributes.into())).with_marks(key_marks))
    }

    pub(super) fn object_key(&self, expr: &Expr, scope: &Scope) -> Result<Value, Diagnostics> {
        let key = self.evaluate(expr, scope)?;
        if key.is_null() {
            return Err(error_at!(
                expr.span,
                "Null value as key",
                "A key of an object cannot be null."
            )
            .into());
        }
        convert(&key, &Type::String).map_err(|error| {
            error_at!(expr.span, "Incorrect key type", "This value cannot be a key: {error}.")
                .into()
        })
    }
}
