//! Plans, states and outputs as JSON in the documented formats: plan 1.2, state 1.0.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use skyform_plan::{ChangeAction, CheckKind, CheckStatus, Plan, Reason, ResourceChange};
use skyform_state::{Object, ObjectStatus, State};
use skyform_value::{InstanceAddress, InstanceKey, Kind, Marks, Mode, ModuleInstance, Value};

use crate::placement_json::placements_json;

const TERRAFORM_VERSION: &str = "1.11.4";

/// Gives the value of a stored object.
pub type Decode<'a> = dyn Fn(&InstanceAddress, &Object) -> Value + 'a;

/// A value as plain JSON; what is unknown is left out of objects and null elsewhere.
pub fn plain(value: &Value) -> Json {
    match value.kind() {
        Kind::Null(_) | Kind::Unknown(_) => Json::Null,
        Kind::Bool(truth) => Json::from(*truth),
        Kind::Number(number) => serde_json::from_str(&number.to_string()).unwrap_or(Json::Null),
        Kind::String(text) => Json::from(text.as_str()),
        Kind::List(_) | Kind::Set(_) | Kind::Tuple(_) => value.children().map(plain).collect(),
        Kind::Map(_) | Kind::Object(_) => {
            let table = value.as_table().into_iter().flatten();
            let known = table.filter(|(_, item)| item.is_known());
            Json::Object(known.map(|(name, item)| (name.to_string(), plain(item))).collect())
        }
    }
}

/// A tree of `true` wherever `is` holds, in the shape of the value; `false` where nowhere.
fn tree(value: &Value, is: &impl Fn(&Value) -> bool) -> Json {
    if is(value) {
        return Json::from(true);
    }
    match value.kind() {
        Kind::List(_) | Kind::Set(_) | Kind::Tuple(_) => {
            value.children().map(|item| tree(item, is)).collect()
        }
        Kind::Map(_) | Kind::Object(_) => {
            let table = value.as_table().into_iter().flatten();
            let found = table.map(|(name, item)| (name.to_string(), tree(item, is)));
            Json::Object(found.filter(|(_, found)| found.as_bool() != Some(false)).collect())
        }
        _ => Json::from(false),
    }
}

fn unknown(value: &Value) -> Json {
    tree(value, &|value| !value.is_known())
}

fn sensitive(value: &Value) -> Json {
    tree(value, &|value| value.marks().contains(Marks::SENSITIVE))
}

/// A plan in format 1.2.
pub fn plan_json(plan: &Plan, decode: &Decode<'_>) -> Json {
    let variables: Map<String, Json> = plan
        .variables
        .iter()
        .map(|(name, value)| (name.to_string(), json!({"value": plain(value)})))
        .collect();
    let changed = |change: &&ResourceChange| {
        change.action != ChangeAction::NoOp || change.address.resource.mode == Mode::Managed
    };
    let outputs: Map<String, Json> = plan
        .outputs
        .iter()
        .map(|(name, change)| {
            let hidden = change.sensitive;
            let change = json!({
                "actions": actions(change.action),
                "before": if change.before.is_null() { Json::Null } else { plain(&change.before) },
                "after": if change.after.is_known() { plain(&change.after) } else { Json::Null },
                "after_unknown": if change.action == ChangeAction::Delete { Json::from(false) } else { unknown(&change.after) },
                "before_sensitive": hidden,
                "after_sensitive": if change.action == ChangeAction::Delete { Json::from(false) } else { Json::from(hidden) },
            });
            (name.to_string(), change)
        })
        .collect();
    let mut document = json!({
        "format_version": "1.2",
        "terraform_version": TERRAFORM_VERSION,
        "planned_values": planned_values(plan),
        "resource_changes": plan.changes.iter().filter(changed).map(change_json).collect::<Vec<_>>(),
        "output_changes": outputs,
        "prior_state": state_json(&plan.prior, decode),
        "configuration": {"root_module": {}},
        "checks": checks_json(plan),
        "timestamp": plan.timestamp,
        "applyable": plan.is_applyable(),
        "complete": plan.targets.is_empty(),
        "errored": false,
    });
    if !variables.is_empty() {
        document["variables"] = Json::Object(variables);
    }
    if !plan.drift.is_empty() {
        document["resource_drift"] = plan.drift.iter().map(change_json).collect();
    }
    if !plan.placements.is_empty() {
        document["placements"] = placements_json(&plan.placements)["placements"].clone();
    }
    document
}

