//! Writing the journal: a thread of its own gathers what is there and makes it durable at once
//! (group commit), so that many actions at a time cost one sync.

use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::thread::JoinHandle;

use super::Record;
use super::file::{HEADER, Sealing, frame};
use crate::disk::{Content, Disk, DiskFile, with_suffix};
use crate::seal::MaybeSeal;

/// Records that may wait for the disk; who hands over more waits too.
const MOST_WAITING: usize = 4096;

/// Writes records to a journal file.
#[derive(Debug)]
pub struct JournalWriter {
    sender: Option<SyncSender<Vec<u8>>>,
    shared: Arc<Shared>,
    next: u64,
    bytes: usize,
    thread: Option<JoinHandle<()>>,
    seal: MaybeSeal,
}

/// A journal that is written already, under a name that nobody looks at yet.
#[derive(Debug)]
pub struct StagedJournal {
    file: Box<dyn DiskFile>,
    bytes: usize,
    seal: MaybeSeal,
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
    ended: bool,
    wakers: Vec<Waker>,
}

impl Progress {
    fn fail(&mut self, error: &io::Error) {
        self.failed = Some((error.kind(), error.to_string()));
    }
}

impl StagedJournal {
    /// Writes a new journal with these records beside the one at `path`, durably.
    ///
    /// # Errors
    /// If it cannot be written; what was written of it is removed.
    pub(crate) fn write(
        disk: &dyn Disk,
        path: &Path,
        records: &[Record],
        seal: Sealing<'_>,
    ) -> io::Result<Self> {
        let staged = with_suffix(path, ".new");
        let mut bytes = HEADER.to_vec();
        for record in records {
            bytes.extend(frame(record, seal)?);
        }
        let write = || -> io::Result<Box<dyn DiskFile>> {
            let mut file = disk.open(&staged, Content::Dropped)?;
            file.append(&bytes)?;
            file.sync()?;
            Ok(file)
        };
        let file = write().inspect_err(|_| drop(disk.remove(&staged)))?;
        Ok(Self { file, bytes: bytes.len(), seal: seal.cloned() })
    }

    /// Takes the place of the journal at `path`, and goes on from there.
    ///
    /// # Errors
    /// If that cannot be made durable.
    pub fn take_over(self, disk: &dyn Disk, path: &Path) -> io::Result<JournalWriter> {
        disk.rename(&with_suffix(path, ".new"), path)?;
        disk.sync_names(path)?;
        let (sender, receiver) = sync_channel(MOST_WAITING);
        let shared = Arc::new(Shared::default());
        let for_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || write_all(self.file, &receiver, &for_thread))?;
        let (sender, thread) = (Some(sender), Some(thread));
        let (bytes, seal) = (self.bytes, self.seal);
        Ok(JournalWriter { sender, shared, next: 0, bytes, thread, seal })
    }

    /// Gives it up.
    pub fn give_up(self, disk: &dyn Disk, path: &Path) {
        // If it stays, it does no harm: nobody looks at this name.
        let _ = disk.remove(&with_suffix(path, ".new"));
    }
}

impl JournalWriter {
    /// Hands a record over to be written. It is durable once the ticket says so.
    pub fn append(&mut self, record: &Record) -> Ticket {
        self.next += 1;
        match (frame(record, self.seal.as_ref()), &self.sender) {
            (Ok(bytes), Some(sender)) => {
                self.bytes += bytes.len();
                // A thread that has ended has left its error behind, which waiting reports.
                let _ = sender.send(bytes);
            }
            (Err(error), _) => lock(&self.shared).fail(&error),
            (Ok(_), None) => {}
        }
        self.last()
    }

    /// Bytes handed over so far.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Why nothing more can be written, if that is so.
    pub fn failure(&self) -> Option<io::Error> {
        failure(&lock(&self.shared))
    }

    /// Waits until everything handed over is durable, and ends.
    ///
    /// # Errors
    /// If something could not be written.
    pub fn close(mut self) -> io::Result<()> {
        let last = self.last();
        self.end();
        last.wait()
    }

    fn last(&self) -> Ticket {
        Ticket { number: self.next, shared: Arc::clone(&self.shared) }
    }

    fn end(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            // A panic there shows as records that never became durable.
            let _ = thread.join();
        }
        let mut progress = lock(&self.shared);
        progress.ended = true;
        self.shared.changed.notify_all();
    }
}

impl Drop for JournalWriter {
    fn drop(&mut self) {
        self.end();
    }
}

fn lock(shared: &Shared) -> std::sync::MutexGuard<'_, Progress> {
    shared.progress.lock().unwrap_or_else(PoisonError::into_inner)
}

fn failure(progress: &Progress) -> Option<io::Error> {
    let (kind, message) = progress.failed.as_ref()?;
    Some(io::Error::new(*kind, message.clone()))
}

fn write_all(mut file: Box<dyn DiskFile>, receiver: &Receiver<Vec<u8>>, shared: &Shared) {
    while let Ok(first) = receiver.recv() {
        let mut batch = first;
        let mut count = 1;
        while let Ok(more) = receiver.try_recv() {
            batch.extend(more);
            count += 1;
        }
        let written = file.append(&batch).and_then(|()| file.sync());
        let mut progress = lock(shared);
        match written {
            Ok(()) => progress.durable += count,
            Err(error) => progress.fail(&error),
        }
        let failed = progress.failed.is_some();
        progress.wakers.drain(..).for_each(Waker::wake);
        shared.changed.notify_all();
        if failed {
            return;
        }
    }
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
        match failure(progress) {
            Some(error) => Some(Err(error)),
            None if progress.ended => Some(Err(io::Error::other("the journal was closed"))),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests;
