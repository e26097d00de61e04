//! The files that a saved plan brings along, as a file system to load the configuration from.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};

use skyform_lang::Files;
use skyform_lang::config::{Config, load};
use skyform_plan::Snapshot;

use super::context::Context;
use super::project::{Project, load_options};

/// The configuration that a plan was made from; none if it cannot be loaded from the plan alone.
pub(crate) fn configuration(
    context: &Context,
    snapshot: &Snapshot,
    project: &Project,
) -> Option<Config> {
    let files = snapshot.files.iter().map(|(name, text)| (normal(Path::new(name)), text.as_str()));
    let files = InPlan { files: files.collect() };
    let options = load_options(context, &project.providers);
    let (config, diagnostics) = load(&files, Path::new("."), &options);
    (!diagnostics.has_errors()).then_some(config)
}

struct InPlan<'a> {
    files: BTreeMap<PathBuf, &'a str>,
}

impl Files for InPlan<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let text = self.files.get(&normal(path));
        text.map(|text| text.as_bytes().to_vec()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<(String, bool)>> {
        let folder = normal(folder);
        let inside = self.files.keys().filter(|path| path.parent() == Some(&folder));
        let names = inside.filter_map(|path| path.file_name());
        let names: Vec<_> =
            names.map(|name| (name.to_string_lossy().into_owned(), false)).collect();
        if names.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(names) }
    }

    fn is_file(&self, path: &Path) -> bool {
        self.files.contains_key(&normal(path))
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(normal(path))
    }

    fn working_dir(&self) -> PathBuf {
        PathBuf::from(".")
    }

    fn home_dir(&self) -> Option<PathBuf> {
        None
    }
}

/// The path without `.`, and without `..` where that is possible.
fn normal(path: &Path) -> PathBuf {
    let mut steps = PathBuf::new();
    for step in path.components() {
        match step {
            Component::CurDir => {}
            Component::ParentDir if steps.file_name().is_some() => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_files_however_they_are_written() {
        let table = [
            ("main.tf", "main.tf"),
            ("./main.tf", "main.tf"),
            ("./m/../n/./a.tf", "n/a.tf"),
            ("../m/a.tf", "../m/a.tf"),
        ];
        for (path, expected) in table {
            assert_eq!(normal(Path::new(path)), PathBuf::from(expected), "{path}");
        }
    }

    #[test]
    fn folders_are_what_files_stand_in() {
        let files = [(PathBuf::from("main.tf"), "a"), (PathBuf::from("m/x.tf"), "b")];
        let files = InPlan { files: files.into_iter().collect() };
        let list = |folder: &str| files.list(Path::new(folder)).unwrap_or_default();
        assert_eq!(list("."), [("main.tf".to_owned(), false)]);
        assert_eq!(list("./m"), [("x.tf".to_owned(), false)]);
        assert!(files.list(Path::new("other")).is_err());
        assert_eq!(files.read(Path::new("./m/x.tf")).expect("it is there"), b"b");
    }
}
