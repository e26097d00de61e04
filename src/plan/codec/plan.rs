//! A plan as a JSON document and back.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value as Json, json};
use skyform_diag::{SourceId, Span};
use skyform_state::codec::{state_from_json, state_to_json};
use skyform_state::{BlockAddress, DeposedKey};
use skyform_value::{InstanceAddress, Path, Str, Value};

use super::deferred::{decode_deferred, encode_deferred};
use super::value::{decode, decode_path, encode, encode_path};
use crate::{
    Action, ActionId, ActionKind, ChangeAction, ChangeId, CheckKind, CheckResult, CheckStatus,
    CloudCost, OfferReport, OutputChange, PlacementReport, PlacementStatus, Plan, PlanMode, Reason,
    ResourceChange, Snapshot, TaskReport,
};

const FORMAT: u64 = 1;

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
                "action": change_action(change.action),
            });
            (name.to_string(), change)
        })
        .collect();
    let document = json!({
        "skyform_plan": FORMAT,
        "mode": match plan.mode {
            PlanMode::Normal => "normal",
            PlanMode::Destroy => "destroy",
            PlanMode::RefreshOnly => "refresh-only",
        },
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
    let list = |name: &str| json[name].as_array().map(Vec::as_slice).unwrap_or_default();
    let table = |name: &str| json[name].as_object().into_iter().flatten();
    let prior = state_from_json(&text(json, "prior")?).map_err(|error| format!("{error:?}"))?;
    let mut plan = Plan {
        mode: match json["mode"].as_str() {
            Some("destroy") => PlanMode::Destroy,
            Some("refresh-only") => PlanMode::RefreshOnly,
            _ => PlanMode::Normal,
        },
        timestamp: text(json, "timestamp")?,
        lineage: text(json, "lineage")?,
        serial: json["serial"].as_u64().unwrap_or(0),
        prior,
        prior_changed: json["prior_changed"].as_bool() == Some(true),
        changes: list("changes").iter().map(decode_change).collect::<Result<_, _>>()?,
        drift: list("drift").iter().map(decode_change).collect::<Result<_, _>>()?,
        deferred: list("deferred").iter().map(decode_deferred).collect::<Result<_, _>>()?,
        actions: list("actions").iter().map(decode_action).collect::<Result<_, _>>()?,
        placements: list("placements").iter().map(decode_placement).collect::<Result<_, _>>()?,
        checks: list("checks").iter().map(decode_check).collect::<Result<_, _>>()?,
        ephemeral_variables: list("ephemeral_variables")
            .iter()
            .filter_map(|t| t.as_str().map(str::to_owned))
            .collect(),
        targets: list("targets").iter().filter_map(|t| t.as_str().map(str::to_owned)).collect(),
        ..Plan::default()
    };
    for (name, value) in table("known") {
        plan.known.insert(address(name)?, decode(value)?);
    }
    for (name, value) in table("variables") {
        plan.variables.insert(name.into(), decode(value)?);
    }
    for (block, needs) in table("dependencies") {
        let needs = needs.as_array().into_iter().flatten().filter_map(Json::as_str);
        let needs = needs.map(block_address).collect::<Result<Vec<_>, _>>()?;
        plan.dependencies.insert(block_address(block)?, Arc::from(needs));
    }
    for (name, change) in table("outputs") {
        let change = OutputChange {
            before: decode(&change["before"])?,
            after: decode(&change["after"])?,
            sensitive: change["sensitive"].as_bool() == Some(true),
            action: parse_change_action(&change["action"])?,
        };
        plan.outputs.insert(name.into(), change);
    }
    let files = table("files")
        .map(|(path, text)| (path.clone(), text.as_str().unwrap_or_default().to_owned()));
    plan.snapshot = Snapshot { files: files.collect() };
    let count = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
    let (changes, actions) = (count(plan.changes.len()), count(plan.actions.len()));
    for action in &plan.actions {
        let good = action.kind.change().is_none_or(|id| id.0 < changes)
            && action.after.iter().all(|id| id.0 < actions);
        if !good {
            return Err("an action refers to something that is not in the plan".to_owned());
        }
    }
    Ok(plan)
}

fn text(json: &Json, name: &str) -> Result<String, String> {
    json[name].as_str().map(str::to_owned).ok_or_else(|| format!("\"{name}\" is missing"))
}

fn address(text: &str) -> Result<InstanceAddress, String> {
    text.parse().map_err(|error| format!("{text}: {error}"))
}

fn block_address(text: &str) -> Result<BlockAddress, String> {
    Ok(BlockAddress::from(&*address(text)?.resource))
}

const CHANGE_ACTIONS: [(ChangeAction, &str); 8] = [
    (ChangeAction::NoOp, "no-op"),
    (ChangeAction::Create, "create"),
    (ChangeAction::Update, "update"),
    (ChangeAction::DeleteThenCreate, "delete-create"),
    (ChangeAction::CreateThenDelete, "create-delete"),
    (ChangeAction::Delete, "delete"),
    (ChangeAction::Read, "read"),
    (ChangeAction::Forget, "forget"),
];

fn change_action(action: ChangeAction) -> &'static str {
    CHANGE_ACTIONS.iter().find(|(known, _)| *known == action).map_or("no-op", |(_, name)| name)
}

