//! Group commit: what gathers while the disk is busy is made durable at once.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::journal::read_journal;

/// A disk whose first sync behind the journal's beginning waits at two barriers: one when it has
/// begun, one before it ends.
#[derive(Debug)]
struct SlowDisk {
    inner: crate::disk::simulated::SimulatedDisk,
    gates: Arc<(Barrier, Barrier)>,
    syncs: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct SlowFile {
    inner: Box<dyn DiskFile>,
    gates: Arc<(Barrier, Barrier)>,
    syncs: Arc<AtomicUsize>,
}

impl Disk for SlowDisk {
    fn open(&self, path: &Path, content: Content) -> io::Result<Box<dyn DiskFile>> {
        let (gates, syncs) = (Arc::clone(&self.gates), Arc::clone(&self.syncs));
        Ok(Box::new(SlowFile { inner: self.inner.open(path, content)?, gates, syncs }))
    }

    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        self.inner.read(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.inner.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.inner.remove(path)
    }

    fn sync_names(&self, path: &Path) -> io::Result<()> {
        self.inner.sync_names(path)
    }
}

impl DiskFile for SlowFile {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        self.inner.read()
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.inner.append(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.syncs.fetch_add(1, Ordering::SeqCst) == 1 {
            self.gates.0.wait();
            self.gates.1.wait();
        }
        self.inner.sync()
    }

    fn try_lock(&mut self) -> io::Result<bool> {
        self.inner.try_lock()
    }

    fn is_empty(&self) -> io::Result<bool> {
        self.inner.is_empty()
    }

    fn is_at(&self, path: &Path) -> io::Result<bool> {
        self.inner.is_at(path)
    }
}

#[test]
fn records_that_wait_for_the_disk_are_synced_together() {
    let gates = Arc::new((Barrier::new(2), Barrier::new(2)));
    let syncs = Arc::new(AtomicUsize::new(0));
    let disk = SlowDisk {
        inner: crate::disk::simulated::SimulatedDisk::new(),
        gates: Arc::clone(&gates),
        syncs: Arc::clone(&syncs),
    };
    let path = Path::new("folder/journal");
    let begin = |serial| Record::Begin { lineage: "l".to_owned(), serial };
    let staged = StagedJournal::write(&disk, path, &[begin(0)], None).expect("written");
    let mut journal = staged.take_over(&disk, path).expect("in place");
    let first = journal.append(&begin(1));
    gates.0.wait();
    let others: Vec<Ticket> = (2..1000).map(|serial| journal.append(&begin(serial))).collect();
    gates.1.wait();
    first.wait().expect("durable");
    others.iter().for_each(|ticket| ticket.wait().expect("durable"));
    journal.close().expect("closed");
    assert_eq!(syncs.load(Ordering::SeqCst), 3, "the beginning, the first one, and all others");
    let content = read_journal(&disk, path, None).expect("readable");
    assert_eq!(content.records, (0..1000).map(begin).collect::<Vec<_>>());
}
