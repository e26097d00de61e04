//! Text.

use skyform_value::{Kind, Str, Type, Value};
use unicode_segmentation::UnicodeSegmentation;

use super::signature::{
    Answer, Arguments, Function, bool, function, list_of_string, number, parameter, string,
    strings, unknown, variadic,
};

pub(super) const FUNCTIONS: &[Function] = &[
    function("chomp", &[parameter("str", string)], string, |a| {
        Ok(a.text(0).trim_end_matches(['\n', '\r']).into())
    }),
    function("endswith", &[parameter("str", string), parameter("suffix", string)], bool, |a| {
        Ok(a.text(0).ends_with(a.text(1)).into())
    }),
    function("startswith", &[unknown("str", string), parameter("prefix", string)], bool, |a| {
        match a.values[0].kind() {
            // What is known of its start may be enough.
            Kind::Unknown(text) => Ok(match text.refinements.prefix.as_deref() {
                Some(known) if known.starts_with(a.text(1)) => true.into(),
                Some(known) if !a.text(1).starts_with(known) => false.into(),
                _ => Value::unknown(Type::Bool),
            }),
            _ => Ok(a.text(0).starts_with(a.text(1)).into()),
        }
    }),
    function("strcontains", &[parameter("str", string), parameter("substr", string)], bool, |a| {
        Ok(a.text(0).contains(a.text(1)).into())
    })
    .may_be_null(),
    function("indent", &[parameter("spaces", number), parameter("str", string)], string, indent),
    variadic(
        "join",
        &[parameter("separator", string)],
        parameter("lists", list_of_string),
        string,
        join,
    ),
    function("lower", &[parameter("str", string)], string, |a| {
        Ok(a.text(0).chars().map(lower).collect::<String>().into())
    }),
    function("upper", &[parameter("str", string)], string, |a| {
        Ok(a.text(0).chars().map(upper).collect::<String>().into())
    }),
    function(
        "split",
        &[parameter("separator", string), parameter("str", string)],
        list_of_string,
        split,
    ),
    function("strrev", &[parameter("str", string)], string, |a| {
        Ok(a.text(0).graphemes(true).rev().collect::<String>().into())
    }),
    function(
        "substr",
        &[parameter("str", string), parameter("offset", number), parameter("length", number)],
        string,
        substr,
    ),
    function("title", &[parameter("str", string)], string, title),
    function("trim", &[parameter("str", string), parameter("cutset", string)], string, |a| {
        let cut: Vec<char> = a.text(1).chars().collect();
        Ok(a.text(0).trim_matches(&cut[..]).into())
    }),
    function("trimprefix", &[parameter("str", string), parameter("prefix", string)], string, |a| {
        Ok(a.text(0).strip_prefix(a.text(1)).unwrap_or(a.text(0)).into())
    }),
    function("trimsuffix", &[parameter("str", string), parameter("suffix", string)], string, |a| {
        Ok(a.text(0).strip_suffix(a.text(1)).unwrap_or(a.text(0)).into())
    }),
    function("trimspace", &[parameter("str", string)], string, |a| Ok(a.text(0).trim().into())),
];

/// One character for one, as the language maps case: where there is no single one, the same.
fn upper(character: char) -> char {
    let mut mapped = character.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(only), None) => only,
        _ => character,
    }
}

fn lower(character: char) -> char {
    character.to_lowercase().next().unwrap_or(character)
}

fn indent(arguments: &Arguments<'_>) -> Answer {
    let spaces = arguments.whole(0)?;
    let Ok(spaces) = usize::try_from(spaces) else {
        return Err(arguments.wrong(0, "the number of spaces must not be negative"));
    };
    let padding = format!("\n{}", " ".repeat(spaces.min(1 << 20)));
    Ok(arguments.text(1).replace('\n', &padding).into())
}

fn join(arguments: &Arguments<'_>) -> Answer {
    if arguments.values.len() < 2 {
        return Err("at least one list is needed".into());
    }
    let mut parts = Vec::new();
    for index in 1..arguments.values.len() {
        for (at, item) in arguments.items(index).iter().enumerate() {
            match item.as_str() {
                Some(text) => parts.push(text),
                None => {
                    let message = format!("element {at} is null; cannot concatenate null values");
                    return Err(arguments.wrong(index, message));
                }
            }
        }
    }
    Ok(parts.join(arguments.text(0)).into())
}

fn split(arguments: &Arguments<'_>) -> Answer {
    let (separator, text) = (arguments.text(0), arguments.text(1));
    if separator.is_empty() {
        return Ok(strings(text.chars().map(|c| Str::from(c.to_string()))));
    }
    Ok(strings(text.split(separator).map(Str::from)))
}

fn substr(arguments: &Arguments<'_>) -> Answer {
    let clusters: Vec<&str> = arguments.text(0).graphemes(true).collect();
    let count = i64::try_from(clusters.len()).unwrap_or(i64::MAX);
    let (offset, length) = (arguments.whole(1)?, arguments.whole(2)?);
    let start = if offset < 0 { (count + offset).max(0) } else { offset.min(count) };
    let end = if length < 0 { count } else { start.saturating_add(length).min(count) };
    let (start, end) = (usize::try_from(start).unwrap_or(0), usize::try_from(end).unwrap_or(0));
    Ok(clusters.get(start..end).unwrap_or_default().concat().into())
}

fn title(arguments: &Arguments<'_>) -> Answer {
    let mut at_start = true;
    let mut text = String::new();
    for character in arguments.text(0).chars() {
        if at_start {
            text.push(upper(character));
        } else {
            text.push(character);
        }
        let in_word = character.is_alphanumeric() || character == '_' || character == '\'';
        at_start = !in_word;
    }
    Ok(Value::string(text))
}

/// The type of a list of text, for callers that build one.
pub(super) fn text_list(items: Vec<Value>) -> Value {
    Value::list(Type::String, items)
}
