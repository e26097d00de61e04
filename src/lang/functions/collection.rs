//! Lists, maps and objects.

use std::collections::BTreeMap;

use skyform_value::{Kind, Marks, Str, Type, Value, convert, equals, unify};

use super::FunctionError;
use super::signature::{
    Answer, Arguments, Function, any, bool, function, list_of_any, list_of_string, nullable,
    number, parameter, partly, string, strings, variadic,
};

pub(super) const FUNCTIONS: &[Function] = &[
    function("alltrue", &[partly("list", list_of_bool)], bool, |a| quantify(a, true)),
    function("anytrue", &[partly("list", list_of_bool)], bool, |a| quantify(a, false)),
    function(
        "chunklist",
        &[partly("list", list_of_any), parameter("size", number)],
        list_of_any,
        chunk,
    ),
    variadic("coalesce", &[], nullable("vals", any), any, coalesce),
    variadic("coalescelist", &[], nullable("vals", any), any, coalesce_list),
    function("compact", &[parameter("list", nullable_strings)], list_of_string, compact),
    variadic("concat", &[], partly("seqs", any), any, concat),
    function("contains", &[partly("list", any), partly("value", any)], bool, contains),
    function("distinct", &[parameter("list", list_of_any)], list_of_any, distinct),
    function("element", &[partly("list", any), parameter("index", number)], any, element),
    function("flatten", &[partly("list", any)], any, flatten),
    function("index", &[partly("list", any), partly("value", any)], number, index),
    function("keys", &[partly("inputMap", any)], any, keys),
    function("length", &[partly("value", any)], number, length),
    variadic(
        "lookup",
        &[partly("inputMap", any), parameter("key", string)],
        nullable("default", any),
        any,
        lookup,
    ),
    function(
        "matchkeys",
        &[
            partly("values", list_of_any),
            parameter("keys", list_of_any),
            parameter("searchset", list_of_any),
        ],
        list_of_any,
        match_keys,
    ),
    variadic("merge", &[], nullable("maps", any), any, merge),
    function("one", &[partly("list", any)], any, one),
    variadic("range", &[], parameter("params", number), list_of_number, range),
    function("reverse", &[partly("list", any)], any, reverse),
    function(
        "slice",
        &[partly("list", any), parameter("start_index", number), parameter("end_index", number)],
        any,
        slice,
    ),
    function("sort", &[partly("list", list_of_string)], list_of_string, sort),
    function("transpose", &[parameter("values", map_of_lists)], map_of_lists, transpose),
    function("values", &[partly("mapping", any)], any, values),
    function("zipmap", &[parameter("keys", list_of_string), partly("values", any)], any, zipmap),
];

fn list_of_bool() -> Type {
    Type::list(Type::Bool)
}
fn list_of_number() -> Type {
    Type::list(Type::Number)
}
fn nullable_strings() -> Type {
    Type::list(Type::String)
}
fn map_of_lists() -> Type {
    Type::map(Type::list(Type::String))
}

fn quantify(arguments: &Arguments<'_>, all: bool) -> Answer {
    let mut unknown = false;
    for item in arguments.items(0) {
        match item.kind() {
            // What comes behind it does not count any more for `alltrue`.
            Kind::Unknown(_) if all => return Ok(Value::unknown(Type::Bool)),
            Kind::Unknown(_) => unknown = true,
            Kind::Bool(truth) if *truth == all => {}
            Kind::Bool(_) => return Ok((!all).into()),
            // Null is not true.
            _ if all => return Ok(false.into()),
            _ => {}
        }
    }
    Ok(if unknown { Value::unknown(Type::Bool) } else { all.into() })
}

fn chunk(arguments: &Arguments<'_>) -> Answer {
    let size = arguments.whole(1)?;
    let Ok(size) = usize::try_from(size) else {
        return Err(arguments.wrong(1, "the size argument must be positive"));
    };
    let element = element_type(&arguments.values[0]);
    let items = arguments.items(0);
    let size = if size == 0 { items.len().max(1) } else { size };
    let chunks = items.chunks(size).map(|chunk| Value::list(element.clone(), chunk.to_vec()));
    Ok(Value::list(Type::list(element.clone()), chunks.collect()))
}

