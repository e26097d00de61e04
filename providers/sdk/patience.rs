//! Stores that are asked again: time limits, and tries after a pause.

use std::time::Duration;

use opendal::Operator;
use opendal::layers::{RetryLayer, TimeoutLayer};

/// How long a request without much content may take, and how long nothing of a content may come.
const LIMIT: Duration = Duration::from_secs(60);
const IO_LIMIT: Duration = Duration::from_secs(30);

/// The store with a time limit on each request, and tries again after what may pass: throttling,
/// faults of the server, broken connections.
pub fn with_patience(store: Operator) -> Operator {
    opendal::install_default();
    let tries = RetryLayer::new()
        .with_jitter()
        .with_min_delay(Duration::from_millis(300))
        .with_max_delay(Duration::from_secs(30))
        .with_max_times(6);
    store.layer(TimeoutLayer::new().with_timeout(LIMIT).with_io_timeout(IO_LIMIT)).layer(tries)
}
