//! What can be wrong with a table. Each message says where.

use std::fmt;

use super::kind::ColumnType;

/// Where a row is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's name.
    pub file: String,
    /// Which row of the file, from 1; a header is none.
    pub row: u64,
    /// The line on which it starts, from 1, if the file is text.
    pub line: Option<u64>,
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}, row {}", self.file, self.row)?;
        self.line.map_or(Ok(()), |line| write!(out, " (line {line})"))
    }
}

/// A table that can't be read, or not as wished.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// No files, or a file without even a header.
    #[error("{file}: there is no table in it")]
    Empty {
        /// The file's name.
        file: String,
    },
    /// A header that names no columns, or one twice.
    #[error("{file}: {reason}")]
    Header {
        /// The file's name.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// A row that is broken.
    #[error("{place}: {reason}")]
    Row {
        /// Where.
        place: Place,
        /// What is wrong.
        reason: String,
    },
    /// A file that has other columns than the first one.
    #[error("{file} has other columns than {first}: {difference}")]
    Shape {
        /// The file's name.
        file: String,
        /// The first file's.
        first: String,
        /// Which are missing and which are new.
        difference: String,
    },
    /// A column that is not there.
    #[error("there is no column \"{name}\"")]
    UnknownColumn {
        /// As it was asked for.
        name: String,
        /// By which wish, such as `drop_nulls`.
        argument: &'static str,
        /// The columns that there are.
        known: Vec<String>,
    },
    /// A column that is asked for twice.
    #[error("the column \"{0}\" is selected twice")]
    SelectedTwice(String),
    /// A value that a type can't hold.
    #[error("{place}: \"{value}\" in column \"{column}\" is no {expected}")]
    Cast {
        /// Where.
        place: Place,
        /// The column's name.
        column: String,
        /// The value, as text.
        value: String,
        /// What it should be.
        expected: ColumnType,
    },
    /// A value that is missing where one is needed.
    #[error("{place}: column \"{column}\" is empty")]
    Null {
        /// Where.
        place: Place,
        /// The column's name.
        column: String,
    },
    /// A type that is not supported, such as a list.
    #[error("{file}: column \"{column}\" is of a type that cannot be used here: {kind}")]
    Unsupported {
        /// The file's name.
        file: String,
        /// The column's name.
        column: String,
        /// Its type.
        kind: String,
    },
    /// A Parquet file whose content is compressed in a way that this program can't undo.
    #[error("{file} is compressed with {codec}; what can be read is zstd, snappy and uncompressed")]
    Compression {
        /// The file's name.
        file: String,
        /// The way, such as `GZIP`.
        codec: String,
    },
    /// A Parquet file that is cut off or overwritten.
    #[error("{file} is damaged: {reason}")]
    Damaged {
        /// The file's name.
        file: String,
        /// What its reader says.
        reason: String,
    },
    /// A table that can't be written.
    #[error("the table cannot be written: {0}")]
    Write(String),
}
