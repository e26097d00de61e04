//! Addresses as text and back.

use skyform_state::BlockAddress;
use skyform_value::InstanceAddress;

pub(super) fn address(text: &str) -> Result<InstanceAddress, String> {
    text.parse().map_err(|error| format!("{text}: {error}"))
}

pub(super) fn block_address(text: &str) -> Result<BlockAddress, String> {
    Ok(BlockAddress::from(&*address(text)?.resource))
}
