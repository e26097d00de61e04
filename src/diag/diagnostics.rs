//! Several messages: phases collect them and go on, so that one run shows all mistakes.

use crate::{Diagnostic, Location};

/// The messages of a phase. "A phase failed" means [`Diagnostics::has_errors`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// No messages.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a message.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// Adds all messages of another list.
    pub fn extend(&mut self, other: impl IntoIterator<Item = Diagnostic>) {
        self.list.extend(other);
    }

    /// Whether any message is an error.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(Diagnostic::is_error)
    }

    /// Whether there is no message.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many messages there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// The messages in their present order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// Takes the value of a step and keeps its messages; `None` if the step failed.
    pub fn take<T>(&mut self, result: Result<T, Diagnostics>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(diagnostics) => {
                self.extend(diagnostics);
                None
            }
        }
    }

    /// `Ok(value)` if there is no error among the messages, which are given up; else the messages.
    ///
    /// # Errors
    /// All messages, if one of them is an error.
    pub fn into_result<T>(self, value: T) -> Result<T, Diagnostics> {
        if self.has_errors() { Err(self) } else { Ok(value) }
    }

    /// Names the object that was being worked on in all messages that name none.
    #[must_use]
    pub fn for_address(self, address: impl ToString) -> Self {
        let address = address.to_string();
        self.into_iter().map(|diagnostic| diagnostic.for_address(&address)).collect()
    }

    /// Errors before warnings, each by file and place, the same message once.
    pub fn sort(&mut self) {
        let key = |diagnostic: &Diagnostic| match &diagnostic.location {
            Location::Span(span) => (diagnostic.severity, 0, Some(*span), String::new()),
            Location::Address { address, .. } => (diagnostic.severity, 1, None, address.clone()),
            Location::Input(name) => (diagnostic.severity, 2, None, name.clone()),
        };
        self.list.sort_by_cached_key(key);
        self.list.dedup();
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { list: vec![diagnostic] }
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(iter: I) -> Self {
        Self { list: iter.into_iter().collect() }
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}

#[cfg(test)]
mod tests;
