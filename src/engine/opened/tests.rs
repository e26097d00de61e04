//! Leases that are renewed until they are closed, or until that fails.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use skyform_provider_sdk::{
    ApplyRequest, ApplyResponse, ConfigureRequest, PlanRequest, PlanResponse, Problem, ProblemKind,
    ProviderSchema, ReadRequest, ReadResponse,
};

use super::*;

/// Renews so often, then fails. Its private bytes count the renewals.
struct Leases {
    schema: ProviderSchema,
    most: u8,
    closed: Mutex<Vec<Vec<u8>>>,
}

fn unsupported() -> Problem {
    Problem::error(ProblemKind::Unsupported, "Not supported", "This is about leases.")
}

#[async_trait]
impl Provider for Leases {
    fn schema(&self) -> &ProviderSchema {
        &self.schema
    }

    async fn configure(&self, _: ConfigureRequest) -> Result<Problems, Problems> {
        Ok(Problems::new())
    }

    async fn read(&self, _: ReadRequest<'_>) -> Result<ReadResponse, Problems> {
        Err(unsupported().into())
    }

    async fn plan(&self, _: PlanRequest<'_>) -> Result<PlanResponse, Problems> {
        Err(unsupported().into())
    }

    async fn apply(&self, request: ApplyRequest<'_>) -> ApplyResponse {
        let problems = unsupported().into();
        ApplyResponse { state: request.prior, private: request.private, problems }
    }

    async fn renew(&self, _: &str, private: Vec<u8>) -> Result<Lease, Problems> {
        let count = private[0] + 1;
        if count > self.most {
            return Err(Problem::error(ProblemKind::Denied, "Lease is over", "No more.").into());
        }
        Ok(Lease { private: vec![count], renew_in: Some(Duration::from_millis(1)) })
    }

    async fn close(&self, _: &str, private: Vec<u8>) -> Problems {
        self.closed.lock().expect("not poisoned").push(private);
        Problems::new()
    }
}

/// Events by name.
#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Events for Heard {
    fn event(&self, event: Event) {
        let text = match event {
            Event::EphemeralStarted { step, .. } => format!("{} ...", step.name()),
            Event::EphemeralFinished { step, .. } => format!("{} done", step.name()),
            Event::EphemeralFailed { step, .. } => format!("{} failed", step.name()),
            other => format!("{other:?}"),
        };
        self.0.lock().expect("not poisoned").push(text);
    }
}

/// Keeps a lease until it has been renewed `until` times or a renewal has failed, and closes it.
fn kept(most: u8, until: usize) -> (Vec<Vec<u8>>, Vec<String>, Problems) {
    let provider =
        Arc::new(Leases { schema: ProviderSchema::default(), most, closed: Mutex::default() });
    let heard = Arc::new(Heard::default());
    let keeper = Keeper {
        provider: Arc::clone(&provider) as Arc<dyn Provider>,
        type_name: "lease".into(),
        address: "ephemeral.lease.a".to_owned(),
        events: Arc::clone(&heard) as Arc<dyn Events>,
    };
    let lease = Lease { private: vec![0], renew_in: Some(Duration::from_millis(1)) };
    let closing = CancellationToken::new();
    let is_enough = || {
        let heard = heard.0.lock().expect("not poisoned");
        let failed = heard.iter().any(|text| text == "renew failed");
        failed || heard.iter().filter(|text| *text == "renew done").count() >= until
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let problems = runtime.expect("a runtime").block_on(async {
        let stop = async {
            while !is_enough() {
                tokio::task::yield_now().await;
            }
            closing.cancel();
        };
        let keep = keeper.keep(lease, Problems::new(), closing.clone());
        let ((lease, mut problems), ()) = futures::future::join(keep, stop).await;
        problems.extend(keeper.close(lease).await);
        problems
    });
    let closed = provider.closed.lock().expect("not poisoned").clone();
    let heard = heard.0.lock().expect("not poisoned").clone();
    (closed, heard, problems)
}

#[test]
fn a_lease_is_renewed_until_it_is_closed() {
    let (closed, heard, problems) = kept(u8::MAX, 3);
    assert!(problems.is_empty());
    assert_eq!(closed.len(), 1);
    assert!(closed[0][0] >= 3, "closed with its last lease: {closed:?}");
    assert_eq!(heard[..4], ["renew ...", "renew done", "renew ...", "renew done"]);
    assert_eq!(heard[heard.len() - 2..], ["close ...", "close done"]);
}

#[test]
fn a_renewal_that_fails_is_said_and_the_lease_is_closed_all_the_same() {
    let (closed, heard, problems) = kept(1, 9);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].summary, "Lease is over");
    assert_eq!(closed, [[1]]);
    let order = ["renew ...", "renew done", "renew ...", "renew failed", "close ...", "close done"];
    assert_eq!(heard, order);
}
