//! What keeps states: one for each workspace, read and written as a whole.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::disk::Disk;
use crate::{LockInfo, Seal, State, StateError};

/// The workspace that every backend has.
pub const DEFAULT_WORKSPACE: &str = "default";

/// Keeps one state for each workspace.
pub trait Backend: fmt::Debug + Send + Sync {
    /// Workspaces that have a state: the default one first, whether it has one or not, then the
    /// others by name.
    ///
    /// # Errors
    /// If they cannot be found out.
    fn workspaces(&self) -> Result<Vec<String>, StateError>;

    /// Makes a workspace known, so that it is listed from now on; `lineage` is for its new state.
    ///
    /// # Errors
    /// If it cannot be made, or the backend has the default one only.
    fn create(&self, workspace: &str, here: &Here, lineage: &str) -> Result<(), StateError>;

    /// Deletes a workspace with its state.
    ///
    /// # Errors
    /// If it is still there.
    fn delete(&self, workspace: &str, here: &Here) -> Result<(), StateError>;

    /// The way to a workspace's state; nothing is read or locked yet.
    ///
    /// # Errors
    /// If the backend has the default workspace only.
    fn store(&self, workspace: &str, here: &Here) -> Result<Box<dyn Store>, StateError>;
}

/// What a store needs of this machine.
#[derive(Clone, Debug)]
pub struct Here {
    /// The disk.
    pub disk: Arc<dyn Disk>,
    /// Where journals of states lie that are kept elsewhere; a folder for each workspace is made in it.
    pub journals: PathBuf,
    /// Where a state is put that could not be saved where it belongs.
    pub rescue: PathBuf,
    /// Names this folder on this machine among all others.
    pub owner: String,
    /// What states and journals are sealed with, if they are.
    pub seal: Option<Arc<dyn Seal>>,
}

/// One state: locked, read and written as a whole.
pub trait Store: fmt::Debug + Send {
    /// Takes the lock, which is held until [`Store::unlock`] or for as long as the store lives.
    ///
    /// # Errors
    /// [`StateError::Locked`] with the holder, or if locking does not work.
    fn lock(&mut self, info: &LockInfo) -> Result<(), StateError>;

    /// Gives the lock up, if it is held.
    ///
    /// # Errors
    /// If it may still be there.
    fn unlock(&mut self) -> Result<(), StateError>;

    /// Breaks the lock with this id, whoever holds it.
    ///
    /// # Errors
    /// If there is no such lock, or it cannot be broken.
    fn force_unlock(&mut self, id: &str) -> Result<(), StateError>;

    /// The stored state; none if there is none yet.
    ///
    /// # Errors
    /// If it cannot be read, or is not a state.
    fn read(&mut self) -> Result<Option<State>, StateError>;

    /// Writes the state as a whole, in place of the one that was read or written last.
    ///
    /// # Errors
    /// If it cannot be written, or is not the one that was read any more; it is untouched then.
    fn write(&mut self, state: &State) -> Result<(), StateError>;

    /// Bytes of the state as it was last read or written.
    fn size(&self) -> usize;

    /// What journals and backups lie on.
    fn disk(&self) -> &Arc<dyn Disk>;

    /// Where the journal of this state is.
    fn journal_path(&self) -> PathBuf;

    /// What the journal and a rescued state are sealed with, as the state itself is.
    fn seal(&self) -> Option<&Arc<dyn Seal>>;

    /// The state's place, as messages name it.
    fn place(&self) -> String;

    /// Where the state is put if it cannot be saved where it belongs; none where its journal, which
    /// lies beside it, is as good.
    fn rescue(&self) -> Option<PathBuf>;
}
