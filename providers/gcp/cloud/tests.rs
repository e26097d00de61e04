//! The conformance kit against fake-gcs-server, and what is Google Cloud's own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use skyform_emulators::{Fault, Faulty, fake_gcs, gcs};
use skyform_provider_sdk::conformance::check_cloud;
use skyform_provider_sdk::{BucketSettings, CorsRule, LifecycleRule};

use super::*;

fn made(endpoint: Option<&str>, region: &str, project: Option<&str>) -> Arc<dyn Cloud> {
    let settings = CloudSettings {
        name: "gcp".to_owned(),
        region: region.to_owned(),
        endpoint: endpoint.map(str::to_owned),
        project: project.map(str::to_owned),
        ..CloudSettings::default()
    };
    GcpDriver::new(Arc::new(|_| None)).cloud(&settings).expect("a cloud")
}

fn spec(name: &str, settings: BucketSettings) -> BucketSpec {
    let (owner, token) = ("bucket.data[\"é\"]".to_owned(), "t-1".to_owned());
    BucketSpec { name: name.to_owned(), owner, token, settings }
}

#[tokio::test]
async fn it_is_a_cloud() {
    let Some(server) = gcs() else { return };
    assert_eq!(check_cloud(&*made(Some(server.url()), "gcp", None)).await, Ok(()));
}

#[tokio::test]
async fn all_settings_are_set_and_changed() {
    let Some(server) = gcs() else { return };
    let cloud = made(Some(server.url()), "gcp", None);
    let all = BucketSettings {
        versioning: true,
        tags: [("team".to_owned(), "fraud".to_owned())].into(),
        public_access: true,
        encryption: Some(Encryption { key: Some("projects/p/locations/l/k".to_owned()) }),
        lifecycle_rules: vec![LifecycleRule {
            name: "Old logs".to_owned(),
            prefix: "logs/".to_owned(),
            expire_days: Some(30),
            abort_uploads_days: Some(1),
            ..LifecycleRule::default()
        }],
        cors_rules: vec![CorsRule {
            allowed_origins: vec!["https://example.com".to_owned()],
            allowed_methods: vec!["GET".to_owned()],
            exposed_headers: vec!["ETag".to_owned()],
            max_age_seconds: Some(60),
            ..CorsRule::default()
        }],
    };
    let first = cloud.create_bucket(&spec("data", all.clone())).await.expect("made");
    assert_eq!((first.settings, first.token.as_str()), (all.clone(), "t-1"));
    let nothing = BucketSettings::default();
    let then = cloud.update_bucket(&spec("data", nothing.clone())).await.expect("changed");
    assert_eq!((then.settings, then.token.as_str()), (nothing, "t-1"));
    let again = cloud.update_bucket(&spec("data", all.clone())).await.expect("changed");
    assert_eq!(again.settings, all);
    let other = BucketSpec { token: "t-2".to_owned(), ..spec("data", all) };
    let problem = cloud.create_bucket(&other).await.expect_err("there is one");
    assert!(problem.detail.contains("it belongs to bucket.data[\"é\"]"), "{problem:?}");
}

#[tokio::test]
async fn a_pause_that_is_asked_for_an_object_is_kept() {
    let Some(server) = fake_gcs() else { return };
    let seen = AtomicUsize::new(0);
    let faulty = Faulty::before(&server, move |asked| {
        let is_it = asked.path.contains("uploadType=") && asked.method == "POST";
        let is_first = is_it && seen.fetch_add(1, Ordering::Relaxed) == 0;
        is_first.then(|| Fault::error(429, "rateLimitExceeded").with("Retry-After: 1"))
    });
    let cloud = made(Some(faulty.url()), "gcp", None);
    cloud.create_bucket(&spec("data", BucketSettings::default())).await.expect("made");
    let begun = Instant::now();
    cloud.write_object("data", "a", b"1".to_vec()).await.expect("written");
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_full_bucket_goes_with_all_versions() {
    let Some(server) = fake_gcs() else { return };
    let cloud = made(Some(server.url()), "gcp", None);
    let versioned = BucketSettings { versioning: true, ..BucketSettings::default() };
    cloud.create_bucket(&spec("full", versioned)).await.expect("made");
    for number in 0..40 {
        let key = format!("a b/{}", number % 20);
        cloud.write_object("full", &key, vec![1; 100]).await.expect("written");
    }
    let problem = cloud.delete_bucket("full", false).await.expect_err("full");
    assert_eq!(problem.summary, "Bucket is not empty");
    cloud.delete_bucket("full", true).await.expect("deleted");
    assert_eq!(cloud.read_bucket("full").await, Ok(None));
}

#[test]
fn what_is_missing_or_lacking_is_said() {
    let nothing = BucketSettings::default;
    let summary = |region, project, settings| {
        let cloud = made(None, region, project);
        cloud.check_bucket(&spec("data", settings)).err().map(|problem| problem.summary)
    };
    for (region, project, settings, expected) in [
        ("EU", Some("p"), nothing(), None),
        ("europe-west1", Some("p"), nothing(), None),
        ("EU", None, nothing(), Some("Missing project")),
        ("gcp", Some("p"), nothing(), Some("Missing location")),
        (
            "EU",
            Some("p"),
            BucketSettings { encryption: Some(Encryption { key: None }), ..nothing() },
            Some("Not supported by this cloud"),
        ),
        (
            "EU",
            Some("p"),
            BucketSettings {
                cors_rules: vec![CorsRule {
                    allowed_headers: vec!["x".to_owned()],
                    ..CorsRule::default()
                }],
                ..nothing()
            },
            Some("Not supported by this cloud"),
        ),
    ] {
        assert_eq!(summary(region, project, settings).as_deref(), expected, "{region} {project:?}");
    }
}
