//! What apply needs, and what comes out of it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use skyform_diag::Diagnostics;
use skyform_lang::config::{Config, VariableValue};
use skyform_plan::{ChangeAction, Plan};
use skyform_state::State;
use skyform_value::Str;
use tokio_util::sync::CancellationToken;

use crate::{Events, Providers, World};

/// What apply needs.
pub struct ApplyRequest<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The configuration that it was made from.
    pub config: &'a Config,
    /// All providers.
    pub providers: &'a Providers,
    /// Values given for root variables.
    pub inputs: &'a BTreeMap<Str, VariableValue>,
    /// The world.
    pub world: World<'a>,
    /// Most actions at a time.
    pub parallelism: usize,
    /// Who is told what happens.
    pub events: Arc<dyn Events>,
    /// Cancelled: nothing new is begun, what runs is finished.
    pub stop: CancellationToken,
    /// Cancelled: what runs is not waited for either. What became of it is in doubt then, and stands
    /// so in the journal.
    pub abort: CancellationToken,
}

/// An action that failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The instance, or the output.
    pub address: String,
    /// What was tried.
    pub tried: Tried,
}

/// What has failed of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// Something was to be done to it.
    Action(ChangeAction),
    /// It was done, and the object is not what it must be.
    Postcondition,
    /// It is ephemeral, and was to be opened.
    Open,
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tried::Action(action) => action.fmt(f),
            Tried::Postcondition => f.write_str("postcondition"),
            Tried::Open => f.write_str("open"),
        }
    }
}

/// An action that was not begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The instance, or the output.
    pub address: String,
    /// Why.
    pub why: Why,
}

/// Why an action was not begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It needs what failed at this address, directly or through others.
    Failed(String),
    /// A stop was asked for.
    Stopped,
    /// What is done could not have been written down.
    NoJournal,
}

/// What came out.
#[derive(Debug, Default)]
pub struct ApplyOutcome {
    /// Objects made.
    pub added: usize,
    /// Objects changed.
    pub changed: usize,
    /// Objects deleted.
    pub destroyed: usize,
    /// Objects dropped from state.
    pub forgotten: usize,
    /// Actions that failed.
    pub failures: Vec<Failure>,
    /// What was not begun, and why; each address once.
    pub skipped: Vec<Skipped>,
    /// Whether a stop was asked for.
    pub stopped: bool,
    /// What still ran when it was given up, if that was asked for.
    pub given_up: Vec<String>,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
    /// The state at the end.
    pub state: State,
}
