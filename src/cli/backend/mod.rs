//! Where this folder's states are kept: what the configuration says, what `init` has recorded, and
//! moving states from one place to another.

mod given;
mod initialize;
mod migrate;
mod options;
mod record;
mod remote_states;
mod select;

pub(crate) use given::{mentions, problems, without_spans};
pub(crate) use initialize::initialize;
pub(crate) use remote_states::OtherStates;
pub(crate) use select::select;
