//! Marks come off and go back to where they were.

use super::*;
use crate::Type;

fn sample() -> Value {
    Value::object([
        ("plain", Value::from(1_i64)),
        ("list", Value::list(Type::String, vec![Value::from("a"), secret("b")])),
        ("map", Value::map(Type::String, [("k".into(), secret("v"))].into())),
    ])
}

fn secret(text: &str) -> Value {
    Value::from(text).with_marks(Marks::SENSITIVE)
}

#[test]
fn unmark_and_mark_again() {
    let (bare, marks) = sample().unmark();
    assert!(bare.deep_marks().is_empty());
    let paths: Vec<_> = marks.iter().map(|(path, _)| path.to_string()).collect();
    assert_eq!(paths, ["list[1]", "map[\"k\"]"]);
    assert_eq!(bare.mark_paths(&marks), sample());
}

#[test]
fn a_mark_that_leads_nowhere_goes_to_the_nearest_above() {
    let path = Path(vec![Step::Attribute("map".into()), Step::Key("gone".into())]);
    let marked = sample().unmarked().mark_paths(&[(path, Marks::SENSITIVE)]);
    assert_eq!(marked.get("map").map(Value::marks), Some(Marks::SENSITIVE));
    assert!(marked.marks().is_empty());
}

#[test]
fn a_set_carries_its_elements_marks() {
    let set = Value::set(Type::String, vec![Value::from("a"), secret("b")]);
    let (_, marks) = set.unmark();
    assert_eq!(marks, vec![(Path::root(), Marks::SENSITIVE)]);
}

#[test]
fn paths_lead_to_values() {
    let value = sample();
    let path = Path(vec![Step::Attribute("list".into()), Step::Index(0)]);
    assert_eq!(value.at(&path), Some(&Value::from("a")));
    assert_eq!(value.at(&Path::attribute("none")), None);
}
