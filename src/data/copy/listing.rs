//! What is in a folder of a store.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures::TryStreamExt as _;
use opendal::{EntryMode, ErrorKind, Metadata};

use super::error::CopyError;
use super::place::{Place, Selection};
use super::staged::STAGED;
use super::sums;
use crate::digest;

/// An object as a listing tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) size: u64,
    /// Another one for another content, as far as the store can tell.
    pub(super) tag: String,
    /// The tag as the store wrote it, to read only what was listed.
    pub(super) condition: Option<String>,
    /// MD5 of the content, where the store tells one.
    pub(super) md5: Option<String>,
}

impl Found {
    pub(super) fn of(about: &Metadata) -> Found {
        let size = about.content_length();
        let written =
            || about.last_modified().map(|time| Found::tag_of_file(&time.to_string(), size));
        let etag = about.etag().map(str::to_owned);
        let tag = etag.as_deref().map(|tag| sums::bare(tag).to_owned()).or_else(written);
        let told = about.content_md5().and_then(|text| BASE64.decode(text).ok());
        let md5 = told.map(|bytes| digest::hexadecimal(&bytes));
        let md5 = md5.or_else(|| etag.as_deref().and_then(sums::as_md5));
        Found { size, tag: tag.unwrap_or_default(), condition: etag, md5 }
    }

    /// What tells a file from what it was before.
    pub(super) fn tag_of_file(written: &str, size: u64) -> String {
        format!("{written} {size}")
    }
}

/// All objects of a side.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// By their paths in its folder.
    pub(super) objects: BTreeMap<String, Found>,
    /// Links and the like, which are not looked into.
    pub(super) passed_over: u64,
}

/// Lists a side. Without the folder there is nothing in it.
async fn list(place: &Place) -> Result<Listing, CopyError> {
    let failed = |error| CopyError::store(&place.shown)(error);
    let lister = place.store.lister_with(&place.folder).recursive(true).await;
    let mut lister = match lister {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Listing::default()),
        lister => lister.map_err(failed)?,
    };
    let mut listing = Listing::default();
    loop {
        let entry = match lister.try_next().await {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            entry => entry.map_err(failed)?,
        };
        let Some(entry) = entry else { return Ok(listing) };
        let Some(path) = entry.path().strip_prefix(&place.folder) else { continue };
        if path.is_empty() || place.is_local() && path.starts_with(STAGED) {
            continue;
        }
        match entry.metadata().mode() {
            EntryMode::FILE => {
                listing.objects.insert(path.to_owned(), Found::of(entry.metadata()));
            }
            EntryMode::DIR => {}
            EntryMode::Unknown => listing.passed_over += 1,
        }
    }
}

/// One object; none if there is none.
pub(super) async fn look(place: &Place, path: &str) -> Result<Option<Found>, CopyError> {
    match place.store.stat(&place.key(path)).await {
        Ok(about) if about.mode() == EntryMode::FILE => Ok(Some(Found::of(&about))),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(CopyError::store(path)(error)),
    }
}

/// What a selection means on both sides: source and destination paths with what is there.
pub(super) struct Sides {
    pub(super) source: BTreeMap<String, Found>,
    pub(super) destination: BTreeMap<String, Found>,
    pub(super) passed_over: u64,
}

/// Lists both sides at once.
pub(super) async fn sides(
    source: &Place,
    destination: &Place,
    selection: &Selection,
) -> Result<Sides, CopyError> {
    match selection {
        Selection::All => {
            let (source, destination) = futures::try_join!(list(source), list(destination))?;
            let passed_over = source.passed_over;
            Ok(Sides { source: source.objects, destination: destination.objects, passed_over })
        }
        Selection::One { from, to } => {
            let (there, here) = futures::try_join!(look(source, from), look(destination, to))?;
            let only = |path: &String, found: Option<Found>| {
                found.map(|found| (path.clone(), found)).into_iter().collect()
            };
            let (source, destination) = (only(from, there), only(to, here));
            Ok(Sides { source, destination, passed_over: 0 })
        }
    }
}
