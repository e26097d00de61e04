//! Sets.

use skyform_value::{Type, Value, convert, unify};

use super::signature::{
    Answer, Arguments, Function, any, function, parameter, partly, set_of_any, variadic,
};

pub(super) const FUNCTIONS: &[Function] = &[
    variadic(
        "setunion",
        &[partly("first_set", set_of_any)],
        partly("other_sets", set_of_any),
        any,
        union,
    ),
    variadic(
        "setintersection",
        &[parameter("first_set", set_of_any)],
        parameter("other_sets", set_of_any),
        any,
        intersection,
    ),
    function(
        "setsubtract",
        &[parameter("a", set_of_any), parameter("b", set_of_any)],
        any,
        subtract,
    ),
    variadic("setproduct", &[], partly("sets", any), any, product),
];

/// All arguments as sets of one element type.
fn alike(arguments: &Arguments<'_>) -> Result<(Type, Vec<Vec<Value>>), super::FunctionError> {
    let types: Vec<Type> = arguments
        .values
        .iter()
        .map(|value| value.ty().element().cloned().unwrap_or(Type::Any))
        .collect();
    let Some(element) = unify(&types) else {
        return Err("the sets must all have the same element type".into());
    };
    let sets = arguments.values.iter().map(|value| {
        let items = value.as_slice().unwrap_or_default().iter();
        items.map(|item| convert(item, &element).unwrap_or_else(|_| item.clone())).collect()
    });
    Ok((element.clone(), sets.collect()))
}

fn union(arguments: &Arguments<'_>) -> Answer {
    let (element, sets) = alike(arguments)?;
    Ok(Value::set(element, sets.into_iter().flatten().collect()))
}

fn intersection(arguments: &Arguments<'_>) -> Answer {
    let (element, sets) = alike(arguments)?;
    let (first, rest) = sets.split_first().map_or((&[][..], &[][..]), |(f, r)| (&f[..], r));
    let in_all = first.iter().filter(|item| rest.iter().all(|set| set.contains(item)));
    Ok(Value::set(element, in_all.cloned().collect()))
}

fn subtract(arguments: &Arguments<'_>) -> Answer {
    let (element, sets) = alike(arguments)?;
    let left = sets[0].iter().filter(|item| !sets[1].contains(item));
    Ok(Value::set(element, left.cloned().collect()))
}

fn product(arguments: &Arguments<'_>) -> Answer {
    if arguments.values.len() < 2 {
        return Err("at least two arguments are required".into());
    }
    let mut total: usize = 1;
    for (index, value) in arguments.values.iter().enumerate() {
        let Some(items) = value.as_slice() else {
            return Err(arguments.wrong(index, "a set or a list is required"));
        };
        total = total.saturating_mul(items.len());
    }
    if total > 1_000_000 {
        return Err("the result would have more than a million elements".into());
    }
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for value in arguments.values {
        let items = value.as_slice().unwrap_or_default();
        rows = rows
            .iter()
            .flat_map(|row| {
                items.iter().map(|item| [&row[..], std::slice::from_ref(item)].concat())
            })
            .collect();
    }
    let columns: Vec<Type> = arguments
        .values
        .iter()
        .map(|value| match value.ty() {
            Type::Tuple(types) => unify(&types).unwrap_or(Type::Any),
            ty => ty.element().cloned().unwrap_or(Type::Any),
        })
        .collect();
    let element = Type::tuple(columns);
    let rows = rows.into_iter().map(Value::tuple);
    let rows: Vec<Value> = rows.map(|row| convert(&row, &element).unwrap_or(row)).collect();
    let all_sets = arguments.values.iter().all(|value| matches!(value.ty(), Type::Set(_)));
    Ok(if all_sets { Value::set(element, rows) } else { Value::list(element, rows) })
}
