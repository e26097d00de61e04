//! Many states in one remote place, as a backend.

use std::fmt;
use std::sync::Arc;

use skyform_state::{
    Backend, DEFAULT_WORKSPACE, Here, Remote, RemoteError, RemoteErrorKind, RemoteStore, State,
    StateError, Store,
};

/// A remote place that keeps states by the names of their workspaces.
pub(crate) trait Remotes: fmt::Debug + Send + Sync {
    /// The place, as messages name it.
    fn place(&self) -> String;

    /// Names of the workspaces that have a state, in any order.
    fn list(&self) -> Result<Vec<String>, RemoteError>;

    /// Deletes the state of a workspace.
    fn delete(&self, workspace: &str) -> Result<(), RemoteError>;

    /// The state of a workspace.
    fn remote(&self, workspace: &str) -> Arc<dyn Remote>;
}

/// A backend over a remote place.
#[derive(Debug)]
pub(crate) struct RemoteBackend<P> {
    place: P,
    /// Whether it keeps states of other workspaces than the default one.
    has_workspaces: bool,
}

impl<P: Remotes> RemoteBackend<P> {
    pub(crate) fn new(place: P) -> Self {
        Self { place, has_workspaces: true }
    }

    pub(crate) fn with_default_only(place: P) -> Self {
        Self { place, has_workspaces: false }
    }

    fn failed(&self, problem: RemoteError) -> StateError {
        match problem.kind {
            RemoteErrorKind::Unsupported => StateError::NoWorkspaces,
            _ => StateError::Remote { place: self.place.place(), problem },
        }
    }

    fn allow(&self, workspace: &str) -> Result<(), StateError> {
        match workspace == DEFAULT_WORKSPACE || self.has_workspaces {
            true => Ok(()),
            false => Err(StateError::NoWorkspaces),
        }
    }
}

impl<P: Remotes> Backend for RemoteBackend<P> {
    fn workspaces(&self) -> Result<Vec<String>, StateError> {
        if !self.has_workspaces {
            return Err(StateError::NoWorkspaces);
        }
        let mut names = self.place.list().map_err(|problem| self.failed(problem))?;
        names.retain(|name| name != DEFAULT_WORKSPACE);
        names.sort();
        names.dedup();
        names.insert(0, DEFAULT_WORKSPACE.to_owned());
        Ok(names)
    }

    fn create(&self, workspace: &str, here: &Here, lineage: &str) -> Result<(), StateError> {
        let mut store = self.store(workspace, here)?;
        if store.read()?.is_none() {
            store.write(&State { lineage: lineage.to_owned(), ..State::default() })?;
        }
        Ok(())
    }

    fn delete(&self, workspace: &str, _here: &Here) -> Result<(), StateError> {
        self.allow(workspace)?;
        self.place.delete(workspace).map_err(|problem| self.failed(problem))
    }

    fn store(&self, workspace: &str, here: &Here) -> Result<Box<dyn Store>, StateError> {
        self.allow(workspace)?;
        Ok(Box::new(RemoteStore::new(self.place.remote(workspace), workspace, here)))
    }
}