fn planned_values(plan: &Plan) -> Json {
    let outputs: Map<String, Json> = plan
        .outputs
        .iter()
        .filter(|(_, change)| change.action != ChangeAction::Delete)
        .map(|(name, change)| {
            let mut output = json!({"sensitive": change.sensitive});
            if change.after.is_wholly_known() {
                output["value"] = plain(&change.after);
                output["type"] = skyform_value::json::type_to_json(&change.after.ty());
            }
            (name.to_string(), output)
        })
        .collect();
    let mut modules = Modules::default();
    for change in &plan.changes {
        let gone = matches!(change.action, ChangeAction::Delete | ChangeAction::Forget);
        if gone || change.deposed.is_some() {
            continue;
        }
        let mut resource = resource_head(&change.address, &change.provider);
        resource["values"] = plain(&change.after);
        resource["sensitive_values"] = sensitive(&change.after);
        modules.add(&change.address.resource.module, resource);
    }
    let mut values = json!({"root_module": modules.into_json()});
    if !outputs.is_empty() {
        values["outputs"] = Json::Object(outputs);
    }
    values
}

fn actions(action: ChangeAction) -> Json {
    json!(match action {
        ChangeAction::NoOp => vec!["no-op"],
        ChangeAction::Create => vec!["create"],
        ChangeAction::Update => vec!["update"],
        ChangeAction::DeleteThenCreate => vec!["delete", "create"],
        ChangeAction::CreateThenDelete => vec!["create", "delete"],
        ChangeAction::Delete => vec!["delete"],
        ChangeAction::Read => vec!["read"],
        ChangeAction::Forget => vec!["forget"],
    })
}

fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Tainted => "replace_because_tainted",
        Reason::Requested => "replace_by_request",
        Reason::Triggered => "replace_by_triggers",
        Reason::CannotUpdate => "replace_because_cannot_update",
        Reason::NoResourceConfig => "delete_because_no_resource_config",
        Reason::NoModule => "delete_because_no_module",
        Reason::CountIndex => "delete_because_count_index",
        Reason::EachKey => "delete_because_each_key",
        Reason::WrongRepetition => "delete_because_wrong_repetition",
        Reason::ConfigUnknown => "read_because_config_unknown",
        Reason::DependencyPending => "read_because_dependency_pending",
        Reason::CheckNested => "read_because_check_nested",
        Reason::NoMoveTarget => "delete_because_no_move_target",
    }
}

fn resource_head(address: &InstanceAddress, provider: &str) -> Json {
    let resource = &address.resource;
    let source = provider.split_once("provider[\"").map_or(provider, |(_, rest)| rest);
    let source = source.split('"').next().unwrap_or(source);
    let mut json = json!({
        "address": address.to_string(),
        "mode": if resource.mode == Mode::Data { "data" } else { "managed" },
        "type": resource.type_name.as_str(),
        "name": resource.name.as_str(),
        "provider_name": source,
    });
    match &address.key {
        Some(InstanceKey::Index(index)) => json["index"] = Json::from(*index),
        Some(InstanceKey::Name(name)) => json["index"] = Json::from(name.as_str()),
        None => {}
    }
    json
}

fn change_json(change: &ResourceChange) -> Json {
    let mut json = resource_head(&change.address, &change.provider);
    if !change.address.resource.module.is_root() {
        json["module_address"] = Json::from(change.address.resource.module.to_string());
    }
    if let Some(from) = &change.previous_address {
        json["previous_address"] = Json::from(from.to_string());
    }
    if let Some(deposed) = &change.deposed {
        json["deposed"] = Json::from(deposed.0.as_str());
    }
    let whole = |value: &Value| if value.is_null() { Json::Null } else { plain(value) };
    let marks = |value: &Value| if value.is_null() { Json::from(false) } else { sensitive(value) };
    json["change"] = json!({
        "actions": actions(change.action),
        "before": whole(&change.before),
        "after": whole(&change.after),
        "after_unknown": if change.after.is_null() { json!({}) } else { unknown(&change.after) },
        "before_sensitive": marks(&change.before),
        "after_sensitive": marks(&change.after),
    });
    if !change.requires_replace.is_empty() {
        let paths = change.requires_replace.iter().map(|path| {
            path.0
                .iter()
                .map(|step| match step {
                    skyform_value::Step::Attribute(name) | skyform_value::Step::Key(name) => {
                        Json::from(name.as_str())
                    }
                    skyform_value::Step::Index(index) => Json::from(*index),
                    skyform_value::Step::Element(_) => Json::Null,
                })
                .collect::<Json>()
        });
        json["change"]["replace_paths"] = paths.collect();
    }
    if let Some(why) = change.reason {
        json["action_reason"] = Json::from(reason(why));
    }
    if let Some(id) = &change.importing {
        json["change"]["importing"] = json!({"id": id});
    }
    if !change.notes.is_empty() {
        json["notes"] = json!(change.notes);
    }
    json
}

