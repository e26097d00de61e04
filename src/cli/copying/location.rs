//! Reads what a place is called.

use skyform_diag::{Diagnostic, Location as Place};

/// A place as the command line names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Location {
    /// A path of this machine.
    Path(String),
    /// In a cloud's store.
    Store {
        kind: Kind,
        /// The bucket or container.
        bucket: String,
        /// The key or its beginning; empty for all.
        key: String,
    },
    /// In a bucket that the stack's state knows.
    Stack { address: String, key: String },
}

/// The kinds of stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    S3,
    Gcs,
    /// With its account, where the URL names one.
    Azure(Option<String>),
    Oss,
    Cos,
    Obs,
}

const SCHEMES: &str = "s3, gs, azblob, oss, cos, obs, and https for Azure";

impl Location {
    /// Tells what is meant.
    pub(super) fn parse(text: &str) -> Result<Location, Diagnostic> {
        let Some((scheme, rest)) = text.split_once("://") else { return Ok(Self::plain(text)) };
        let problem = |detail: String| {
            Diagnostic::error(Place::input(text), "Invalid place", detail)
                .hint(format!("A place is a path, or a URL: {SCHEMES}."))
        };
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        let kind = match scheme.to_ascii_lowercase().as_str() {
            "file" if bucket.is_empty() => return Ok(Location::Path(format!("/{key}"))),
            "file" => return Err(problem("A file's URL has three slashes and a path.".to_owned())),
            "http" | "https" => {
                let suffix = ".blob.core.windows.net";
                let account = bucket.strip_suffix(suffix).filter(|name| !name.is_empty());
                let Some(account) = account else {
                    return Err(problem(format!("{bucket} is no store of blobs.")));
                };
                let (container, key) = key.split_once('/').unwrap_or((key, ""));
                let kind = Kind::Azure(Some(account.to_owned()));
                return Self::store(kind, container, key).ok_or_else(|| problem(no_bucket()));
            }
            "s3" => Kind::S3,
            "gs" | "gcs" => Kind::Gcs,
            "azblob" => Kind::Azure(None),
            "oss" => Kind::Oss,
            "cos" => Kind::Cos,
            "obs" => Kind::Obs,
            "local" => {
                let detail = "A bucket of a local cloud is reached through its stack.".to_owned();
                return Err(problem(detail).hint("Name it as the stack does: bucket.NAME"));
            }
            _ => return Err(problem(format!("\"{scheme}\" is no kind of store that is known."))),
        };
        Self::store(kind, bucket, key).ok_or_else(|| problem(no_bucket()))
    }

    fn store(kind: Kind, bucket: &str, key: &str) -> Option<Location> {
        let store = Location::Store { kind, bucket: bucket.to_owned(), key: key.to_owned() };
        (!bucket.is_empty()).then_some(store)
    }

    fn plain(text: &str) -> Location {
        let is_stack = text.starts_with("bucket.") || text.starts_with("module.");
        match text.split_once('/') {
            Some((address, key)) if is_stack => {
                Location::Stack { address: address.to_owned(), key: key.to_owned() }
            }
            None if is_stack => Location::Stack { address: text.to_owned(), key: String::new() },
            _ => Location::Path(text.to_owned()),
        }
    }
}

fn no_bucket() -> String {
    "The address has no bucket.".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let path = |path: &str| Some(Location::Path(path.to_owned()));
        let store = |kind: Kind, bucket: &str, key: &str| {
            Some(Location::Store { kind, bucket: bucket.to_owned(), key: key.to_owned() })
        };
        let stack = |address: &str, key: &str| {
            Some(Location::Stack { address: address.to_owned(), key: key.to_owned() })
        };
        let account = || Kind::Azure(Some("acme".to_owned()));
        for (text, expected) in [
            ("data", path("data")),
            ("./bucket.x", path("./bucket.x")),
            ("file:///srv/a", path("/srv/a")),
            ("bucket.data", stack("bucket.data", "")),
            ("bucket.data[\"a\"]/b/c", stack("bucket.data[\"a\"]", "b/c")),
            ("module.m.bucket.data/x/", stack("module.m.bucket.data", "x/")),
            ("s3://b", store(Kind::S3, "b", "")),
            ("S3://b/k/x", store(Kind::S3, "b", "k/x")),
            ("gs://b/k/", store(Kind::Gcs, "b", "k/")),
            ("azblob://c/k", store(Kind::Azure(None), "c", "k")),
            ("https://acme.blob.core.windows.net/c/a/b", store(account(), "c", "a/b")),
            ("oss://b/k", store(Kind::Oss, "b", "k")),
            ("cos://b/k", store(Kind::Cos, "b", "k")),
            ("obs://b/k", store(Kind::Obs, "b", "k")),
            ("https://acme.blob.core.windows.net/", None),
            ("https://example.com/x", None),
            ("file://host/x", None),
            ("local://east/data", None),
            ("ftp://x/y", None),
            ("s3://", None),
        ] {
            assert_eq!(Location::parse(text).ok(), expected, "{text}");
        }
    }
}
