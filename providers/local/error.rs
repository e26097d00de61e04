//! Errors of the file system by meaning.

use std::io;
use std::path::Path;

use skyform_provider_sdk::{Problem, ProblemKind};

/// A problem with a file or folder of the local cloud.
pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Problem + '_ {
    move |error| {
        let kind = match error.kind() {
            io::ErrorKind::NotFound => ProblemKind::NotFound,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                ProblemKind::Denied
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ProblemKind::Unavailable,
            _ => ProblemKind::Other,
        };
        let detail = format!("{}: {error}.", path.display());
        Problem::error(kind, "Local cloud cannot use its files", detail)
    }
}
