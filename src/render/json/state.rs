//! A state in format 1.0.

use serde_json::{Map, Value as Json, json};
use skyform_state::{Object, ObjectStatus, State};
use skyform_value::{InstanceAddress, Value};

use super::TERRAFORM_VERSION;
use super::checks::stored_checks;
use super::modules::{Modules, resource_head};
use super::value::{plain, sensitive};

/// Gives the value of a stored object.
pub type Decode<'a> = dyn Fn(&InstanceAddress, &Object) -> Value + 'a;

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
                    let mut names: Vec<String> =
                        object.dependencies.iter().map(ToString::to_string).collect();
                    names.sort();
                    json["depends_on"] = Json::from(names);
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
    let mut values = Map::new();
    if !state.outputs.is_empty() {
        values.insert("outputs".to_owned(), outputs_json(state));
    }
    values.insert("root_module".to_owned(), modules.into_json());
    document["values"] = Json::Object(values);
    document
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
