//! Data and models: sources, cleaning, formats, digests, metrics.
//!
//! The library behind the blocks `dataset`, `model` and `evaluation`: bytes in, bytes out. It knows no
//! cloud and no configuration, and never prints. It reads files and web pages only in [`source`], and
//! the stores that it is given in [`copy`], which alone is asynchronous; all else is synchronous.

pub mod copy;
pub mod digest;
pub mod format;
pub mod manifest;
pub mod metrics;
pub mod source;
pub mod table;
