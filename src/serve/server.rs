//! Listening, and an end in good order.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::service::Service;

/// How serving ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every request that had begun was answered.
    InOrder,
    /// Requests were still running when the time for them was over.
    CutOff,
}

/// Serves until `shutdown` is done, then lets requests in flight finish for as long as `grace`.
///
/// # Errors
/// If the listener fails.
pub async fn serve(
    service: Arc<Service>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
    grace: Duration,
) -> io::Result<Ended> {
    let (stopping, stopped) = oneshot::channel();
    let asked_to_stop = async move {
        shutdown.await;
        // The receiver lives as long as this does.
        let _ = stopping.send(());
    };
    let serving = axum::serve(listener, service.router()).with_graceful_shutdown(asked_to_stop);
    let mut serving = pin!(serving.into_future());
    tokio::select! {
        ended = &mut serving => ended?,
        Ok(()) = stopped => match timeout(grace, serving).await {
            Ok(ended) => ended?,
            Err(_) => return Ok(Ended::CutOff),
        },
    }
    // All connections are closed, so the replicas have nothing left to do but end.
    Ok(if service.pool.stop(Duration::from_secs(1)) { Ended::InOrder } else { Ended::CutOff })
}
