//! States in places that are reached over a network.
//!
//! What such a place must be able to do is [`Remote`]; what all of them have in common is in
//! [`RemoteStore`]: nothing is overwritten that was not read before, and what cannot be saved is kept
//! here.

mod error;
mod store;
mod versioned;

pub use error::{RemoteError, RemoteErrorKind};
pub use store::RemoteStore;
pub use versioned::{Remote, Version};

#[cfg(test)]
mod tests;
