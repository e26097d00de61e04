//! CSV and JSON lines: rows of texts, each with what type it could have.

use serde_json::{Map, Value};

use super::error::{Place, TableError};
use super::kind::{ColumnType, Input};

/// A value as text, and its type if it were alone in its column. Nothing is a missing value.
pub(super) type Cell = Option<(String, ColumnType)>;

/// Takes the names of columns, and a row.
pub(super) type EachRow<'f> = dyn FnMut(&[String], Place, Vec<Cell>) -> Result<(), TableError> + 'f;

/// Reads the names of a CSV file's columns, then its rows: `row` is called for each, with the names
/// and its place.
pub(super) fn read_csv(
    input: &Input<'_>,
    row: &mut EachRow<'_>,
) -> Result<Vec<String>, TableError> {
    let bytes = input.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input.bytes);
    let delimiter = delimiter(bytes);
    let place = |row: u64, line| Place { file: input.name.to_owned(), row, line: Some(line) };
    let unclosed = has_unclosed_quote(bytes, delimiter);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(bytes);
    let mut record = csv::ByteRecord::new();
    let mut names: Option<Vec<String>> = None;
    let mut number = 0;
    // Reading from memory cannot fail, and rows of any length are taken.
    while reader.read_byte_record(&mut record).unwrap_or(false) {
        let line = record.position().map_or(0, |position| start_line(bytes, position));
        let place = place(number, line);
        number += 1;
        let fail = |reason: String| TableError::Row { place: place.clone(), reason };
        // It swallows everything up to the end, and so is in the last record.
        let ended = reader.position().byte() >= bytes.len() as u64;
        if ended && unclosed {
            return Err(fail("a quote is opened and never closed".to_owned()));
        }
        let texts = csv::StringRecord::from_byte_record(record.clone()).map_err(|error| {
            fail(format!("field {} is no valid UTF-8", error.utf8_error().field() + 1))
        })?;
        let Some(names) = &names else {
            names = Some(header(input.name, &texts)?);
            continue;
        };
        if texts.len() != names.len() {
            let (found, expected) = (texts.len(), names.len());
            return Err(fail(format!("there are {found} fields, and the header has {expected}")));
        }
        let cell = |text: &str| (!text.is_empty()).then(|| (text.to_owned(), guess(text)));
        row(names, place.clone(), texts.iter().map(cell).collect())?;
    }
    names.ok_or_else(|| TableError::Empty { file: input.name.to_owned() })
}

/// Reads a JSON object a line: `row` is called for each, with its place.
pub(super) fn read_json(
    input: &Input<'_>,
    row: &mut dyn FnMut(Place, Vec<(String, Cell)>) -> Result<(), TableError>,
) -> Result<(), TableError> {
    let mut number = 0;
    for (line, text) in (1..).zip(input.bytes.split(|byte| *byte == b'\n')) {
        if text.trim_ascii().is_empty() {
            continue;
        }
        number += 1;
        let place = Place { file: input.name.to_owned(), row: number, line: Some(line) };
        let parsed: Result<Map<String, Value>, _> = serde_json::from_slice(text);
        let object = parsed.map_err(|error| {
            let reason = format!("no JSON object: {error}");
            TableError::Row { place: place.clone(), reason }
        })?;
        let mut cells = Vec::new();
        for (name, value) in object {
            let cell = json_cell(&value).ok_or_else(|| TableError::Row {
                place: place.clone(),
                reason: format!("\"{name}\" holds a list or an object, and no single value"),
            })?;
            cells.push((name, cell));
        }
        row(place, cells)?;
    }
    Ok(())
}

/// The line of a record's first field; the reader's position is before empty lines that it skips.
fn start_line(bytes: &[u8], position: &csv::Position) -> u64 {
    let start = usize::try_from(position.byte()).ok().and_then(|at| bytes.get(at..));
    let skipped = start.unwrap_or_default().iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + skipped.filter(|byte| **byte == b'\n').count() as u64
}

/// The type of a text alone. Numbers as people write identifiers (`007`, 20 digits) stay text.
fn guess(text: &str) -> ColumnType {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let whole = digits.split(['.', 'e', 'E']).next().unwrap_or_default();
    let padded = whole.len() > 1 && whole.starts_with('0');
    match text {
        "true" | "false" | "True" | "False" | "TRUE" | "FALSE" => ColumnType::Bool,
        "NaN" | "nan" | "inf" | "-inf" => ColumnType::Float64,
        _ if padded
            || !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') =>
        {
            ColumnType::String
        }
        _ if text.parse::<i64>().is_ok() => ColumnType::Int64,
        _ if digits.bytes().all(|byte| byte.is_ascii_digit()) => ColumnType::String,
        _ if text.parse::<f64>().is_ok_and(f64::is_finite) => ColumnType::Float64,
        _ => ColumnType::String,
    }
}

/// None if it is a list or an object.
fn json_cell(value: &Value) -> Option<Cell> {
    Some(match value {
        Value::Null => None,
        Value::Bool(truth) => Some((truth.to_string(), ColumnType::Bool)),
        Value::Number(number) => {
            let text = number.to_string();
            let kind = guess(&text);
            Some((text, kind))
        }
        Value::String(text) => Some((text.clone(), ColumnType::String)),
        Value::Array(_) | Value::Object(_) => return None,
    })
}

fn header(file: &str, texts: &csv::StringRecord) -> Result<Vec<String>, TableError> {
    let mut names: Vec<String> = Vec::new();
    for (number, name) in (1..).zip(texts) {
        let reason = if name.is_empty() {
            format!("column {number} has no name in the header")
        } else if names.iter().any(|known| known == name) {
            format!("the header names the column \"{name}\" twice")
        } else {
            names.push(name.to_owned());
            continue;
        };
        return Err(TableError::Header { file: file.to_owned(), reason });
    }
    Ok(names)
}

/// A comma, unless the header has none and has tabs or semicolons.
fn delimiter(bytes: &[u8]) -> u8 {
    let header = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let found = [b',', b'\t', b';'].into_iter().find(|delimiter| header.contains(delimiter));
    found.unwrap_or(b',')
}

/// Whether a quote opens that nothing closes. The csv crate takes the file's end for its end.
fn has_unclosed_quote(bytes: &[u8], delimiter: u8) -> bool {
    let (mut inside, mut field_starts) = (false, true);
    let mut rest = bytes.iter().peekable();
    while let Some(byte) = rest.next() {
        if inside {
            inside = *byte != b'"' || rest.next_if(|next| **next == b'"').is_some();
            continue;
        }
        inside = *byte == b'"' && field_starts;
        field_starts = *byte == delimiter || *byte == b'\n' || *byte == b'\r';
    }
    inside
}
