//! Requests for inference: read, and checked against what the model takes.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::data;
use crate::interface::{Dimension, Field, Interface};
use crate::tensor::{Datatype, Tensor};

/// A request that agrees with the model.
#[derive(Debug, PartialEq)]
pub(crate) struct InferRequest {
    pub id: Option<String>,
    /// In the model's order.
    pub inputs: Vec<Tensor>,
    /// Which outputs are wanted, by their place in the model, in the order of the request.
    pub outputs: Vec<usize>,
    /// How many rows it asks for: the first dimension of the first input.
    pub rows: usize,
}

/// Why a request is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It does not agree with the protocol or with the model.
    Wrong(String),
    /// It asks for more rows than may be asked for at once.
    TooManyRows { rows: usize, most: usize },
}

/// Unknown names are let pass: the protocol is open, and clients send parameters of their own.
#[derive(Deserialize)]
struct Body<'a> {
    id: Option<String>,
    #[serde(borrow)]
    inputs: Vec<InputBody<'a>>,
    outputs: Option<Vec<OutputBody>>,
}

#[derive(Deserialize)]
struct InputBody<'a> {
    name: String,
    shape: Vec<i64>,
    datatype: String,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct OutputBody {
    name: String,
}

/// Reads a request.
///
/// # Errors
/// The first thing that is wrong, with what is expected.
pub(crate) fn read(
    body: &[u8],
    interface: &Interface,
    most_rows: usize,
) -> Result<InferRequest, Refusal> {
    let body: Body<'_> = serde_json::from_slice(body)
        .map_err(|error| Refusal::Wrong(format!("The request cannot be read: {error}.")))?;
    let outputs = outputs(body.outputs.as_deref(), interface)?;
    let mut given = BTreeMap::new();
    for input in &body.inputs {
        if interface.inputs.iter().all(|field| field.name != input.name) {
            let name = &input.name;
            let known = names(&interface.inputs);
            return Err(Refusal::Wrong(format!(
                "The model has no input \"{name}\"; it takes {known}."
            )));
        }
        if given.insert(input.name.as_str(), input).is_some() {
            return Err(Refusal::Wrong(format!("Input \"{}\" is given twice.", input.name)));
        }
    }
    let mut free = BTreeMap::new();
    let mut inputs = Vec::with_capacity(interface.inputs.len());
    for field in &interface.inputs {
        let Some(input) = given.get(field.name.as_str()) else {
            let name = &field.name;
            return Err(Refusal::Wrong(format!("Input \"{name}\" is missing: {field}.")));
        };
        inputs.push(tensor(input, field, &mut free, most_rows)?);
    }
    let rows = inputs.first().and_then(|input| input.shape.first()).copied().unwrap_or(1);
    Ok(InferRequest { id: body.id, inputs, outputs, rows })
}

fn outputs(wanted: Option<&[OutputBody]>, interface: &Interface) -> Result<Vec<usize>, Refusal> {
    let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty()) else {
        return Ok((0..interface.outputs.len()).collect());
    };
    let place = |output: &OutputBody| {
        let name = &output.name;
        let found = interface.outputs.iter().position(|field| field.name == *name);
        found.ok_or_else(|| {
            let known = names(&interface.outputs);
            Refusal::Wrong(format!("The model has no output \"{name}\"; it gives {known}."))
        })
    };
    wanted.iter().map(place).collect()
}

/// One input. `free` are the lengths of named dimensions so far.
fn tensor<'a>(
    input: &InputBody<'_>,
    field: &'a Field,
    free: &mut BTreeMap<&'a str, usize>,
    most_rows: usize,
) -> Result<Tensor, Refusal> {
    let wrong = |what: String| Refusal::Wrong(format!("Input \"{}\" {what}.", field.name));
    if Datatype::named(&input.datatype) != Some(field.datatype) {
        let (found, expected) = (&input.datatype, field.datatype);
        return Err(wrong(format!("has datatype {found}, where {expected} is expected")));
    }
    let shape = shape(&input.shape, field, free).map_err(&wrong)?;
    if let (Some(Dimension::Free(_)), Some(&rows)) = (field.shape.first(), shape.first())
        && rows > most_rows
    {
        return Err(Refusal::TooManyRows { rows, most: most_rows });
    }
    let Some(text) = input.data else {
        return Err(wrong("has no data; tensors are taken as JSON, in `data`".to_owned()));
    };
    let data = data::parse(text.get(), field.datatype, &shape).map_err(&wrong)?;
    Ok(Tensor { shape, data })
}

fn shape<'a>(
    given: &[i64],
    field: &'a Field,
    free: &mut BTreeMap<&'a str, usize>,
) -> Result<Vec<usize>, String> {
    let mismatch = || format!("has shape {given:?}, where {:?} is expected", field.wire_shape());
    if given.len() != field.shape.len() {
        return Err(mismatch());
    }
    let mut shape = Vec::with_capacity(given.len());
    for (length, dimension) in given.iter().zip(&field.shape) {
        let length = usize::try_from(*length).map_err(|_| mismatch())?;
        match dimension {
            Dimension::Fixed(fixed) if *fixed != length => return Err(mismatch()),
            // Runtimes differ in what they make of nothing, and there is nothing to be had.
            Dimension::Free(_) if length == 0 => {
                return Err(format!("has shape {given:?}, which holds nothing"));
            }
            Dimension::Free(Some(name)) => {
                let known = *free.entry(name).or_insert(length);
                if known != length {
                    return Err(format!(
                        "has shape {given:?}, where dimension {name} is {known} in another input"
                    ));
                }
            }
            _ => {}
        }
        shape.push(length);
    }
    Ok(shape)
}

/// `"a" (FP32[-1, 3]), "b" (INT64[-1])`
fn names(fields: &[Field]) -> String {
    let all: Vec<String> =
        fields.iter().map(|field| format!("\"{}\" ({field})", field.name)).collect();
    all.join(", ")
}
