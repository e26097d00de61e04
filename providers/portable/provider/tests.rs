//! Schemas, and the life of a bucket on the local cloud.

use skyform_provider_local::LocalDriver;
use skyform_provider_sdk::Silent;
use skyform_value::{Type, Value};

use super::*;

fn provider(folder: &std::path::Path) -> PortableProvider {
    let driver: Arc<dyn Driver> = Arc::new(LocalDriver::new(folder));
    PortableProvider::new([("local".to_owned(), driver)].into())
}

fn clouds() -> ConfigureRequest {
    let cloud = |driver: &str| Value::object([("driver", Value::from(driver))]);
    let clouds = [("east".into(), cloud("local")), ("moon".into(), cloud("rocket"))];
    ConfigureRequest { config: Value::null(), clouds: clouds.into_iter().collect() }
}

fn config(cloud: &str, versioning: Option<bool>) -> Value {
    Value::object([
        ("cloud", Value::from(cloud)),
        ("name", Value::null_of(Type::String)),
        ("versioning", versioning.map_or_else(|| Value::null_of(Type::Bool), Value::from)),
        ("force_destroy", Value::null_of(Type::Bool)),
        ("url", Value::null_of(Type::String)),
        ("id", Value::null_of(Type::String)),
    ])
}

fn planned<'a>(prior: &Value, proposed: Value, private: &[u8]) -> PlanRequest<'a> {
    PlanRequest {
        type_name: "bucket",
        address: "bucket.data",
        config: proposed.clone(),
        prior: prior.clone(),
        proposed,
        private: private.to_vec(),
    }
}

fn applied<'a>(prior: &Value, planned: &Value, private: &[u8], token: &'a str) -> ApplyRequest<'a> {
    ApplyRequest {
        type_name: "bucket",
        address: "bucket.data",
        config: planned.clone(),
        prior: prior.clone(),
        planned: planned.clone(),
        private: private.to_vec(),
        token,
        progress: Arc::new(Silent),
    }
}

#[test]
fn every_block_is_short_and_described() {
    let provider = PortableProvider::new(BTreeMap::new());
    let types: Vec<&str> = provider.schema().resources.keys().map(|name| name.as_str()).collect();
    let expected = [
        "catalog",
        "cloud",
        "task",
        "placement",
        "bucket",
        "dataset",
        "model",
        "endpoint",
        "evaluation",
        "machines",
    ];
    assert_eq!(types, expected);
    for (name, ty) in &provider.schema().resources {
        assert!(ty.traits.short, "{name}");
        for (attribute, schema) in &ty.schema.block.attributes {
            assert!(!schema.description.is_empty(), "{name}.{attribute}");
        }
    }
}

#[tokio::test]
async fn a_bucket_is_made_found_again_changed_and_deleted() {
    let folder = tempfile::tempdir().expect("a folder");
    let provider = provider(folder.path());
    provider.configure(clouds()).await.expect("configured");
    let none = Value::null();
    let plan = provider.plan(planned(&none, config("east", None), &[])).await.expect("planned");
    assert_eq!(plan.planned.get("name"), Some(&Value::from("data")));
    assert_eq!(plan.planned.get("url"), Some(&Value::unknown(Type::String)));
    let made = provider.apply(applied(&none, &plan.planned, &[], "token")).await;
    assert_eq!(made.problems, []);
    assert_eq!(made.state.get("url"), Some(&Value::from("local://east/data")));

    let lookup = |token| LookupRequest {
        type_name: "bucket",
        address: "bucket.data",
        planned: plan.planned.clone(),
        private: plan.private.clone(),
        token,
    };
    let found = provider.lookup(lookup("token")).await;
    assert!(matches!(found, LookupAnswer::Found(state, _) if state == made.state));
    assert!(matches!(provider.lookup(lookup("other")).await, LookupAnswer::Absent));

    let mut wanted = made.state.clone();
    let read = |current: &Value| ReadRequest {
        type_name: "bucket",
        address: "bucket.data",
        current: current.clone(),
        private: made.private.clone(),
    };
    assert_eq!(provider.read(read(&wanted)).await.expect("read").state, wanted);
    let with = |object: &Value, name: &str, value: Value| {
        let attributes = object.as_table().expect("an object").clone().into_iter();
        Value::object(attributes.map(|(key, old)| {
            let new = if key == name { value.clone() } else { old };
            (key, new)
        }))
    };
    wanted = with(&wanted, "versioning", Value::from(true));
    let plan = provider.plan(planned(&made.state, wanted, &made.private)).await.expect("planned");
    assert!(plan.requires_replace.is_empty());
    let changed = provider.apply(applied(&made.state, &plan.planned, &made.private, "t")).await;
    assert_eq!(changed.state.get("versioning"), Some(&Value::from(true)));
    let elsewhere = with(&changed.state, "cloud", Value::from("moon"));
    let problems =
        provider.plan(planned(&changed.state, elsewhere, &[])).await.expect_err("no driver");
    assert_eq!(problems[0].kind, ProblemKind::Unsupported);

    // It is deleted although its cloud is declared no more.
    let nothing = ConfigureRequest { config: Value::null(), clouds: Default::default() };
    provider.configure(nothing).await.expect("configured");
    let gone = provider.apply(applied(&changed.state, &none, &changed.private, "t")).await;
    assert_eq!(gone.problems, []);
    let read = provider.read(read(&changed.state)).await.expect("read");
    assert!(read.state.is_null());
}
