//! What is stored may be sealed: encrypted, so that nobody reads it where it lies.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::StateError;

/// Why a text cannot be sealed or opened, in a sentence without its full stop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SealError(pub String);

/// Seals texts before they are stored, and opens them again.
pub trait Seal: fmt::Debug + Send + Sync {
    /// The text as it is to be stored.
    ///
    /// # Errors
    /// If there is no key. Nothing may be stored then.
    fn seal(&self, text: &[u8]) -> Result<Vec<u8>, SealError>;

    /// The text of what is stored.
    ///
    /// # Errors
    /// If the key is another one, or it is not sealed and must be.
    fn open(&self, bytes: &[u8]) -> Result<Vec<u8>, SealError>;
}

/// A seal, if there is one.
pub(crate) type MaybeSeal = Option<Arc<dyn Seal>>;

/// The text as it is to be stored at `place`.
pub(crate) fn seal(with: &MaybeSeal, place: &Path, text: Vec<u8>) -> Result<Vec<u8>, StateError> {
    match with {
        None => Ok(text),
        Some(with) => with.seal(&text).map_err(|problem| failed(place, problem)),
    }
}

/// The text of what is stored at `place`.
pub(crate) fn open(with: &MaybeSeal, place: &Path, bytes: Vec<u8>) -> Result<Vec<u8>, StateError> {
    match with {
        Some(with) => with.open(&bytes).map_err(|problem| failed(place, problem)),
        None if is_sealed(&bytes) => {
            let why = "it is encrypted, and the configuration has no \"encryption\" block";
            Err(failed(place, SealError(why.to_owned())))
        }
        None => Ok(bytes),
    }
}

/// Whether it looks like an envelope around a sealed text.
pub(crate) fn is_sealed(bytes: &[u8]) -> bool {
    const MARK: &[u8] = b"\"encrypted_data\"";
    bytes.first() == Some(&b'{')
        && bytes.windows(MARK.len()).take(4096).any(|window| window == MARK)
        && !bytes.windows(12).take(64).any(|window| window == b"\"version\": 4")
}

fn failed(place: &Path, problem: SealError) -> StateError {
    StateError::Sealed { place: place.to_owned(), problem }
}
