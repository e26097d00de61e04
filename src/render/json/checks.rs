//! Results of checks, of plans and of stored states.

use serde_json::{Value as Json, json};
use skyform_plan::{CheckKind, CheckResult, CheckStatus, Plan};
use skyform_value::{InstanceAddress, InstanceKey, Mode};

pub(super) fn checks_json(plan: &Plan) -> Json {
    let mut blocks: Vec<(&str, CheckKind, Vec<&CheckResult>)> = Vec::new();
    for check in &plan.checks {
        match blocks.iter_mut().find(|(name, kind, _)| *name == check.block && *kind == check.kind)
        {
            Some((_, _, found)) => found.push(check),
            None => blocks.push((&check.block, check.kind, vec![check])),
        }
    }
    let status = |status: CheckStatus| match status {
        CheckStatus::Pass => "pass",
        CheckStatus::Unknown => "unknown",
        CheckStatus::Fail => "fail",
        CheckStatus::Error => "error",
    };
    let kind_name = |kind: CheckKind| match kind {
        CheckKind::Resource => "resource",
        CheckKind::Output => "output_value",
        CheckKind::Check => "check",
        CheckKind::Variable => "var",
    };
    blocks
        .into_iter()
        .map(|(block, kind, found)| {
            let worst = found.iter().map(|check| check.status).max().unwrap_or(CheckStatus::Pass);
            let instances: Vec<Json> = found
                .iter()
                .map(|check| {
                    let mut instance = json!({
                        "address": instance_json(kind_name(kind), &check.address),
                        "status": status(check.status),
                    });
                    if !check.failures.is_empty() {
                        let problems = check.failures.iter().map(|text| json!({"message": text}));
                        instance["problems"] = problems.collect();
                    }
                    instance
                })
                .collect();
            json!({
                "address": address_json(kind_name(kind), block),
                "status": status(worst),
                "instances": instances,
            })
        })
        .collect()
}

/// Results of checks as the state file holds them, in the form of the documents here.
pub(super) fn stored_checks(text: &str) -> Option<Json> {
    let stored: Json = serde_json::from_str(text).ok()?;
    let checks = stored.as_array()?.iter().map(|check| {
        let kind = match check["object_kind"].as_str() {
            Some("output") => "output_value",
            Some(other) => other,
            None => "",
        };
        let objects = check["objects"].as_array().into_iter().flatten();
        let instances = objects.map(|object| {
            let mut instance = json!({
                "address": instance_json(kind, object["object_addr"].as_str().unwrap_or_default()),
                "status": object["status"],
            });
            if let Some(messages) = object["failure_messages"].as_array() {
                instance["problems"] =
                    messages.iter().map(|message| json!({"message": message})).collect();
            }
            instance
        });
        json!({
            "address": address_json(kind, check["config_addr"].as_str().unwrap_or_default()),
            "status": check["status"],
            "instances": instances.collect::<Vec<_>>(),
        })
    });
    Some(checks.collect())
}

/// One instance of a block with conditions: its module's instance and its own key, if any.
fn instance_json(kind: &str, text: &str) -> Json {
    let mut json = json!({"to_display": text});
    if kind != "resource" {
        // Before what the block is and its name.
        let mut parts = text.rsplitn(3, '.').skip(2);
        if let Some(module) = parts.next() {
            json["module"] = Json::from(module);
        }
        return json;
    }
    let Ok(address) = text.parse::<InstanceAddress>() else { return json };
    if !address.resource.module.is_root() {
        json["module"] = Json::from(address.resource.module.to_string());
    }
    match &address.key {
        Some(InstanceKey::Index(index)) => json["instance_key"] = Json::from(*index),
        Some(InstanceKey::Name(key)) => json["instance_key"] = Json::from(key.as_str()),
        None => {}
    }
    json
}

/// A block with conditions, taken apart.
fn address_json(kind: &str, block: &str) -> Json {
    let mut json = json!({"kind": kind});
    let local = match kind {
        "resource" => {
            let Ok(address) = block.parse::<InstanceAddress>() else {
                json["to_display"] = Json::from(block);
                return json;
            };
            let resource = &address.resource;
            json["mode"] = Json::from(if resource.mode == Mode::Data { "data" } else { "managed" });
            json["type"] = Json::from(resource.type_name.as_str());
            json["name"] = Json::from(resource.name.as_str());
            resource.module.to_string()
        }
        _ => {
            let (rest, name) = block.rsplit_once('.').unwrap_or(("", block));
            json["name"] = Json::from(name);
            rest.rsplit_once('.').map_or("", |(module, _)| module).to_owned()
        }
    };
    if !local.is_empty() {
        json["module"] = Json::from(local);
    }
    json["to_display"] = Json::from(block);
    json
}