fn parse_change_action(json: &Json) -> Result<ChangeAction, String> {
    let found = CHANGE_ACTIONS.iter().find(|(_, name)| json.as_str() == Some(name));
    found.map(|(action, _)| *action).ok_or_else(|| format!("not an action: {json}"))
}

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

fn encode_span(span: Option<Span>) -> Json {
    span.map_or(Json::Null, |span| json!([span.source.0, span.start, span.end]))
}

fn decode_span(json: &Json) -> Option<Span> {
    let number = |at: usize| u32::try_from(json.get(at)?.as_u64()?).ok();
    Some(Span { source: SourceId(number(0)?), start: number(1)?, end: number(2)? })
}

fn bytes(bytes: &[u8]) -> Json {
    bytes.iter().map(|byte| Json::from(*byte)).collect()
}

fn encode_change(change: &ResourceChange) -> Json {
    let reason =
        change.reason.and_then(|reason| REASONS.iter().find(|(known, _)| *known == reason));
    json!({
        "address": change.address.to_string(),
        "previous": change.previous_address.as_ref().map(ToString::to_string),
        "deposed": change.deposed.as_ref().map(|key| key.0.as_str()),
        "provider": change.provider.as_str(),
        "action": change_action(change.action),
        "reason": reason.map(|(_, name)| *name),
        "before": encode(&change.before),
        "after": encode(&change.after),
        "config": change.config.as_ref().map(encode),
        "replace": change.requires_replace.iter().map(encode_path).collect::<Vec<_>>(),
        "private": bytes(&change.private),
        "notes": change.notes,
        "importing": change.importing,
        "span": encode_span(change.span),
    })
}

fn decode_change(json: &Json) -> Result<ResourceChange, String> {
    let config = match &json["config"] {
        Json::Null => None,
        config => Some(decode(config)?),
    };
    let list = |name: &str| json[name].as_array().map(Vec::as_slice).unwrap_or_default();
    let paths: Result<Vec<Path>, String> = list("replace").iter().map(decode_path).collect();
    let private = list("private").iter().filter_map(|byte| u8::try_from(byte.as_u64()?).ok());
    Ok(ResourceChange {
        address: address(&text(json, "address")?)?,
        previous_address: json["previous"].as_str().map(address).transpose()?,
        deposed: json["deposed"].as_str().map(|key| DeposedKey(key.into())),
        provider: text(json, "provider")?.into(),
        action: parse_change_action(&json["action"])?,
        reason: REASONS
            .iter()
            .find(|(_, name)| json["reason"].as_str() == Some(name))
            .map(|(r, _)| *r),
        before: decode(&json["before"])?,
        after: decode(&json["after"])?,
        config,
        requires_replace: paths?,
        private: private.collect(),
        notes: list("notes").iter().filter_map(|note| note.as_str().map(str::to_owned)).collect(),
        importing: json["importing"].as_str().map(str::to_owned),
        span: decode_span(&json["span"]),
    })
}

