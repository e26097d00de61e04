//! Work on many things, some of them at once.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinSet;

use super::error::CopyError;

/// Does `work` on each item, `at_once` of them at a time; the results in no order. Dropping it ends
/// the work.
///
/// # Errors
/// If the work panics.
pub(super) async fn each<T, R, W, F>(
    items: Vec<T>,
    at_once: usize,
    work: W,
) -> Result<Vec<R>, CopyError>
where
    T: Send + 'static,
    R: Send + 'static,
    W: Fn(T) -> F + Clone + Send + 'static,
    F: Future<Output = R> + Send,
{
    let workers = at_once.clamp(1, items.len().max(1));
    let queue = Arc::new(Mutex::new(items.into_iter()));
    let mut running = JoinSet::new();
    for _ in 0..workers {
        let (queue, work) = (Arc::clone(&queue), work.clone());
        running.spawn(async move {
            let mut results = Vec::new();
            let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            while let Some(item) = next() {
                results.push(work(item).await);
            }
            results
        });
    }
    let mut results = Vec::new();
    while let Some(ended) = running.join_next().await {
        results.extend(ended.map_err(|error| CopyError::Ended(error.to_string()))?);
    }
    Ok(results)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn each_item_once_and_no_more_at_once_than_asked_for() {
        let running = Arc::new(AtomicUsize::new(0));
        let work = move |item: usize| {
            let running = Arc::clone(&running);
            async move {
                let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                tokio::task::yield_now().await;
                running.fetch_sub(1, Ordering::SeqCst);
                assert!(now <= 3, "{now} at once");
                item
            }
        };
        let mut done = each((0..50).collect(), 3, work).await.expect("no panic");
        done.sort_unstable();
        assert_eq!(done, (0..50).collect::<Vec<_>>());
        let nothing = each(Vec::<u8>::new(), 3, |item| async move { item }).await;
        assert_eq!(nothing.expect("no panic"), Vec::<u8>::new());
    }
}
