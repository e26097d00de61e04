//! Which file a workspace's state is in, and which workspaces there are.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::LocalStore;
use crate::StateError;
use crate::backend::{Backend, DEFAULT_WORKSPACE, Here, Store};

/// The name of a state file.
const STATE_FILE: &str = "terraform.tfstate";

/// State files: one for the default workspace, and a folder with one for each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalBackend {
    /// The state file of the default workspace.
    pub path: PathBuf,
    /// Holds the folders of all other workspaces.
    pub workspace_dir: PathBuf,
}

impl Default for LocalBackend {
    fn default() -> Self {
        let (path, workspace_dir) = (STATE_FILE.into(), "terraform.tfstate.d".into());
        Self { path, workspace_dir }
    }
}

impl LocalBackend {
    /// The state file of a workspace.
    pub fn state_path(&self, workspace: &str) -> PathBuf {
        match workspace {
            DEFAULT_WORKSPACE => self.path.clone(),
            name => self.folder(name).join(STATE_FILE),
        }
    }

    fn folder(&self, workspace: &str) -> PathBuf {
        self.workspace_dir.join(workspace)
    }
}

impl Backend for LocalBackend {
    fn workspaces(&self) -> Result<Vec<String>, StateError> {
        let fail = || StateError::io(&self.workspace_dir);
        let mut names = Vec::new();
        match std::fs::read_dir(&self.workspace_dir) {
            Ok(entries) => {
                for entry in entries {
                    let entry = entry.map_err(fail())?;
                    if entry.path().is_dir() {
                        names.push(entry.file_name().to_string_lossy().into_owned());
                    }
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(fail()(error)),
        }
        names.sort();
        names.insert(0, DEFAULT_WORKSPACE.to_owned());
        Ok(names)
    }

    fn create(&self, workspace: &str, _here: &Here, _lineage: &str) -> Result<(), StateError> {
        let folder = self.folder(workspace);
        std::fs::create_dir_all(&folder).map_err(StateError::io(folder))
    }

    fn delete(&self, workspace: &str, _here: &Here) -> Result<(), StateError> {
        let folder = self.folder(workspace);
        std::fs::remove_dir_all(&folder).map_err(StateError::io(folder))
    }

    fn store(&self, workspace: &str, here: &Here) -> Result<Box<dyn Store>, StateError> {
        let path = self.state_path(workspace);
        let store = LocalStore::on(Arc::clone(&here.disk), &path);
        Ok(Box::new(store.sealed_with(here.seal.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_workspace_has_its_own_file() {
        let backend = LocalBackend::default();
        let table = [
            ("default", "terraform.tfstate"),
            ("prod", "terraform.tfstate.d/prod/terraform.tfstate"),
        ];
        for (workspace, path) in table {
            assert_eq!(backend.state_path(workspace), PathBuf::from(path));
        }
    }

    #[test]
    fn the_default_workspace_comes_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let workspace_dir = folder.path().join("d");
        let backend = LocalBackend { workspace_dir, ..LocalBackend::default() };
        let here = Here {
            disk: Arc::new(crate::disk::RealDisk),
            journals: folder.path().to_owned(),
            rescue: folder.path().join("errored.tfstate"),
            owner: String::new(),
            seal: None,
        };
        assert_eq!(backend.workspaces().expect("listed"), ["default"]);
        backend.create("b", &here, "").expect("made");
        backend.create("a", &here, "").expect("made");
        assert_eq!(backend.workspaces().expect("listed"), ["default", "a", "b"]);
        backend.delete("b", &here).expect("gone");
        assert_eq!(backend.workspaces().expect("listed"), ["default", "a"]);
    }
}
