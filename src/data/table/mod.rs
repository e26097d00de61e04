//! Tables: read from CSV, JSON lines and Parquet, cleaned, written again.
//!
//! All rows go through in batches, so that what is in memory beside the bytes is small. The same
//! bytes and the same wishes give the same bytes.

mod clean;
mod convert;
mod error;
mod kind;
mod open;
mod parquet_file;
mod rows;
mod text_file;
mod write;

pub use clean::{Cleaned, Cleaning, clean};
pub use error::{Place, TableError};
pub use kind::{ColumnType, Input, TableFormat};
pub use open::columns;
pub use rows::{features, labels};

#[cfg(test)]
mod tests;
