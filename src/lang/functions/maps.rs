//! Maps and objects.

use std::collections::BTreeMap;

use skyform_value::{Kind, Marks, Str, Type, Value, convert};

use super::FunctionError;
use super::signature::{
    Answer, Arguments, Function, ResultType, any, function, list_of_string, parameter, parts,
    string, strings, unknown, variadic,
};

pub(super) const FUNCTIONS: &[Function] = &[
    function("keys", &[unknown("inputMap", any).marks_stay()], any, keys).typed(keys_type),
    variadic(
        "lookup",
        &[unknown("inputMap", any).marks_stay(), parameter("key", string)],
        parameter("default", any).unknown().open().null().marked(),
        any,
        lookup,
    )
    .typed(lookup_type)
    .may_be_null(),
    variadic("merge", &[], parts("maps", any).open().null(), any, merge).typed(merge_type),
    function("transpose", &[parameter("values", map_of_lists)], map_of_lists, transpose),
    function("values", &[parts("mapping", any)], any, values).typed(values_type),
    function("zipmap", &[parts("keys", list_of_string), parts("values", any)], any, zipmap)
        .typed(zipmap_type),
];

fn map_of_lists() -> Type {
    Type::map(Type::list(Type::String))
}

fn keys_type(arguments: &Arguments<'_>) -> ResultType {
    match arguments.values[0].ty() {
        Type::Map(_) => Ok(list_of_string()),
        Type::Object(object) => Ok(Type::tuple(object.attributes.keys().map(|_| Type::String))),
        _ => Err(arguments.wrong(0, "must have map or object type")),
    }
}

fn keys(arguments: &Arguments<'_>) -> Answer {
    let map = &arguments.values[0];
    // An object's attributes are known by its type.
    if let Type::Object(object) = map.ty() {
        return Ok(Value::tuple(object.attributes.keys().map(|key| Value::from(key.clone()))));
    }
    match map.kind() {
        Kind::Map(table) => Ok(strings(table.items.keys().cloned())),
        _ => keys_type(arguments).map(Value::unknown),
    }
}

fn values_type(arguments: &Arguments<'_>) -> ResultType {
    match arguments.values[0].ty() {
        Type::Map(element) => Ok(Type::list((*element).clone())),
        Type::Object(object) => Ok(Type::tuple(object.attributes.values().cloned())),
        _ => Err(arguments.wrong(0, "values() requires a map as the first argument")),
    }
}

fn values(arguments: &Arguments<'_>) -> Answer {
    match arguments.values[0].kind() {
        Kind::Map(table) => {
            Ok(Value::list(table.element.clone(), table.items.values().cloned().collect()))
        }
        Kind::Object(table) => Ok(Value::tuple(table.values().cloned())),
        _ => values_type(arguments).map(Value::unknown),
    }
}

/// The default has to be of the type of a map's elements, whether it is needed or not.
fn default_of(arguments: &Arguments<'_>) -> Result<Option<Value>, FunctionError> {
    let Some(default) = arguments.values.get(2) else { return Ok(None) };
    match arguments.values[0].ty() {
        Type::Map(element) => convert(default, &element).map(Some).map_err(|_| {
            arguments.wrong(2, "the default value must have the same type as the map elements")
        }),
        _ => Ok(Some(default.clone())),
    }
}

fn lookup_type(arguments: &Arguments<'_>) -> ResultType {
    let (map, key) = (&arguments.values[0], &arguments.values[1]);
    let default = default_of(arguments)?;
    match map.ty() {
        Type::Map(element) => Ok((*element).clone()),
        Type::Object(_) if !key.is_known() => Ok(Type::Any),
        Type::Object(object) => match (object.attributes.get(arguments.text(1)), default) {
            (Some(ty), _) => Ok(ty.clone()),
            (None, Some(default)) => Ok(default.ty()),
            (None, None) => Err(missing(arguments.text(1))),
        },
        _ => Err(arguments.wrong(0, "lookup() requires a map as the first argument")),
    }
}

fn missing(key: &str) -> FunctionError {
    format!("the given key \"{key}\" does not identify an element in this collection value").into()
}

fn lookup(arguments: &Arguments<'_>) -> Answer {
    if arguments.values.len() > 3 {
        return Err(FunctionError::TooMany { most: 3 });
    }
    let ty = lookup_type(arguments)?;
    let Some(table) = arguments.values[0].as_table() else { return Ok(Value::unknown(ty)) };
    let key = arguments.text(1);
    match (table.get(key), default_of(arguments)?) {
        (Some(found), _) => Ok(found.clone()),
        (None, Some(default)) => Ok(default),
        (None, None) => Err(missing(key)),
    }
}

