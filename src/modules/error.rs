//! Why a module could not be fetched.

use std::path::PathBuf;

/// Why a module could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum ModuleError {
    /// The source is of no known form.
    #[error("{0}")]
    Source(String),
    /// Git did not do what it was asked for; what it said.
    #[error("git {action} failed: {said}")]
    Git {
        /// What it was asked for.
        action: &'static str,
        /// The last lines that it wrote.
        said: String,
    },
    /// A server could not be asked, or said no.
    #[error("{url}: {reason}")]
    Http {
        /// What was asked for.
        url: String,
        /// What came of it.
        reason: String,
    },
    /// An archive that is damaged, or would write outside of its folder.
    #[error("the archive is not usable: {0}")]
    Archive(String),
    /// A registry's answer that cannot be understood or does not help.
    #[error("{0}")]
    Registry(String),
    /// There is no such folder in the package.
    #[error("there is no folder {0} in what was fetched")]
    NoSuchFolder(String),
    /// A file or folder could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl ModuleError {
    pub(crate) fn io(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |source| ModuleError::Io { path: path.to_owned(), source }
    }
}
