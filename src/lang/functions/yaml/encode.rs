//! Writes YAML as `yamlencode` does: block style, strings and keys in double quotes.

use std::fmt::Write as _;

use skyform_value::{Kind, Str, Value, json};

/// A value that is wholly known as a YAML document.
pub(crate) fn encode(value: &Value) -> String {
    let mut text = String::new();
    match value.kind() {
        Kind::Object(_) | Kind::Map(_) | Kind::List(_) | Kind::Set(_) | Kind::Tuple(_)
            if value.children().next().is_some() =>
        {
            write_block(&mut text, value, 0);
        }
        Kind::String(string) => {
            let _ = writeln!(text, "{}", scalar_string(string, 0));
        }
        Kind::Number(_) | Kind::Bool(_) | Kind::Null(_) => {
            // A plain scalar alone is closed, so that a reader knows where it ends.
            let _ = write!(text, "{}\n...\n", flat(value));
        }
        _ => {
            let _ = writeln!(text, "{}", flat(value));
        }
    }
    text
}

fn flat(value: &Value) -> String {
    match value.kind() {
        Kind::Object(_) | Kind::Map(_) => "{}".to_owned(),
        Kind::List(_) | Kind::Set(_) | Kind::Tuple(_) => "[]".to_owned(),
        Kind::Number(number) => number.to_string(),
        _ => json::to_plain(value),
    }
}

/// Text of several lines as a block where its characters allow that, everything else in quotes.
fn scalar_string(string: &str, indent: usize) -> String {
    if string.contains('\n') && fits_in_block(string) {
        block(string, indent)
    } else {
        quoted(string, Some(indent))
    }
}

fn fits_in_block(string: &str) -> bool {
    let visible = |c: char| c == '\n' || is_printable(c) && !is_break(c);
    string.chars().all(visible) && !string.ends_with(' ') && !string.contains(" \n")
}

fn block(string: &str, indent: usize) -> String {
    let mut text = String::from("|");
    if string.starts_with([' ', '\n']) {
        text.push('2');
    }
    let body = match string.strip_suffix('\n') {
        None => {
            text.push('-');
            string
        }
        Some(body) => {
            if body.is_empty() || body.ends_with('\n') {
                text.push('+');
            }
            body
        }
    };
    for line in body.split('\n') {
        text.push('\n');
        if !line.is_empty() {
            let _ = write!(text, "{:width$}{line}", "", width = indent + 2);
        }
    }
    text
}

/// Lines longer than this are broken at the next space.
const WIDTH: usize = 80;

/// Text in double quotes; broken into lines at spaces where `indent` says how far they go in.
fn quoted(string: &str, indent: Option<usize>) -> String {
    let mut text = String::from("\"");
    let mut column = indent.unwrap_or(0) + 1;
    let mut after_space = false;
    let mut characters = string.chars().peekable();
    let mut first = true;
    while let Some(character) = characters.next() {
        let before = text.len();
        if character == ' '
            && !after_space
            && !first
            && column > WIDTH
            && let (Some(indent), Some(next)) = (indent, characters.peek())
        {
            let _ = write!(text, "\n{:width$}", "", width = indent + 2);
            column = indent + 2;
            if *next == ' ' {
                text.push('\\');
                column += 1;
            }
            after_space = true;
            continue;
        }
        first = false;
        after_space = character == ' ';
        escape(&mut text, character);
        column += text[before..].chars().count();
    }
    text.push('"');
    text
}

fn escape(text: &mut String, character: char) {
    let short = match character {
        '\0' => "\\0",
        '\u{7}' => "\\a",
        '\u{8}' => "\\b",
        '\t' => "\\t",
        '\n' => "\\n",
        '\u{b}' => "\\v",
        '\u{c}' => "\\f",
        '\r' => "\\r",
        '\u{1b}' => "\\e",
        '"' => "\\\"",
        '\\' => "\\\\",
        '\u{85}' => "\\N",
        '\u{2028}' => "\\L",
        '\u{2029}' => "\\P",
        other if is_printable(other) => return text.push(other),
        other => {
            // Writing to a string cannot fail.
            let _ = match u32::from(other) {
                code @ ..=0xff => write!(text, "\\x{code:02X}"),
                code @ ..=0xffff => write!(text, "\\u{code:04X}"),
                code => write!(text, "\\U{code:08X}"),
            };
            return;
        }
    };
    text.push_str(short);
}

fn is_break(character: char) -> bool {
    matches!(character, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_printable(character: char) -> bool {
    matches!(character, ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

fn write_block(text: &mut String, value: &Value, indent: usize) {
    let pad = |text: &mut String| text.extend(std::iter::repeat_n(' ', indent));
    if let Some(table) = value.as_table() {
        for (position, (key, item)) in table.iter().enumerate() {
            if position > 0 {
                pad(text);
            }
            write_entry(text, key, item, indent);
        }
        return;
    }
    for (position, item) in value.as_slice().unwrap_or_default().iter().enumerate() {
        if position > 0 {
            pad(text);
        }
        text.push_str("- ");
        write_item(text, item, indent);
    }
}

fn write_entry(text: &mut String, key: &Str, item: &Value, indent: usize) {
    if key.contains('\n') {
        let _ = write!(text, "? {}\n{:indent$}:", scalar_string(key, indent), "");
    } else {
        text.push_str(&quoted(key, None));
        text.push(':');
    }
    if item.children().next().is_none() {
        text.push(' ');
        return write_leaf(text, item, indent);
    }
    text.push('\n');
    // Sequences stand at their key's own indent, mappings below it.
    let deeper = if item.as_table().is_some() { indent + 2 } else { indent };
    text.extend(std::iter::repeat_n(' ', deeper));
    write_block(text, item, deeper);
}

fn write_item(text: &mut String, item: &Value, indent: usize) {
    if item.children().next().is_none() {
        return write_leaf(text, item, indent);
    }
    write_block(text, item, indent + 2);
}

fn write_leaf(text: &mut String, item: &Value, indent: usize) {
    match item.as_str() {
        Some(string) => text.push_str(&scalar_string(string, indent)),
        None => text.push_str(&flat(item)),
    }
    text.push('\n');
}
