//! What `init` has recorded of the backend: `backend.json` in the data folder, readable by its owner
//! only, since options may give secrets.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json, json};
use skyform_diag::{Diagnostic, Diagnostics, Location};

use crate::cli::context::Context;

const FORMAT: u64 = 1;

/// A backend that has been initialised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// Its type.
    pub(super) kind: String,
    /// What the block said.
    pub(super) config: Map<String, Json>,
    /// What options said.
    pub(super) options: Map<String, Json>,
}

impl Record {
    /// All of its arguments.
    pub(super) fn values(&self) -> Map<String, Json> {
        let both = self.config.iter().chain(&self.options);
        both.map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

fn path(context: &Context) -> PathBuf {
    context.data_dir().join("backend.json")
}

/// What has been recorded; none if nothing has been.
pub(super) fn read(context: &Context) -> Result<Option<Record>, Diagnostics> {
    let path = path(context);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(problem(&path, &error.to_string()).into()),
    };
    let document: Json =
        serde_json::from_str(&text).map_err(|error| problem(&path, &error.to_string()))?;
    let object = |name: &str| match &document[name] {
        Json::Object(object) => Some(object.clone()),
        _ => None,
    };
    let parts = (document["kind"].as_str(), object("config"), object("options"));
    match (document["format"].as_u64(), parts) {
        (Some(FORMAT), (Some(kind), Some(config), Some(options))) => {
            Ok(Some(Record { kind: kind.to_owned(), config, options }))
        }
        _ => Err(problem(&path, "it is not of a known format").into()),
    }
}

/// Records a backend in place of whatever was recorded; none for no backend.
pub(super) fn write(context: &Context, record: Option<&Record>) -> Result<(), Diagnostics> {
    let path = path(context);
    let written = match record {
        None => match std::fs::remove_file(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        },
        Some(Record { kind, config, options }) => {
            let document = json!({
                "format": FORMAT, "kind": kind, "config": config, "options": options,
            });
            replace(&path, &format!("{document:#}\n"))
        }
    };
    written.map_err(|error| problem(&path, &error.to_string()).into())
}

fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let staged = path.with_extension("json.new");
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&staged)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(staged, path)
}

fn problem(path: &Path, why: &str) -> Diagnostic {
    let place = Location::input(path.display());
    Diagnostic::error(place, "Backend's record cannot be used", format!("{why}."))
        .hint("Initialise anew: skyform init -reconfigure")
}
