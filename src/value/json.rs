//! JSON: plain (as `jsonencode` writes it) and by type (as state and plan files hold it).
//!
//! Numbers are written and read as exact decimal text, never through a 64-bit float.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::{Kind, Number, Str, Type, Value, unify};

/// Why JSON text is not a value of a type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct JsonError(pub String);

/// Plain JSON of a value that is wholly known: marks are not looked at, unknown becomes null.
pub fn to_plain(value: &Value) -> String {
    let mut text = String::new();
    write_value(&mut text, value, &Type::String, Escape::Html);
    text
}

/// JSON of a value for a place of type `ty`: where the type says `any`, the value's own type is
/// written with it (`{"value": ..., "type": ...}`). Unknown values become null.
pub fn to_typed(value: &Value, ty: &Type) -> String {
    let mut text = String::new();
    write_value(&mut text, value, ty, Escape::Plain);
    text
}

/// JSON text of a string.
pub fn quote(text: &str) -> String {
    let mut quoted = String::new();
    write_string(&mut quoted, text, Escape::Plain);
    quoted
}

/// Reads JSON that [`to_typed`] wrote, or that Terraform did.
///
/// # Errors
/// If the text is not JSON or not of the type.
pub fn from_typed(text: &str, ty: &Type) -> Result<Value, JsonError> {
    let json: Json = serde_json::from_str(text).map_err(|error| JsonError(error.to_string()))?;
    decode(&json, ty)
}

/// Reads any JSON as a value of the type that it implies: arrays are tuples, objects are objects.
///
/// # Errors
/// If the text is not JSON.
pub fn from_plain(text: &str) -> Result<Value, JsonError> {
    let json: Json = serde_json::from_str(text).map_err(|error| JsonError(error.to_string()))?;
    Ok(implied(&json))
}

/// A JSON document as a value of the type that it implies.
pub fn implied(json: &Json) -> Value {
    match json {
        Json::Null => Value::null(),
        Json::Bool(truth) => Value::from(*truth),
        Json::Number(number) => {
            Number::parse(&number.to_string()).map_or(Value::null(), Value::from)
        }
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::tuple(items.iter().map(implied)),
        Json::Object(table) => {
            Value::object(table.iter().map(|(key, item)| (key.as_str(), implied(item))))
        }
    }
}

/// A type as JSON: `"string"`, `["list","string"]`, `["object",{...}]`.
pub fn type_to_json(ty: &Type) -> Json {
    let pair = |kind: &str, element: Json| Json::Array(vec![Json::from(kind), element]);
    match ty {
        Type::Any => Json::from("dynamic"),
        Type::Bool => Json::from("bool"),
        Type::Number => Json::from("number"),
        Type::String => Json::from("string"),
        Type::List(element) => pair("list", type_to_json(element)),
        Type::Set(element) => pair("set", type_to_json(element)),
        Type::Map(element) => pair("map", type_to_json(element)),
        Type::Tuple(elements) => {
            pair("tuple", Json::Array(elements.iter().map(type_to_json).collect()))
        }
        Type::Object(object) => {
            let attributes = object.attributes.iter();
            let attributes = attributes.map(|(name, ty)| (name.to_string(), type_to_json(ty)));
            pair("object", Json::Object(attributes.collect()))
        }
    }
}

/// Reads a type from text.
///
/// # Errors
/// If it is not one.
pub fn type_from_text(text: &str) -> Result<Type, JsonError> {
    let json = serde_json::from_str(text).map_err(|error| JsonError(error.to_string()))?;
    type_from_json(&json)
}

/// Reads a type that [`type_to_json`] wrote.
///
/// # Errors
/// If it is not one.
pub fn type_from_json(json: &Json) -> Result<Type, JsonError> {
    let wrong = || JsonError(format!("not a type: {json}"));
    match json {
        Json::String(name) => match name.as_str() {
            "dynamic" => Ok(Type::Any),
            "bool" => Ok(Type::Bool),
            "number" => Ok(Type::Number),
            "string" => Ok(Type::String),
            _ => Err(wrong()),
        },
        Json::Array(parts) => match parts.as_slice() {
            [Json::String(kind), Json::Array(elements)] if kind == "tuple" => {
                Ok(Type::tuple(elements.iter().map(type_from_json).collect::<Result<Vec<_>, _>>()?))
            }
            [Json::String(kind), Json::Object(attributes), ..] if kind == "object" => {
                let attributes = attributes.iter();
                let attributes =
                    attributes.map(|(name, ty)| Ok((Str::from(name), type_from_json(ty)?)));
                Ok(Type::object(attributes.collect::<Result<Vec<_>, JsonError>>()?))
            }
            [Json::String(kind), element] => match kind.as_str() {
                "list" => type_from_json(element).map(Type::list),
                "set" => type_from_json(element).map(Type::set),
                "map" => type_from_json(element).map(Type::map),
                _ => Err(wrong()),
            },
            _ => Err(wrong()),
        },
        _ => Err(wrong()),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Escape {
    /// What the language's `jsonencode` escapes, `<`, `>` and `&` among it.
    Html,
    Plain,
}

fn write_value(text: &mut String, value: &Value, ty: &Type, escape: Escape) {
    let own = if *ty == Type::Any { value.ty() } else { Type::Any };
    // What has no type of its own, a bare null or unknown, has none to be written either.
    if own != Type::Any {
        text.push_str("{\"value\":");
        write_value(text, value, &own, escape);
        text.push_str(",\"type\":");
        text.push_str(&type_to_json(&own).to_string());
        text.push('}');
        return;
    }
    let element = ty.element();
    match value.kind() {
        Kind::Null(_) | Kind::Unknown(_) => text.push_str("null"),
        Kind::Bool(truth) => text.push_str(if *truth { "true" } else { "false" }),
        // JSON has no infinities; what reads a number accepts text, too.
        Kind::Number(number) if !number.is_finite() => {
            let _ = write!(text, "\"{number}\"");
        }
        Kind::Number(number) => {
            // Writing to a string cannot fail.
            let _ = write!(text, "{number}");
        }
        Kind::String(string) => write_string(text, string, escape),
        Kind::List(sequence) | Kind::Set(sequence) => {
            write_items(text, &sequence.items, |_| element.unwrap_or(&Type::String), escape);
        }
        Kind::Tuple(items) => {
            let types = match ty {
                Type::Tuple(types) => types.to_vec(),
                _ => Vec::new(),
            };
            let of = |index: usize| types.get(index).unwrap_or(&Type::String);
            write_items(text, items, of, escape);
        }
        Kind::Map(table) => {
            write_table(text, &table.items, |_| element.unwrap_or(&Type::String), escape);
        }
        Kind::Object(attributes) => {
            let of = |name: &str| match ty {
                Type::Object(object) => object.attributes.get(name).unwrap_or(&Type::String),
                _ => &Type::String,
            };
            write_table(text, attributes, of, escape);
        }
    }
}

fn write_items<'t>(
    text: &mut String,
    items: &[Value],
    ty: impl Fn(usize) -> &'t Type,
    escape: Escape,
) {
    text.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write_value(text, item, ty(index), escape);
    }
    text.push(']');
}

