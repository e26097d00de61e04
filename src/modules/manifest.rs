//! `modules.json`: which modules lie where, in the form that Terraform keeps too.

use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::ModuleError;

/// A module as called from one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestEntry {
    /// Names of the calls that lead to it, with dots between them; empty for the root.
    pub key: String,
    /// Its source.
    pub source: String,
    /// The version, of a registry's.
    pub version: Option<String>,
    /// The folder, relative to the root module's.
    pub dir: PathBuf,
}

/// Reads a manifest; nothing where there is none or it cannot be understood, since then all is
/// fetched anew.
pub fn read_manifest(path: &Path) -> Vec<ManifestEntry> {
    let text = std::fs::read(path).unwrap_or_default();
    let json: Json = serde_json::from_slice(&text).unwrap_or_default();
    let entries = json["Modules"].as_array().into_iter().flatten();
    let text = |entry: &Json, name: &str| entry[name].as_str().map(str::to_owned);
    entries
        .filter_map(|entry| {
            Some(ManifestEntry {
                key: text(entry, "Key")?,
                source: text(entry, "Source")?,
                version: text(entry, "Version"),
                dir: PathBuf::from(text(entry, "Dir")?),
            })
        })
        .collect()
}

/// Writes a manifest, in one step.
///
/// # Errors
/// As the file system says.
pub fn write_manifest(path: &Path, entries: &[ManifestEntry]) -> Result<(), ModuleError> {
    let modules: Vec<Json> = entries
        .iter()
        .map(|entry| {
            let mut json = json!({"Key": entry.key, "Source": entry.source});
            if let Some(version) = &entry.version {
                json["Version"] = Json::from(version.as_str());
            }
            json["Dir"] = Json::from(entry.dir.display().to_string());
            json
        })
        .collect();
    let text = json!({"Modules": modules}).to_string();
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(ModuleError::io(folder))?;
    }
    let new = path.with_extension("json.new");
    std::fs::write(&new, text).map_err(ModuleError::io(&new))?;
    std::fs::rename(&new, path).map_err(ModuleError::io(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_nonsense_is_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("below/modules.json");
        let entry = |key: &str, version: Option<&str>| ManifestEntry {
            key: key.to_owned(),
            source: "x/y/z".to_owned(),
            version: version.map(str::to_owned),
            dir: PathBuf::from("a/b"),
        };
        let entries = [entry("", None), entry("a.b", Some("1.2.3"))];
        write_manifest(&path, &entries).expect("written");
        assert_eq!(read_manifest(&path), entries);
        std::fs::write(&path, "{").expect("written");
        assert!(read_manifest(&path).is_empty());
        assert!(read_manifest(&folder.path().join("none")).is_empty());
    }
}
