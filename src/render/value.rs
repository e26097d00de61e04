//! Values as they stand in plans: written as configuration, with differences marked.

use std::collections::BTreeSet;

use similar::{ChangeTag, TextDiff};
use skyform_value::{Kind, Marks, Path, Step, Str, Value, escape_string};

use crate::Style;

/// How something differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Add,
    Remove,
    Change,
    Replace,
    None,
}

impl Mark {
    pub(crate) fn text(self, style: Style) -> String {
        match self {
            Mark::Add => style.green("+"),
            Mark::Remove => style.red("-"),
            Mark::Change => style.yellow("~"),
            Mark::Replace => format!("{}/{}", style.red("-"), style.green("+")),
            Mark::None => " ".to_owned(),
        }
    }
}

/// Writes differences between two values, line by line.
pub(crate) struct Differ<'a> {
    pub style: Style,
    pub lines: Vec<String>,
    pub forces: &'a [Path],
}

impl Differ<'_> {
    fn line(&mut self, indent: usize, mark: Mark, text: &str) {
        let pad = " ".repeat(indent);
        let mark = mark.text(self.style);
        self.lines.push(format!("{pad}{mark} {text}").trim_end().to_owned());
    }

    fn note(&self, path: &[Step]) -> String {
        let forces = self.forces.iter().any(|forced| forced.0 == path);
        if forces { format!(" {}", self.style.red("# forces replacement")) } else { String::new() }
    }

    /// `name = before -> after`, over several lines where that is better.
    pub(crate) fn entry(
        &mut self,
        indent: usize,
        name: &str,
        width: usize,
        before: &Value,
        after: &Value,
        path: &[Step],
    ) {
        let note = self.note(path);
        let head = format!("{name:width$} = ");
        if hidden(before) || hidden(after) {
            let mark = if before.is_null() {
                Mark::Add
            } else if after.is_null() {
                Mark::Remove
            } else if before.unmarked() == after.unmarked() {
                Mark::None
            } else {
                Mark::Change
            };
            return self.line(indent, mark, &format!("{head}(sensitive value){note}"));
        }
        match (before.is_null(), after.is_null()) {
            (true, true) => {}
            (true, false) => self.whole(indent, Mark::Add, &head, after, &note, ""),
            (false, true) => {
                let tail = format!(" {}", self.style.dim("-> null"));
                self.whole(indent, Mark::Remove, &head, before, &note, &tail);
            }
            (false, false) if before == after => {
                self.whole(indent, Mark::None, &head, before, "", "")
            }
            (false, false) => self.changed(indent, &head, before, after, path, &note),
        }
    }

    fn changed(
        &mut self,
        indent: usize,
        head: &str,
        before: &Value,
        after: &Value,
        path: &[Step],
        note: &str,
    ) {
        match (before.kind(), after.kind()) {
            (Kind::String(old), Kind::String(new)) if old.contains('\n') || new.contains('\n') => {
                self.text_diff(indent, head, old, new, note);
            }
            (Kind::String(old), Kind::String(new)) => match (json_of(old), json_of(new)) {
                (Some(old), Some(new)) => {
                    self.line(indent, Mark::Change, &format!("{head}jsonencode({note}"));
                    self.entry(indent + 4, "", 0, &old, &new, &[]);
                    if let Some(last) = self.lines.last_mut()
                        && last.trim_start().starts_with("~  = ")
                    {
                        *last = last.replacen("~  = ", "~ ", 1);
                    }
                    self.line(indent, Mark::None, ")");
                }
                _ => {
                    let (old, new) = (one_line(before), one_line(after));
                    let arrow = self.style.yellow("->");
                    self.line(indent, Mark::Change, &format!("{head}{old} {arrow} {new}{note}"));
                }
            },
            (Kind::Object(_) | Kind::Map(_), Kind::Object(_) | Kind::Map(_)) => {
                self.line(indent, Mark::Change, &format!("{head}{{{note}"));
                self.table(indent + 4, before, after, path);
                self.line(indent, Mark::None, "}");
            }
            (
                Kind::List(_) | Kind::Tuple(_) | Kind::Set(_),
                Kind::List(_) | Kind::Tuple(_) | Kind::Set(_),
            ) => {
                self.line(indent, Mark::Change, &format!("{head}[{note}"));
                self.items(indent + 4, before, after);
                self.line(indent, Mark::None, "]");
            }
            _ => {
                let arrow = self.style.yellow("->");
                if is_short(before) && is_short(after) {
                    let (old, new) = (one_line(before), one_line(after));
                    self.line(indent, Mark::Change, &format!("{head}{old} {arrow} {new}{note}"));
                } else {
                    self.whole(indent, Mark::Remove, head, before, note, "");
                    self.whole(indent, Mark::Add, head, after, note, "");
                }
            }
        }
    }

    fn table(&mut self, indent: usize, before: &Value, after: &Value, path: &[Step]) {
        let none = Value::null();
        let names: BTreeSet<&Str> = [before, after]
            .into_iter()
            .flat_map(|value| value.as_table().into_iter().flat_map(|table| table.keys()))
            .collect();
        let width = names.iter().map(|name| key(name).chars().count()).max().unwrap_or(0);
        let mut unchanged = 0;
        for name in names {
            let old = before.get(name).unwrap_or(&none);
            let new = after.get(name).unwrap_or(&none);
            if old == new {
                unchanged += 1;
                continue;
            }
            let step = match after.kind() {
                Kind::Map(_) => Step::Key(name.clone()),
                _ => Step::Attribute(name.clone()),
            };
            let inner: Vec<Step> = path.iter().cloned().chain([step]).collect();
            self.entry(indent, &key(name), width, old, new, &inner);
        }
        self.unchanged(indent, unchanged, "element");
    }

    pub(crate) fn unchanged(&mut self, indent: usize, count: usize, what: &str) {
        if count > 0 {
            let plural = if count == 1 { "" } else { "s" };
            let text = format!("# ({count} unchanged {what}{plural} hidden)");
            let text = self.style.dim(&text);
            self.line(indent, Mark::None, &text);
        }
    }

    fn items(&mut self, indent: usize, before: &Value, after: &Value) {
        let old = before.as_slice().unwrap_or_default();
        let new = after.as_slice().unwrap_or_default();
        let show = |value: &Value| format!("{value:?}");
        let (old_texts, new_texts): (Vec<String>, Vec<String>) =
            (old.iter().map(show).collect(), new.iter().map(show).collect());
        let old_refs: Vec<&str> = old_texts.iter().map(String::as_str).collect();
        let new_refs: Vec<&str> = new_texts.iter().map(String::as_str).collect();
        let diff = TextDiff::from_slices(&old_refs, &new_refs);
        let mut unchanged = 0;
        for change in diff.iter_all_changes() {
            match change.tag() {
                ChangeTag::Equal => unchanged += 1,
                ChangeTag::Delete => {
                    if let Some(item) = change.old_index().and_then(|at| old.get(at)) {
                        self.whole(indent, Mark::Remove, "", item, "", ",");
                    }
                }
                ChangeTag::Insert => {
                    if let Some(item) = change.new_index().and_then(|at| new.get(at)) {
                        self.whole(indent, Mark::Add, "", item, "", ",");
                    }
                }
            }
        }
        self.unchanged(indent, unchanged, "element");
    }

    fn text_diff(&mut self, indent: usize, head: &str, old: &str, new: &str, note: &str) {
        self.line(indent, Mark::Change, &format!("{head}<<-EOT{note}"));
        let diff = TextDiff::from_lines(old, new);
        for group in diff.grouped_ops(3) {
            for operation in group {
                for change in diff.iter_changes(&operation) {
                    let mark = match change.tag() {
                        ChangeTag::Equal => Mark::None,
                        ChangeTag::Delete => Mark::Remove,
                        ChangeTag::Insert => Mark::Add,
                    };
                    self.line(indent + 4, mark, change.value().trim_end_matches('\n'));
                }
            }
        }
        self.line(indent, Mark::None, "EOT");
    }

    /// A value as it is, every line with the same mark.
    fn whole(
        &mut self,
        indent: usize,
        mark: Mark,
        head: &str,
        value: &Value,
        note: &str,
        tail: &str,
    ) {
        if hidden(value) {
            return self.line(indent, mark, &format!("{head}(sensitive value){note}{tail}"));
        }
        match value.kind() {
            Kind::String(text) if text.contains('\n') => {
                self.line(indent, mark, &format!("{head}<<-EOT{note}"));
                for line in text.trim_end_matches('\n').split('\n') {
                    self.line(indent + 4, Mark::None, line);
                }
                self.line(indent, Mark::None, &format!("EOT{tail}"));
            }
            Kind::Object(_) | Kind::Map(_) if value.children().next().is_some() => {
                self.line(indent, mark, &format!("{head}{{{note}"));
                let table = value.as_table().into_iter().flatten();
                let width =
                    table.clone().map(|(name, _)| key(name).chars().count()).max().unwrap_or(0);
                for (name, item) in table {
                    let head = format!("{:width$} = ", key(name));
                    self.whole(indent + 4, mark, &head, item, "", "");
                }
                self.line(indent, Mark::None, &format!("}}{tail}"));
            }
            Kind::List(_) | Kind::Set(_) | Kind::Tuple(_) if value.children().next().is_some() => {
                self.line(indent, mark, &format!("{head}[{note}"));
                for item in value.as_slice().unwrap_or_default() {
                    self.whole(indent + 4, mark, "", item, "", ",");
                }
                self.line(indent, Mark::None, &format!("]{tail}"));
            }
            _ => {
                let text = one_line(value);
                self.line(indent, mark, &format!("{head}{text}{note}{tail}"));
            }
        }
    }
}

