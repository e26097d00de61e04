//! The language's `==`.

use crate::{Kind, Type, Value};

/// Whether two values are equal, as `==` in the language says: a bool, or unknown where that is
/// known only after apply. Values of different types are not equal. Marks of both spread.
pub fn equals(left: &Value, right: &Value) -> Value {
    let marks = left.deep_marks() | right.deep_marks();
    let answer = match compare(left, right) {
        Some(answer) => Value::from(answer),
        None => Value::unknown(Type::Bool),
    };
    answer.with_marks(marks)
}

/// `None`: known only after apply.
fn compare(left: &Value, right: &Value) -> Option<bool> {
    match (left.kind(), right.kind()) {
        (Kind::Unknown(unknown), other) | (other, Kind::Unknown(unknown)) => {
            let refinements = &unknown.refinements;
            let differs = match (other, &refinements.prefix) {
                (Kind::Null(_), _) => refinements.not_null,
                (Kind::String(text), Some(prefix)) => !text.starts_with(prefix.as_str()),
                _ => false,
            };
            if differs { Some(false) } else { None }
        }
        (Kind::Null(_), Kind::Null(_)) => Some(true),
        (Kind::Null(_), _) | (_, Kind::Null(_)) => Some(false),
        (Kind::Bool(left), Kind::Bool(right)) => Some(left == right),
        (Kind::Number(left), Kind::Number(right)) => Some(left == right),
        (Kind::String(left), Kind::String(right)) => Some(left == right),
        (Kind::List(left), Kind::List(right)) => {
            if left.element != right.element {
                return Some(false);
            }
            sequence(&left.items, &right.items)
        }
        (Kind::Set(left), Kind::Set(right)) => {
            let wholly_known = left.items.iter().chain(&right.items).all(Value::is_wholly_known);
            if left.element != right.element {
                return Some(false);
            }
            wholly_known.then(|| {
                let bare = |items: &[Value]| items.iter().map(Value::unmarked).collect::<Vec<_>>();
                bare(&left.items) == bare(&right.items)
            })
        }
        (Kind::Tuple(left), Kind::Tuple(right)) => sequence(left, right),
        (Kind::Map(left), Kind::Map(right)) => {
            if left.element != right.element || !left.items.keys().eq(right.items.keys()) {
                return Some(false);
            }
            all(left.items.values().zip(right.items.values()))
        }
        (Kind::Object(left), Kind::Object(right)) => {
            if !left.keys().eq(right.keys()) {
                return Some(false);
            }
            all(left.values().zip(right.values()))
        }
        _ => Some(false),
    }
}

fn sequence(left: &[Value], right: &[Value]) -> Option<bool> {
    if left.len() != right.len() { Some(false) } else { all(left.iter().zip(right)) }
}

/// False as soon as one pair differs, unknown if any pair is.
fn all<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Option<bool> {
    let mut known = true;
    for (left, right) in pairs {
        match compare(left, right) {
            Some(false) => return Some(false),
            Some(true) => {}
            None => known = false,
        }
    }
    known.then_some(true)
}
