//! Casts columns, so that no value is lost or changed without a word.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array as _, ArrayRef, Int64Array, new_empty_array};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::DataType;

use super::kind::ColumnType;

/// The column as `kind`; else the first row that does not fit, with its value. Where there is no such
/// cast at all, that is the first row.
pub(super) fn convert(column: &ArrayRef, kind: ColumnType) -> Result<ArrayRef, (usize, String)> {
    let target = kind.arrow();
    if *column.data_type() == target {
        return Ok(Arc::clone(column));
    }
    if column.is_empty() {
        return Ok(new_empty_array(&target));
    }
    let whole = matches!(kind, ColumnType::Int32 | ColumnType::Int64);
    let converted = match column.data_type() {
        DataType::Utf8 if whole => cast(&whole_numbers(column)?, &target),
        DataType::Float16 | DataType::Float32 | DataType::Float64 if whole => {
            let floats = cast(column, &DataType::Float64).ok_or_else(|| failed(column, 0))?;
            cast(&without_fractions(&floats)?, &target)
        }
        from if kind == ColumnType::Bool && from.is_numeric() => {
            let integers = convert(column, ColumnType::Int64)?;
            let odd = |number: Option<i64>| number.is_some_and(|number| !(0..=1).contains(&number));
            if let Some(row) = integers.as_primitive::<Int64Type>().iter().position(odd) {
                return Err(failed(column, row));
            }
            cast(&integers, &target)
        }
        _ => cast(column, &target),
    };
    let converted = converted.ok_or_else(|| failed(column, 0))?;
    match (0..column.len()).find(|row| converted.is_null(*row) && !column.is_null(*row)) {
        Some(row) => Err(failed(column, row)),
        None => Ok(converted),
    }
}

/// All values as texts; nothing for a missing one.
pub(super) fn texts(column: &ArrayRef) -> Vec<Option<String>> {
    let options = FormatOptions::default();
    // All types of columns can be shown.
    let Ok(shown) = ArrayFormatter::try_new(column, &options) else {
        return vec![None; column.len()];
    };
    let text = |row| (!column.is_null(row)).then(|| shown.value(row).to_string());
    (0..column.len()).map(text).collect()
}

fn failed(column: &ArrayRef, row: usize) -> (usize, String) {
    (row, texts(&column.slice(row, 1)).into_iter().flatten().next().unwrap_or_default())
}

/// Values that don't fit become missing ones. None if there is no such cast at all.
fn cast(column: &ArrayRef, target: &DataType) -> Option<ArrayRef> {
    let options = CastOptions { safe: true, ..CastOptions::default() };
    cast_with_options(column, target, &options).ok()
}

/// Texts of whole numbers, which may be written with a fraction of zeros, as pandas does when a
/// column of whole numbers lacks values.
fn whole_numbers(column: &ArrayRef) -> Result<ArrayRef, (usize, String)> {
    let parse = |(row, text): (usize, Option<&str>)| {
        let Some(text) = text else { return Ok(None) };
        let exact = text.parse::<i64>().ok();
        let number = exact.or_else(|| whole(text.parse::<f64>().ok()?));
        number.map(Some).ok_or_else(|| (row, text.to_owned()))
    };
    let numbers = column.as_string::<i32>().iter().enumerate().map(parse);
    let numbers: Vec<Option<i64>> = numbers.collect::<Result<_, _>>()?;
    Ok(Arc::new(Int64Array::from(numbers)))
}

fn without_fractions(column: &ArrayRef) -> Result<ArrayRef, (usize, String)> {
    let parse = |(row, number): (usize, Option<f64>)| {
        let Some(number) = number else { return Ok(None) };
        whole(number).map(Some).ok_or_else(|| failed(column, row))
    };
    let numbers = column.as_primitive::<Float64Type>().iter().enumerate().map(parse);
    let numbers: Vec<Option<i64>> = numbers.collect::<Result<_, _>>()?;
    Ok(Arc::new(Int64Array::from(numbers)))
}

/// Above 2^53 a float does not tell whole numbers apart.
fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "a whole number within the bounds")]
    let whole = || number as i64;
    (number.fract() == 0.0 && number.abs() <= EXACT).then(whole)
}
