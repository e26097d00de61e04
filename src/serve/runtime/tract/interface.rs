//! A model's interface, read from its file.

use tract_onnx::pb::tensor_shape_proto::dimension::Value as Length;
use tract_onnx::pb::type_proto::Value as Kind;
use tract_onnx::pb::{GraphProto, StringStringEntryProto, TensorShapeProto, ValueInfoProto};

use crate::interface::{Dimension, Field, Interface};
use crate::load_error::LoadError;
use crate::tensor::Datatype;

/// Reads the interface of a graph. Inputs that have a value of their own are none.
pub(super) fn read(
    graph: &GraphProto,
    properties: &[StringStringEntryProto],
) -> Result<Interface, LoadError> {
    let is_given = |input: &&ValueInfoProto| {
        graph.initializer.iter().all(|constant| constant.name != input.name)
    };
    let inputs = graph.input.iter().filter(is_given);
    let parameters =
        properties.iter().map(|property| (property.key.clone(), property.value.clone()));
    Ok(Interface {
        inputs: inputs.map(|input| field("input", input)).collect::<Result<_, _>>()?,
        outputs: graph
            .output
            .iter()
            .map(|output| field("output", output))
            .collect::<Result<_, _>>()?,
        parameters: parameters.collect(),
    })
}

fn field(which: &'static str, value: &ValueInfoProto) -> Result<Field, LoadError> {
    let unservable = |kind: String| LoadError::Interface { which, name: value.name.clone(), kind };
    let kind = value.r#type.as_ref().and_then(|kind| kind.value.as_ref());
    let Some(Kind::TensorType(tensor)) = kind else {
        return Err(unservable("not a tensor".to_owned()));
    };
    let datatype = Datatype::of_onnx(tensor.elem_type).ok_or_else(|| {
        unservable(format!("a tensor of ONNX's element type {}", tensor.elem_type))
    })?;
    let shape = tensor.shape.as_ref().map_or_else(|| vec![Dimension::Free(None)], dimensions);
    Ok(Field { name: value.name.clone(), datatype, shape })
}

fn dimensions(shape: &TensorShapeProto) -> Vec<Dimension> {
    let one = |length: &Option<Length>| match length {
        Some(Length::DimValue(length)) => {
            usize::try_from(*length).map_or(Dimension::Free(None), Dimension::Fixed)
        }
        Some(Length::DimParam(name)) if !name.is_empty() => Dimension::Free(Some(name.clone())),
        _ => Dimension::Free(None),
    };
    shape.dim.iter().map(|dimension| one(&dimension.value)).collect()
}
