//! States in files of this machine, in the layout of Terraform's local backend.

mod backend;
mod lock;
mod store;

pub use backend::LocalBackend;
pub use lock::LockInfo;
pub(crate) use lock::StateLock;
pub(crate) use store::state_from_bytes;
pub use store::{LocalStore, write_atomically};
