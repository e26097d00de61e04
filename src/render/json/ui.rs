//! The messages of a `-json` stream, one JSON object a line.
//!
//! Without their time, which whoever writes them adds. Source: Terraform's documentation of its
//! machine-readable UI, version 1.2.

use serde_json::{Map, Value as Json, json};
use skyform_diag::{Diagnostic, Severity, SourceMap};
use skyform_plan::{ChangeAction, Plan, Reason, ResourceChange};
use skyform_state::State;
use skyform_value::{InstanceAddress, InstanceKey, Mode};

use super::value::plain;
use super::{TERRAFORM_VERSION, plan::reason};

/// The version of the messages' format.
const UI_VERSION: &str = "1.2";

pub(super) fn message(level: &str, kind: &str, text: impl Into<String>, rest: Json) -> Json {
    let mut json = Map::new();
    json.insert("@level".to_owned(), Json::from(level));
    json.insert("@message".to_owned(), Json::from(text.into()));
    json.insert("@module".to_owned(), Json::from("terraform.ui"));
    if let Json::Object(rest) = rest {
        json.extend(rest);
    }
    json.insert("type".to_owned(), Json::from(kind));
    Json::Object(json)
}

/// The first message of a stream.
pub fn version_message(version: &str) -> Json {
    let rest = json!({"skyform": version, "terraform": TERRAFORM_VERSION, "ui": UI_VERSION});
    message("info", "version", format!("Skyform {version}"), rest)
}

/// Something said that is nothing else.
pub fn log(text: &str) -> Json {
    message("info", "log", text, json!({}))
}

/// An error or a warning.
pub fn diagnostic_message(diagnostic: &Diagnostic, sources: &SourceMap) -> Json {
    let (level, title) = match diagnostic.severity {
        Severity::Error => ("error", "Error"),
        Severity::Warning => ("warn", "Warning"),
    };
    let text = format!("{title}: {}", diagnostic.summary);
    let rest = json!({"diagnostic": crate::diagnostic_json(diagnostic, sources)});
    message(level, "diagnostic", text, rest)
}

/// How many objects a plan or a run makes, changes, deletes and imports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Made.
    pub add: usize,
    /// Changed.
    pub change: usize,
    /// Deleted.
    pub remove: usize,
    /// Imported.
    pub import: usize,
}

impl Counts {
    /// What a plan comes to.
    pub fn of_plan(plan: &Plan) -> Self {
        let mut counts = Self::default();
        for change in &plan.changes {
            counts.import += usize::from(change.importing.is_some());
            match change.action {
                ChangeAction::Create => counts.add += 1,
                ChangeAction::Update => counts.change += 1,
                ChangeAction::Delete => counts.remove += 1,
                ChangeAction::DeleteThenCreate | ChangeAction::CreateThenDelete => {
                    counts.add += 1;
                    counts.remove += 1;
                }
                ChangeAction::NoOp | ChangeAction::Read | ChangeAction::Forget => {}
            }
        }
        counts
    }
}

/// The sum of a `plan`, an `apply` or a `destroy`.
pub fn change_summary(counts: Counts, operation: &str) -> Json {
    let Counts { add, change, remove, import } = counts;
    let text = match operation {
        "plan" => {
            let import = if import > 0 { format!("{import} to import, ") } else { String::new() };
            format!("Plan: {import}{add} to add, {change} to change, {remove} to destroy.")
        }
        "destroy" => format!("Destroy complete! Resources: {remove} destroyed."),
        _ => {
            let import = if import > 0 { format!("{import} imported, ") } else { String::new() };
            format!(
                "Apply complete! Resources: {import}{add} added, {change} changed, {remove} destroyed."
            )
        }
    };
    let changes = json!({
        "add": add, "change": change, "import": import, "remove": remove, "operation": operation,
    });
    message("info", "change_summary", text, json!({"changes": changes}))
}

/// Drift, planned changes, their sum and changes of outputs.
pub fn plan_messages(plan: &Plan) -> Vec<Json> {
    let mut messages: Vec<Json> = Vec::new();
    for change in &plan.drift {
        messages.push(change_message(change, "resource_drift", "Drift detected"));
    }
    messages.extend(change_messages(plan));
    messages.push(change_summary(Counts::of_plan(plan), "plan"));
    messages.extend(outputs_message(plan));
    messages
}