fn element_type(list: &Value) -> Type {
    list.ty().element().cloned().unwrap_or(Type::Any)
}

fn coalesce(arguments: &Arguments<'_>) -> Answer {
    if arguments.values.is_empty() {
        return Err("at least one argument is required".into());
    }
    let types: Vec<Type> = arguments.values.iter().map(Value::ty).collect();
    let Some(ty) = unify(&types) else {
        return Err("all arguments must have the same type".into());
    };
    for value in arguments.values {
        let converted =
            convert(value, &ty).map_err(|error| FunctionError::Failed(error.to_string()))?;
        if !converted.is_known() {
            return Ok(Value::unknown(ty));
        }
        if !converted.is_null() && converted.as_str() != Some("") {
            return Ok(converted);
        }
    }
    Err("no non-null, non-empty-string arguments".into())
}

fn coalesce_list(arguments: &Arguments<'_>) -> Answer {
    if arguments.values.is_empty() {
        return Err("at least one argument is required".into());
    }
    let lists =
        |value: &Value| matches!(value.kind(), Kind::List(_) | Kind::Tuple(_) | Kind::Null(_));
    if let Some(at) = arguments.values.iter().position(|value| !lists(value)) {
        return Err(arguments.wrong(at, "coalescelist arguments must be lists or tuples"));
    }
    let full = |value: &&Value| value.as_slice().is_some_and(|items| !items.is_empty());
    if let Some(found) = arguments.values.iter().find(full) {
        return Ok(found.clone());
    }
    Err("no non-null arguments".into())
}

fn compact(arguments: &Arguments<'_>) -> Answer {
    let kept = arguments.items(0).iter().filter_map(Value::as_str).filter(|text| !text.is_empty());
    Ok(strings(kept))
}

fn concat(arguments: &Arguments<'_>) -> Answer {
    if arguments.values.is_empty() {
        return Err("at least one argument is required".into());
    }
    let mut items = Vec::new();
    let mut types = Vec::new();
    for (at, value) in arguments.values.iter().enumerate() {
        match value.kind() {
            Kind::List(list) => types.push(Some(list.element.clone())),
            Kind::Tuple(_) => types.push(None),
            _ => return Err(arguments.wrong(at, "all arguments must be lists or tuples")),
        }
        items.extend_from_slice(value.as_slice().unwrap_or_default());
    }
    let lists: Option<Vec<Type>> = types.into_iter().collect();
    match lists.and_then(|types| unify(&types)) {
        Some(element) => {
            let items =
                items.iter().map(|item| convert(item, &element).unwrap_or_else(|_| item.clone()));
            Ok(Value::list(element.clone(), items.collect()))
        }
        None => Ok(Value::tuple(items)),
    }
}

fn contains(arguments: &Arguments<'_>) -> Answer {
    let list = &arguments.values[0];
    let Some(items) = list.as_slice() else {
        return Err(arguments.wrong(0, "argument must be list, tuple, or set"));
    };
    let mut unknown = false;
    for item in items {
        // Elements and value are compared as one type where they have one.
        let wanted = match unify(&[item.ty(), arguments.values[1].ty()]) {
            Some(ty)
                if item.ty() != arguments.values[1].ty()
                    && matches!(list.kind(), Kind::List(_) | Kind::Set(_)) =>
            {
                convert(&arguments.values[1], &ty).ok().zip(convert(item, &ty).ok())
            }
            _ => None,
        };
        let equal = match &wanted {
            Some((value, item)) => equals(item, value),
            None => equals(item, &arguments.values[1]),
        };
        match equal.as_bool() {
            Some(true) => return Ok(true.into()),
            Some(false) => {}
            None => unknown = true,
        }
    }
    Ok(if unknown { Value::unknown(Type::Bool) } else { false.into() })
}

