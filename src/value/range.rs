//! What is certain of a value, whether it is known or not.

use crate::{Kind, Marks, Refinements, Type, Value};

/// Longer lists of unknown elements stay unknown as a whole.
const MOST_ELEMENTS: u64 = 10_000;

impl Value {
    /// What is certain of it: for an unknown value what is promised, for a known one what it is.
    pub fn range(&self) -> Refinements {
        let known = Refinements { not_null: true, ..Refinements::default() };
        match self.kind() {
            Kind::Unknown(unknown) => unknown.refinements.clone(),
            Kind::Null(_) => Refinements::default(),
            Kind::Number(number) => {
                let bound = Some((number.clone(), true));
                Refinements { min: bound.clone(), max: bound, ..known }
            }
            Kind::String(text) => Refinements { prefix: Some(text.clone()), ..known },
            Kind::List(_) | Kind::Set(_) | Kind::Map(_) => {
                let (least, most) = self.length_bounds();
                Refinements { min_length: Some(least), max_length: most, ..known }
            }
            Kind::Bool(_) | Kind::Tuple(_) | Kind::Object(_) => known,
        }
    }

    /// Whether it is certainly not null.
    pub fn is_certainly_not_null(&self) -> bool {
        match self.kind() {
            Kind::Unknown(unknown) => unknown.refinements.not_null,
            Kind::Null(_) => false,
            _ => true,
        }
    }

    /// With the promise that it is not null, if it is unknown. Where not even the type is known,
    /// nothing can be promised.
    #[must_use]
    pub fn not_null(self) -> Value {
        match self.kind() {
            Kind::Unknown(unknown) if unknown.ty != Type::Any && !unknown.refinements.not_null => {
                let refinements = Refinements { not_null: true, ..unknown.refinements.clone() };
                Value::unknown_refined(unknown.ty.clone(), refinements).with_marks(self.marks())
            }
            _ => self,
        }
    }

    /// How many elements it has at least and at most.
    pub fn length_bounds(&self) -> (u64, Option<u64>) {
        let exactly = |count: usize| (count as u64, Some(count as u64));
        match self.kind() {
            Kind::Unknown(unknown) => match &unknown.ty {
                Type::Tuple(elements) => exactly(elements.len()),
                Type::Object(object) => exactly(object.attributes.len()),
                _ => {
                    let promised = &unknown.refinements;
                    (promised.min_length.unwrap_or(0), promised.max_length)
                }
            },
            // Elements that are unknown may turn out to be the same.
            Kind::Set(set) if !set.items.iter().all(Value::is_wholly_known) => {
                (1, Some(set.items.len() as u64))
            }
            _ => exactly(self.children().count()),
        }
    }
}

impl Refinements {
    /// The only value of type `ty` that keeps these promises, if there is just one.
    pub(crate) fn only_value(&self, ty: &Type) -> Option<Value> {
        if !self.not_null {
            return None;
        }
        let is_empty = self.max_length == Some(0);
        match ty {
            Type::Number => match (&self.min, &self.max) {
                (Some((low, true)), Some((high, true))) if low == high => {
                    Some(Value::from(low.clone()))
                }
                _ => None,
            },
            // Of a list with so many elements just these are unknown.
            Type::List(element) => match (self.min_length, self.max_length) {
                (Some(least), Some(most)) if least == most && most <= MOST_ELEMENTS => {
                    let items = (0..most).map(|_| Value::unknown((**element).clone()));
                    Some(Value::list((**element).clone(), items.collect()))
                }
                _ => None,
            },
            Type::Set(element) if is_empty => Some(Value::set((**element).clone(), Vec::new())),
            Type::Map(element) if is_empty => {
                Some(Value::map((**element).clone(), Default::default()))
            }
            _ => None,
        }
    }
}

/// An unknown value that will be one of two, of type `ty`: what both promise is promised.
pub fn either(left: &Value, right: &Value, ty: Type) -> Value {
    if left.is_null() && right.is_null() {
        return Value::null_of(ty);
    }
    let (left_range, right_range) = (left.range(), right.range());
    let mut common = Refinements {
        not_null: left_range.not_null && right_range.not_null,
        ..Refinements::default()
    };
    let both = |wanted: fn(&Type) -> bool| wanted(&left.ty()) && left.ty() == right.ty();
    if both(|ty| *ty == Type::Number) {
        let wider = |left: Option<(_, bool)>, right: Option<(_, bool)>, lower: bool| {
            let (left, right) = left.zip(right)?;
            Some(if (left <= right) == lower { left } else { right })
        };
        common.min = wider(left_range.min, right_range.min, true);
        common.max = wider(left_range.max, right_range.max, false);
    } else if both(|ty| ty.element().is_some()) {
        let ((least, most), (other_least, other_most)) =
            (left.length_bounds(), right.length_bounds());
        common.min_length = Some(least.min(other_least));
        common.max_length = most.zip(other_most).map(|(most, other)| most.max(other));
    }
    Value::unknown_refined(ty, common)
}

/// The marks of a set's elements, which are the set's own.
pub(crate) fn marks_inside(items: &[Value]) -> Marks {
    items.iter().fold(Marks::NONE, |marks, item| marks | item.deep_marks())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_two_keeps_what_both_promise() {
        let numbers = either(&Value::from(1_i64), &Value::from(5_i64), Type::Number);
        assert_eq!(numbers.range().min, Some((1_i64.into(), true)));
        assert_eq!(numbers.range().max, Some((5_i64.into(), true)));
        let same = either(&Value::from(3_i64), &Value::from(3_i64), Type::Number);
        assert_eq!(same, Value::from(3_i64));
        let list = |count: i64| Value::list(Type::Number, (0..count).map(Value::from).collect());
        let lists = either(&list(1), &list(3), Type::list(Type::Number));
        assert_eq!(lists.length_bounds(), (1, Some(3)));
        let null = Value::null_of(Type::String);
        assert!(either(&null, &null, Type::String).is_null());
        assert!(!either(&null, &Value::from("a"), Type::String).is_certainly_not_null());
    }
}
