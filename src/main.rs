//! The `skyform` command.
fn main() {}
