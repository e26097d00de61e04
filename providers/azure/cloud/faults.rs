//! What goes wrong between here and a storage account, and what becomes of it.

use std::sync::atomic::{AtomicUsize, Ordering};

use skyform_emulators::{Fault, Faulty, azurite};
use skyform_provider_sdk::{BucketSettings, ProblemKind};

use super::tests::{KEY, cloud, spec};

/// A fault for the first requests of a method.
fn first(
    count: usize,
    method: &'static str,
    fault: Fault,
) -> impl Fn(&skyform_emulators::Asked) -> Option<Fault> + Send + Sync + 'static {
    let seen = AtomicUsize::new(0);
    move |asked| {
        let is_one = asked.method == method && seen.fetch_add(1, Ordering::Relaxed) < count;
        is_one.then(|| fault.clone())
    }
}

fn busy() -> Fault {
    Fault::error(503, "ServerBusy").with("x-ms-error-code: ServerBusy").with("Retry-After: 0")
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    let Some(server) = azurite() else { return };
    for (name, fault) in
        [("busy", busy()), ("cut", Fault::BreakBefore), ("lost", Fault::BreakAfter)]
    {
        let faulty = Faulty::before(&server, first(1, "PUT", fault));
        let cloud = cloud(&format!("{}/{}", faulty.url(), skyform_emulators::AZURITE_ACCOUNT), KEY);
        let wanted = spec(name, BucketSettings::default());
        // A connection that broke may have carried the order there: then the next try finds it.
        let made = match cloud.create_bucket(&wanted).await {
            Err(problem) if problem.kind == ProblemKind::InDoubt => {
                cloud.create_bucket(&wanted).await
            }
            other => other,
        };
        let made = made.unwrap_or_else(|problem| panic!("{name}: {problem:?}"));
        assert_eq!(made.token, wanted.token, "{name}");
        cloud.write_object(name, "a/b", b"content".to_vec()).await.expect("written");
        let read = cloud.read_object(name, "a/b").await.expect("read");
        assert_eq!(read.as_deref(), Some(b"content".as_slice()));
    }
}

#[tokio::test]
async fn objects_come_through_a_bad_connection() {
    let Some(server) = azurite() else { return };
    for (method, fault) in
        [("PUT", busy()), ("PUT", Fault::BreakAfter), ("GET", Fault::BreakBefore), ("GET", busy())]
    {
        let plain = cloud(server.url(), KEY);
        plain.create_bucket(&spec("data", BucketSettings::default())).await.expect("made");
        let faulty = Faulty::before(&server, first(2, method, fault.clone()));
        let cloud = cloud(&format!("{}/{}", faulty.url(), skyform_emulators::AZURITE_ACCOUNT), KEY);
        cloud.write_object("data", "a", vec![7; 5000]).await.expect("written");
        let read = cloud.read_object("data", "a").await.expect("read");
        assert_eq!(read, Some(vec![7; 5000]), "{method} {fault:?}");
    }
}
