//! `backend "azurerm"`: states as blobs in a container of Azure Storage.
//!
//! The layout is Terraform's: the blob `KEY` for the default workspace, `KEYenv:WORKSPACE` for others,
//! locked by a lease without end, with who holds it in the blob's metadata.

mod arguments;
mod blob;
mod client;
mod container;
mod signature;

pub(crate) use arguments::ARGUMENTS;
pub(crate) use client::connect;
