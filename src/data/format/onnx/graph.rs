//! A graph of ONNX: nodes, constants, what goes in and comes out; graphs nest in nodes' attributes.

use std::collections::{BTreeMap, BTreeSet};

use super::super::bytes::Bytes;
use super::super::error::Fault;
use super::super::protobuf;
use super::tensor::{Port, Tensor};
use super::{domain, entry, unknown};

/// Graphs within graphs; deeper ones are no model but an attack.
const DEEPEST: usize = 32;

/// What was found in a graph, with all graphs inside it.
#[derive(Default)]
pub(super) struct Graph {
    /// How often each operator (domain and name) stands in a node.
    pub(super) operators: BTreeMap<(String, String), u64>,
    pub(super) inputs: Vec<Port>,
    pub(super) outputs: Vec<Port>,
    /// Names of the outermost graph's constants.
    pub(super) constants: BTreeSet<String>,
    pub(super) parameters: u64,
    pub(super) external_files: BTreeSet<String>,
}

impl Graph {
    pub(super) fn read(message: Bytes<'_>) -> Result<Graph, Fault> {
        let mut graph = Graph::default();
        graph.walk(message, 0)?;
        if graph.outputs.is_empty() {
            return Err(message.fault("the graph has no outputs"));
        }
        Ok(graph)
    }

    /// Adds a function's nodes; gives its domain and name.
    pub(super) fn read_function(
        &mut self,
        mut fields: Bytes<'_>,
    ) -> Result<(String, String), Fault> {
        let (mut space, mut name) = (String::new(), String::new());
        while let Some(field) = protobuf::next(&mut fields)? {
            match field.number {
                1 => name = field.text()?,
                7 => self.node(field.message()?, 0)?,
                10 => space = field.text()?,
                _ => {}
            }
        }
        Ok((domain(space), name))
    }

    fn walk(&mut self, mut fields: Bytes<'_>, depth: usize) -> Result<(), Fault> {
        if depth > DEEPEST {
            return Err(fields.fault(format!("graphs nest deeper than {DEEPEST}")));
        }
        let outermost = depth == 0;
        while let Some(field) = protobuf::next(&mut fields)? {
            match field.number {
                1 => self.node(field.message()?, depth)?,
                2 | 10 => drop(field.text()?),
                5 => {
                    let tensor = self.tensor(field.message()?)?;
                    if outermost {
                        self.constants.insert(tensor.name);
                    }
                }
                11..=13 => {
                    let port = Port::read(field.message()?)?;
                    match field.number {
                        11 if outermost => self.inputs.push(port),
                        12 if outermost => self.outputs.push(port),
                        _ => {}
                    }
                }
                14 => drop(field.message()?),
                15 => self.sparse(field.message()?)?,
                16 => drop(entry(&field, &mut BTreeMap::new())?),
                _ => unknown(&field, "graph")?,
            }
        }
        Ok(())
    }

    fn node(&mut self, mut fields: Bytes<'_>, depth: usize) -> Result<(), Fault> {
        let start = fields;
        let (mut space, mut op_type) = (String::new(), String::new());
        while let Some(field) = protobuf::next(&mut fields)? {
            match field.number {
                4 => op_type = field.text()?,
                5 => self.attribute(field.message()?, depth)?,
                7 => space = field.text()?,
                1 | 2 | 3 | 6 | 8 => drop(field.text()?),
                9 => drop(entry(&field, &mut BTreeMap::new())?),
                10 => drop(field.message()?),
                _ => unknown(&field, "node")?,
            }
        }
        if op_type.is_empty() {
            return Err(start.fault("a node has no operator"));
        }
        *self.operators.entry((domain(space), op_type)).or_default() += 1;
        Ok(())
    }

    fn attribute(&mut self, mut fields: Bytes<'_>, depth: usize) -> Result<(), Fault> {
        while let Some(field) = protobuf::next(&mut fields)? {
            match field.number {
                5 | 10 => drop(self.tensor(field.message()?)?),
                6 | 11 => self.walk(field.message()?, depth + 1)?,
                22 | 23 => self.sparse(field.message()?)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn tensor(&mut self, message: Bytes<'_>) -> Result<Tensor, Fault> {
        let mut tensor = Tensor::read(message)?;
        self.parameters = self.parameters.saturating_add(tensor.elements);
        self.external_files.extend(tensor.external_file.take());
        Ok(tensor)
    }

    /// The values of a sparse tensor are a tensor, and so are their places.
    fn sparse(&mut self, mut fields: Bytes<'_>) -> Result<(), Fault> {
        while let Some(field) = protobuf::next(&mut fields)? {
            match field.number {
                1 => {
                    let values = self.tensor(field.message()?)?;
                    self.constants.insert(values.name);
                }
                2 => drop(Tensor::read(field.message()?)?),
                _ => {}
            }
        }
        Ok(())
    }
}
