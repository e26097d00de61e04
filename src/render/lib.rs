//! Plans, states, placements and diagnostics as text, JSON, Markdown and HTML.
//!
//! Pure functions of data: nothing here knows the engine, a terminal or a clock.

mod diagnostics;
mod graph;
mod html;
pub mod json;
mod junit;
mod markdown;
mod placement;
mod plan;
mod sequence;
mod state;
mod style;
mod test;
mod value;
mod warnings;

pub use diagnostics::{diagnostic_json, diagnostics_text};
pub use graph::{GraphNode, actions_dot, graph_dot};
pub use html::plan_html;
pub use junit::{JunitCase, JunitOutcome, JunitSuite, junit_xml};
pub use markdown::plan_markdown;
pub use placement::{Detail, placement_text};
pub use plan::plan_text;
pub use state::{outputs_text, state_text};
pub use style::Style;
pub use test::{test_status, test_summary_text};
pub use warnings::compact_warnings_text;
