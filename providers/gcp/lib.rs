//! Google Cloud: buckets by the JSON API, objects through OpenDAL.
//!
//! Both prove who they are with the same tokens. Nothing is contacted and no credential is looked for
//! before a request is made.

mod access;
mod api;
mod auth;
mod buckets;
mod cloud;
mod error;
mod labels;
mod names;
mod objects;
mod settings;

pub use auth::Environment;
pub use cloud::GcpDriver;
