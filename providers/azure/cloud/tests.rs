//! The conformance kit against Azurite, and what is Azure's own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use skyform_emulators::{AZURITE_ACCOUNT, AZURITE_KEY, Fault, Faulty, azurite};
use skyform_provider_sdk::conformance::check_cloud;
use skyform_provider_sdk::{BucketSettings, ProblemKind};

use super::*;

pub(super) fn cloud(url: &str, variables: &'static [(&str, &str)]) -> Arc<dyn Cloud> {
    let environment: Environment = Arc::new(|name| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    });
    let settings = CloudSettings {
        name: "azure".to_owned(),
        account: Some(AZURITE_ACCOUNT.to_owned()),
        endpoint: Some(url.to_owned()),
        ..CloudSettings::default()
    };
    AzureDriver::new(environment).cloud(&settings).expect("a cloud")
}

pub(super) const KEY: &[(&str, &str)] = &[("AZURE_STORAGE_KEY", AZURITE_KEY)];

pub(super) fn spec(name: &str, settings: BucketSettings) -> BucketSpec {
    let (owner, token) = ("bucket.data".to_owned(), "t-1".to_owned());
    BucketSpec { name: name.to_owned(), owner, token, settings }
}

#[tokio::test]
async fn it_is_a_cloud() {
    let Some(server) = azurite() else { return };
    assert_eq!(check_cloud(&*cloud(server.url(), KEY)).await, Ok(()));
}

#[tokio::test]
async fn who_may_read_is_set_and_changed() {
    let Some(server) = azurite() else { return };
    let cloud = cloud(server.url(), KEY);
    let public = BucketSettings { public_access: true, ..BucketSettings::default() };
    let made = cloud.create_bucket(&spec("shop", public.clone())).await.expect("made");
    assert_eq!(made.settings, public);
    cloud.write_object("shop", "a b/ü.txt", b"x".to_vec()).await.expect("written");
    let url = azure_core::http::Url::parse(&cloud.url("shop", "a b/ü.txt")).expect("a URL");
    let read = || async {
        let client =
            azure_storage_blob::BlobClient::new(url.clone(), None, None).expect("a client");
        client.get_properties(None).await.map(drop)
    };
    read().await.expect("anyone may read");
    let private = BucketSettings::default();
    let changed = cloud.update_bucket(&spec("shop", private.clone())).await.expect("changed");
    assert_eq!((changed.settings, changed.token.as_str()), (private, "t-1"));
    assert!(read().await.is_err(), "nobody may read any more");
    let again = cloud.update_bucket(&spec("shop", public.clone())).await.expect("changed");
    assert_eq!(again.settings, public);
    cloud.delete_bucket("shop", true).await.expect("deleted");
}

#[tokio::test]
async fn a_wrong_key_is_denied() {
    let Some(server) = azurite() else { return };
    let cloud = cloud(server.url(), &[("AZURE_STORAGE_KEY", "d3Jvbmc=")]);
    let problem = cloud.read_bucket("data").await.expect_err("denied");
    assert_eq!(problem.kind, ProblemKind::Denied, "{problem:?}");
    assert!(problem.hint.is_some_and(|hint| hint.contains("AZURE_STORAGE_KEY")));
    let problem = cloud.write_object("data", "a", Vec::new()).await.expect_err("denied");
    assert_eq!(problem.kind, ProblemKind::Denied, "{problem:?}");
}

#[tokio::test]
async fn a_pause_that_the_service_asks_for_is_kept() {
    let Some(server) = azurite() else { return };
    for (path, method) in [("?restype=container", "PUT"), ("/data/a", "PUT"), ("/data/a", "GET")] {
        let seen = AtomicUsize::new(0);
        let faulty = Faulty::before(&server, move |asked| {
            let is_it = asked.method == method && asked.path.contains(path);
            let is_first = is_it && seen.fetch_add(1, Ordering::Relaxed) == 0;
            is_first.then(|| Fault::error(503, "ServerBusy").with("Retry-After: 1"))
        });
        let cloud = cloud(&format!("{}/{AZURITE_ACCOUNT}", faulty.url()), KEY);
        let begun = Instant::now();
        cloud.create_bucket(&spec("data", BucketSettings::default())).await.expect("made");
        cloud.write_object("data", "a", b"1".to_vec()).await.expect("written");
        assert!(cloud.read_object("data", "a").await.expect("read").is_some());
        assert!(begun.elapsed() >= Duration::from_secs(1), "{method} {path}");
        cloud.delete_bucket("data", true).await.expect("deleted");
    }
}

#[tokio::test]
async fn a_container_that_is_not_ours_is_not_taken() {
    let Some(server) = azurite() else { return };
    let cloud = cloud(server.url(), KEY);
    cloud.create_bucket(&spec("data", BucketSettings::default())).await.expect("made");
    let other = BucketSpec { token: "t-2".to_owned(), ..spec("data", BucketSettings::default()) };
    let problem = cloud.create_bucket(&other).await.expect_err("there is one");
    assert_eq!(problem.kind, ProblemKind::AlreadyExists);
    assert!(problem.detail.contains("it belongs to bucket.data"), "{problem:?}");
}

#[test]
fn what_only_the_account_has_is_said() {
    let cloud = cloud("https://acc.blob.core.windows.net", KEY);
    let nothing = BucketSettings::default;
    let scope = |key: Option<&str>| Some(Encryption { key: key.map(str::to_owned) });
    for (settings, attribute) in [
        (BucketSettings { versioning: true, ..nothing() }, None),
        (
            BucketSettings { lifecycle_rules: vec![Default::default()], ..nothing() },
            Some("lifecycle_rule"),
        ),
        (BucketSettings { cors_rules: vec![Default::default()], ..nothing() }, Some("cors_rule")),
        (BucketSettings { encryption: scope(None), ..nothing() }, Some("encryption")),
        (BucketSettings { encryption: scope(Some("scope")), ..nothing() }, None),
        (nothing(), None),
    ] {
        let problem = cloud.check_bucket(&spec("data", settings)).err();
        assert_eq!(
            problem.as_ref().map(|problem| problem.kind),
            attribute.map(|_| ProblemKind::Unsupported)
        );
        let at = problem.and_then(|problem| problem.attribute);
        assert_eq!(at, attribute.map(skyform_value::Path::attribute));
    }
}
