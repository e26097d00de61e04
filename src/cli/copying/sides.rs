//! The two sides of a copy, opened.

use std::path::{Path, PathBuf};

use opendal::{EntryMode, ErrorKind};
use skyform_data::copy::{Place, Selection, Staged};
use skyform_diag::{Diagnostic, Location as Shown};

use super::location::{Kind, Location};
use super::settings::CopyArgs;
use super::stores::{self, Store};
use crate::cli::context::Context;

/// Where a copy reads and writes, and what of it.
pub(crate) struct Sides {
    pub(crate) source: Place,
    pub(crate) destination: Place,
    pub(crate) selection: Selection,
    /// Kept for as long as the copy writes files.
    pub(crate) _staged: Option<Staged>,
}

/// Opens both sides. Makes the destination's folder, but not for a dry run.
pub(crate) async fn open(context: &Context, args: &CopyArgs) -> Result<Sides, Diagnostic> {
    let source = Location::parse(&args.source)?;
    let destination = Location::parse(&args.destination)?;
    let endpoint = args.source_endpoint.as_deref();
    let (source, only) = match &source {
        Location::Path(path) => local_source(&args.source, path)?,
        _ => {
            let remote = Remote::open(context, &args.source, &source, endpoint).await?;
            remote.source(&args.source).await?
        }
    };
    let endpoint = args.destination_endpoint.as_deref();
    let (destination, to, staged) = match &destination {
        Location::Path(path) => local_destination(args, path, only.as_deref())?,
        _ => {
            let remote = Remote::open(context, &args.destination, &destination, endpoint).await?;
            let (place, to) = remote.destination(only.as_deref());
            (place, to, None)
        }
    };
    let selection = match (only, to) {
        (Some(from), Some(to)) => Selection::One { from, to },
        _ => Selection::All,
    };
    apart(&source, &destination, &selection, &args.destination)?;
    Ok(Sides { source, destination, selection, _staged: staged })
}

/// A bucket that is reached, and the key in it.
struct Remote {
    store: Store,
    key: String,
    /// The URL without the key.
    base: String,
}

impl Remote {
    async fn open(
        context: &Context,
        text: &str,
        location: &Location,
        endpoint: Option<&str>,
    ) -> Result<Remote, Diagnostic> {
        match location {
            Location::Store { kind, bucket, key } => {
                let store = stores::remote(context, text, kind, bucket, endpoint, None).await?;
                let base = match kind {
                    Kind::S3 => format!("s3://{bucket}/"),
                    Kind::Gcs => format!("gs://{bucket}/"),
                    Kind::Azure(Some(account)) => {
                        format!("https://{account}.blob.core.windows.net/{bucket}/")
                    }
                    Kind::Azure(None) => format!("azblob://{bucket}/"),
                    Kind::Oss => format!("oss://{bucket}/"),
                    Kind::Cos => format!("cos://{bucket}/"),
                    Kind::Obs => format!("obs://{bucket}/"),
                };
                Ok(Remote { store, key: key.clone(), base })
            }
            Location::Stack { address, key } => {
                let (store, base) = super::stack::bucket(context, text, address)?;
                Ok(Remote { store, key: key.clone(), base })
            }
            Location::Path(path) => {
                let detail = format!("{path} is a path of this machine.");
                Err(Diagnostic::error(Shown::input(text), "Invalid place", detail))
            }
        }
    }

    /// The place, and the name of the object if the key is one's.
    async fn source(self, text: &str) -> Result<(Place, Option<String>), Diagnostic> {
        if self.key.is_empty() || self.key.ends_with('/') {
            let folder = self.key.clone();
            return Ok((self.place(folder), None));
        }
        match self.store.operator.stat(&self.key).await {
            Ok(about) if about.mode() == EntryMode::FILE => {
                let (folder, name) = split(&self.key);
                Ok((self.place(folder), Some(name)))
            }
            Err(error) if error.kind() != ErrorKind::NotFound => {
                let detail = format!("{error}.");
                Err(Diagnostic::error(Shown::input(text), "Source cannot be read", detail))
            }
            _ => {
                let folder = format!("{}/", self.key);
                Ok((self.place(folder), None))
            }
        }
    }

    /// The place, and what one object is to be called there.
    fn destination(self, only: Option<&str>) -> (Place, Option<String>) {
        let is_folder = self.key.is_empty() || self.key.ends_with('/');
        match only {
            Some(name) if is_folder => {
                let folder = self.key.clone();
                (self.place(folder), Some(name.to_owned()))
            }
            Some(_) => {
                let (folder, name) = split(&self.key);
                (self.place(folder), Some(name))
            }
            None => {
                let folder = if is_folder { self.key.clone() } else { format!("{}/", self.key) };
                (self.place(folder), None)
            }
        }
    }

    fn place(self, folder: String) -> Place {
        let Store { operator, identity } = self.store;
        Place { shown: format!("{}{folder}", self.base), store: operator, folder, identity }
    }
}

/// `a/b/c` as `a/b/` and `c`.
fn split(key: &str) -> (String, String) {
    let at = key.rfind('/').map_or(0, |slash| slash + 1);
    (key[..at].to_owned(), key[at..].to_owned())
}

