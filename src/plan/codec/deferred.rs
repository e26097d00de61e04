//! What is left for a later plan, as JSON and back.

use serde_json::{Value as Json, json};
use skyform_value::Mode;

use super::fields::{Fields, word_of};
use super::value::{decode, encode};
use crate::{Deferred, DeferredReason};

const MODES: [(Mode, &str); 3] =
    [(Mode::Managed, "managed"), (Mode::Data, "data"), (Mode::Ephemeral, "ephemeral")];

const REASONS: [(DeferredReason, &str); 2] = [
    (DeferredReason::InstanceCountUnknown, "instance_count_unknown"),
    (DeferredReason::DeferredPrerequisite, "deferred_prereq"),
];

pub(super) fn encode_deferred(deferred: &Deferred) -> Json {
    json!({
        "module": deferred.module,
        "mode": word_of(&deferred.mode, &MODES),
        "type": deferred.type_name.as_str(),
        "name": deferred.name.as_str(),
        "repeated": deferred.is_repeated,
        "provider": deferred.provider.as_str(),
        "reason": word_of(&deferred.reason, &REASONS),
        "after": encode(&deferred.after),
        "exists": deferred.exists,
    })
}

pub(super) fn decode_deferred(json: &Json) -> Result<Deferred, String> {
    let fields = Fields::of("a deferred block", json);
    Ok(Deferred {
        module: fields.text("module")?,
        mode: fields.word("mode", &MODES)?,
        type_name: fields.text("type")?.into(),
        name: fields.text("name")?.into(),
        is_repeated: fields.flag("repeated")?,
        provider: fields.text("provider")?.into(),
        reason: fields.word("reason", &REASONS)?,
        after: decode(fields.any("after")?)?,
        exists: fields.flag("exists")?,
        // Places are those of the configuration, which is loaded anew.
        span: None,
    })
}
