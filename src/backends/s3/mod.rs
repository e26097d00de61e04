//! `backend "s3"`: states as objects in an S3 bucket, or a store that speaks its protocol.
//!
//! The layout is Terraform's: `KEY` for the default workspace, `PREFIX/WORKSPACE/KEY` for others,
//! the lock of each beside it as `….tflock` (`use_lockfile`).

mod arguments;
mod client;
mod error;
mod object;
mod place;
mod profiles;

pub(crate) use arguments::ARGUMENTS;
pub(crate) use client::connect;
