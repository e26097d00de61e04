//! `skyform copy`: what its arguments mean, which stores they lead to, and how it is shown.

mod amounts;
mod location;
mod settings;
mod shown;
mod sides;
mod stack;
mod stores;

pub(crate) use amounts::{bytes, count, duration, rate};
pub(crate) use location::Kind as StoreKind;
pub(crate) use settings::{CopyArgs, copy_options, record_path};
pub(crate) use shown::Shown;
pub(crate) use sides::{Sides, open};
pub(crate) use stores::remote as remote_store;
