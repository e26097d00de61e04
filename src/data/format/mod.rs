//! The formats of model files, found by looking at the bytes.
//!
//! A file that is cut off or overwritten must be found out here, before it is stored or served: so
//! lengths, counts and offsets are followed to the end. Nothing of a file is ever run or unpacked.

mod bytes;
mod error;
mod flatbuffer;
mod gguf;
mod inspect;
mod model;
mod onnx;
mod pickle;
mod protobuf;
mod safetensors;
mod text;
mod ubjson;
mod zip;

pub use error::ModelError;
pub use gguf::GgufDetails;
pub use inspect::{inspect, inspect_start, main_file};
pub use model::{Details, ModelFile, ModelFormat};
pub use onnx::{Dimension, OnnxDetails, Operator, Port};
pub use safetensors::SafetensorsDetails;

#[cfg(test)]
mod tests;
