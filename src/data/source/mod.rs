//! Where data and models come from: files, folders and web pages. Buckets are left to the caller.
//!
//! The one place of this crate that reads anything; it writes nothing.

mod error;
mod http;
mod local;
mod location;

pub use error::SourceError;
pub use http::{Authorization, Fetched, HttpOptions, Version, fetch, open, probe};
pub use local::{SourceFile, list, measure, read};
pub use location::Source;
