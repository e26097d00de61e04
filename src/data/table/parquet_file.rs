//! Parquet files: columns and batches of rows.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_schema::DataType;
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;

use super::error::{Place, TableError};
use super::kind::{ColumnType, Input};
use super::open::Batch;

/// The columns of the file with their types.
pub(super) fn columns(input: &Input<'_>) -> Result<Vec<(String, ColumnType)>, TableError> {
    let builder = open(input)?;
    let groups = builder.metadata().row_groups().iter();
    for compression in groups.flat_map(|group| group.columns()).map(|one| one.compression()) {
        if !matches!(
            compression,
            Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_)
        ) {
            // Without the level, as in GZIP(6).
            let shown = compression.to_string();
            let codec = shown.split('(').next().unwrap_or_default().to_owned();
            return Err(TableError::Compression { file: input.name.to_owned(), codec });
        }
    }
    let column = |field: &Arc<arrow_schema::Field>| {
        let kind =
            ColumnType::of_arrow(field.data_type()).ok_or_else(|| TableError::Unsupported {
                file: input.name.to_owned(),
                column: field.name().clone(),
                kind: field.data_type().to_string(),
            })?;
        Ok((field.name().clone(), kind))
    };
    builder.schema().fields().iter().map(column).collect()
}

/// Calls `each` with at most `rows` rows of the columns at a time.
pub(super) fn read(
    input: &Input<'_>,
    names: &[String],
    rows: usize,
    each: &mut dyn FnMut(Batch) -> Result<(), TableError>,
) -> Result<(), TableError> {
    let builder = open(input)?;
    let fields = builder.schema().fields();
    let place = |name: &String| fields.iter().position(|field| field.name() == name);
    let wanted: Vec<usize> = names.iter().filter_map(place).collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
    let mut reader = guarded(input, || {
        builder
            .with_projection(mask)
            .with_batch_size(rows)
            .build()
            .map_err(|error| damaged(input, &error))
    })?;
    let mut next =
        || guarded(input, || reader.next().transpose().map_err(|error| damaged(input, &error)));
    let mut row = 0;
    while let Some(batch) = next()? {
        let column = |name: &String| -> Option<ArrayRef> {
            let column = batch.column_by_name(name)?;
            plain(column)
        };
        let arrays = names.iter().map(column).collect::<Option<Vec<ArrayRef>>>();
        let arrays = arrays.ok_or_else(|| TableError::Damaged {
            file: input.name.to_owned(),
            reason: "a column is missing".to_owned(),
        })?;
        let place = |row| Place { file: input.name.to_owned(), row, line: None };
        let count = batch.num_rows() as u64;
        let places = (row + 1..=row + count).map(place).collect();
        row += count;
        each(Batch { places, arrays })?;
    }
    Ok(())
}

/// The reader wants to own what it reads.
fn open(input: &Input<'_>) -> Result<ParquetRecordBatchReaderBuilder<Bytes>, TableError> {
    let bytes = Bytes::copy_from_slice(input.bytes);
    guarded(input, || {
        ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(|error| damaged(input, &error))
    })
}

/// The library panics on some files with a few wrong bytes. Nothing of what it holds is used again.
fn guarded<T>(
    input: &Input<'_>,
    work: impl FnOnce() -> Result<T, TableError>,
) -> Result<T, TableError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let reason = "its content contradicts itself".to_owned();
        Err(TableError::Damaged { file: input.name.to_owned(), reason })
    })
}

/// Texts in one form; all else as it is.
fn plain(column: &ArrayRef) -> Option<ArrayRef> {
    match column.data_type() {
        DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..) | DataType::Null => {
            let kind = ColumnType::of_arrow(column.data_type())?;
            arrow_cast::cast(column, &kind.arrow()).ok()
        }
        _ => Some(Arc::clone(column)),
    }
}

fn damaged(input: &Input<'_>, error: &dyn std::error::Error) -> TableError {
    TableError::Damaged { file: input.name.to_owned(), reason: error.to_string() }
}
