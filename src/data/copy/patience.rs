//! Waits as long as a server asks for before it is asked again.

use std::time::Duration;

use http::{Request, Response, StatusCode, header};
use opendal::{Buffer, HttpBody, HttpTransport, HttpTransporter, Operator, Result};

/// A server that asks for more is asked again after this.
const LONGEST: Duration = Duration::from_secs(60);

/// The store, whose retries wait for as long as the server says.
pub(super) fn patient(store: &Operator) -> Operator {
    let context = store.base_context();
    let transport = HttpTransporter::new(Patient { inner: context.http_transport().clone() });
    store.clone().with_context(context.with_http_transport(transport))
}

struct Patient {
    inner: HttpTransporter,
}

impl HttpTransport for Patient {
    async fn fetch(&self, request: Request<Buffer>) -> Result<Response<HttpBody>> {
        let response = self.inner.fetch(request).await?;
        if let Some(wait) = asked_for(&response) {
            tokio::time::sleep(wait.min(LONGEST)).await;
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
