//! Work on items, side by side on a few threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Runs work on items on a few threads; answers come in the items' order.
pub(crate) fn side_by_side<T: Sync, A: Send>(
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> A + Sync,
) -> Vec<A> {
    if items.len() < 2 || threads < 2 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let answers: Mutex<Vec<(usize, A)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.min(items.len()) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { return };
                    let answer = work(item);
                    let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
                    answers.push((index, answer));
                }
            });
        }
    });
    let mut answers = answers.into_inner().unwrap_or_else(PoisonError::into_inner);
    answers.sort_by_key(|(index, _)| *index);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_the_order_of_the_items() {
        let items: Vec<u64> = (0..100).collect();
        for threads in [1, 2, 7] {
            assert_eq!(side_by_side(&items, threads, |item| item * 2)[..3], [0, 2, 4]);
            assert_eq!(side_by_side(&items, threads, |item| item * 2)[99], 198);
        }
        assert!(side_by_side(&Vec::<u64>::new(), 2, |item| *item).is_empty());
    }
}
