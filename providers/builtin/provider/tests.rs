//! The life of a `terraform_data`.

use std::sync::Arc;

use futures::executor::block_on;
use skyform_provider_sdk::Silent;
use skyform_value::Type;

use super::*;

fn provider() -> BuiltinProvider {
    BuiltinProvider::new(|| [7; 16])
}

fn object(input: Value, output: Value, triggers: Value, id: Value) -> Value {
    Value::object([
        ("input", input),
        ("output", output),
        ("triggers_replace", triggers),
        ("id", id),
    ])
}

fn plan(prior: &Value, proposed: &Value) -> PlanResponse {
    let request = PlanRequest {
        type_name: "terraform_data",
        address: "terraform_data.x",
        config: proposed.clone(),
        prior: prior.clone(),
        proposed: proposed.clone(),
        private: Vec::new(),
    };
    block_on(provider().plan(request)).expect("it plans")
}

fn apply(prior: &Value, planned: &Value) -> Value {
    let request = ApplyRequest {
        type_name: "terraform_data",
        address: "terraform_data.x",
        config: planned.clone(),
        prior: prior.clone(),
        planned: planned.clone(),
        private: Vec::new(),
        token: "t",
        progress: Arc::new(Silent),
    };
    block_on(provider().apply(request)).state
}

#[test]
fn created_updated_replaced_deleted() {
    let none = Value::null();
    let asked = object(Value::from("a"), none.clone(), Value::from(1_i64), none.clone());
    let created = plan(&none, &asked);
    assert_eq!(created.planned.get("output"), Some(&Value::unknown(Type::String)));
    assert!(created.planned.get("id").is_some_and(|id| !id.is_known()));
    let made = apply(&none, &created.planned);
    assert_eq!(made.get("output"), Some(&Value::from("a")));
    assert_eq!(made.get("id").and_then(Value::as_str).map(str::len), Some(36));

    assert_eq!(plan(&made, &made).planned, made);
    let with = |input: &str, trigger: i64| {
        let part = |name: &str| made.get(name).cloned().expect("it has it");
        object(Value::from(input), part("output"), Value::from(trigger), part("id"))
    };
    let changed = plan(&made, &with("b", 1));
    assert!(changed.requires_replace.is_empty());
    let updated = apply(&made, &changed.planned);
    assert_eq!(updated.get("output"), Some(&Value::from("b")));
    assert_eq!(updated.get("id"), made.get("id"));

    let replaced = plan(&made, &with("a", 2));
    assert_eq!(replaced.requires_replace.len(), 1);
    assert!(apply(&made, &plan(&made, &none).planned).is_null());
}

#[test]
fn without_input_there_is_no_output() {
    let none = Value::null();
    let asked = object(none.clone(), none.clone(), none.clone(), none.clone());
    let planned = plan(&none, &asked).planned;
    assert_eq!(planned.get("output"), Some(&none));
}