fn hidden(value: &Value) -> bool {
    value.marks().contains(Marks::SENSITIVE)
}

/// The value that JSON text of an object or array stands for.
fn json_of(text: &str) -> Option<Value> {
    let trimmed = text.trim_start();
    if !(trimmed.starts_with('{') || trimmed.starts_with('[')) {
        return None;
    }
    skyform_value::json::from_plain(text).ok()
}

fn is_short(value: &Value) -> bool {
    value.children().next().is_none() && value.as_str().is_none_or(|text| !text.contains('\n'))
}

/// A key as it is written: quoted where it is not a plain name.
pub(crate) fn key(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
        && name.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_');
    if plain { name.to_owned() } else { format!("\"{}\"", escape_string(name)) }
}

/// A value without parts on one line.
pub(crate) fn one_line(value: &Value) -> String {
    if hidden(value) {
        return "(sensitive value)".to_owned();
    }
    match value.kind() {
        Kind::Unknown(_) => "(known after apply)".to_owned(),
        Kind::Null(_) => "null".to_owned(),
        Kind::Bool(truth) => truth.to_string(),
        Kind::Number(number) => number.to_string(),
        Kind::String(text) => format!("\"{}\"", escape_string(text)),
        Kind::List(_) | Kind::Set(_) | Kind::Tuple(_) => "[]".to_owned(),
        Kind::Map(_) | Kind::Object(_) => "{}".to_owned(),
    }
}
