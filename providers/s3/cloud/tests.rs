//! Buckets and objects on an emulator of the service.

use aws_sdk_s3::config::Credentials;
use skyform_emulators::Server;
use skyform_provider_sdk::conformance::check_cloud;
use skyform_provider_sdk::{BucketSettings, CorsRule, Encryption, LifecycleRule};

use super::*;

fn keys() -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(Credentials::new("test", "test", None, None, "test"))
}

fn cloud(store: Store, region: &str, server: &Server) -> Arc<dyn Cloud> {
    let settings = CloudSettings {
        name: "east".to_owned(),
        driver: store.driver.to_owned(),
        region: region.to_owned(),
        endpoint: Some(server.url().to_owned()),
        ..CloudSettings::default()
    };
    S3Driver::new(store, Arc::new(|_| None))
        .with_credentials(keys())
        .cloud(&settings)
        .expect("a cloud")
}

fn spec(name: &str, settings: BucketSettings) -> BucketSpec {
    let (owner, token) = ("bucket.x[\"a\"]".to_owned(), "token".to_owned());
    BucketSpec { name: name.to_owned(), owner, token, settings }
}

#[tokio::test]
async fn each_store_keeps_what_a_cloud_must() {
    for (store, region) in [
        (Store::AWS, "us-east-1"),
        (Store::AWS, "eu-central-1"),
        (Store::S3, "us-east-1"),
        (Store::TENCENT, "us-east-1"),
        (Store::HUAWEI, "us-east-1"),
    ] {
        let Some(server) = skyform_emulators::moto() else { return };
        let checked = check_cloud(&*cloud(store, region, &server)).await;
        assert_eq!(checked, Ok(()), "{} in {region}", store.name);
    }
}

#[tokio::test]
async fn all_settings_are_made_changed_and_taken_back() {
    let Some(server) = skyform_emulators::moto() else { return };
    for store in [Store::AWS, Store::S3, Store::TENCENT, Store::HUAWEI] {
        settings_of(&*cloud(store, "us-east-1", &server), &format!("all-{}", store.driver)).await;
    }
    // Of its settings this one knows only these.
    let expiring =
        LifecycleRule { name: "old".to_owned(), expire_days: Some(30), ..LifecycleRule::default() };
    let expiring = BucketSettings { lifecycle_rules: vec![expiring], ..BucketSettings::default() };
    let oss = cloud(Store::ALIBABA, "us-east-1", &server);
    let made = oss.create_bucket(&spec("oss", BucketSettings::default())).await.expect("made");
    assert_eq!(made.settings.lifecycle_rules, []);
    let changed = oss.update_bucket(&spec("oss", expiring.clone())).await.expect("changed");
    assert_eq!(changed.settings.lifecycle_rules, expiring.lifecycle_rules);
}

async fn settings_of(cloud: &dyn Cloud, name: &str) {
    let all = BucketSettings {
        versioning: true,
        tags: [("team".to_owned(), "fraud".to_owned())].into(),
        public_access: true,
        encryption: Some(Encryption { key: Some("alias/data".to_owned()) }),
        lifecycle_rules: vec![LifecycleRule {
            name: "old".to_owned(),
            prefix: "logs/".to_owned(),
            expire_days: Some(30),
            expire_noncurrent_days: Some(7),
            abort_uploads_days: Some(1),
        }],
        cors_rules: vec![CorsRule {
            allowed_origins: vec!["https://a.example".to_owned()],
            allowed_methods: vec!["GET".to_owned()],
            allowed_headers: vec!["*".to_owned()],
            exposed_headers: Vec::new(),
            max_age_seconds: Some(60),
        }],
    };
    let made = cloud.create_bucket(&spec(name, all.clone())).await.expect("made");
    assert_eq!(made.settings, all, "{name}");
    let fewer = BucketSettings {
        tags: [("team".to_owned(), "risk".to_owned())].into(),
        public_access: true,
        ..BucketSettings::default()
    };
    let changed = cloud.update_bucket(&spec(name, fewer.clone())).await.expect("changed");
    assert_eq!(BucketSettings { encryption: None, ..changed.settings }, fewer);
    assert_eq!(changed.token, "token");
    let none = spec(name, BucketSettings::default());
    let changed = cloud.update_bucket(&none).await.expect("changed");
    let plain = BucketSettings { encryption: None, ..changed.settings };
    assert_eq!(plain, BucketSettings::default());
}

