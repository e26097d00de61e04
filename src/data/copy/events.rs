//! What a copy tells while it goes on.

use std::time::Duration;

/// Something that happened.
#[derive(Clone, Debug)]
pub enum CopyEvent<'e> {
    /// Both sides are listed and compared.
    Planned {
        /// Objects that will be copied.
        objects: u64,
        /// Their bytes.
        bytes: u64,
    },
    /// An object is begun.
    Started {
        /// Its path.
        path: &'e str,
        /// Its size in bytes.
        size: u64,
    },
    /// Bytes of an object are on their way, or were there already.
    Moved {
        /// The object's path.
        path: &'e str,
        /// How many more.
        bytes: u64,
    },
    /// An object is there, whole and checked.
    Copied {
        /// Its path.
        path: &'e str,
    },
    /// An object was not copied.
    Failed {
        /// Its path.
        path: &'e str,
    },
    /// An object that the source does not have is gone from the destination.
    Deleted {
        /// Its path.
        path: &'e str,
    },
}

/// Listens to a copy, from any thread.
pub trait CopyEvents: Send + Sync {
    /// Something happened.
    fn event(&self, event: CopyEvent<'_>);
}

/// Listens to nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl CopyEvents for Silent {
    fn event(&self, _: CopyEvent<'_>) {}
}

/// How fast a copy is, and how long it still takes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Meter {
    /// All bytes that are to be moved.
    pub total: u64,
    /// Those that are.
    pub moved: u64,
    /// Since the first of them was.
    pub elapsed: Duration,
}

impl Meter {
    /// Bytes a second.
    pub fn rate(&self) -> f64 {
        let seconds = self.elapsed.as_secs_f64();
        if seconds > 0.0 { self.moved as f64 / seconds } else { 0.0 }
    }

    /// At the rate until now; none before anything was moved.
    pub fn time_left(&self) -> Option<Duration> {
        let rate = self.rate();
        let left = self.total.saturating_sub(self.moved) as f64;
        (rate > 0.0).then(|| Duration::try_from_secs_f64(left / rate).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meter_tells_rate_and_time_left() {
        let meter = Meter { total: 300, moved: 100, elapsed: Duration::from_secs(4) };
        assert_eq!(meter.rate(), 25.0);
        assert_eq!(meter.time_left(), Some(Duration::from_secs(8)));
        let begun = Meter { total: 300, ..Meter::default() };
        assert_eq!((begun.rate(), begun.time_left()), (0.0, None));
    }
}
