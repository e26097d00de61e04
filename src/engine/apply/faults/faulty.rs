//! A provider with every fault that a provider can have, told by the names of its objects.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use skyform_provider_sdk::schema::{Attribute, Block, Schema};
use skyform_provider_sdk::{
    ApplyRequest, ApplyResponse, ConfigureRequest, LookupAnswer, LookupRequest, PlanRequest,
    PlanResponse, Problem, ProblemKind, Problems, Provider, ProviderSchema, ReadRequest,
    ReadResponse, ResourceType,
};
use skyform_value::{Type, Value};

/// Offers `faulty_thing`, whose `name` says what goes wrong with it.
pub(super) struct Faulty {
    schema: ProviderSchema,
    /// What it has made: names by token.
    made: Mutex<BTreeMap<String, String>>,
    calls: AtomicUsize,
}

impl Faulty {
    pub(super) fn new() -> Self {
        let block = Block::with([
            ("name", Attribute::required(Type::String)),
            ("size", Attribute::optional(Type::Number)),
            ("id", Attribute::computed(Type::String)),
        ]);
        let mut schema = ProviderSchema::default();
        let ty = ResourceType { schema: Schema { version: 0, block }, ..ResourceType::default() };
        schema.resources.insert("faulty_thing".into(), ty);
        Self { schema, made: Mutex::default(), calls: AtomicUsize::new(0) }
    }

    /// Names of all that it has made.
    pub(super) fn made(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.made.lock().expect("not poisoned").values().cloned().collect();
        names.sort();
        names
    }

    fn make(&self, token: &str, name: &str) {
        self.made.lock().expect("not poisoned").insert(token.to_owned(), name.to_owned());
    }
}

fn object(name: &str, id: Value) -> Value {
    let size = Value::null_of(Type::Number);
    Value::object([("name", Value::from(name)), ("size", size), ("id", id)])
}

fn name_of(value: &Value) -> String {
    value.get("name").and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[async_trait]
impl Provider for Faulty {
    fn schema(&self) -> &ProviderSchema {
        &self.schema
    }

    async fn configure(&self, _request: ConfigureRequest) -> Result<Problems, Problems> {
        Ok(Problems::new())
    }

    async fn read(&self, request: ReadRequest<'_>) -> Result<ReadResponse, Problems> {
        let state = match name_of(&request.current).as_str() {
            "read wrong" => Value::from("nonsense"),
            "read hangs" => std::future::pending().await,
            "read panics" => panic!("out of luck"),
            _ => request.current,
        };
        Ok(ReadResponse { state, private: request.private, problems: Problems::new() })
    }

    async fn plan(&self, request: PlanRequest<'_>) -> Result<PlanResponse, Problems> {
        let name = name_of(&request.proposed);
        let planned = match name.as_str() {
            "plan wrong" => Value::object([("name", Value::from("x"))]),
            "plan hangs" => std::future::pending().await,
            "plan panics" => panic!("out of luck"),
            _ if request.proposed.is_null() || !request.prior.is_null() => request.proposed,
            name => object(name, Value::unknown(Type::String)),
        };
        Ok(PlanResponse {
            planned,
            requires_replace: Vec::new(),
            private: Vec::new(),
            notes: Vec::new(),
            problems: Problems::new(),
        })
    }

    async fn apply(&self, request: ApplyRequest<'_>) -> ApplyResponse {
        let answer = |state: Value| ApplyResponse { state, private: vec![1], problems: Vec::new() };
        if request.planned.is_null() {
            let name = name_of(&request.prior);
            self.made.lock().expect("not poisoned").retain(|_, made| *made != name);
            return answer(request.planned);
        }
        let name = name_of(&request.planned);
        if name == "hangs" {
            std::future::pending::<()>().await;
        }
        assert_ne!(name, "panics", "out of luck");
        if name.starts_with("second") && self.calls.fetch_add(1, Ordering::SeqCst) % 2 == 1 {
            let problem = Problem::error(ProblemKind::Unavailable, "Busy", "Try again.");
            return ApplyResponse { problems: vec![problem], ..answer(request.prior) };
        }
        self.make(request.token, &name);
        if name.starts_with("is made and hangs") {
            std::future::pending::<()>().await;
        }
        assert_ne!(name, "is made and panics", "out of luck");
        let id = Value::from(request.token);
        answer(match name.as_str() {
            "wrong type" => object(&name, Value::object([("x", id)])),
            "unknown" => object(&name, Value::unknown(Type::String)),
            "changed" => object("something else", id),
            "missing" => Value::object([("name", Value::from(name))]),
            "nonsense" => Value::from("nonsense"),
            _ => object(&name, id),
        })
    }

    async fn lookup(&self, request: LookupRequest<'_>) -> LookupAnswer {
        let made = self.made.lock().expect("not poisoned");
        match made.get(request.token) {
            Some(name) if name.ends_with("for ever") => LookupAnswer::Unknown,
            Some(name) => LookupAnswer::Found(object(name, Value::from(request.token)), vec![1]),
            None => LookupAnswer::Absent,
        }
    }
}
