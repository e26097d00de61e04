//! Numbers and names out of values.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;
use skyform_diag::{Diagnostic, Span, error_at};
use skyform_value::{Number, Value};

/// Decimal places that amounts are rounded to: sums of them stay exact.
const PLACES: u32 = 12;

/// An exact decimal; numbers that have none are rounded, and those too large are the largest.
pub(super) fn decimal(number: &Number) -> Decimal {
    let text = number.to_string();
    let exact = text.parse().ok().or_else(|| Decimal::from_scientific(&text).ok());
    let largest = if number.signum() < 0 { Decimal::MIN } else { Decimal::MAX };
    let found = exact.or_else(|| Decimal::from_f64(number.to_f64())).unwrap_or(largest);
    found.round_dp(PLACES)
}

pub(super) fn amount(object: &Value, name: &str) -> Option<Decimal> {
    object.get(name).and_then(Value::as_number).map(decimal)
}

pub(super) fn amounts(object: &Value, name: &str) -> BTreeMap<String, Decimal> {
    let table = object.get(name).and_then(Value::as_table).into_iter().flatten();
    table.filter_map(|(key, value)| Some((key.to_string(), decimal(value.as_number()?)))).collect()
}

pub(super) fn text(object: &Value, name: &str) -> Option<String> {
    object.get(name).and_then(Value::as_str).map(str::to_owned)
}

pub(super) fn names(object: &Value, name: &str) -> Option<Vec<String>> {
    let items = object.get(name)?.as_slice()?.iter();
    Some(items.filter_map(|item| item.as_str().map(str::to_owned)).collect())
}

/// A count, if one is given.
///
/// # Errors
/// If it is not a whole number from 0 on.
pub(super) fn count(object: &Value, name: &str, span: Span) -> Result<Option<u64>, Diagnostic> {
    let Some(number) = object.get(name).and_then(Value::as_number) else { return Ok(None) };
    match number.to_u64() {
        Some(count) => Ok(Some(count)),
        None => Err(error_at!(
            span,
            "Invalid number in a placement",
            "{name} is {number}; it must be a whole number from 0 on."
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_to_twelve_places() {
        for (text, expected) in [
            ("0.1", "0.1"),
            ("1408", "1408"),
            ("0.333333333333333333333333333333333333333333", "0.333333333333"),
            ("-2.5", "-2.5"),
        ] {
            let number = Number::parse(text).expect("a number");
            assert_eq!(decimal(&number).normalize().to_string(), expected);
        }
        let huge = Number::parse("1e60").expect("a number");
        assert_eq!(decimal(&huge), Decimal::MAX);
        assert_eq!(decimal(&huge.neg()), Decimal::MIN);
    }

    #[test]
    fn counts_are_whole() {
        let object = |text: &str| {
            Value::object([("quota", Value::from(Number::parse(text).expect("a number")))])
        };
        let source = skyform_diag::SourceMap::default().add("main.hcl", "");
        let span = Span::new(source, 0, 0);
        assert_eq!(count(&object("3"), "quota", span).ok(), Some(Some(3)));
        assert_eq!(count(&object("3"), "other", span).ok(), Some(None));
        for bad in ["-1", "1.5"] {
            assert!(count(&object(bad), "quota", span).is_err(), "{bad}");
        }
    }
}
