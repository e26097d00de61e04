//! Sets: no element twice, in the language's order of iteration.
//!
//! Primitives go by their natural order, null last. Other elements go by the bytes of a text form
//! of them, as observed of the language (`toset([{a = 2}, {a = 10}])` iterates over 10 first).

use std::cmp::Ordering;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::range::marks_inside;
use crate::{Kind, Sequence, Type, Value};

impl Value {
    /// A set of `items`, which are all of type `element`; in order, and each once. Marks on them are
    /// the set's own, since elements of a set cannot be told apart by them.
    pub fn set(element: Type, mut items: Vec<Value>) -> Value {
        let marks = marks_inside(&items);
        if !marks.is_empty() {
            items.iter_mut().for_each(|item| *item = item.unmarked());
        }
        if element.is_primitive() {
            items.sort_by(primitive_order);
        } else {
            items.sort_by_cached_key(|item| {
                let mut text = String::new();
                order_text(item, &mut text);
                text
            });
        }
        // What is unknown may differ still.
        items.dedup_by(|right, left| left == right && left.is_wholly_known());
        Value::from(Kind::Set(Arc::new(Sequence { element, items }))).with_marks(marks)
    }
}

fn primitive_order(left: &Value, right: &Value) -> Ordering {
    let rank = |value: &Value| match value.kind() {
        Kind::Unknown(_) => 1,
        Kind::Null(_) => 2,
        _ => 0,
    };
    rank(left).cmp(&rank(right)).then_with(|| match (left.kind(), right.kind()) {
        (Kind::Bool(left), Kind::Bool(right)) => left.cmp(right),
        (Kind::Number(left), Kind::Number(right)) => left.cmp(right),
        (Kind::String(left), Kind::String(right)) => left.cmp(right),
        _ => Ordering::Equal,
    })
}

fn order_text(value: &Value, text: &mut String) {
    let bracketed = |text: &mut String, open: char, close: char| {
        text.push(open);
        for child in value.children() {
            order_text(child, text);
        }
        text.push(close);
    };
    match value.kind() {
        Kind::Null(_) => text.push('~'),
        Kind::Unknown(_) => text.push('?'),
        Kind::Bool(truth) => text.push(if *truth { 'T' } else { 'F' }),
        Kind::Number(number) => {
            // Writing to a string cannot fail.
            let _ = write!(text, "{number};");
        }
        Kind::String(string) => {
            let _ = write!(text, "{string:?};");
        }
        Kind::List(_) | Kind::Set(_) => bracketed(text, '[', ']'),
        Kind::Tuple(_) | Kind::Object(_) => bracketed(text, '<', '>'),
        Kind::Map(table) => {
            text.push('{');
            for (key, item) in &table.items {
                let _ = write!(text, "{key:?}:");
                order_text(item, text);
                text.push(';');
            }
            text.push('}');
        }
    }
}
