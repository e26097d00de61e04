//! Values with unknowns and marks as JSON, so that they come back exactly.
//!
//! Strings and bools stand for themselves; everything else is an object with one letter as key.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use skyform_value::json::{type_from_json, type_to_json};
use skyform_value::{Kind, Marks, Number, Path, Refinements, Step, Str, Type, Value};

pub(super) fn encode(value: &Value) -> Json {
    let bare = match value.kind() {
        Kind::Null(ty) => json!({"n": type_to_json(ty)}),
        Kind::Unknown(unknown) => {
            json!({"u": type_to_json(&unknown.ty), "p": unknown.refinements.prefix.as_deref(), "f": unknown.refinements.not_null})
        }
        Kind::Bool(truth) => Json::from(*truth),
        Kind::Number(number) => json!({"d": number.to_string()}),
        Kind::String(text) => Json::from(text.as_str()),
        Kind::List(list) => json!({"l": items(&list.items), "e": type_to_json(&list.element)}),
        Kind::Set(set) => json!({"s": items(&set.items), "e": type_to_json(&set.element)}),
        Kind::Map(map) => json!({"m": table(&map.items), "e": type_to_json(&map.element)}),
        Kind::Tuple(tuple) => json!({"t": items(tuple)}),
        Kind::Object(object) => json!({"o": table(object)}),
    };
    let marks = value.marks();
    if marks.is_empty() {
        return bare;
    }
    json!({"v": bare, "x": [marks.contains(Marks::SENSITIVE), marks.contains(Marks::EPHEMERAL)]})
}

fn items(items: &[Value]) -> Vec<Json> {
    items.iter().map(encode).collect()
}

fn table(table: &BTreeMap<Str, Value>) -> Map<String, Json> {
    table.iter().map(|(name, value)| (name.to_string(), encode(value))).collect()
}

pub(super) fn decode(json: &Json) -> Result<Value, String> {
    let wrong = || format!("not a value: {json}");
    match json {
        Json::Bool(truth) => Ok(Value::from(*truth)),
        Json::String(text) => Ok(Value::from(text.as_str())),
        Json::Object(object) => {
            let ty = |name: &str| -> Result<Type, String> {
                type_from_json(object.get(name).ok_or_else(wrong)?).map_err(|error| error.0)
            };
            let list = |name: &str| -> Option<Result<Vec<Value>, String>> {
                Some(object.get(name)?.as_array()?.iter().map(decode).collect())
            };
            let named = |name: &str| -> Option<Result<BTreeMap<Str, Value>, String>> {
                let entries = object.get(name)?.as_object()?.iter();
                Some(entries.map(|(name, value)| Ok((Str::from(name), decode(value)?))).collect())
            };
            if let Some(inner) = object.get("v") {
                let mark = |at: usize| object["x"].get(at).and_then(Json::as_bool) == Some(true);
                let mut value = decode(inner)?;
                if mark(0) {
                    value = value.with_marks(Marks::SENSITIVE);
                }
                if mark(1) {
                    value = value.with_marks(Marks::EPHEMERAL);
                }
                Ok(value)
            } else if object.contains_key("n") {
                Ok(Value::null_of(ty("n")?))
            } else if object.contains_key("u") {
                let prefix = object.get("p").and_then(Json::as_str).map(Str::from);
                let not_null = object.get("f").and_then(Json::as_bool) == Some(true);
                let refinements = Refinements { prefix, not_null, ..Refinements::default() };
                Ok(Value::unknown_refined(ty("u")?, refinements))
            } else if let Some(text) = object.get("d").and_then(Json::as_str) {
                Number::parse(text).map(Value::from).ok_or_else(wrong)
            } else if let Some(items) = list("l") {
                Ok(Value::list(ty("e")?, items?))
            } else if let Some(items) = list("s") {
                Ok(Value::set(ty("e")?, items?))
            } else if let Some(items) = list("t") {
                Ok(Value::tuple(items?))
            } else if let Some(items) = named("m") {
                Ok(Value::map(ty("e")?, items?))
            } else if let Some(items) = named("o") {
                Ok(Value::object(items?))
            } else {
                Err(wrong())
            }
        }
        _ => Err(wrong()),
    }
}

pub(super) fn encode_path(path: &Path) -> Json {
    path.0
        .iter()
        .map(|step| match step {
            Step::Attribute(name) => json!({"a": name.as_str()}),
            Step::Index(index) => json!({"i": index}),
            Step::Key(key) => json!({"k": key.as_str()}),
            Step::Element(element) => json!({"e": encode(element)}),
        })
        .collect()
}

pub(super) fn decode_path(json: &Json) -> Result<Path, String> {
    let wrong = || format!("not a path: {json}");
    let steps = json.as_array().ok_or_else(wrong)?.iter().map(|step| {
        if let Some(name) = step.get("a").and_then(Json::as_str) {
            Ok(Step::Attribute(name.into()))
        } else if let Some(index) = step.get("i").and_then(Json::as_u64) {
            Ok(Step::Index(index))
        } else if let Some(key) = step.get("k").and_then(Json::as_str) {
            Ok(Step::Key(key.into()))
        } else if let Some(element) = step.get("e") {
            Ok(Step::Element(decode(element)?))
        } else {
            Err(wrong())
        }
    });
    Ok(Path(steps.collect::<Result<_, String>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_comes_back() {
        let secret = Value::from("s").with_marks(Marks::SENSITIVE | Marks::EPHEMERAL);
        let refinements =
            Refinements { not_null: true, prefix: Some("ab".into()), ..Refinements::default() };
        let value = Value::object([
            ("null", Value::null_of(Type::list(Type::Bool))),
            ("unknown", Value::unknown_refined(Type::String, refinements)),
            ("number", Value::from(Number::parse("0.1").unwrap())),
            ("list", Value::list(Type::String, vec![secret, Value::from("x")])),
            ("set", Value::set(Type::Number, vec![Value::from(2_i64), Value::from(1_i64)])),
            ("map", Value::map(Type::Bool, [("k".into(), Value::from(true))].into())),
            ("tuple", Value::tuple([Value::null(), Value::from(false)])),
        ]);
        assert_eq!(decode(&encode(&value)), Ok(value));
        let path = Path(vec![Step::Attribute("a".into()), Step::Index(1), Step::Key("k".into())]);
        assert_eq!(decode_path(&encode_path(&path)), Ok(path));
        assert!(decode(&json!({"z": 1})).is_err());
        assert!(decode(&json!(1)).is_err());
    }
}
