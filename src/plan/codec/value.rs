//! Values with unknowns and marks as JSON, so that they come back exactly.
//!
//! Strings and bools stand for themselves; everything else is an object with one letter as key.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use skyform_value::json::{type_from_json, type_to_json};
use skyform_value::{Kind, Marks, Number, Path, Refinements, Step, Str, Value};

use super::fields::Fields;

pub(super) fn encode(value: &Value) -> Json {
    let bare = match value.kind() {
        Kind::Null(ty) => json!({"n": type_to_json(ty)}),
        Kind::Unknown(unknown) => {
            json!({"u": type_to_json(&unknown.ty), "p": unknown.refinements.prefix.as_deref(), "f": unknown.refinements.not_null, "r": encode_refinements(&unknown.refinements)})
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
    let object = match json {
        Json::Bool(truth) => return Ok(Value::from(*truth)),
        Json::String(text) => return Ok(Value::from(text.as_str())),
        Json::Object(object) => object,
        _ => return Err(format!("not a value: {json}")),
    };
    let fields = Fields::of("a value", json);
    let ty = |name: &str| type_from_json(fields.any(name)?).map_err(|error| error.0);
    let items = |name: &str| fields.list(name, decode);
    if object.contains_key("v") {
        let value = decode(fields.any("v")?)?;
        return Ok(value.with_marks(decode_marks(fields.any("x")?)?));
    }
    // An object of a configuration is below "o", so that its names cannot be taken for these.
    let known = ["n", "u", "d", "l", "s", "t", "m", "o"];
    match known.into_iter().find(|name| object.contains_key(*name)) {
        Some("n") => Ok(Value::null_of(ty("n")?)),
        Some("u") => Ok(Value::unknown_refined(ty("u")?, decode_refinements(fields)?)),
        Some("d") => {
            let text = fields.text("d")?;
            let number = Number::parse(&text).ok_or_else(|| format!("not a number: {text}"))?;
            Ok(Value::from(number))
        }
        Some("l") => Ok(Value::list(ty("e")?, items("l")?)),
        Some("s") => Ok(Value::set(ty("e")?, items("s")?)),
        Some("t") => Ok(Value::tuple(items("t")?)),
        Some("m") => Ok(Value::map(ty("e")?, decode_table(fields, "m")?)),
        Some(name) => Ok(Value::object(decode_table(fields, name)?)),
        None => Err(format!("not a value: {json}")),
    }
}

fn decode_table(fields: Fields<'_>, name: &str) -> Result<BTreeMap<Str, Value>, String> {
    let entries = fields.table(name)?.iter();
    entries.map(|(name, value)| Ok((Str::from(name), decode(value)?))).collect()
}

fn decode_marks(json: &Json) -> Result<Marks, String> {
    let row = Fields::of("a value's marks", json);
    let mut marks = Marks::NONE;
    for (at, mark) in [Marks::SENSITIVE, Marks::EPHEMERAL].into_iter().enumerate() {
        if row.flag(at)? {
            marks |= mark;
        }
    }
    Ok(marks)
}

fn encode_refinements(refinements: &Refinements) -> Json {
    let bound = |bound: &Option<(Number, bool)>| {
        bound.as_ref().map(|(number, inclusive)| json!([number.to_string(), inclusive]))
    };
    json!({
        "length": [refinements.min_length, refinements.max_length],
        "bounds": [bound(&refinements.min), bound(&refinements.max)],
    })
}

fn decode_refinements(fields: Fields<'_>) -> Result<Refinements, String> {
    let mut refinements = Refinements {
        prefix: fields.optional_text("p")?.map(|prefix| Str::from(prefix.as_str())),
        not_null: fields.flag("f")?,
        ..Refinements::default()
    };
    // Plan files of earlier versions have no more.
    if let Ok(json) = fields.any("r") {
        let more = Fields::of("what is known of a value", json);
        let length = Fields::of("a length", more.any("length")?);
        let bounds = Fields::of("bounds", more.any("bounds")?);
        refinements.min_length = length.optional_count(0)?;
        refinements.max_length = length.optional_count(1)?;
        refinements.min = decode_bound(bounds.any(0)?)?;
        refinements.max = decode_bound(bounds.any(1)?)?;
    }
    Ok(refinements)
}

fn decode_bound(json: &Json) -> Result<Option<(Number, bool)>, String> {
    if json.is_null() {
        return Ok(None);
    }
    let row = Fields::of("a bound", json);
    let number = Number::parse(&row.text(0)?).ok_or_else(|| format!("not a bound: {json}"))?;
    Ok(Some((number, row.flag(1)?)))
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
    use skyform_value::Type;

    use super::*;

    #[test]
    fn every_kind_of_value_comes_back() {
        let secret = Value::from("s").with_marks(Marks::SENSITIVE | Marks::EPHEMERAL);
        let refinements =
            Refinements { not_null: true, prefix: Some("ab".into()), ..Refinements::default() };
        let length =
            Refinements { min_length: Some(1), max_length: Some(3), ..Refinements::default() };
        let bounds = Refinements {
            min: Some((Number::parse("0.5").unwrap(), true)),
            max: Some((Number::parse("2").unwrap(), false)),
            ..Refinements::default()
        };
        let value = Value::object([
            ("null", Value::null_of(Type::list(Type::Bool))),
            ("unknown", Value::unknown_refined(Type::String, refinements)),
            ("length", Value::unknown_refined(Type::list(Type::Bool), length)),
            ("bounds", Value::unknown_refined(Type::Number, bounds)),
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
