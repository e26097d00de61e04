//! Source map, spans and diagnostics.
