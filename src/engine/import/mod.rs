//! Taking over objects that exist already, other than while a plan is made.

mod generate;
mod take;

pub use generate::generate_config;
pub use take::{ImportOutcome, import_object};
