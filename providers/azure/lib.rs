//! Microsoft Azure: buckets are containers of a storage account, objects are blobs.
//!
//! Containers go through Azure's own SDK, blobs through OpenDAL; both prove who they are in the same
//! way. Nothing is contacted and no credential is looked for before a request is made.

mod auth;
mod buckets;
mod cloud;
mod connection;
mod error;
mod identity;
mod metadata;
mod names;
mod objects;
mod shared_key;

pub use auth::Environment;
pub use cloud::AzureDriver;
