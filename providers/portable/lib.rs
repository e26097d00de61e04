//! The portable AI blocks as one provider, over any cloud.
//!
//! `cloud`, `task` and `placement` are evaluated while planning and never stored; the engine calls
//! the solver. The others are stored objects. Each block type has a file of its own. Knows no driver:
//! those are handed in by name.

mod artifact;
mod bucket;
mod catalog;
mod cloud;
mod clouds;
mod content;
mod dataset;
mod egress;
mod endpoint;
mod evaluation;
mod here;
mod inference;
mod located;
mod machines;
mod model;
mod names;
mod object;
mod placement;
mod predictions;
mod provider;
mod secret;
mod sources;
mod staging;
mod stored;
mod task;
mod words;

pub use clouds::kept_settings;
pub use provider::{Environment, PortableProvider};
