//! The JSON of the Open Inference Protocol v2.

mod data;
mod describe;
mod instances;
mod predictions;
mod request;
mod response;

pub(crate) use describe::{Index, ModelMetadata, ServerMetadata};
pub(crate) use instances::{from_csv, from_json};
pub(crate) use predictions::Predictions;
pub(crate) use request::{Refusal, read};
pub(crate) use response::{InferResponse, OutputBody};
