//! The portable AI blocks as one provider, over any cloud.
//!
//! `cloud`, `task` and `placement` are evaluated while planning and never stored; the engine calls
//! the solver. `bucket` is stored. Each block type has a file of its own. Knows no driver: those are
//! handed in by name.

mod bucket;
mod cloud;
mod clouds;
mod placement;
mod provider;
mod task;

pub use provider::PortableProvider;
