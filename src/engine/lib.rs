//! The engine: graph, refresh, diff, plan and apply.
//!
//! A plan is made by walking the graph of blocks once; apply walks the plan's own graph of actions
//! and never plans anew. Knows no terminal, no environment and no renderer.

mod apply;
mod diff;
mod events;
mod graph;
mod guard;
mod import;
mod inspect;
mod moved;
mod objects;
mod opened;
mod order;
mod persisted;
mod placement;
mod plan;
mod providers;
mod provisioners;
mod references;
mod removed;
mod values;
mod world;

pub use apply::{
    ApplyOutcome, ApplyRequest, Failure, Skipped, Tried, Why, apply, declare_planned, settle,
};
pub use events::{EphemeralStep, Event, Events, NoEvents};
pub use graph::{Outline, OutlineNode, outline, resource_outline};
pub use guard::Deadlines;
pub use import::{ImportOutcome, generate_config, import_object};
pub use inspect::{
    ConsoleValues, block_schema, console_values, schema_version, set_stored, stored_value, validate,
};
pub use plan::{PlanOptions, PlanRequest, make_plan, short_types};
pub use providers::{PORTABLE, Providers, TERRAFORM};
pub use world::{Kept, NoWeb, Page, Web, World};
