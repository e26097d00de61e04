//! What a model takes and gives: names, datatypes and shapes.

use std::collections::BTreeMap;
use std::fmt;

use crate::tensor::{Data, Datatype, Tensor};

/// A model's inputs, outputs and own notes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// In the model's order.
    pub inputs: Vec<Field>,
    /// In the model's order.
    pub outputs: Vec<Field>,
    /// The file's `metadata_props`, such as the names of its features.
    pub parameters: BTreeMap<String, String>,
}

/// One input or output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in the model.
    pub name: String,
    /// What its elements are.
    pub datatype: Datatype,
    /// Its dimensions.
    pub shape: Vec<Dimension>,
}

/// One dimension of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// Always as long as this.
    Fixed(usize),
    /// As long as a request says. Dimensions of the same name are equally long.
    Free(Option<String>),
}

impl Interface {
    /// The smallest inputs that the model can be tried with: zeros, in one row.
    pub(crate) fn zeros(&self) -> Vec<Tensor> {
        let one = |field: &Field| {
            let length = |dimension: &Dimension| match dimension {
                Dimension::Fixed(length) => *length,
                Dimension::Free(_) => 1,
            };
            let shape: Vec<usize> = field.shape.iter().map(length).collect();
            Tensor { data: Data::zeros(field.datatype, shape.iter().product()), shape }
        };
        self.inputs.iter().map(one).collect()
    }
}

impl Field {
    /// The shape as the protocol shows it: -1 where a request decides.
    pub(crate) fn wire_shape(&self) -> Vec<i64> {
        self.shape.iter().map(Dimension::wire).collect()
    }
}

impl Dimension {
    fn wire(&self) -> i64 {
        match self {
            // No tensor in memory has a dimension over i64.
            Self::Fixed(length) => i64::try_from(*length).unwrap_or(i64::MAX),
            Self::Free(_) => -1,
        }
    }
}

impl fmt::Display for Field {
    /// `FP32[-1, 29]`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:?}", self.datatype, self.wire_shape())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_reads_as_its_datatype_and_shape() {
        let free = Dimension::Free(Some("N".to_owned()));
        let cases = [
            (Datatype::Fp32, vec![free, Dimension::Fixed(29)], "FP32[-1, 29]"),
            (Datatype::Int64, vec![Dimension::Free(None)], "INT64[-1]"),
            (Datatype::Bool, vec![], "BOOL[]"),
        ];
        for (datatype, shape, expected) in cases {
            let field = Field { name: "x".to_owned(), datatype, shape };
            assert_eq!(field.to_string(), expected);
        }
    }

    #[test]
    fn zeros_have_one_row() {
        let field = |shape| Field { name: "x".to_owned(), datatype: Datatype::Fp32, shape };
        let interface = Interface {
            inputs: vec![
                field(vec![Dimension::Free(None), Dimension::Fixed(3)]),
                field(vec![Dimension::Fixed(2), Dimension::Fixed(2)]),
                field(vec![]),
            ],
            outputs: Vec::new(),
            parameters: BTreeMap::new(),
        };
        let shapes: Vec<_> =
            interface.zeros().into_iter().map(|zeros| (zeros.data.len(), zeros.shape)).collect();
        assert_eq!(shapes, [(3, vec![1, 3]), (4, vec![2, 2]), (1, vec![])]);
    }
}
