//! Objects of a bucket through OpenDAL, with errors by their meaning.

use futures::TryStreamExt as _;
use opendal::{EntryMode, Error, ErrorKind, Operator};

use crate::{ObjectInfo, Problem, ProblemKind, words};

/// Writes an object as a whole.
///
/// # Errors
/// If the key is none, or the store refuses or does not answer.
pub async fn write(store: &Operator, key: &str, bytes: Vec<u8>) -> Result<(), Problem> {
    check_key(key)?;
    store.write(key, bytes).await.map(drop).map_err(|error| problem(&error, key))
}

/// Reads an object as a whole; none if there is none.
///
/// # Errors
/// If the key is none, or the store refuses or does not answer.
pub async fn read(store: &Operator, key: &str) -> Result<Option<Vec<u8>>, Problem> {
    check_key(key)?;
    match store.read(key).await {
        Ok(bytes) => Ok(Some(bytes.to_vec())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(problem(&error, key)),
    }
}

/// Objects whose keys start with `prefix`, by key.
///
/// # Errors
/// If the store refuses or does not answer.
pub async fn list(store: &Operator, prefix: &str) -> Result<Vec<ObjectInfo>, Problem> {
    let lister = store.lister_with(prefix).recursive(true).await;
    let entries = lister.map_err(|error| problem(&error, prefix))?;
    let entries: Vec<_> = entries.try_collect().await.map_err(|error| problem(&error, prefix))?;
    let files = entries.into_iter().filter(|entry| entry.metadata().mode() == EntryMode::FILE);
    let object = |entry: opendal::Entry| {
        let about = entry.metadata();
        let changed = || about.last_modified().map(|time| time.to_string());
        let etag = about.etag().map(str::to_owned).or_else(changed).unwrap_or_default();
        ObjectInfo { key: entry.path().to_owned(), size: about.content_length(), etag }
    };
    let mut objects: Vec<ObjectInfo> = files.map(object).collect();
    objects.sort_by(|one, other| one.key.cmp(&other.key));
    Ok(objects)
}

/// Deletes an object; one that does not exist is deleted already.
///
/// # Errors
/// If the key is none, or the store refuses or does not answer.
pub async fn delete(store: &Operator, key: &str) -> Result<(), Problem> {
    check_key(key)?;
    store.delete(key).await.map_err(|error| problem(&error, key))
}

/// Whether a key names an object within its bucket, everywhere and in any tool.
///
/// # Errors
/// [`ProblemKind::Invalid`] if it is empty, ends as a folder, or leads out of the bucket.
pub fn check_key(key: &str) -> Result<(), Problem> {
    let is_plain = |part: &str| !matches!(part, "" | "." | "..");
    if key.split('/').all(is_plain) && !key.contains(['\\', '\0']) {
        return Ok(());
    }
    let detail = format!("\"{key}\" cannot be an object's key.");
    Err(Problem::error(ProblemKind::Invalid, "Invalid object key", detail))
}

/// An error of a store by its meaning, in the store's own words.
pub fn problem(error: &Error, key: &str) -> Problem {
    let (kind, summary) = match error.kind() {
        ErrorKind::NotFound => (ProblemKind::NotFound, "No such object"),
        ErrorKind::PermissionDenied => (ProblemKind::Denied, "Access denied"),
        ErrorKind::AlreadyExists | ErrorKind::ConditionNotMatch => {
            (ProblemKind::AlreadyExists, "Object exists already")
        }
        ErrorKind::RateLimited => (ProblemKind::Throttled, "Too many requests"),
        ErrorKind::Unsupported => (ProblemKind::Unsupported, "Not supported by this store"),
        // As OpenDAL calls it when there is nothing to sign with.
        _ if error.message() == "signing http request" => (ProblemKind::Denied, "No credentials"),
        _ if error.is_temporary() => (ProblemKind::Unavailable, "Store does not answer"),
        _ => (ProblemKind::Other, "Store failed"),
    };
    Problem::error(kind, summary, format!("{key}: {}.", words(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stay_within_their_bucket() {
        for key in ["a", "a/b.c", "a b/ü", "..a"] {
            assert!(check_key(key).is_ok(), "{key}");
        }
        for key in ["", "/a", "a/", "a//b", "../a", "a/../b", "a/.", "a\\b", "a\0"] {
            assert!(check_key(key).is_err(), "{key}");
        }
    }

    #[test]
    fn errors_keep_their_meaning() {
        let cases = [
            (ErrorKind::NotFound, ProblemKind::NotFound),
            (ErrorKind::PermissionDenied, ProblemKind::Denied),
            (ErrorKind::RateLimited, ProblemKind::Throttled),
            (ErrorKind::ConditionNotMatch, ProblemKind::AlreadyExists),
            (ErrorKind::Unexpected, ProblemKind::Other),
        ];
        for (given, expected) in cases {
            let problem = problem(&Error::new(given, "said the store"), "a/b");
            assert_eq!(problem.kind, expected);
            assert!(problem.detail.contains("a/b") && problem.detail.contains("said the store"));
        }
        let signing = Error::new(ErrorKind::Unexpected, "signing http request");
        let signing = signing.set_source(std::io::Error::other("no profile"));
        let signing = problem(&signing, "a");
        assert_eq!(signing.kind, ProblemKind::Denied);
        assert!(signing.detail.ends_with("no profile."), "{}", signing.detail);
        let broken = Error::new(ErrorKind::Unexpected, "reset").set_temporary();
        assert_eq!(problem(&broken, "a").kind, ProblemKind::Unavailable);
    }
}
