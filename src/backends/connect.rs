//! A backend by the name of its type.

use std::sync::Arc;

use serde_json::{Map, Value as Json};
use skyform_state::{Backend, LocalBackend, RemoteError};

use crate::argument::Argument;
use crate::remotes::RemoteBackend;
use crate::settings::{Environment, Settings};
use crate::{azurerm, gcs, http, pg, s3};

/// Types of backends, with their arguments.
pub const KINDS: &[(&str, &[Argument])] = &[
    ("azurerm", azurerm::ARGUMENTS),
    ("gcs", gcs::ARGUMENTS),
    ("http", http::ARGUMENTS),
    ("local", LOCAL),
    ("pg", pg::ARGUMENTS),
    ("s3", s3::ARGUMENTS),
];

const LOCAL: &[Argument] = &[Argument::text("path"), Argument::text("workspace_dir")];

/// Why there is no backend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// There is no such type.
    #[error("there is no backend of the type \"{0}\"")]
    UnknownKind(String),
    /// An argument is not given.
    #[error("the argument \"{0}\" is required")]
    Missing(&'static str),
    /// An argument's value cannot be used.
    #[error("{message}")]
    Invalid {
        /// The argument.
        argument: &'static str,
        /// What is wrong, in a sentence without its full stop.
        message: String,
    },
    /// It cannot be reached for another reason.
    #[error("{0}")]
    Failed(RemoteError),
}

impl ConnectError {
    pub(crate) fn invalid(argument: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid { argument, message: message.into() }
    }
}

impl From<RemoteError> for ConnectError {
    fn from(error: RemoteError) -> Self {
        Self::Failed(error)
    }
}

/// The backend of this type. Nothing is read or written yet.
///
/// # Errors
/// If the type is not known, or the values do not do.
pub fn connect(
    kind: &str,
    values: Map<String, Json>,
    environment: Arc<Environment>,
) -> Result<Arc<dyn Backend>, ConnectError> {
    let found = KINDS.iter().find(|(name, _)| *name == kind);
    let (_, arguments) = found.ok_or_else(|| ConnectError::UnknownKind(kind.to_owned()))?;
    let settings = Settings::new(arguments, values, environment);
    if let Some(missing) = settings.missing().next() {
        return Err(ConnectError::Missing(missing.name));
    }
    Ok(match kind {
        "s3" => Arc::new(RemoteBackend::new(s3::connect(&settings)?)),
        "azurerm" => Arc::new(RemoteBackend::new(azurerm::connect(&settings)?)),
        "gcs" => Arc::new(RemoteBackend::new(gcs::connect(&settings)?)),
        "pg" => Arc::new(RemoteBackend::new(pg::connect(&settings)?)),
        "http" => Arc::new(RemoteBackend::with_default_only(http::connect(&settings)?)),
        _ => {
            let plain = LocalBackend::default();
            Arc::new(LocalBackend {
                path: settings.text("path").map_or(plain.path, Into::into),
                workspace_dir: settings
                    .text("workspace_dir")
                    .map_or(plain.workspace_dir, Into::into),
            })
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reference lists each argument in the section of its backend.
    #[test]
    fn each_argument_is_documented() {
        let reference = include_str!("../../docs/reference/backends.md");
        for (kind, arguments) in KINDS {
            let (_, section) = reference.split_once(&format!("\n## {kind}\n")).expect("a section");
            let section = section.split("\n## ").next().unwrap_or_default();
            for argument in *arguments {
                assert!(
                    section.contains(&format!("`{}`", argument.name)),
                    "{kind}: {}",
                    argument.name
                );
            }
        }
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let with = |kind: &str, pairs: &[(&str, &str)]| {
            let values = pairs.iter().map(|(name, value)| ((*name).to_owned(), Json::from(*value)));
            connect(kind, values.collect(), Arc::new(|_| None)).map(drop)
        };
        assert_eq!(with("s4", &[]), Err(ConnectError::UnknownKind("s4".to_owned())));
        assert_eq!(with("http", &[]), Err(ConnectError::Missing("address")));
        let table = [
            ("http", vec![("address", "ftp://x")], "address"),
            ("http", vec![("address", "http://x"), ("lock_method", "a b")], "lock_method"),
            (
                "gcs",
                vec![("bucket", "b"), ("access_token", "x"), ("encryption_key", "short")],
                "encryption_key",
            ),
            (
                "azurerm",
                vec![
                    ("storage_account_name", "a"),
                    ("container_name", "c"),
                    ("key", "k"),
                    ("access_key", "not base64!"),
                ],
                "access_key",
            ),
        ];
        for (kind, pairs, expected) in table {
            match with(kind, &pairs) {
                Err(ConnectError::Invalid { argument, .. }) => assert_eq!(argument, expected),
                other => panic!("{kind}: {other:?}"),
            }
        }
        assert_eq!(with("local", &[("path", "a.tfstate")]), Ok(()));
    }
}
