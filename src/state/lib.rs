//! What Skyform made: state v4, the journal beside it, locks and stores.
//!
//! Attributes of objects are kept as JSON text here: only a provider's schema tells their types, and
//! this crate knows no provider. Nothing here decides what to do; it keeps what was done.

pub mod journal;
mod model;

pub use model::{
    BlockAddress, DeposedKey, InstanceState, Object, ObjectStatus, OutputState, PlacementState,
    ResourceState, State,
};
