//! The bounded queue between requests and replicas.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A queue that many threads take from. It never blocks those who put in.
pub(crate) struct Queue<T> {
    capacity: usize,
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    waiting: VecDeque<T>,
    is_closed: bool,
    takers: usize,
}

/// Why something cannot be put in; it comes back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Full,
    Closed,
}

impl<T> Queue<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        let state = State { waiting: VecDeque::new(), is_closed: false, takers: 0 };
        Self { capacity, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Puts one in, if there is room.
    pub(crate) fn put(&self, item: T) -> Result<(), Refused> {
        let mut state = self.lock();
        if state.is_closed {
            return Err(Refused::Closed);
        }
        if state.waiting.len() >= self.capacity {
            return Err(Refused::Full);
        }
        state.waiting.push_back(item);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Takes the oldest out, and waits for one. `None` once the queue is closed and empty.
    pub(crate) fn take(&self) -> Option<T> {
        let mut state = self.lock();
        loop {
            if let Some(item) = state.waiting.pop_front() {
                return Some(item);
            }
            if state.is_closed {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Whether more go in.
    pub(crate) fn is_open(&self) -> bool {
        !self.lock().is_closed
    }

    /// No more go in; those within can still be taken.
    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_all();
    }

    /// Counts a taker for as long as what is returned lives.
    pub(crate) fn taker(&self) -> Taker<'_, T> {
        self.lock().takers += 1;
        Taker { queue: self }
    }

    /// Waits until there is no taker any more; whether that is so in the end.
    pub(crate) fn wait_for_takers(&self, longest: Duration) -> bool {
        let waited =
            self.changed.wait_timeout_while(self.lock(), longest, |state| state.takers > 0);
        waited.unwrap_or_else(PoisonError::into_inner).0.takers == 0
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One that takes from a queue.
pub(crate) struct Taker<'a, T> {
    queue: &'a Queue<T>,
}

impl<T> Drop for Taker<'_, T> {
    fn drop(&mut self) {
        self.queue.lock().takers -= 1;
        self.queue.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_comes_out_first_and_a_full_queue_refuses() {
        let queue = Queue::new(2);
        assert_eq!(queue.put(1), Ok(()));
        assert_eq!(queue.put(2), Ok(()));
        assert_eq!(queue.put(3), Err(Refused::Full));
        assert_eq!(queue.take(), Some(1));
        assert_eq!(queue.put(3), Ok(()));
        queue.close();
        assert_eq!(queue.put(4), Err(Refused::Closed));
        assert_eq!([queue.take(), queue.take(), queue.take()], [Some(2), Some(3), None]);
    }

    #[test]
    fn closing_wakes_those_who_wait() {
        let queue = Queue::<u8>::new(1);
        std::thread::scope(|scope| {
            let waiting = [scope.spawn(|| queue.take()), scope.spawn(|| queue.take())];
            queue.close();
            for thread in waiting {
                assert_eq!(thread.join().unwrap(), None);
            }
        });
    }

    #[test]
    fn takers_are_waited_for_no_longer_than_told() {
        let queue = Queue::<u8>::new(1);
        let taker = queue.taker();
        assert!(!queue.wait_for_takers(Duration::ZERO));
        drop(taker);
        assert!(queue.wait_for_takers(Duration::ZERO));
    }
}
