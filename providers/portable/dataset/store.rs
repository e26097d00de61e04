//! A dataset's files in its bucket, with the manifest that says which they are.
//!
//! The manifest is named by its own digest and written last; a dataset without it is not whole. Files
//! of the content before go when the new manifest is there.

use std::collections::{BTreeMap, BTreeSet};

use skyform_data::copy::{Arrived, Expected};
use skyform_data::manifest::{Manifest, ManifestFile};
use skyform_data::table::Cleaning;
use skyform_provider_sdk::{ApplyRequest, Problem, ProblemKind, ProgressEvent};
use skyform_value::{Type, Value};

use super::cleaning;
use crate::clouds::Clouds;
use crate::content::{self, Target};
use crate::located::Located;
use crate::object::{text, with};
use crate::sources::{self, SourceFile};

/// Digits of the manifest's digest in its name.
const NAME_DIGITS: usize = 12;

/// Files that are stored, with what is known of their rows.
struct Collected {
    files: Vec<ManifestFile>,
    rows: Option<u64>,
    columns: BTreeMap<String, String>,
}

/// Reads, cleans and writes everything; the object as it is then.
pub(super) async fn collect(
    clouds: &Clouds,
    request: &ApplyRequest<'_>,
    sources: &[SourceFile],
    cleaning: Option<&Cleaning>,
) -> Result<Value, Problem> {
    let url = text(&request.planned, "destination").trim_end_matches('/').to_owned();
    let folder = clouds.locate(&url).await?;
    let collected = match cleaning {
        Some(cleaning) => clean(clouds, request, sources, cleaning, &folder).await?,
        None => bring(clouds, request, sources, &folder).await?,
    };
    write(clouds, request, &url, &folder, collected).await
}

/// Cleans all files into one table. They are in memory while that goes on.
async fn clean(
    clouds: &Clouds,
    request: &ApplyRequest<'_>,
    sources: &[SourceFile],
    cleaning: &Cleaning,
    folder: &Located,
) -> Result<Collected, Problem> {
    let mut loaded = Vec::with_capacity(sources.len());
    for (file, done) in sources.iter().zip(1..) {
        loaded.push((file.name.clone(), sources::read(clouds, file).await?));
        report(request, done, sources);
    }
    let (name, cleaned) = cleaning::clean(request.address, loaded, cleaning).await?;
    request.progress.report(ProgressEvent::Step(cleaning::outcome(&cleaned)));
    let described = ManifestFile::of(&name, &cleaned.bytes);
    let key = key_in(folder, &name);
    folder.cloud.write_object(&folder.place.bucket, &key, cleaned.bytes).await?;
    let columns = cleaned.columns.into_iter();
    Ok(Collected {
        files: vec![described],
        rows: Some(cleaned.rows_written),
        columns: columns.map(|(name, ty)| (name, ty.name().to_owned())).collect(),
    })
}

/// Brings all files as they are, one after the other and each in parts.
async fn bring(
    clouds: &Clouds,
    request: &ApplyRequest<'_>,
    sources: &[SourceFile],
    folder: &Located,
) -> Result<Collected, Problem> {
    let mut files = Vec::with_capacity(sources.len());
    for (file, done) in sources.iter().zip(1..) {
        let (cloud, bucket) = (&*folder.cloud, folder.place.bucket.as_str());
        let key = key_in(folder, &file.name);
        let target = Target { cloud, bucket, key: &key, size: file.size };
        let known = file.size.zip(file.sha256.clone());
        let expected = known.map(|(size, sha256)| Expected { size, sha256 });
        let brought =
            content::bring(clouds, file, &target, expected.as_ref(), &request.progress).await;
        let Arrived { size, sha256, .. } = brought?;
        let sha256 = sha256.unwrap_or_default();
        files.push(ManifestFile { path: file.name.clone(), size, sha256 });
        report(request, done, sources);
    }
    Ok(Collected { files, rows: None, columns: BTreeMap::new() })
}

fn report(request: &ApplyRequest<'_>, done: u64, sources: &[SourceFile]) {
    let total = Some(sources.len() as u64);
    request.progress.report(ProgressEvent::Amount { done, total, unit: "files" });
}

