//! Parts of objects that both formats share.

use std::str::FromStr as _;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use serde_json::value::RawValue;
use skyform_value::{InstanceAddress, InstanceKey, Path, Step, Str, json};

use crate::{BlockAddress, Object, ObjectStatus};

/// An instance in state v4.
#[derive(Serialize, Deserialize)]
pub(super) struct InstanceV4 {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index_key: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deposed: Option<String>,
    pub schema_version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Box<RawValue>>,
    #[serde(default)]
    pub sensitive_attributes: Vec<Vec<StepV4>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_schema_version: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub create_before_destroy: bool,
}

/// A step of a path.
#[derive(Serialize, Deserialize)]
pub(super) struct StepV4 {
    r#type: String,
    value: Json,
}

pub(super) fn encode(
    object: &Object,
    key: Option<&InstanceKey>,
    deposed: Option<&str>,
) -> InstanceV4 {
    InstanceV4 {
        index_key: key.map(|key| match key {
            InstanceKey::Index(index) => Json::from(*index),
            InstanceKey::Name(name) => Json::from(name.as_str()),
        }),
        status: (object.status == ObjectStatus::Tainted).then(|| "tainted".to_owned()),
        deposed: deposed.map(str::to_owned),
        schema_version: object.schema_version,
        attributes: RawValue::from_string(object.attributes.to_string()).ok(),
        sensitive_attributes: object.sensitive.iter().map(encode_path).collect(),
        identity_schema_version: object.identity.as_ref().map(|(version, _)| *version),
        identity: object
            .identity
            .as_ref()
            .and_then(|(_, text)| RawValue::from_string(text.to_string()).ok()),
        private: (!object.private.is_empty()).then(|| base64_encode(&object.private)),
        dependencies: object.dependencies.iter().map(ToString::to_string).collect(),
        create_before_destroy: object.create_before_destroy,
    }
}

pub(super) fn decode(
    stored: InstanceV4,
) -> Result<(Option<InstanceKey>, Option<String>, Object), String> {
    let key = match stored.index_key {
        None | Some(Json::Null) => None,
        Some(Json::String(name)) => Some(InstanceKey::Name(name.into())),
        Some(Json::Number(number)) => Some(InstanceKey::Index(
            number
                .as_u64()
                .ok_or_else(|| format!("the index_key {number} is not a whole number"))?,
        )),
        Some(other) => return Err(format!("the index_key {other} is neither text nor a number")),
    };
    let dependencies: Vec<BlockAddress> =
        stored.dependencies.iter().filter_map(|text| block_address(text)).collect();
    let object = Object {
        schema_version: stored.schema_version,
        attributes: stored.attributes.map_or_else(|| Arc::from("{}"), |raw| compact(raw.get())),
        sensitive: stored.sensitive_attributes.iter().map(|steps| decode_path(steps)).collect(),
        private: stored.private.and_then(|text| base64_decode(&text)).unwrap_or_default().into(),
        status: match stored.status.as_deref() {
            Some("tainted") => ObjectStatus::Tainted,
            _ => ObjectStatus::Ready,
        },
        dependencies: dependencies.into(),
        create_before_destroy: stored.create_before_destroy,
        identity: stored.identity_schema_version.zip(stored.identity.map(|raw| compact(raw.get()))),
    };
    Ok((key, stored.deposed, object))
}

/// JSON text without white space between its parts.
fn compact(text: &str) -> Arc<str> {
    let mut out = String::with_capacity(text.len());
    let (mut quoted, mut escaped) = (false, false);
    for character in text.chars() {
        if quoted {
            out.push(character);
            (quoted, escaped) = match (character, escaped) {
                ('"', false) => (false, false),
                ('\\', false) => (true, true),
                _ => (true, false),
            };
        } else if !character.is_ascii_whitespace() {
            quoted = character == '"';
            out.push(character);
        }
    }
    out.into()
}

/// A block's address as `dependencies` holds it.
pub(super) fn block_address(text: &str) -> Option<BlockAddress> {
    let address = InstanceAddress::from_str(text).ok()?;
    Some(BlockAddress::from(&*address.resource))
}

fn encode_path(path: &Path) -> Vec<StepV4> {
    let step = |kind: &str, value: Json| StepV4 { r#type: kind.to_owned(), value };
    let typed = |ty: &str, value: Json| serde_json::json!({"value": value, "type": ty});
    path.0
        .iter()
        .filter_map(|part| match part {
            Step::Attribute(name) => Some(step("get_attr", Json::from(name.as_str()))),
            Step::Index(index) => Some(step("index", typed("number", Json::from(*index)))),
            Step::Key(key) => Some(step("index", typed("string", Json::from(key.as_str())))),
            Step::Element(_) => None,
        })
        .collect()
}

fn decode_path(steps: &[StepV4]) -> Path {
    let steps = steps.iter().map_while(|step| match (step.r#type.as_str(), &step.value) {
        ("get_attr", Json::String(name)) => Some(Step::Attribute(Str::from(name))),
        ("index", Json::Object(typed)) => match typed.get("value")? {
            Json::String(key) => Some(Step::Key(Str::from(key))),
            Json::Number(number) => number.as_u64().map(Step::Index),
            _ => None,
        },
        _ => None,
    });
    Path(steps.collect())
}

pub(super) fn base64_encode(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

pub(super) fn base64_decode(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

/// A value and its type, for outputs.
pub(super) fn decode_output(value: &Json, ty: &Json) -> Result<skyform_value::Value, String> {
    let ty = json::type_from_json(ty).map_err(|error| error.0)?;
    json::decode(value, &ty).map_err(|error| error.0)
}
