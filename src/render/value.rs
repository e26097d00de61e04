//! Values as they stand in plans: written as configuration, with differences marked.

use skyform_value::{Kind, Marks, Path, Step, Str, Value, escape_string};

use crate::Style;

/// How something differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Add,
    Remove,
    Change,
    None,
}

impl Mark {
    pub(crate) fn text(self, style: Style) -> String {
        match self {
            Mark::Add => style.green("+"),
            Mark::Remove => style.red("-"),
            Mark::Change => style.yellow("~"),
            Mark::None => " ".to_owned(),
        }
    }
}

/// Writes differences between values, line by line.
pub(crate) struct Differ<'a> {
    pub style: Style,
    pub lines: Vec<String>,
    pub forces: &'a [Path],
}

/// Where a value is written: how far in, behind what, and what follows.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub indent: usize,
    pub head: &'a str,
    pub end: &'a str,
}

impl Differ<'_> {
    pub(crate) fn line(&mut self, indent: usize, mark: Mark, text: &str) {
        let pad = " ".repeat(indent);
        let mark = mark.text(self.style);
        self.lines.push(format!("{pad}{mark} {text}").trim_end().to_owned());
    }

    fn note(&self, path: &[Step]) -> String {
        let forces = !path.is_empty() && self.forces.iter().any(|forced| forced.0 == path);
        if forces { format!(" {}", self.style.red("# forces replacement")) } else { String::new() }
    }

    /// `name = before -> after` of an attribute; what goes is said to become null.
    pub(crate) fn entry(
        &mut self,
        indent: usize,
        name: &str,
        width: usize,
        before: &Value,
        after: &Value,
        path: &[Step],
    ) {
        let head = format!("{name:width$} = ");
        let place = Place { indent, head: &head, end: "" };
        let (old, new) = (Some(before).filter(|v| !v.is_null()), Some(after));
        let new = new.filter(|v| !v.is_null());
        match (old, new) {
            (None, None) => {}
            (Some(old), None) => {
                let tail = format!(" {}", self.style.dim("-> null"));
                let note = self.note(path);
                self.whole(Mark::Remove, Mark::Remove, place, old, &note, &tail);
            }
            _ => self.pair(place, old, new, path),
        }
    }

    /// What becomes of a value somewhere inside; none where there is nothing.
    pub(crate) fn pair(
        &mut self,
        place: Place<'_>,
        before: Option<&Value>,
        after: Option<&Value>,
        path: &[Step],
    ) {
        let note = self.note(path);
        match (before, after) {
            (None, None) => {}
            (None, Some(after)) => self.whole(Mark::Add, Mark::Add, place, after, &note, ""),
            (Some(before), None) => {
                self.whole(Mark::Remove, Mark::Remove, place, before, &note, "")
            }
            (Some(before), Some(after)) if before == after => {
                self.whole(Mark::None, Mark::None, place, before, "", "");
            }
            (Some(before), Some(after)) if hidden(before) || hidden(after) => {
                let same = before.unmarked() == after.unmarked();
                let why = match (same, hidden(after)) {
                    (true, true) => " # becomes sensitive",
                    (true, false) => " # is no longer sensitive",
                    _ => "",
                };
                let Place { indent, head, end } = place;
                let text = format!("{head}(sensitive value){end}{note}{why}");
                self.line(indent, Mark::Change, &text);
            }
            (Some(before), Some(after)) => self.changed(place, before, after, path, &note),
        }
    }

    fn changed(
        &mut self,
        place: Place<'_>,
        before: &Value,
        after: &Value,
        path: &[Step],
        note: &str,
    ) {
        let Place { indent, head, end } = place;
        let arrow = self.style.yellow("->");
        match (before.kind(), after.kind()) {
            (Kind::String(old), Kind::String(new)) => match (json_of(old), json_of(new)) {
                (Some(old), Some(new)) => self.json(place, &old, &new, note),
                _ if old.contains('\n') || new.contains('\n') => {
                    self.text_diff(place, old, new, note);
                }
                _ => {
                    let (old, new) = (one_line(before), one_line(after));
                    let text = format!("{head}{old} {arrow} {new}{end}{note}");
                    self.line(indent, Mark::Change, &text);
                }
            },
            (Kind::Object(_) | Kind::Map(_), Kind::Object(_) | Kind::Map(_)) => {
                self.line(indent, Mark::Change, &format!("{head}{{{note}"));
                self.table(indent + 4, before, after, path);
                self.line(indent, Mark::None, &format!("}}{end}"));
            }
            (
                Kind::List(_) | Kind::Tuple(_) | Kind::Set(_),
                Kind::List(_) | Kind::Tuple(_) | Kind::Set(_),
            ) => {
                self.line(indent, Mark::Change, &format!("{head}[{note}"));
                self.items(indent + 4, before, after);
                self.line(indent, Mark::None, &format!("]{end}"));
            }
            _ if is_short(before) => {
                let head = format!("{head}{} {arrow} ", one_line(before));
                let place = Place { head: &head, ..place };
                self.whole(Mark::Change, Mark::Add, place, after, note, "");
            }
            _ if is_short(after) => {
                let tail = format!(" {arrow} {}", one_line(after));
                self.whole(Mark::Change, Mark::Remove, place, before, note, &tail);
            }
            _ => {
                self.whole(Mark::Remove, Mark::Remove, place, before, note, "");
                self.whole(Mark::Add, Mark::Add, place, after, note, "");
            }
        }
    }

    fn json(&mut self, place: Place<'_>, old: &Value, new: &Value, note: &str) {
        let Place { indent, head, end } = place;
        let same = if old == new { " # whitespace changes" } else { "" };
        self.line(indent, Mark::Change, &format!("{head}jsonencode({note}{same}"));
        let inner = Place { indent: indent + 4, head: "", end: "" };
        self.pair(inner, Some(old), Some(new), &[]);
        self.line(indent, Mark::None, &format!("){end}"));
    }

    fn table(&mut self, indent: usize, before: &Value, after: &Value, path: &[Step]) {
        let names: std::collections::BTreeSet<&Str> = [before, after]
            .into_iter()
            .flat_map(|value| value.as_table().into_iter().flat_map(|table| table.keys()))
            .collect();
        let changed = |name: &&Str| before.get(name) != after.get(name);
        let shown: Vec<&Str> = names.iter().copied().filter(changed).collect();
        let width = shown.iter().map(|name| key(name).chars().count()).max().unwrap_or(0);
        for name in &shown {
            let step = match after.kind() {
                Kind::Map(_) => Step::Key((*name).clone()),
                _ => Step::Attribute((*name).clone()),
            };
            let inner: Vec<Step> = path.iter().cloned().chain([step]).collect();
            let head = format!("{:width$} = ", key(name));
            let place = Place { indent, head: &head, end: "" };
            self.pair(place, before.get(name), after.get(name), &inner);
        }
        self.unchanged(indent, names.len() - shown.len(), "attribute");
    }

    pub(crate) fn unchanged(&mut self, indent: usize, count: usize, what: &str) {
        if count > 0 {
            let plural = if count == 1 { "" } else { "s" };
            let text = format!("# ({count} unchanged {what}{plural} hidden)");
            let text = self.style.dim(&text);
            self.line(indent, Mark::None, &text);
        }
    }

    /// A value as it is: its first line with one mark, what is inside with another.
    pub(crate) fn whole(
        &mut self,
        mark: Mark,
        inside: Mark,
        place: Place<'_>,
        value: &Value,
        note: &str,
        tail: &str,
    ) {
        let Place { indent, head, end } = place;
        if hidden(value) {
            return self.line(indent, mark, &format!("{head}(sensitive value){tail}{end}{note}"));
        }
        let inner = Place { indent: indent + 4, head: "", end: "" };
        match value.kind() {
            Kind::String(text) if json_of(text).is_some() => {
                self.line(indent, mark, &format!("{head}jsonencode({note}"));
                let json = json_of(text).unwrap_or_else(Value::null);
                self.whole(Mark::None, inside, inner, &json, "", "");
                self.line(indent, Mark::None, &format!("){tail}{end}"));
            }
            Kind::String(text) if text.contains('\n') => {
                self.line(indent, mark, &format!("{head}<<-EOT{note}"));
                for line in text.trim_end_matches('\n').split('\n') {
                    self.line(indent + 4, Mark::None, line);
                }
                self.line(indent, Mark::None, &format!("EOT{tail}{end}"));
            }
            Kind::Object(_) | Kind::Map(_) if value.children().next().is_some() => {
                self.line(indent, mark, &format!("{head}{{{note}"));
                let table = value.as_table().into_iter().flatten();
                let width =
                    table.clone().map(|(name, _)| key(name).chars().count()).max().unwrap_or(0);
                for (name, item) in table {
                    let head = format!("{:width$} = ", key(name));
                    let inner = Place { head: &head, ..inner };
                    self.whole(inside, inside, inner, item, "", "");
                }
                self.line(indent, Mark::None, &format!("}}{tail}{end}"));
            }
            Kind::List(_) | Kind::Set(_) | Kind::Tuple(_) if value.children().next().is_some() => {
                self.line(indent, mark, &format!("{head}[{note}"));
                for item in value.as_slice().unwrap_or_default() {
                    let inner = Place { end: ",", ..inner };
                    self.whole(inside, inside, inner, item, "", "");
                }
                self.line(indent, Mark::None, &format!("]{tail}{end}"));
            }
            _ => {
                let text = one_line(value);
                self.line(indent, mark, &format!("{head}{text}{tail}{end}{note}"));
            }
        }
    }
}

fn hidden(value: &Value) -> bool {
    value.marks().contains(Marks::SENSITIVE)
}

/// The value that JSON text of an object or array with something in it stands for.
fn json_of(text: &str) -> Option<Value> {
    let trimmed = text.trim_start();
    if !(trimmed.starts_with('{') || trimmed.starts_with('[')) {
        return None;
    }
    let value = skyform_value::json::from_plain(text).ok()?;
    let has_parts = value.children().next().is_some();
    has_parts.then_some(value)
}

/// Whether it stands on one line.
fn is_short(value: &Value) -> bool {
    let is_text = |value: &Value| {
        value.as_str().is_some_and(|text| text.contains('\n') || json_of(text).is_some())
    };
    hidden(value) || value.children().next().is_none() && !is_text(value)
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

#[cfg(test)]
mod tests;