/// Planned changes alone, which is what a saved plan's apply begins with.
pub fn change_messages(plan: &Plan) -> Vec<Json> {
    let changes = plan.changes.iter().filter(|change| change.is_change());
    changes.map(|change| change_message(change, "planned_change", "Plan to")).collect()
}

fn change_message(change: &ResourceChange, kind: &str, said: &str) -> Json {
    let action = match change.action {
        ChangeAction::NoOp if change.previous_address.is_some() => "move",
        ChangeAction::NoOp if change.importing.is_some() => "import",
        ChangeAction::NoOp => "noop",
        ChangeAction::Create => "create",
        ChangeAction::Update => "update",
        ChangeAction::DeleteThenCreate | ChangeAction::CreateThenDelete => "replace",
        ChangeAction::Delete => "delete",
        ChangeAction::Read => "read",
        ChangeAction::Forget => "remove",
    };
    let text = match kind {
        "resource_drift" => format!("{}: {said} ({action})", change.address),
        _ => format!("{}: {said} {action}", change.address),
    };
    let mut json = json!({"resource": resource_json(&change.address)});
    if let Some(from) = &change.previous_address {
        json["previous_resource"] = resource_json(from);
    }
    json["action"] = Json::from(action);
    if let Some(why) = change.reason {
        json["reason"] = Json::from(match why {
            Reason::Tainted => "tainted",
            Reason::Requested => "requested",
            Reason::Triggered => "replace_triggered_by",
            Reason::CannotUpdate => "cannot_update",
            why => reason(why),
        });
    }
    if let Some(id) = &change.importing {
        json["importing"] = json!({"id": id});
    }
    message("info", kind, text, json!({"change": json}))
}

/// An instance, as messages name it.
fn resource_json(address: &InstanceAddress) -> Json {
    let resource = &address.resource;
    let prefix = match resource.mode {
        Mode::Data => "data.",
        Mode::Ephemeral => "ephemeral.",
        Mode::Managed => "",
    };
    let key = address.key.as_ref().map(ToString::to_string).unwrap_or_default();
    json!({
        "addr": address.to_string(),
        "module": resource.module.to_string(),
        "resource": format!("{prefix}{}.{}{key}", resource.type_name, resource.name),
        "implied_provider": resource.type_name.split('_').next().unwrap_or_default(),
        "resource_type": resource.type_name.as_str(),
        "resource_name": resource.name.as_str(),
        "resource_key": match &address.key {
            Some(InstanceKey::Index(index)) => Json::from(*index),
            Some(InstanceKey::Name(name)) => Json::from(name.as_str()),
            None => Json::Null,
        },
    })
}

/// Changes of root outputs, if the plan has any.
pub fn outputs_message(plan: &Plan) -> Option<Json> {
    let outputs: Map<String, Json> = plan
        .outputs
        .iter()
        .map(|(name, change)| {
            let action = match change.action {
                ChangeAction::NoOp => "noop",
                ChangeAction::Create => "create",
                ChangeAction::Delete => "delete",
                _ => "update",
            };
            (name.to_string(), json!({"sensitive": change.sensitive, "action": action}))
        })
        .collect();
    let text = format!("Outputs: {}", outputs.len());
    (!outputs.is_empty()).then(|| message("info", "outputs", text, json!({"outputs": outputs})))
}

/// Outputs with their values, after a run; sensitive values stay out.
pub fn stored_outputs_message(state: &State) -> Json {
    let outputs = state.outputs.iter().map(|(name, output)| {
        let mut json = json!({
            "sensitive": output.sensitive,
            "type": skyform_value::json::type_to_json(&output.value.ty()),
        });
        if !output.sensitive {
            json["value"] = plain(&output.value);
        }
        (name.to_string(), json)
    });
    let outputs: Map<String, Json> = outputs.collect();
    let text = format!("Outputs: {}", outputs.len());
    message("info", "outputs", text, json!({"outputs": outputs}))
}

