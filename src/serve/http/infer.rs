//! Inference: body to tensors, through a replica, and back.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use tokio::time::timeout;

use super::answer::{Failure, json};
use super::router::ModelPath;
use crate::pool::PoolError;
use crate::service::Service;
use crate::wire::{self, InferResponse, OutputBody, Refusal};

pub(super) async fn infer(
    State(service): State<Arc<Service>>,
    _: ModelPath,
    body: Body,
) -> Result<Response, Failure> {
    let limits = service.settings.limits;
    let too_large = |_| {
        let most = limits.body_bytes;
        let message = format!("The request is longer than {most} bytes, the most that is taken.");
        Failure::new(StatusCode::PAYLOAD_TOO_LARGE, message)
    };
    let body = timeout(limits.wait, to_bytes(body, limits.body_bytes)).await;
    let body = body
        .map_err(|_| {
            Failure::new(StatusCode::REQUEST_TIMEOUT, "The request did not come in time.")
        })?
        .map_err(too_large)?;
    let request = wire::read(&body, &service.interface, limits.rows).map_err(refused)?;

    let _in_flight = service.metrics.in_flight();
    let run = timeout(limits.wait, service.pool.run(request.inputs)).await;
    let late = || Failure::new(StatusCode::GATEWAY_TIMEOUT, "No replica answered in time.");
    let answer = run.map_err(|_| late())?.map_err(failed)?;
    service.metrics.ran(request.rows, answer.took);

    let outputs = request.outputs.iter().filter_map(|&place| {
        let tensor = answer.outputs.get(place)?;
        Some(OutputBody::new(&service.interface.outputs[place], tensor))
    });
    Ok(json(&InferResponse {
        model_name: &service.settings.name,
        model_version: &service.settings.version,
        id: request.id.as_deref(),
        outputs: outputs.collect(),
    }))
}

fn refused(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::Wrong(message) => Failure::new(StatusCode::BAD_REQUEST, message),
        Refusal::TooManyRows { rows, most } => {
            let message =
                format!("The request has {rows} rows, where {most} are the most at once.");
            Failure::new(StatusCode::PAYLOAD_TOO_LARGE, message)
        }
    }
}

fn failed(error: PoolError) -> Failure {
    match error {
        PoolError::Full | PoolError::Closed => Failure::new(
            StatusCode::SERVICE_UNAVAILABLE,
            format!("The model cannot answer now: {error}."),
        ),
        PoolError::Run(error) => Failure::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("The model failed on these inputs: {error}."),
        ),
    }
}
