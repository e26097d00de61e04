//! `terraform_data`: keeps a value, and is replaced when another one changes.

use skyform_provider_sdk::schema::{Attribute, Block, Schema};
use skyform_provider_sdk::{PlanRequest, PlanResponse, Problems};
use skyform_value::{Path, Refinements, Type, Value};

pub(crate) fn schema() -> Schema {
    let block = Block::with([
        (
            "input",
            Attribute::optional(Type::Any).describe("A value to be kept, and given as `output`."),
        ),
        ("output", Attribute::computed(Type::Any).describe("The value of `input`.")),
        (
            "triggers_replace",
            Attribute::optional(Type::Any).describe("A value whose change replaces the object."),
        ),
        ("id", Attribute::computed(Type::String).describe("A random id.")),
    ]);
    Schema { version: 0, block }
}

fn part(object: &Value, name: &str) -> Value {
    object.get(name).cloned().unwrap_or_else(Value::null)
}

fn object(input: Value, output: Value, triggers: Value, id: Value) -> Value {
    Value::object([
        ("input", input),
        ("output", output),
        ("triggers_replace", triggers),
        ("id", id),
    ])
}

/// What `output` will be for an input: known only after apply, but of the input's type.
fn pending(input: &Value) -> Value {
    if input.is_null() { input.clone() } else { Value::unknown(input.ty()) }
}

pub(crate) fn plan(request: &PlanRequest<'_>) -> PlanResponse {
    let answer = |planned: Value, requires_replace: Vec<Path>| PlanResponse {
        planned,
        requires_replace,
        private: Vec::new(),
        notes: Vec::new(),
        problems: Problems::new(),
    };
    let (prior, proposed) = (&request.prior, &request.proposed);
    if proposed.is_null() {
        return answer(proposed.clone(), Vec::new());
    }
    let (input, triggers) = (part(proposed, "input"), part(proposed, "triggers_replace"));
    if prior.is_null() {
        let output = pending(&input);
        return answer(object(input, output, triggers, new_id()), Vec::new());
    }
    let output = if part(prior, "input") == input {
        part(prior, "output")
    } else {
        Value::unknown(input.ty())
    };
    let replace = part(prior, "triggers_replace") != triggers;
    let paths = if replace { vec![Path::attribute("triggers_replace")] } else { Vec::new() };
    answer(object(input, output, triggers, part(prior, "id")), paths)
}

/// Not known yet, but certain not to be null.
fn new_id() -> Value {
    Value::unknown_refined(Type::String, Refinements { not_null: true, ..Refinements::default() })
}

pub(crate) fn apply(planned: &Value, id: impl FnOnce() -> String) -> Value {
    if planned.is_null() {
        return planned.clone();
    }
    let input = part(planned, "input");
    let known = part(planned, "id");
    let id = if known.is_known() && !known.is_null() { known } else { Value::from(id()) };
    object(input.clone(), input, part(planned, "triggers_replace"), id)
}

pub(crate) fn imported(id: Value) -> Value {
    object(Value::null(), Value::null(), Value::null(), id)
}
