//! The configuration language: syntax, configuration tree, evaluation, functions.
//!
//! Knows no provider, no state and no clock. Files are read through [`Files`]; values of resources
//! are asked for through [`ValueSource`].

pub mod config;
pub mod eval;
pub mod functions;
pub mod syntax;

mod files;

pub use eval::{Evaluator, Expansion, Scope, ValueSource};
pub use files::Files;
