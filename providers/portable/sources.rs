//! Where data and models come from: paths, web pages, buckets.

use std::path::{Path, PathBuf};

use skyform_data::digest;
use skyform_data::source::{self, Authorization, HttpOptions, Source, SourceError, Version};
use skyform_provider_sdk::{Problem, ProblemKind};

use crate::clouds::Clouds;
use crate::dataset::store;
use crate::located::Located;
use crate::words;

/// One file of a source.
#[derive(Clone, Debug)]
pub(crate) struct SourceFile {
    /// Its path from the source's folder.
    pub(crate) name: String,
    /// Its size in bytes, where that is known without reading it.
    pub(crate) size: Option<u64>,
    /// Its SHA-256, where that is known.
    pub(crate) sha256: Option<String>,
    /// Another one for another content.
    tag: String,
    pub(crate) place: Place,
}

/// Where a file is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Path(PathBuf),
    Http(String, Option<Authorization>),
    /// An object's URL.
    Object(String),
}

/// The files that a source has now, by name.
pub(crate) async fn list(clouds: &Clouds, source: &str) -> Result<Vec<SourceFile>, Problem> {
    list_with(clouds, source, None).await
}

/// The same, with what servers of the web are to be shown.
pub(crate) async fn list_with(
    clouds: &Clouds,
    source: &str,
    authorization: Option<Authorization>,
) -> Result<Vec<SourceFile>, Problem> {
    match Source::parse(source).map_err(|error| problem(&error))? {
        Source::Path(path) => off_thread(move || list_paths(&path)).await,
        // Some clouds' buckets have addresses of the web.
        Source::Http(url) if !clouds.is_bucket(&url) => {
            off_thread(move || probe(url, authorization)).await
        }
        Source::Http(url) | Source::Bucket { url, .. } => list_objects(clouds, &url).await,
    }
}

fn list_paths(path: &str) -> Result<Vec<SourceFile>, SourceError> {
    let files = source::list(Path::new(""), path)?;
    let tagged = files.into_iter().map(|file| {
        let (sha256, size) = source::measure(&file.path)?;
        Ok(SourceFile {
            name: file.name,
            size: Some(size),
            sha256: Some(sha256.clone()),
            tag: sha256,
            place: Place::Path(file.path),
        })
    });
    tagged.collect()
}

fn probe(
    url: String,
    authorization: Option<Authorization>,
) -> Result<Vec<SourceFile>, SourceError> {
    let options = HttpOptions { authorization: authorization.clone(), ..HttpOptions::default() };
    let Version { etag, modified, size, sha256 } = source::probe(&url, &options)?;
    let path = url.split(['?', '#']).next().unwrap_or(&url);
    let name = path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("index");
    let tag = format!("{etag:?} {modified:?} {size:?} {sha256:?}");
    Ok(vec![SourceFile {
        name: name.to_owned(),
        size,
        sha256: None,
        tag,
        place: Place::Http(url, authorization),
    }])
}

async fn list_objects(clouds: &Clouds, url: &str) -> Result<Vec<SourceFile>, Problem> {
    let located = clouds.locate(url).await?;
    if store::is_manifest(&located.place.key) {
        return list_dataset(&located, url).await;
    }
    let (bucket, key) = (&located.place.bucket, located.place.key.trim_end_matches('/'));
    let folder = if key.is_empty() { String::new() } else { format!("{key}/") };
    let listed = located.cloud.list_objects(bucket, key).await?;
    let file = |object: &skyform_provider_sdk::ObjectInfo, name: &str| SourceFile {
        name: name.to_owned(),
        size: Some(object.size),
        sha256: None,
        tag: object.etag.clone(),
        place: Place::Object(located.cloud.url(bucket, &object.key)),
    };
    if let Some(object) = listed.iter().find(|object| object.key == key) {
        return Ok(vec![file(object, key.rsplit('/').next().unwrap_or(key))]);
    }
    let inside =
        listed.iter().filter_map(|object| Some((object, object.key.strip_prefix(&folder)?)));
    // A dataset's own list of files is no data.
    let data = inside.filter(|(_, name)| !store::is_manifest(name));
    let files: Vec<SourceFile> = data.map(|(object, name)| file(object, name)).collect();
    if files.is_empty() {
        let detail = format!("There is no object at {url}.");
        return Err(Problem::error(ProblemKind::NotFound, "Source cannot be read", detail));
    }
    Ok(files)
}

