//! Requests as SageMaker's clients write them: a row an instance, as JSON or CSV. They become requests
//! of the protocol, so that everything is checked in one place.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Number;
use serde_json::value::RawValue;

use super::request::Refusal;
use crate::interface::{Dimension, Field, Interface};
use crate::tensor::Datatype;

#[derive(Deserialize)]
struct Peek<'a> {
    #[serde(borrow)]
    instances: Option<Vec<&'a RawValue>>,
}

#[derive(Serialize)]
struct Body<'a> {
    inputs: Vec<InputBody<'a>>,
}

#[derive(Serialize)]
struct InputBody<'a> {
    name: &'a str,
    shape: Vec<usize>,
    datatype: &'static str,
    data: Vec<&'a RawValue>,
}

/// A body with `instances` as one of the protocol; none if it has no `instances`.
///
/// # Errors
/// If the instances are not what the model takes.
pub(crate) fn from_json(body: &[u8], interface: &Interface) -> Result<Option<Vec<u8>>, Refusal> {
    // What is no JSON, or another object, is the protocol's to refuse.
    let Ok(Peek { instances: Some(instances) }) = serde_json::from_slice(body) else {
        return Ok(None);
    };
    let inputs = match interface.inputs.as_slice() {
        [only] if !instances.iter().all(|one| one.get().starts_with('{')) => {
            vec![input(only, instances)?]
        }
        fields => by_name(fields, &instances)?,
    };
    write(inputs).map(Some)
}

/// Lines of numbers, as one request of the protocol.
///
/// # Errors
/// If a line is not what the model takes.
pub(crate) fn from_csv(text: &str, interface: &Interface) -> Result<Vec<u8>, Refusal> {
    let [field] = interface.inputs.as_slice() else {
        return wrong("text/csv is for models with one input; this one has several");
    };
    let is_number = !matches!(field.datatype, Datatype::Bytes | Datatype::Bool);
    if !is_number || field.shape.len() > 2 {
        return wrong(format!("text/csv holds rows of numbers, and this model takes {field}"));
    }
    let mut rows = Vec::new();
    for (line, number) in text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty()) {
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        if let Some(cell) = cells.iter().find(|cell| serde_json::from_str::<Number>(cell).is_err())
        {
            return wrong(format!("Line {number} has \"{cell}\", which is no number"));
        }
        let row = cells.join(",");
        let row = if field.shape.len() > 1 { format!("[{row}]") } else { row };
        let row = RawValue::from_string(row);
        rows.push(row.map_err(|_| Refusal::Wrong(format!("Line {number} has several numbers.")))?);
    }
    write(vec![input(field, rows.iter().map(|row| &**row).collect())?])
}

/// Each instance is an object with all inputs by name.
fn by_name<'a>(
    fields: &'a [Field],
    instances: &[&'a RawValue],
) -> Result<Vec<InputBody<'a>>, Refusal> {
    let mut columns: Vec<Vec<&RawValue>> = vec![Vec::with_capacity(instances.len()); fields.len()];
    for (instance, number) in instances.iter().zip(1..) {
        let Ok(mut given) = serde_json::from_str::<BTreeMap<String, &RawValue>>(instance.get())
        else {
            return wrong(format!(
                "Instance {number} is no object with the model's inputs by name"
            ));
        };
        for (field, column) in fields.iter().zip(&mut columns) {
            let Some(value) = given.remove(&field.name) else {
                return wrong(format!("Instance {number} has no \"{}\": {field}", field.name));
            };
            column.push(value);
        }
        if let Some(name) = given.keys().next() {
            return wrong(format!("The model has no input \"{name}\" (instance {number})"));
        }
    }
    fields.iter().zip(columns).map(|(field, column)| input(field, column)).collect()
}

/// Rows as one tensor: the first dimension counts them.
fn input<'a>(field: &'a Field, rows: Vec<&'a RawValue>) -> Result<InputBody<'a>, Refusal> {
    let Some(first) = rows.first() else { return wrong("There are no instances") };
    let Some((Dimension::Free(_), inner)) = field.shape.split_first() else {
        return wrong(format!("The model takes no rows but {field}; use `inputs`"));
    };
    let mut shape = vec![rows.len()];
    for dimension in inner {
        shape.push(match dimension {
            Dimension::Fixed(length) => *length,
            Dimension::Free(_) if inner.len() == 1 => {
                serde_json::from_str::<Vec<&RawValue>>(first.get()).map_or(1, |row| row.len())
            }
            Dimension::Free(_) => {
                return wrong(format!("The model takes {field}, whose shape only `inputs` tells"));
            }
        });
    }
    let datatype = field.datatype.name();
    Ok(InputBody { name: &field.name, shape, datatype, data: rows })
}

fn write(inputs: Vec<InputBody<'_>>) -> Result<Vec<u8>, Refusal> {
    serde_json::to_vec(&Body { inputs }).map_err(|error| Refusal::Wrong(format!("{error}.")))
}

fn wrong<T>(message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::Wrong(format!("{}.", message.into())))
}
