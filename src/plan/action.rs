//! Actions: the nodes of the plan's graph.

use skyform_value::{InstanceAddress, Str};

/// Index of an action in [`crate::Plan::actions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActionId(pub u32);

/// Index of a change in [`crate::Plan::changes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeId(pub u32);

/// One thing to do, and what must be done before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// What to do.
    pub kind: ActionKind,
    /// Actions that must be done (not failed, not skipped) before. All have smaller indices.
    pub after: Vec<ActionId>,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionKind {
    /// Make the new object of a change (a create, or a replacement's second half).
    Create(ChangeId),
    /// Make the new object while the old one still stands: it becomes a deposed one first.
    CreateBeforeDestroy(ChangeId),
    /// Change the object.
    Update(ChangeId),
    /// Delete the object (or the replacement's old one, or the deposed one that the change names).
    Delete(ChangeId),
    /// Read a data source.
    Read(ChangeId),
    /// Drop the object from state and leave it be.
    Forget(ChangeId),
    /// Compute a root output.
    Output(Str),
    /// Open an ephemeral resource.
    Open(InstanceAddress),
    /// Close it again, whatever has become of those that needed it.
    Close(InstanceAddress),
    /// Nothing: others wait for it in place of many.
    Join,
}

impl ActionKind {
    /// The change that is carried out, if any.
    pub fn change(&self) -> Option<ChangeId> {
        match self {
            ActionKind::Create(id)
            | ActionKind::CreateBeforeDestroy(id)
            | ActionKind::Update(id)
            | ActionKind::Delete(id)
            | ActionKind::Read(id)
            | ActionKind::Forget(id) => Some(*id),
            ActionKind::Output(_)
            | ActionKind::Open(_)
            | ActionKind::Close(_)
            | ActionKind::Join => None,
        }
    }
}
