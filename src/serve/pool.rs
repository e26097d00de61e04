//! The replicas of a model: worker threads that take requests from one bounded queue.
//!
//! A worker outlives panics of the runtime: it answers with an error and makes a new replica.

mod queue;
#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use self::queue::{Queue, Refused};
use crate::runtime::{Model, Replica, RunError};
use crate::tensor::Tensor;

/// Worker threads and their queue.
pub(crate) struct Pool {
    queue: Arc<Queue<Job>>,
}

struct Job {
    inputs: Vec<Tensor>,
    answer: oneshot::Sender<Result<Answer, RunError>>,
}

/// What a replica answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub outputs: Vec<Tensor>,
    /// How long the model ran, without the time in the queue.
    pub took: Duration,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PoolError {
    /// As many requests wait as may.
    #[error("all replicas are busy and the queue is full")]
    Full,
    /// The server is going away.
    #[error("the server is stopping")]
    Closed,
    /// The model failed on these inputs.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl Pool {
    /// Starts the replicas, each on a thread of its own.
    ///
    /// # Errors
    /// If a thread or a replica cannot be made.
    pub(crate) fn start(
        model: &Arc<dyn Model>,
        replicas: usize,
        capacity: usize,
    ) -> Result<Self, String> {
        // From here on, an early return closes the queue, which ends the threads that run.
        let pool = Self { queue: Arc::new(Queue::new(capacity)) };
        let (ready, all_ready) = std::sync::mpsc::channel();
        for number in 1..=replicas {
            let (queue, model, ready) = (Arc::clone(&pool.queue), Arc::clone(model), ready.clone());
            std::thread::Builder::new()
                .name(format!("replica-{number}"))
                .spawn(move || {
                    let _taker = queue.taker();
                    let replica = model.replica();
                    // The receiver is only gone when the start has failed already.
                    let _ = ready.send(replica.as_ref().err().map(ToString::to_string));
                    // The start waits until every sender is gone.
                    drop(ready);
                    if let Ok(replica) = replica {
                        work(&*model, &queue, replica);
                    }
                })
                .map_err(|error| error.to_string())?;
        }
        drop(ready);
        match all_ready.iter().flatten().next() {
            Some(problem) => Err(problem),
            None => Ok(pool),
        }
    }

    /// Has one of the replicas run the model.
    pub(crate) async fn run(&self, inputs: Vec<Tensor>) -> Result<Answer, PoolError> {
        let (answer, answered) = oneshot::channel();
        self.queue.put(Job { inputs, answer }).map_err(|refused| match refused {
            Refused::Full => PoolError::Full,
            Refused::Closed => PoolError::Closed,
        })?;
        // A worker answers whatever happens, but one that the process leaves behind at its end.
        Ok(answered.await.map_err(|_| PoolError::Closed)??)
    }

    /// Whether it takes requests.
    pub(crate) fn is_open(&self) -> bool {
        self.queue.is_open()
    }

    /// Lets the replicas finish what is queued; whether they have ended in time.
    pub(crate) fn stop(&self, longest: Duration) -> bool {
        self.queue.close();
        self.queue.wait_for_takers(longest)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// One worker's life.
fn work(model: &dyn Model, queue: &Queue<Job>, replica: Box<dyn Replica>) {
    let mut replica = Ok(replica);
    while let Some(Job { inputs, answer }) = queue.take() {
        // Nobody waits any more for a request that was given up in the queue.
        if answer.is_closed() {
            continue;
        }
        if replica.is_err() {
            replica = model.replica();
        }
        let result = match &mut replica {
            Ok(replica) => timed(&mut **replica, inputs),
            Err(error) => Err(RunError::Runtime(error.to_string())),
        };
        if matches!(result, Err(RunError::Panicked)) {
            replica = Err(RunError::Panicked);
        }
        let _ = answer.send(result);
    }
}

fn timed(replica: &mut dyn Replica, inputs: Vec<Tensor>) -> Result<Answer, RunError> {
    let started = Instant::now();
    let run = catch_unwind(AssertUnwindSafe(|| replica.run(inputs)));
    let outputs = run.unwrap_or(Err(RunError::Panicked))?;
    Ok(Answer { outputs, took: started.elapsed() })
}
