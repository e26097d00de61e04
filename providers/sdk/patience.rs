//! Stores that are asked again: time limits, tries after a pause, and pauses that a server asks for.

use std::time::Duration;

use http::{Request, Response, StatusCode, header};
use opendal::layers::{RetryEvent, RetryLayer, TimeoutLayer};
use opendal::{Buffer, HttpBody, HttpTransport, HttpTransporter, Operator, Result};

/// How long a store is waited for, and how often it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For the answer to a request without much content.
    pub answer: Duration,
    /// For a piece of a content to come, or to be taken.
    pub content: Duration,
    /// Tries of a request that may succeed the next time.
    pub tries: usize,
}

impl Default for Patience {
    fn default() -> Self {
        // Several parts of an upload share a slow line.
        let (answer, content) = (Duration::from_secs(60), Duration::from_secs(300));
        Self { answer, content, tries: 7 }
    }
}

/// The store with time limits, and tries again after what may pass: throttling, faults of the server,
/// broken connections. Where the server says how long (`Retry-After`), nobody asks again before.
pub fn with_patience(store: Operator, patience: Patience) -> Operator {
    opendal::install_default();
    let context = store.base_context();
    let inner = context.http_transport().clone();
    // A pause is a part of the request that was refused, whose own time limit must not end it.
    let longest = patience.answer.min(patience.content) * 3 / 4;
    let transport = HttpTransporter::new(Pausing { inner, longest });
    let store = store.clone().with_context(context.with_http_transport(transport));
    let limits =
        TimeoutLayer::new().with_timeout(patience.answer).with_io_timeout(patience.content);
    let tries = RetryLayer::new()
        .with_jitter()
        .with_min_delay(Duration::from_millis(200))
        .with_max_delay(Duration::from_secs(20))
        .with_max_times(patience.tries.saturating_sub(1))
        .with_notify(|_: RetryEvent<'_>| {});
    store.layer(limits).layer(tries)
}

/// Hands a refusal on only when the pause is over that came with it.
struct Pausing {
    inner: HttpTransporter,
    /// A server that asks for more is asked again after this, and may refuse again.
    longest: Duration,
}

impl HttpTransport for Pausing {
    async fn fetch(&self, request: Request<Buffer>) -> Result<Response<HttpBody>> {
        let response = self.inner.fetch(request).await?;
        if let Some(pause) = asked_for(&response) {
            tokio::time::sleep(pause.min(self.longest)).await;
        }
        Ok(response)
    }
}

fn asked_for<B>(response: &Response<B>) -> Option<Duration> {
    let refused = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE];
    if !refused.contains(&response.status()) {
        return None;
    }
    let seconds = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_server_that_refuses_is_waited_for() {
        for (status, header, expected) in [
            (503, "7", Some(7)),
            (429, " 1 ", Some(1)),
            (200, "7", None),
            (503, "soon", None),
            (503, "", None),
        ] {
            let response = Response::builder().status(status).header("retry-after", header);
            let found = asked_for(&response.body(()).expect("a response"));
            assert_eq!(found, expected.map(Duration::from_secs), "{status} {header}");
        }
    }
}
