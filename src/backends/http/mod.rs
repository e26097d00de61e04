//! `backend "http"`: a state behind an address that is read, written and locked by HTTP requests.

mod arguments;
mod client;
mod remote;

pub(crate) use arguments::ARGUMENTS;
pub(crate) use client::connect;
