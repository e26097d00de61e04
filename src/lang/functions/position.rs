//! Elements of sequences by their place, and places in sequences.

use skyform_value::{Kind, Number, Type, Value, equals};

use super::FunctionError;
use super::signature::{
    Answer, Arguments, Function, ResultType, any, function, number, parameter, partly, parts,
    variadic,
};

pub(super) const FUNCTIONS: &[Function] = &[
    function("element", &[parts("list", any), parameter("index", number)], any, element)
        .typed(element_type_at)
        .may_be_null(),
    function("index", &[partly("list", any), partly("value", any)], any, index)
        .typed(|_| Ok(Type::Number)),
    variadic("range", &[], parameter("params", number), list_of_number, range),
    function("reverse", &[parts("list", any)], any, reverse).typed(reverse_type),
    function(
        "slice",
        &[parts("list", any), parameter("start_index", number), parameter("end_index", number)],
        any,
        slice,
    )
    .typed(slice_type),
];

fn list_of_number() -> Type {
    Type::list(Type::Number)
}

fn element_type_at(arguments: &Arguments<'_>) -> ResultType {
    match arguments.values[0].ty() {
        Type::List(element) => Ok((*element).clone()),
        Type::Tuple(_) if !arguments.values[1].is_known() => Ok(Type::Any),
        Type::Tuple(elements) => {
            let at = element_at(arguments, elements.len())?;
            Ok(elements[at].clone())
        }
        other => {
            let shown = other.friendly();
            Err(arguments.wrong(0, format!("cannot read elements from {shown}")))
        }
    }
}

/// Which element an index means: it begins anew at the end, and before the start of a list.
fn element_at(arguments: &Arguments<'_>, count: usize) -> Result<usize, FunctionError> {
    let index = arguments.whole(1)?;
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    if count == 0 {
        return Err("cannot use element function with an empty list".into());
    }
    let is_tuple = matches!(arguments.values[0].ty(), Type::Tuple(_));
    if is_tuple && index % count < 0 {
        return Err("cannot use element function with a negative index".into());
    }
    Ok(usize::try_from(index.rem_euclid(count)).unwrap_or(0))
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
    Ok(items[element_at(arguments, items.len())?].clone())
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

fn range(arguments: &Arguments<'_>) -> Answer {
    let number = |index: usize| arguments.number(index);
    let (start, end, step) = match arguments.values.len() {
        1 => (Number::ZERO, number(0), None),
        2 => (number(0), number(1), None),
        3 => (number(0), number(1), Some(number(2))),
        _ => return Err("must have one, two, or three arguments".into()),
    };
    let down = end < start;
    let step = step.unwrap_or_else(|| if down { Number::ONE.neg() } else { Number::ONE });
    if step.signum() == 0 && start != end {
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
    while step.signum() != 0 && if step.signum() > 0 { next < end } else { next > end } {
        if items.len() >= 1024 {
            return Err("more than 1024 values were generated; either decrease the difference between start and end or use a smaller step".into());
        }
        items.push(Value::from(next.clone()));
        next = next.add(&step)?;
    }
    Ok(Value::list(Type::Number, items))
}

fn reverse_type(arguments: &Arguments<'_>) -> ResultType {
    match arguments.values[0].ty() {
        Type::Tuple(elements) => Ok(Type::tuple(elements.iter().rev().cloned())),
        Type::List(element) | Type::Set(element) => Ok(Type::list((*element).clone())),
        other => {
            let shown = other.friendly();
            Err(arguments.wrong(0, format!("can only reverse list or tuple values, not {shown}")))
        }
    }
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

fn slice_type(arguments: &Arguments<'_>) -> ResultType {
    let list = &arguments.values[0];
    let count = match list.ty() {
        Type::List(_) => list.as_slice().map(<[Value]>::len),
        Type::Tuple(elements) => Some(elements.len()),
        Type::Set(_) => return Err(arguments.wrong(0, "cannot slice a set, because its elements do not have indices; explicitly convert to a list if the ordering of the result is not important")),
        _ => return Err(arguments.wrong(0, "must be a list or tuple value")),
    };
    let ends = slice_ends(arguments, count)?;
    Ok(match (list.ty(), ends) {
        (Type::Tuple(elements), Some((start, end))) => {
            Type::tuple(elements[start..end].iter().cloned())
        }
        (Type::Tuple(_), None) => Type::Any,
        (list, _) => list,
    })
}

/// Where a slice begins and ends, if both are known; what is known of them is checked in any case.
fn slice_ends(
    arguments: &Arguments<'_>,
    count: Option<usize>,
) -> Result<Option<(usize, usize)>, FunctionError> {
    let end_of = |index: usize, name: &str| {
        if !arguments.values[index].is_known() {
            return Ok(None);
        }
        let Ok(end) = usize::try_from(arguments.whole(index)?) else {
            return Err(arguments.wrong(index, format!("{name} index must not be less than zero")));
        };
        match count {
            Some(count) if end > count => Err(arguments.wrong(
                index,
                format!("{name} index must not be greater than the length of the list ({count})"),
            )),
            _ => Ok(Some(end)),
        }
    };
    match (end_of(1, "start")?, end_of(2, "end")?) {
        (Some(start), Some(end)) if start > end => {
            Err(arguments.wrong(1, "start index must not be greater than end index"))
        }
        (start, end) => Ok(start.zip(end)),
    }
}

fn slice(arguments: &Arguments<'_>) -> Answer {
    slice_type(arguments)?;
    let list = &arguments.values[0];
    let items = list.as_slice().unwrap_or_default();
    let (start, end) = slice_ends(arguments, Some(items.len()))?.unwrap_or_default();
    let part = items[start..end].to_vec();
    Ok(match list.kind() {
        Kind::List(sequence) => Value::list(sequence.element.clone(), part),
        _ => Value::tuple(part),
    })
}
