//! Where states are kept other than in files of this machine: object stores, databases, HTTP servers.
//!
//! Each backend takes Terraform's arguments, and lays states and locks out as Terraform does, so that
//! a stack can be taken over and given back. Nothing here reads the environment but what a cloud's
//! own SDK looks for: values come in through [`Settings`].

mod argument;
mod azurerm;
mod background;
mod calls;
mod connect;
mod gcs;
mod http;
mod kms;
mod lock_text;
mod pg;
mod remotes;
mod s3;
mod settings;

pub use argument::{Argument, Kind, check, known};
pub use connect::{ConnectError, KINDS, connect};
pub use kms::KmsKeys;
pub use settings::{Environment, Settings};
