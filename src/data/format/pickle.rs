//! Python's pickles: recognised, and checked for their end; never loaded.
//!
//! Source: Python's `pickletools`.

use super::bytes::Bytes;
use super::error::Fault;

/// The start of PyTorch's form before it became an archive: a pickled magic number.
pub(super) const OLD_PYTORCH: &[u8] = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.";

/// Whether the file starts with the opcode of a protocol from 2 to 5.
pub(super) fn starts(file: &[u8]) -> bool {
    matches!(file, [0x80, 2..=5, ..])
}

/// The last opcode is STOP. joblib puts arrays between opcodes, so that no more can be followed.
pub(super) fn check(file: &[u8]) -> Result<(), Fault> {
    let mut bytes = Bytes::new(file);
    bytes.take(2)?;
    if bytes.rest().first() == Some(&0x95) {
        // Protocol 4 starts with a frame, whose length is known.
        bytes.u8()?;
        let size = bytes.u64()?;
        bytes.take(size)?;
    }
    match file.last() {
        Some(b'.') => Ok(()),
        _ => Err(Fault::new(file.len(), "the pickle does not end with its last opcode")),
    }
}
