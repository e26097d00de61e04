//! Asynchronous clients behind calls that wait.
//!
//! The state's owner waits for what it reads and writes, also within the engine's own runtime; so
//! these clients run on a thread of their own.

use std::future::Future;
use std::sync::mpsc::channel;

use skyform_state::{RemoteError, RemoteErrorKind};
use tokio::runtime::{Builder, Runtime};

/// A runtime that nobody else uses.
#[derive(Debug)]
pub(crate) struct Background(Option<Runtime>);

impl Background {
    pub(crate) fn start() -> Result<Self, RemoteError> {
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).thread_name("backend").enable_all().build();
        let failed = |error: std::io::Error| {
            RemoteError::new(RemoteErrorKind::Other, format!("no thread for the backend: {error}"))
        };
        runtime.map(|runtime| Self(Some(runtime))).map_err(failed)
    }

    /// Waits for work to be done. It can be called within another runtime.
    pub(crate) fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, RemoteError>> + Send + 'static,
    ) -> Result<T, RemoteError> {
        let gone = || RemoteError::new(RemoteErrorKind::Other, "the backend's thread has ended");
        let runtime = self.0.as_ref().ok_or_else(gone)?;
        let (sender, receiver) = channel();
        runtime.spawn(async move {
            // Who does not wait any more is not interested.
            let _ = sender.send(work.await);
        });
        receiver.recv().map_err(|_| gone())?
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_works_within_another_runtime() {
        let outer = Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let sum = outer.block_on(async {
            let background = Background::start().expect("a thread");
            background.wait(async { Ok(1 + 1) })
        });
        assert_eq!(sum, Ok(2));
    }

    #[test]
    fn work_that_dies_is_an_error() {
        let background = Background::start().expect("a thread");
        let done = background.wait::<()>(async { panic!("on purpose") });
        assert_eq!(done.expect_err("it died").kind, RemoteErrorKind::Other);
    }
}
