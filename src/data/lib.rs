//! Data and models: sources, cleaning, formats, digests, metrics.
//!
//! The synchronous library behind the blocks `dataset`, `model` and `evaluation`: bytes in, bytes
//! out. It knows no cloud and no configuration, never prints, and reads files and web pages only in
//! [`source`].

pub mod digest;
pub mod format;
pub mod manifest;
pub mod metrics;
pub mod source;
pub mod table;
