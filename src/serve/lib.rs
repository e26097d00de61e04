//! The inference server behind `skyform serve`.
