//! Lists, and sequences in general.

use skyform_value::{Kind, Marks, Refinements, Type, Value, convert, equals, unify};

use super::signature::{
    Answer, Arguments, Function, ResultType, any, bool, function, list_of_any, list_of_string,
    number, parameter, partly, parts, strings, unknown, variadic,
};

pub(super) const FUNCTIONS: &[Function] = &[
    function("alltrue", &[partly("list", list_of_bool)], bool, |a| quantify(a, true)),
    function("anytrue", &[partly("list", list_of_bool)], bool, |a| quantify(a, false)),
    function(
        "chunklist",
        &[parts("list", list_of_any), parts("size", number)],
        list_of_lists,
        chunk,
    )
    .typed(|a| Ok(Type::list(a.values[0].ty()))),
    variadic("coalesce", &[], parameter("vals", any).unknown().open().null(), any, coalesce)
        .typed(one_type),
    variadic(
        "coalescelist",
        &[],
        parameter("vals", any).unknown().open().null(),
        any,
        coalesce_list,
    ),
    function("compact", &[parameter("list", list_of_string)], list_of_string, compact),
    variadic("concat", &[], parts("seqs", any), any, concat).typed(concat_type),
    function("contains", &[partly("list", any), partly("value", any)], any, contains)
        .typed(|_| Ok(Type::Bool)),
    function("distinct", &[parameter("list", list_of_any)], list_of_any, distinct)
        .typed(|a| Ok(a.values[0].ty())),
    function("flatten", &[parts("list", any)], any, flatten).typed(flat_type),
    function("length", &[unknown("value", any).open().marks_stay()], number, length),
    function(
        "matchkeys",
        &[
            partly("values", list_of_any),
            partly("keys", list_of_any),
            partly("searchset", list_of_any),
        ],
        list_of_any,
        match_keys,
    )
    .typed(|a| key_type(a).map(|_| a.values[0].ty())),
    function("one", &[partly("list", any)], any, one).typed(type_of_one).may_be_null(),
    function("sort", &[partly("list", list_of_string)], list_of_string, sort),
];

