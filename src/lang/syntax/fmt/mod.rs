//! The canonical form of native syntax, byte for byte as `terraform fmt` writes it.
//!
//! Works on tokens, not on the tree: what the author wrote stays, with its comments; only spaces,
//! indentation and a few old spellings change. Expected results: `testdata/fmt`.

mod layout;
mod lines;
mod pieces;
mod rewrite;
mod spaces;

#[cfg(test)]
mod tests;

pub use layout::{format, format_expression};
