//! Tensors to and from tract's.

use tract_onnx::prelude::{Datum, DatumType, IntoTValue as _, TValue, TractResult};
use tract_onnx::tract_core::prelude::Tensor as TractTensor;

use crate::interface::Field;
use crate::runtime::model::RunError;
use crate::tensor::{Data, Datatype, Tensor};

/// An input as tract takes it.
pub(super) fn to_tract(tensor: Tensor) -> Result<TValue, RunError> {
    let shape = &tensor.shape;
    let made = match &tensor.data {
        Data::Bool(values) => TractTensor::from_shape(shape, values),
        Data::Int32(values) => TractTensor::from_shape(shape, values),
        Data::Int64(values) => TractTensor::from_shape(shape, values),
        Data::Fp32(values) => TractTensor::from_shape(shape, values),
        Data::Fp64(values) => TractTensor::from_shape(shape, values),
        Data::Bytes(_) => return Err(RunError::Runtime("no text in tract".to_owned())),
    };
    made.map(|made| made.into_tvalue()).map_err(super::broken)
}

/// An output that tract gave.
pub(super) fn from_tract(field: &Field, value: &TValue) -> Result<Tensor, RunError> {
    let data = match field.datatype {
        Datatype::Bool => elements(value).map(Data::Bool),
        Datatype::Int32 => elements(value).map(Data::Int32),
        Datatype::Int64 => elements(value).map(Data::Int64),
        Datatype::Fp32 => elements(value).map(Data::Fp32),
        Datatype::Fp64 => elements(value).map(Data::Fp64),
        Datatype::Bytes => return Err(RunError::Runtime("no text in tract".to_owned())),
    };
    Ok(Tensor { shape: value.shape().to_vec(), data: data.map_err(super::broken)? })
}

fn elements<T: Datum + Copy>(value: &TValue) -> TractResult<Vec<T>> {
    // Lengths that are computed within the model come as tract's own kind of integers.
    if value.datum_type() == DatumType::TDim {
        let cast = value.cast_to::<T>()?;
        return Ok(cast.to_plain_array_view::<T>()?.iter().copied().collect());
    }
    Ok(value.to_plain_array_view::<T>()?.iter().copied().collect())
}