fn distinct(arguments: &Arguments<'_>) -> Answer {
    let mut seen = std::collections::HashSet::new();
    let items = arguments.items(0).iter().filter(|item| seen.insert((*item).clone()));
    Ok(Value::list(element_type(&arguments.values[0]), items.cloned().collect()))
}

fn element(arguments: &Arguments<'_>) -> Answer {
    let list = &arguments.values[0];
    let items = match list.kind() {
        Kind::List(_) | Kind::Tuple(_) => list.as_slice().unwrap_or_default(),
        _ => {
            let shown = list.ty().friendly();
            return Err(arguments.wrong(0, format!("cannot read elements from {shown}")));
        }
    };
    let index = arguments.whole(1)?;
    if items.is_empty() {
        return Err("cannot use element function with an empty list".into());
    }
    let Ok(index) = usize::try_from(index) else {
        return Err("cannot use element function with a negative index".into());
    };
    let at = index % items.len();
    Ok(items[at].clone())
}

fn flatten(arguments: &Arguments<'_>) -> Answer {
    fn collect(items: &[Value], into: &mut Vec<Value>) -> bool {
        items.iter().all(|item| match item.kind() {
            Kind::List(_) | Kind::Tuple(_) | Kind::Set(_) => {
                collect(item.as_slice().unwrap_or_default(), into)
            }
            Kind::Unknown(unknown) if !unknown.ty.is_primitive() => false,
            _ => {
                into.push(item.clone());
                true
            }
        })
    }
    let Some(items) = arguments.values[0].as_slice() else {
        return Err(arguments.wrong(0, "can only flatten lists, sets and tuples"));
    };
    let mut flat = Vec::new();
    Ok(if collect(items, &mut flat) { Value::tuple(flat) } else { Value::unknown(Type::Any) })
}

fn index(arguments: &Arguments<'_>) -> Answer {
    let list = &arguments.values[0];
    if !matches!(list.kind(), Kind::List(_) | Kind::Tuple(_)) {
        return Err(arguments.wrong(0, "argument must be a list or tuple"));
    }
    let items = list.as_slice().unwrap_or_default();
    if items.is_empty() {
        return Err("cannot search an empty list".into());
    }
    for (at, item) in items.iter().enumerate() {
        match equals(item, &arguments.values[1]).as_bool() {
            Some(true) => return Ok(Value::from(at as u64)),
            Some(false) => {}
            None => return Ok(Value::unknown(Type::Number)),
        }
    }
    Err("item not found".into())
}

fn keys(arguments: &Arguments<'_>) -> Answer {
    let map = &arguments.values[0];
    match map.kind() {
        Kind::Map(table) => Ok(strings(table.items.keys().cloned())),
        Kind::Object(table) => Ok(Value::tuple(table.keys().map(|key| Value::from(key.clone())))),
        _ => Err(arguments.wrong(0, "must have map or object type")),
    }
}

fn values(arguments: &Arguments<'_>) -> Answer {
    match arguments.values[0].kind() {
        Kind::Map(table) => {
            Ok(Value::list(table.element.clone(), table.items.values().cloned().collect()))
        }
        Kind::Object(table) => Ok(Value::tuple(table.values().cloned())),
        _ => Err(arguments.wrong(0, "values() requires a map as the first argument")),
    }
}

fn length(arguments: &Arguments<'_>) -> Answer {
    use unicode_segmentation::UnicodeSegmentation;
    let value = &arguments.values[0];
    let count = match value.kind() {
        Kind::String(text) => text.graphemes(true).count(),
        Kind::Set(set) if !set.items.iter().all(Value::is_wholly_known) => {
            return Ok(Value::unknown(Type::Number));
        }
        Kind::List(_) | Kind::Set(_) | Kind::Tuple(_) | Kind::Map(_) | Kind::Object(_) => {
            value.children().count()
        }
        _ => {
            return Err(arguments
                .wrong(0, "argument must be a string, a collection type, or a structural type"));
        }
    };
    Ok(Value::from(count as u64))
}

