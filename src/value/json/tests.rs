//! Round trips, and what `jsonencode` escapes.

use super::*;

fn round_trip(value: &Value, ty: &Type, text: &str) {
    assert_eq!(to_typed(value, ty), text);
    assert_eq!(from_typed(text, ty).as_ref(), Ok(value));
}

#[test]
fn typed_values_come_back() {
    let list = Value::list(
        Type::Number,
        vec![Value::from(1_i64), Value::from(Number::parse("0.5").unwrap())],
    );
    round_trip(&list, &Type::list(Type::Number), "[1,0.5]");
    round_trip(&list, &Type::Any, "{\"value\":[1,0.5],\"type\":[\"list\",\"number\"]}");
    round_trip(&Value::null(), &Type::Any, "null");
    round_trip(&Value::null_of(Type::String), &Type::Any, "{\"value\":null,\"type\":\"string\"}");
    let object = Value::object([("a", Value::from("x")), ("b", Value::null_of(Type::Bool))]);
    let ty = Type::object([("a", Type::Any), ("b", Type::Bool)]);
    round_trip(&object, &ty, "{\"a\":{\"value\":\"x\",\"type\":\"string\"},\"b\":null}");
    let big = Value::from(Number::parse("123456789012345678901234567890.5").unwrap());
    round_trip(&big, &Type::Number, "123456789012345678901234567890.5");
}

#[test]
fn plain_text_is_as_jsonencode_writes_it() {
    let value = Value::object([
        ("z", Value::from("<a & \"b\">\n\u{1}é")),
        ("a", Value::tuple([Value::null(), Value::from(true)])),
    ]);
    let text = "{\"a\":[null,true],\"z\":\"\\u003ca \\u0026 \\\"b\\\"\\u003e\\n\\u0001é\"}";
    assert_eq!(to_plain(&value), text);
    assert_eq!(from_plain(text), Ok(value));
}

#[test]
fn wrong_shapes_are_errors() {
    for (text, ty) in [
        ("{", Type::String),
        ("[1]", Type::String),
        ("[1,2]", Type::tuple([Type::Number])),
        ("{\"x\":1}", Type::Any),
        ("\"abc\"", Type::Number),
    ] {
        assert!(from_typed(text, &ty).is_err(), "{text}");
    }
}

#[test]
fn types_come_back() {
    let ty = Type::object([
        ("a", Type::list(Type::map(Type::Bool))),
        ("b", Type::tuple([Type::set(Type::String), Type::Any])),
    ]);
    assert_eq!(type_from_json(&type_to_json(&ty)), Ok(ty));
    assert!(type_from_json(&Json::from("text")).is_err());
}
