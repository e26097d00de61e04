//! What Skyform made: state v4, the journal beside it, locks and stores.
//!
//! Attributes of objects are kept as JSON text here: only a provider's schema tells their types, and
//! this crate knows no provider. Nothing here decides what to do; it keeps what was done.

mod backend;
pub mod codec;
pub mod disk;
mod error;
pub mod journal;
mod ledger;
mod local;
mod model;
mod remote;
mod seal;

pub use backend::{Backend, DEFAULT_WORKSPACE, Here, Store};
pub use error::StateError;
pub use ledger::{Ledger, Opening, Recovered, is_of_journal};
pub use local::{LocalBackend, LocalStore, LockInfo, write_atomically};
pub use model::{
    BlockAddress, DeposedKey, InstanceState, Object, ObjectStatus, OutputState, PlacementState,
    ResourceState, State,
};
pub use remote::{Remote, RemoteError, RemoteErrorKind, RemoteStore, Version};
pub use seal::{Seal, SealError};
