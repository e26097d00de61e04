//! The embedded local cloud: buckets are folders under the stack's data folder.
//!
//! Everything is written so that a crash leaves either the old or the new content. Needs no account
//! and no network.

mod cloud;
mod error;
mod files;
mod names;

pub use cloud::LocalDriver;
