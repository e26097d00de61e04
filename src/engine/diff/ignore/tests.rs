//! What `ignore_changes` keeps.

use skyform_diag::{SourceId, Span};
use skyform_value::Type;
use skyform_value::schema::Attribute;

use super::*;

fn tags(pairs: &[(&str, &str)]) -> Value {
    let items = pairs.iter().map(|(key, value)| ((*key).into(), Value::from(*value))).collect();
    Value::map(Type::String, items)
}

fn object(size: i64, tags: Value) -> Value {
    Value::object([("size", Value::from(size)), ("tags", tags), ("id", Value::from("i"))])
}

fn check(ignore: &[&[Step]], prior: &Value, config: &Value, expected: &Value) {
    let block = Block::with([
        ("size", Attribute::required(Type::Number)),
        ("tags", Attribute::optional(Type::map(Type::String))),
        ("id", Attribute::computed(Type::String)),
    ]);
    let span = Span::new(SourceId(0), 0, 0);
    let paths = ignore.iter().map(|steps| (Path(steps.to_vec()), span)).collect();
    assert_eq!(&ignore_changes(&IgnoreChanges::Paths(paths), &block, prior, config), expected);
}

#[test]
fn whole_attributes_and_single_keys() {
    let prior = object(1, tags(&[("a", "old"), ("gone", "x")]));
    let config = object(2, tags(&[("a", "new"), ("b", "new")]));
    let attribute = |name: &str| Step::Attribute(name.into());
    let key = |name: &str| Step::Key(name.into());
    check(
        &[&[attribute("size")]],
        &prior,
        &config,
        &object(1, tags(&[("a", "new"), ("b", "new")])),
    );
    check(
        &[&[attribute("tags"), key("a")]],
        &prior,
        &config,
        &object(2, tags(&[("a", "old"), ("b", "new")])),
    );
    check(
        &[&[attribute("tags"), key("gone")], &[attribute("tags"), key("b")]],
        &prior,
        &config,
        &object(2, tags(&[("a", "new"), ("gone", "x")])),
    );
}

#[test]
fn nothing_is_ignored_for_a_new_object() {
    let config = object(2, tags(&[]));
    let none = Value::null();
    check(&[&[Step::Attribute("size".into())]], &none, &config, &config);
}