fn merge_type(arguments: &Arguments<'_>) -> ResultType {
    let mut attributes: BTreeMap<Str, Type> = BTreeMap::new();
    let mut all_known = true;
    for (at, value) in arguments.values.iter().enumerate() {
        match value.ty() {
            Type::Any => return Ok(Type::Any),
            Type::Object(object) if !value.is_null() => {
                attributes.extend(object.attributes.iter().map(|(n, ty)| (n.clone(), ty.clone())));
            }
            Type::Map(element) => match value.as_table() {
                Some(table) => {
                    attributes.extend(table.keys().map(|key| (key.clone(), (*element).clone())));
                }
                None => all_known &= value.is_null(),
            },
            Type::Object(_) => {}
            other => {
                let shown = other.friendly();
                let message = format!("arguments must be maps or objects, got \"{shown}\"");
                return Err(arguments.wrong(at, message));
            }
        }
    }
    let mut types = arguments.values.iter().map(Value::ty);
    match types.next() {
        Some(first) if types.all(|ty| ty == first) => Ok(first),
        _ if all_known => Ok(Type::object(attributes)),
        _ => Ok(Type::Any),
    }
}

fn merge(arguments: &Arguments<'_>) -> Answer {
    let ty = merge_type(arguments)?;
    let is_other = |value: &Value| !value.is_null() && value.as_table().is_none();
    if let Some(at) = arguments.values.iter().position(is_other) {
        let shown = arguments.values[at].ty().friendly();
        let message = format!("arguments must be maps or objects, got \"{shown}\"");
        return Err(arguments.wrong(at, message));
    }
    let tables = arguments.values.iter().filter_map(Value::as_table).flatten();
    let merged: BTreeMap<Str, Value> = tables.map(|(k, item)| (k.clone(), item.clone())).collect();
    Ok(match ty {
        Type::Map(element) => Value::map((*element).clone(), merged),
        _ => Value::object(merged),
    })
}

fn transpose(arguments: &Arguments<'_>) -> Answer {
    let mut turned: BTreeMap<Str, Vec<Value>> = BTreeMap::new();
    for (key, list) in arguments.values[0].as_table().into_iter().flatten() {
        let Some(elements) = list.as_slice() else {
            return Err(arguments.wrong(0, "input must not contain null list"));
        };
        for item in elements {
            let Some(text) = item.as_str() else {
                return Err(arguments.wrong(0, "input must not contain null values"));
            };
            turned.entry(text.into()).or_default().push(Value::from(key.clone()));
        }
    }
    let items = turned.into_iter().map(|(key, mut list)| {
        list.sort_by(|left, right| left.as_str().cmp(&right.as_str()));
        (key, super::string::text_list(list))
    });
    Ok(Value::map(Type::list(Type::String), items.collect()))
}

fn zipmap_type(arguments: &Arguments<'_>) -> ResultType {
    let keys = &arguments.values[0];
    match arguments.values[1].ty() {
        Type::List(element) => Ok(Type::map((*element).clone())),
        Type::Tuple(_) if !keys.is_wholly_known() => Ok(Type::Any),
        Type::Tuple(elements) => {
            let names = key_names(arguments)?;
            check_counts(names.len(), elements.len())?;
            Ok(Type::object(names.into_iter().zip(elements.iter().cloned())))
        }
        _ => Err(arguments.wrong(1, "values must be a list or tuple value")),
    }
}

fn key_names(arguments: &Arguments<'_>) -> Result<Vec<Str>, FunctionError> {
    let names = arguments.items(0).iter().enumerate().map(|(at, key)| match key.as_str() {
        Some(key) => Ok(Str::from(key)),
        None => Err(arguments.wrong(0, format!("keys list has null value at index {at}"))),
    });
    names.collect()
}

fn check_counts(keys: usize, values: usize) -> Result<(), FunctionError> {
    if keys == values {
        return Ok(());
    }
    Err(format!("number of keys ({keys}) does not match number of values ({values})").into())
}

fn zipmap(arguments: &Arguments<'_>) -> Answer {
    let list = &arguments.values[1];
    if !matches!(list.kind(), Kind::List(_) | Kind::Tuple(_)) {
        return Err(arguments.wrong(1, "values must be a list or tuple value"));
    }
    if !arguments.values[0].is_wholly_known() {
        return zipmap_type(arguments).map(Value::unknown);
    }
    let (names, values) = (key_names(arguments)?, list.as_slice().unwrap_or_default());
    check_counts(names.len(), values.len())?;
    let marks = arguments.items(0).iter().fold(Marks::NONE, |marks, key| marks | key.marks());
    let pairs = names.into_iter().zip(values.iter().cloned());
    let zipped = match list.kind() {
        Kind::List(sequence) => Value::map(sequence.element.clone(), pairs.collect()),
        _ => Value::object(pairs),
    };
    Ok(zipped.with_marks(marks))
}
