//! Stores whose URLs look alike.

use std::sync::Mutex;

use async_trait::async_trait;
use opendal::Operator;
use skyform_provider_sdk::{BucketInfo, BucketSettings, BucketSpec, ConfigureRequest, Driver};
use skyform_value::Value;

use super::*;

/// Stores by endpoint, each with names of buckets.
#[derive(Clone)]
struct Stores(Arc<Mutex<BTreeMap<String, Vec<&'static str>>>>);

struct Store {
    stores: Stores,
    endpoint: String,
}

impl Driver for Stores {
    fn cloud(&self, settings: &CloudSettings) -> Result<Arc<dyn Cloud>, Problem> {
        let endpoint = settings.endpoint.clone().unwrap_or_default();
        Ok(Arc::new(Store { stores: self.clone(), endpoint }))
    }
}

#[async_trait]
impl Cloud for Store {
    fn locate(&self, url: &str) -> Option<ObjectPlace> {
        let rest = url.strip_prefix("st://")?;
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        Some(ObjectPlace { bucket: bucket.to_owned(), key: key.to_owned() })
    }

    fn url(&self, bucket: &str, key: &str) -> String {
        format!("st://{bucket}/{key}")
    }

    async fn create_bucket(&self, _: &BucketSpec) -> Result<BucketInfo, Problem> {
        Err(nowhere(""))
    }

    async fn read_bucket(&self, name: &str) -> Result<Option<BucketInfo>, Problem> {
        let stores = self.stores.0.lock().expect("nobody has failed");
        let Some(buckets) = stores.get(&self.endpoint) else { return Err(nowhere(name)) };
        Ok(buckets.contains(&name).then(|| BucketInfo {
            name: name.to_owned(),
            url: self.url(name, ""),
            token: String::new(),
            settings: BucketSettings::default(),
        }))
    }

    async fn update_bucket(&self, _: &BucketSpec) -> Result<BucketInfo, Problem> {
        Err(nowhere(""))
    }

    async fn delete_bucket(&self, _: &str, _: bool) -> Result<(), Problem> {
        Ok(())
    }

    fn objects(&self, bucket: &str) -> Result<Operator, Problem> {
        Err(nowhere(bucket))
    }
}

fn clouds() -> Clouds {
    let stores: BTreeMap<String, Vec<&'static str>> =
        [("one".to_owned(), vec!["first", "both"]), ("two".to_owned(), vec!["second", "both"])]
            .into();
    let driver: Arc<dyn Driver> = Arc::new(Stores(Arc::new(Mutex::new(stores))));
    let clouds = Clouds::new([("st".to_owned(), driver)].into());
    let cloud = |name: &str, endpoint: &str| {
        let value =
            Value::object([("driver", Value::from("st")), ("endpoint", Value::from(endpoint))]);
        (name.into(), value)
    };
    let declared =
        [cloud("a", "one"), cloud("b", "two"), cloud("c", "two"), cloud("down", "nowhere")];
    clouds.declare(&ConfigureRequest {
        config: Value::null(),
        clouds: declared.into_iter().collect(),
    });
    clouds
}

async fn name(clouds: &Clouds, url: &str, private: &[u8]) -> Result<String, String> {
    let found = clouds.locate_or_kept(url, private).await;
    found.map(|found| found.settings.name).map_err(|problem| problem.summary)
}

#[tokio::test]
async fn a_bucket_is_where_it_is_and_never_guessed() {
    let clouds = clouds();
    for (url, expected) in [
        ("st://first/x", Ok("a")),
        // Two blocks of one store are as good as one.
        ("st://second", Ok("b")),
        ("st://both/x", Err("Bucket is in several clouds")),
        // None has it: any of them says so.
        ("st://none/x", Ok("a")),
        ("s3://first/x", Err("Unknown bucket")),
    ] {
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(name(&clouds, url, &[]).await, expected, "{url}");
    }
    assert!(clouds.is_bucket("st://both") && !clouds.is_bucket("https://both"));
}

#[tokio::test]
async fn what_is_known_is_not_asked_for() {
    let clouds = clouds();
    let settings = |name: &str, endpoint: &str| CloudSettings {
        name: name.to_owned(),
        driver: "st".to_owned(),
        endpoint: Some(endpoint.to_owned()),
        ..CloudSettings::default()
    };
    // Kept with an object, by a block that is there or is gone.
    let kept = clouds::keep(&settings("b", "two"), "t");
    assert_eq!(name(&clouds, "st://both/x", &kept).await.as_deref(), Ok("b"));
    let gone = clouds::keep(&settings("gone", "two"), "t");
    assert_eq!(name(&clouds, "st://both/x", &gone).await.as_deref(), Ok("gone"));
    // The bucket's own block.
    clouds.meet("st://both", "c");
    assert_eq!(name(&clouds, "st://both/x", &[]).await.as_deref(), Ok("c"));
    // What is there already stays where it is, even if the bucket's block goes elsewhere.
    assert_eq!(name(&clouds, "st://both/x", &kept).await.as_deref(), Ok("b"));
}
