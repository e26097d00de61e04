//! A plan as a JSON document and back.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use skyform_state::codec::{state_from_json, state_to_json};
use skyform_value::{Str, Value};

use super::action::{check_actions, decode_action, encode_action};
use super::address::{address, block_address};
use super::change::{CHANGE_ACTIONS, decode_change, encode_change};
use super::check::{decode_check, encode_check};
use super::deferred::{decode_deferred, encode_deferred};
use super::fields::{Fields, word_of};
use super::placement::{decode_placement, encode_placement};
use super::value::{decode, encode};
use crate::{OutputChange, Plan, PlanMode, Snapshot};

const FORMAT: u64 = 1;

const MODES: [(PlanMode, &str); 3] = [
    (PlanMode::Normal, "normal"),
    (PlanMode::Destroy, "destroy"),
    (PlanMode::RefreshOnly, "refresh-only"),
];

/// Why a file is not a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PlanFileError(pub String);

/// The text of a plan file.
pub fn plan_to_json(plan: &Plan) -> String {
    let values = |map: &BTreeMap<Str, Value>| -> Json {
        Json::Object(map.iter().map(|(name, value)| (name.to_string(), encode(value))).collect())
    };
    let known: serde_json::Map<String, Json> =
        plan.known.iter().map(|(address, value)| (address.to_string(), encode(value))).collect();
    let dependencies: serde_json::Map<String, Json> = plan
        .dependencies
        .iter()
        .map(|(block, needs)| (block.to_string(), needs.iter().map(ToString::to_string).collect()))
        .collect();
    let outputs: serde_json::Map<String, Json> = plan
        .outputs
        .iter()
        .map(|(name, change)| {
            let change = json!({
                "before": encode(&change.before),
                "after": encode(&change.after),
                "sensitive": change.sensitive,
                "action": word_of(&change.action, &CHANGE_ACTIONS),
            });
            (name.to_string(), change)
        })
        .collect();
    let document = json!({
        "skyform_plan": FORMAT,
        "mode": word_of(&plan.mode, &MODES),
        "timestamp": plan.timestamp,
        "lineage": plan.lineage,
        "serial": plan.serial,
        "prior": state_to_json(&plan.prior),
        "prior_changed": plan.prior_changed,
        "changes": plan.changes.iter().map(encode_change).collect::<Vec<_>>(),
        "drift": plan.drift.iter().map(encode_change).collect::<Vec<_>>(),
        "deferred": plan.deferred.iter().map(encode_deferred).collect::<Vec<_>>(),
        "known": known,
        "dependencies": dependencies,
        "outputs": outputs,
        "actions": plan.actions.iter().map(encode_action).collect::<Vec<_>>(),
        "placements": plan.placements.iter().map(encode_placement).collect::<Vec<_>>(),
        "variables": values(&plan.variables),
        "checks": plan.checks.iter().map(encode_check).collect::<Vec<_>>(),
        "targets": plan.targets,
        "ephemeral_variables": plan.ephemeral_variables,
        "files": plan.snapshot.files,
    });
    document.to_string()
}

/// Reads a plan file.
///
/// # Errors
/// If it is not a plan of this format.
pub fn plan_from_json(text: &str) -> Result<Plan, PlanFileError> {
    let json: Json = serde_json::from_str(text)
        .map_err(|error| PlanFileError(format!("it is not a plan file ({error})")))?;
    match json.get("skyform_plan").and_then(Json::as_u64) {
        Some(FORMAT) => decode_plan(&json).map_err(PlanFileError),
        Some(other) => Err(PlanFileError(format!(
            "it has the plan format {other}, and this version knows {FORMAT}"
        ))),
        None => Err(PlanFileError("it is not a plan file".to_owned())),
    }
}

fn decode_plan(json: &Json) -> Result<Plan, String> {
    let fields = Fields::of("the plan", json);
    let prior = state_from_json(&fields.text("prior")?).map_err(|error| format!("{error:?}"))?;
    let mut plan = Plan {
        mode: fields.word("mode", &MODES)?,
        timestamp: fields.text("timestamp")?,
        lineage: fields.text("lineage")?,
        serial: fields.count("serial")?,
        prior,
        prior_changed: fields.flag("prior_changed")?,
        changes: fields.list("changes", decode_change)?,
        drift: fields.list("drift", decode_change)?,
        deferred: fields.list("deferred", decode_deferred)?,
        actions: fields.list("actions", decode_action)?,
        placements: fields.list("placements", decode_placement)?,
        checks: fields.list("checks", decode_check)?,
        ephemeral_variables: fields.texts("ephemeral_variables")?.into_iter().collect(),
        targets: fields.texts("targets")?,
        snapshot: Snapshot { files: decode_files(fields)? },
        ..Plan::default()
    };
    for (name, value) in fields.table("known")? {
        plan.known.insert(address(name)?, decode(value)?);
    }
    for (name, value) in fields.table("variables")? {
        plan.variables.insert(name.into(), decode(value)?);
    }
    let dependencies = fields.table("dependencies")?;
    for block in dependencies.keys() {
        let needs =
            Fields::of("the table of dependencies", fields.any("dependencies")?).texts(block)?;
        let needs = needs.iter().map(|need| block_address(need)).collect::<Result<Vec<_>, _>>()?;
        plan.dependencies.insert(block_address(block)?, needs.into());
    }
    for (name, change) in fields.table("outputs")? {
        plan.outputs.insert(name.into(), decode_output(change)?);
    }
    check_actions(&plan.actions, plan.changes.len())?;
    Ok(plan)
}

fn decode_output(json: &Json) -> Result<OutputChange, String> {
    let fields = Fields::of("an output", json);
    Ok(OutputChange {
        before: decode(fields.any("before")?)?,
        after: decode(fields.any("after")?)?,
        sensitive: fields.flag("sensitive")?,
        action: fields.word("action", &CHANGE_ACTIONS)?,
    })
}

fn decode_files(plan: Fields<'_>) -> Result<BTreeMap<String, String>, String> {
    let files = Fields::of("the table of files", plan.any("files")?);
    plan.table("files")?.keys().map(|path| Ok((path.clone(), files.text(path)?))).collect()
}

#[cfg(test)]
mod tests;
