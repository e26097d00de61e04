//! Writes YAML as `yamlencode` does: block style, strings and keys in double quotes.

use std::fmt::Write as _;

use skyform_value::{Kind, Str, Value, json};

/// A value that is wholly known as a YAML document.
pub(super) fn encode(value: &Value) -> String {
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
        _ => json::to_plain(value),
    }
}

fn scalar_string(string: &str, indent: usize) -> String {
    let blockable = string.ends_with('\n')
        && !string.starts_with([' ', '\n'])
        && !string.ends_with("\n\n")
        && !string.contains(|c: char| c.is_control() && c != '\n');
    if blockable && string.contains('\n') {
        let mut text = String::from("|");
        for line in string.trim_end_matches('\n').split('\n') {
            text.push('\n');
            if !line.is_empty() {
                let _ = write!(text, "{:width$}{line}", "", width = indent + 2);
            }
        }
        return text;
    }
    json::quote(string)
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
    text.push_str(&json::quote(key));
    text.push(':');
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
