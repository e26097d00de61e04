//! Arguments that backends take: their names, what they may be, and where they come from.

use serde_json::Value as Json;

/// An argument of a backend.
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    /// Its name, as Terraform has it.
    pub name: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// Whether it must be given, in the block, by an option, or in the environment.
    pub is_required: bool,
    /// Variables of the environment that stand in for it, the first that is set.
    pub environment: &'static [&'static str],
    /// Why it is refused, if it is.
    pub refused: Option<&'static str>,
}

/// What an argument may be.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number, not negative.
    Number,
    /// True or false.
    Bool,
    /// A list of texts.
    Texts,
    /// An object with these arguments.
    Object(&'static [Argument]),
}

impl Argument {
    /// An argument of this kind that may be left out.
    pub(crate) const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, is_required: false, environment: &[], refused: None }
    }

    /// A text that may be left out.
    pub(crate) const fn text(name: &'static str) -> Self {
        Self::new(name, Kind::Text)
    }

    /// A bool that may be left out.
    pub(crate) const fn bool(name: &'static str) -> Self {
        Self::new(name, Kind::Bool)
    }

    /// A number that may be left out.
    pub(crate) const fn number(name: &'static str) -> Self {
        Self::new(name, Kind::Number)
    }

    /// The same, which must be given.
    pub(crate) const fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    /// The same, with variables of the environment that stand in for it.
    pub(crate) const fn or(self, environment: &'static [&'static str]) -> Self {
        Self { environment, ..self }
    }

    /// The same, not supported, with the reason.
    pub(crate) const fn refused(self, why: &'static str) -> Self {
        Self { refused: Some(why), ..self }
    }
}

/// The argument with this name.
pub fn known<'a>(arguments: &'a [Argument], name: &str) -> Option<&'a Argument> {
    arguments.iter().find(|argument| argument.name == name)
}

/// What is wrong with a value that is given for an argument, in a sentence; nothing if it is good.
/// A null stands for none.
pub fn check(argument: &Argument, value: &Json) -> Option<String> {
    let name = argument.name;
    if value.is_null() {
        return None;
    }
    if let Some(why) = argument.refused {
        return Some(format!("\"{name}\" is not supported: {why}."));
    }
    match (argument.kind, value) {
        (Kind::Text, Json::String(_) | Json::Number(_) | Json::Bool(_)) => None,
        (Kind::Text, _) => Some(format!("\"{name}\" must be a string.")),
        (Kind::Number, value) if number(value).is_some() => None,
        (Kind::Number, _) => Some(format!("\"{name}\" must be a whole number.")),
        (Kind::Bool, value) if truth(value).is_some() => None,
        (Kind::Bool, _) => Some(format!("\"{name}\" must be true or false.")),
        (Kind::Texts, Json::Array(items)) if items.iter().all(Json::is_string) => None,
        (Kind::Texts, _) => Some(format!("\"{name}\" must be a list of strings.")),
        (Kind::Object(inner), Json::Object(fields)) => {
            fields.iter().find_map(|(field, value)| match known(inner, field) {
                Some(argument) => check(argument, value),
                None => Some(format!("\"{name}\" has no attribute \"{field}\".")),
            })
        }
        (Kind::Object(_), _) => Some(format!("\"{name}\" must be an object.")),
    }
}

/// A number, which may be written as text.
pub(crate) fn number(value: &Json) -> Option<u64> {
    match value {
        Json::String(text) => text.parse().ok(),
        value => value.as_u64(),
    }
}

/// A bool, which may be written as text.
pub(crate) fn truth(value: &Json) -> Option<bool> {
    match value {
        Json::Bool(truth) => Some(*truth),
        Json::String(text) if text == "true" || text == "1" => Some(true),
        Json::String(text) if text == "false" || text == "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const INNER: &[Argument] = &[Argument::text("s3")];

    #[test]
    fn values_fit_their_arguments_or_it_is_said_why_not() {
        let object = Argument::new("endpoints", Kind::Object(INNER));
        let table = [
            (Argument::text("key"), json!("a"), None),
            (Argument::text("key"), json!(null), None),
            (Argument::text("key"), json!(["a"]), Some("\"key\" must be a string.")),
            (Argument::number("n"), json!("5"), None),
            (Argument::number("n"), json!(5), None),
            (Argument::number("n"), json!("five"), Some("\"n\" must be a whole number.")),
            (Argument::bool("b"), json!("true"), None),
            (Argument::bool("b"), json!("yes"), Some("\"b\" must be true or false.")),
            (object, json!({"s3": "x"}), None),
            (object, json!({"s4": "x"}), Some("\"endpoints\" has no attribute \"s4\".")),
            (object, json!("x"), Some("\"endpoints\" must be an object.")),
            (
                Argument::text("old").refused("use the new one"),
                json!("x"),
                Some("\"old\" is not supported: use the new one."),
            ),
        ];
        for (argument, value, expected) in table {
            assert_eq!(check(&argument, &value).as_deref(), expected, "{value}");
        }
    }
}