/// Writes the manifest, and removes what is not in it any more.
async fn write(
    clouds: &Clouds,
    request: &ApplyRequest<'_>,
    url: &str,
    folder: &Located,
    collected: Collected,
) -> Result<Value, Problem> {
    let planned = &request.planned;
    let manifest = Manifest::new(collected.files).map_err(|error| {
        Problem::error(ProblemKind::Invalid, "Files cannot be listed", format!("{error}."))
    })?;
    let name = manifest_name(&manifest);
    let key = key_in(folder, &name);
    let text_of_manifest = manifest.text().into_bytes();
    folder.cloud.write_object(&folder.place.bucket, &key, text_of_manifest).await?;
    if let Some(before) = request.prior.get("manifest").and_then(Value::as_str) {
        let before = clouds.locate(before).await?;
        if before.place.key != key {
            let kept = manifest.files().iter().map(|file| key_in(folder, &file.path)).collect();
            remove_but(&before, &kept).await?;
        }
    }
    let number = |count: u64| Value::from(count);
    let files = manifest.files().iter().map(|file| {
        Value::object([
            ("path", Value::from(file.path.as_str())),
            ("size", number(file.size)),
            ("sha256", Value::from(file.sha256.as_str())),
        ])
    });
    let Type::List(element) = super::schema::files_type() else { return Ok(planned.clone()) };
    let columns =
        collected.columns.iter().map(|(name, ty)| (name.as_str().into(), Value::from(ty.as_str())));
    Ok(with(
        planned,
        [
            ("url", Value::from(url)),
            ("id", Value::from(url)),
            ("manifest", Value::from(folder.cloud.url(&folder.place.bucket, &key))),
            ("files", Value::list((*element).clone(), files.collect())),
            ("size", number(manifest.size())),
            ("rows", collected.rows.map_or_else(|| Value::null_of(Type::Number), number)),
            ("columns", Value::map(Type::String, columns.collect())),
        ],
    ))
}

/// Whether a key is that of a manifest.
pub(crate) fn is_manifest(key: &str) -> bool {
    key.rsplit('/').next().is_some_and(|name| name.starts_with("_manifest-"))
}

fn manifest_name(manifest: &Manifest) -> String {
    let digest = manifest.digest();
    format!("_manifest-{}.json", digest.get(..NAME_DIGITS).unwrap_or(&digest))
}

fn key_in(folder: &Located, path: &str) -> String {
    let key = folder.place.key.trim_end_matches('/');
    if key.is_empty() { path.to_owned() } else { format!("{key}/{path}") }
}

/// The manifest at a place; none if there is none.
pub(crate) async fn manifest(located: &Located) -> Result<Option<Manifest>, Problem> {
    let (bucket, key) = (&located.place.bucket, &located.place.key);
    let Some(bytes) = located.cloud.read_object(bucket, key).await? else { return Ok(None) };
    let damaged = |reason: String| {
        let detail = format!("{key} in the bucket {bucket}: {reason}.");
        Problem::error(ProblemKind::Other, "Dataset's manifest is damaged", detail)
            .hint("Delete it; the next apply writes the dataset again.")
    };
    let text = String::from_utf8(bytes).map_err(|error| damaged(error.to_string()))?;
    Manifest::parse(&text).map(Some).map_err(|error| damaged(error.to_string()))
}

/// Keys of a dataset's files, by the manifest beside them, with their sizes.
pub(crate) fn keys(manifest_at: &Located, manifest: &Manifest) -> Vec<(String, u64)> {
    let folder = manifest_at.place.key.rsplit_once('/').map_or("", |(folder, _)| folder);
    let key = |path: &str| {
        if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
    };
    manifest.files().iter().map(|file| (key(&file.path), file.size)).collect()
}

/// Whether the manifest and all files that it lists are there.
pub(super) async fn is_whole(manifest_at: &Located) -> Result<bool, Problem> {
    let Some(manifest) = manifest(manifest_at).await? else { return Ok(false) };
    let folder = manifest_at.place.key.rsplit_once('/').map_or("", |(folder, _)| folder);
    let listed = manifest_at.cloud.list_objects(&manifest_at.place.bucket, folder).await?;
    let there: BTreeMap<&str, u64> =
        listed.iter().map(|object| (object.key.as_str(), object.size)).collect();
    Ok(keys(manifest_at, &manifest).iter().all(|(key, size)| there.get(key.as_str()) == Some(size)))
}

/// Removes a dataset's files and its manifest.
pub(super) async fn remove(manifest_at: &Located) -> Result<(), Problem> {
    if manifest_at.cloud.read_bucket(&manifest_at.place.bucket).await?.is_none() {
        return Ok(());
    }
    remove_but(manifest_at, &BTreeSet::new()).await
}

/// The same, but for files with these keys.
async fn remove_but(manifest_at: &Located, kept: &BTreeSet<String>) -> Result<(), Problem> {
    let (cloud, bucket) = (&manifest_at.cloud, &manifest_at.place.bucket);
    if let Some(manifest) = manifest(manifest_at).await? {
        for (key, _) in keys(manifest_at, &manifest) {
            if !kept.contains(&key) {
                cloud.delete_object(bucket, &key).await?;
            }
        }
    }
    cloud.delete_object(bucket, &manifest_at.place.key).await
}
