//! Tensors of ONNX: constants with their data, and the types of inputs and outputs.

use std::collections::BTreeMap;
use std::fmt;

use super::super::bytes::Bytes;
use super::super::error::Fault;
use super::super::protobuf::{self, Field, FieldValue};
use super::{entry, unknown};

/// An input or an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// The type of its elements, such as `float32`; `sequence`, `map` or `optional` if it is no
    /// tensor, `unknown` if it has no type.
    pub element_type: String,
    /// Its dimensions; none if even their number is open.
    pub shape: Option<Vec<Dimension>>,
}

/// How long a tensor is in one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// That long.
    Size(u64),
    /// As long as all others of that name, such as `N`.
    Named(String),
    /// Not said.
    Open,
}

impl fmt::Display for Dimension {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Dimension::Size(size) => write!(out, "{size}"),
            Dimension::Named(name) => out.write_str(name),
            Dimension::Open => out.write_str("?"),
        }
    }
}

/// A constant.
pub(super) struct Tensor {
    pub(super) name: String,
    pub(super) elements: u64,
    pub(super) external_file: Option<String>,
}

/// Names of element types and their sizes in bits, by number; 0 where the size varies.
const TYPES: [(&str, u64); 25] = [
    ("unknown", 0),
    ("float32", 32),
    ("uint8", 8),
    ("int8", 8),
    ("uint16", 16),
    ("int16", 16),
    ("int32", 32),
    ("int64", 64),
    ("string", 0),
    ("bool", 8),
    ("float16", 16),
    ("float64", 64),
    ("uint32", 32),
    ("uint64", 64),
    ("complex64", 64),
    ("complex128", 128),
    ("bfloat16", 16),
    ("float8e4m3fn", 8),
    ("float8e4m3fnuz", 8),
    ("float8e5m2", 8),
    ("float8e5m2fnuz", 8),
    ("uint4", 4),
    ("int4", 4),
    ("float4e2m1", 4),
    ("float8e8m0", 8),
];

fn element_type(number: u64) -> (&'static str, u64) {
    let known = usize::try_from(number).ok().and_then(|number| TYPES.get(number));
    known.copied().unwrap_or(("unknown", 0))
}

impl Tensor {
    pub(super) fn read(mut fields: Bytes<'_>) -> Result<Tensor, Fault> {
        let start = fields;
        let (mut name, mut dimensions, mut data_type) = (String::new(), Vec::new(), 0);
        let mut raw: Option<(usize, u64)> = None;
        let mut external = BTreeMap::new();
        while let Some(field) = protobuf::next(&mut fields)? {
            match field.number {
                1 => numbers(&field, &mut dimensions)?,
                2 => data_type = field.number_value()?,
                8 => name = field.text()?,
                9 => raw = Some((field.at, field.message()?.left() as u64)),
                13 => entry(&field, &mut external)?,
                3..=7 | 10..=12 | 14 | 16 => {}
                _ => unknown(&field, "tensor")?,
            }
        }
        let product = |size: u64, next: &u64| size.checked_mul(*next);
        let elements = dimensions.iter().try_fold(1, product);
        let elements = elements.ok_or_else(|| start.fault("a tensor is too large"))?;
        let bits = element_type(data_type).1;
        if let (Some((at, size)), true) = (raw, bits > 0) {
            let expected = elements.checked_mul(bits).map(|bits| bits.div_ceil(8));
            if expected != Some(size) {
                let reason = format!(
                    "the tensor \"{name}\" of {elements} elements cannot have {size} bytes of data"
                );
                return Err(Fault::new(at, reason));
            }
        }
        Ok(Tensor { name, elements, external_file: external.remove("location") })
    }
}

/// Numbers of a repeated field: one by one, or packed.
fn numbers(field: &Field<'_>, into: &mut Vec<u64>) -> Result<(), Fault> {
    match field.value {
        FieldValue::Number(number) => into.push(number),
        FieldValue::Stretch(mut packed) => {
            while packed.left() > 0 {
                into.push(protobuf::varint(&mut packed)?);
            }
        }
    }
    Ok(())
}

impl Port {
    pub(super) fn read(mut fields: Bytes<'_>) -> Result<Port, Fault> {
        let mut port =
            Port { name: String::new(), element_type: "unknown".to_owned(), shape: None };
        while let Some(field) = protobuf::next(&mut fields)? {
            match field.number {
                1 => port.name = field.text()?,
                2 => port.read_type(field.message()?)?,
                _ => {}
            }
        }
        Ok(port)
    }

    fn read_type(&mut self, mut fields: Bytes<'_>) -> Result<(), Fault> {
        while let Some(field) = protobuf::next(&mut fields)? {
            let composed = match field.number {
                // Dense and sparse tensors are described alike.
                1 | 8 => {
                    self.read_tensor_type(field.message()?)?;
                    continue;
                }
                4 => "sequence",
                5 => "map",
                9 => "optional",
                _ => continue,
            };
            self.element_type = composed.to_owned();
        }
        Ok(())
    }

    fn read_tensor_type(&mut self, mut fields: Bytes<'_>) -> Result<(), Fault> {
        while let Some(field) = protobuf::next(&mut fields)? {
            match field.number {
                1 => self.element_type = element_type(field.number_value()?).0.to_owned(),
                2 => {
                    let mut shape = Vec::new();
                    let mut dimensions = field.message()?;
                    while let Some(field) = protobuf::next(&mut dimensions)? {
                        shape.push(Dimension::read(field.message()?)?);
                    }
                    self.shape = Some(shape);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl Dimension {
    fn read(mut fields: Bytes<'_>) -> Result<Dimension, Fault> {
        let mut dimension = Dimension::Open;
        while let Some(field) = protobuf::next(&mut fields)? {
            match field.number {
                1 => dimension = Dimension::Size(field.number_value()?),
                2 => {
                    let name = field.text()?;
                    dimension =
                        if name.is_empty() { Dimension::Open } else { Dimension::Named(name) };
                }
                _ => {}
            }
        }
        Ok(dimension)
    }
}
