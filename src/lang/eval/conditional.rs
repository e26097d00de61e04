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
        let taken = truth(&test, condition.span)?;
        let (left, right) = match taken {
            Some(true) => (self.evaluate(yes, scope)?, self.not_taken(no, scope)),
            Some(false) => (self.not_taken(yes, scope), self.evaluate(no, scope)?),
            None => (self.not_taken(yes, scope), self.not_taken(no, scope)),
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

    /// A result that may not be taken: what it is or, where it cannot be evaluated, something unknown
    /// of the type that it would have as far as that is certain. Looks at each part once, since parts can
    /// be conditionals again.
    fn not_taken(&self, expr: &Expr, scope: &Scope) -> Value {
        let part = |part: &Expr| Ok(self.not_taken(part, scope));
        let value = match &*expr.kind {
            ExprKind::Wrapped(inner) | ExprKind::Parenthesis(inner) => self.deeper(|| part(inner)),
            ExprKind::Tuple(items) => self
                .deeper(|| items.iter().map(part).collect::<Result<Vec<_>, _>>().map(Value::tuple)),
            ExprKind::Object(items) => self.deeper(|| self.object_of(items, scope, &part)),
            ExprKind::For { .. } => self.deeper(|| self.for_elements(expr, scope, &part)),
            ExprKind::Traversal(traversal) => {
                self.deeper(|| Ok(self.not_followed(traversal, expr.span, scope)))
            }
            _ => Some(self.evaluate(expr, scope)),
        };
        let value = value.and_then(Result::ok);
        value.unwrap_or_else(|| Value::unknown(result_type(&expr.kind)))
    }

    /// Each element of a splat stays one, whatever it is.
    fn not_followed(&self, traversal: &Traversal, span: Span, scope: &Scope) -> Value {
        let unknown = || Value::unknown(Type::Any);
        let is_splat = |(step, _): &(TraversalStep, Span)| {
            matches!(step, TraversalStep::FullSplat | TraversalStep::AttributeSplat)
        };
        let Some(at) = traversal.steps.iter().position(is_splat) else {
            return self.traversal(traversal, span, scope).unwrap_or_else(|_| unknown());
        };
        let (before, steps) = traversal.steps.split_at(at);
        let source = Traversal { root: traversal.root.clone(), steps: before.to_vec() };
        let Ok(source) = self.traversal(&source, span, scope) else { return unknown() };
        let elements = source.as_slice().map(<[Value]>::len);
        match (self.follow(source, steps, scope, span), elements) {
            (Ok(value), _) => value,
            (Err(_), Some(elements)) => Value::tuple((0..elements).map(|_| unknown())),
            (Err(_), None) => unknown(),
        }
    }
}

/// The type that an expression has whatever it is made of, as far as that is certain.
const fn result_type(kind: &ExprKind) -> Type {
    match kind {
        ExprKind::Template(_) => Type::String,
        ExprKind::Unary(UnaryOperator::Negate, _) => Type::Number,
        ExprKind::Unary(UnaryOperator::Not, _) => Type::Bool,
        ExprKind::Binary(operator, ..) => match operator {
            BinaryOperator::Add
            | BinaryOperator::Subtract
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Modulo => Type::Number,
            _ => Type::Bool,
        },
        _ => Type::Any,
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
