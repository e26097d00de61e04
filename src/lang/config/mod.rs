//! The configuration tree: modules and the blocks in them, decoded but not evaluated.

mod model;

pub use model::*;
