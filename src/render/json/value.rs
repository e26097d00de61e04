//! Values as plain JSON, and trees that say where they are unknown or sensitive.

use serde_json::Value as Json;
use skyform_value::{Kind, Marks, Type, Value};

/// A value as plain JSON; what is unknown is left out of objects and null elsewhere.
pub fn plain(value: &Value) -> Json {
    match value.kind() {
        Kind::Null(_) | Kind::Unknown(_) => Json::Null,
        Kind::Bool(truth) => Json::from(*truth),
        Kind::Number(number) => serde_json::from_str(&number.to_string()).unwrap_or(Json::Null),
        Kind::String(text) => Json::from(text.as_str()),
        Kind::List(_) | Kind::Set(_) | Kind::Tuple(_) => value.children().map(plain).collect(),
        Kind::Map(_) | Kind::Object(_) => {
            let table = value.as_table().into_iter().flatten();
            let known = table.filter(|(_, item)| item.is_known());
            Json::Object(known.map(|(name, item)| (name.to_string(), plain(item))).collect())
        }
    }
}

/// A tree of `true` wherever `is` holds, in the shape of the value; `false` where nowhere.
fn tree(value: &Value, is: &impl Fn(&Value) -> bool) -> Json {
    if is(value) {
        return Json::from(true);
    }
    match value.kind() {
        Kind::List(_) | Kind::Set(_) | Kind::Tuple(_) => {
            value.children().map(|item| tree(item, is)).collect()
        }
        Kind::Map(_) | Kind::Object(_) => {
            let table = value.as_table().into_iter().flatten();
            let found = table.map(|(name, item)| (name.to_string(), tree(item, is)));
            Json::Object(found.filter(|(_, found)| found.as_bool() != Some(false)).collect())
        }
        Kind::Unknown(_) => match value.ty() {
            Type::Object(_) | Type::Map(_) => Json::Object(serde_json::Map::new()),
            Type::Tuple(_) | Type::List(_) | Type::Set(_) => Json::Array(Vec::new()),
            _ => Json::from(false),
        },
        _ => Json::from(false),
    }
}

/// Where a value is known only after apply.
pub(super) fn unknown(value: &Value) -> Json {
    if value.is_wholly_known() {
        return Json::Object(serde_json::Map::new());
    }
    tree(value, &|value| !value.is_known())
}

/// Where a value is sensitive; what is not known yet has nothing in it.
pub(super) fn sensitive(value: &Value) -> Json {
    tree(value, &|value| value.marks().contains(Marks::SENSITIVE))
}
