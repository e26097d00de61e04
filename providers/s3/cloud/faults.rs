//! What goes wrong between here and a store, and what becomes of it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_sdk_s3::config::Credentials;
use skyform_emulators::{Asked, Fault, Faulty, Server};
use skyform_provider_sdk::BucketSettings;

use super::*;

const LIMITS: Limits = Limits {
    connect: Duration::from_secs(2),
    attempt: Duration::from_millis(1500),
    attempts: 3,
    settle: Duration::from_secs(10),
};

/// A cloud behind faults, and the server without them.
struct Behind {
    cloud: Arc<dyn Cloud>,
    plain: Arc<dyn Cloud>,
    _faulty: Faulty,
    _server: Server,
}

impl Behind {
    fn new(spoil: impl Fn(&Asked) -> Option<Fault> + Send + Sync + 'static) -> Option<Self> {
        let server = skyform_emulators::moto()?;
        let faulty = Faulty::before(&server, spoil);
        let cloud = cloud_at(faulty.url(), LIMITS);
        let plain = cloud_at(server.url(), Limits::default());
        Some(Self { cloud, plain, _faulty: faulty, _server: server })
    }

    async fn is_there(&self, bucket: &str) -> bool {
        self.plain.read_bucket(bucket).await.expect("asked").is_some()
    }
}

fn cloud_at(url: &str, limits: Limits) -> Arc<dyn Cloud> {
    let settings = CloudSettings {
        name: "east".to_owned(),
        driver: "aws".to_owned(),
        region: "us-east-1".to_owned(),
        endpoint: Some(url.to_owned()),
        ..CloudSettings::default()
    };
    let keys = Credentials::new("test", "test", None, None, "test");
    let driver = S3Driver::new(Store::AWS, Arc::new(|_| None)).with_limits(limits);
    let driver = driver.with_credentials(SharedCredentialsProvider::new(keys));
    driver.cloud(&settings).expect("a cloud")
}

fn spec() -> BucketSpec {
    let (owner, token) = ("bucket.data".to_owned(), "token".to_owned());
    BucketSpec { name: "data".to_owned(), owner, token, settings: BucketSettings::default() }
}

/// Spoils the first requests that are like this.
fn first(
    count: usize,
    is_it: impl Fn(&Asked) -> bool + Send + Sync + 'static,
    fault: Fault,
) -> impl Fn(&Asked) -> Option<Fault> + Send + Sync + 'static {
    let seen = AtomicUsize::new(0);
    move |asked| {
        let spoils = is_it(asked) && seen.fetch_add(1, Ordering::Relaxed) < count;
        spoils.then(|| fault.clone())
    }
}

fn is_create(asked: &Asked) -> bool {
    asked.method == "PUT" && matches!(asked.path.as_str(), "/data" | "/data/")
}