fn local_source(text: &str, path: &str) -> Result<(Place, Option<String>), Diagnostic> {
    let whole = Path::new(path).canonicalize().map_err(|error| {
        let detail = format!("{error}.");
        Diagnostic::error(Shown::input(text), "Source cannot be read", detail)
    })?;
    if whole.is_dir() {
        return Ok((local_place(text, &whole, None)?, None));
    }
    let name = whole.file_name().and_then(|name| name.to_str());
    let (Some(folder), Some(name), true) = (whole.parent(), name, whole.is_file()) else {
        let detail = "It is neither a file nor a folder.";
        return Err(Diagnostic::error(Shown::input(text), "Source cannot be read", detail));
    };
    Ok((local_place(text, folder, None)?, Some(name.to_owned())))
}

type Destination = (Place, Option<String>, Option<Staged>);

fn local_destination(
    args: &CopyArgs,
    path: &str,
    only: Option<&str>,
) -> Result<Destination, Diagnostic> {
    let text = &args.destination;
    let whole = std::path::absolute(path).map_err(unwritable(text))?;
    let is_folder = whole.is_dir() || path.ends_with('/') || only.is_none();
    let (folder, to) = if is_folder {
        (whole, only.map(str::to_owned))
    } else {
        let name = whole.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        (whole.parent().map_or_else(|| whole.clone(), Path::to_owned), name)
    };
    if args.dry_run {
        return Ok((missing_place(text, &folder)?, to, None));
    }
    std::fs::create_dir_all(&folder).map_err(unwritable(text))?;
    let folder = folder.canonicalize().map_err(unwritable(text))?;
    let staged = Staged::open(&folder).map_err(unwritable(text))?;
    Ok((local_place(text, &folder, Some(staged.folder()))?, to, Some(staged)))
}

fn unwritable(text: &str) -> impl Fn(std::io::Error) -> Diagnostic + '_ {
    move |error| {
        let detail = format!("{error}.");
        Diagnostic::error(Shown::input(text), "Destination cannot be written", detail)
    }
}

fn local_place(text: &str, folder: &Path, staged: Option<&Path>) -> Result<Place, Diagnostic> {
    let Store { operator, identity } = stores::folder(text, folder, staged)?;
    let shown = format!("{}/", folder.display());
    Ok(Place { store: operator, folder: String::new(), shown, identity })
}

/// A folder that may not be there yet, as a part of one that is.
fn missing_place(text: &str, folder: &Path) -> Result<Place, Diagnostic> {
    let there = folder.ancestors().find(|above| above.is_dir()).unwrap_or(Path::new("/"));
    let rest: PathBuf = folder.strip_prefix(there).unwrap_or(Path::new("")).into();
    let there = there.canonicalize().map_err(unwritable(text))?;
    let mut place = local_place(text, &there, None)?;
    if !rest.as_os_str().is_empty() {
        place.folder = format!("{}/", rest.display());
        place.shown = format!("{}{}", place.shown, place.folder);
    }
    Ok(place)
}

/// Refuses to copy a place into itself.
fn apart(
    source: &Place,
    destination: &Place,
    selection: &Selection,
    text: &str,
) -> Result<(), Diagnostic> {
    let (one, other) = (source.full_name(), destination.full_name());
    let is_same = match selection {
        Selection::All => one.starts_with(&other) || other.starts_with(&one),
        Selection::One { from, to } => format!("{one}{from}") == format!("{other}{to}"),
    };
    if !is_same {
        return Ok(());
    }
    let detail = "Source and destination are the same place, or one lies in the other.";
    Err(Diagnostic::error(Shown::input(text), "Copy into itself", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_names() {
        let of = |folder: &str, name: &str| (folder.to_owned(), name.to_owned());
        assert_eq!(split("a/b/c"), of("a/b/", "c"));
        assert_eq!(split("c"), of("", "c"));
    }

    #[test]
    fn no_place_is_copied_into_itself() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = |inner: &str| {
            let mut place = local_place("x", folder.path(), None).expect("a place");
            place.folder = inner.to_owned();
            place
        };
        let all = Selection::All;
        for (from, to, good) in
            [("a/", "a/", false), ("", "a/", false), ("a/b/", "a/", false), ("a/", "ab/", true)]
        {
            assert_eq!(apart(&place(from), &place(to), &all, "x").is_ok(), good, "{from} {to}");
        }
        let one = |to: &str| Selection::One { from: "x".to_owned(), to: to.to_owned() };
        assert!(apart(&place("a/"), &place("a/"), &one("x"), "x").is_err());
        assert!(apart(&place("a/"), &place("a/"), &one("y"), "x").is_ok());
    }

    #[test]
    fn a_dry_run_makes_no_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = missing_place("x", &folder.path().join("new/deep")).expect("a place");
        assert_eq!(place.folder, "new/deep/");
        assert!(!folder.path().join("new").exists());
        let there = missing_place("x", folder.path()).expect("a place");
        assert_eq!(there.folder, "");
    }
}
