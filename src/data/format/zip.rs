//! Zip archives: the list of what is in them, and the models that are such archives.
//!
//! Source: PKWARE's APPNOTE.TXT, sections 4.3.12 to 4.3.16.

use super::bytes::Bytes;
use super::error::Fault;
use super::model::ModelFormat;

/// What an archive starts with.
pub(super) const MAGIC: &[u8] = b"PK\x03\x04";
const LIST_ENTRY: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const END64: &[u8] = b"PK\x06\x06";
const LOCATOR64: &[u8] = b"PK\x06\x07";
/// The end's own size, without the comment behind it.
const END_SIZE: usize = 22;

/// The archive's entries, each found where the list says.
pub(super) fn entries(file: &[u8]) -> Result<Vec<String>, Fault> {
    let end = find_end(file).ok_or_else(|| {
        Fault::new(file.len(), "the list of the archive's entries is missing: it is cut off")
    })?;
    let (count, start) = list(file, end)?;
    let mut bytes = Bytes::from(file, usize::try_from(start).unwrap_or(usize::MAX));
    let mut names = Vec::new();
    for _ in 0..count {
        names.push(entry(file, &mut bytes)?);
    }
    Ok(names)
}

/// Which model the entries make up.
pub(super) fn format(names: &[String]) -> Option<ModelFormat> {
    let has =
        |end: &str| names.iter().any(|name| name == end || name.ends_with(&format!("/{end}")));
    if has("data.pkl") {
        Some(ModelFormat::PyTorch)
    } else if has("config.json") && has("model.weights.h5") {
        Some(ModelFormat::Keras)
    } else if has("Manifest.json") && names.iter().any(|name| name.contains("com.apple.CoreML/")) {
        Some(ModelFormat::CoreMl)
    } else {
        None
    }
}

fn find_end(file: &[u8]) -> Option<usize> {
    let last = file.len().checked_sub(END_SIZE)?;
    let first = last.saturating_sub(usize::from(u16::MAX));
    (first..=last).rev().find(|at| file[*at..].starts_with(END))
}

/// How many entries there are, and where their list starts.
fn list(file: &[u8], end: usize) -> Result<(u64, u64), Fault> {
    let mut bytes = Bytes::from(file, end + 10);
    let count = u64::from(bytes.u16()?);
    bytes.u32()?;
    let start = u64::from(bytes.u32()?);
    if count < u64::from(u16::MAX) && start < u64::from(u32::MAX) {
        return Ok((count, start));
    }
    let locator = end.checked_sub(20).filter(|at| file[*at..].starts_with(LOCATOR64));
    let Some(locator) = locator else { return Ok((count, start)) };
    let at = Bytes::from(file, locator + 8).u64()?;
    let mut bytes = Bytes::from(file, usize::try_from(at).unwrap_or(usize::MAX));
    let place = bytes;
    if bytes.take(4)? != END64 {
        return Err(place.fault("the archive's 64-bit end is not where it should be"));
    }
    bytes.take(28)?;
    let count = bytes.u64()?;
    bytes.u64()?;
    Ok((count, bytes.u64()?))
}

/// Reads one line of the list, and looks whether the entry is there.
fn entry(file: &[u8], bytes: &mut Bytes<'_>) -> Result<String, Fault> {
    let place = *bytes;
    if bytes.take(4)? != LIST_ENTRY {
        return Err(place.fault("the list of the archive's entries is broken"));
    }
    bytes.take(16)?;
    let size = u64::from(bytes.u32()?);
    bytes.u32()?;
    let (name, extra, comment) = (bytes.u16()?, bytes.u16()?, bytes.u16()?);
    bytes.take(8)?;
    let start = u64::from(bytes.u32()?);
    let name = String::from_utf8_lossy(bytes.take(u64::from(name))?).into_owned();
    bytes.take(u64::from(extra) + u64::from(comment))?;
    if start == u64::from(u32::MAX) || size == u64::from(u32::MAX) {
        // The real numbers stand in the extra part; the list itself is whole.
        return Ok(name);
    }
    let mut own = Bytes::from(file, usize::try_from(start).unwrap_or(usize::MAX));
    let place = own;
    if own.take(4)? != MAGIC {
        return Err(place.fault(format!("the entry \"{name}\" is not where the list says")));
    }
    own.take(22)?;
    let (name_size, extra) = (own.u16()?, own.u16()?);
    own.take(u64::from(name_size) + u64::from(extra) + size)?;
    Ok(name)
}
