//! Tensors as the protocol, the queue and both runtimes know them.

use std::fmt;

/// What a tensor's elements are. Names are those of the Open Inference Protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Datatype {
    /// `BOOL`
    Bool,
    /// `INT32`
    Int32,
    /// `INT64`
    Int64,
    /// `FP32`
    Fp32,
    /// `FP64`
    Fp64,
    /// `BYTES`: text, in UTF-8.
    Bytes,
}

impl Datatype {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Bool, Self::Int32, Self::Int64, Self::Fp32, Self::Fp64, Self::Bytes];

    /// The protocol's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bool => "BOOL",
            Self::Int32 => "INT32",
            Self::Int64 => "INT64",
            Self::Fp32 => "FP32",
            Self::Fp64 => "FP64",
            Self::Bytes => "BYTES",
        }
    }

    /// The datatype of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// The datatype of an element type's number in an ONNX file (`TensorProto.DataType`).
    #[must_use]
    pub fn of_onnx(number: i32) -> Option<Self> {
        Some(match number {
            1 => Self::Fp32,
            6 => Self::Int32,
            7 => Self::Int64,
            8 => Self::Bytes,
            9 => Self::Bool,
            11 => Self::Fp64,
            _ => return None,
        })
    }
}

impl fmt::Display for Datatype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A tensor: its data lie row by row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tensor {
    pub shape: Vec<usize>,
    /// As many as the product of `shape`.
    pub data: Data,
}

/// A tensor's elements.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Data {
    Bool(Vec<bool>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Fp32(Vec<f32>),
    Fp64(Vec<f64>),
    Bytes(Vec<String>),
}

impl Data {
    /// No elements yet, with room for some.
    pub(crate) fn with_capacity(datatype: Datatype, capacity: usize) -> Self {
        match datatype {
            Datatype::Bool => Self::Bool(Vec::with_capacity(capacity)),
            Datatype::Int32 => Self::Int32(Vec::with_capacity(capacity)),
            Datatype::Int64 => Self::Int64(Vec::with_capacity(capacity)),
            Datatype::Fp32 => Self::Fp32(Vec::with_capacity(capacity)),
            Datatype::Fp64 => Self::Fp64(Vec::with_capacity(capacity)),
            Datatype::Bytes => Self::Bytes(Vec::with_capacity(capacity)),
        }
    }

    /// Zeros, `false` or empty texts.
    pub(crate) fn zeros(datatype: Datatype, count: usize) -> Self {
        match datatype {
            Datatype::Bool => Self::Bool(vec![false; count]),
            Datatype::Int32 => Self::Int32(vec![0; count]),
            Datatype::Int64 => Self::Int64(vec![0; count]),
            Datatype::Fp32 => Self::Fp32(vec![0.0; count]),
            Datatype::Fp64 => Self::Fp64(vec![0.0; count]),
            Datatype::Bytes => Self::Bytes(vec![String::new(); count]),
        }
    }

    pub(crate) fn datatype(&self) -> Datatype {
        match self {
            Self::Bool(_) => Datatype::Bool,
            Self::Int32(_) => Datatype::Int32,
            Self::Int64(_) => Datatype::Int64,
            Self::Fp32(_) => Datatype::Fp32,
            Self::Fp64(_) => Datatype::Fp64,
            Self::Bytes(_) => Datatype::Bytes,
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Bool(values) => values.len(),
            Self::Int32(values) => values.len(),
            Self::Int64(values) => values.len(),
            Self::Fp32(values) => values.len(),
            Self::Fp64(values) => values.len(),
            Self::Bytes(values) => values.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_datatypes() {
        for datatype in Datatype::ALL {
            assert_eq!(Datatype::named(datatype.name()), Some(datatype));
            assert_eq!(datatype.to_string(), datatype.name());
        }
        assert_eq!(Datatype::named("fp32"), None, "names are in capitals");
        assert_eq!(Datatype::named("FP16"), None);
    }

    #[test]
    fn element_types_of_onnx_files() {
        let known: Vec<Option<&str>> =
            (0..=16).map(|number| Datatype::of_onnx(number).map(Datatype::name)).collect();
        let mut expected = [None; 17];
        expected[1] = Some("FP32");
        expected[6] = Some("INT32");
        expected[7] = Some("INT64");
        expected[8] = Some("BYTES");
        expected[9] = Some("BOOL");
        expected[11] = Some("FP64");
        assert_eq!(known, expected);
    }

    #[test]
    fn zeros_are_of_their_datatype_and_number() {
        for datatype in Datatype::ALL {
            let zeros = Data::zeros(datatype, 3);
            assert_eq!((zeros.datatype(), zeros.len()), (datatype, 3));
            let none = Data::with_capacity(datatype, 3);
            assert_eq!((none.datatype(), none.len()), (datatype, 0));
        }
    }
}
