//! `terraform_remote_state`: the outputs of another stack, read from its state.
//!
//! Local state files are read here; what is kept elsewhere is read by whoever knows backends.

use std::path::{Path as FilePath, PathBuf};

use async_trait::async_trait;
use skyform_provider_sdk::schema::{Attribute, Block, Schema};
use skyform_provider_sdk::{Problem, ProblemKind, Problems};
use skyform_value::{Path, Str, Type, Value, json};

/// Reads states that are not in local files.
#[async_trait]
pub trait RemoteStates: Send + Sync {
    /// The text of a state of version 4; none if nothing is stored there.
    ///
    /// # Errors
    /// If the type or its arguments are wrong, or it cannot be read.
    async fn read(
        &self,
        backend: &str,
        config: &Value,
        workspace: Option<&str>,
    ) -> Result<Option<String>, Problem>;
}

pub(crate) fn schema() -> Schema {
    let block = Block::with([
        (
            "backend",
            Attribute::required(Type::String)
                .describe("The type of the backend that keeps the state."),
        ),
        ("config", Attribute::optional(Type::Any).describe("The arguments of the backend.")),
        (
            "defaults",
            Attribute::optional(Type::Any).describe("Values for outputs that the state lacks."),
        ),
        ("outputs", Attribute::computed(Type::Any).describe("The outputs, as an object.")),
        (
            "workspace",
            Attribute::optional(Type::String).describe("The workspace; `default` without it."),
        ),
    ]);
    Schema { version: 0, block }
}

/// Reads the outputs: the configuration with `outputs` in it.
pub(crate) async fn read(
    config: &Value,
    states: Option<&dyn RemoteStates>,
) -> Result<Value, Problems> {
    let part = |name: &str| config.get(name).cloned().unwrap_or_else(Value::null);
    let (backend, arguments, workspace) = (part("backend"), part("config"), part("workspace"));
    let (place, text) = match (backend.as_str(), states) {
        (Some(kind), Some(states)) if kind != "local" => {
            let workspace = workspace.as_str().filter(|name| !name.is_empty());
            let text = states.read(kind, &arguments, workspace).await?;
            (PathBuf::from(kind), text)
        }
        _ => {
            let path = state_path(&backend, &arguments, &workspace)?;
            let text = match std::fs::read_to_string(&path) {
                Ok(text) => Some(text),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
                Err(error) => return Err(unreadable(&path, &error.to_string()).into()),
            };
            (path, text)
        }
    };
    let text = text.ok_or_else(|| {
        let detail = match backend.as_str() {
            Some("local") | None => format!("There is no state file {}.", place.display()),
            Some(kind) => format!("Nothing is stored there by the backend \"{kind}\"."),
        };
        Problem::error(ProblemKind::NotFound, "Unable to find remote state", detail)
            .hint("Apply the stack that it belongs to first, or correct the path.")
    })?;
    let mut outputs: Vec<(Str, Value)> = Vec::new();
    for (name, value) in part("defaults").as_table().into_iter().flatten() {
        outputs.push((name.clone(), value.clone()));
    }
    outputs.extend(outputs_of(&text).map_err(|why| unreadable(&place, &why))?);
    // A name given twice has the value given last.
    let outputs = Value::object(outputs);
    let attributes = config.as_table().into_iter().flatten();
    let attributes = attributes.map(|(name, value)| (name.clone(), value.clone()));
    Ok(Value::object(attributes.chain([(Str::from("outputs"), outputs)])))
}

fn state_path(backend: &Value, config: &Value, workspace: &Value) -> Result<PathBuf, Problems> {
    if backend.as_str() != Some("local") {
        return Err(Problem::error(
            ProblemKind::Unsupported,
            "Invalid backend configuration",
            format!(
                "States can be read from local files only, not from \"{}\".",
                backend.as_str().unwrap_or_default()
            ),
        )
        .at(Path::attribute("backend"))
        .into());
    }
    let wrong = |detail: String| {
        Problems::from(
            Problem::error(ProblemKind::Invalid, "Invalid backend configuration", detail)
                .at(Path::attribute("config")),
        )
    };
    let mut path = PathBuf::from("terraform.tfstate");
    let mut workspace_dir = PathBuf::from("terraform.tfstate.d");
    if !config.is_null() && config.as_table().is_none() {
        return Err(wrong("The configuration must be an object.".to_owned()));
    }
    for (name, value) in config.as_table().into_iter().flatten() {
        let target = match name.as_str() {
            "path" => &mut path,
            "workspace_dir" => &mut workspace_dir,
            _ => return Err(wrong(format!("The local backend has no argument \"{name}\"."))),
        };
        match value.as_str() {
            Some(text) => *target = PathBuf::from(text),
            None if value.is_null() => {}
            None => return Err(wrong(format!("The argument \"{name}\" must be a string."))),
        }
    }
    Ok(match workspace.as_str() {
        None | Some("" | "default") => path,
        Some(name) => workspace_dir.join(name).join("terraform.tfstate"),
    })
}

