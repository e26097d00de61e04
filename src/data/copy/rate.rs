//! A limit on bytes a second.

use std::num::NonZeroU64;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// A bucket that fills with so many bytes a second, and holds those of one second.
#[derive(Debug)]
pub(super) struct Limit {
    bytes_per_second: NonZeroU64,
    /// When everything that was taken until now has been waited for.
    paid: Mutex<Option<Instant>>,
}

impl Limit {
    pub(super) fn new(bytes_per_second: NonZeroU64) -> Limit {
        Limit { bytes_per_second, paid: Mutex::default() }
    }

    /// Waits until so many bytes may go.
    pub(super) async fn take(&self, bytes: u64) {
        let until = self.reserve(bytes, Instant::now());
        sleep_until(until).await;
    }

    /// When bytes that are asked for at a time may go. Each call has its own turn.
    fn reserve(&self, bytes: u64, now: Instant) -> Instant {
        let cost = Duration::from_secs_f64(bytes as f64 / self.bytes_per_second.get() as f64);
        let mut paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        let full = now.checked_sub(Duration::from_secs(1)).unwrap_or(now);
        let until = paid.map_or(full, |paid| paid.max(full)) + cost;
        *paid = Some(until);
        until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_wait_for_their_turn() {
        let limit = Limit::new(NonZeroU64::new(100).expect("not zero"));
        let now = Instant::now() + Duration::from_secs(60);
        // One second's worth is there at the start; then it is 100 a second.
        assert_eq!(limit.reserve(100, now), now);
        assert_eq!(limit.reserve(50, now), now + Duration::from_millis(500));
        assert_eq!(limit.reserve(200, now), now + Duration::from_millis(2500));
        // What was not used for long does not add up.
        let later = now + Duration::from_secs(3600);
        assert_eq!(limit.reserve(100, later), later);
    }
}
