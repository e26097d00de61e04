//! `replace`, `regex` and `regexall`.

use regex::{Captures, Regex, RegexBuilder};
use skyform_value::{Type, Value};

use super::FunctionError;
use super::signature::{
    Answer, Arguments, Function, ResultType, any, function, list_of_any, parameter, string,
};

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "replace",
        &[parameter("str", string), parameter("substr", string), parameter("replace", string)],
        string,
        replace,
    ),
    function(
        "regex",
        &[parameter("pattern", string), parameter("string", string)],
        any,
        first_match,
    )
    .typed(|a| pattern_type(a, |found| found)),
    function(
        "regexall",
        &[parameter("pattern", string), parameter("string", string)],
        list_of_any,
        all_matches,
    )
    .typed(|a| pattern_type(a, Type::list)),
];

/// Bytes that a compiled pattern may take.
const SIZE_LIMIT: usize = 10 << 20;

fn compile(arguments: &Arguments<'_>, index: usize, pattern: &str) -> Result<Regex, FunctionError> {
    let compiled = RegexBuilder::new(pattern).size_limit(SIZE_LIMIT).build();
    compiled.map_err(|error| {
        let text = error.to_string();
        let reason = text.lines().last().unwrap_or_default();
        let reason = reason.strip_prefix("error: ").unwrap_or(reason);
        arguments.wrong(index, format!("invalid regexp pattern: {reason}"))
    })
}

fn replace(arguments: &Arguments<'_>) -> Answer {
    let (text, pattern, with) = (arguments.text(0), arguments.text(1), arguments.text(2));
    let inner = pattern.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    match inner {
        Some(inner) if pattern.len() > 1 => {
            let regex = compile(arguments, 1, inner)?;
            // A group is written $1 or ${name}; `$1x` is the group named "1x", as in RE2's rules.
            Ok(regex.replace_all(text, with).into_owned().into())
        }
        _ => Ok(text.replace(pattern, with).into()),
    }
}

/// The type of what a pattern finds, if that is known.
fn pattern_type(arguments: &Arguments<'_>, of: fn(Type) -> Type) -> ResultType {
    if !arguments.values[0].is_known() {
        return Ok(of(Type::Any));
    }
    Ok(of(capture_type(&searched(arguments)?)))
}

/// The pattern that `regex` and `regexall` search for.
fn searched(arguments: &Arguments<'_>) -> Result<Regex, FunctionError> {
    let regex = compile(arguments, 0, arguments.text(0))?;
    let mut groups = regex.capture_names().skip(1).map(|name| name.is_some());
    let first = groups.next().unwrap_or(true);
    if groups.any(|named| named != first) {
        return Err(arguments
            .wrong(0, "invalid regexp pattern: cannot mix both named and unnamed capture groups"));
    }
    Ok(regex)
}

fn first_match(arguments: &Arguments<'_>) -> Answer {
    let regex = searched(arguments)?;
    match regex.captures(arguments.text(1)) {
        Some(captures) => Ok(capture_value(&regex, &captures)),
        None => Err("pattern did not match any part of the given string".into()),
    }
}

fn all_matches(arguments: &Arguments<'_>) -> Answer {
    let regex = searched(arguments)?;
    let found = regex.captures_iter(arguments.text(1));
    let found: Vec<Value> = found.map(|captures| capture_value(&regex, &captures)).collect();
    Ok(Value::list(capture_type(&regex), found))
}

/// Without groups the match; with named groups an object; else a tuple of the groups.
fn capture_value(regex: &Regex, captures: &Captures<'_>) -> Value {
    let text = |group: Option<regex::Match<'_>>| match group {
        Some(group) => Value::from(group.as_str()),
        None => Value::null_of(Type::String),
    };
    let names: Vec<Option<&str>> = regex.capture_names().skip(1).collect();
    if names.is_empty() {
        return text(captures.get(0));
    }
    if names.iter().any(Option::is_some) {
        let named = names.into_iter().flatten();
        return Value::object(named.map(|name| (name, text(captures.name(name)))));
    }
    Value::tuple((1..captures.len()).map(|index| text(captures.get(index))))
}

fn capture_type(regex: &Regex) -> Type {
    let names: Vec<Option<&str>> = regex.capture_names().skip(1).collect();
    if names.is_empty() {
        return Type::String;
    }
    if names.iter().any(Option::is_some) {
        return Type::object(names.into_iter().flatten().map(|name| (name, Type::String)));
    }
    Type::tuple(names.iter().map(|_| Type::String))
}
