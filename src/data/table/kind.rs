//! Types of columns, formats of files.

use std::fmt;

use arrow_schema::{DataType, TimeUnit};

/// A file of a table, in memory.
#[derive(Clone, Copy, Debug)]
pub struct Input<'b> {
    /// Its name, for errors; its extension tells the format where the bytes leave it open.
    pub name: &'b str,
    /// Its content.
    pub bytes: &'b [u8],
}

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TableFormat {
    /// Comma-separated values with a header (RFC 4180); read with tabs and semicolons too.
    Csv,
    /// A JSON object a line.
    JsonLines,
    /// Apache Parquet.
    Parquet,
}

/// What a column holds. Any value may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ColumnType {
    /// `true` and `false`.
    Bool,
    /// Whole numbers of 32 bits.
    Int32,
    /// Whole numbers of 64 bits.
    Int64,
    /// Binary floating point numbers of 32 bits.
    Float32,
    /// Binary floating point numbers of 64 bits.
    Float64,
    /// Text.
    String,
    /// A day of the calendar.
    Date,
    /// A moment, in UTC and microseconds.
    Timestamp,
}

impl TableFormat {
    /// All of them.
    pub const ALL: [TableFormat; 3] =
        [TableFormat::Csv, TableFormat::JsonLines, TableFormat::Parquet];

    /// The name in a configuration.
    pub fn name(self) -> &'static str {
        match self {
            TableFormat::Csv => "csv",
            TableFormat::JsonLines => "jsonl",
            TableFormat::Parquet => "parquet",
        }
    }

    /// The format of that name.
    pub fn named(name: &str) -> Option<TableFormat> {
        TableFormat::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The format of a file: Parquet has a mark, an object's brace makes JSON, all else is CSV.
    pub fn of(input: &Input<'_>) -> TableFormat {
        let extension = input.name.rsplit_once('.').map(|(_, extension)| extension);
        match extension.unwrap_or_default().to_ascii_lowercase().as_str() {
            _ if input.bytes.starts_with(b"PAR1") => TableFormat::Parquet,
            "parquet" => TableFormat::Parquet,
            "csv" | "tsv" => TableFormat::Csv,
            "jsonl" | "ndjson" | "json" => TableFormat::JsonLines,
            _ if input.bytes.trim_ascii_start().starts_with(b"{") => TableFormat::JsonLines,
            _ => TableFormat::Csv,
        }
    }
}

impl ColumnType {
    /// All of them.
    pub const ALL: [ColumnType; 8] = [
        ColumnType::Bool,
        ColumnType::Int32,
        ColumnType::Int64,
        ColumnType::Float32,
        ColumnType::Float64,
        ColumnType::String,
        ColumnType::Date,
        ColumnType::Timestamp,
    ];

    /// The name in a configuration.
    pub fn name(self) -> &'static str {
        match self {
            ColumnType::Bool => "bool",
            ColumnType::Int32 => "int32",
            ColumnType::Int64 => "int64",
            ColumnType::Float32 => "float32",
            ColumnType::Float64 => "float64",
            ColumnType::String => "string",
            ColumnType::Date => "date",
            ColumnType::Timestamp => "timestamp",
        }
    }

    /// The type of that name.
    pub fn named(name: &str) -> Option<ColumnType> {
        ColumnType::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub(super) fn arrow(self) -> DataType {
        match self {
            ColumnType::Bool => DataType::Boolean,
            ColumnType::Int32 => DataType::Int32,
            ColumnType::Int64 => DataType::Int64,
            ColumnType::Float32 => DataType::Float32,
            ColumnType::Float64 => DataType::Float64,
            ColumnType::String => DataType::Utf8,
            ColumnType::Date => DataType::Date32,
            ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
        }
    }

    /// The type that holds what a type of arrow holds; none for nested and binary ones.
    pub(super) fn of_arrow(kind: &DataType) -> Option<ColumnType> {
        Some(match kind {
            DataType::Boolean => ColumnType::Bool,
            DataType::Int8 | DataType::Int16 | DataType::Int32 => ColumnType::Int32,
            DataType::UInt8 | DataType::UInt16 => ColumnType::Int32,
            DataType::Int64 | DataType::UInt32 | DataType::UInt64 => ColumnType::Int64,
            DataType::Float16 | DataType::Float32 => ColumnType::Float32,
            // Decimals are taken for what models compute with.
            DataType::Float64 | DataType::Decimal32(..) | DataType::Decimal64(..) => {
                ColumnType::Float64
            }
            DataType::Decimal128(..) | DataType::Decimal256(..) => ColumnType::Float64,
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => ColumnType::String,
            DataType::Null => ColumnType::String,
            DataType::Date32 | DataType::Date64 => ColumnType::Date,
            DataType::Timestamp(..) => ColumnType::Timestamp,
            DataType::Dictionary(_, values) => return ColumnType::of_arrow(values),
            _ => return None,
        })
    }

    /// The smallest type that holds what both hold; text if there is no other.
    pub(super) fn join(self, other: ColumnType) -> ColumnType {
        use ColumnType::{Float32, Float64, Int32, Int64, String};
        match (self, other) {
            (left, right) if left == right => left,
            (Int32, Int64) | (Int64, Int32) => Int64,
            (Int32 | Int64 | Float32 | Float64, Int32 | Int64 | Float32 | Float64) => Float64,
            _ => String,
        }
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}
