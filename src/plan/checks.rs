//! Results of conditions.

use skyform_diag::Span;

/// What kind of object a condition belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckKind {
    /// A resource's pre- and postconditions.
    Resource,
    /// An output's preconditions.
    Output,
    /// A `check` block.
    Check,
    /// A variable's validations.
    Variable,
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckStatus {
    /// All conditions hold.
    Pass,
    /// Known only after apply.
    Unknown,
    /// At least one does not hold.
    Fail,
    /// A condition could not be evaluated.
    Error,
}

/// The conditions of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    /// The kind of object.
    pub kind: CheckKind,
    /// The block's address without keys.
    pub block: String,
    /// The instance's address.
    pub address: String,
    /// How it went, over all its conditions.
    pub status: CheckStatus,
    /// Messages of those that do not hold.
    pub failures: Vec<String>,
    /// Where the first failing condition stands.
    pub span: Option<Span>,
}
