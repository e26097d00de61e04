//! A label: what a row is, or is said to be.

use std::cmp::Ordering;
use std::fmt;

/// 2^63: the first float that an `i64` cannot hold.
const LIMIT: f64 = 9_223_372_036_854_775_808.0;

/// A class label: a number or a text.
///
/// Numbers that are equal are the same label (`1`, `1.0` and `true`), and sort as numbers; texts sort
/// by code point, as scikit-learn sorts them. A text never equals a number: `"1"` is not `1`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(Kind);

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Kind {
    Number(Number),
    Text(String),
}

/// An integer wherever the number is one that `i64` can hold, so that each number has one form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Number {
    Integer(i64),
    /// The bits of a finite float that is no `i64`.
    Float(u64),
}

impl Label {
    /// The label of a number; none for NaN and infinities, which are no labels.
    pub fn number(number: f64) -> Option<Label> {
        if !number.is_finite() {
            return None;
        }
        let integer = number.fract() == 0.0 && (-LIMIT..LIMIT).contains(&number);
        #[expect(clippy::cast_possible_truncation, reason = "just found to be an i64")]
        let number =
            if integer { Number::Integer(number as i64) } else { Number::Float(number.to_bits()) };
        Some(Label(Kind::Number(number)))
    }

    /// The text, if the label is one.
    pub fn as_text(&self) -> Option<&str> {
        match &self.0 {
            Kind::Text(text) => Some(text),
            Kind::Number(_) => None,
        }
    }

    /// Whether the label is a text and not a number.
    pub fn is_text(&self) -> bool {
        self.as_text().is_some()
    }

    /// Whether the label is a number with a fraction: a measurement, not a class.
    pub(crate) fn has_fraction(&self) -> bool {
        match self.0 {
            Kind::Number(Number::Float(bits)) => f64::from_bits(bits).fract() != 0.0,
            _ => false,
        }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        match (self, other) {
            (Number::Integer(left), Number::Integer(right)) => left.cmp(right),
            (Number::Float(left), Number::Float(right)) => {
                f64::from_bits(*left).total_cmp(&f64::from_bits(*right))
            }
            (Number::Integer(left), Number::Float(right)) => compare(*left, f64::from_bits(*right)),
            (Number::Float(left), Number::Integer(right)) => {
                compare(*right, f64::from_bits(*left)).reverse()
            }
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Compares exactly: `float` is finite and equals no `i64`.
fn compare(integer: i64, float: f64) -> Ordering {
    let floor = float.floor();
    if floor.abs() >= LIMIT {
        return if float > 0.0 { Ordering::Less } else { Ordering::Greater };
    }
    #[expect(clippy::cast_possible_truncation, reason = "within the range of i64")]
    let floor = floor as i64;
    if integer <= floor { Ordering::Less } else { Ordering::Greater }
}

impl From<i64> for Label {
    fn from(number: i64) -> Label {
        Label(Kind::Number(Number::Integer(number)))
    }
}

impl From<bool> for Label {
    fn from(truth: bool) -> Label {
        Label::from(i64::from(truth))
    }
}

impl From<&str> for Label {
    fn from(text: &str) -> Label {
        Label(Kind::Text(text.to_owned()))
    }
}

impl From<String> for Label {
    fn from(text: String) -> Label {
        Label(Kind::Text(text))
    }
}

impl fmt::Display for Label {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Number(Number::Integer(number)) => write!(out, "{number}"),
            Kind::Number(Number::Float(bits)) => write!(out, "{}", f64::from_bits(*bits)),
            Kind::Text(text) => out.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(number: f64) -> Label {
        Label::number(number).expect("finite")
    }

    #[test]
    fn equal_numbers_are_one_label() {
        for (left, right) in [
            (number(1.0), Label::from(1)),
            (number(-0.0), Label::from(0)),
            (Label::from(true), Label::from(1)),
            (number(4_294_967_296.0), Label::from(4_294_967_296)),
            (number(-9_223_372_036_854_775_808.0), Label::from(i64::MIN)),
        ] {
            assert_eq!(left, right);
        }
        for (left, right) in [
            (Label::from("1"), Label::from(1)),
            (number(1.5), Label::from(1)),
            (Label::from("a"), Label::from("a ")),
            (number(9_223_372_036_854_775_808.0), Label::from(i64::MAX)),
        ] {
            assert_ne!(left, right);
        }
    }

    #[test]
    fn numbers_sort_as_numbers_and_texts_by_code_point() {
        let sorted = [
            number(-1e300),
            Label::from(i64::MIN),
            number(-1.5),
            Label::from(-1),
            number(-0.5),
            Label::from(0),
            number(0.5),
            Label::from(2),
            Label::from(10),
            Label::from(i64::MAX),
            number(9_223_372_036_854_775_808.0),
            number(1e300),
            Label::from(""),
            Label::from("10"),
            Label::from("2"),
            Label::from("A"),
            Label::from("a"),
            Label::from("ä"),
        ];
        for (at, left) in sorted.iter().enumerate() {
            for (other, right) in sorted.iter().enumerate() {
                assert_eq!(left.cmp(right), at.cmp(&other), "{left} and {right}");
            }
        }
    }

    #[test]
    fn what_is_no_number_is_no_label() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Label::number(bad), None);
        }
    }

    #[test]
    fn shown_as_written() {
        let shown: Vec<String> =
            [Label::from(7), number(1.0), number(0.25), Label::from("x y"), Label::from(false)]
                .iter()
                .map(Label::to_string)
                .collect();
        assert_eq!(shown, ["7", "1", "0.25", "x y", "0"]);
    }
}
