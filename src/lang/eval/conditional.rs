//! `condition ? yes : no`.

use skyform_diag::{Diagnostics, Span, error_at};
use skyform_value::{Kind, Type, Value, convert, either, unify};

use super::evaluator::brief;
use super::{Evaluator, Scope};
use crate::syntax::{BinaryOperator, Expr, ExprKind, Traversal, TraversalStep, UnaryOperator};

impl Evaluator<'_> {
    /// Both results are evaluated, since the result's type is one that both can have. A mistake in the
    /// one that is not taken does not count, as in `x == null ? 0 : x.size`, but its type does.
    pub(super) fn conditional(
        &self,
        condition: &Expr,
        yes: &Expr,
        no: &Expr,
        whole: &Expr,
        scope: &Scope,
    ) -> Result<Value, Diagnostics> {
        let test = self.evaluate(condition, scope)?;
        let (left, right) = (self.evaluate(yes, scope), self.evaluate(no, scope));
        let taken = truth(&test, condition.span)?;
        let (left, right) = match (left, right, taken) {
            (Ok(left), Ok(right), _) => (left, right),
            (Ok(left), Err(_), Some(true) | None) => (left, self.stand_in(no, scope)),
            (Err(_), Ok(right), Some(false) | None) => (self.stand_in(yes, scope), right),
            (Err(_), Err(_), None) => (self.stand_in(yes, scope), self.stand_in(no, scope)),
            (Err(errors), _, Some(true)) | (_, Err(errors), Some(false)) => return Err(errors),
        };
        let Some(ty) = common_type(&left, &right) else {
            return Err(inconsistent(&left, &right, whole.span).into());
        };
        let marks = test.marks() | left.marks() | right.marks();
        let Some(taken) = taken else {
            return Ok(either(&left, &right, ty).with_marks(marks));
        };
        let chosen = if taken { &left } else { &right };
        let converted =
            convert(chosen, &ty).map_err(|_| inconsistent(&left, &right, whole.span))?;
        Ok(converted.with_marks(marks))
    }

    /// In place of a result that cannot be evaluated: something unknown, of the type that it would have
    /// as far as that is certain.
    fn stand_in(&self, expr: &Expr, scope: &Scope) -> Value {
        let part =
            |part: &Expr| self.evaluate(part, scope).unwrap_or_else(|_| self.stand_in(part, scope));
        match &*expr.kind {
            ExprKind::Template(_) => Value::unknown(Type::String),
            ExprKind::Wrapped(inner) | ExprKind::Parenthesis(inner) => self.stand_in(inner, scope),
            ExprKind::Unary(UnaryOperator::Negate, _) => Value::unknown(Type::Number),
            ExprKind::Unary(UnaryOperator::Not, _) => Value::unknown(Type::Bool),
            ExprKind::Binary(operator, ..) => Value::unknown(match operator {
                BinaryOperator::Add
                | BinaryOperator::Subtract
                | BinaryOperator::Multiply
                | BinaryOperator::Divide
                | BinaryOperator::Modulo => Type::Number,
                _ => Type::Bool,
            }),
            ExprKind::Tuple(items) => Value::tuple(items.iter().map(part)),
            ExprKind::Object(items) => {
                let attributes = items.iter().map(|(key, value)| {
                    let key = self.object_key(key, scope).ok()?;
                    Some((key.as_str()?.to_owned(), part(value)))
                });
                match attributes.collect::<Option<Vec<_>>>() {
                    Some(attributes) => Value::object(attributes),
                    None => Value::unknown(Type::Any),
                }
            }
            // Each element of a splat stays one, whatever it is.
            ExprKind::Traversal(traversal) => {
                let is_splat = |step: &TraversalStep| {
                    matches!(step, TraversalStep::FullSplat | TraversalStep::AttributeSplat)
                };
                let source =
                    traversal.steps.iter().position(|(step, _)| is_splat(step)).map(|at| {
                        let steps = traversal.steps[..at].to_vec();
                        Traversal { root: traversal.root.clone(), steps }
                    });
                let items =
                    source.and_then(|source| self.traversal(&source, expr.span, scope).ok());
                match items.as_ref().and_then(Value::as_slice) {
                    Some(items) => Value::tuple(items.iter().map(|_| Value::unknown(Type::Any))),
                    None => Value::unknown(Type::Any),
                }
            }
            ExprKind::For { .. } => self
                .for_elements(expr, scope, &|element| Ok(part(element)))
                .unwrap_or_else(|_| Value::unknown(Type::Any)),
            _ => Value::unknown(Type::Any),
        }
    }
}

/// What a condition says; none if that is known only after apply.
fn truth(test: &Value, span: Span) -> Result<Option<bool>, Diagnostics> {
    if test.is_null() {
        return Err(error_at!(
            span,
            "Null condition",
            "The condition is null. It must be true or false."
        )
        .into());
    }
    if !test.is_known() {
        return Ok(None);
    }
    let converted = convert(test, &Type::Bool).map_err(|_| {
        error_at!(
            span,
            "Incorrect condition type",
            "The condition must be a bool; this is a {}.",
            test.ty().friendly()
        )
        .value("condition", brief(test))
    })?;
    Ok(converted.as_bool())
}

/// The type that both results of a conditional are converted to.
fn common_type(left: &Value, right: &Value) -> Option<Type> {
    let (left_type, right_type) = (left.ty(), right.ty());
    if left_type == right_type {
        return Some(left_type);
    }
    let is_plain_null =
        |value: &Value| matches!(value.kind(), Kind::Null(Type::Any)) && value.marks().is_empty();
    if is_plain_null(left) {
        return Some(right_type);
    }
    if is_plain_null(right) {
        return Some(left_type);
    }
    if left_type == Type::Any || right_type == Type::Any {
        return Some(Type::Any);
    }
    let ty = unify(&[left_type.clone(), right_type.clone()])?;
    let fits = |from: Type| convert(&Value::unknown(from), &ty).is_ok();
    (fits(left_type) && fits(right_type)).then_some(ty)
}

fn inconsistent(left: &Value, right: &Value, span: Span) -> skyform_diag::Diagnostic {
    error_at!(
        span,
        "Inconsistent conditional result types",
        "The two results must have types that fit one another; the first is a {}, the second a {}.",
        left.ty().friendly(),
        right.ty().friendly()
    )
}