fn lookup(arguments: &Arguments<'_>) -> Answer {
    if arguments.values.len() > 3 {
        return Err(FunctionError::TooMany { most: 3 });
    }
    let (map, key) = (&arguments.values[0], arguments.text(1));
    let Some(table) = map.as_table() else {
        return Err(arguments.wrong(0, "lookup() requires a map as the first argument"));
    };
    match (table.get(key), arguments.values.get(2)) {
        (Some(found), _) => Ok(found.clone()),
        (None, Some(default)) => match map.kind() {
            Kind::Map(table) if table.element != Type::Any => convert(default, &table.element)
                .map_err(|error| arguments.wrong(2, error.to_string())),
            _ => Ok(default.clone()),
        },
        (None, None) => Err(format!(
            "the given key \"{key}\" does not identify an element in this collection value"
        )
        .into()),
    }
}

fn match_keys(arguments: &Arguments<'_>) -> Answer {
    let (values, keys, wanted) = (arguments.items(0), arguments.items(1), arguments.items(2));
    if values.len() != keys.len() {
        return Err("length of keys and values should be equal".into());
    }
    let kept = values.iter().zip(keys).filter(|(_, key)| {
        wanted.iter().any(|one| {
            let alike = convert(one, &key.ty()).unwrap_or_else(|_| one.clone());
            equals(key, &alike).as_bool() == Some(true)
        })
    });
    Ok(Value::list(
        element_type(&arguments.values[0]),
        kept.map(|(value, _)| value.clone()).collect(),
    ))
}

fn merge(arguments: &Arguments<'_>) -> Answer {
    let mut merged: BTreeMap<Str, Value> = BTreeMap::new();
    let mut elements = Vec::new();
    for (at, value) in arguments.values.iter().enumerate() {
        match value.kind() {
            Kind::Null(_) => continue,
            Kind::Map(table) => elements.push(Some(table.element.clone())),
            Kind::Object(_) => elements.push(None),
            _ => {
                let shown = value.ty().friendly();
                return Err(arguments
                    .wrong(at, format!("arguments must be maps or objects, got \"{shown}\"")));
            }
        }
        let table = value.as_table().into_iter().flatten();
        merged.extend(table.map(|(key, item)| (key.clone(), item.clone())));
    }
    let maps: Option<Vec<Type>> = elements.into_iter().collect();
    match maps.filter(|types| !types.is_empty()) {
        Some(types) if types.iter().all(|ty| *ty == types[0]) => {
            Ok(Value::map(types[0].clone(), merged))
        }
        _ => Ok(Value::object(merged)),
    }
}

fn one(arguments: &Arguments<'_>) -> Answer {
    let Some(items) = arguments.values[0].as_slice() else {
        return Err(arguments.wrong(0, "must be a list, set, or tuple value"));
    };
    match items {
        [] => Ok(Value::null_of(element_type(&arguments.values[0]))),
        [only] => Ok(only.clone()),
        _ => Err(arguments
            .wrong(0, "must be a list, set, or tuple value with either zero or one elements")),
    }
}

fn range(arguments: &Arguments<'_>) -> Answer {
    use skyform_value::Number;
    let number = |index: usize| arguments.number(index);
    let (start, end, step) = match arguments.values.len() {
        1 => (Number::ZERO, number(0), None),
        2 => (number(0), number(1), None),
        3 => (number(0), number(1), Some(number(2))),
        _ => return Err("must have one, two, or three arguments".into()),
    };
    let down = end < start;
    let step = step.unwrap_or_else(|| if down { Number::ONE.neg() } else { Number::ONE });
    if step.signum() == 0 {
        return Err(arguments.wrong(2, "step must not be zero"));
    }
    if down && step.signum() > 0 {
        return Err(arguments.wrong(2, "end must be less than start when step is negative"));
    }
    if !down && step.signum() < 0 && start != end {
        return Err(arguments.wrong(2, "end must be greater than start when step is positive"));
    }
    let mut items = Vec::new();
    let mut next = start;
    while if step.signum() > 0 { next < end } else { next > end } {
        if items.len() >= 1024 {
            return Err("more than 1024 values were generated; either decrease the difference between start and end or use a smaller step".into());
        }
        items.push(Value::from(next.clone()));
        next = next.add(&step)?;
    }
    Ok(Value::list(Type::Number, items))
}