fn write_table<'t>(
    text: &mut String,
    table: &BTreeMap<Str, Value>,
    ty: impl Fn(&str) -> &'t Type,
    escape: Escape,
) {
    text.push('{');
    for (index, (key, item)) in table.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write_string(text, key, escape);
        text.push(':');
        write_value(text, item, ty(key), escape);
    }
    text.push('}');
}

fn write_string(text: &mut String, string: &str, escape: Escape) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '<' | '>' | '&' if escape == Escape::Html => {
                let _ = write!(text, "\\u{:04x}", u32::from(character));
            }
            '\u{2028}' | '\u{2029}' => {
                let _ = write!(text, "\\u{:04x}", u32::from(character));
            }
            other if u32::from(other) < 0x20 => {
                let _ = write!(text, "\\u{:04x}", u32::from(other));
            }
            other => text.push(other),
        }
    }
    text.push('"');
}

/// A JSON document as a value of type `ty`.
///
/// # Errors
/// If it is not one.
pub fn decode(json: &Json, ty: &Type) -> Result<Value, JsonError> {
    let wrong = || Err(JsonError(format!("expected {}, found {}", ty.friendly(), brief(json))));
    match (ty, json) {
        (Type::Any, Json::Null) => Ok(Value::null()),
        (Type::Any, Json::Object(table)) => match (table.get("type"), table.get("value")) {
            (Some(ty), Some(value)) if table.len() == 2 => decode(value, &type_from_json(ty)?),
            _ => wrong(),
        },
        (ty, Json::Null) => Ok(Value::null_of(ty.clone())),
        (Type::Bool, Json::Bool(truth)) => Ok(Value::from(*truth)),
        (Type::Number, Json::Number(number)) => match Number::parse(&number.to_string()) {
            Some(number) => Ok(Value::from(number)),
            None => wrong(),
        },
        (Type::String, Json::String(text)) => Ok(Value::from(text.as_str())),
        // Older writers stored primitives as each other.
        (Type::String, Json::Bool(_) | Json::Number(_)) => Ok(Value::from(json.to_string())),
        (Type::Number, Json::String(text)) => match Number::parse(text) {
            Some(number) => Ok(Value::from(number)),
            None => wrong(),
        },
        (Type::Bool, Json::String(text)) => match text.as_str() {
            "true" => Ok(Value::from(true)),
            "false" => Ok(Value::from(false)),
            _ => wrong(),
        },
        (Type::List(element), Json::Array(items)) => {
            let items = items.iter().map(|item| decode(item, element));
            let items = items.collect::<Result<Vec<_>, _>>()?;
            Ok(Value::list(settle(element, &items), items))
        }
        (Type::Set(element), Json::Array(items)) => {
            let items = items.iter().map(|item| decode(item, element));
            let items = items.collect::<Result<Vec<_>, _>>()?;
            Ok(Value::set(settle(element, &items), items))
        }
        (Type::Map(element), Json::Object(table)) => {
            let items =
                table.iter().map(|(key, item)| Ok((Str::from(key), decode(item, element)?)));
            let items = items.collect::<Result<BTreeMap<_, _>, JsonError>>()?;
            let values: Vec<Value> = items.values().cloned().collect();
            Ok(Value::map(settle(element, &values), items))
        }
        (Type::Tuple(types), Json::Array(items)) if types.len() == items.len() => {
            let items = items.iter().zip(types.iter()).map(|(item, ty)| decode(item, ty));
            Ok(Value::tuple(items.collect::<Result<Vec<_>, _>>()?))
        }
        (Type::Object(object), Json::Object(table)) => {
            let attributes = object.attributes.iter().map(|(name, ty)| {
                let value = table.get(name.as_str()).unwrap_or(&Json::Null);
                Ok((name.clone(), decode(value, ty)?))
            });
            Ok(Value::object(attributes.collect::<Result<Vec<_>, JsonError>>()?))
        }
        _ => wrong(),
    }
}

fn settle(element: &Type, items: &[Value]) -> Type {
    if !element.has_any() {
        return element.clone();
    }
    let types: Vec<Type> = items.iter().map(Value::ty).collect();
    unify(&types).unwrap_or_else(|| element.clone())
}

fn brief(json: &Json) -> String {
    let text = json.to_string();
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests;
