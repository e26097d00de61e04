//! What an object would be by its configuration, and how two objects differ.

mod ignore;
mod proposed;

pub(crate) use ignore::ignore_changes;
pub(crate) use proposed::{empty_object, proposed};
