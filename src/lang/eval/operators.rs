//! Operators on values, with their conversions.

use std::cmp::Ordering;

use skyform_diag::{Diagnostic, Diagnostics, Span, error_at};
use skyform_value::{Marks, Number, Refinements, Type, Undefined, Value, convert, equals};

use super::evaluator::brief;
use crate::syntax::{BinaryOperator, UnaryOperator};

pub(super) fn unary(
    operator: UnaryOperator,
    value: &Value,
    span: Span,
) -> Result<Value, Diagnostics> {
    let ty = match operator {
        UnaryOperator::Negate => Type::Number,
        UnaryOperator::Not => Type::Bool,
    };
    let converted = operand(value, &ty, span)?;
    let marks = converted.marks();
    let result = match (operator, converted.as_number(), converted.as_bool()) {
        (UnaryOperator::Negate, Some(number), _) => Value::from(number.neg()),
        (UnaryOperator::Not, _, Some(truth)) => Value::from(!truth),
        // A secret that is not known yet is none that could be told.
        _ => return Ok(Value::unknown(ty).not_null()),
    };
    Ok(result.with_marks(marks))
}

pub(super) fn binary(
    operator: BinaryOperator,
    (left, left_span): (&Value, Span),
    (right, right_span): (&Value, Span),
    span: Span,
) -> Result<Value, Diagnostics> {
    match operator {
        BinaryOperator::Equal => return Ok(equals(left, right)),
        BinaryOperator::NotEqual => {
            let equal = equals(left, right);
            let marks = equal.marks();
            let answer = match equal.as_bool() {
                Some(equal) => Value::from(!equal),
                None => Value::unknown(Type::Bool).not_null(),
            };
            return Ok(answer.with_marks(marks));
        }
        _ => {}
    }
    let is_logic = matches!(operator, BinaryOperator::And | BinaryOperator::Or);
    let ty = if is_logic { Type::Bool } else { Type::Number };
    let left_value = operand(left, &ty, left_span);
    let right_value = operand(right, &ty, right_span);
    let (left, right) = match (left_value, right_value) {
        (Ok(left), Ok(right)) => (left, right),
        (Err(mut errors), Err(more)) => {
            errors.extend(more);
            return Err(errors);
        }
        (Err(errors), Ok(_)) | (Ok(_), Err(errors)) => return Err(errors),
    };
    let marks = left.marks() | right.marks();
    let result = if is_logic {
        logic(operator, left.as_bool(), right.as_bool())
    } else {
        match (left.as_number(), right.as_number()) {
            (Some(left), Some(right)) => numeric(operator, left, right, span)?,
            _ => unknown_result(operator, &left, &right),
        }
    };
    Ok(result.not_null().with_marks(marks))
}

/// Of operands that are not both known: an order may be certain by their bounds.
fn unknown_result(operator: BinaryOperator, left: &Value, right: &Value) -> Value {
    let (left, right) = (left.range(), right.range());
    let below = |left: &Refinements, right: &Refinements| match (&left.max, &right.min) {
        (Some((high, _)), Some((low, _))) => high < low,
        _ => false,
    };
    let order = match (below(&left, &right), below(&right, &left)) {
        (true, _) => Some(Ordering::Less),
        (_, true) => Some(Ordering::Greater),
        _ => None,
    };
    match (operator, order) {
        (
            BinaryOperator::Add
            | BinaryOperator::Subtract
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Modulo,
            _,
        ) => Value::unknown(Type::Number),
        (BinaryOperator::Less | BinaryOperator::LessOrEqual, Some(order)) => order.is_lt().into(),
        (BinaryOperator::Greater | BinaryOperator::GreaterOrEqual, Some(order)) => {
            order.is_gt().into()
        }
        _ => Value::unknown(Type::Bool),
    }
}

/// Known only where both operands are, even if one of them would decide alone: as in Terraform
/// before 1.12, and so that a plan does not depend on it.
fn logic(operator: BinaryOperator, left: Option<bool>, right: Option<bool>) -> Value {
    match (left, right) {
        (Some(left), Some(right)) if operator == BinaryOperator::Or => Value::from(left || right),
        (Some(left), Some(right)) => Value::from(left && right),
        _ => Value::unknown(Type::Bool),
    }
}

fn numeric(
    operator: BinaryOperator,
    left: &Number,
    right: &Number,
    span: Span,
) -> Result<Value, Diagnostics> {
    let result = |number: Result<Number, Undefined>| {
        number.map(Value::from).map_err(|error| {
            Diagnostics::from(error_at!(
                span,
                "Operation failed",
                "This operation has no result: {error}."
            ))
        })
    };
    let order = |wanted: fn(Ordering) -> bool| Value::from(wanted(left.cmp(right)));
    Ok(match operator {
        BinaryOperator::Add => result(left.add(right))?,
        BinaryOperator::Subtract => result(left.sub(right))?,
        BinaryOperator::Multiply => result(left.mul(right))?,
        BinaryOperator::Divide => result(left.div(right))?,
        BinaryOperator::Modulo => result(left.rem(right))?,
        BinaryOperator::Less => order(Ordering::is_lt),
        BinaryOperator::LessOrEqual => order(Ordering::is_le),
        BinaryOperator::Greater => order(Ordering::is_gt),
        BinaryOperator::GreaterOrEqual => order(Ordering::is_ge),
        BinaryOperator::Equal
        | BinaryOperator::NotEqual
        | BinaryOperator::And
        | BinaryOperator::Or => {
            return Err(
                error_at!(span, "Invalid operator", "This operator is not for numbers.").into()
            );
        }
    })
}

fn operand(value: &Value, ty: &Type, span: Span) -> Result<Value, Diagnostics> {
    if value.is_null() {
        return Err(error_at!(
            span,
            "Operation failed",
            "The operand is null; a {} is needed here.",
            ty.friendly()
        )
        .into());
    }
    convert(value, ty).map_err(|error| {
        let mut diagnostic = Diagnostic::error(
            span,
            "Invalid operand",
            format!("This operand does not fit the operator: {error}."),
        );
        if !value.has_mark(Marks::SENSITIVE) {
            diagnostic = diagnostic.value("operand", brief(value));
        }
        diagnostic.into()
    })
}
