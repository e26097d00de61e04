//! Servers that speak clouds' protocols.