/// The outputs in a state file's text.
fn outputs_of(text: &str) -> Result<Vec<(Str, Value)>, String> {
    let document = json::from_plain(text).map_err(|error| error.to_string())?;
    let version = document.get("version").and_then(Value::as_number);
    if version.and_then(|version| version.to_u64()) != Some(4) {
        return Err("it is not a state of version 4".to_owned());
    }
    let mut found = Vec::new();
    for (name, output) in document.get("outputs").and_then(Value::as_table).into_iter().flatten() {
        let part = |part: &str| output.get(part).cloned().unwrap_or_else(Value::null);
        let ty = json::type_from_text(&json::to_plain(&part("type")));
        let ty = ty.map_err(|error| error.to_string())?;
        let value = json::from_typed(&json::to_plain(&part("value")), &ty);
        found.push((name.clone(), value.map_err(|error| error.to_string())?));
    }
    Ok(found)
}

fn unreadable(path: &FilePath, why: &str) -> Problem {
    Problem::error(
        ProblemKind::Other,
        "Remote state could not be read",
        format!("{}: {why}.", path.display()),
    )
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    const STATE: &str = r#"{"version": 4, "serial": 1, "lineage": "x", "outputs": {
        "name": {"value": "n", "type": "string"},
        "object": {"value": {"a": [1, "x"]}, "type": ["object", {"a": ["tuple", ["number", "string"]]}]}
    }, "resources": []}"#;

    fn config(path: &FilePath, workspace: Value) -> Value {
        let folder = path.parent().and_then(FilePath::to_str).unwrap_or_default();
        Value::object([
            ("backend", Value::from("local")),
            (
                "config",
                Value::object([
                    ("path", Value::from(path.to_str().unwrap_or_default())),
                    ("workspace_dir", Value::from(folder)),
                ]),
            ),
            ("defaults", Value::object([("extra", Value::from(true)), ("name", Value::from("d"))])),
            ("outputs", Value::null()),
            ("workspace", workspace),
        ])
    }

    #[test]
    fn outputs_come_with_their_types_and_over_defaults() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let path = folder.path().join("a.tfstate");
        std::fs::write(&path, STATE).expect("written");
        let value = block_on(read(&config(&path, Value::null()), None)).expect("readable");
        let outputs = value.get("outputs").expect("outputs");
        assert_eq!(outputs.get("name").and_then(Value::as_str), Some("n"));
        assert_eq!(outputs.get("extra"), Some(&Value::from(true)));
        let object = outputs.get("object").and_then(|object| object.get("a"));
        assert_eq!(object.map(|list| list.children().count()), Some(2));
    }

    #[test]
    fn a_workspace_has_its_own_file() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let path = folder.path().join("a.tfstate");
        let problem =
            block_on(read(&config(&path, Value::from("w")), None)).expect_err("no such file");
        assert_eq!(problem[0].kind, ProblemKind::NotFound);
        std::fs::create_dir(folder.path().join("w")).expect("made");
        std::fs::write(folder.path().join("w/terraform.tfstate"), STATE).expect("written");
        assert!(block_on(read(&config(&path, Value::from("w")), None)).is_ok());
    }

    #[test]
    fn what_is_no_state_is_refused() {
        for text in [
            "",
            "{}",
            "[1]",
            r#"{"version": 3}"#,
            r#"{"version": 4, "outputs": {"a": {"value": 1, "type": "odd"}}}"#,
        ] {
            assert!(outputs_of(text).is_err(), "{text}");
        }
    }

    #[test]
    fn other_backends_and_arguments_are_refused() {
        let some = |name: &str| Value::object([(name, Value::from("x"))]);
        let local = Value::from("local");
        assert!(state_path(&Value::from("s3"), &Value::null(), &Value::null()).is_err());
        assert!(state_path(&local, &some("pth"), &Value::null()).is_err());
        assert_eq!(
            state_path(&local, &some("path"), &Value::from("default")),
            Ok(PathBuf::from("x"))
        );
    }
}
