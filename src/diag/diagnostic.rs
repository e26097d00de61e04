//! One message to the user: what is wrong, where, and what to do about it.

use std::borrow::Cow;

use crate::Span;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The operation cannot go on.
    Error,
    /// The operation goes on; the user should know.
    Warning,
}

/// Where a problem lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// In configuration.
    Span(Span),
    /// In an object that has no place in configuration: its address, and a path in it.
    Address {
        /// The resource instance's address, or the name of what is concerned (`state`).
        address: String,
        /// Path of the attribute, as text (`tags["a"]`).
        attribute: Option<String>,
    },
    /// In a file that is not configuration, or in a command-line argument (`-var`).
    Input(String),
}

impl From<Span> for Location {
    fn from(span: Span) -> Self {
        Location::Span(span)
    }
}

impl Location {
    /// An object by its address.
    pub fn address(address: impl ToString) -> Self {
        Location::Address { address: address.to_string(), attribute: None }
    }

    /// A file, command-line argument or environment variable.
    pub fn input(name: impl ToString) -> Self {
        Location::Input(name.to_string())
    }
}

/// A second place that helps to understand the first one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is to be seen there, in a few words.
    pub text: String,
}

/// A message about the user's configuration, state or world.
///
/// The summary is constant (it names the kind of problem), the detail says what is wrong here and
/// why, the hint what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The kind of problem; no names in it.
    pub summary: Cow<'static, str>,
    /// What is wrong; may have several lines.
    pub detail: String,
    /// Where.
    pub location: Location,
    /// What is at `location`, in a few words, shown under the marked text.
    pub label: Option<String>,
    /// Further places.
    pub related: Vec<Label>,
    /// What to do.
    pub hint: Option<String>,
    /// Values that led to the problem: expression text and what it was.
    pub values: Vec<(String, String)>,
    /// The resource instance or module that was being worked on.
    pub address: Option<String>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(
        location: impl Into<Location>,
        summary: impl Into<Cow<'static, str>>,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Error,
            summary: summary.into(),
            detail: detail.into(),
            location: location.into(),
            label: None,
            related: Vec::new(),
            hint: None,
            values: Vec::new(),
            address: None,
        }
    }

    /// A warning at a place.
    pub fn warning(
        location: impl Into<Location>,
        summary: impl Into<Cow<'static, str>>,
        detail: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Warning, ..Self::error(location, summary, detail) }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds "Did you mean ...?" where one of `known` is close to `name`.
    #[must_use]
    pub fn did_you_mean<'a>(self, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match crate::nearest(name, known) {
            Some(best) => {
                let hint = format!("Did you mean \"{best}\"?");
                self.hint(hint)
            }
            None => self,
        }
    }

    /// Says what is at the marked place, in a few words.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = Some(text.into());
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push(Label { span, text: text.into() });
        self
    }

    /// Adds a value that led to the problem.
    #[must_use]
    pub fn value(mut self, expression: impl Into<String>, value: impl Into<String>) -> Self {
        self.values.push((expression.into(), value.into()));
        self
    }

    /// Adds values that led to the problem.
    #[must_use]
    pub fn with_values(mut self, values: impl IntoIterator<Item = (String, String)>) -> Self {
        self.values.extend(values);
        self
    }

    /// Names the object that was being worked on.
    #[must_use]
    pub fn for_address(mut self, address: impl ToString) -> Self {
        self.address.get_or_insert_with(|| address.to_string());
        self
    }

    /// True for an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The place in configuration, if it has one.
    pub fn span(&self) -> Option<Span> {
        match self.location {
            Location::Span(span) => Some(span),
            Location::Address { .. } | Location::Input(_) => None,
        }
    }
}
