//! Counts and durations, in Prometheus' text format.

#[cfg(test)]
mod tests;

use std::sync::atomic::AtomicI64;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, prometheus_text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// The `Content-Type` of [`Metrics::text`].
pub(crate) const CONTENT_TYPE: &str = prometheus_text::CONTENT_TYPE;

/// Upper bounds of the durations that are told apart: a small network takes some microseconds.
const SECONDS: [f64; 18] = [
    0.000_005, 0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005,
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
];

/// What is counted.
pub(crate) struct Metrics {
    registry: Registry,
    model: String,
    requests: Family<Request, Counter>,
    duration: Histogram,
    rows: Counter,
    in_flight: Gauge<i64, AtomicI64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    model: String,
    /// What was asked for, such as `infer`.
    method: &'static str,
    /// The HTTP status.
    code: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Build {
    version: &'static str,
    runtime: &'static str,
}

impl Metrics {
    /// Metrics of one model, all at zero.
    pub(crate) fn new(model: &str, runtime: &'static str, replicas: usize) -> Self {
        let labels = [("model".into(), model.to_owned().into())];
        let mut registry = Registry::with_prefix("skyform");
        let requests = Family::<Request, Counter>::default();
        registry.register("requests", "Requests answered", requests.clone());
        let build = Family::<Build, Gauge>::default();
        build.get_or_create(&Build { version: env!("CARGO_PKG_VERSION"), runtime }).set(1);
        registry.register("build_info", "What runs here", build);

        let of_model = registry.sub_registry_with_labels(labels.into_iter());
        let duration = Histogram::new(SECONDS);
        of_model.register_with_unit(
            "inference_duration",
            "How long the model ran for a request, without the time in the queue",
            Unit::Seconds,
            duration.clone(),
        );
        let rows = Counter::default();
        of_model.register("rows", "Rows that the model answered", rows.clone());
        let in_flight = Gauge::<i64, AtomicI64>::default();
        of_model.register("in_flight", "Inferences that wait or run", in_flight.clone());
        let count = Gauge::<i64, AtomicI64>::default();
        count.set(i64::try_from(replicas).unwrap_or(i64::MAX));
        of_model.register("replicas", "Replicas of the model", count);
        Self { registry, model: model.to_owned(), requests, duration, rows, in_flight }
    }

    /// Counts a request that has been answered.
    pub(crate) fn answered(&self, method: &'static str, code: u16) {
        let request = Request { model: self.model.clone(), method, code };
        self.requests.get_or_create(&request).inc();
    }

    /// Counts a run of the model.
    pub(crate) fn ran(&self, rows: usize, took: Duration) {
        self.duration.observe(took.as_secs_f64());
        self.rows.inc_by(rows as u64);
    }

    /// Counts an inference as in flight for as long as what is returned lives.
    pub(crate) fn in_flight(&self) -> InFlight<'_> {
        self.in_flight.inc();
        InFlight { metrics: self }
    }

    /// Everything as text.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        prometheus_text::encode(&mut text, &self.registry)
            .expect("a string takes everything that is written to it");
        text
    }
}

/// An inference that waits or runs.
pub(crate) struct InFlight<'a> {
    metrics: &'a Metrics,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.metrics.in_flight.dec();
    }
}
