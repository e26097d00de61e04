//! State v4: the JSON file that Terraform and Skyform both read and write.
//!
//! Placements stand under the top-level key `skyform`, which Terraform leaves out of account.
//! Source: files that Terraform 1.11 wrote.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use serde_json::value::RawValue;
use skyform_value::{Mode, ModuleInstance, ResourceAddress, Str, json};

use super::object::{self, InstanceV4};
use crate::{DeposedKey, OutputState, PlacementState, ResourceState, State};

/// What the file says of the version that wrote it, for readers that compare it with their own.
const TERRAFORM_VERSION: &str = "1.11.4";

#[derive(Serialize, Deserialize)]
struct StateV4 {
    version: u64,
    #[serde(default)]
    terraform_version: String,
    #[serde(default)]
    serial: u64,
    #[serde(default)]
    lineage: String,
    #[serde(default)]
    outputs: BTreeMap<String, OutputV4>,
    #[serde(default)]
    resources: Vec<ResourceV4>,
    #[serde(default)]
    check_results: Option<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    skyform: Option<SkyformV1>,
}

#[derive(Serialize, Deserialize)]
struct OutputV4 {
    value: Json,
    r#type: Json,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    sensitive: bool,
}

#[derive(Serialize, Deserialize)]
struct ResourceV4 {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    module: Option<String>,
    mode: String,
    r#type: String,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    each: Option<String>,
    provider: String,
    #[serde(default)]
    instances: Vec<InstanceV4>,
}

#[derive(Serialize, Deserialize)]
struct SkyformV1 {
    format: u64,
    #[serde(default)]
    placements: BTreeMap<String, PlacementV1>,
}

#[derive(Serialize, Deserialize)]
struct PlacementV1 {
    units: BTreeMap<String, BTreeMap<String, u64>>,
    monthly_cost: String,
}

/// Why text is not a state: its format's version where that is too new, or what is wrong.
#[derive(Debug, PartialEq, Eq)]
pub enum NotAState {
    /// A newer format.
    TooNew(u64),
    /// Not JSON, or not of the right shape.
    Invalid(String),
}

/// Reads a state file's text.
///
/// # Errors
/// If it is not a state of format 4.
pub fn state_from_json(text: &str) -> Result<State, NotAState> {
    #[derive(Deserialize)]
    struct Version {
        version: u64,
    }
    let invalid = |error: serde_json::Error| NotAState::Invalid(error.to_string());
    let Version { version } = serde_json::from_str(text).map_err(invalid)?;
    if version > 4 {
        return Err(NotAState::TooNew(version));
    }
    if version < 4 {
        let advice = format!(
            "it has the old format {version}; let Terraform 0.13 or newer rewrite it first"
        );
        return Err(NotAState::Invalid(advice));
    }
    let file: StateV4 = serde_json::from_str(text).map_err(invalid)?;
    let mut state = State { serial: file.serial, lineage: file.lineage, ..State::default() };
    for (name, output) in file.outputs {
        let value = object::decode_output(&output.value, &output.r#type)
            .map_err(|error| NotAState::Invalid(format!("output \"{name}\": {error}")))?;
        state.outputs.insert(name.into(), OutputState { value, sensitive: output.sensitive });
    }
    for resource in file.resources {
        let name = format!("{}.{}", resource.r#type, resource.name);
        add_resource(&mut state, resource)
            .map_err(|error| NotAState::Invalid(format!("resource {name}: {error}")))?;
    }
    state.checks = file.check_results.map(|raw| raw.get().to_owned()).filter(|raw| raw != "null");
    for (address, placement) in file.skyform.map(|own| own.placements).unwrap_or_default() {
        let PlacementV1 { units, monthly_cost } = placement;
        state.placements.insert(address, PlacementState { units, monthly_cost });
    }
    Ok(state)
}

fn add_resource(state: &mut State, resource: ResourceV4) -> Result<(), String> {
    let module: ModuleInstance = match resource.module.as_deref() {
        Some(text) if !text.is_empty() => text.parse().map_err(|error| format!("{error}"))?,
        _ => ModuleInstance::root(),
    };
    let mode = match resource.mode.as_str() {
        "managed" => Mode::Managed,
        "data" => Mode::Data,
        other => return Err(format!("the mode \"{other}\" is not known")),
    };
    let address = Arc::new(ResourceAddress {
        module,
        mode,
        type_name: resource.r#type.into(),
        name: resource.name.into(),
    });
    let mut stored = ResourceState { provider: resource.provider.into(), ..Default::default() };
    for instance in resource.instances {
        let (key, deposed, object) = object::decode(instance)?;
        let entry = stored.instances.entry(key).or_default();
        match deposed {
            Some(key) => {
                entry.deposed.insert(DeposedKey(key.into()), object);
            }
            None => entry.current = Some(object),
        }
    }
    state.resources.insert(address, stored);
    Ok(())
}

/// The text of a state file, ending with a line end.
pub fn state_to_json(state: &State) -> String {
    let outputs = state.outputs.iter().map(|(name, output)| {
        let ty = output.value.ty();
        let text = json::to_typed(&output.value, &ty);
        let output = OutputV4 {
            value: serde_json::from_str(&text).unwrap_or(Json::Null),
            r#type: json::type_to_json(&ty),
            sensitive: output.sensitive,
        };
        (name.to_string(), output)
    });
    let placements = state.placements.iter().map(|(address, placement)| {
        let PlacementState { units, monthly_cost } = placement.clone();
        (address.clone(), PlacementV1 { units, monthly_cost })
    });
    let file = StateV4 {
        version: 4,
        terraform_version: TERRAFORM_VERSION.to_owned(),
        serial: state.serial,
        lineage: state.lineage.clone(),
        outputs: outputs.collect(),
        resources: state
            .resources
            .iter()
            .map(|(address, stored)| resource(address, stored))
            .collect(),
        check_results: state.checks.clone().and_then(|raw| RawValue::from_string(raw).ok()),
        skyform: (!state.placements.is_empty())
            .then(|| SkyformV1 { format: 1, placements: placements.collect() }),
    };
    // Only maps with keys that are not text could fail, and there are none.
    let mut text = serde_json::to_string_pretty(&file).unwrap_or_default();
    text.push('\n');
    text
}

fn resource(address: &ResourceAddress, stored: &ResourceState) -> ResourceV4 {
    let instances = stored.instances.iter().flat_map(|(key, instance)| {
        let current =
            instance.current.iter().map(|object| object::encode(object, key.as_ref(), None));
        let deposed = instance.deposed.iter();
        let deposed = deposed.map(|(id, object)| object::encode(object, key.as_ref(), Some(&id.0)));
        current.chain(deposed)
    });
    ResourceV4 {
        module: (!address.module.is_root()).then(|| address.module.to_string()),
        mode: if address.mode == Mode::Data { "data" } else { "managed" }.to_owned(),
        r#type: address.type_name.to_string(),
        name: address.name.to_string(),
        each: None,
        provider: Str::to_string(&stored.provider),
        instances: instances.collect(),
    }
}

#[cfg(test)]
mod tests;
