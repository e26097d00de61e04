//! What is stored, encrypted: AES-GCM with keys from a passphrase, a command, or whoever gives them.
//!
//! An [`Encryption`] seals and opens whole texts: a state, a record of a journal, a plan. What it
//! makes is a JSON envelope that says how to find the key again, and nothing else.

mod command;
mod encryption;
mod envelope;
mod keys;
mod method;
mod passphrase;

pub use command::CommandKeys;
pub use encryption::Encryption;
pub use keys::{KeyError, Keys, Random};
pub use method::Method;
pub use passphrase::{Argon2Keys, Hash, Pbkdf2Keys};
