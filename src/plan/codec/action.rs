//! Actions as JSON and back.

use serde_json::{Value as Json, json};

use super::address::address;
use super::fields::Fields;
use crate::{Action, ActionId, ActionKind, ChangeId};

pub(super) fn encode_action(action: &Action) -> Json {
    let (kind, argument) = match &action.kind {
        ActionKind::Create(id) => ("create", Json::from(id.0)),
        ActionKind::CreateBeforeDestroy(id) => ("create-first", Json::from(id.0)),
        ActionKind::Update(id) => ("update", Json::from(id.0)),
        ActionKind::Delete(id) => ("delete", Json::from(id.0)),
        ActionKind::Read(id) => ("read", Json::from(id.0)),
        ActionKind::Forget(id) => ("forget", Json::from(id.0)),
        ActionKind::Output(name) => ("output", Json::from(name.as_str())),
        ActionKind::Open(address) => ("open", Json::from(address.to_string())),
        ActionKind::Close(address) => ("close", Json::from(address.to_string())),
        ActionKind::Join => ("join", Json::Null),
    };
    let after: Vec<u32> = action.after.iter().map(|id| id.0).collect();
    json!([kind, argument, after])
}

pub(super) fn decode_action(json: &Json) -> Result<Action, String> {
    let row = Fields::of("an action", json);
    let change = || row.any(1).and_then(number).map(ChangeId);
    let kind = match row.text(0)?.as_str() {
        "create" => ActionKind::Create(change()?),
        "create-first" => ActionKind::CreateBeforeDestroy(change()?),
        "update" => ActionKind::Update(change()?),
        "delete" => ActionKind::Delete(change()?),
        "read" => ActionKind::Read(change()?),
        "forget" => ActionKind::Forget(change()?),
        "output" => ActionKind::Output(row.text(1)?.into()),
        "open" => ActionKind::Open(address(&row.text(1)?)?),
        "close" => ActionKind::Close(address(&row.text(1)?)?),
        "join" => ActionKind::Join,
        other => return Err(format!("there is no action \"{other}\"")),
    };
    Ok(Action { kind, after: row.list(2, |json| number(json).map(ActionId))? })
}

fn number(json: &Json) -> Result<u32, String> {
    let number = json.as_u64().and_then(|number| u32::try_from(number).ok());
    number.ok_or_else(|| format!("not a number of something in the plan: {json}"))
}

/// Whether actions refer to what is there, and each stands behind those that it waits for.
pub(super) fn check_actions(actions: &[Action], changes: usize) -> Result<(), String> {
    let is_good = |(at, action): (usize, &Action)| {
        action.kind.change().is_none_or(|id| (id.0 as usize) < changes)
            && action.after.iter().all(|before| (before.0 as usize) < at)
    };
    if actions.iter().enumerate().all(is_good) {
        return Ok(());
    }
    Err("an action refers to something that is not in the plan, or not before it".to_owned())
}
