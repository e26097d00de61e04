//! `ephemeral "secret"`: a secret that is read when it is needed, and never stored.
//!
//! It comes from an environment variable, a file or the output of a command. What a command says on
//! its standard error is shown where it fails; its output never is.

use std::path::PathBuf;

use skyform_provider_sdk::schema::{Attribute, Block, Schema};
use skyform_provider_sdk::{Lease, Opened, Problem, ProblemKind, Problems};
use skyform_value::{Path, Type, Value};

use crate::object::{text, with};
use crate::provider::Environment;

/// Where a secret may come from.
const SOURCES: [&str; 3] = ["env", "file", "command"];

/// Larger ones are refused: something else than a secret was named.
const MOST_BYTES: u64 = 1 << 20;

pub(crate) fn schema() -> Schema {
    let value = Attribute { sensitive: true, ..Attribute::computed(Type::String) };
    Schema {
        version: 0,
        block: Block::with([
            (
                "env",
                Attribute::optional(Type::String).describe("The name of an environment variable."),
            ),
            (
                "file",
                Attribute::optional(Type::String)
                    .describe("A file with it; a line break at its end is left out."),
            ),
            (
                "command",
                Attribute::optional(Type::list(Type::String))
                    .describe("A program with its arguments that prints it; a line break at the end is left out."),
            ),
            ("value", value.describe("The secret.")),
        ]),
    }
}

/// What is wrong with a block, which may still have unknown values.
pub(crate) fn validate(config: &Value) -> Problems {
    let given: Vec<&str> = SOURCES.into_iter().filter(|name| is_given(config, name)).collect();
    match given.as_slice() {
        [_] => Problems::new(),
        [] => vec![invalid(
            "Missing required argument",
            "One of \"env\", \"file\" and \"command\" says where the secret comes from.".to_owned(),
        )],
        [first, rest @ ..] => {
            let detail = format!(
                "\"{first}\" excludes \"{}\": a secret comes from one place.",
                rest.join("\" and \"")
            );
            vec![invalid("Invalid combination of arguments", detail).at(Path::attribute(*first))]
        }
    }
}

fn is_given(config: &Value, name: &str) -> bool {
    config.get(name).is_some_and(|value| !value.is_null())
}

fn invalid(summary: &'static str, detail: String) -> Problem {
    Problem::error(ProblemKind::Invalid, summary, detail)
}

/// Reads the secret.
pub(crate) async fn open(config: &Value, environment: &Environment) -> Result<Opened, Problem> {
    let secret = if is_given(config, "env") {
        from_environment(&text(config, "env"), environment)?
    } else if is_given(config, "file") {
        from_file(text(config, "file").into()).await?
    } else {
        from_command(config).await?
    };
    let value = with(config, [("value", Value::from(secret))]);
    Ok(Opened { value, lease: Lease::default(), problems: Problems::new() })
}

fn from_environment(name: &str, environment: &Environment) -> Result<String, Problem> {
    environment(name).ok_or_else(|| {
        let detail = format!("The environment variable {name} is not set.");
        Problem::error(ProblemKind::NotFound, "Secret not found", detail)
            .at(Path::attribute("env"))
            .hint(format!("Set {name} where this program runs. It is needed for plan and apply."))
    })
}

async fn from_file(path: PathBuf) -> Result<String, Problem> {
    let shown = path.display().to_string();
    let problem = |kind: ProblemKind, detail: String| {
        Problem::error(kind, "Secret cannot be read", format!("{shown}: {detail}."))
            .at(Path::attribute("file"))
    };
    let read = |error: &std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => problem(ProblemKind::NotFound, error.to_string()),
        _ => problem(ProblemKind::Invalid, error.to_string()),
    };
    let size = tokio::fs::metadata(&path).await.map_err(|error| read(&error))?.len();
    if size > MOST_BYTES {
        return Err(problem(ProblemKind::Invalid, format!("it has {size} bytes")));
    }
    let bytes = tokio::fs::read(&path).await.map_err(|error| read(&error))?;
    let not_text = || problem(ProblemKind::Invalid, "it is not text in UTF-8".to_owned());
    String::from_utf8(bytes).map(trimmed).map_err(|_| not_text())
}

async fn from_command(config: &Value) -> Result<String, Problem> {
    let words = config.get("command").and_then(Value::as_slice).unwrap_or_default();
    let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
    let problem = |detail: String| {
        Problem::error(ProblemKind::Other, "Secret cannot be read", detail)
            .at(Path::attribute("command"))
    };
    let Some((program, arguments)) = words.split_first() else {
        return Err(problem("The command is empty.".to_owned()));
    };
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).stdin(std::process::Stdio::null()).kill_on_drop(true);
    let output = command.output().await;
    let output =
        output.map_err(|error| problem(format!("{program} could not be started: {error}.")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.trim();
        let said = if said.is_empty() { String::new() } else { format!("\n{said}") };
        return Err(problem(format!("{program} ended with {}.{said}", output.status)));
    }
    let not_text = |_| problem(format!("The output of {program} is not text in UTF-8."));
    String::from_utf8(output.stdout).map(trimmed).map_err(not_text)
}

/// Without one line break at the end.
fn trimmed(mut text: String) -> String {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    text
}

#[cfg(test)]
mod tests;
