//! A plan in format 1.2.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use skyform_lang::config::Config;
use skyform_plan::{
    ChangeAction, Deferred, DeferredReason, OutputChange, Plan, Reason, ResourceChange,
};
use skyform_value::{Mode, Step, Type, Value};

use super::TERRAFORM_VERSION;
use super::checks::checks_json;
use super::modules::{Modules, resource_head};
use super::placements::placements_json;
use super::relevant::relevant_attributes;
use super::state::{Decode, state_json};
use super::value::{plain, sensitive, unknown};

/// What the document shows besides the plan itself.
pub struct Known<'a> {
    /// Gives values of stored objects.
    pub decode: &'a Decode<'a>,
    /// Gives the schema version of a resource type, by its provider's configuration address.
    pub schema_version: &'a dyn Fn(&str, Mode, &str) -> u64,
    /// The configuration that the plan was made from, as the document shows it.
    pub configuration: Json,
    /// The same as it was loaded.
    pub config: Option<&'a Config>,
}

/// A plan in format 1.2.
pub fn plan_json(plan: &Plan, known: &Known<'_>) -> Json {
    let mut document = json!({"format_version": "1.2", "terraform_version": TERRAFORM_VERSION});
    let variables = variables(plan, known.config);
    if !variables.is_empty() {
        document["variables"] = Json::Object(variables);
    }
    document["planned_values"] = planned_values(plan, known);
    if !plan.drift.is_empty() {
        document["resource_drift"] = plan.drift.iter().map(change_json).collect();
    }
    let changed = |change: &&ResourceChange| {
        change.action != ChangeAction::NoOp || change.address.resource.mode == Mode::Managed
    };
    let changes: Vec<Json> = plan.changes.iter().filter(changed).map(change_json).collect();
    if !changes.is_empty() {
        document["resource_changes"] = Json::from(changes);
    }
    if !plan.outputs.is_empty() {
        let outputs = plan.outputs.iter();
        let outputs = outputs.map(|(name, change)| (name.to_string(), output_json(change)));
        document["output_changes"] = Json::Object(outputs.collect());
    }
    if !plan.prior.is_empty() {
        let mut prior = state_json(&plan.prior, known.decode);
        if let Some(prior) = prior.as_object_mut() {
            // Results of checks belong to the plan, which has newer ones.
            prior.shift_remove("checks");
        }
        document["prior_state"] = prior;
    }
    document["configuration"] = known.configuration.clone();
    let relevant = known.config.map_or_else(Vec::new, |config| relevant_attributes(plan, config));
    if !relevant.is_empty() {
        document["relevant_attributes"] = Json::from(relevant);
    }
    let checks = checks_json(plan);
    if checks.as_array().is_some_and(|checks| !checks.is_empty()) {
        document["checks"] = checks;
    }
    if !plan.deferred.is_empty() {
        document["deferred_changes"] = plan.deferred.iter().map(deferred_json).collect();
    }
    document["timestamp"] = Json::from(plan.timestamp.as_str());
    document["applyable"] = Json::from(plan.is_applyable());
    document["complete"] = Json::from(plan.targets.is_empty() && plan.deferred.is_empty());
    document["errored"] = Json::from(false);
    if !plan.placements.is_empty() {
        document["skyform"] = placements_json(&plan.placements);
    }
    document
}

/// Root variables with their values, defaults where none was given or it is not to be kept.
fn variables(plan: &Plan, config: Option<&Config>) -> Map<String, Json> {
    let mut values: BTreeMap<&str, &Value> = BTreeMap::new();
    let declared = config.map(|config| &config.modules[0].source.variables);
    for variable in declared.into_iter().flat_map(|variables| variables.values()) {
        if let Some(default) = &variable.default {
            values.insert(&variable.name, default);
        }
    }
    let is_ephemeral = |name: &str| {
        declared.and_then(|variables| variables.get(name)).is_some_and(|v| v.ephemeral)
    };
    for (name, value) in plan.variables.iter().filter(|(name, _)| !is_ephemeral(name)) {
        values.insert(name, value);
    }
    values
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!({"value": plain(value)})))
        .collect()
}

