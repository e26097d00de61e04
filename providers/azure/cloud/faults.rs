//! What the account does not have, and faults of the service.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use skyform_emulators::{AZURITE_ACCOUNT, Asked, Fault, Faulty, Server, azurite};
use skyform_provider_sdk::{BucketSettings, Cloud, ProblemKind};
use skyform_value::Path;

use super::tests::{KEY, cloud, spec};

/// The emulator with faults.
fn front(
    server: &Server,
    spoil: impl Fn(&Asked) -> Option<Fault> + Send + Sync + 'static,
) -> (Faulty, Arc<dyn Cloud>) {
    let front = Faulty::before(server, spoil);
    let cloud = cloud(&format!("{}/{AZURITE_ACCOUNT}", front.url()), KEY);
    (front, cloud)
}

fn versioned() -> BucketSettings {
    BucketSettings { versioning: true, ..BucketSettings::default() }
}

/// The emulator keeps no versions, as an account where that is not turned on.
#[tokio::test]
async fn versioning_that_the_account_lacks_is_said_and_leaves_nothing() {
    let Some(server) = azurite() else { return };
    let cloud = cloud(server.url(), KEY);
    let told = cloud.create_bucket(&spec("kept", versioned())).await.expect_err("it has none");
    assert_eq!(
        (told.kind, told.summary.as_str()),
        (ProblemKind::Unsupported, "Versioning is not there")
    );
    assert_eq!(told.attribute, Some(Path::attribute("versioning")));
    assert_eq!(cloud.read_bucket("kept").await.expect("read"), None);
    let plain = spec("kept", BucketSettings::default());
    cloud.create_bucket(&plain).await.expect("made");
    let told = cloud.update_bucket(&spec("kept", versioned())).await.expect_err("it has none");
    assert_eq!(told.kind, ProblemKind::Unsupported);
    let seen = cloud.read_bucket("kept").await.expect("read").expect("it is there");
    assert!(!seen.settings.versioning);
    assert_eq!(cloud.list_objects("kept", "").await.expect("listed"), [], "nothing is left over");
}

/// An account with versioning says so in its answer to a write; the emulator does not.
#[tokio::test]
async fn versioning_that_the_account_has_is_taken() {
    let Some(server) = azurite() else { return };
    let removed = Arc::new(Mutex::new(Vec::new()));
    let seen = removed.clone();
    let (_front, cloud) = front(&server, move |asked| {
        if !asked.path.contains("/kept/.skyform-probe") {
            return None;
        }
        let is_write = asked.method == "PUT";
        if !is_write {
            seen.lock().expect("whole").push(asked.path.clone());
        }
        let version = "x-ms-version-id: 2026-11-28T20:00:00.0000000Z".to_owned();
        let status = if is_write { 201 } else { 202 };
        Some(Fault::Answer { status, headers: vec![version], body: String::new() })
    });
    let made = cloud.create_bucket(&spec("kept", versioned())).await.expect("made");
    assert_eq!(made.settings, versioned());
    assert_eq!(cloud.read_bucket("kept").await.expect("read"), Some(made));
    let removed = removed.lock().expect("whole").clone();
    assert!(removed.len() == 2 && removed[1].contains("versionid=2026-11-28"), "{removed:?}");
    let back = cloud.update_bucket(&spec("kept", BucketSettings::default())).await;
    assert!(!back.expect("changed").settings.versioning);
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    let Some(server) = azurite() else { return };
    let count = Arc::new(AtomicUsize::new(0));
    let asked_so_far = count.clone();
    let (_front, cloud) = front(&server, move |_| {
        let busy = |status| {
            let headers =
                vec!["x-ms-error-code: ServerBusy".to_owned(), "Retry-After: 1".to_owned()];
            Fault::Answer { status, headers, body: String::new() }
        };
        match asked_so_far.fetch_add(1, Ordering::Relaxed) {
            0 => Some(busy(503)),
            1 => Some(busy(429)),
            2 => Some(Fault::BreakBefore),
            _ => None,
        }
    });
    let started = Instant::now();
    cloud.create_bucket(&spec("data", BucketSettings::default())).await.expect("made in the end");
    assert!(started.elapsed() >= Duration::from_secs(2), "it waits as long as it is told to");
    assert!(count.load(Ordering::Relaxed) > 3);
}

#[tokio::test]
async fn what_does_not_pass_is_told() {
    let Some(server) = azurite() else { return };
    let (_front, cloud) = front(&server, |asked| {
        let headers = vec!["x-ms-error-code: AuthorizationPermissionMismatch".to_owned()];
        let denied = Fault::Answer { status: 403, headers, body: String::new() };
        asked.path.contains("/second?").then_some(denied)
    });
    let all = ["first", "second", "third"].map(|name| spec(name, BucketSettings::default()));
    let (first, second, third) = tokio::join!(
        cloud.create_bucket(&all[0]),
        cloud.create_bucket(&all[1]),
        cloud.create_bucket(&all[2]),
    );
    assert!(first.is_ok() && third.is_ok(), "the others are made");
    assert_eq!(second.expect_err("denied").kind, ProblemKind::Denied);
}
