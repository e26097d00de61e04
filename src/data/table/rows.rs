//! What an evaluation needs of a table: numbers for the model, and labels.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float32Type, Float64Type, Int64Type};
use arrow_array::{Array as _, ArrayRef};

use super::clean::place;
use super::error::TableError;
use super::kind::{ColumnType, Input};
use super::open::{self, Batch};
use crate::metrics::Label;

/// The columns as numbers, row by row, in the order of `names`; true is 1 and false is 0.
///
/// # Errors
/// Files that can't be read, columns that are not there, values that are missing or no numbers.
pub fn features(inputs: &[Input<'_>], names: &[String]) -> Result<Vec<f32>, TableError> {
    let known = open::columns(inputs)?;
    let kind = |name: &String| Ok(known[place(&known, name, "features")?].1);
    let kinds: Vec<ColumnType> = names.iter().map(kind).collect::<Result<_, TableError>>()?;
    let mut numbers = Vec::new();
    open::batches(inputs, names, &mut |mut batch| {
        let mut columns = Vec::new();
        for (at, name) in names.iter().enumerate() {
            columns.push(complete(&mut batch, at, name, [kinds[at], ColumnType::Float32])?);
        }
        let columns: Vec<_> =
            columns.iter().map(|column| column.as_primitive::<Float32Type>()).collect();
        for row in 0..batch.places.len() {
            numbers.extend(columns.iter().map(|column| column.value(row)));
        }
        Ok(())
    })?;
    Ok(numbers)
}

/// The column's values as labels.
///
/// # Errors
/// Files that can't be read, a column that is not there, values that are missing.
pub fn labels(inputs: &[Input<'_>], name: &str) -> Result<Vec<Label>, TableError> {
    let known = open::columns(inputs)?;
    let own = known[place(&known, name, "label")?].1;
    let kind = match own {
        ColumnType::Bool | ColumnType::Int32 | ColumnType::Int64 => ColumnType::Int64,
        ColumnType::Float32 | ColumnType::Float64 => ColumnType::Float64,
        ColumnType::String | ColumnType::Date | ColumnType::Timestamp => ColumnType::String,
    };
    let mut labels = Vec::new();
    open::batches(inputs, &[name.to_owned()], &mut |mut batch| {
        let column = complete(&mut batch, 0, name, [own, kind])?;
        match kind {
            ColumnType::Int64 => {
                let numbers = column.as_primitive::<Int64Type>();
                labels.extend(numbers.values().iter().map(|number| Label::from(*number)));
            }
            ColumnType::Float64 => {
                for (row, number) in
                    column.as_primitive::<Float64Type>().values().iter().enumerate()
                {
                    labels.push(Label::number(*number).ok_or_else(|| TableError::Row {
                        place: batch.places[row].clone(),
                        reason: format!("{number} in column \"{name}\" is no label"),
                    })?);
                }
            }
            _ => labels.extend(column.as_string::<i32>().iter().flatten().map(Label::from)),
        }
        Ok(())
    })?;
    Ok(labels)
}

/// The column as the first of the types, then as the second (texts of numbers are not known to be
/// numbers before), if no value is missing.
fn complete(
    batch: &mut Batch,
    at: usize,
    name: &str,
    kinds: [ColumnType; 2],
) -> Result<ArrayRef, TableError> {
    for kind in kinds {
        batch.arrays[at] = batch.column(at, name, kind)?;
    }
    let column = Arc::clone(&batch.arrays[at]);
    match (0..column.len()).find(|row| column.is_null(*row)) {
        Some(row) => {
            let place = batch.places[row].clone();
            Err(TableError::Null { place, column: name.to_owned() })
        }
        None => Ok(column),
    }
}
