//! What is left for a later plan, as JSON and back.

use serde_json::{Value as Json, json};
use skyform_value::Mode;

use super::value::{decode, encode};
use crate::{Deferred, DeferredReason};

pub(super) fn encode_deferred(deferred: &Deferred) -> Json {
    json!({
        "module": deferred.module,
        "mode": match deferred.mode {
            Mode::Managed => "managed",
            Mode::Data => "data",
            Mode::Ephemeral => "ephemeral",
        },
        "type": deferred.type_name.as_str(),
        "name": deferred.name.as_str(),
        "repeated": deferred.is_repeated,
        "provider": deferred.provider.as_str(),
        "reason": match deferred.reason {
            DeferredReason::InstanceCountUnknown => "instance_count_unknown",
            DeferredReason::DeferredPrerequisite => "deferred_prereq",
        },
        "after": encode(&deferred.after),
        "exists": deferred.exists,
    })
}

pub(super) fn decode_deferred(json: &Json) -> Result<Deferred, String> {
    let text = |name: &str| {
        json[name].as_str().ok_or_else(|| format!("a deferred block lacks \"{name}\""))
    };
    Ok(Deferred {
        module: text("module")?.to_owned(),
        mode: match text("mode")? {
            "managed" => Mode::Managed,
            "data" => Mode::Data,
            "ephemeral" => Mode::Ephemeral,
            other => return Err(format!("there is no mode \"{other}\"")),
        },
        type_name: text("type")?.into(),
        name: text("name")?.into(),
        is_repeated: json["repeated"].as_bool() == Some(true),
        provider: text("provider")?.into(),
        reason: match text("reason")? {
            "instance_count_unknown" => DeferredReason::InstanceCountUnknown,
            _ => DeferredReason::DeferredPrerequisite,
        },
        after: decode(&json["after"])?,
        exists: json["exists"].as_bool() == Some(true),
        // Places are those of the configuration, which is loaded anew.
        span: None,
    })
}
