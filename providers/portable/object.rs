//! Attributes of the objects that blocks make.

use std::collections::BTreeMap;

use skyform_provider_sdk::Problem;
use skyform_value::{Step, Str, Type, Value};

/// An attribute; null without it.
pub(crate) fn part(object: &Value, name: &str) -> Value {
    object.get(name).cloned().unwrap_or_else(Value::null)
}

/// A known text; empty without it.
pub(crate) fn text(object: &Value, name: &str) -> String {
    object.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Whether an attribute is true.
pub(crate) fn truth(object: &Value, name: &str) -> bool {
    object.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// A known whole number.
pub(crate) fn whole(object: &Value, name: &str) -> Option<u64> {
    object.get(name)?.as_number()?.to_u64()
}

/// A known list of texts; empty without it.
pub(crate) fn texts(object: &Value, name: &str) -> Vec<String> {
    let items = object.get(name).and_then(Value::as_slice).unwrap_or_default();
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A known map of texts; empty without it.
pub(crate) fn text_map(object: &Value, name: &str) -> BTreeMap<String, String> {
    let items = object.get(name).and_then(Value::as_table).into_iter().flatten();
    items.filter_map(|(name, value)| Some((name.to_string(), value.as_str()?.to_owned()))).collect()
}

/// Objects of a known list; none without it.
pub(crate) fn blocks<'a>(object: &'a Value, name: &str) -> &'a [Value] {
    object.get(name).and_then(Value::as_slice).unwrap_or_default()
}

/// An attribute that is given: known or not, but not null.
pub(crate) fn given(object: &Value, name: &str) -> Option<Value> {
    object.get(name).filter(|value| !value.is_null()).cloned()
}

/// The object with some attributes changed or added.
pub(crate) fn with<const N: usize>(object: &Value, changes: [(&str, Value); N]) -> Value {
    let attributes = object.as_table().into_iter().flatten();
    let attributes = attributes.map(|(name, value)| (name.clone(), value.clone()));
    let changes = changes.into_iter().map(|(name, value)| (Str::from(name), value));
    Value::object(attributes.chain(changes))
}

/// Whether a problem is at an attribute that is known only after apply, where it is looked for again.
pub(crate) fn is_open(planned: &Value, problem: &Problem) -> bool {
    let first = problem.attribute.as_ref().and_then(|path| path.0.first());
    let Some(Step::Attribute(name)) = first else { return false };
    planned.get(name).is_some_and(|value| !value.is_wholly_known())
}

/// Whether attributes are the same in both objects; names of those that are not.
pub(crate) fn changed<'a>(before: &Value, after: &Value, names: &[&'a str]) -> Vec<&'a str> {
    names.iter().copied().filter(|name| part(before, name) != part(after, name)).collect()
}

/// A text that is known after apply only.
pub(crate) fn unknown_text() -> Value {
    Value::unknown(Type::String)
}
