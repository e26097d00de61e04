//! Tensors to and from the library's.

use ort::session::SessionInputValue;
use ort::value::{DynValue, PrimitiveTensorElementType, Tensor as LibraryTensor};

use super::broken;
use crate::interface::Field;
use crate::runtime::model::RunError;
use crate::tensor::{Data, Datatype, Tensor};

/// An input as the library takes it.
pub(super) fn to_library(tensor: Tensor) -> Result<SessionInputValue<'static>, RunError> {
    let shape = tensor.shape;
    match tensor.data {
        Data::Bool(values) => LibraryTensor::from_array((shape, values)).map(Into::into),
        Data::Int32(values) => LibraryTensor::from_array((shape, values)).map(Into::into),
        Data::Int64(values) => LibraryTensor::from_array((shape, values)).map(Into::into),
        Data::Fp32(values) => LibraryTensor::from_array((shape, values)).map(Into::into),
        Data::Fp64(values) => LibraryTensor::from_array((shape, values)).map(Into::into),
        Data::Bytes(values) => {
            LibraryTensor::from_string_array((shape, values.as_slice())).map(Into::into)
        }
    }
    .map_err(broken)
}

/// An output that the library gave.
pub(super) fn from_library(field: &Field, value: &DynValue) -> Result<Tensor, RunError> {
    match field.datatype {
        Datatype::Bool => elements(value, Data::Bool),
        Datatype::Int32 => elements(value, Data::Int32),
        Datatype::Int64 => elements(value, Data::Int64),
        Datatype::Fp32 => elements(value, Data::Fp32),
        Datatype::Fp64 => elements(value, Data::Fp64),
        Datatype::Bytes => {
            let (shape, values) = value.try_extract_strings().map_err(broken)?;
            Ok(Tensor { shape: lengths(shape), data: Data::Bytes(values) })
        }
    }
}

fn elements<T: PrimitiveTensorElementType + Copy>(
    value: &DynValue,
    data: fn(Vec<T>) -> Data,
) -> Result<Tensor, RunError> {
    let (shape, values) = value.try_extract_tensor::<T>().map_err(broken)?;
    Ok(Tensor { shape: lengths(shape), data: data(values.to_vec()) })
}

fn lengths(shape: &[i64]) -> Vec<usize> {
    shape.iter().map(|length| usize::try_from(*length).unwrap_or_default()).collect()
}