/// Something that happens to an instance on the way.
#[derive(Clone, Copy, Debug)]
pub enum Hook<'a> {
    /// It is being read again; with its id.
    RefreshStart(Option<&'a str>),
    /// It has been read again; with its id.
    RefreshComplete(Option<&'a str>),
    /// An action has begun; with the object's id.
    ApplyStart(ChangeAction, Option<&'a str>),
    /// It is still going on; with seconds since it has begun.
    ApplyProgress(ChangeAction, Option<&'a str>, u64),
    /// It is done.
    ApplyComplete(ChangeAction, Option<&'a str>, u64),
    /// It has failed.
    ApplyErrored(ChangeAction, Option<&'a str>, u64),
    /// Something is being done to an ephemeral resource: what, and how that is said.
    EphemeralStart(&'a str, &'a str),
    /// It is done.
    EphemeralComplete(&'a str, &'a str, u64),
    /// It has failed.
    EphemeralErrored(&'a str, &'a str, u64),
    /// A provisioner has begun.
    ProvisionStart(&'a str),
    /// A provisioner has written a line.
    ProvisionProgress(&'a str, &'a str),
    /// A provisioner is done.
    ProvisionComplete(&'a str),
    /// A provisioner has failed.
    ProvisionErrored(&'a str),
}

/// A message about an instance.
pub fn hook(address: &InstanceAddress, hook: Hook<'_>) -> Json {
    let mut json = json!({"resource": resource_json(address)});
    let shown = |id: Option<&str>| id.map_or_else(String::new, |id| format!(" [id={id}]"));
    let mut acting = |action: ChangeAction, id: Option<&str>, seconds: Option<u64>| {
        json["action"] = Json::from(action.to_string());
        if let Some(id) = id {
            json["id_key"] = Json::from("id");
            json["id_value"] = Json::from(id);
        }
        if let Some(seconds) = seconds {
            json["elapsed_seconds"] = Json::from(seconds);
        }
    };
    let (kind, text) = match hook {
        Hook::ApplyStart(action, id) => {
            acting(action, id, None);
            ("apply_start", format!("{}...{}", words(action).0, shown(id)))
        }
        Hook::ApplyProgress(action, id, seconds) => {
            acting(action, id, Some(seconds));
            let verb = words(action).0.to_lowercase();
            ("apply_progress", format!("Still {verb}... [{}{seconds}s elapsed]", before(id)))
        }
        Hook::ApplyComplete(action, id, seconds) => {
            acting(action, id, Some(seconds));
            let done = words(action).1;
            ("apply_complete", format!("{done} complete after {seconds}s{}", shown(id)))
        }
        Hook::ApplyErrored(action, id, seconds) => {
            acting(action, id, Some(seconds));
            ("apply_errored", format!("{} errored after {seconds}s", words(action).1))
        }
        Hook::RefreshStart(id) | Hook::RefreshComplete(id) => {
            if let Some(id) = id {
                json["id_key"] = Json::from("id");
                json["id_value"] = Json::from(id);
            }
            match hook {
                Hook::RefreshStart(_) => {
                    ("refresh_start", format!("Refreshing state...{}", shown(id)))
                }
                _ => ("refresh_complete", format!("Refresh complete{}", shown(id))),
            }
        }
        Hook::EphemeralStart(step, going_on) => {
            json["action"] = Json::from(step);
            ("ephemeral_op_start", format!("{going_on}..."))
        }
        Hook::EphemeralComplete(step, done, seconds) => {
            json["action"] = Json::from(step);
            json["elapsed_seconds"] = Json::from(seconds);
            ("ephemeral_op_complete", format!("{done} complete after {seconds}s"))
        }
        Hook::EphemeralErrored(step, done, seconds) => {
            json["action"] = Json::from(step);
            json["elapsed_seconds"] = Json::from(seconds);
            ("ephemeral_op_errored", format!("{done} errored after {seconds}s"))
        }
        Hook::ProvisionStart(provisioner) => {
            json["provisioner"] = Json::from(provisioner);
            ("provision_start", format!("Provisioning with '{provisioner}'..."))
        }
        Hook::ProvisionProgress(provisioner, line) => {
            json["provisioner"] = Json::from(provisioner);
            json["output"] = Json::from(line);
            ("provision_progress", format!("({provisioner}): {line}"))
        }
        Hook::ProvisionComplete(provisioner) => {
            json["provisioner"] = Json::from(provisioner);
            ("provision_complete", format!("({provisioner}) Provisioning complete"))
        }
        Hook::ProvisionErrored(provisioner) => {
            json["provisioner"] = Json::from(provisioner);
            ("provision_errored", format!("({provisioner}) Provisioning errored"))
        }
    };
    message("info", kind, format!("{address}: {text}"), json!({"hook": json}))
}

fn before(id: Option<&str>) -> String {
    id.map_or_else(String::new, |id| format!("id={id}, "))
}

/// What is going on, and what it is called when it is over.
fn words(action: ChangeAction) -> (&'static str, &'static str) {
    match action {
        ChangeAction::Create => ("Creating", "Creation"),
        ChangeAction::Update => ("Modifying", "Modifications"),
        ChangeAction::Delete => ("Destroying", "Destruction"),
        _ => ("Refreshing", "Refresh"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hooks_have_a_text_and_their_fields() {
        let address: InstanceAddress = "module.m[\"k\"].a_b.c[1]".parse().expect("an address");
        let table = [
            (Hook::RefreshStart(Some("7")), "refresh_start", "Refreshing state... [id=7]"),
            (Hook::RefreshComplete(None), "refresh_complete", "Refresh complete"),
            (Hook::ApplyStart(ChangeAction::Create, None), "apply_start", "Creating..."),
            (
                Hook::ApplyProgress(ChangeAction::Delete, Some("7"), 10),
                "apply_progress",
                "Still destroying... [id=7, 10s elapsed]",
            ),
            (
                Hook::ApplyComplete(ChangeAction::Update, Some("7"), 2),
                "apply_complete",
                "Modifications complete after 2s [id=7]",
            ),
            (
                Hook::ApplyErrored(ChangeAction::Read, None, 1),
                "apply_errored",
                "Refresh errored after 1s",
            ),
            (Hook::EphemeralStart("open", "Opening"), "ephemeral_op_start", "Opening..."),
            (
                Hook::EphemeralComplete("close", "Closing", 3),
                "ephemeral_op_complete",
                "Closing complete after 3s",
            ),
            (
                Hook::EphemeralErrored("renew", "Renewal", 1),
                "ephemeral_op_errored",
                "Renewal errored after 1s",
            ),
            (Hook::ProvisionStart("p"), "provision_start", "Provisioning with 'p'..."),
            (Hook::ProvisionProgress("p", "line"), "provision_progress", "(p): line"),
            (Hook::ProvisionComplete("p"), "provision_complete", "(p) Provisioning complete"),
            (Hook::ProvisionErrored("p"), "provision_errored", "(p) Provisioning errored"),
        ];
        for (what, kind, text) in table {
            let message = hook(&address, what);
            assert_eq!(message["type"], kind);
            assert_eq!(message["@message"], format!("{address}: {text}"));
            let resource = &message["hook"]["resource"];
            assert_eq!(
                *resource,
                json!({
                    "addr": "module.m[\"k\"].a_b.c[1]", "module": "module.m[\"k\"]",
                    "resource": "a_b.c[1]", "implied_provider": "a", "resource_type": "a_b",
                    "resource_name": "c", "resource_key": 1,
                })
            );
        }
        let done = hook(&address, Hook::ApplyComplete(ChangeAction::Delete, Some("7"), 3));
        assert_eq!(done["hook"]["action"], "delete");
        assert_eq!(done["hook"]["id_value"], "7");
        assert_eq!(done["hook"]["elapsed_seconds"], 3);
    }

    #[test]
    fn summaries_say_what_was_asked_for() {
        let counts = Counts { add: 1, change: 2, remove: 3, import: 0 };
        let with_import = Counts { import: 4, ..counts };
        let table = [
            (counts, "plan", "Plan: 1 to add, 2 to change, 3 to destroy."),
            (with_import, "plan", "Plan: 4 to import, 1 to add, 2 to change, 3 to destroy."),
            (counts, "apply", "Apply complete! Resources: 1 added, 2 changed, 3 destroyed."),
            (counts, "destroy", "Destroy complete! Resources: 3 destroyed."),
        ];
        for (counts, operation, text) in table {
            let message = change_summary(counts, operation);
            assert_eq!(message["@message"], text);
            assert_eq!(message["changes"]["operation"], operation);
        }
    }

    #[test]
    fn sensitive_outputs_are_said_without_values() {
        let mut state = State::default();
        for (name, sensitive) in [("open", false), ("secret", true)] {
            let value = skyform_value::Value::from("v");
            state.outputs.insert(name.into(), skyform_state::OutputState { value, sensitive });
        }
        let message = stored_outputs_message(&state);
        assert_eq!(message["outputs"]["open"]["value"], "v");
        assert_eq!(message["outputs"]["secret"], json!({"sensitive": true, "type": "string"}));
        assert_eq!(message["@message"], "Outputs: 2");
    }
}
