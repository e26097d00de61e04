//! `backend "gcs"`: states as objects in a bucket of Google Cloud Storage.
//!
//! The layout is Terraform's: `PREFIX/WORKSPACE.tfstate`, the lock beside it as `….tflock`, guarded by
//! generations. A lock's ID is the generation of its object.

mod arguments;
mod bucket;
mod client;
mod object;

pub(crate) use arguments::ARGUMENTS;
pub(crate) use client::connect;
