//! The inference server behind `skyform serve`: ONNX models over the Open Inference Protocol v2.
//!
//! Never prints, and does not read the environment: what it needs is handed in.

mod http;
mod interface;
mod load_error;
mod metrics;
mod pool;
mod runtime;
mod server;
mod service;
mod tensor;
#[cfg(test)]
mod testing;
mod wire;

pub use interface::{Dimension, Field, Interface};
pub use load_error::LoadError;
pub use runtime::{LoadedModel, RuntimeChoice, RuntimeKind, load};
pub use server::{Ended, serve};
pub use service::{Limits, Service, Settings};
pub use tensor::Datatype;
