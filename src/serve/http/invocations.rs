//! What SageMaker asks of a container: `/ping`, and `/invocations` with requests in several forms.
//!
//! Source: "Use Your Own Inference Code with Hosting Services" of Amazon SageMaker's guide.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::answer::Failure;
use super::infer::{answer, refused, run, whole};
use super::router::describe;
use crate::service::Service;
use crate::wire::{self, Predictions};

/// Handed on from the caller by the service; it changes nothing of it.
const ATTRIBUTES: &str = "x-amzn-sagemaker-custom-attributes";
/// Asks what the model takes and gives, for which the service has no other way.
const DESCRIBE: &str = "skyform-describe";
const JSON: &str = "application/json";
const CSV: &str = "text/csv";

pub(super) async fn invocations(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    if of(&headers, ATTRIBUTES) == DESCRIBE {
        return Ok(describe(&service));
    }
    let given = of(&headers, header::CONTENT_TYPE.as_str());
    let body = whole(&service, body).await?;
    let translated = match given.as_str() {
        CSV => {
            let unreadable = |_| Failure::new(StatusCode::BAD_REQUEST, "The request is no text.");
            let text = std::str::from_utf8(&body).map_err(unreadable)?;
            wire::from_csv(text, &service.interface).map(Some)
        }
        "" | JSON => wire::from_json(&body, &service.interface),
        other => {
            let message = format!("{other} is not taken; {JSON} and {CSV} are.");
            return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
        }
    };
    let Some(request) = translated.map_err(refused)? else {
        return answer(&service, &body).await;
    };
    let request = wire::read(&request, &service.interface, service.settings.limits.rows);
    let request = request.map_err(refused)?;
    let outputs = run(&service, request.inputs, request.rows).await?;
    let named = service.interface.outputs.iter().zip(&outputs);
    let predictions = Predictions::new(request.rows, named).map_err(|output| {
        let message = format!("The output \"{output}\" is not by row; ask with `inputs`.");
        Failure::new(StatusCode::BAD_REQUEST, message)
    })?;
    let wanted = of(&headers, header::ACCEPT.as_str());
    let is_csv = wanted == CSV || given == CSV && wanted != JSON;
    Ok(if is_csv {
        ([(header::CONTENT_TYPE, CSV)], predictions.csv()).into_response()
    } else {
        ([(header::CONTENT_TYPE, JSON)], predictions.json()).into_response()
    })
}

/// A header without its parameters.
fn of(headers: &HeaderMap, name: &str) -> String {
    let value = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests;
