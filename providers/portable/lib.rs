//! The portable AI blocks as one provider: `cloud`, `task` and `placement`.
//!
//! These are evaluated while planning and never stored; the engine calls the solver. Stored blocks
//! (`bucket`, `dataset`, `model`, `endpoint`, `evaluation`) come in files of their own beside them.

mod cloud;
mod placement;
mod provider;
mod task;

pub use provider::PortableProvider;