fn encode_action(action: &Action) -> Json {
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

fn decode_action(json: &Json) -> Result<Action, String> {
    let wrong = || format!("not an action: {json}");
    let number = |json: &Json| u32::try_from(json.as_u64()?).ok();
    let id = || number(&json[1]).map(ChangeId).ok_or_else(wrong);
    let kind = match json[0].as_str() {
        Some("create") => ActionKind::Create(id()?),
        Some("create-first") => ActionKind::CreateBeforeDestroy(id()?),
        Some("update") => ActionKind::Update(id()?),
        Some("delete") => ActionKind::Delete(id()?),
        Some("read") => ActionKind::Read(id()?),
        Some("forget") => ActionKind::Forget(id()?),
        Some("output") => ActionKind::Output(json[1].as_str().ok_or_else(wrong)?.into()),
        Some("open") => ActionKind::Open(address(json[1].as_str().ok_or_else(wrong)?)?),
        Some("close") => ActionKind::Close(address(json[1].as_str().ok_or_else(wrong)?)?),
        Some("join") => ActionKind::Join,
        _ => return Err(wrong()),
    };
    let after = json[2].as_array().ok_or_else(wrong)?.iter();
    let after = after.map(|id| number(id).map(ActionId)).collect::<Option<Vec<_>>>();
    Ok(Action { kind, after: after.ok_or_else(wrong)? })
}

const STATUSES: [(PlacementStatus, &str); 4] = [
    (PlacementStatus::Optimal, "optimal"),
    (PlacementStatus::Feasible, "feasible"),
    (PlacementStatus::Infeasible, "infeasible"),
    (PlacementStatus::Unsolved, "unsolved"),
];

/// Conflicts are left out: a plan with any is never saved. So are explanations, which plans have none of.
fn encode_placement(report: &PlacementReport) -> Json {
    let status = STATUSES.iter().find(|(known, _)| *known == report.status);
    let tasks = report.tasks.iter().map(|task| {
        let offers = task.offers.iter().map(|o| {
            json!([
                o.cloud,
                o.region,
                o.offer,
                o.price,
                o.quota,
                o.serves,
                o.units,
                o.covers,
                o.monthly_cost,
                o.previous_units,
                o.ruled_out,
                o.headroom_units
            ])
        });
        json!({"name": task.name, "demand": task.demand, "offers": offers.collect::<Vec<_>>()})
    });
    let costs = report.costs.iter().map(|cost| {
        json!([cost.cloud, cost.activation, cost.compute, cost.egress, cost.switching, cost.total])
    });
    json!({
        "address": report.address,
        "name": report.name,
        "span": encode_span(report.span),
        "status": status.map(|(_, name)| *name),
        "cost": report.cost,
        "bound": report.bound,
        "gap": report.gap,
        "clouds": report.clouds,
        "tasks": tasks.collect::<Vec<_>>(),
        "costs": costs.collect::<Vec<_>>(),
        "previous_cost": report.previous_cost,
        "notes": report.notes,
    })
}

fn decode_placement(json: &Json) -> Result<PlacementReport, String> {
    let list = |json: &Json| json.as_array().cloned().unwrap_or_default();
    let string = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    let number = |json: &Json| json.as_f64().unwrap_or(0.0);
    let offer = |json: &Json| OfferReport {
        cloud: string(&json[0]),
        region: string(&json[1]),
        offer: string(&json[2]),
        price: string(&json[3]),
        quota: json[4].as_u64(),
        serves: number(&json[5]),
        units: json[6].as_u64().unwrap_or(0),
        covers: number(&json[7]),
        monthly_cost: string(&json[8]),
        previous_units: json[9].as_u64(),
        ruled_out: json[10].as_str().map(str::to_owned),
        headroom_units: json[11].as_u64().unwrap_or(0),
    };
    let status = STATUSES.iter().find(|(_, name)| json["status"].as_str() == Some(name));
    Ok(PlacementReport {
        address: text(json, "address")?,
        name: text(json, "name")?,
        span: decode_span(&json["span"]),
        status: status.map(|(status, _)| *status).ok_or("a placement has no status")?,
        cost: text(json, "cost")?,
        bound: text(json, "bound")?,
        gap: number(&json["gap"]),
        clouds: list(&json["clouds"]).iter().map(string).collect(),
        tasks: list(&json["tasks"])
            .iter()
            .map(|task| TaskReport {
                name: string(&task["name"]),
                demand: number(&task["demand"]),
                offers: list(&task["offers"]).iter().map(offer).collect(),
            })
            .collect(),
        costs: list(&json["costs"])
            .iter()
            .map(|cost| CloudCost {
                cloud: string(&cost[0]),
                activation: string(&cost[1]),
                compute: string(&cost[2]),
                egress: string(&cost[3]),
                switching: string(&cost[4]),
                total: string(&cost[5]),
            })
            .collect(),
        previous_cost: json["previous_cost"].as_str().map(str::to_owned),
        conflicts: Vec::new(),
        explanation: None,
        notes: list(&json["notes"]).iter().map(string).collect(),
    })
}

const KINDS: [(CheckKind, &str); 4] = [
    (CheckKind::Resource, "resource"),
    (CheckKind::Output, "output"),
    (CheckKind::Check, "check"),
    (CheckKind::Variable, "variable"),
];

const CHECK_STATUSES: [(CheckStatus, &str); 4] = [
    (CheckStatus::Pass, "pass"),
    (CheckStatus::Unknown, "unknown"),
    (CheckStatus::Fail, "fail"),
    (CheckStatus::Error, "error"),
];

fn encode_check(check: &CheckResult) -> Json {
    let kind = KINDS.iter().find(|(known, _)| *known == check.kind).map(|(_, name)| *name);
    let status =
        CHECK_STATUSES.iter().find(|(known, _)| *known == check.status).map(|(_, name)| *name);
    json!({
        "kind": kind,
        "block": check.block,
        "address": check.address,
        "status": status,
        "failures": check.failures,
        "span": encode_span(check.span),
    })
}

fn decode_check(json: &Json) -> Result<CheckResult, String> {
    let kind = KINDS.iter().find(|(_, name)| json["kind"].as_str() == Some(name));
    let status = CHECK_STATUSES.iter().find(|(_, name)| json["status"].as_str() == Some(name));
    let failures = json["failures"].as_array().into_iter().flatten();
    Ok(CheckResult {
        kind: kind.map(|(kind, _)| *kind).ok_or("a check has no kind")?,
        block: text(json, "block")?,
        address: text(json, "address")?,
        status: status.map(|(status, _)| *status).ok_or("a check has no status")?,
        failures: failures.filter_map(|text| text.as_str().map(str::to_owned)).collect(),
        span: decode_span(&json["span"]),
    })
}
