//! What a plan leaves for a later one, since too little is known of it yet.

use skyform_diag::Span;
use skyform_value::{Mode, Str, Value};

/// Why it is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeferredReason {
    /// How many instances there will be is known only after apply.
    InstanceCountUnknown,
    /// It depends on something that is left.
    DeferredPrerequisite,
}

/// A block, in one instance of its module, that is left for a later plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Deferred {
    /// Address of the module's instance; `[*]` stands for keys that are not known. Empty for the root.
    pub module: String,
    /// The kind of block.
    pub mode: Mode,
    /// The resource type.
    pub type_name: Str,
    /// The block's name.
    pub name: Str,
    /// Whether it has `count` or `for_each`.
    pub is_repeated: bool,
    /// The provider's configuration address.
    pub provider: Str,
    /// Why.
    pub reason: DeferredReason,
    /// What is known of each of its objects already.
    pub after: Value,
    /// Whether objects of it exist.
    pub exists: bool,
    /// The block's header.
    pub span: Option<Span>,
}

impl Deferred {
    /// Its address; `[*]` stands for all instances.
    pub fn address(&self) -> String {
        let module = if self.module.is_empty() { "" } else { "." };
        let data = if self.mode == Mode::Data { "data." } else { "" };
        let keys = if self.is_repeated { "[*]" } else { "" };
        format!("{}{module}{data}{}.{}{keys}", self.module, self.type_name, self.name)
    }
}
