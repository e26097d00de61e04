//! The backend that a command works with: what `init` has recorded, if the configuration still says
//! the same.

use std::sync::Arc;

use serde_json::{Map, Value as Json};
use skyform_backends::{ConnectError, connect};
use skyform_diag::{Diagnostic, Diagnostics, Location};
use skyform_state::{Backend, LocalBackend};

use super::given::{Given, configured};
use super::record::{self, Record};
use crate::cli::context::Context;
use crate::cli::project::remote_problem;

/// The backend of this folder.
pub(crate) fn select(context: &Context) -> Result<Arc<dyn Backend>, Diagnostics> {
    let (given, record) = (configured(context)?, record::read(context)?);
    match (given, record) {
        (None, None) => Ok(Arc::new(LocalBackend::default())),
        (Some(given), None) => {
            let detail = format!(
                "The configuration has the backend \"{}\", and this folder has not been prepared for it.",
                given.kind
            );
            let place = Location::input("backend");
            Err(Diagnostic::error(place, "Backend initialization required", detail)
                .hint("Run \"skyform init\".")
                .into())
        }
        (given, Some(record)) => match difference(given.as_ref(), &record) {
            Some(difference) => Err(changed(&difference).into()),
            None => open(context, &record.kind, record.values()),
        },
    }
}

/// How the configuration differs from what has been recorded, in a sentence.
pub(super) fn difference(given: Option<&Given>, record: &Record) -> Option<String> {
    let Some(given) = given else {
        return Some(format!("The backend \"{}\" is no longer configured.", record.kind));
    };
    if given.kind != record.kind {
        return Some(format!(
            "The type of the backend has changed from \"{}\" to \"{}\".",
            record.kind, given.kind
        ));
    }
    let names = given.values.keys().chain(record.config.keys());
    let mut differing: Vec<&str> = names
        .filter(|name| given.values.get(*name) != record.config.get(*name))
        .map(String::as_str)
        .collect();
    differing.sort_unstable();
    differing.dedup();
    let list = differing.join(", ");
    (!list.is_empty()).then(|| format!("Arguments of the backend have changed: {list}."))
}

pub(super) fn changed(difference: &str) -> Diagnostic {
    let place = Location::input("backend");
    Diagnostic::error(place, "Backend configuration changed", difference).hint(
        "To take the states along: skyform init -migrate-state. To leave them where they are: skyform init -reconfigure",
    )
}

/// A backend with these arguments.
pub(super) fn open(
    context: &Context,
    kind: &str,
    values: Map<String, Json>,
) -> Result<Arc<dyn Backend>, Diagnostics> {
    let environment = context.environment.clone();
    let find = move |wanted: &str| {
        let found = environment.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.clone())
    };
    connect(kind, values, Arc::new(find)).map_err(|error| connect_problem(kind, &error).into())
}

fn connect_problem(kind: &str, error: &ConnectError) -> Diagnostic {
    let place = || Location::input(format!("backend \"{kind}\""));
    match error {
        ConnectError::UnknownKind(_) => {
            Diagnostic::error(place(), "Unsupported backend type", format!("{error}."))
        }
        ConnectError::Missing(name) => Diagnostic::error(
            place(),
            "Missing required argument",
            format!("The backend needs a value for \"{name}\"."),
        )
        .hint(format!(
            "Write it into the block, or give it: skyform init -backend-config=\"{name}=VALUE\""
        )),
        ConnectError::Invalid { message, .. } => {
            Diagnostic::error(place(), "Unsuitable backend argument", format!("{message}."))
        }
        ConnectError::Failed(problem) => remote_problem(&format!("backend \"{kind}\""), problem),
    }
}