#[tokio::test]
async fn a_bucket_goes_with_its_old_versions_and_uploads() {
    let Some(server) = skyform_emulators::moto() else { return };
    let cloud = cloud(Store::AWS, "us-east-1", &server);
    let versioned = BucketSettings { versioning: true, ..BucketSettings::default() };
    cloud.create_bucket(&spec("full", versioned)).await.expect("made");
    for text in ["1", "2"] {
        cloud.write_object("full", "a", text.into()).await.expect("written");
    }
    cloud.delete_object("full", "a").await.expect("deleted");
    let upload = cloud.objects("full").expect("an operator");
    let mut upload = upload.writer_with("b").chunk(5 << 20).await.expect("begun");
    upload.write(vec![0_u8; 11 << 20]).await.expect("a part is written");
    drop(upload);
    let refused = cloud.delete_bucket("full", false).await.expect_err("it is not empty");
    assert_eq!(refused.summary, "Bucket is not empty");
    cloud.delete_bucket("full", true).await.expect("deleted");
    assert_eq!(cloud.read_bucket("full").await.expect("read"), None);
}

#[tokio::test]
async fn what_a_store_lacks_is_said_before_anyone_is_asked() {
    let settings = CloudSettings {
        name: "oss".to_owned(),
        driver: "alibaba".to_owned(),
        region: "cn-hangzhou".to_owned(),
        ..CloudSettings::default()
    };
    let cloud =
        S3Driver::new(Store::ALIBABA, Arc::new(|_| None)).cloud(&settings).expect("a cloud");
    let versioned = BucketSettings { versioning: true, ..BucketSettings::default() };
    let problem = cloud.check_bucket(&spec("data", versioned)).expect_err("it has none");
    assert_eq!(problem.kind, ProblemKind::Unsupported);
    assert_eq!(problem.attribute, Some(Path::attribute("versioning")));
    assert!(problem.hint.is_some_and(|hint| hint.contains("lifecycle_rule")));
    let expiring = LifecycleRule { name: "old".to_owned(), ..LifecycleRule::default() };
    let expiring = BucketSettings { lifecycle_rules: vec![expiring], ..BucketSettings::default() };
    assert_eq!(cloud.check_bucket(&spec("data", expiring)), Ok(()));
    let nowhere = CloudSettings { endpoint: None, ..settings };
    let problem =
        S3Driver::new(Store::S3, Arc::new(|_| None)).cloud(&nowhere).err().expect("no server");
    assert_eq!(problem.summary, "Endpoint is not known");
}

#[tokio::test]
async fn a_bucket_that_was_not_marked_any_more_is_found_if_it_can_be_nobody_elses() {
    let Some(server) = skyform_emulators::moto() else { return };
    let settings = CloudSettings {
        name: "east".to_owned(),
        region: "us-east-1".to_owned(),
        endpoint: Some(server.url().to_owned()),
        ..CloudSettings::default()
    };
    let session = Session::new(settings, Store::S3, Limits::default(), Arc::new(|_| None));
    let cloud = S3Cloud::new(Arc::new(session.with_credentials(Some(keys()))));
    let versioned = BucketSettings { versioning: true, ..BucketSettings::default() };
    let wanted = spec("half", versioned.clone());
    assert_eq!(cloud.find_bucket(&wanted).await.expect("asked"), None);
    let client = cloud.client().await.expect("a client");
    client.create_bucket().bucket("half").send().await.expect("made");
    let found = cloud.find_bucket(&wanted).await.expect("asked").expect("found");
    assert_eq!((found.token.as_str(), &found.settings), ("token", &versioned));
    let other = BucketSpec { token: "other".to_owned(), ..wanted };
    assert_eq!(cloud.find_bucket(&other).await.expect("asked"), None);
    // One with something in it is somebody's.
    client.create_bucket().bucket("theirs").send().await.expect("made");
    cloud.write_object("theirs", "a", b"1".to_vec()).await.expect("written");
    let theirs = spec("theirs", BucketSettings::default());
    assert_eq!(cloud.find_bucket(&theirs).await.expect("asked"), None);
}
