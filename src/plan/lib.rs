//! The plan as data: what is to be done, in what order, and what led to it.
//!
//! Renderers and apply read the same [`Plan`] and never the engine that made it.

mod action;
mod change;
mod checks;
pub mod codec;
mod deferred;
mod placement;
mod plan;

pub use action::{Action, ActionId, ActionKind, ChangeId};
pub use change::{ChangeAction, OutputChange, Reason, ResourceChange};
pub use checks::{CheckKind, CheckResult, CheckStatus};
pub use deferred::{Deferred, DeferredReason};
pub use placement::{
    ChoiceReport, CloudCost, ConflictReport, ExplanationReport, OfferReport, PlacementReport,
    PlacementStatus, RemedyReport, RequirementReport, ShadowReport, TaskCostReport, TaskReport,
};
pub use plan::{Plan, PlanMode, Snapshot};
