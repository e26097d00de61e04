//! What Skyform made: state v4, the journal beside it, locks and stores.
//!
//! Attributes of objects are kept as JSON text here: only a provider's schema tells their types, and
//! this crate knows no provider. Nothing here decides what to do; it keeps what was done.

pub mod codec;
pub mod disk;
mod error;
pub mod journal;
mod ledger;
mod lock;
mod model;
mod store;

pub use error::StateError;
pub use ledger::{Ledger, Recovered};
pub use lock::{LockInfo, StateLock};
pub use model::{
    BlockAddress, DeposedKey, InstanceState, Object, ObjectStatus, OutputState, PlacementState,
    ResourceState, State,
};
pub use store::{LocalStore, write_atomically};
