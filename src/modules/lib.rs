//! Fetches modules from where their source says: git, archives over HTTP or in object stores,
//! registries.
//!
//! Knows nothing of configuration: a source goes in as text, a folder comes out.

mod archive;
mod error;
mod fetch;
mod git;
mod http;
mod manifest;
mod registry;
mod source;
mod stored;

#[cfg(test)]
mod tests;

pub use error::ModuleError;
pub use fetch::{Fetched, Fetcher};
pub use manifest::{ManifestEntry, read_manifest, write_manifest};
pub use source::{RegistryAddress, Source};
pub use stored::{Bucket, Objects, Store, Stored};
