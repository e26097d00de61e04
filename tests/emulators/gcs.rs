//! Cloud Storage as it is, in front of fake-gcs-server: that one forgets what is set on a bucket.
//!
//! Requests are handed on. What is told about a bucket is kept beside and shown with it, as the service
//! does: labels, location, lifecycle, CORS, access; and the bucket's policy.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};

use crate::{Server, fake_gcs};

/// Cloud Storage by fake-gcs-server, with what is set on buckets; no credentials.
pub fn gcs() -> Option<Gcs> {
    fake_gcs().map(Gcs::before)
}

/// Cloud Storage. Ends when this is dropped.
#[derive(Debug)]
pub struct Gcs {
    url: String,
    /// Its end ends the thread that answers.
    _running: tokio::sync::oneshot::Sender<()>,
    _behind: Server,
}

impl Gcs {
    /// Where it is reached, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn before(behind: Server) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("it can wait");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let at = behind.url().to_owned();
        let (running, ended) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).expect("it listens");
                let client = reqwest::Client::new();
                let front = Arc::new(Front { behind: at, client, kept: Mutex::default() });
                let router = Router::new().fallback(answer).with_state(front);
                tokio::select! {
                    _ = async { axum::serve(listener, router).await } => {}
                    _ = ended => {}
                }
            });
        });
        Self { url, _running: running, _behind: behind }
    }
}

struct Front {
    behind: String,
    client: reqwest::Client,
    /// What is told about each bucket, and its policy.
    kept: Mutex<BTreeMap<String, Kept>>,
}

#[derive(Default)]
struct Kept {
    told: Map<String, Value>,
    policy: Option<Value>,
}

async fn answer(State(front): State<Arc<Front>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, 1 << 30).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let path = head.uri.path().to_owned();
    let told: Value = serde_json::from_slice(&body).unwrap_or_default();
    let parts: Vec<&str> = path.trim_start_matches("/storage/v1/b").split('/').collect();
    let bucket = match parts.as_slice() {
        _ if !path.starts_with("/storage/v1/b") || path.starts_with("/storage/v1/b/-") => None,
        [""] if head.method == Method::POST => told["name"].as_str(),
        ["", bucket] => Some(*bucket),
        ["", bucket, "iam"] => return front.policy(&head.method, bucket, told),
        _ => None,
    };
    let whole = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let Ok((status, headers, answer)) =
        front.hand_on(&head.method, whole, head.headers, body).await
    else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    match bucket {
        Some(bucket) if status.is_success() => {
            let shown = front.take(&head.method, bucket, &told, &answer);
            (status, json_answer(&shown)).into_response()
        }
        _ => (status, headers, Body::from(answer)).into_response(),
    }
}

impl Front {
    async fn hand_on(
        &self,
        method: &Method,
        path: &str,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> reqwest::Result<(StatusCode, HeaderMap, Bytes)> {
        for own in ["host", "content-length", "transfer-encoding", "connection"] {
            headers.remove(own);
        }
        let request = self.client.request(method.clone(), format!("{}{path}", self.behind));
        let answer = request.headers(headers).body(body).send().await?;
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        for own in ["content-length", "transfer-encoding", "connection"] {
            headers.remove(own);
        }
        Ok((status, headers, answer.bytes().await?))
    }

    /// Takes note of what was told about a bucket; what is shown of it.
    fn take(&self, method: &Method, bucket: &str, told: &Value, answer: &Bytes) -> Value {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if *method == Method::DELETE {
            kept.remove(bucket);
            return Value::Null;
        }
        let about = kept.entry(bucket.to_owned()).or_default();
        if *method == Method::POST || *method == Method::PATCH {
            merge(&mut about.told, told);
        }
        let mut shown: Value = serde_json::from_slice(answer).unwrap_or_default();
        if let Some(shown) = shown.as_object_mut() {
            for (name, value) in &about.told {
                shown.insert(name.clone(), value.clone());
            }
        }
        shown
    }

    fn policy(&self, method: &Method, bucket: &str, told: Value) -> Response {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(about) = kept.get_mut(bucket) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        if *method == Method::PUT {
            about.policy = Some(told);
        }
        let none = || json!({ "kind": "storage#policy", "etag": "CAE=", "bindings": [] });
        json_answer(&about.policy.clone().unwrap_or_else(none))
    }
}

fn json_answer(value: &Value) -> Response {
    ([(CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// A merge patch, as RFC 7396 has it.
fn merge(into: &mut Map<String, Value>, patch: &Value) {
    for (name, value) in patch.as_object().into_iter().flatten() {
        match value {
            Value::Null => drop(into.remove(name)),
            Value::Object(_) => {
                let inner = into.entry(name.clone()).or_insert_with(|| json!({}));
                if !inner.is_object() {
                    *inner = json!({});
                }
                if let Some(inner) = inner.as_object_mut() {
                    merge(inner, value);
                }
            }
            other => drop(into.insert(name.clone(), other.clone())),
        }
    }
}
