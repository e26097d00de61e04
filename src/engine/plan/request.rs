//! What a plan is made from.

use std::collections::BTreeMap;
use std::sync::Arc;

use skyform_lang::config::{Config, VariableValue};
use skyform_plan::PlanMode;
use skyform_state::State;
use skyform_value::{InstanceAddress, Str};

use crate::{Events, Providers, World};

/// What a plan is made from.
pub struct PlanRequest<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// All providers.
    pub providers: &'a Providers,
    /// What is stored.
    pub state: &'a State,
    /// Values given for root variables.
    pub inputs: &'a BTreeMap<Str, VariableValue>,
    /// The world.
    pub world: World<'a>,
    /// How to plan.
    pub options: &'a PlanOptions,
    /// Who is told what happens.
    pub events: Arc<dyn Events>,
}

/// How to plan.
#[derive(Clone, Debug)]
pub struct PlanOptions {
    /// What kind of plan.
    pub mode: PlanMode,
    /// Whether objects are read again first.
    pub refresh: bool,
    /// Only these resources, instances and modules, and what they need.
    pub targets: Vec<String>,
    /// Not these resources, instances and modules, nor what depends on them.
    pub excludes: Vec<String>,
    /// Instances to be replaced.
    pub replace: Vec<InstanceAddress>,
    /// Most provider calls at a time.
    pub parallelism: usize,
    /// Whether blocks of which too little is known are left for a later plan.
    pub allow_deferral: bool,
    /// Whether placements are explained, which takes solving them many times.
    pub explain: bool,
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self {
            mode: PlanMode::Normal,
            refresh: true,
            targets: Vec::new(),
            excludes: Vec::new(),
            replace: Vec::new(),
            parallelism: 10,
            allow_deferral: false,
            explain: false,
        }
    }
}
