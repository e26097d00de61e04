//! Where keys come from.

use std::fmt;
use std::sync::Arc;

use serde_json::Value as Json;

/// Fills bytes with random ones.
pub type Random = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// Why there is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeyError(pub String);

/// Gives keys of 16, 24 or 32 bytes.
pub trait Keys: fmt::Debug + Send + Sync {
    /// A key to seal with, and what has to be known to find it again. Nothing secret is in that.
    ///
    /// # Errors
    /// If there is none.
    fn new_key(&self) -> Result<(Vec<u8>, Json), KeyError>;

    /// The key that something was sealed with, by what was noted then.
    ///
    /// # Errors
    /// If it cannot be found again.
    fn key(&self, noted: &Json) -> Result<Vec<u8>, KeyError>;
}

/// A number that was noted.
pub(crate) fn noted_number(noted: &Json, name: &str) -> Result<u32, KeyError> {
    let number = noted[name].as_u64().and_then(|number| u32::try_from(number).ok());
    number.ok_or_else(|| KeyError(format!("the envelope does not say \"{name}\"")))
}
