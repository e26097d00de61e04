//! Built-in functions: pure, a file a family, with one table of signatures.
//!
//! `try`, `can` and the console's `type` are more than functions of values; evaluation does them.
//! Source: the language's documentation of each function, and recorded results.

mod collection;
mod csv;
mod describe;
mod encoding;
mod error;
mod filesystem;
mod float;
mod format;
mod hash;
mod ip;
mod maps;
mod numeric;
mod position;
mod prefix;
mod registry;
mod rsa;
mod sets;
mod signature;
mod string;
mod terraform;
mod text_search;
mod time;
mod types;
mod yaml;

pub use describe::describe;
pub use error::FunctionError;
pub(crate) use prefix::certain_prefix;
pub use registry::{Signature, SignatureParameter, call, exists, names, signatures};
pub use signature::{FunctionContext, Render};
