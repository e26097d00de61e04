//! Conversions as the language does them.

use super::*;
use crate::Marks;

fn check(value: Value, wanted: &Type, expected: Result<Value, &str>) {
    let result = convert(&value, wanted).map_err(|error| error.to_string());
    assert_eq!(result, expected.map_err(str::to_owned), "{value:?} to {wanted:?}");
}

fn strings(items: &[&str]) -> Vec<Value> {
    items.iter().map(|item| Value::from(*item)).collect()
}

#[test]
fn primitives() {
    check(Value::from(1_i64), &Type::String, Ok(Value::from("1")));
    check(Value::from(true), &Type::String, Ok(Value::from("true")));
    check(Value::from("1.50"), &Type::Number, Ok(Value::from(Number::parse("1.5").unwrap())));
    check(Value::from("1"), &Type::Bool, Ok(Value::from(true)));
    check(Value::from("yes"), &Type::Bool, Err("a bool is required"));
    check(Value::from(1_i64), &Type::Bool, Err("a bool is required"));
    check(Value::from("twelve"), &Type::Number, Err("a number is required"));
    check(Value::tuple([]), &Type::String, Err("string required"));
}

#[test]
fn collections() {
    let mixed = Value::tuple([Value::from("a"), Value::from(2_i64)]);
    let list = Value::list(Type::String, strings(&["a", "2"]));
    check(mixed.clone(), &Type::list(Type::String), Ok(list.clone()));
    check(mixed.clone(), &Type::list(Type::Any), Ok(list));
    check(mixed, &Type::list(Type::Number), Err("[0]: a number is required"));
    check(
        Value::tuple([Value::from(1_i64), Value::tuple([])]),
        &Type::list(Type::Any),
        Err("all list elements must have the same type"),
    );
    let twice = Value::tuple(strings(&["b", "a", "b"]));
    check(twice, &Type::set(Type::String), Ok(Value::set(Type::String, strings(&["a", "b"]))));
    check(Value::tuple([]), &Type::list(Type::Any), Ok(Value::list(Type::Any, vec![])));
}

#[test]
fn objects() {
    let given = Value::object([("a", Value::from(5_i64)), ("extra", Value::from(true))]);
    let wanted = Type::object([("a", Type::String)]);
    check(given, &wanted, Ok(Value::object([("a", Value::from("5"))])));
    check(Value::object::<Str>([]), &wanted, Err("attribute \"a\" is required"));
    let mut optional = ObjectType::default();
    optional.attributes.insert("a".into(), Type::String);
    optional.optional.insert("a".into());
    check(
        Value::object::<Str>([]),
        &Type::Object(optional.into()),
        Ok(Value::object([("a", Value::null_of(Type::String))])),
    );
}

#[test]
fn unknown_and_marked() {
    let unknown = Value::unknown(Type::Any).with_marks(Marks::SENSITIVE);
    check(unknown, &Type::Bool, Ok(Value::unknown(Type::Bool).with_marks(Marks::SENSITIVE)));
    check(
        Value::unknown(Type::Number),
        &Type::list(Type::Any),
        Err("list of any single type required"),
    );
    let inner = Value::tuple([Value::from(1_i64).with_marks(Marks::SENSITIVE)]);
    let expected = Value::list(Type::String, vec![Value::from("1").with_marks(Marks::SENSITIVE)]);
    check(inner, &Type::list(Type::String), Ok(expected));
}
