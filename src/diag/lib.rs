//! Source map, spans and diagnostics: how every problem of the user's is said.
//!
//! A [`Diagnostic`] always has a place: a [`Span`] in a source file, the address of an object, or a
//! file. It cannot be built without one, so an error message that says nothing about where the
//! mistake lies cannot be written by accident. This crate does no I/O and knows no terminal.

mod diagnostic;
mod diagnostics;
mod macros;
mod nearest;
mod source;

pub use diagnostic::{Diagnostic, Label, Location, Severity};
pub use diagnostics::Diagnostics;
pub use nearest::nearest;
pub use source::{Position, Source, SourceId, SourceMap, Span};
