//! `provider::terraform::`: values as text of the language, and back.

use std::fmt::Write as _;

use skyform_diag::SourceId;
use skyform_value::{Kind, Str, Type, Value, convert};

use super::FunctionError;
use super::signature::{Answer, Arguments, Function, any, function, parameter, string};
use crate::config::constant;
use crate::syntax;

pub(super) const FUNCTIONS: &[Function] = &[
    function("provider::terraform::decode_tfvars", &[parameter("src", string)], any, decode),
    function("provider::terraform::encode_expr", &[parameter("value", any).open()], string, |a| {
        let mut text = String::new();
        write(&mut text, &a.values[0]);
        Ok(syntax::format_expression(&text).into())
    }),
    function(
        "provider::terraform::encode_tfvars",
        &[parameter("value", any).open()],
        string,
        encode,
    ),
];

fn encode(arguments: &Arguments<'_>) -> Answer {
    let Kind::Object(table) = arguments.values[0].kind() else {
        return Err("invalid value to encode: must be an object whose attribute names will become the encoded variable names".into());
    };
    let mut text = String::new();
    for (name, value) in table.iter() {
        if !is_name(name) {
            return Err(
                format!("invalid variable name \"{name}\": must be a valid identifier").into()
            );
        }
        // Writing to a string cannot fail.
        let _ = write!(text, "{name} = ");
        write(&mut text, value);
        text.push('\n');
    }
    Ok(syntax::format(&text).into())
}

fn decode(arguments: &Arguments<'_>) -> Answer {
    let text = arguments.text(0);
    let body = syntax::parse_body(SourceId(u32::MAX), text).map_err(|errors| {
        let first = errors.iter().next();
        let said = first.map_or_else(String::new, |e| format!("{}; {}", e.summary, e.detail));
        FunctionError::Failed(format!("invalid tfvars syntax: {said}"))
    })?;
    if let Some(block) = body.blocks.first() {
        return Err(format!("invalid tfvars content: unexpected block \"{}\"", block.kind).into());
    }
    let mut values: Vec<(Str, Value)> = Vec::with_capacity(body.attributes.len());
    for (name, attribute) in body.attributes {
        let Some(value) = constant(&attribute.expr) else {
            let message = format!(
                "invalid expression for variable \"{name}\": nothing may be referred to or called in it"
            );
            return Err(message.into());
        };
        values.push((name, value));
    }
    Ok(Value::object(values))
}

/// A known value as an expression, with line ends where the canonical form has them.
fn write(text: &mut String, value: &Value) {
    if let Some(table) = value.as_table() {
        if table.is_empty() {
            return text.push_str("{}");
        }
        text.push_str("{\n");
        for (key, item) in table {
            if is_name(key) {
                text.push_str(key);
            } else {
                write_string(text, key);
            }
            text.push_str(" = ");
            write(text, item);
            text.push('\n');
        }
        return text.push('}');
    }
    if let Some(items) = value.as_slice() {
        text.push('[');
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                text.push_str(", ");
            }
            write(text, item);
        }
        return text.push(']');
    }
    match value.kind() {
        Kind::String(string) => write_string(text, string),
        Kind::Null(_) => text.push_str("null"),
        _ => {
            let shown = convert(value, &Type::String).ok();
            text.push_str(shown.as_ref().and_then(Value::as_str).unwrap_or("null"));
        }
    }
}

fn write_string(text: &mut String, string: &str) {
    text.push('"');
    let mut characters = string.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            // What would begin a sequence is doubled.
            '$' | '%' if characters.peek() == Some(&'{') => {
                text.push(character);
                text.push(character);
            }
            other if other.is_control() => {
                let _ = write!(text, "\\u{:04x}", u32::from(other));
            }
            other => text.push(other),
        }
    }
    text.push('"');
}

fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: &Value) -> String {
        let mut text = String::new();
        write(&mut text, value);
        syntax::format_expression(&text)
    }

    /// Recorded from Terraform.
    #[test]
    fn values_are_written_in_canonical_form() {
        let number = |n: i64| Value::from(n);
        let inner = Value::object([("d", Value::from("x\ny"))]);
        let list = Value::tuple([number(1), number(2), inner]);
        let nested = Value::object([("a", number(1)), ("b c", list)]);
        let cases = [
            (nested, "{\n  a = 1\n  \"b c\" = [1, 2, {\n    d = \"x\\ny\"\n  }]\n}"),
            (
                Value::object([("1a", number(2)), ("a-b", number(1)), ("for", number(3))]),
                "{\n  \"1a\" = 2\n  a-b  = 1\n  for  = 3\n}",
            ),
            (Value::from("a${b} %{c} \\ $d"), "\"a$${b} %%{c} \\\\ $d\""),
            (Value::tuple([]), "[]"),
            (Value::object::<Str>([]), "{}"),
            (Value::tuple([Value::from(true), Value::null()]), "[true, null]"),
        ];
        for (value, expected) in cases {
            assert_eq!(written(&value), expected);
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        for text in ["plain", "${x}", "%%{", "\"\\\n\t\r\u{7}", "$${", "é"] {
            let shown = written(&Value::from(text));
            let read = syntax::parse_expression(SourceId(0), &shown).expect("valid");
            assert_eq!(read.as_literal().and_then(Value::as_str), Some(text), "{shown}");
        }
    }
}
