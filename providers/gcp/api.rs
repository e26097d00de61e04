//! The JSON API: requests with their proof, tried again where that can help.

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Method, Response, Url};
use serde_json::Value;
use skyform_provider_sdk::{Problem, ProblemKind};

use crate::auth::Service;
use crate::error;

/// How long one try may take.
const LIMIT: Duration = Duration::from_secs(60);

/// How often a request is tried, and how long before the second time; doubled each time.
const TRIES: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(400);

/// The longest pause that a server may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// A client of the storage service.
#[derive(Debug)]
pub(crate) struct Api {
    service: Service,
    client: OnceLock<Client>,
}

/// A request.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    /// Parts of the path after `/storage/v1/b`.
    pub(crate) path: &'a [&'a str],
    pub(crate) query: &'a [(&'a str, &'a str)],
    pub(crate) body: Option<&'a Value>,
    /// What it is about, in words.
    pub(crate) what: &'a str,
}

/// What came of one try.
enum Tried {
    Done(Value),
    Failed(Problem),
    /// May work after a pause, or the one that the server asked for.
    Again(Problem, Option<Duration>),
}

impl Api {
    pub(crate) fn new(service: Service) -> Self {
        Self { service, client: OnceLock::new() }
    }

    /// The client, which is made with the first request.
    fn client(&self, what: &str) -> Result<&Client, Problem> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let builder = Client::builder().timeout(LIMIT).connect_timeout(Duration::from_secs(10));
        let client = builder.build().map_err(|problem| error::unanswered(problem, what))?;
        Ok(self.client.get_or_init(|| client))
    }

    fn url(&self, call: &Call<'_>) -> Result<Url, Problem> {
        let text = format!("{}/storage/v1/b", self.service.url);
        let bad = |why: &str| {
            let detail = format!("{text}: {why}.");
            Problem::error(ProblemKind::Invalid, "Invalid endpoint", detail)
        };
        let mut url = Url::parse(&text).map_err(|error| bad(&error.to_string()))?;
        url.path_segments_mut().map_err(|()| bad("it has no path"))?.extend(call.path);
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(call.query);
        }
        Ok(url)
    }

    /// The answer to a request; null if it has no content.
    pub(crate) async fn call(&self, call: Call<'_>) -> Result<Value, Problem> {
        let url = self.url(&call)?;
        let client = self.client(call.what)?;
        let mut pause = FIRST_PAUSE;
        for tried in 1.. {
            let mut request = client.request(call.method.clone(), url.clone());
            if let Some(tokens) = &self.service.tokens {
                let token = tokens.get().await;
                let token = token.map_err(|why| error::denied(format!("{}: {why}.", call.what)))?;
                request = request.bearer_auth(token);
            }
            if let Some(body) = call.body {
                request = request.json(body);
            }
            let (problem, asked) = match request.send().await {
                Ok(response) => match taken(response, call.what).await {
                    Tried::Done(value) => return Ok(value),
                    Tried::Failed(problem) => return Err(problem),
                    Tried::Again(problem, asked) => (problem, asked),
                },
                Err(problem) => (error::unanswered(problem, call.what), None),
            };
            if tried >= TRIES {
                return Err(problem);
            }
            tokio::time::sleep(asked.unwrap_or(pause).min(LONGEST_PAUSE)).await;
            pause *= 2;
        }
        Err(error::refused(0, b"", call.what))
    }
}

/// What an answer means.
async fn taken(response: Response, what: &str) -> Tried {
    let status = response.status();
    let asked = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let asked = asked.and_then(|seconds| seconds.trim().parse().ok()).map(Duration::from_secs);
    let body = match response.bytes().await {
        Ok(body) => body,
        Err(problem) => return Tried::Again(error::unanswered(problem, what), None),
    };
    if status.is_success() {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Tried::Done(Value::Null);
        }
        return match serde_json::from_slice(&body) {
            Ok(value) => Tried::Done(value),
            Err(problem) => {
                let detail = format!("{what}: the answer cannot be read: {problem}.");
                Tried::Failed(Problem::error(ProblemKind::Other, "Cloud Storage failed", detail))
            }
        };
    }
    let problem = error::refused(status.as_u16(), &body, what);
    // The service asks to try again after these, and nothing else.
    match status.as_u16() {
        408 | 429 | 500 | 502 | 503 | 504 => Tried::Again(problem, asked),
        _ => Tried::Failed(problem),
    }
}

#[cfg(test)]
mod tests;
