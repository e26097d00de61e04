//! What is going on at the moment, and since when.

use std::collections::BTreeMap;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use skyform_plan::ChangeAction;

/// How often an action that goes on for long is told of again.
const AGAIN: u64 = 10;

/// Actions that have begun and not ended, by the instance's address.
#[derive(Default)]
pub(crate) struct Running {
    entries: Mutex<BTreeMap<String, Entry>>,
}

struct Entry {
    action: ChangeAction,
    id: Option<String>,
    started: Instant,
    told: u64,
}

/// An action that goes on for long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Still {
    pub address: String,
    pub action: ChangeAction,
    pub id: Option<String>,
    pub seconds: u64,
}

impl Running {
    /// Takes note of an action that begins.
    pub(crate) fn begin(
        &self,
        address: &str,
        action: ChangeAction,
        id: Option<String>,
        now: Instant,
    ) {
        let entry = Entry { action, id, started: now, told: 0 };
        self.lock().insert(address.to_owned(), entry);
    }

    /// Takes note of its end; how many seconds it took.
    pub(crate) fn end(&self, address: &str, now: Instant) -> u64 {
        let entry = self.lock().remove(address);
        entry.map_or(0, |entry| now.saturating_duration_since(entry.started).as_secs())
    }

    /// Actions that have gone on for ten more seconds since they were told of last.
    pub(crate) fn due(&self, now: Instant) -> Vec<Still> {
        let mut due = Vec::new();
        for (address, entry) in self.lock().iter_mut() {
            let seconds = now.saturating_duration_since(entry.started).as_secs();
            let round = seconds / AGAIN;
            if round > entry.told {
                entry.told = round;
                due.push(Still {
                    address: address.clone(),
                    action: entry.action,
                    id: entry.id.clone(),
                    seconds: round * AGAIN,
                });
            }
        }
        due
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does something each second, for as long as it is kept.
pub(crate) struct Ticker {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    pub(crate) fn start(work: impl Fn() + Send + 'static) -> Self {
        let (stop, stopped) = channel::<()>();
        let thread = std::thread::spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(Duration::from_secs(1))
            {
                work();
            }
        });
        Self { stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_on_is_told_of_every_ten_seconds() {
        let running = Running::default();
        let start = Instant::now();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        running.begin("a", ChangeAction::Create, None, start);
        running.begin("b", ChangeAction::Delete, Some("7".to_owned()), at(5));
        let told = |seconds: u64| -> Vec<(String, u64)> {
            running.due(at(seconds)).into_iter().map(|s| (s.address, s.seconds)).collect()
        };
        assert!(told(9).is_empty());
        assert_eq!(told(11), [("a".to_owned(), 10)]);
        assert!(told(12).is_empty());
        assert_eq!(told(15), [("b".to_owned(), 10)]);
        assert_eq!(told(21), [("a".to_owned(), 20)]);
        assert_eq!(running.end("a", at(22)), 22);
        assert_eq!(told(39), [("b".to_owned(), 30)]);
        assert_eq!(running.end("never begun", at(40)), 0);
    }

    #[test]
    fn a_ticker_ends_with_its_owner() {
        let (said, heard) = channel();
        let ticker = Ticker::start(move || {
            let _ = said.send(());
        });
        drop(ticker);
        // The sender went with the thread, so waiting ends at once.
        while heard.recv().is_ok() {}
    }
}
