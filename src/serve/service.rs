//! One model, ready to answer.

use std::sync::Arc;
use std::time::Duration;

use crate::http;
use crate::interface::Interface;
use crate::load_error::LoadError;
use crate::metrics::Metrics;
use crate::pool::Pool;
use crate::runtime::{LoadedModel, RuntimeKind};

/// What a model is served as.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The model's name in addresses.
    pub name: String,
    /// Its version.
    pub version: String,
    /// A token that the server shows, by which its starter knows it again.
    pub instance: Option<String>,
    /// How many requests are worked on at the same time; at least one.
    pub replicas: usize,
    /// How much is taken on.
    pub limits: Limits,
}

/// How much a server takes on.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest body of a request.
    pub body_bytes: usize,
    /// The most rows in a request.
    pub rows: usize,
    /// How many requests may wait for a replica.
    pub queue: usize,
    /// How long a request's body may take to come, and its answer to be found.
    pub wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body_bytes: 16 << 20, rows: 10_000, queue: 1024, wait: Duration::from_secs(30) }
    }
}

/// A model with its replicas.
pub struct Service {
    pub(crate) settings: Settings,
    pub(crate) interface: Interface,
    pub(crate) runtime: RuntimeKind,
    pub(crate) pool: Pool,
    pub(crate) metrics: Metrics,
}

impl Service {
    /// Starts the replicas of a model.
    ///
    /// # Errors
    /// [`LoadError::Replicas`] if a thread or a replica cannot be made.
    pub fn start(model: &LoadedModel, mut settings: Settings) -> Result<Arc<Self>, LoadError> {
        settings.replicas = settings.replicas.max(1);
        let pool = Pool::start(&model.0, settings.replicas, settings.limits.queue)
            .map_err(LoadError::Replicas)?;
        let runtime = model.runtime();
        let metrics = Metrics::new(&settings.name, runtime.name(), settings.replicas);
        let interface = model.interface().clone();
        Ok(Arc::new(Self { settings, interface, runtime, pool, metrics }))
    }

    /// Everything that the server answers to.
    pub fn router(self: &Arc<Self>) -> axum::Router {
        http::router(self)
    }
}
