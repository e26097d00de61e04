//! The configuration tree: modules and the blocks in them, decoded but not evaluated.

mod arguments;
mod block;
mod check;
mod constraint;
mod load;
mod meta;
mod model;
mod overrides;
mod references;
mod resource;
mod statements;
mod target;
mod test_file;
mod unused;
mod variables_file;
mod version;

pub(crate) use constraint::constant;
pub use constraint::{apply_defaults, parse_constraint};
pub use load::{InstalledModule, LoadOptions, MissingModule, load, load_beside, load_settings};
pub use model::*;
pub use target::target_with;
pub use test_file::*;
pub use unused::unused;
pub use variables_file::{VariableValue, load_variables_file, parse_variable_text};
pub use version::{LANGUAGE_VERSION, Version, VersionConstraint};
