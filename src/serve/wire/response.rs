//! Answers to requests for inference.

use serde::{Serialize, Serializer};

use crate::interface::Field;
use crate::tensor::{Data, Tensor};

/// What the model answered.
#[derive(Serialize)]
pub(crate) struct InferResponse<'a> {
    pub model_name: &'a str,
    pub model_version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    pub outputs: Vec<OutputBody<'a>>,
}

/// One output.
#[derive(Serialize)]
pub(crate) struct OutputBody<'a> {
    name: &'a str,
    datatype: &'static str,
    shape: &'a [usize],
    #[serde(serialize_with = "flat")]
    data: &'a Data,
}

impl<'a> OutputBody<'a> {
    pub(crate) fn new(field: &'a Field, tensor: &'a Tensor) -> Self {
        Self {
            name: &field.name,
            datatype: tensor.data.datatype().name(),
            shape: &tensor.shape,
            data: &tensor.data,
        }
    }
}

/// All elements, row by row. JSON has no word for what is no number: that is `null`.
fn flat<S: Serializer>(data: &Data, serializer: S) -> Result<S::Ok, S::Error> {
    match data {
        Data::Bool(values) => values.serialize(serializer),
        Data::Int32(values) => values.serialize(serializer),
        Data::Int64(values) => values.serialize(serializer),
        Data::Fp32(values) => values.serialize(serializer),
        Data::Fp64(values) => values.serialize(serializer),
        Data::Bytes(values) => values.serialize(serializer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_flat_and_floats_are_short() {
        let cases = [
            (Data::Fp32(vec![0.1, 0.0, -3.5e-9]), "FP32", "[0.1,0.0,-3.5e-9]"),
            (Data::Fp64(vec![0.1, 1e300]), "FP64", "[0.1,1e+300]"),
            (Data::Fp32(vec![f32::NAN, f32::INFINITY]), "FP32", "[null,null]"),
            (Data::Int64(vec![i64::MIN, 7]), "INT64", "[-9223372036854775808,7]"),
            (Data::Int32(vec![-1]), "INT32", "[-1]"),
            (Data::Bool(vec![true, false]), "BOOL", "[true,false]"),
            (Data::Bytes(vec!["a\"b".to_owned()]), "BYTES", r#"["a\"b"]"#),
        ];
        for (data, name, text) in cases {
            let datatype = data.datatype();
            let field = Field { name: "y".to_owned(), datatype, shape: vec![] };
            let tensor = Tensor { shape: vec![data.len()], data };
            let response = InferResponse {
                model_name: "m",
                model_version: "2",
                id: None,
                outputs: vec![OutputBody::new(&field, &tensor)],
            };
            let count = tensor.shape[0];
            let output =
                format!(r#"{{"name":"y","datatype":"{name}","shape":[{count}],"data":{text}}}"#);
            assert_eq!(
                serde_json::to_string(&response).unwrap(),
                format!(r#"{{"model_name":"m","model_version":"2","outputs":[{output}]}}"#)
            );
        }
    }
}
