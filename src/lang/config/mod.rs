//! The configuration tree: modules and the blocks in them, decoded but not evaluated.

mod arguments;
mod block;
mod constraint;
mod load;
mod meta;
mod model;
mod overrides;
mod resource;
mod statements;
mod target;
mod variables_file;

pub use constraint::{apply_defaults, parse_constraint};
pub use load::{LoadOptions, load};
pub use model::*;
pub use target::target_with;
pub use variables_file::{VariableValue, load_variables_file, parse_variable_text};
