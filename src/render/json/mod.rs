//! Plans, states and outputs as JSON in the documented formats: plan 1.2, state 1.0.

mod checks;
mod configuration;
mod expression;
mod modules;
mod placements;
mod plan;
mod relevant;
mod schema;
mod state;
mod test;
mod ui;
mod value;

pub use configuration::{BlockSchema, SchemaOf, configuration_json};
pub use placements::placements_json;
pub use plan::{Known, plan_json};
pub use schema::{ProviderSchemas, functions_json, schemas_json};
pub use state::{Decode, outputs_json, state_json};
pub use test::{
    TestProgress, TestSubject, test_abstract, test_cleanup, test_diagnostic, test_plan,
    test_progress, test_state, test_summary,
};
pub use ui::{
    Counts, Hook, change_messages, change_summary, diagnostic_message, hook, log, outputs_message,
    plan_messages, stored_outputs_message, version_message,
};
pub use value::plain;

/// The version of the documents' format that other readers know them by.
pub const TERRAFORM_VERSION: &str = "1.11.4";
