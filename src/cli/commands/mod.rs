//! One file a command: its arguments in, its exit code out.

pub(crate) mod apply;
pub(crate) mod catalog;
pub(crate) mod console;
pub(crate) mod copy;
pub(crate) mod fmt;
pub(crate) mod force_unlock;
mod generated;
pub(crate) mod get;
pub(crate) mod graph;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod metadata;
pub(crate) mod output;
pub(crate) mod place;
pub(crate) mod plan;
pub(crate) mod providers;
pub(crate) mod recover;
pub(crate) mod serve;
pub(crate) mod show;
pub(crate) mod state;
pub(crate) mod state_transfer;
pub(crate) mod test;
pub(crate) mod validate;
pub(crate) mod version;
pub(crate) mod workspace;
