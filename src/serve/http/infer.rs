//! Inference: body to tensors, through a replica, and back.

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use tokio::time::timeout;

use super::answer::{Failure, json};
use super::router::ModelPath;
use crate::pool::PoolError;
use crate::service::Service;
use crate::tensor::Tensor;
use crate::wire::{self, InferResponse, OutputBody, Refusal};

pub(super) async fn infer(
    State(service): State<Arc<Service>>,
    _: ModelPath,
    body: Body,
) -> Result<Response, Failure> {
    let body = whole(&service, body).await?;
    answer(&service, &body).await
}

/// Answers a request of the protocol.
pub(super) async fn answer(service: &Service, body: &[u8]) -> Result<Response, Failure> {
    let request = wire::read(body, &service.interface, service.settings.limits.rows);
    let request = request.map_err(refused)?;
    let outputs = run(service, request.inputs, request.rows).await?;
    let wanted = request.outputs.iter().filter_map(|&place| {
        let tensor = outputs.get(place)?;
        Some(OutputBody::new(&service.interface.outputs[place], tensor))
    });
    Ok(json(&InferResponse {
        model_name: &service.settings.name,
        model_version: &service.settings.version,
        id: request.id.as_deref(),
        outputs: wanted.collect(),
    }))
}

/// A request's body.
pub(super) async fn whole(service: &Service, body: Body) -> Result<Bytes, Failure> {
    let limits = service.settings.limits;
    let too_large = |_| {
        let most = limits.body_bytes;
        let message = format!("The request is longer than {most} bytes, the most that is taken.");
        Failure::new(StatusCode::PAYLOAD_TOO_LARGE, message)
    };
    let body = timeout(limits.wait, to_bytes(body, limits.body_bytes)).await;
    let late = |_| Failure::new(StatusCode::REQUEST_TIMEOUT, "The request did not come in time.");
    body.map_err(late)?.map_err(too_large)
}

/// What the model says, all outputs in its order.
pub(super) async fn run(
    service: &Service,
    inputs: Vec<Tensor>,
    rows: usize,
) -> Result<Vec<Tensor>, Failure> {
    let _in_flight = service.metrics.in_flight();
    let run = timeout(service.settings.limits.wait, service.pool.run(inputs)).await;
    let late = || Failure::new(StatusCode::GATEWAY_TIMEOUT, "No replica answered in time.");
    let answer = run.map_err(|_| late())?.map_err(failed)?;
    service.metrics.ran(rows, answer.took);
    Ok(answer.outputs)
}

pub(super) fn refused(refusal: Refusal) -> Failure {
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
