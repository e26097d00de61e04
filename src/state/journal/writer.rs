//! Writing the journal: a thread of its own gathers what is there and makes it durable at once
//! (group commit), so that many actions at a time cost one sync.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::thread::JoinHandle;

use super::Record;
use super::file::{HEADER, frame};

/// Writes records to a journal file.
#[derive(Debug)]
pub struct JournalWriter {
    sender: Option<Sender<Vec<u8>>>,
    shared: Arc<Shared>,
    next: u64,
    thread: Option<JoinHandle<()>>,
}

/// Number of a record; its durability can be waited for.
#[derive(Clone, Debug)]
pub struct Ticket {
    number: u64,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    progress: Mutex<Progress>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Progress {
    durable: u64,
    failed: Option<(io::ErrorKind, String)>,
    wakers: Vec<Waker>,
}

impl JournalWriter {
    /// Starts a new journal in place of any old one, or goes on with the one that is there from
    /// `keep` bytes on.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub fn open(path: &Path, keep: Option<u64>) -> io::Result<Self> {
        let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        match keep {
            Some(length) => {
                use std::io::Seek as _;
                file.set_len(length)?;
                file.seek(io::SeekFrom::End(0))?;
            }
            None => {
                file.set_len(0)?;
                file.write_all(HEADER)?;
            }
        }
        file.sync_all()?;
        let shared = Arc::new(Shared::default());
        let (sender, receiver) = channel();
        let for_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || write_all(file, &receiver, &for_thread))?;
        Ok(Self { sender: Some(sender), shared, next: 0, thread: Some(thread) })
    }

    /// Hands a record over to be written. It is durable once the ticket says so.
    pub fn append(&mut self, record: &Record) -> Ticket {
        self.next += 1;
        if let Some(sender) = &self.sender {
            // A thread that has ended has left its error behind, which waiting reports.
            let _ = sender.send(frame(record));
        }
        Ticket { number: self.next, shared: Arc::clone(&self.shared) }
    }

    /// Waits until everything handed over is durable, and ends.
    ///
    /// # Errors
    /// If something could not be written.
    pub fn close(mut self) -> io::Result<()> {
        let last = Ticket { number: self.next, shared: Arc::clone(&self.shared) };
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            // A panic there shows as records that never became durable.
            let _ = thread.join();
        }
        last.wait()
    }
}

fn lock(shared: &Shared) -> std::sync::MutexGuard<'_, Progress> {
    shared.progress.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write_all(mut file: File, receiver: &Receiver<Vec<u8>>, shared: &Shared) {
    while let Ok(first) = receiver.recv() {
        let mut batch = first;
        let mut count = 1;
        while let Ok(more) = receiver.try_recv() {
            batch.extend(more);
            count += 1;
        }
        let written = file.write_all(&batch).and_then(|()| file.sync_data());
        let mut progress = lock(shared);
        match written {
            Ok(()) => progress.durable += count,
            Err(error) => progress.failed = Some((error.kind(), error.to_string())),
        }
        let failed = progress.failed.is_some();
        progress.wakers.drain(..).for_each(Waker::wake);
        shared.changed.notify_all();
        if failed {
            return;
        }
    }
    // Whoever still waits for something learns that nothing more comes.
    let mut progress = lock(shared);
    progress.wakers.drain(..).for_each(Waker::wake);
    shared.changed.notify_all();
}

impl Ticket {
    /// Waits until the record is durable.
    ///
    /// # Errors
    /// If it could not be written.
    pub fn wait(&self) -> io::Result<()> {
        let mut progress = lock(&self.shared);
        loop {
            if let Some(done) = self.state(&progress) {
                return done;
            }
            progress = self.shared.changed.wait(progress).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until the record is durable, without holding up a thread.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn durable(&self) -> io::Result<()> {
        std::future::poll_fn(|context| {
            let mut progress = lock(&self.shared);
            match self.state(&progress) {
                Some(done) => Poll::Ready(done),
                None => {
                    progress.wakers.push(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }

    fn state(&self, progress: &Progress) -> Option<io::Result<()>> {
        if progress.durable >= self.number {
            return Some(Ok(()));
        }
        let (kind, message) = progress.failed.as_ref()?;
        Some(Err(io::Error::new(*kind, message.clone())))
    }
}

impl Drop for JournalWriter {
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
