//! What went wrong in a provider, by meaning: the engine adds address, operation and place.

use skyform_diag::{Diagnostic, Location, Severity};
use skyform_value::Path;

/// What a problem means to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// The configuration asks for something that can't be.
    Invalid,
    /// The object does not exist.
    NotFound,
    /// Something of that name exists already.
    AlreadyExists,
    /// Not allowed with these credentials.
    Denied,
    /// Too much at once; may work later.
    Throttled,
    /// The service did not answer, or answered with a fault of its own.
    Unavailable,
    /// The driver lacks this.
    Unsupported,
    /// A condition that was asked for does not hold (an evaluation's gate).
    NotMet,
    /// The operation was cancelled.
    Cancelled,
    /// What was asked for may or may not have been done: the connection broke, the provider died, no
    /// answer came in time. The intent stays open, and the object is looked up before anything else.
    InDoubt,
    /// Anything else.
    Other,
}

/// One problem, or a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Error or warning.
    pub severity: Severity,
    /// What it means.
    pub kind: ProblemKind,
    /// The kind of problem; constant text.
    pub summary: String,
    /// What is wrong here, and why.
    pub detail: String,
    /// What to do.
    pub hint: Option<String>,
    /// The attribute at fault.
    pub attribute: Option<Path>,
}

/// All problems of one request; never empty in an `Err`.
pub type Problems = Vec<Problem>;

impl Problem {
    /// An error.
    pub fn error(kind: ProblemKind, summary: &str, detail: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            kind,
            summary: summary.to_owned(),
            detail: detail.into(),
            hint: None,
            attribute: None,
        }
    }

    /// A warning.
    pub fn warning(summary: &str, detail: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(ProblemKind::Other, summary, detail) }
    }

    /// What a driver lacks, at the attribute that asks for it, with what there is instead.
    pub fn unsupported(driver: &str, attribute: &str, instead: &str) -> Self {
        let detail = format!("The driver \"{driver}\" does not have {attribute}.");
        Self::error(ProblemKind::Unsupported, "Not supported by this cloud", detail)
            .at(Path::attribute(attribute))
            .hint(instead)
    }

    /// With what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// At an attribute.
    #[must_use]
    pub fn at(mut self, attribute: Path) -> Self {
        self.attribute = Some(attribute);
        self
    }

    /// Of something whose effects were taken back. Where that did not work it is in doubt what is left,
    /// and the next run looks.
    #[must_use]
    pub fn after_undo(self, worked: bool) -> Self {
        if worked { self } else { Self { kind: ProblemKind::InDoubt, ..self } }
    }

    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Whether trying again later may help.
    pub fn is_transient(&self) -> bool {
        matches!(self.kind, ProblemKind::Throttled | ProblemKind::Unavailable)
    }

    /// As a diagnostic at `location` about the object at `address`.
    pub fn into_diagnostic(self, location: Location, address: &str) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(location, self.summary, self.detail);
        diagnostic.severity = self.severity;
        diagnostic.hint = self.hint;
        diagnostic.for_address(address)
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        vec![problem]
    }
}
