//! Sets.

use skyform_value::{Type, Value, convert, unify};

use super::FunctionError;
use super::signature::{
    Answer, Arguments, Function, ResultType, any, function, parameter, partly, set_of_any, unknown,
    variadic,
};

pub(super) const FUNCTIONS: &[Function] = &[
    variadic(
        "setunion",
        &[partly("first_set", set_of_any)],
        partly("other_sets", set_of_any),
        set_of_any,
        union,
    )
    .typed(set_type),
    variadic(
        "setintersection",
        &[parameter("first_set", set_of_any)],
        parameter("other_sets", set_of_any),
        set_of_any,
        intersection,
    )
    .typed(set_type),
    function(
        "setsubtract",
        &[parameter("a", set_of_any), parameter("b", set_of_any)],
        set_of_any,
        subtract,
    )
    .typed(set_type),
    variadic("setproduct", &[], unknown("sets", any).marks_stay(), any, product)
        .typed(product_type),
];

/// The type that elements of all arguments can have. Empty sets of nothing in particular fit all.
fn common_element(arguments: &Arguments<'_>) -> Result<Type, FunctionError> {
    let types = arguments.values.iter().filter_map(|value| {
        let element = value.ty().element().cloned()?;
        let is_empty = value.as_slice().is_some_and(<[Value]>::is_empty);
        (element != Type::Any || !is_empty).then_some(element)
    });
    let types: Vec<Type> = types.collect();
    let common = unify(&types);
    // Sets with and without a type of their elements fit only as long as one is not known yet.
    let mixed = types.contains(&Type::Any) && types.iter().any(|ty| *ty != Type::Any);
    let all_known = arguments.values.iter().all(Value::is_wholly_known);
    common
        .filter(|common| *common != Type::Any || !(mixed && all_known))
        .ok_or_else(|| "given sets must all have compatible element types".into())
}

fn set_type(arguments: &Arguments<'_>) -> ResultType {
    common_element(arguments).map(Type::set)
}

/// All arguments as sets of one element type.
fn alike(arguments: &Arguments<'_>) -> Result<(Type, Vec<Vec<Value>>), FunctionError> {
    let element = common_element(arguments)?;
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

/// A tuple of an element of each; a list of these as soon as one argument is a list and none a set.
fn product_type(arguments: &Arguments<'_>) -> ResultType {
    if arguments.values.len() < 2 {
        return Err("at least two arguments are required".into());
    }
    let mut columns = Vec::with_capacity(arguments.values.len());
    for (index, value) in arguments.values.iter().enumerate() {
        let column =
            match value.ty() {
                Type::List(element) | Type::Set(element) => Some((*element).clone()),
                Type::Tuple(types) => Some(unify(&types).ok_or_else(|| {
                    arguments.wrong(index, "all elements must be of the same type")
                })?),
                _ => None,
            };
        columns.push(column.ok_or_else(|| arguments.wrong(index, "a set or a list is required"))?);
    }
    let any_set = arguments.values.iter().any(|value| matches!(value.ty(), Type::Set(_)));
    let row = Type::tuple(columns);
    Ok(if any_set { Type::set(row) } else { Type::list(row) })
}

fn product(arguments: &Arguments<'_>) -> Answer {
    let ty = product_type(arguments)?;
    let counts = arguments.values.iter().map(|value| match value.length_bounds() {
        (least, Some(most)) if least == most => usize::try_from(most).ok(),
        _ => None,
    });
    let Some(counts) = counts.collect::<Option<Vec<_>>>() else { return Ok(Value::unknown(ty)) };
    if arguments.values.iter().any(|value| !value.is_known()) {
        return Ok(Value::unknown(ty));
    }
    if counts.iter().fold(1_usize, |total, count| total.saturating_mul(*count)) > 1_000_000 {
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
    let element = ty.element().cloned().unwrap_or(Type::Any);
    let rows = rows.into_iter().map(Value::tuple);
    let rows: Vec<Value> = rows.map(|row| convert(&row, &element).unwrap_or(row)).collect();
    Ok(match ty {
        Type::Set(_) => Value::set(element, rows),
        _ => Value::list(element, rows),
    })
}
