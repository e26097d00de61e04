//! Routes of the Open Inference Protocol v2, and of the metrics.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, MatchedPath, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::json;

use super::answer::{Failure, json};
use super::infer::infer;
use super::invocations::invocations;
use crate::metrics;
use crate::service::{Service, Settings};
use crate::wire::{Index, ModelMetadata, ServerMetadata};

/// Everything that the server answers to.
pub(crate) fn router(service: &Arc<Service>) -> Router {
    let mut router = Router::new()
        .route("/ping", get(ready))
        .route("/invocations", post(invocations))
        .route("/v2", get(server_metadata))
        .route("/v2/health/live", get(live))
        .route("/v2/health/ready", get(ready))
        .route("/v2/repository/index", post(index))
        .route("/metrics", get(text_of_metrics));
    for path in ["/v2/models/{name}", "/v2/models/{name}/versions/{version}"] {
        router = router
            .route(path, get(model_metadata))
            .route(&format!("{path}/ready"), get(model_ready))
            .route(&format!("{path}/infer"), post(infer));
    }
    router
        .fallback(no_route)
        .method_not_allowed_fallback(no_method)
        .layer(from_fn_with_state(Arc::clone(service), count))
        .with_state(Arc::clone(service))
}

/// A path that names this server's model, and its version if it names one.
pub(super) struct ModelPath;

#[derive(Deserialize)]
struct Names {
    name: String,
    version: Option<String>,
}

impl FromRequestParts<Arc<Service>> for ModelPath {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        service: &Arc<Service>,
    ) -> Result<Self, Self::Rejection> {
        let Path(names) = Path::<Names>::from_request_parts(parts, service)
            .await
            .map_err(|error| Failure::new(StatusCode::BAD_REQUEST, error.body_text()))?;
        let (name, version) = (&service.settings.name, &service.settings.version);
        let missing = if names.name != *name {
            format!("There is no model \"{}\" here; this server has \"{name}\".", names.name)
        } else if let Some(other) = names.version.filter(|given| given != version) {
            format!("There is no version \"{other}\" of \"{name}\" here; it is \"{version}\".")
        } else {
            return Ok(Self);
        };
        Err(Failure::new(StatusCode::NOT_FOUND, missing))
    }
}

async fn server_metadata(State(service): State<Arc<Service>>) -> Response {
    json(&ServerMetadata {
        name: "skyform",
        version: env!("CARGO_PKG_VERSION"),
        extensions: &["model_repository", "metrics"],
        instance: service.settings.instance.as_deref(),
    })
}

async fn live() -> Response {
    json(&json!({"live": true}))
}

/// The model is loaded and has answered before the server listens; it is not while the server ends.
async fn ready(State(service): State<Arc<Service>>) -> Result<Response, Failure> {
    if service.pool.is_open() {
        return Ok(json(&json!({"ready": true})));
    }
    Err(Failure::new(StatusCode::SERVICE_UNAVAILABLE, "The server is stopping."))
}

async fn model_metadata(State(service): State<Arc<Service>>, _: ModelPath) -> Response {
    describe(&service)
}

/// What the model takes and gives.
pub(super) fn describe(service: &Service) -> Response {
    let settings = &service.settings;
    let runtime = service.runtime.name();
    json(&ModelMetadata::new(&settings.name, &settings.version, runtime, &service.interface))
}

async fn model_ready(State(service): State<Arc<Service>>, _: ModelPath) -> Response {
    json(&json!({"name": service.settings.name, "ready": true}))
}

async fn index(State(service): State<Arc<Service>>) -> Response {
    let Settings { name, version, .. } = &service.settings;
    json(&[Index { name, version, state: "READY" }])
}

async fn text_of_metrics(State(service): State<Arc<Service>>) -> Response {
    ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], service.metrics.text()).into_response()
}

async fn no_route(uri: Uri) -> Failure {
    let message = format!("There is nothing at {}.", uri.path());
    Failure::new(StatusCode::NOT_FOUND, message)
}

async fn no_method(method: Method, uri: Uri) -> Failure {
    let message = format!("{} does not take {method}.", uri.path());
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, message)
}

/// Counts every answer.
async fn count(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let method = asked_for(path.unwrap_or_default());
    let response = next.run(request).await;
    service.metrics.answered(method, response.status().as_u16());
    response
}

/// What a route is for, as the metrics name it.
fn asked_for(route: &str) -> &'static str {
    match route {
        "/ping" => "ping",
        "/invocations" => "invocations",
        "/v2" => "server_metadata",
        "/v2/health/live" => "live",
        "/v2/health/ready" => "ready",
        "/v2/repository/index" => "repository_index",
        "/metrics" => "metrics",
        _ if route.ends_with("/infer") => "infer",
        _ if route.ends_with("/ready") => "model_ready",
        _ if route.starts_with("/v2/models/") => "model_metadata",
        _ => "unknown",
    }
}
