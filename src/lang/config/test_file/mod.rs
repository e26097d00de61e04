//! Test files, `*.tftest.hcl` and `*.tftest.json`: what they consist of, and reading them.

mod mock;
mod model;
mod read;
mod run;
#[cfg(test)]
mod tests;

pub use model::*;
pub use read::load_test_file;
