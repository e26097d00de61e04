//! UBJSON, in which XGBoost writes models: walked to its end.
//!
//! Source: ubjson.org, "Type Reference" and "Container Types".

use super::bytes::Bytes;
use super::error::Fault;

/// Containers within containers.
const DEEPEST: usize = 64;

/// Whether the file starts as a model of XGBoost does: an object whose first key is `learner`.
pub(super) fn is_xgboost(file: &[u8]) -> bool {
    let key = || {
        let mut bytes = Bytes::new(file);
        let start = bytes.u8().ok()?;
        let size = length(&mut bytes).ok()?;
        Some(start == b'{' && bytes.take(size).ok()? == b"learner")
    };
    key().unwrap_or(false)
}

/// Checks that there is one value, and nothing behind it.
pub(super) fn check(file: &[u8]) -> Result<(), Fault> {
    let mut bytes = Bytes::new(file);
    let kind = bytes.u8()?;
    value(&mut bytes, kind, 0)?;
    if bytes.left() > 0 {
        return Err(bytes.fault("something follows the model's end"));
    }
    Ok(())
}

fn value(bytes: &mut Bytes<'_>, kind: u8, depth: usize) -> Result<(), Fault> {
    if depth > DEEPEST {
        return Err(bytes.fault(format!("values nest deeper than {DEEPEST}")));
    }
    let size = match kind {
        b'{' | b'[' => return container(bytes, kind == b'{', depth),
        b'S' | b'H' => length(bytes)?,
        other => fixed_size(other)
            .ok_or_else(|| bytes.fault(format!("{other:#04x} is no type of a value")))?,
    };
    bytes.take(size).map(drop)
}

fn fixed_size(kind: u8) -> Option<u64> {
    Some(match kind {
        b'Z' | b'N' | b'T' | b'F' => 0,
        b'i' | b'U' | b'C' => 1,
        b'I' => 2,
        b'l' | b'd' => 4,
        b'L' | b'D' => 8,
        _ => return None,
    })
}

/// A whole number with its type before it, highest byte first.
fn length(bytes: &mut Bytes<'_>) -> Result<u64, Fault> {
    let start = *bytes;
    let kind = bytes.u8()?;
    let number = match kind {
        b'U' => i64::from(bytes.u8()?),
        b'i' => i64::from(i8::from_be_bytes(bytes.array()?)),
        b'I' => i64::from(i16::from_be_bytes(bytes.array()?)),
        b'l' => i64::from(i32::from_be_bytes(bytes.array()?)),
        b'L' => i64::from_be_bytes(bytes.array()?),
        _ => return Err(start.fault("a length should stand here")),
    };
    u64::try_from(number).map_err(|_| start.fault("a length is negative"))
}

/// `$` and a type give all values one type; `#` and a number count them; else an end mark follows.
fn container(bytes: &mut Bytes<'_>, keys: bool, depth: usize) -> Result<(), Fault> {
    let mark = |bytes: &mut Bytes<'_>, mark| {
        let found = bytes.rest().first() == Some(&mark);
        if found { bytes.u8().map(|_| true) } else { Ok(false) }
    };
    let kind = if mark(bytes, b'$')? { Some(bytes.u8()?) } else { None };
    let count = if mark(bytes, b'#')? { Some(length(bytes)?) } else { None };
    if kind.is_some() && count.is_none() {
        return Err(bytes.fault("values of one type are not counted"));
    }
    if let (false, Some(size), Some(count)) = (keys, kind.and_then(fixed_size), count) {
        let size = size.checked_mul(count).ok_or_else(|| bytes.fault("a list is too long"))?;
        return bytes.take(size).map(drop);
    }
    let end = if keys { b'}' } else { b']' };
    let mut left = count;
    loop {
        match &mut left {
            Some(0) => return Ok(()),
            Some(left) => *left -= 1,
            None if mark(bytes, end)? => return Ok(()),
            None => {}
        }
        if keys {
            let size = length(bytes)?;
            bytes.take(size)?;
        }
        let kind = match kind {
            Some(kind) => kind,
            None => bytes.u8()?,
        };
        value(bytes, kind, depth + 1)?;
    }
}