#[tokio::test]
async fn a_pause_that_the_service_asks_for_is_kept() {
    let fault = Fault::error(429, "TooManyRequests").with("Retry-After: 1");
    let Some(behind) = Behind::new(first(1, is_create, fault)) else { return };
    let begun = Instant::now();
    behind.cloud.create_bucket(&spec()).await.expect("made at the second try");
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_pause_that_is_asked_for_an_object_is_kept() {
    for (method, status) in [("PUT", 503), ("GET", 429)] {
        let is_it = move |asked: &Asked| asked.method == method && asked.path == "/data/a";
        let fault = Fault::error(status, "SlowDown").with("Retry-After: 1");
        let Some(behind) = Behind::new(first(1, is_it, fault)) else { return };
        behind.plain.create_bucket(&spec()).await.expect("made");
        let begun = Instant::now();
        behind.cloud.write_object("data", "a", b"1".to_vec()).await.expect("written");
        let read = behind.cloud.read_object("data", "a").await.expect("read");
        assert_eq!(read.as_deref(), Some(&b"1"[..]));
        assert!(begun.elapsed() >= Duration::from_secs(1), "{method}");
    }
}

#[tokio::test]
async fn throttling_that_does_not_end_is_told_in_the_services_words() {
    let fault = Fault::error(503, "SlowDown");
    let Some(behind) = Behind::new(first(99, is_create, fault)) else { return };
    let told = behind.cloud.create_bucket(&spec()).await.expect_err("throttled");
    assert_eq!(told.kind, ProblemKind::Throttled);
    assert!(told.detail.contains("as asked for (SlowDown)"), "{}", told.detail);
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_found_carried_out() {
    let Some(behind) = Behind::new(first(1, is_create, Fault::BreakAfter)) else { return };
    let made = behind.cloud.create_bucket(&spec()).await.expect("found");
    assert_eq!(made.token, "token");
    let Some(behind) = Behind::new(first(1, is_create, Fault::BreakBefore)) else { return };
    behind.cloud.create_bucket(&spec()).await.expect("tried again");
}

#[tokio::test]
async fn an_order_without_any_answer_is_in_doubt() {
    let hang = Fault::Hang(Duration::from_secs(3));
    let Some(behind) = Behind::new(first(99, is_create, hang)) else { return };
    let told = behind.cloud.create_bucket(&spec()).await.expect_err("no answer");
    assert_eq!(told.kind, ProblemKind::InDoubt, "{told:?}");
    let nowhere = cloud_at("http://127.0.0.1:1", LIMITS);
    let told = nowhere.read_bucket("data").await.expect_err("nobody is there");
    assert_eq!(told.kind, ProblemKind::Unavailable, "{told:?}");
}

#[tokio::test]
async fn a_bucket_that_is_not_seen_everywhere_yet_is_waited_for() {
    let is_tagging = |asked: &Asked| asked.path.contains("?tagging") && asked.method == "PUT";
    let fault = Fault::error(404, "NoSuchBucket");
    let Some(behind) = Behind::new(first(3, is_tagging, fault)) else { return };
    let made = behind.cloud.create_bucket(&spec()).await.expect("made");
    assert_eq!(made.token, "token");
}

#[tokio::test]
async fn half_of_what_was_asked_for_is_taken_back() {
    let is_versioning = |asked: &Asked| asked.path.contains("?versioning") && asked.method == "PUT";
    let fault = Fault::error(403, "AccessDenied");
    let Some(behind) = Behind::new(first(99, is_versioning, fault)) else { return };
    let settings = BucketSettings { versioning: true, ..BucketSettings::default() };
    let wanted = BucketSpec { settings, ..spec() };
    let told = behind.cloud.create_bucket(&wanted).await.expect_err("denied");
    assert_eq!(told.kind, ProblemKind::Denied);
    assert!(told.detail.contains("Setting versioning of the bucket"), "{}", told.detail);
    assert!(!behind.is_there("data").await);
}

#[tokio::test]
async fn a_name_that_is_somebody_elses_is_taken() {
    let is_head = |asked: &Asked| asked.method == "HEAD";
    let Some(behind) = Behind::new(first(9, is_head, Fault::error(403, ""))) else { return };
    let told = behind.cloud.create_bucket(&spec()).await.expect_err("taken");
    assert_eq!(told.summary, "Bucket name is taken");
    let fault = Fault::error(409, "BucketAlreadyExists");
    let Some(behind) = Behind::new(first(9, is_create, fault)) else { return };
    let told = behind.cloud.create_bucket(&spec()).await.expect_err("taken");
    assert_eq!(
        (told.kind, told.summary.as_str()),
        (ProblemKind::AlreadyExists, "Bucket name is taken")
    );
}

#[tokio::test]
async fn credentials_that_expire_in_between_are_told_so() {
    let later = |asked: &Asked| asked.path.contains("?cors");
    let fault = Fault::error(400, "ExpiredToken");
    let Some(behind) = Behind::new(first(99, later, fault)) else { return };
    behind.plain.create_bucket(&spec()).await.expect("made");
    let told = behind.cloud.read_bucket("data").await.expect_err("expired");
    assert_eq!(told.kind, ProblemKind::Denied);
    assert!(told.hint.is_some_and(|hint| hint.contains("have expired")));
}

#[tokio::test]
async fn what_is_read_is_whole_or_not_at_all() {
    let is_read = |asked: &Asked| asked.method == "GET" && asked.path == "/data/big";
    let spoilt = first(1, is_read, Fault::Truncate(1000));
    let Some(behind) = Behind::new(spoilt) else { return };
    behind.plain.create_bucket(&spec()).await.expect("made");
    let bytes: Vec<u8> = (0..100_000_u32).map(|at| (at % 251) as u8).collect();
    behind.plain.write_object("data", "big", bytes.clone()).await.expect("written");
    let read = behind.cloud.read_object("data", "big").await.expect("read again");
    assert_eq!(read, Some(bytes));
    let Some(behind) = Behind::new(first(99, is_read, Fault::Truncate(0))) else { return };
    behind.plain.create_bucket(&spec()).await.expect("made");
    behind.plain.write_object("data", "big", vec![1; 100_000]).await.expect("written");
    assert!(behind.cloud.read_object("data", "big").await.is_err());
}

#[tokio::test]
async fn an_object_that_nobody_answers_for_is_asked_for_again() {
    let is_object = |asked: &Asked| asked.path == "/data/a";
    let hang = Fault::Hang(Duration::from_secs(12));
    let Some(behind) = Behind::new(first(1, is_object, hang)) else { return };
    behind.plain.create_bucket(&spec()).await.expect("made");
    let begun = Instant::now();
    behind.cloud.write_object("data", "a", b"1".to_vec()).await.expect("written");
    // Five times as long as an answer without a content may take.
    let took = begun.elapsed();
    assert!(took >= LIMITS.attempt * 5 && took < Duration::from_secs(11), "{took:?}");
}

#[tokio::test]
async fn what_a_killed_run_has_begun_to_send_is_ended() {
    let Some(server) = skyform_emulators::moto() else { return };
    let cloud = cloud_at(server.url(), Limits::default());
    cloud.create_bucket(&spec()).await.expect("made");
    let client = aws_sdk_s3::Client::from_conf(
        aws_sdk_s3::Config::builder()
            .behavior_version(aws_sdk_s3::config::BehaviorVersion::latest())
            .region(aws_sdk_s3::config::Region::new("us-east-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .endpoint_url(server.url())
            .force_path_style(true)
            .build(),
    );
    for key in ["big", "big", "bigger"] {
        let begun = client.create_multipart_upload().bucket("data").key(key).send().await;
        begun.expect("begun");
    }
    cloud.end_uploads("data", "big").await.expect("ended");
    let left = client.list_multipart_uploads().bucket("data").send().await.expect("listed");
    let keys: Vec<_> = left.uploads().iter().filter_map(|upload| upload.key()).collect();
    assert_eq!(keys, ["bigger"]);
}

#[tokio::test]
async fn a_write_whose_connection_breaks_is_made_again() {
    let is_write = |asked: &Asked| asked.method == "PUT" && asked.path == "/data/a";
    let Some(behind) = Behind::new(first(2, is_write, Fault::BreakAfter)) else { return };
    behind.plain.create_bucket(&spec()).await.expect("made");
    behind.cloud.write_object("data", "a", b"1".to_vec()).await.expect("written");
    let read = behind.plain.read_object("data", "a").await.expect("read");
    assert_eq!(read.as_deref(), Some(&b"1"[..]));
}
