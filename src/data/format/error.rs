//! Why a file is no model.

use super::model::ModelFormat;

/// A file that is no usable model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Not a byte in it.
    #[error("the file is empty")]
    Empty,
    /// None of the formats known here.
    #[error("this is no known model format; it looks like {looks_like}")]
    Unrecognised {
        /// What it seems to be, such as `a gzip archive`.
        looks_like: String,
    },
    /// Of a known format, but cut off or overwritten.
    #[error("the {format} file is damaged at byte {at}: {reason}")]
    Damaged {
        /// Its format.
        format: ModelFormat,
        /// How many bytes come before the place.
        at: u64,
        /// What is wrong there.
        reason: String,
    },
}

/// What is wrong at a place of a file whose format the caller knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) reason: String,
}

impl Fault {
    pub(super) fn new(at: usize, reason: impl Into<String>) -> Fault {
        Fault { at, reason: reason.into() }
    }

    pub(super) fn of(self, format: ModelFormat) -> ModelError {
        ModelError::Damaged { format, at: self.at as u64, reason: self.reason }
    }
}
