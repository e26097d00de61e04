//! Writes batches; the same rows give the same bytes.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::convert::texts;
use super::error::TableError;
use super::kind::{ColumnType, TableFormat};

/// A table that is being written.
pub(super) enum Writer {
    Csv(csv::Writer<Vec<u8>>),
    JsonLines { names: Vec<String>, types: Vec<ColumnType>, text: String },
    Parquet { schema: Arc<Schema>, writer: ArrowWriter<Vec<u8>> },
}

impl Writer {
    pub(super) fn new(
        format: TableFormat,
        columns: &[(String, ColumnType)],
    ) -> Result<Writer, TableError> {
        let names = || columns.iter().map(|(name, _)| name.clone());
        Ok(match format {
            TableFormat::Csv => {
                let mut writer = csv::Writer::from_writer(Vec::new());
                writer.write_record(names()).map_err(|error| failed(&error))?;
                Writer::Csv(writer)
            }
            TableFormat::JsonLines => {
                let types = columns.iter().map(|(_, kind)| *kind).collect();
                // A key is written as it will stand there.
                let names = names().map(|name| json(&name)).collect();
                Writer::JsonLines { names, types, text: String::new() }
            }
            TableFormat::Parquet => {
                let field =
                    |(name, kind): &(String, ColumnType)| Field::new(name, kind.arrow(), true);
                let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
                // Nothing that a later version of the library may call itself.
                let properties = WriterProperties::builder()
                    .set_created_by("skyform".to_owned())
                    .set_compression(Compression::ZSTD(ZstdLevel::default()))
                    .build();
                let writer =
                    ArrowWriter::try_new(Vec::new(), Arc::clone(&schema), Some(properties));
                Writer::Parquet { schema, writer: writer.map_err(|error| failed(&error))? }
            }
        })
    }

    /// Adds rows: columns of the types that the writer was made with.
    pub(super) fn write(&mut self, columns: &[ArrayRef]) -> Result<(), TableError> {
        match self {
            Writer::Csv(writer) => {
                for row in rows(columns) {
                    let fields = row.iter().map(|field| field.as_deref().unwrap_or(""));
                    writer.write_record(fields).map_err(|error| failed(&error))?;
                }
                Ok(())
            }
            Writer::JsonLines { names, types, text } => {
                for row in rows(columns) {
                    for (at, name) in names.iter().enumerate() {
                        text.push(if at == 0 { '{' } else { ',' });
                        text.push_str(name);
                        text.push(':');
                        text.push_str(&json_value(row[at].as_deref(), types[at]));
                    }
                    text.push_str("}\n");
                }
                Ok(())
            }
            Writer::Parquet { schema, writer } => {
                let batch = RecordBatch::try_new(Arc::clone(schema), columns.to_vec());
                let batch = batch.map_err(|error| failed(&error))?;
                writer.write(&batch).map_err(|error| failed(&error))
            }
        }
    }

    pub(super) fn finish(self) -> Result<Vec<u8>, TableError> {
        match self {
            Writer::Csv(writer) => writer.into_inner().map_err(|error| failed(&error)),
            Writer::JsonLines { text, .. } => Ok(text.into_bytes()),
            Writer::Parquet { writer, .. } => writer.into_inner().map_err(|error| failed(&error)),
        }
    }
}

/// The rows as texts.
fn rows(columns: &[ArrayRef]) -> impl Iterator<Item = Vec<Option<String>>> {
    let mut columns: Vec<_> = columns.iter().map(|column| texts(column).into_iter()).collect();
    let row = move || columns.iter_mut().map(Iterator::next).collect::<Option<Vec<_>>>();
    // Without columns there would be no end of empty rows.
    std::iter::from_fn(row).take_while(|row| !row.is_empty())
}

/// JSON has no numbers that are none.
fn json_value(text: Option<&str>, kind: ColumnType) -> String {
    match (text, kind) {
        (None, _) => "null".to_owned(),
        (Some(text), ColumnType::Float32 | ColumnType::Float64)
            if !text.parse().is_ok_and(f64::is_finite) =>
        {
            "null".to_owned()
        }
        (Some(text), ColumnType::String | ColumnType::Date | ColumnType::Timestamp) => json(text),
        (Some(text), _) => text.to_owned(),
    }
}

fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn failed(error: &dyn std::error::Error) -> TableError {
    TableError::Write(error.to_string())
}
