//! Where the ONNX Runtime library may lie on this machine.

use std::path::{Path, PathBuf};

use super::context::Context;

/// Names the library's file.
pub(crate) const VARIABLE: &str = "ORT_DYLIB_PATH";

/// Files that may be the library, the best first. A file that the user names is the only one.
pub(crate) fn candidates(context: &Context) -> Vec<PathBuf> {
    if let Some(named) = context.variable(VARIABLE).filter(|named| !named.is_empty()) {
        return vec![named.into()];
    }
    let mut found = Vec::new();
    for prefix in python_prefixes(context) {
        for python in sorted(&prefix.join("lib"), "python3") {
            for packages in ["site-packages", "dist-packages"] {
                found.extend(libraries(&python.join(packages).join("onnxruntime/capi")));
            }
        }
    }
    for folder in ["/usr/local/lib", "/usr/lib", "/usr/lib64"] {
        let folder = Path::new(folder);
        found.extend(libraries(folder));
        for triplet in sorted(folder, &format!("{}-linux", std::env::consts::ARCH)) {
            found.extend(libraries(&triplet));
        }
    }
    found
}

/// Folders that Pythons are installed in: an active environment, the user's own, those on `PATH`.
fn python_prefixes(context: &Context) -> Vec<PathBuf> {
    let mut prefixes = Vec::new();
    prefixes.extend(context.variable("VIRTUAL_ENV").map(PathBuf::from));
    prefixes.extend(context.variable("HOME").map(|home| Path::new(home).join(".local")));
    for folder in std::env::split_paths(context.variable("PATH").unwrap_or_default()) {
        if folder.join("python3").exists() {
            prefixes.extend(folder.parent().map(Path::to_owned));
        }
    }
    prefixes
}

/// Libraries in a folder: a plain name first, then those with a version in it.
fn libraries(folder: &Path) -> Vec<PathBuf> {
    sorted(folder, "libonnxruntime.so")
}

/// What a folder has whose name begins so, sorted. A folder that cannot be read has nothing.
fn sorted(folder: &Path, beginning: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(beginning))
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_found_by_their_names_sorted() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["libonnxruntime.so.1.22.0", "libonnxruntime.so", "libonnx.so", "other"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let found = libraries(folder.path());
        let names: Vec<_> =
            found.iter().map(|path| path.file_name().unwrap().to_string_lossy()).collect();
        assert_eq!(names, ["libonnxruntime.so", "libonnxruntime.so.1.22.0"]);
        assert!(libraries(&folder.path().join("missing")).is_empty());
    }
}
