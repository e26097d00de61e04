//! What the server says about itself and its model.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::interface::{Field, Interface};

/// About the server.
#[derive(Serialize)]
pub(crate) struct ServerMetadata<'a> {
    pub name: &'static str,
    pub version: &'static str,
    pub extensions: &'static [&'static str],
    /// The token that it was started with, by which its starter knows it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<&'a str>,
}

/// About the model.
#[derive(Serialize)]
pub(crate) struct ModelMetadata<'a> {
    name: &'a str,
    versions: [&'a str; 1],
    platform: String,
    inputs: Vec<Tensor<'a>>,
    outputs: Vec<Tensor<'a>>,
    parameters: &'a BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Tensor<'a> {
    name: &'a str,
    datatype: &'static str,
    shape: Vec<i64>,
}

/// One model in the list of models.
#[derive(Serialize)]
pub(crate) struct Index<'a> {
    pub name: &'a str,
    pub version: &'a str,
    pub state: &'static str,
}

impl<'a> ModelMetadata<'a> {
    pub(crate) fn new(
        name: &'a str,
        version: &'a str,
        runtime: &str,
        interface: &'a Interface,
    ) -> Self {
        let tensor = |field: &'a Field| Tensor {
            name: &field.name,
            datatype: field.datatype.name(),
            shape: field.wire_shape(),
        };
        Self {
            name,
            versions: [version],
            platform: format!("onnx_{runtime}"),
            inputs: interface.inputs.iter().map(tensor).collect(),
            outputs: interface.outputs.iter().map(tensor).collect(),
            parameters: &interface.parameters,
        }
    }
}
