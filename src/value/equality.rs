//! The language's `==`.

use crate::{Kind, Number, Refinements, Type, Value};

/// Whether two values are equal, as `==` in the language says: a bool, or unknown where that is
/// known only after apply. Values of different types are not equal. Marks of both spread.
pub fn equals(left: &Value, right: &Value) -> Value {
    let marks = left.deep_marks() | right.deep_marks();
    let answer = match compare(left, right) {
        Some(answer) => Value::from(answer),
        None => Value::unknown(Type::Bool).not_null(),
    };
    answer.with_marks(marks)
}

/// `None`: known only after apply.
fn compare(left: &Value, right: &Value) -> Option<bool> {
    match (left.kind(), right.kind()) {
        (Kind::Unknown(_), Kind::Unknown(_)) => return None,
        (Kind::Unknown(unknown), _) if excludes(&unknown.ty, &unknown.refinements, right) => {
            return Some(false);
        }
        (_, Kind::Unknown(unknown)) if excludes(&unknown.ty, &unknown.refinements, left) => {
            return Some(false);
        }
        (Kind::Null(_), Kind::Null(_)) => return Some(true),
        (Kind::Null(_), known) | (known, Kind::Null(_)) if !matches!(known, Kind::Unknown(_)) => {
            return Some(false);
        }
        _ => {}
    }
    if has_open_type(left) || has_open_type(right) {
        let (left, right) = (left.ty(), right.ty());
        let may_be_one = conforms(&left, &right) || conforms(&right, &left);
        return if may_be_one { None } else { Some(false) };
    }
    if !left.is_known() || !right.is_known() {
        return None;
    }
    if left.ty() != right.ty() {
        return Some(false);
    }
    alike(left, right)
}

/// Two known values of one type.
fn alike(left: &Value, right: &Value) -> Option<bool> {
    match (left.kind(), right.kind()) {
        (Kind::Bool(left), Kind::Bool(right)) => Some(left == right),
        (Kind::Number(left), Kind::Number(right)) => Some(left == right),
        (Kind::String(left), Kind::String(right)) => Some(left == right),
        (Kind::List(left), Kind::List(right)) => in_order(&left.items, &right.items),
        (Kind::Tuple(left), Kind::Tuple(right)) => in_order(left, right),
        (Kind::Set(left), Kind::Set(right)) => {
            let all = left.items.iter().chain(&right.items);
            all.clone().all(Value::is_wholly_known).then(|| left.items == right.items)
        }
        _ => {
            let (left, right) = (left.as_table()?, right.as_table()?);
            if !left.keys().eq(right.keys()) {
                return Some(false);
            }
            let pairs = left.values().zip(right.values());
            let answers: Vec<_> = pairs.map(|(left, right)| compare(left, right)).collect();
            if answers.contains(&Some(false)) {
                return Some(false);
            }
            (!answers.contains(&None)).then_some(true)
        }
    }
}

/// Decided by the first pair that differs or may differ.
fn in_order(left: &[Value], right: &[Value]) -> Option<bool> {
    if left.len() != right.len() {
        return Some(false);
    }
    let mut answers = left.iter().zip(right).map(|(left, right)| compare(left, right));
    answers.find(|answer| *answer != Some(true)).unwrap_or(Some(true))
}

/// Whether an unknown value of this type and with these promises cannot become `known`.
fn excludes(ty: &Type, promised: &Refinements, known: &Value) -> bool {
    if known.is_null() {
        return promised.not_null;
    }
    if !conforms(&known.ty(), ty) && !has_open_type(known) {
        return true;
    }
    match known.kind() {
        Kind::String(text) => {
            promised.prefix.as_ref().is_some_and(|prefix| !text.starts_with(prefix.as_str()))
        }
        Kind::Number(number) => {
            let below = |(low, itself): &(Number, bool)| number < low || !itself && number == low;
            let above =
                |(high, itself): &(Number, bool)| number > high || !itself && number == high;
            promised.min.as_ref().is_some_and(below) || promised.max.as_ref().is_some_and(above)
        }
        Kind::List(_) | Kind::Set(_) | Kind::Map(_) => {
            let (least, most) = known.length_bounds();
            promised.max_length.is_some_and(|max| least > max)
                || promised.min_length.zip(most).is_some_and(|(min, most)| most < min)
        }
        _ => false,
    }
}

/// Whether there is something unknown in it of which not even the type is known.
fn has_open_type(value: &Value) -> bool {
    match value.kind() {
        Kind::Unknown(unknown) => unknown.ty == Type::Any,
        _ => value.children().any(has_open_type),
    }
}

/// Whether `given` is `wanted`, in which `any` stands for every type.
fn conforms(given: &Type, wanted: &Type) -> bool {
    match (given, wanted) {
        (_, Type::Any) => true,
        (Type::List(given), Type::List(wanted))
        | (Type::Set(given), Type::Set(wanted))
        | (Type::Map(given), Type::Map(wanted)) => conforms(given, wanted),
        (Type::Tuple(given), Type::Tuple(wanted)) => {
            given.len() == wanted.len()
                && given.iter().zip(wanted.iter()).all(|(given, wanted)| conforms(given, wanted))
        }
        (Type::Object(given), Type::Object(wanted)) => {
            let (given, wanted) = (&given.attributes, &wanted.attributes);
            given.keys().eq(wanted.keys())
                && given
                    .values()
                    .zip(wanted.values())
                    .all(|(given, wanted)| conforms(given, wanted))
        }
        (given, wanted) => given == wanted,
    }
}
