//! States of other stacks, for `terraform_remote_state`.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value as Json;
use skyform_backends::{KINDS, check, connect, known};
use skyform_provider_builtin::RemoteStates;
use skyform_provider_sdk::{Problem, ProblemKind};
use skyform_state::codec::state_to_json;
use skyform_state::{DEFAULT_WORKSPACE, Here, StateError};
use skyform_value::{Path, Value, json};

/// States behind any backend.
pub(crate) struct OtherStates {
    /// Variables of the environment.
    pub environment: Vec<(String, String)>,
    /// This machine.
    pub here: Here,
}

#[async_trait]
impl RemoteStates for OtherStates {
    async fn read(
        &self,
        kind: &str,
        config: &Value,
        workspace: Option<&str>,
    ) -> Result<Option<String>, Problem> {
        let values = checked(kind, config)?;
        let environment = self.environment.clone();
        let find = move |wanted: &str| {
            let found = environment.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.clone())
        };
        let (kind, here) = (kind.to_owned(), self.here.clone());
        let workspace = workspace.unwrap_or(DEFAULT_WORKSPACE).to_owned();
        // The backend's calls wait.
        let work = tokio::task::spawn_blocking(move || {
            let backend = connect(&kind, values, Arc::new(find))
                .map_err(|error| wrong(&format!("{error}.")))?;
            let store = backend.store(&workspace, &here);
            let state = store.and_then(|mut store| store.read()).map_err(|error| unread(&error))?;
            Ok(state.map(|state| state_to_json(&state)))
        });
        work.await.unwrap_or_else(|error| {
            let detail = format!("The backend broke off: {error}.");
            Err(Problem::error(ProblemKind::Other, "Remote state could not be read", detail))
        })
    }
}

fn checked(kind: &str, config: &Value) -> Result<serde_json::Map<String, Json>, Problem> {
    let Some((_, arguments)) = KINDS.iter().find(|(name, _)| *name == kind) else {
        let detail = format!("There is no backend of the type \"{kind}\".");
        let problem = Problem::error(ProblemKind::Invalid, "Invalid backend configuration", detail);
        return Err(problem.at(Path::attribute("backend")));
    };
    let config = match config.is_null() {
        true => Json::Object(serde_json::Map::new()),
        false => serde_json::from_str(&json::to_plain(config)).unwrap_or(Json::Null),
    };
    let Json::Object(values) = config else {
        return Err(wrong("The configuration must be an object."));
    };
    for (name, value) in &values {
        let Some(argument) = known(arguments, name) else {
            return Err(wrong(&format!("The {kind} backend has no argument \"{name}\".")));
        };
        if let Some(message) = check(argument, value) {
            return Err(wrong(&message));
        }
    }
    Ok(values)
}

fn wrong(detail: &str) -> Problem {
    Problem::error(ProblemKind::Invalid, "Invalid backend configuration", detail)
        .at(Path::attribute("config"))
}

fn unread(error: &StateError) -> Problem {
    Problem::error(ProblemKind::Other, "Remote state could not be read", format!("{error}."))
}
