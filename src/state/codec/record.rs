//! Journal records as JSON.

use std::str::FromStr as _;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use skyform_value::{InstanceAddress, json};

use super::object::{self, InstanceV4};
use crate::journal::{Change, Intent, IntentAction, Outcome, Record};
use crate::{DeposedKey, Object, OutputState, PlacementState};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Wire {
    Begin { lineage: String, serial: u64 },
    Saving { serial: u64, digest: String },
    Intent(WireIntent),
    Outcome { intent: u64, changes: Vec<WireChange>, error: Option<String> },
    Changes { changes: Vec<WireChange> },
}

#[derive(Serialize, Deserialize)]
struct WireIntent {
    id: u64,
    address: String,
    deposed: Option<String>,
    action: WireAction,
    provider: String,
    prior: Option<String>,
    planned: Option<String>,
    private: Option<String>,
    token: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireAction {
    Create,
    Update,
    Delete,
    Provision,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum WireChange {
    Current { address: String, provider: String, object: Option<Box<InstanceV4>> },
    Deposed { address: String, key: String, provider: String, object: Option<Box<InstanceV4>> },
    Moved { from: String, to: String },
    Output { name: String, value: Option<WireOutput> },
    Placement { address: String, decision: Option<WirePlacement> },
    Checks { text: Option<String> },
}

#[derive(Serialize, Deserialize)]
struct WireOutput {
    value: Json,
    r#type: Json,
    sensitive: bool,
}

#[derive(Serialize, Deserialize)]
struct WirePlacement {
    units: std::collections::BTreeMap<String, std::collections::BTreeMap<String, u64>>,
    monthly_cost: String,
}

/// A record as one line of JSON.
pub fn record_to_json(record: &Record) -> String {
    let wire = match record {
        Record::Begin { lineage, serial } => {
            Wire::Begin { lineage: lineage.clone(), serial: *serial }
        }
        Record::Saving { serial, digest } => {
            Wire::Saving { serial: *serial, digest: digest.clone() }
        }
        Record::Intent(intent) => Wire::Intent(WireIntent {
            id: intent.id,
            address: intent.address.to_string(),
            deposed: intent.deposed.as_ref().map(|key| key.0.to_string()),
            action: match intent.action {
                IntentAction::Create => WireAction::Create,
                IntentAction::Update => WireAction::Update,
                IntentAction::Delete => WireAction::Delete,
                IntentAction::Provision => WireAction::Provision,
            },
            provider: intent.provider.to_string(),
            prior: intent.prior.map(|digest| object::base64_encode(&digest)),
            planned: intent.planned.as_ref().map(|text| text.to_string()),
            private: (!intent.private.is_empty()).then(|| object::base64_encode(&intent.private)),
            token: intent.token.clone(),
        }),
        Record::Outcome(outcome) => Wire::Outcome {
            intent: outcome.intent,
            changes: outcome.changes.iter().map(encode_change).collect(),
            error: outcome.error.clone(),
        },
        Record::Changes(changes) => {
            Wire::Changes { changes: changes.iter().map(encode_change).collect() }
        }
    };
    // Only maps with keys that are not text could fail, and there are none.
    serde_json::to_string(&wire).unwrap_or_default()
}

/// Reads a record; the message says why it is none.
///
/// # Errors
/// If the text is not a record of this format.
pub fn record_from_json(text: &str) -> Result<Record, String> {
    let wire: Wire = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok(match wire {
        Wire::Begin { lineage, serial } => Record::Begin { lineage, serial },
        Wire::Saving { serial, digest } => Record::Saving { serial, digest },
        Wire::Intent(intent) => Record::Intent(Intent {
            id: intent.id,
            address: address(&intent.address)?,
            deposed: intent.deposed.map(|key| DeposedKey(key.into())),
            action: match intent.action {
                WireAction::Create => IntentAction::Create,
                WireAction::Update => IntentAction::Update,
                WireAction::Delete => IntentAction::Delete,
                WireAction::Provision => IntentAction::Provision,
            },
            provider: intent.provider.into(),
            prior: intent
                .prior
                .and_then(|text| object::base64_decode(&text))
                .and_then(|bytes| bytes.try_into().ok()),
            planned: intent.planned.map(Arc::from),
            private: intent
                .private
                .and_then(|text| object::base64_decode(&text))
                .unwrap_or_default()
                .into(),
            token: intent.token,
        }),
        Wire::Outcome { intent, changes, error } => {
            let changes = changes.into_iter().map(decode_change).collect::<Result<_, _>>()?;
            Record::Outcome(Outcome { intent, changes, error })
        }
        Wire::Changes { changes } => {
            Record::Changes(changes.into_iter().map(decode_change).collect::<Result<_, _>>()?)
        }
    })
}

fn address(text: &str) -> Result<InstanceAddress, String> {
    InstanceAddress::from_str(text).map_err(|error| format!("{text}: {error}"))
}

fn encode_object(object: Option<&Object>) -> Option<Box<InstanceV4>> {
    object.map(|object| Box::new(object::encode(object, None, None)))
}

fn decode_object(object: Option<Box<InstanceV4>>) -> Result<Option<Object>, String> {
    object.map(|stored| object::decode(*stored).map(|(_, _, object)| object)).transpose()
}

fn encode_change(change: &Change) -> WireChange {
    match change {
        Change::Current { address, provider, object } => WireChange::Current {
            address: address.to_string(),
            provider: provider.to_string(),
            object: encode_object(object.as_ref()),
        },
        Change::Deposed { address, key, provider, object } => WireChange::Deposed {
            address: address.to_string(),
            key: key.0.to_string(),
            provider: provider.to_string(),
            object: encode_object(object.as_ref()),
        },
        Change::Moved { from, to } => {
            WireChange::Moved { from: from.to_string(), to: to.to_string() }
        }
        Change::Output { name, value } => WireChange::Output {
            name: name.to_string(),
            value: value.as_ref().map(|output| {
                let ty = output.value.ty();
                let text = json::to_typed(&output.value, &ty);
                WireOutput {
                    value: serde_json::from_str(&text).unwrap_or(Json::Null),
                    r#type: json::type_to_json(&ty),
                    sensitive: output.sensitive,
                }
            }),
        },
        Change::Placement { address, decision } => WireChange::Placement {
            address: address.clone(),
            decision: decision.clone().map(|PlacementState { units, monthly_cost }| {
                WirePlacement { units, monthly_cost }
            }),
        },
        Change::Checks(text) => WireChange::Checks { text: text.clone() },
    }
}

fn decode_change(wire: WireChange) -> Result<Change, String> {
    Ok(match wire {
        WireChange::Current { address: text, provider, object } => Change::Current {
            address: address(&text)?,
            provider: provider.into(),
            object: decode_object(object)?,
        },
        WireChange::Deposed { address: text, key, provider, object } => Change::Deposed {
            address: address(&text)?,
            key: DeposedKey(key.into()),
            provider: provider.into(),
            object: decode_object(object)?,
        },
        WireChange::Moved { from, to } => {
            Change::Moved { from: address(&from)?, to: address(&to)? }
        }
        WireChange::Output { name, value } => {
            let value = value.map(|output| {
                let value = object::decode_output(&output.value, &output.r#type)?;
                Ok::<_, String>(OutputState { value, sensitive: output.sensitive })
            });
            Change::Output { name: name.into(), value: value.transpose()? }
        }
        WireChange::Placement { address, decision } => Change::Placement {
            address,
            decision: decision.map(|WirePlacement { units, monthly_cost }| PlacementState {
                units,
                monthly_cost,
            }),
        },
        WireChange::Checks { text } => Change::Checks(text),
    })
}
