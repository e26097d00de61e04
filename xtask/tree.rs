//! The files of the project, and checks that are not about one kind of file.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::findings::Findings;

/// A file of the project: its path from the root, and its text; empty if it is not text.
#[derive(Clone, Debug)]
pub(crate) struct ProjectFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// The project's folder: the one that this is run in, not the one that it was built in, since several
/// trees may share what was built.
pub(crate) fn root() -> PathBuf {
    let run = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let own = run.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    own.parent().unwrap_or(&own).to_owned()
}

/// All files that git tracks or would track, sorted.
pub(crate) fn files(root: &Path) -> Vec<ProjectFile> {
    let arguments = ["ls-files", "--cached", "--others", "--exclude-standard"];
    let listed = Command::new("git").args(arguments).current_dir(root).output();
    let listed = listed.map(|output| output.stdout).unwrap_or_default();
    let mut paths: Vec<String> =
        String::from_utf8_lossy(&listed).lines().map(str::to_owned).collect();
    paths.sort();
    paths.dedup();
    let read = |path: String| {
        let bytes = std::fs::read(root.join(&path)).ok()?;
        Some(ProjectFile { path, text: String::from_utf8(bytes).unwrap_or_default() })
    };
    paths.into_iter().filter_map(read).collect()
}

/// Words that say nothing, as names of files.
const VAGUE: [&str; 5] = ["utils", "helpers", "common", "manager", "misc"];

/// Checks names of files, developers' own paths, and links between documents.
pub(crate) fn check_all(files: &[ProjectFile], found: &mut Findings) {
    for file in files {
        let name = Path::new(&file.path).file_stem().unwrap_or_default().to_string_lossy();
        if VAGUE.contains(&&*name) {
            found.add(&file.path, 1, "a file is named after the one thing that it holds");
        }
        if file.path.ends_with(".md") {
            check_links(file, files, found);
        }
        if file.path.starts_with("xtask/") {
            continue;
        }
        for (number, line) in (1..).zip(file.text.lines()) {
            if ["/work/", "/root/", "/home/"].iter().any(|folder| line.contains(folder)) {
                found.add(&file.path, number, "a path of somebody's machine");
            }
        }
    }
}

fn check_links(file: &ProjectFile, files: &[ProjectFile], found: &mut Findings) {
    let folder = Path::new(&file.path).parent().unwrap_or(Path::new(""));
    for (number, line) in (1..).zip(file.text.lines()) {
        for part in line.split("](").skip(1) {
            let target = part.split([')', '#']).next().unwrap_or_default();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            let path = normal(&folder.join(target));
            let exists = files.iter().any(|known| {
                known.path == path
                    || known.path.starts_with(&format!("{}/", path.trim_end_matches('/')))
            });
            if !exists {
                found.add(&file.path, number, &format!("the link to {target} leads nowhere"));
            }
        }
    }
}

fn normal(path: &Path) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                parts.pop();
            }
            std::path::Component::Normal(part) => parts.push(part.to_string_lossy().into_owned()),
            _ => {}
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> ProjectFile {
        ProjectFile { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn names_paths_and_links() {
        let files = [
            file("src/a/utils.rs", ""),
            file("docs/x.md", "[good](../README.md) [bad](gone.md) [out](https://a.b/c)"),
            file("README.md", "see /home/me/x"),
        ];
        let mut found = Findings::default();
        check_all(&files, &mut found);
        assert_eq!(
            found.lines(),
            [
                "src/a/utils.rs:1: a file is named after the one thing that it holds",
                "docs/x.md:1: the link to gone.md leads nowhere",
                "README.md:1: a path of somebody's machine",
            ]
        );
    }
}
