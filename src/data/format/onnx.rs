//! ONNX: a protocol buffer without any mark of its own, so all of it is walked.
//!
//! Source: onnx.ai, "Open Neural Network Exchange Intermediate Representation", and its onnx.proto3.

mod graph;
mod tensor;

use std::collections::{BTreeMap, BTreeSet};

use super::bytes::Bytes;
use super::error::Fault;
use super::protobuf::{self, Field};
use graph::Graph;

pub use tensor::{Dimension, Port};

/// What an ONNX model says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnnxDetails {
    /// The version of the format.
    pub ir_version: u64,
    /// The program that wrote it; empty if it does not say.
    pub producer: String,
    /// Versions of operator sets, by domain; the default one is `ai.onnx`.
    pub opsets: BTreeMap<String, u64>,
    /// Operators that a runtime must have, sorted, also those within functions and nested graphs.
    pub operators: Vec<Operator>,
    /// What the caller gives; constants are left out. In the order of the file.
    pub inputs: Vec<Port>,
    /// What the model answers, in the order of the file.
    pub outputs: Vec<Port>,
    /// Entries of `metadata_props`.
    pub metadata: BTreeMap<String, String>,
    /// How many numbers the model holds as constants.
    pub parameters: u64,
    /// Other files that hold constants, relative to this one.
    pub external_files: BTreeSet<String>,
}

/// An operator and how often it stands in the model.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operator {
    /// `ai.onnx` is the default one.
    pub domain: String,
    /// Such as `Gemm`.
    pub op_type: String,
    /// In how many nodes.
    pub count: u64,
}

/// Walks the whole model.
pub(super) fn read(file: &[u8]) -> Result<OnnxDetails, Fault> {
    let mut details = OnnxDetails::default();
    let mut whole: Option<Graph> = None;
    // Functions of the model are operators that it brings along itself.
    let mut functions = Graph::default();
    let mut own: BTreeSet<(String, String)> = BTreeSet::new();
    let mut fields = Bytes::new(file);
    while let Some(field) = protobuf::next(&mut fields)? {
        match field.number {
            1 => details.ir_version = field.number_value()?,
            2 => details.producer = field.text()?,
            3 | 4 | 6 => drop(field.text()?),
            5 => drop(field.number_value()?),
            7 if whole.is_some() => return Err(Fault::new(field.at, "there are two graphs")),
            7 => whole = Some(Graph::read(field.message()?)?),
            8 => drop(opset(&field, &mut details.opsets)?),
            14 => drop(entry(&field, &mut details.metadata)?),
            25 => drop(own.insert(functions.read_function(field.message()?)?)),
            20 | 26 => drop(field.message()?),
            _ => unknown(&field, "model")?,
        }
    }
    let end = |reason| Fault::new(file.len(), reason);
    if details.ir_version == 0 {
        return Err(end("the version of the format is missing"));
    }
    let whole = whole.ok_or_else(|| end("the graph is missing"))?;
    if details.opsets.is_empty() {
        return Err(end("the versions of operator sets are missing"));
    }
    let mut operators = whole.operators;
    for (operator, count) in functions.operators {
        *operators.entry(operator).or_default() += count;
    }
    details.operators = operators
        .into_iter()
        .filter(|(operator, _)| !own.contains(operator))
        .map(|((domain, op_type), count)| Operator { domain, op_type, count })
        .collect();
    let constants = whole.constants;
    details.inputs = whole.inputs;
    details.inputs.retain(|port| !constants.contains(&port.name));
    details.outputs = whole.outputs;
    details.parameters = whole.parameters;
    details.external_files = whole.external_files;
    Ok(details)
}

/// A later version of the format may add a field, which is passed over; but not hundreds of them.
fn unknown(field: &Field<'_>, message: &str) -> Result<(), Fault> {
    const HIGHEST: u64 = 64;
    if field.number <= HIGHEST {
        return Ok(());
    }
    Err(Fault::new(field.at, format!("a {message} has no field {}", field.number)))
}

/// The default domain has two spellings, of which this is the longer one.
fn domain(written: String) -> String {
    if written.is_empty() { "ai.onnx".to_owned() } else { written }
}

fn opset(field: &Field<'_>, opsets: &mut BTreeMap<String, u64>) -> Result<(), Fault> {
    let (mut name, mut version) = (String::new(), 0);
    let mut fields = field.message()?;
    while let Some(field) = protobuf::next(&mut fields)? {
        match field.number {
            1 => name = field.text()?,
            2 => version = field.number_value()?,
            _ => {}
        }
    }
    opsets.insert(domain(name), version);
    Ok(())
}

fn entry(field: &Field<'_>, entries: &mut BTreeMap<String, String>) -> Result<(), Fault> {
    let (mut key, mut value) = (String::new(), String::new());
    let mut fields = field.message()?;
    while let Some(field) = protobuf::next(&mut fields)? {
        match field.number {
            1 => key = field.text()?,
            2 => value = field.text()?,
            _ => {}
        }
    }
    entries.insert(key, value);
    Ok(())
}

#[cfg(test)]
mod tests;
