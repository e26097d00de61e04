//! Values that are given to a backend.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::argument::{Argument, Kind, known, number, truth};

/// Looks a variable of the environment up.
pub type Environment = dyn Fn(&str) -> Option<String> + Send + Sync;

/// The arguments of one backend with their values, from the block, from options, and from the
/// environment.
#[derive(Clone)]
pub struct Settings {
    arguments: &'static [Argument],
    values: Map<String, Json>,
    environment: Arc<Environment>,
}

impl fmt::Debug for Settings {
    /// Names only: values may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

impl Settings {
    /// These values, with an environment that stands in for what is not given.
    pub fn new(
        arguments: &'static [Argument],
        values: Map<String, Json>,
        environment: Arc<Environment>,
    ) -> Self {
        Self { arguments, values, environment }
    }

    /// Arguments that must be given and are not.
    pub fn missing(&self) -> impl Iterator<Item = &'static Argument> {
        self.arguments
            .iter()
            .filter(|argument| argument.is_required && self.value(argument.name).is_none())
    }

    /// A variable of the environment that is set and not empty.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        (self.environment)(name).filter(|text| !text.is_empty())
    }

    fn value(&self, name: &str) -> Option<Json> {
        if let Some(value) = self.values.get(name).filter(|value| !value.is_null()) {
            return Some(value.clone());
        }
        let argument = known(self.arguments, name)?;
        let found = argument.environment.iter().find_map(|name| (self.environment)(name));
        found.filter(|text| !text.is_empty()).map(Json::String)
    }

    /// A text that is given and not empty.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let text = match self.value(name)? {
            Json::String(text) => text,
            other => other.to_string(),
        };
        (!text.is_empty()).then_some(text)
    }

    /// The same, or what stands for it.
    pub(crate) fn text_or(&self, name: &str, default: &str) -> String {
        self.text(name).unwrap_or_else(|| default.to_owned())
    }

    /// Whether it is given as true.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.value(name).as_ref().and_then(truth).unwrap_or(false)
    }

    /// A number.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        number(&self.value(name)?)
    }

    /// A list of texts; empty if it is not given.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        let Some(Json::Array(items)) = self.value(name) else { return Vec::new() };
        items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
    }

    /// The arguments inside of one that is an object.
    pub(crate) fn object(&self, name: &str) -> Settings {
        let inner = known(self.arguments, name).map(|argument| argument.kind);
        let arguments = match inner {
            Some(Kind::Object(arguments)) => arguments,
            _ => &[],
        };
        let values = match self.value(name) {
            Some(Json::Object(values)) => values,
            _ => Map::new(),
        };
        Self { arguments, values, environment: Arc::clone(&self.environment) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const INNER: &[Argument] = &[Argument::text("s3").or(&["S3_URL"])];
    const ALL: &[Argument] = &[
        Argument::text("key").required(),
        Argument::text("region").required().or(&["REGION", "DEFAULT_REGION"]),
        Argument::bool("encrypt"),
        Argument::new("endpoints", Kind::Object(INNER)),
    ];

    fn settings(values: Json) -> Settings {
        let Json::Object(values) = values else { return settings(json!({})) };
        let environment = |name: &str| match name {
            "DEFAULT_REGION" => Some("north".to_owned()),
            "S3_URL" => Some("http://x".to_owned()),
            _ => None,
        };
        Settings::new(ALL, values, Arc::new(environment))
    }

    #[test]
    fn the_environment_stands_in() {
        let empty = settings(json!({}));
        assert_eq!(empty.missing().map(|argument| argument.name).collect::<Vec<_>>(), ["key"]);
        assert_eq!(empty.text("region").as_deref(), Some("north"));
        let given = settings(json!({"region": "south", "key": "k", "encrypt": "true"}));
        assert_eq!(given.text("region").as_deref(), Some("south"));
        assert!(given.is_true("encrypt") && given.missing().next().is_none());
        assert_eq!(given.object("endpoints").text("s3").as_deref(), Some("http://x"));
    }

    #[test]
    fn values_are_not_shown() {
        let shown = format!("{:?}", settings(json!({"key": "secret"})));
        assert!(!shown.contains("secret"), "{shown}");
    }
}
