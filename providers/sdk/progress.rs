//! How long work reports on its way.

/// Something that happened during an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgressEvent {
    /// So many of so many bytes (or rows, or objects) are done.
    Amount {
        /// Done so far.
        done: u64,
        /// In all, where known.
        total: Option<u64>,
        /// `bytes`, `rows`, `objects`.
        unit: &'static str,
    },
    /// What it is doing now, in a few words.
    Step(String),
}

/// Receives progress; called from any thread, must not block.
pub trait Progress: Send + Sync {
    /// Takes note of an event.
    fn report(&self, event: ProgressEvent);
}

/// Ignores progress.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn report(&self, _event: ProgressEvent) {}
}
