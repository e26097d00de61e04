//! HTTP requests that are tried again, and what their answers mean.

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Client, RequestBuilder, StatusCode};
use skyform_state::{RemoteError, RemoteErrorKind};

/// How long one try of a request may take.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// How often and how patiently requests are tried again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    pub(crate) retries: u64,
    pub(crate) shortest: Duration,
    pub(crate) longest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let (shortest, longest) = (Duration::from_millis(200), Duration::from_secs(10));
        Self { retries: 5, shortest, longest }
    }
}

/// An HTTP client that tries again.
#[derive(Clone, Debug)]
pub(crate) struct Calls {
    pub(crate) client: Client,
    pub(crate) patience: Patience,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Calls {
    /// Sends a request, which is made anew for each try, until there is an answer that is worth
    /// looking at.
    pub(crate) async fn send(
        &self,
        make: impl Fn(&Client) -> RequestBuilder,
    ) -> Result<Answer, RemoteError> {
        let mut wait = self.patience.shortest;
        let mut left = self.patience.retries;
        loop {
            let tried = try_once(make(&self.client).timeout(DEADLINE)).await;
            let asked = match &tried {
                Ok(answer) if !is_passing(answer.status) => return tried,
                Ok(answer) => asked_to_wait(&answer.headers),
                Err(_) => None,
            };
            if left == 0 {
                return tried;
            }
            left -= 1;
            tokio::time::sleep(asked.unwrap_or(wait).min(self.patience.longest)).await;
            wait = (wait * 2).min(self.patience.longest);
        }
    }
}

async fn try_once(request: RequestBuilder) -> Result<Answer, RemoteError> {
    let failed = |error: reqwest::Error| {
        RemoteError::new(RemoteErrorKind::Unreachable, chain(&error.without_url()))
    };
    let response = request.send().await.map_err(failed)?;
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.bytes().await.map_err(failed)?.to_vec();
    Ok(Answer { status, headers, body })
}

/// Whether the same request may be answered otherwise in a moment.
fn is_passing(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS
        || status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED
}

fn asked_to_wait(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get("retry-after")?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The answer as an error, with what the server said of it.
    pub(crate) fn error(&self) -> RemoteError {
        let kind = match self.status.as_u16() {
            401 | 403 => RemoteErrorKind::Denied,
            404 => RemoteErrorKind::Missing,
            409 | 412 => RemoteErrorKind::Changed,
            429 | 500 | 502..=504 => RemoteErrorKind::Unreachable,
            _ => RemoteErrorKind::Other,
        };
        let text = String::from_utf8_lossy(&self.body);
        let text = text.trim();
        let said = match text.lines().next() {
            Some(line) if text.lines().count() == 1 && line.len() <= 200 => format!(": {line}"),
            _ => String::new(),
        };
        RemoteError::new(kind, format!("the answer was HTTP {}{said}", self.status))
    }
}

/// An error with all that led to it.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let more = cause.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        next = cause.source();
    }
    text
}