fn checks_json(plan: &Plan) -> Json {
    let mut blocks: Vec<(&str, CheckKind, Vec<&skyform_plan::CheckResult>)> = Vec::new();
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
                        "address": {"to_display": check.address},
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
                "address": {"kind": kind_name(kind), "to_display": block},
                "status": status(worst),
                "instances": instances,
            })
        })
        .collect()
}

/// A state in format 1.0.
pub fn state_json(state: &State, decode: &Decode<'_>) -> Json {
    let mut document = json!({"format_version": "1.0", "terraform_version": TERRAFORM_VERSION});
    if state.is_empty() {
        return document;
    }
    let mut modules = Modules::default();
    for (resource, stored) in &state.resources {
        for (key, instance) in &stored.instances {
            let address = resource.instance(key.clone());
            let current = instance.current.iter().map(|object| (None, object));
            let deposed = instance.deposed.iter().map(|(key, object)| (Some(key), object));
            for (deposed, object) in current.chain(deposed) {
                let value = decode(&address, object);
                let mut json = resource_head(&address, &stored.provider);
                json["schema_version"] = Json::from(object.schema_version);
                json["values"] = plain(&value);
                json["sensitive_values"] = sensitive(&value);
                if !object.dependencies.is_empty() {
                    json["depends_on"] =
                        object.dependencies.iter().map(ToString::to_string).collect();
                }
                if object.status == ObjectStatus::Tainted {
                    json["tainted"] = Json::from(true);
                }
                if let Some(key) = deposed {
                    json["deposed_key"] = Json::from(key.0.as_str());
                }
                modules.add(&resource.module, json);
            }
        }
    }
    if let Some(checks) = state.checks.as_deref().and_then(stored_checks) {
        document["checks"] = checks;
    }
    document["values"] =
        json!({"outputs": outputs_json(state), "root_module": modules.into_json()});
    document
}

/// Results of checks as the state file holds them, in the form of the documents here.
fn stored_checks(text: &str) -> Option<Json> {
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
                "address": {"to_display": object["object_addr"]},
                "status": object["status"],
            });
            if let Some(messages) = object["failure_messages"].as_array() {
                instance["problems"] =
                    messages.iter().map(|message| json!({"message": message})).collect();
            }
            instance
        });
        json!({
            "address": {"kind": kind, "to_display": check["config_addr"]},
            "status": check["status"],
            "instances": instances.collect::<Vec<_>>(),
        })
    });
    Some(checks.collect())
}

/// Outputs with value, type and sensitivity.
pub fn outputs_json(state: &State) -> Json {
    let outputs = state.outputs.iter().map(|(name, output)| {
        let json = json!({
            "sensitive": output.sensitive,
            "type": skyform_value::json::type_to_json(&output.value.ty()),
            "value": plain(&output.value),
        });
        (name.to_string(), json)
    });
    Json::Object(outputs.collect())
}

/// Resources gathered by module.
#[derive(Default)]
struct Modules {
    resources: BTreeMap<ModuleInstance, Vec<Json>>,
}

impl Modules {
    fn add(&mut self, module: &ModuleInstance, resource: Json) {
        self.resources.entry(module.clone()).or_default().push(resource);
        let mut above = module.parent();
        while let Some(parent) = above {
            above = parent.parent();
            self.resources.entry(parent).or_default();
        }
    }

    fn into_json(self) -> Json {
        self.module(&ModuleInstance::root())
    }

    fn module(&self, at: &ModuleInstance) -> Json {
        let mut json = json!({});
        if let Some(resources) = self.resources.get(at).filter(|resources| !resources.is_empty()) {
            json["resources"] = Json::from(resources.clone());
        }
        let children = self.resources.keys().filter(|module| module.parent().as_ref() == Some(at));
        let children: Vec<Json> = children
            .map(|child| {
                let mut json = self.module(child);
                json["address"] = Json::from(child.to_string());
                json
            })
            .collect();
        if !children.is_empty() {
            json["child_modules"] = Json::from(children);
        }
        json
    }
}
