//! safetensors: a length, a JSON header, and tensors that fill the rest without a gap.
//!
//! Source: huggingface.co, "Safetensors", section "Format".

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::bytes::Bytes;
use super::error::Fault;

/// What a safetensors file says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SafetensorsDetails {
    /// How many tensors there are.
    pub tensors: u64,
    /// How many elements they have together.
    pub parameters: u64,
    /// The texts under `__metadata__`.
    pub metadata: BTreeMap<String, String>,
}

/// The format's own limit on the header, in bytes.
const LONGEST_HEADER: u64 = 100_000_000;

#[derive(Deserialize)]
struct Tensor {
    dtype: String,
    shape: Vec<u64>,
    data_offsets: (u64, u64),
}

/// Whether the file starts like one.
pub(super) fn starts(file: &[u8]) -> bool {
    let mut bytes = Bytes::new(file);
    let length = bytes.u64().unwrap_or(0);
    (2..=LONGEST_HEADER).contains(&length) && bytes.rest().first() == Some(&b'{')
}

/// Reads the start of a file of `size` bytes, in which the header must be.
pub(super) fn read(file: &[u8], size: u64) -> Result<SafetensorsDetails, Fault> {
    let mut bytes = Bytes::new(file);
    let length = bytes.u64()?;
    if length > LONGEST_HEADER {
        return Err(Fault::new(0, format!("a header of {length} bytes is too long")));
    }
    let start = bytes.at();
    let header = bytes.take(length)?;
    let parsed: BTreeMap<String, Value> = serde_json::from_slice(header)
        .map_err(|error| Fault::new(start, format!("the header is no JSON object: {error}")))?;
    let data = size.saturating_sub(bytes.at() as u64);
    let mut details = SafetensorsDetails::default();
    let mut stretches = Vec::new();
    for (name, value) in parsed {
        if name == "__metadata__" {
            details.metadata = serde_json::from_value(value)
                .map_err(|error| Fault::new(start, format!("bad metadata: {error}")))?;
            continue;
        }
        let tensor: Tensor = serde_json::from_value(value)
            .map_err(|error| Fault::new(start, format!("the tensor \"{name}\": {error}")))?;
        let elements = tensor.check(&name, start)?;
        details.tensors += 1;
        details.parameters = details.parameters.saturating_add(elements);
        stretches.push((tensor.data_offsets, name));
    }
    stretches.sort();
    let mut end = 0;
    for ((from, to), name) in stretches {
        if from != end {
            let reason = format!("the tensor \"{name}\" starts at {from}, and should at {end}");
            return Err(Fault::new(start, reason));
        }
        end = to;
    }
    if end != data {
        let reason = format!("the tensors take {end} bytes, and {data} follow the header");
        return Err(Fault::new(bytes.at(), reason));
    }
    Ok(details)
}

impl Tensor {
    /// The number of elements, if they are as large as the offsets say.
    fn check(&self, name: &str, at: usize) -> Result<u64, Fault> {
        let product = |size: u64, next: &u64| size.checked_mul(*next);
        let elements = self.shape.iter().try_fold(1, product);
        let bits = bits(&self.dtype);
        let expected = match (elements, bits) {
            (Some(elements), Some(bits)) => elements.checked_mul(bits).map(|bits| bits.div_ceil(8)),
            // A type newer than this code: its size cannot be checked.
            (Some(_), None) => self.data_offsets.1.checked_sub(self.data_offsets.0),
            (None, _) => None,
        };
        let size = self.data_offsets.1.checked_sub(self.data_offsets.0);
        match elements {
            Some(elements) if size.is_some() && size == expected => Ok(elements),
            _ => {
                let shown = format!("{}{:?}", self.dtype, self.shape);
                let reason = format!("the tensor \"{name}\" ({shown}) does not fit its offsets");
                Err(Fault::new(at, reason))
            }
        }
    }
}

fn bits(dtype: &str) -> Option<u64> {
    Some(match dtype {
        "F4" => 4,
        "BOOL" | "U8" | "I8" | "F8_E4M3" | "F8_E5M2" | "F8_E8M0" => 8,
        "U16" | "I16" | "F16" | "BF16" => 16,
        "U32" | "I32" | "F32" => 32,
        "U64" | "I64" | "F64" | "C64" => 64,
        _ => return None,
    })
}
