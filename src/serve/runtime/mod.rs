//! Runtimes for ONNX models: one pair of traits, two implementations, and the choice between them.

mod choose;
mod model;
#[cfg(feature = "onnxruntime")]
mod onnxruntime;
#[cfg(test)]
mod tests;
#[cfg(feature = "tract")]
mod tract;

pub use choose::{LoadedModel, RuntimeChoice, load};
pub use model::RuntimeKind;
pub(crate) use model::{Model, Replica, RunError};
