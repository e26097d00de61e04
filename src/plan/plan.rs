//! A whole plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use skyform_state::{BlockAddress, State};
use skyform_value::{InstanceAddress, Str, Value};

use crate::{
    Action, ActionId, ChangeAction, ChangeId, CheckResult, Deferred, OutputChange, PlacementReport,
    ResourceChange,
};

/// What kind of plan it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlanMode {
    /// Makes the world as the configuration says.
    #[default]
    Normal,
    /// Deletes everything.
    Destroy,
    /// Only takes over what has changed outside.
    RefreshOnly,
}

/// What is to be done, as a graph of actions.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// What kind of plan it is.
    pub mode: PlanMode,
    /// When it was made, in RFC 3339.
    pub timestamp: String,
    /// Lineage of the state that it was made from; empty if there was none.
    pub lineage: String,
    /// Serial of the state that it was made from.
    pub serial: u64,
    /// The state that the actions start from: as stored, with moves done and objects read again.
    pub prior: State,
    /// Whether `prior` differs from what is stored.
    pub prior_changed: bool,
    /// A change for each instance, unchanged ones too, by address.
    pub changes: Vec<ResourceChange>,
    /// What was found changed outside.
    pub drift: Vec<ResourceChange>,
    /// What is left for a later plan.
    pub deferred: Vec<Deferred>,
    /// Values of blocks that apply leaves alone: evaluated ones, and data sources read already.
    pub known: BTreeMap<InstanceAddress, Value>,
    /// Changes of root outputs.
    pub outputs: BTreeMap<Str, OutputChange>,
    /// What to do. An action stands behind all actions that it waits for.
    pub actions: Vec<Action>,
    /// Stored blocks that a block's values come from: direct ones only.
    pub dependencies: BTreeMap<BlockAddress, Arc<[BlockAddress]>>,
    /// Decisions of the placements.
    pub placements: Vec<PlacementReport>,
    /// Root input variables that were set.
    pub variables: BTreeMap<Str, Value>,
    /// Names of ephemeral root variables that were set, and must be set again to apply.
    pub ephemeral_variables: Vec<String>,
    /// Results of checks, conditions and validations.
    pub checks: Vec<CheckResult>,
    /// Addresses given with `-target`.
    pub targets: Vec<String>,
    /// The configuration that it was made from.
    pub snapshot: Snapshot,
}

/// The text of all configuration files, so that a saved plan does not depend on them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Text by path, as reached from the root module's folder.
    pub files: BTreeMap<String, String>,
}

impl Plan {
    /// Whether apply would change anything that is stored or made.
    pub fn is_applyable(&self) -> bool {
        self.prior_changed_for_user() || self.has_changes()
    }

    /// Whether any resource or output changes.
    pub fn has_changes(&self) -> bool {
        self.changes.iter().any(ResourceChange::is_change)
            || self.outputs.values().any(OutputChange::is_change)
    }

    /// The change that an action carries out.
    pub fn change(&self, id: ChangeId) -> &ResourceChange {
        &self.changes[id.0 as usize]
    }

    /// An action.
    pub fn action(&self, id: ActionId) -> &Action {
        &self.actions[id.0 as usize]
    }

    fn prior_changed_for_user(&self) -> bool {
        let changed = |change: &ResourceChange| change.action != ChangeAction::NoOp;
        self.mode == PlanMode::RefreshOnly && self.drift.iter().any(changed)
    }
}
