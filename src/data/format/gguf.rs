//! GGUF: counted keys and values, counted descriptions of tensors, then their data.
//!
//! Source: ggml's docs/gguf.md.

use super::bytes::Bytes;
use super::error::Fault;

/// What a GGUF file says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GgufDetails {
    /// The version of the format.
    pub version: u32,
    /// `general.architecture`, such as `llama`.
    pub architecture: Option<String>,
    /// `general.name`.
    pub name: Option<String>,
    /// How many tensors there are.
    pub tensors: u64,
    /// How many elements they have together.
    pub parameters: u64,
}

pub(super) const MAGIC: &[u8] = b"GGUF";

/// Reads the start of a file of `size` bytes, in which all but the tensors' data must be.
pub(super) fn read(file: &[u8], size: u64) -> Result<GgufDetails, Fault> {
    let mut bytes = Bytes::new(file);
    bytes.take(MAGIC.len() as u64)?;
    let version = bytes.u32()?;
    if !(2..=3).contains(&version) {
        return Err(Fault::new(4, format!("version {version} is neither 2 nor 3")));
    }
    let tensors = bytes.u64()?;
    let pairs = bytes.u64()?;
    let mut details = GgufDetails { version, tensors, ..GgufDetails::default() };
    let mut alignment = 32;
    for _ in 0..pairs {
        let key = text(&mut bytes)?;
        let kind = bytes.u32()?;
        match (key, kind) {
            (b"general.architecture", TEXT) => {
                details.architecture = Some(String::from_utf8_lossy(text(&mut bytes)?).into());
            }
            (b"general.name", TEXT) => {
                details.name = Some(String::from_utf8_lossy(text(&mut bytes)?).into());
            }
            (b"general.alignment", 4) => alignment = u64::from(bytes.u32()?),
            _ => skip(&mut bytes, kind, 0)?,
        }
    }
    if !alignment.is_power_of_two() {
        return Err(bytes.fault(format!("tensors cannot be aligned to {alignment} bytes")));
    }
    let mut end = 0;
    for _ in 0..tensors {
        let at = bytes.at();
        let (elements, to) = tensor(&mut bytes)?;
        details.parameters = details.parameters.saturating_add(elements);
        end = end.max(to.ok_or_else(|| Fault::new(at, "a tensor is too large"))?);
    }
    if end > 0 {
        let start = (bytes.at() as u64).next_multiple_of(alignment);
        let left = size.saturating_sub(start);
        if end > left {
            let reason = format!("the tensors take {end} bytes, and {left} are left");
            return Err(bytes.fault(reason));
        }
    }
    Ok(details)
}

const TEXT: u32 = 8;
const ARRAY: u32 = 9;

fn text<'b>(bytes: &mut Bytes<'b>) -> Result<&'b [u8], Fault> {
    let size = bytes.u64()?;
    bytes.take(size)
}

/// Passes over a value.
fn skip(bytes: &mut Bytes<'_>, kind: u32, depth: usize) -> Result<(), Fault> {
    let size = match kind {
        0 | 1 | 7 => 1,
        2 | 3 => 2,
        4..=6 => 4,
        10..=12 => 8,
        TEXT => return text(bytes).map(drop),
        ARRAY if depth < 8 => {
            let kind = bytes.u32()?;
            for _ in 0..bytes.u64()? {
                skip(bytes, kind, depth + 1)?;
            }
            return Ok(());
        }
        _ => return Err(bytes.fault(format!("{kind} is no type of a value"))),
    };
    bytes.take(size).map(drop)
}

/// A tensor's number of elements, and where its data ends.
fn tensor(bytes: &mut Bytes<'_>) -> Result<(u64, Option<u64>), Fault> {
    text(bytes)?;
    let dimensions = bytes.u32()?;
    if dimensions > 8 {
        return Err(bytes.fault(format!("a tensor has {dimensions} dimensions")));
    }
    let mut elements: Option<u64> = Some(1);
    for _ in 0..dimensions {
        let size = bytes.u64()?;
        elements = elements.and_then(|elements| elements.checked_mul(size));
    }
    let (block, size) = block(bytes.u32()?);
    let offset = bytes.u64()?;
    let taken = elements.and_then(|elements| elements.div_ceil(block).checked_mul(size));
    Ok((elements.unwrap_or(0), taken.and_then(|taken| taken.checked_add(offset))))
}

/// Elements of a block of that type, and its bytes; 0 for types that this code doesn't know.
fn block(kind: u32) -> (u64, u64) {
    match kind {
        0 | 26 => (1, 4),
        1 | 25 | 30 => (1, 2),
        24 => (1, 1),
        27 | 28 => (1, 8),
        2 => (32, 18),
        3 => (32, 20),
        6 => (32, 22),
        7 => (32, 24),
        8 => (32, 34),
        10 => (256, 84),
        11 => (256, 110),
        12 => (256, 144),
        13 => (256, 176),
        14 => (256, 210),
        15 => (256, 292),
        _ => (1, 0),
    }
}
