//! Changes: what happens to one instance, or one output.

use std::fmt;

use skyform_diag::Span;
use skyform_state::DeposedKey;
use skyform_value::{InstanceAddress, Path, Str, Value};

/// What happens to an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeAction {
    /// Nothing.
    NoOp,
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// It is deleted and made anew, in this order.
    DeleteThenCreate,
    /// It is made anew, then the old one is deleted.
    CreateThenDelete,
    /// It is deleted.
    Delete,
    /// A data source is read during apply.
    Read,
    /// It is dropped from state and left be.
    Forget,
}

/// Why an instance is deleted, replaced or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Its last create or provisioner failed, or the user marked it.
    Tainted,
    /// Asked for with `-replace`.
    Requested,
    /// `replace_triggered_by`
    Triggered,
    /// An attribute cannot be changed in place.
    CannotUpdate,
    /// Its block is no longer in configuration.
    NoResourceConfig,
    /// Its module is no longer in configuration, or that instance of it.
    NoModule,
    /// The block has no such `count` index any more.
    CountIndex,
    /// The block has no such `for_each` key any more.
    EachKey,
    /// The block now has (or has no more) `count` or `for_each`.
    WrongRepetition,
    /// The configuration has values known only after apply.
    ConfigUnknown,
    /// Something that it depends on changes in this plan.
    DependencyPending,
    /// A data source in a `check` block is read in each run.
    CheckNested,
    /// A `moved` block's target has no configuration.
    NoMoveTarget,
}

/// What happens to one instance.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceChange {
    /// The instance.
    pub address: InstanceAddress,
    /// Where it stood before a `moved` block.
    pub previous_address: Option<InstanceAddress>,
    /// The deposed object that is meant, if it is not the current one.
    pub deposed: Option<DeposedKey>,
    /// The provider's configuration address.
    pub provider: Str,
    /// What happens.
    pub action: ChangeAction,
    /// Why.
    pub reason: Option<Reason>,
    /// The object before, sensitive values marked; null if there is none.
    pub before: Value,
    /// The object after, with unknown and marked values; null if there is none.
    pub after: Value,
    /// The evaluated configuration, if nothing in it is unknown or ephemeral; else apply evaluates.
    pub config: Option<Value>,
    /// Attributes that force a replacement.
    pub requires_replace: Vec<Path>,
    /// The provider's private bytes from planning.
    pub private: Vec<u8>,
    /// What the provider will do, in a user's words.
    pub notes: Vec<String>,
    /// The id that it is imported by.
    pub importing: Option<String>,
    /// The block's header.
    pub span: Option<Span>,
}

/// What happens to a root output.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputChange {
    /// The value before; null if there was none.
    pub before: Value,
    /// The value after; null if it is removed, unknown where known only after apply.
    pub after: Value,
    /// Never shown.
    pub sensitive: bool,
    /// What happens: `NoOp`, `Create`, `Update` or `Delete`.
    pub action: ChangeAction,
}

impl ResourceChange {
    /// Whether anything happens, at least in state.
    pub fn is_change(&self) -> bool {
        self.action != ChangeAction::NoOp
            || self.previous_address.is_some()
            || self.importing.is_some()
    }
}

impl OutputChange {
    /// Whether anything happens.
    pub fn is_change(&self) -> bool {
        self.action != ChangeAction::NoOp
    }
}

impl ChangeAction {
    /// Whether the old object is deleted and a new one made.
    pub fn is_replace(self) -> bool {
        matches!(self, ChangeAction::DeleteThenCreate | ChangeAction::CreateThenDelete)
    }
}

impl fmt::Display for ChangeAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ChangeAction::NoOp => "no-op",
            ChangeAction::Create => "create",
            ChangeAction::Update => "update",
            ChangeAction::DeleteThenCreate | ChangeAction::CreateThenDelete => "replace",
            ChangeAction::Delete => "delete",
            ChangeAction::Read => "read",
            ChangeAction::Forget => "forget",
        })
    }
}
