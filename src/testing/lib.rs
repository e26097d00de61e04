//! Tests of configurations: the `run` blocks of test files, carried out and judged.
//!
//! States are kept in memory and nowhere else; what a file has made is destroyed at its end. Knows
//! no terminal and no files but through what it is given.

mod assertions;
mod expected;
mod file;
mod made_up;
mod mocked;
mod mocks;
mod modules;
mod report;
mod run;
mod suite;
mod variables;

pub use report::{Event, Shown, Status, Watcher};
pub use suite::{Machine, Module, Suite, Summary, carry_out};
