//! The embedded local cloud: buckets are folders under the stack's data folder, endpoints are server
//! processes on loopback addresses.
//!
//! Everything is written so that a crash leaves either the old or the new content. Needs no account
//! and no network.

mod buckets;
mod cloud;
mod endpoints;
mod error;
mod files;
mod names;
mod server;
mod versions;

pub use cloud::LocalDriver;
