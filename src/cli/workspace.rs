//! Workspaces: which one is in use, and where its state lies.
//!
//! The layout is that of Terraform's local backend: `terraform.tfstate` for `default`,
//! `terraform.tfstate.d/NAME/terraform.tfstate` for others, the one in use in
//! `.terraform/environment`.

use std::path::{Path, PathBuf};

/// The workspace that every folder has.
pub(crate) const DEFAULT: &str = "default";
/// Holds the folders of all other workspaces.
const FOLDER: &str = "terraform.tfstate.d";
/// The name of a state file.
const STATE_FILE: &str = "terraform.tfstate";

/// The workspace in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Workspace {
    pub name: String,
    /// Whether the environment says so, so that it cannot be changed by a command.
    pub from_environment: bool,
    /// Where the choice is kept.
    data_dir: PathBuf,
}

impl Workspace {
    /// The one that the environment names, else the one that was chosen last.
    pub(crate) fn of(environment: Option<&str>, data_dir: Option<&str>) -> Self {
        let data_dir = PathBuf::from(data_dir.unwrap_or(".terraform"));
        if let Some(name) = environment.filter(|name| !name.is_empty()) {
            return Self { name: name.to_owned(), from_environment: true, data_dir };
        }
        let chosen = std::fs::read_to_string(data_dir.join("environment")).unwrap_or_default();
        let name = match chosen.trim() {
            "" => DEFAULT,
            name => name,
        };
        Self { name: name.to_owned(), from_environment: false, data_dir }
    }

    /// Its state file.
    pub(crate) fn state_path(&self) -> PathBuf {
        state_path(&self.name)
    }

    /// Makes another workspace the one in use.
    pub(crate) fn choose(&self, name: &str) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.data_dir)?;
        std::fs::write(self.data_dir.join("environment"), name)
    }
}

/// The folder of a workspace other than the default one.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(FOLDER).join(name)
}

/// The state file of a workspace.
pub(crate) fn state_path(name: &str) -> PathBuf {
    if name == DEFAULT { PathBuf::from(STATE_FILE) } else { folder(name).join(STATE_FILE) }
}

/// All workspaces: the default one first, then the others by name.
pub(crate) fn all() -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    match std::fs::read_dir(FOLDER) {
        Ok(entries) => {
            for entry in entries {
                let entry = entry?;
                if entry.path().is_dir() {
                    names.push(entry.file_name().to_string_lossy().into_owned());
                }
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    names.sort();
    names.insert(0, DEFAULT.to_owned());
    Ok(names)
}

/// Whether a name can be that of a folder and of an object in a store anywhere.
pub(crate) fn is_valid(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~$&+:=@".contains(c);
    !name.is_empty() && name.chars().all(plain) && !matches!(name, "." | "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        for (name, valid) in [
            ("dev", true),
            ("a-b_c.1", true),
            ("", false),
            ("a b", false),
            ("a/b", false),
            ("..", false),
        ] {
            assert_eq!(is_valid(name), valid, "{name}");
        }
    }

    #[test]
    fn the_environment_comes_before_the_choice() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let data_dir = folder.path().to_str();
        let default = Workspace::of(None, data_dir);
        assert_eq!(default.name, DEFAULT);
        assert_eq!(default.state_path(), PathBuf::from("terraform.tfstate"));
        default.choose("dev").expect("written");
        assert_eq!(Workspace::of(None, data_dir).name, "dev");
        assert_eq!(Workspace::of(Some(""), data_dir).name, "dev");
        let other = Workspace::of(Some("prod"), data_dir);
        assert!(other.from_environment);
        assert_eq!(other.state_path(), PathBuf::from("terraform.tfstate.d/prod/terraform.tfstate"));
    }
}