/// The files of another dataset, by its manifest.
async fn list_dataset(located: &Located, url: &str) -> Result<Vec<SourceFile>, Problem> {
    let manifest = store::manifest(located).await?.ok_or_else(|| {
        let detail = format!("There is no dataset at {url}.");
        Problem::error(ProblemKind::NotFound, "Source cannot be read", detail)
    })?;
    let bucket = &located.place.bucket;
    let keys = store::keys(located, &manifest);
    let files = manifest.files().iter().zip(keys).map(|(file, (key, size))| SourceFile {
        name: file.path.clone(),
        size: Some(size),
        sha256: Some(file.sha256.clone()),
        tag: file.sha256.clone(),
        place: Place::Object(located.cloud.url(bucket, &key)),
    });
    Ok(files.collect())
}

/// A file's bytes, all of them in memory: for what is looked through as a whole.
pub(crate) async fn read(clouds: &Clouds, file: &SourceFile) -> Result<Vec<u8>, Problem> {
    match file.place.clone() {
        Place::Path(path) => {
            off_thread(move || source::read(&path, HttpOptions::default().most_bytes)).await
        }
        Place::Http(url, authorization) => {
            let options = HttpOptions { authorization, ..HttpOptions::default() };
            off_thread(move || Ok(source::fetch(&url, &options)?.bytes)).await
        }
        Place::Object(url) => {
            let located = clouds.locate(&url).await?;
            let place = &located.place;
            let found = located.cloud.read_object(&place.bucket, &place.key).await?;
            found.ok_or_else(|| {
                let detail = format!("There is no object at {url}.");
                Problem::error(ProblemKind::NotFound, "Source cannot be read", detail)
            })
        }
    }
}

/// Work that waits for files or the network, on a thread that may.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SourceError> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(|error| problem(&error)),
        Err(error) => {
            Err(Problem::error(ProblemKind::Other, "Source cannot be read", format!("{error}.")))
        }
    }
}

/// What a source says, by its meaning.
pub(crate) fn problem(error: &SourceError) -> Problem {
    let kind = match error {
        SourceError::NotFound { .. } => ProblemKind::NotFound,
        SourceError::Denied { .. } => ProblemKind::Denied,
        SourceError::Unavailable { .. } => ProblemKind::Unavailable,
        SourceError::Invalid { .. } | SourceError::TooLarge { .. } => ProblemKind::Invalid,
    };
    let problem = Problem::error(kind, "Source cannot be read", format!("{error}."));
    match kind {
        ProblemKind::NotFound => problem.hint(
            "Paths start at the folder that the program runs in; ${path.module}/ starts at the module's.",
        ),
        ProblemKind::Unavailable => problem.hint("Trying again later may help."),
        ProblemKind::Denied => problem.hint("A dataset's authorization_wo is sent as the header Authorization."),
        _ => problem,
    }
}

/// Another text whenever a name or a content changes.
pub(crate) fn digest(files: &[SourceFile]) -> String {
    let lines = files.iter().map(|file| format!("{}\0{}\n", file.name, file.tag));
    digest::of(lines.collect::<String>().as_bytes())
}

/// `3 files (1.2 MiB) from ./data`
pub(crate) fn in_words(source: &str, files: &[SourceFile]) -> String {
    let sizes: Option<Vec<u64>> = files.iter().map(|file| file.size).collect();
    let amount = sizes.map(|sizes| format!(" ({})", words::bytes(sizes.iter().sum())));
    format!("{}{} from {source}", words::count(files.len(), "file"), amount.unwrap_or_default())
}
