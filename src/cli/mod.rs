//! The command line: arguments, terminal, environment, signals, and the list of providers.
//!
//! The only place that knows the terminal, the environment and the process.

mod arguments;
mod ask;
mod backend;
mod bars;
mod command_line;
mod commands;
mod console;
mod context;
mod copying;
mod disk;
mod encryption;
mod inputs;
mod module_objects;
mod modules;
mod onnxruntime;
mod progress;
mod project;
mod providers;
mod running;
mod snapshot;
mod stream;
mod test_suite;
mod test_view;
mod usage;
mod view;
mod web;
mod workspace;

pub(crate) use command_line::run_process;

/// Everything went well.
pub(crate) const EXIT_OK: u8 = 0;
/// Something failed.
pub(crate) const EXIT_ERROR: u8 = 1;
/// The plan has changes (with `-detailed-exitcode`).
pub(crate) const EXIT_CHANGES: u8 = 2;
/// The command line is wrong.
pub(crate) const EXIT_USAGE: u8 = 64;
/// A bug.
pub(crate) const EXIT_BUG: u8 = 70;
/// Interrupted before it was done.
pub(crate) const EXIT_INTERRUPTED: u8 = 130;
