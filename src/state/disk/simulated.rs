//! A disk in memory that forgets what was not synced when its power fails, runs full, or refuses
//! writes: what a real one may do at its worst.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Content, Disk, DiskFile};

/// A small random number generator, so that each run of a test is the same.
#[derive(Clone, Debug)]
pub(crate) struct Dice(pub u64);

impl Dice {
    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        // The steps of splitmix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end.max(1) as u64).expect("below a usize")
    }
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// After so many more steps everything fails, and what was not synced may be gone.
    PowerLoss(usize),
    /// So many more bytes find room.
    Full(usize),
    /// Nothing can be written, made, renamed or removed.
    ReadOnly,
}

/// The disk; clones are the same one.
#[derive(Clone, Debug)]
pub(crate) struct SimulatedDisk(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    files: Vec<Inode>,
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    /// Changes of names that are not durable; each happens as a whole or not.
    pending: Vec<Vec<(PathBuf, Option<usize>)>>,
    fault: Fault,
    steps: usize,
}

#[derive(Clone, Debug, Default)]
struct Inode {
    content: Vec<u8>,
    durable: Vec<u8>,
}

impl SimulatedDisk {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Inner {
            files: Vec::new(),
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            pending: Vec::new(),
            fault: Fault::None,
            steps: 0,
        })))
    }

    pub(crate) fn set_fault(&self, fault: Fault) {
        self.inner().fault = fault;
    }

    /// Operations so far that change something.
    pub(crate) fn steps(&self) -> usize {
        self.inner().steps
    }

    pub(crate) fn names(&self) -> Vec<PathBuf> {
        self.inner().names.keys().cloned().collect()
    }

    /// The disk after the power has come back: of what was not synced anything may be left.
    pub(crate) fn after_power_loss(&self, dice: &mut Dice) -> Self {
        let inner = self.inner();
        let files = inner.files.iter().map(|inode| {
            let Inode { content, durable } = inode;
            let kept = match dice.below(4) {
                0 => durable.clone(),
                1 => content.clone(),
                // Appended bytes get lost from the end, or their place is there and they are not.
                which => {
                    let synced = if content.starts_with(durable) { durable.len() } else { 0 };
                    let cut = synced + dice.below(content.len() - synced + 1);
                    let mut kept = content[..cut].to_vec();
                    if which == 3 {
                        kept.resize(content.len(), 0);
                    }
                    kept
                }
            };
            let kept = if content == durable { content.clone() } else { kept };
            Inode { content: kept.clone(), durable: kept }
        });
        let files = files.collect();
        let mut names = inner.durable_names.clone();
        for change in &inner.pending {
            if dice.below(2) == 0 {
                set_names(&mut names, change);
            }
        }
        Self(Arc::new(Mutex::new(Inner {
            files,
            durable_names: names.clone(),
            names,
            pending: Vec::new(),
            fault: Fault::None,
            steps: 0,
        })))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn set_names(names: &mut BTreeMap<PathBuf, usize>, change: &[(PathBuf, Option<usize>)]) {
    for (name, file) in change {
        match file {
            Some(file) => names.insert(name.clone(), *file),
            None => names.remove(name),
        };
    }
}

impl Inner {
    /// One step that changes something; an error if it cannot be taken.
    fn step(&mut self) -> io::Result<()> {
        self.steps += 1;
        match &mut self.fault {
            Fault::PowerLoss(0) => Err(io::Error::other("the power is gone")),
            Fault::PowerLoss(left) => {
                *left -= 1;
                Ok(())
            }
            Fault::ReadOnly => Err(io::ErrorKind::ReadOnlyFilesystem.into()),
            Fault::None | Fault::Full(_) => Ok(()),
        }
    }

    fn change_names(&mut self, change: Vec<(PathBuf, Option<usize>)>) {
        set_names(&mut self.names, &change);
        self.pending.push(change);
    }
}

impl Disk for SimulatedDisk {
    fn open(&self, path: &Path, content: Content) -> io::Result<Box<dyn DiskFile>> {
        let mut inner = self.inner();
        inner.step()?;
        let file = match inner.names.get(path) {
            Some(file) => *file,
            None => {
                let file = inner.files.len();
                inner.files.push(Inode::default());
                inner.change_names(vec![(path.to_owned(), Some(file))]);
                file
            }
        };
        if content == Content::Dropped {
            inner.files[file].content.clear();
        }
        Ok(Box::new(SimulatedFile { disk: self.clone(), file }))
    }

    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        let inner = self.inner();
        let file = inner.names.get(path);
        Ok(file.map(|file| inner.files[*file].content.clone()))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut inner = self.inner();
        inner.step()?;
        let file = inner.names.get(from).copied().ok_or(io::ErrorKind::NotFound)?;
        inner.change_names(vec![(from.to_owned(), None), (to.to_owned(), Some(file))]);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut inner = self.inner();
        inner.step()?;
        if inner.names.contains_key(path) {
            inner.change_names(vec![(path.to_owned(), None)]);
        }
        Ok(())
    }

    fn sync_names(&self, _path: &Path) -> io::Result<()> {
        let mut inner = self.inner();
        inner.step()?;
        inner.pending.clear();
        inner.durable_names = inner.names.clone();
        Ok(())
    }
}

#[derive(Debug)]
struct SimulatedFile {
    disk: SimulatedDisk,
    file: usize,
}

impl DiskFile for SimulatedFile {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.disk.inner().files[self.file].content.clone())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut inner = self.disk.inner();
        inner.step()?;
        let room = match &mut inner.fault {
            Fault::Full(left) => {
                let room = bytes.len().min(*left);
                *left -= room;
                room
            }
            _ => bytes.len(),
        };
        inner.files[self.file].content.extend(&bytes[..room]);
        if room < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut inner = self.disk.inner();
        inner.step()?;
        let inode = &mut inner.files[self.file];
        inode.durable = inode.content.clone();
        Ok(())
    }

    fn try_lock(&mut self) -> io::Result<bool> {
        Ok(true)
    }

    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.disk.inner().files[self.file].content.is_empty())
    }

    fn is_at(&self, path: &Path) -> io::Result<bool> {
        Ok(self.disk.inner().names.get(path) == Some(&self.file))
    }
}
