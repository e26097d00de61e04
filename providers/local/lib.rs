//! The embedded local cloud.
