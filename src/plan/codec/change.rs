//! Changes as JSON and back.

use serde_json::{Value as Json, json};
use skyform_state::DeposedKey;

use super::address::address;
use super::fields::{Fields, word_of};
use super::span::{decode_span, encode_span};
use super::value::{decode, decode_path, encode, encode_path};
use crate::{ChangeAction, Reason, ResourceChange};

pub(super) const CHANGE_ACTIONS: [(ChangeAction, &str); 8] = [
    (ChangeAction::NoOp, "no-op"),
    (ChangeAction::Create, "create"),
    (ChangeAction::Update, "update"),
    (ChangeAction::DeleteThenCreate, "delete-create"),
    (ChangeAction::CreateThenDelete, "create-delete"),
    (ChangeAction::Delete, "delete"),
    (ChangeAction::Read, "read"),
    (ChangeAction::Forget, "forget"),
];

const REASONS: [(Reason, &str); 13] = [
    (Reason::Tainted, "tainted"),
    (Reason::Requested, "requested"),
    (Reason::Triggered, "triggered"),
    (Reason::CannotUpdate, "cannot-update"),
    (Reason::NoResourceConfig, "no-resource-config"),
    (Reason::NoModule, "no-module"),
    (Reason::CountIndex, "count-index"),
    (Reason::EachKey, "each-key"),
    (Reason::WrongRepetition, "wrong-repetition"),
    (Reason::ConfigUnknown, "config-unknown"),
    (Reason::DependencyPending, "dependency-pending"),
    (Reason::CheckNested, "check-nested"),
    (Reason::NoMoveTarget, "no-move-target"),
];

pub(super) fn encode_change(change: &ResourceChange) -> Json {
    json!({
        "address": change.address.to_string(),
        "previous": change.previous_address.as_ref().map(ToString::to_string),
        "deposed": change.deposed.as_ref().map(|key| key.0.as_str()),
        "provider": change.provider.as_str(),
        "action": word_of(&change.action, &CHANGE_ACTIONS),
        "reason": change.reason.map(|reason| word_of(&reason, &REASONS)),
        "before": encode(&change.before),
        "after": encode(&change.after),
        "config": change.config.as_ref().map(encode),
        "replace": change.requires_replace.iter().map(encode_path).collect::<Vec<_>>(),
        "private": change.private,
        "notes": change.notes,
        "importing": change.importing,
        "span": encode_span(change.span),
    })
}

pub(super) fn decode_change(json: &Json) -> Result<ResourceChange, String> {
    let fields = Fields::of("a change", json);
    let config = match fields.any("config")? {
        Json::Null => None,
        config => Some(decode(config)?),
    };
    Ok(ResourceChange {
        address: address(&fields.text("address")?)?,
        previous_address: fields.optional_text("previous")?.as_deref().map(address).transpose()?,
        deposed: fields.optional_text("deposed")?.map(|key| DeposedKey(key.as_str().into())),
        provider: fields.text("provider")?.into(),
        action: fields.word("action", &CHANGE_ACTIONS)?,
        reason: fields.optional_word("reason", &REASONS)?,
        before: decode(fields.any("before")?)?,
        after: decode(fields.any("after")?)?,
        config,
        requires_replace: fields.list("replace", decode_path)?,
        private: fields.list("private", byte)?,
        notes: fields.texts("notes")?,
        importing: fields.optional_text("importing")?,
        span: decode_span(fields.any("span")?)?,
    })
}

fn byte(json: &Json) -> Result<u8, String> {
    let byte = json.as_u64().and_then(|byte| u8::try_from(byte).ok());
    byte.ok_or_else(|| format!("not a byte: {json}"))
}