fn output_json(change: &OutputChange) -> Json {
    let is_gone = change.action == ChangeAction::Delete;
    let mut json = json!({
        "actions": actions(change.action),
        "before": if change.before.is_null() { Json::Null } else { plain(&change.before) },
    });
    if change.after.is_known() {
        json["after"] = plain(&change.after);
    }
    let known = is_gone || change.after.is_wholly_known();
    json["after_unknown"] = if known { Json::from(false) } else { unknown(&change.after) };
    json["before_sensitive"] = Json::from(change.sensitive);
    json["after_sensitive"] = Json::from(change.sensitive && !is_gone);
    json
}

fn planned_values(plan: &Plan, known: &Known<'_>) -> Json {
    let outputs: Map<String, Json> = plan
        .outputs
        .iter()
        .filter(|(_, change)| change.action != ChangeAction::Delete)
        .map(|(name, change)| {
            let mut output = json!({"sensitive": change.sensitive});
            if change.after.is_wholly_known() {
                // A plan doesn't hold the type of a null.
                let ty = if change.after.is_null() { Type::Any } else { change.after.ty() };
                output["type"] = skyform_value::json::type_to_json(&ty);
                output["value"] = plain(&change.after);
            }
            (name.to_string(), output)
        })
        .collect();
    let mut modules = Modules::default();
    for change in &plan.changes {
        if change.action == ChangeAction::Delete || change.deposed.is_some() {
            continue;
        }
        let resource = &change.address.resource;
        let version = (known.schema_version)(&change.provider, resource.mode, &resource.type_name);
        let mut json = resource_head(&change.address, &change.provider);
        json["schema_version"] = Json::from(version);
        if change.after.is_null() {
            // What is dropped from state has an entry without values.
            json["sensitive_values"] = Json::from(false);
        } else {
            json["values"] = plain(&change.after);
            json["sensitive_values"] = sensitive(&change.after);
        }
        modules.add(&resource.module, json);
    }
    let mut values = Map::new();
    if !outputs.is_empty() {
        values.insert("outputs".to_owned(), Json::Object(outputs));
    }
    values.insert("root_module".to_owned(), modules.into_json());
    Json::Object(values)
}

/// A block that is left for later, as one change of an instance that stands for all of its.
fn deferred_json(deferred: &Deferred) -> Json {
    let mut change = json!({"address": deferred.address()});
    if !deferred.module.is_empty() {
        change["module_address"] = json!(deferred.module);
    }
    change["mode"] = json!(if deferred.mode == Mode::Data { "data" } else { "managed" });
    change["type"] = json!(deferred.type_name.as_str());
    change["name"] = json!(deferred.name.as_str());
    let provider = deferred.provider.split('"').nth(1).unwrap_or(&deferred.provider);
    change["provider_name"] = json!(provider);
    let action = match (deferred.mode, deferred.exists) {
        (Mode::Data, _) => ChangeAction::Read,
        (_, true) => ChangeAction::Update,
        (_, false) => ChangeAction::Create,
    };
    change["change"] = json!({
        "actions": actions(action),
        "before": null,
        "after": plain(&deferred.after),
        "after_unknown": unknown(&deferred.after),
        "before_sensitive": false,
        "after_sensitive": sensitive(&deferred.after),
    });
    let reason = match deferred.reason {
        DeferredReason::InstanceCountUnknown => "instance_count_unknown",
        DeferredReason::DeferredPrerequisite => "deferred_prereq",
    };
    json!({"reason": reason, "resource_change": change})
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

/// Why, as the documents call it.
pub(super) fn reason(reason: Reason) -> &'static str {
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
        let paths = change.requires_replace.iter().map(|path| path_json(&path.0));
        json["change"]["replace_paths"] = paths.collect();
    }
    if let Some(why) = change.reason {
        json["action_reason"] = Json::from(reason(why));
    }
    if let Some(id) = &change.importing {
        json["change"]["importing"] = json!({"id": id});
    }
    if !change.notes.is_empty() {
        json["skyform"] = json!({"notes": change.notes});
    }
    json
}

/// A path as a list of names and indices.
pub(super) fn path_json(steps: &[Step]) -> Json {
    let step = |step: &Step| match step {
        Step::Attribute(name) | Step::Key(name) => Json::from(name.as_str()),
        Step::Index(index) => Json::from(*index),
        Step::Element(_) => Json::Null,
    };
    steps.iter().map(step).collect()
}
