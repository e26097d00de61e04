//! Plans, states, placements and diagnostics as text and JSON.
//!
//! Pure functions of data: nothing here knows the engine, a terminal or a clock.

mod diagnostics;
mod graph;
pub mod json;
mod placement;
mod placement_json;
mod plan;
mod style;
mod value;

pub use diagnostics::{diagnostic_json, diagnostics_text};
pub use graph::{GraphNode, actions_dot, graph_dot};
pub use placement::{Detail, placement_text};
pub use placement_json::placements_json;
pub use plan::{outputs_text, plan_text, state_text};
pub use style::Style;