fn list_of_bool() -> Type {
    Type::list(Type::Bool)
}
fn list_of_lists() -> Type {
    Type::list(Type::list(Type::Any))
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

/// The type that all arguments can have.
fn one_type(arguments: &Arguments<'_>) -> ResultType {
    let types: Vec<Type> = arguments.values.iter().map(Value::ty).collect();
    unify(&types).ok_or_else(|| "all arguments must have the same type".into())
}

fn coalesce(arguments: &Arguments<'_>) -> Answer {
    if arguments.values.is_empty() {
        return Err("at least one argument is required".into());
    }
    let ty = one_type(arguments)?;
    for value in arguments.values {
        // What does not fit after all is none that could be taken.
        let Ok(converted) = convert(value, &ty) else { continue };
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
    let known = arguments.values.iter().take_while(|value| value.is_known());
    for (at, value) in known.enumerate() {
        if !matches!(value.ty(), Type::List(_) | Type::Tuple(_)) {
            return Err(arguments.wrong(at, "coalescelist arguments must be lists or tuples"));
        }
    }
    for value in arguments.values {
        if !value.is_known() {
            return Ok(Value::unknown(Type::Any));
        }
        if value.as_slice().is_some_and(|items| !items.is_empty()) {
            return Ok(value.clone());
        }
    }
    Err("no non-null arguments".into())
}

fn compact(arguments: &Arguments<'_>) -> Answer {
    let kept = arguments.items(0).iter().filter_map(Value::as_str).filter(|text| !text.is_empty());
    Ok(strings(kept))
}

/// The element type if all arguments are lists of such as have a common type.
fn concat_element(values: &[Value]) -> Option<Type> {
    let lists = values.iter().map(|value| match value.ty() {
        Type::List(element) => Some((*element).clone()),
        _ => None,
    });
    unify(&lists.collect::<Option<Vec<_>>>()?)
}

fn concat_type(arguments: &Arguments<'_>) -> ResultType {
    if let Some(element) = concat_element(arguments.values) {
        return Ok(Type::list(element));
    }
    let mut types = Vec::new();
    for (at, value) in arguments.values.iter().enumerate() {
        match (value.ty(), value.as_slice()) {
            (Type::Tuple(elements), _) => types.extend(elements.iter().cloned()),
            (Type::List(_), None) => return Ok(Type::Any),
            (Type::List(element), Some(items)) => {
                types.extend(items.iter().map(|_| (*element).clone()));
            }
            (other, _) => {
                let shown = other.friendly();
                let message = format!("all arguments must be lists or tuples; got {shown}");
                return Err(arguments.wrong(at, message));
            }
        }
    }
    Ok(Type::tuple(types))
}

fn concat(arguments: &Arguments<'_>) -> Answer {
    if arguments.values.is_empty() {
        return Err("at least one argument is required".into());
    }
    if let Some(at) =
        arguments.values.iter().position(|v| !matches!(v.kind(), Kind::List(_) | Kind::Tuple(_)))
    {
        let shown = arguments.values[at].ty().friendly();
        return Err(
            arguments.wrong(at, format!("all arguments must be lists or tuples; got {shown}"))
        );
    }
    let items = arguments.values.iter().filter_map(Value::as_slice).flatten();
    Ok(match concat_element(arguments.values) {
        Some(element) => {
            let items = items.map(|item| convert(item, &element).unwrap_or_else(|_| item.clone()));
            Value::list(element.clone(), items.collect())
        }
        None => Value::tuple(items.cloned()),
    })
}

fn contains(arguments: &Arguments<'_>) -> Answer {
    let list = &arguments.values[0];
    let Some(items) = list.as_slice() else {
        return Err(arguments.wrong(0, "argument must be list, tuple, or set"));
    };
    let mut unknown = false;
    for item in items {
        match equals(item, &arguments.values[1]).as_bool() {
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

fn flat_type(arguments: &Arguments<'_>) -> ResultType {
    match arguments.values[0].ty() {
        Type::List(_) | Type::Set(_) | Type::Tuple(_) => Ok(Type::Any),
        _ => Err(arguments.wrong(0, "can only flatten lists, sets and tuples")),
    }
}

fn flatten(arguments: &Arguments<'_>) -> Answer {
    /// Gathers elements and marks of inner lists; whether all lists were known.
    fn collect(items: &[Value], into: &mut Vec<Value>, marks: &mut Marks) -> bool {
        items.iter().fold(true, |known, item| {
            known
                & match item.kind() {
                    Kind::List(_) | Kind::Tuple(_) | Kind::Set(_) => {
                        *marks |= item.marks();
                        collect(item.as_slice().unwrap_or_default(), into, marks)
                    }
                    Kind::Unknown(unknown) if !unknown.ty.is_primitive() => {
                        *marks |= item.marks();
                        false
                    }
                    _ => {
                        into.push(item.clone());
                        true
                    }
                }
        })
    }
    let Some(items) = arguments.values[0].as_slice() else {
        return Err(arguments.wrong(0, "can only flatten lists, sets and tuples"));
    };
    let (mut flat, mut marks) = (Vec::new(), Marks::NONE);
    let known = collect(items, &mut flat, &mut marks);
    let value = if known { Value::tuple(flat) } else { Value::unknown(Type::Any) };
    Ok(value.with_marks(marks))
}

fn length(arguments: &Arguments<'_>) -> Answer {
    use unicode_segmentation::UnicodeSegmentation;
    let value = &arguments.values[0];
    let characters = |text: &str| text.graphemes(true).count() as u64;
    let (least, most) = match (value.kind(), value.ty()) {
        (Kind::Unknown(_), Type::Any) => return Ok(Value::unknown(Type::Number)),
        (Kind::Unknown(unknown), Type::String) => {
            (unknown.refinements.prefix.as_ref().map_or(0, |prefix| characters(prefix)), None)
        }
        (Kind::String(text), _) => (characters(text), Some(characters(text))),
        (_, Type::List(_) | Type::Set(_) | Type::Map(_) | Type::Tuple(_) | Type::Object(_)) => {
            value.length_bounds()
        }
        _ => {
            return Err(arguments
                .wrong(0, "argument must be a string, a collection type, or a structural type"));
        }
    };
    let bound = |length: u64| Some((length.into(), true));
    let range = Refinements {
        not_null: true,
        min: bound(least),
        max: most.and_then(bound),
        ..Refinements::default()
    };
    Ok(Value::unknown_refined(Type::Number, range))
}

/// The type that keys and searched ones have in common.
fn key_type(arguments: &Arguments<'_>) -> ResultType {
    unify(&[arguments.values[1].ty(), arguments.values[2].ty()])
        .ok_or_else(|| "keys and searchset must be of the same type".into())
}

fn match_keys(arguments: &Arguments<'_>) -> Answer {
    let ty = key_type(arguments)?;
    let alike = |value: &Value| convert(value, &ty).unwrap_or_else(|_| value.clone());
    let (values, keys) = (arguments.items(0), alike(&arguments.values[1]));
    let wanted = alike(&arguments.values[2]);
    let keys = keys.as_slice().unwrap_or_default();
    if values.len() != keys.len() {
        return Err("length of keys and values should be equal".into());
    }
    let element = element_type(&arguments.values[0]);
    let wanted = wanted.as_slice().unwrap_or_default();
    if wanted.is_empty() {
        return Ok(Value::list(element, Vec::new()));
    }
    if !values.iter().chain(keys).all(Value::is_wholly_known) {
        return Ok(Value::unknown(Type::list(element)));
    }
    // The search for a key ends at one that is not known yet.
    let is_wanted = |key: &Value| {
        let mut answers = wanted.iter().map(|one| equals(key, one).as_bool());
        answers.find(|answer| *answer != Some(false)) == Some(Some(true))
    };
    let kept = values.iter().zip(keys).filter(|(_, key)| is_wanted(key));
    Ok(Value::list(element, kept.map(|(value, _)| value.clone()).collect()))
}

fn type_of_one(arguments: &Arguments<'_>) -> ResultType {
    match arguments.values[0].ty() {
        Type::List(element) | Type::Set(element) => Ok((*element).clone()),
        Type::Tuple(elements) => match &*elements {
            [] => Ok(Type::Any),
            [only] => Ok(only.clone()),
            _ => Err(arguments
                .wrong(0, "must be a list, set, or tuple value with either zero or one elements")),
        },
        _ => Err(arguments.wrong(0, "must be a list, set, or tuple value")),
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
