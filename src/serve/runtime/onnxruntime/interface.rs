//! A model's interface, as the library tells it.

use std::collections::BTreeMap;

use ort::session::Session;
use ort::value::{Outlet, TensorElementType, ValueType};

use crate::interface::{Dimension, Field, Interface};
use crate::load_error::LoadError;
use crate::tensor::Datatype;

/// Reads the interface of a loaded model.
pub(super) fn read(session: &Session) -> Result<Interface, LoadError> {
    let inputs = session.inputs().iter().map(|input| field("input", input));
    let outputs = session.outputs().iter().map(|output| field("output", output));
    Ok(Interface {
        inputs: inputs.collect::<Result<_, _>>()?,
        outputs: outputs.collect::<Result<_, _>>()?,
        parameters: parameters(session),
    })
}

/// The model's own notes. They are for readers, so a model whose notes cannot be read is served.
fn parameters(session: &Session) -> BTreeMap<String, String> {
    let Ok(metadata) = session.metadata() else { return BTreeMap::new() };
    let keys = metadata.custom_keys().unwrap_or_default();
    keys.into_iter().filter_map(|key| metadata.custom(&key).map(|value| (key, value))).collect()
}

fn field(which: &'static str, outlet: &Outlet) -> Result<Field, LoadError> {
    let name = outlet.name().to_owned();
    let ValueType::Tensor { ty, shape, dimension_symbols } = outlet.dtype() else {
        return Err(LoadError::Interface { which, name, kind: "not a tensor".to_owned() });
    };
    let Some(datatype) = datatype(*ty) else {
        return Err(LoadError::Interface { which, name, kind: format!("a tensor of {ty}") });
    };
    let symbols = dimension_symbols.iter().map(Some).chain(std::iter::repeat(None));
    let dimension = |(length, symbol): (&i64, Option<&String>)| match usize::try_from(*length) {
        Ok(length) => Dimension::Fixed(length),
        Err(_) => Dimension::Free(symbol.filter(|symbol| !symbol.is_empty()).cloned()),
    };
    Ok(Field { name, datatype, shape: shape.iter().zip(symbols).map(dimension).collect() })
}

fn datatype(kind: TensorElementType) -> Option<Datatype> {
    Some(match kind {
        TensorElementType::Bool => Datatype::Bool,
        TensorElementType::Int32 => Datatype::Int32,
        TensorElementType::Int64 => Datatype::Int64,
        TensorElementType::Float32 => Datatype::Fp32,
        TensorElementType::Float64 => Datatype::Fp64,
        TensorElementType::String => Datatype::Bytes,
        _ => return None,
    })
}
