//! `removed` blocks: what they say of a stored object.

use skyform_lang::config::{Config, ModuleId, Removed};
use skyform_value::InstanceAddress;

/// The `removed` block about an instance, with the module that it is written in.
pub(crate) fn removed_block<'a>(
    config: &'a Config,
    address: &InstanceAddress,
) -> Option<(ModuleId, &'a Removed)> {
    let resource = &address.resource;
    let at = resource.module.path();
    (0..).map(ModuleId).zip(&config.modules).find_map(|(id, module)| {
        let found = module.source.removed.iter().find(|removed| {
            let calls = removed.from.module.iter().map(|(name, _)| name);
            let path: Vec<_> = module.path.0.iter().chain(calls).cloned().collect();
            match &removed.from.resource {
                Some((key, _)) => {
                    at.0.as_ref() == path.as_slice()
                        && key.mode == resource.mode
                        && key.type_name == resource.type_name
                        && key.name == resource.name
                }
                None => at.0.starts_with(&path),
            }
        });
        found.map(|removed| (id, removed))
    })
}
