//! A tensor's `data`: JSON arrays, flat or nested as the shape says.
//!
//! The numbers are read straight from the text into the datatype that they are for. Going over a
//! tree of JSON values takes several times as long and loses digits.

#[cfg(test)]
mod tests;

use crate::tensor::{Data, Datatype};

/// Reads data from JSON text that is known to be well formed.
///
/// # Errors
/// What is wrong, in words that go on after the tensor's name.
pub(super) fn parse(text: &str, datatype: Datatype, shape: &[usize]) -> Result<Data, String> {
    let expected = count(shape).ok_or_else(|| format!("has too large a shape: {shape:?}"))?;
    // Each element takes two bytes of text, so the text bounds what a shape can make us reserve.
    let mut data = Data::with_capacity(datatype, expected.min(text.len() / 2 + 1));
    let nesting = read(text, &mut data)?;
    if nesting.len() > 1 && nesting != shape {
        return Err(format!("has data nested as {nesting:?}, where the shape says {shape:?}"));
    }
    if data.len() != expected {
        let found = data.len();
        return Err(format!(
            "has {found} elements in data, where the shape {shape:?} makes {expected}"
        ));
    }
    Ok(data)
}

/// How many elements a shape makes.
pub(super) fn count(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1_usize, |count, length| count.checked_mul(*length))
}

/// Appends all elements, and gives the length of each level of arrays, the outermost first.
fn read(text: &str, data: &mut Data) -> Result<Vec<usize>, String> {
    let ragged = || "has data whose inner arrays are not equally long".to_owned();
    let mut lengths: Vec<Option<usize>> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut leaves_at = None;
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '[' => {
                open.push(0);
                if lengths.len() < open.len() {
                    lengths.push(None);
                }
                1
            }
            ']' => {
                let length = open.pop().unwrap_or_default();
                let known = lengths[open.len()].get_or_insert(length);
                if *known != length {
                    return Err(ragged());
                }
                if let Some(outer) = open.last_mut() {
                    *outer += 1;
                }
                1
            }
            ',' => 1,
            _ => {
                let leaf = &rest[..leaf_length(rest)];
                push(data, leaf).map_err(|wanted| {
                    format!(
                        "has {} at place {} of data, where {wanted} is expected",
                        short(leaf),
                        data.len()
                    )
                })?;
                let Some(inner) = open.last_mut() else {
                    return Err(format!("has {} as data, where an array is expected", short(leaf)));
                };
                *inner += 1;
                if *leaves_at.get_or_insert(open.len()) != open.len() {
                    return Err(ragged());
                }
                leaf.len()
            }
        };
        rest = rest[taken..].trim_start();
    }
    Ok(lengths.into_iter().map(Option::unwrap_or_default).collect())
}

/// How long the number, word, text or object at the beginning is.
fn leaf_length(text: &str) -> usize {
    let mut in_text = false;
    let mut is_escaped = false;
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b',' | b']' | b' ' | b'\n' | b'\r' | b'\t' if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

/// Appends one element; on failure, what it should have been.
fn push(data: &mut Data, leaf: &str) -> Result<(), &'static str> {
    match data {
        Data::Bool(values) => values.push(leaf.parse().map_err(|_| "true or false")?),
        Data::Int32(values) => values.push(leaf.parse().map_err(|_| "an INT32")?),
        Data::Int64(values) => values.push(leaf.parse().map_err(|_| "an INT64")?),
        Data::Fp32(values) => {
            let value = leaf.parse().ok().filter(|value: &f32| value.is_finite());
            values.push(value.ok_or("an FP32")?);
        }
        Data::Fp64(values) => {
            let value = leaf.parse().ok().filter(|value: &f64| value.is_finite());
            values.push(value.ok_or("an FP64")?);
        }
        Data::Bytes(values) => values.push(serde_json::from_str(leaf).map_err(|_| "a text")?),
    }
    Ok(())
}

/// The text, or its beginning.
fn short(leaf: &str) -> String {
    const MOST: usize = 40;
    match leaf.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", &leaf[..end]),
        None => leaf.to_owned(),
    }
}