fn reverse(arguments: &Arguments<'_>) -> Answer {
    let list = &arguments.values[0];
    let items = || list.as_slice().unwrap_or_default().iter().rev().cloned();
    match list.kind() {
        Kind::Tuple(_) => Ok(Value::tuple(items().collect::<Vec<_>>())),
        Kind::List(sequence) | Kind::Set(sequence) => {
            Ok(Value::list(sequence.element.clone(), items().collect()))
        }
        _ => {
            let shown = list.ty().friendly();
            Err(arguments.wrong(0, format!("can only reverse list or tuple values, not {shown}")))
        }
    }
}

fn slice(arguments: &Arguments<'_>) -> Answer {
    let list = &arguments.values[0];
    let items = match list.kind() {
        Kind::List(_) | Kind::Tuple(_) => list.as_slice().unwrap_or_default(),
        Kind::Set(_) => {
            return Err(arguments.wrong(0, "cannot slice a set, because its elements do not have indices; explicitly convert to a list if the ordering of the result is not important"));
        }
        _ => return Err(arguments.wrong(0, "must be a list or tuple value")),
    };
    let (start, end) = (arguments.whole(1)?, arguments.whole(2)?);
    let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
    if start < 0 {
        return Err(arguments.wrong(1, "start index must not be less than zero"));
    }
    if start > count {
        return Err(arguments.wrong(
            1,
            format!("start index must not be greater than the length of the list ({count})"),
        ));
    }
    if end > count {
        return Err(arguments.wrong(
            2,
            format!("end index must not be greater than the length of the list ({count})"),
        ));
    }
    if start > end {
        return Err(arguments.wrong(1, "start index must not be greater than end index"));
    }
    let range = usize::try_from(start).unwrap_or(0)..usize::try_from(end).unwrap_or(0);
    let part = items[range].to_vec();
    Ok(match list.kind() {
        Kind::List(sequence) => Value::list(sequence.element.clone(), part),
        _ => Value::tuple(part),
    })
}

fn sort(arguments: &Arguments<'_>) -> Answer {
    let mut items = arguments.items(0).to_vec();
    if let Some(at) = items.iter().position(Value::is_null) {
        return Err(arguments
            .wrong(0, format!("given list element {at} is null; a null string cannot be sorted")));
    }
    // Where each will stand is known only when all are.
    if !items.iter().all(Value::is_known) {
        let unknown = vec![Value::unknown(Type::String); items.len()];
        return Ok(Value::list(Type::String, unknown));
    }
    items.sort_by(|left, right| left.as_str().cmp(&right.as_str()));
    Ok(super::string::text_list(items))
}

fn transpose(arguments: &Arguments<'_>) -> Answer {
    let mut turned: BTreeMap<Str, Vec<Value>> = BTreeMap::new();
    for (key, list) in arguments.values[0].as_table().into_iter().flatten() {
        for item in list.as_slice().unwrap_or_default() {
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

fn zipmap(arguments: &Arguments<'_>) -> Answer {
    let keys = arguments.items(0);
    let list = &arguments.values[1];
    if !matches!(list.kind(), Kind::List(_) | Kind::Tuple(_)) {
        return Err(arguments.wrong(1, "values must be a list or tuple value"));
    }
    let values = list.as_slice().unwrap_or_default();
    if keys.len() != values.len() {
        return Err(format!(
            "number of keys ({}) does not match number of values ({})",
            keys.len(),
            values.len()
        )
        .into());
    }
    let pairs = keys.iter().zip(values).filter_map(|(key, value)| {
        key.as_str().map(|key| (Str::from(key), value.clone().with_marks(Marks::NONE)))
    });
    Ok(match list.kind() {
        Kind::List(sequence) => Value::map(sequence.element.clone(), pairs.collect()),
        _ => Value::object(pairs),
    })
}
