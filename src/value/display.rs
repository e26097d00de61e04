//! Values and types as `console` and `output` print them.

use crate::{Kind, Marks, Str, Type, Value};

/// The value as the console prints it; sensitive values are never shown.
pub fn to_console(value: &Value) -> String {
    let mut text = String::new();
    write_value(&mut text, value, 0, true);
    text
}

/// The type as the console's `type()` prints it.
pub fn type_to_console(ty: &Type) -> String {
    let mut text = String::new();
    write_type(&mut text, ty, 0);
    text
}

/// The text with what is special in a quoted string escaped.
pub fn escape_string(string: &str) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(string.len());
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{7}' => text.push_str("\\a"),
            '\u{8}' => text.push_str("\\b"),
            '\u{b}' => text.push_str("\\v"),
            '\u{c}' => text.push_str("\\f"),
            other if other.is_control() && u32::from(other) < 0x80 => {
                // Writing to a string cannot fail.
                let _ = write!(text, "\\x{:02x}", u32::from(other));
            }
            other if is_invisible(other) && u32::from(other) > 0xffff => {
                let _ = write!(text, "\\U{:08x}", u32::from(other));
            }
            other if is_invisible(other) => {
                let _ = write!(text, "\\u{:04x}", u32::from(other));
            }
            other => text.push(other),
        }
    }
    text
}

/// Characters that cannot be seen in a terminal: controls, format characters, odd spaces.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || character != ' ' && character.is_whitespace()
        || matches!(u32::from(character),
            0xad | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x180e | 0x200b..=0x200f
            | 0x202a..=0x202e | 0x2060..=0x206f | 0xfeff | 0xfff9..=0xfffb
            | 0xe000..=0xf8ff | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff | 0xf0000..=0x0010_ffff)
}

fn write_value(text: &mut String, value: &Value, indent: usize, top: bool) {
    if !value.is_known() {
        return text.push_str("(known after apply)");
    }
    if value.marks().contains(Marks::SENSITIVE) {
        return text.push_str("(sensitive value)");
    }
    if value.marks().contains(Marks::EPHEMERAL) {
        return text.push_str("(ephemeral value)");
    }
    match value.kind() {
        Kind::Unknown(_) => text.push_str("(known after apply)"),
        Kind::Null(ty) => text.push_str(&null_text(ty)),
        Kind::Bool(truth) => text.push_str(if *truth { "true" } else { "false" }),
        Kind::Number(number) => text.push_str(&number.to_string()),
        Kind::String(string) => write_string(text, string, indent, top),
        Kind::List(list) => wrapped(text, "tolist(", |text| write_items(text, &list.items, indent)),
        Kind::Set(set) => wrapped(text, "toset(", |text| write_items(text, &set.items, indent)),
        Kind::Tuple(items) => write_items(text, items, indent),
        Kind::Map(table) => {
            wrapped(text, "tomap(", |text| write_table(text, table.items.iter(), indent));
        }
        Kind::Object(attributes) => write_table(text, attributes.iter(), indent),
    }
}

fn null_text(ty: &Type) -> String {
    match ty {
        Type::Any => "null".to_owned(),
        Type::Bool => "tobool(null)".to_owned(),
        Type::Number => "tonumber(null)".to_owned(),
        Type::String => "tostring(null)".to_owned(),
        Type::List(_) => format!("tolist(null) /* of {} */", short_name(ty)),
        Type::Set(_) => format!("toset(null) /* of {} */", short_name(ty)),
        Type::Map(_) => format!("tomap(null) /* of {} */", short_name(ty)),
        Type::Tuple(_) | Type::Object(_) => format!("null /* {} */", ty.friendly()),
    }
}

fn short_name(ty: &Type) -> String {
    match ty.element() {
        Some(Type::Any) | None => "dynamic".to_owned(),
        Some(element) => element.friendly(),
    }
}

fn wrapped(text: &mut String, open: &str, body: impl FnOnce(&mut String)) {
    text.push_str(open);
    body(text);
    text.push(')');
}

fn write_items(text: &mut String, items: &[Value], indent: usize) {
    if items.is_empty() {
        return text.push_str("[]");
    }
    text.push_str("[\n");
    for item in items {
        pad(text, indent + 2);
        write_value(text, item, indent + 2, false);
        text.push_str(",\n");
    }
    pad(text, indent);
    text.push(']');
}

fn write_table<'a>(
    text: &mut String,
    table: impl ExactSizeIterator<Item = (&'a Str, &'a Value)>,
    indent: usize,
) {
    if table.len() == 0 {
        return text.push_str("{}");
    }
    text.push_str("{\n");
    for (key, item) in table {
        pad(text, indent + 2);
        write_string(text, key, indent + 2, false);
        text.push_str(" = ");
        write_value(text, item, indent + 2, false);
        text.push('\n');
    }
    pad(text, indent);
    text.push('}');
}

fn write_string(text: &mut String, string: &str, indent: usize, top: bool) {
    if !string.contains('\n') {
        text.push('"');
        text.push_str(&escape_string(string));
        text.push('"');
        return;
    }
    let mut marker = "EOT".to_owned();
    while string.lines().any(|line| line.trim() == marker) {
        marker.push('_');
    }
    text.push_str(if top { "<<" } else { "<<-" });
    text.push_str(&marker);
    let indent = if top { 0 } else { indent };
    for line in string.split('\n') {
        text.push('\n');
        pad(text, indent);
        text.push_str(line);
    }
    text.push('\n');
    pad(text, indent);
    text.push_str(&marker);
}

fn write_type(text: &mut String, ty: &Type, indent: usize) {
    match ty {
        Type::Any => text.push_str("dynamic"),
        Type::Bool => text.push_str("bool"),
        Type::Number => text.push_str("number"),
        Type::String => text.push_str("string"),
        Type::List(element) => write_element_type(text, "list(", element, indent),
        Type::Set(element) => write_element_type(text, "set(", element, indent),
        Type::Map(element) => write_element_type(text, "map(", element, indent),
        Type::Tuple(elements) if elements.is_empty() => text.push_str("tuple([])"),
        Type::Tuple(elements) => {
            text.push_str("tuple([\n");
            for element in elements.iter() {
                pad(text, indent + 4);
                write_type(text, element, indent + 4);
                text.push_str(",\n");
            }
            pad(text, indent);
            text.push_str("])");
        }
        Type::Object(object) if object.attributes.is_empty() => text.push_str("object({})"),
        Type::Object(object) => {
            text.push_str("object({\n");
            for (name, ty) in &object.attributes {
                pad(text, indent + 4);
                text.push_str(name);
                text.push_str(": ");
                write_type(text, ty, indent + 4);
                text.push_str(",\n");
            }
            pad(text, indent);
            text.push_str("})");
        }
    }
}

fn write_element_type(text: &mut String, open: &str, element: &Type, indent: usize) {
    text.push_str(open);
    if matches!(element, Type::Tuple(_) | Type::Object(_)) {
        text.push('\n');
        pad(text, indent + 4);
        write_type(text, element, indent + 4);
        text.push_str(",\n");
        pad(text, indent);
    } else {
        write_type(text, element, indent);
    }
    text.push(')');
}

fn pad(text: &mut String, width: usize) {
    text.extend(std::iter::repeat_n(' ', width));
}
