//! Resources in the tree of modules.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use skyform_value::{InstanceAddress, InstanceKey, Mode, ModuleInstance};

/// Resources gathered by module.
#[derive(Default)]
pub(super) struct Modules {
    resources: BTreeMap<ModuleInstance, Vec<Json>>,
}

impl Modules {
    pub(super) fn add(&mut self, module: &ModuleInstance, resource: Json) {
        self.resources.entry(module.clone()).or_default().push(resource);
        let mut above = module.parent();
        while let Some(parent) = above {
            above = parent.parent();
            self.resources.entry(parent).or_default();
        }
    }

    pub(super) fn into_json(self) -> Json {
        self.module(&ModuleInstance::root())
    }

    fn module(&self, at: &ModuleInstance) -> Json {
        let mut json = json!({});
        if let Some(resources) = self.resources.get(at).filter(|resources| !resources.is_empty()) {
            json["resources"] = Json::from(resources.clone());
        }
        let children = self.resources.keys().filter(|module| module.parent().as_ref() == Some(at));
        let children: Vec<Json> = children
            .map(|child| {
                let mut json = self.module(child);
                json["address"] = Json::from(child.to_string());
                json
            })
            .collect();
        if !children.is_empty() {
            json["child_modules"] = Json::from(children);
        }
        json
    }
}

/// What every entry about an instance begins with.
pub(super) fn resource_head(address: &InstanceAddress, provider: &str) -> Json {
    let resource = &address.resource;
    let source = provider.split_once("provider[\"").map_or(provider, |(_, rest)| rest);
    let source = source.split('"').next().unwrap_or(source);
    let mut json = json!({
        "address": address.to_string(),
        "mode": match resource.mode {
            Mode::Data => "data",
            Mode::Ephemeral => "ephemeral",
            Mode::Managed => "managed",
        },
        "type": resource.type_name.as_str(),
        "name": resource.name.as_str(),
    });
    match &address.key {
        Some(InstanceKey::Index(index)) => json["index"] = Json::from(*index),
        Some(InstanceKey::Name(name)) => json["index"] = Json::from(name.as_str()),
        None => {}
    }
    json["provider_name"] = Json::from(source);
    json
}
