//! Workspaces: which one is in use. As with Terraform, it stands in `.terraform/environment`.

use std::path::PathBuf;

use skyform_state::DEFAULT_WORKSPACE;

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
            "" => DEFAULT_WORKSPACE,
            name => name,
        };
        Self { name: name.to_owned(), from_environment: false, data_dir }
    }

    /// Makes another workspace the one in use.
    pub(crate) fn choose(&self, name: &str) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.data_dir)?;
        std::fs::write(self.data_dir.join("environment"), name)
    }
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
        assert_eq!(default.name, DEFAULT_WORKSPACE);
        default.choose("dev").expect("written");
        assert_eq!(Workspace::of(None, data_dir).name, "dev");
        assert_eq!(Workspace::of(Some(""), data_dir).name, "dev");
        let other = Workspace::of(Some("prod"), data_dir);
        assert!(other.from_environment);
    }
}
