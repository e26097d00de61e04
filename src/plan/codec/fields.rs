//! Strict reading of JSON: what is missing or of another kind is an error, never a default.

use std::fmt::Display;

use serde_json::value::Index;
use serde_json::{Map, Value as Json};

/// An object or a row whose fields are read by name or by position.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    /// What it is, for messages: "a change".
    what: &'static str,
    json: &'a Json,
}

impl<'a> Fields<'a> {
    pub(super) fn of(what: &'static str, json: &'a Json) -> Self {
        Self { what, json }
    }

    /// Any value that is there.
    pub(super) fn any(self, name: impl Field) -> Result<&'a Json, String> {
        self.json.get(&name).ok_or_else(|| format!("{} lacks \"{name}\"", self.what))
    }

    pub(super) fn text(self, name: impl Field) -> Result<String, String> {
        self.read(name, "text", |json| json.as_str().map(str::to_owned))
    }

    pub(super) fn optional_text(self, name: impl Field) -> Result<Option<String>, String> {
        self.read(name, "text or null", |json| match json {
            Json::Null => Some(None),
            json => json.as_str().map(|text| Some(text.to_owned())),
        })
    }

    pub(super) fn flag(self, name: impl Field) -> Result<bool, String> {
        self.read(name, "true or false", Json::as_bool)
    }

    pub(super) fn count(self, name: impl Field) -> Result<u64, String> {
        self.read(name, "a count", Json::as_u64)
    }

    pub(super) fn optional_count(self, name: impl Field) -> Result<Option<u64>, String> {
        self.read(name, "a count or null", |json| match json {
            Json::Null => Some(None),
            json => json.as_u64().map(Some),
        })
    }

    pub(super) fn number(self, name: impl Field) -> Result<f64, String> {
        self.read(name, "a number", Json::as_f64)
    }

    pub(super) fn table(self, name: impl Field) -> Result<&'a Map<String, Json>, String> {
        self.read(name, "an object", Json::as_object)
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(self, name: impl Field, words: &[(T, &str)]) -> Result<T, String> {
        self.read(name, "one of the known words", |json| find_word(json, words))
    }

    /// One of a few words, or null.
    pub(super) fn optional_word<T: Copy>(
        self,
        name: impl Field,
        words: &[(T, &str)],
    ) -> Result<Option<T>, String> {
        self.read(name, "one of the known words or null", |json| match json {
            Json::Null => Some(None),
            json => find_word(json, words).map(Some),
        })
    }

    /// Each item of a list, read by `item`.
    pub(super) fn list<T>(
        self,
        name: impl Field,
        item: impl Fn(&'a Json) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        self.read(name, "a list", Json::as_array)?.iter().map(item).collect()
    }

    pub(super) fn texts(self, name: impl Field) -> Result<Vec<String>, String> {
        self.list(name, |json| {
            json.as_str().map(str::to_owned).ok_or_else(|| format!("not text: {json}"))
        })
    }

    fn read<T>(
        self,
        name: impl Field,
        expected: &str,
        as_expected: impl Fn(&'a Json) -> Option<T>,
    ) -> Result<T, String> {
        as_expected(self.any(&name)?)
            .ok_or_else(|| format!("\"{name}\" of {} is not {expected}", self.what))
    }
}

/// A name in an object, or a position in a row.
pub(super) trait Field: Index + Display {}

impl<T: Index + Display> Field for T {}

/// The word of a value in a table of words.
pub(super) fn word_of<T: PartialEq>(value: &T, words: &[(T, &'static str)]) -> Json {
    words.iter().find(|(known, _)| known == value).map_or(Json::Null, |(_, word)| Json::from(*word))
}

fn find_word<T: Copy>(json: &Json, words: &[(T, &str)]) -> Option<T> {
    words.iter().find(|(_, word)| json.as_str() == Some(word)).map(|(value, _)| *value)
}
