//! A model's artifact in a bucket: the file, and beside it what it is.
//!
//! Layout: `NAME/DIGEST/FILE` and `NAME/DIGEST/manifest.json`, where `DIGEST` is the beginning of the
//! file's SHA-256. The manifest is written last: an artifact without one is not complete.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use skyform_data::copy::Expected;
use skyform_provider_sdk::{Cloud, Problem, ProblemKind, Progress};

use crate::content::{self, Target};
use crate::located::Located;

/// Digits of the digest that make a version.
const VERSION_DIGITS: usize = 12;

/// What `manifest.json` holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Artifact {
    pub(crate) version: u64,
    /// The model's name.
    pub(crate) name: String,
    /// The file's name.
    pub(crate) file: String,
    /// The model's format (`onnx`).
    pub(crate) format: String,
    pub(crate) size: u64,
    pub(crate) sha256: String,
    /// The address of the resource that it belongs to.
    pub(crate) owner: String,
    /// Of the intent that stored it.
    pub(crate) token: String,
}

impl Artifact {
    /// The folder in the bucket, with a slash at the end.
    pub(crate) fn folder(&self) -> String {
        format!("{}/{}/", self.name, version_of(&self.sha256))
    }

    /// The key of the file.
    pub(crate) fn key(&self) -> String {
        format!("{}{}", self.folder(), self.file)
    }

    fn manifest_key(&self) -> String {
        format!("{}manifest.json", self.folder())
    }
}

/// The version that an artifact is served as.
pub(crate) fn version_of(sha256: &str) -> &str {
    sha256.get(..VERSION_DIGITS).unwrap_or(sha256)
}

/// Says that an artifact is complete: its manifest, once the file is there.
pub(crate) async fn complete(
    cloud: &dyn Cloud,
    bucket: &str,
    artifact: &Artifact,
) -> Result<(), Problem> {
    let text = serde_json::to_vec_pretty(artifact).unwrap_or_default();
    cloud.write_object(bucket, &artifact.manifest_key(), text).await
}

/// What is stored where an artifact's URL leads; none if it is not complete.
pub(crate) async fn describe(located: &Located) -> Result<Option<Artifact>, Problem> {
    let (bucket, key) = (&located.place.bucket, &located.place.key);
    let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder);
    let manifest = format!("{folder}/manifest.json");
    let Some(bytes) = located.cloud.read_object(bucket, &manifest).await? else { return Ok(None) };
    let artifact: Artifact = serde_json::from_slice(&bytes).map_err(|problem| {
        let detail = format!("{manifest} in the bucket {bucket}: {problem}.");
        Problem::error(ProblemKind::Other, "Model's manifest is damaged", detail)
            .hint("Delete it; the next apply stores the model again.")
    })?;
    let listed = located.cloud.list_objects(bucket, key).await?;
    let whole = listed.iter().any(|object| object.key == *key && object.size == artifact.size);
    Ok(whole.then_some(artifact))
}

/// Copies an artifact's file to another bucket, whatever its size, and checks that it is what its
/// manifest says.
pub(crate) async fn copy(
    from: &Located,
    stored: &Artifact,
    target: &Target<'_>,
    progress: &Arc<dyn Progress>,
) -> Result<(), Problem> {
    let expected = Expected { size: stored.size, sha256: stored.sha256.clone() };
    let at = (from.place.bucket.as_str(), from.place.key.as_str());
    copy_from(&*from.cloud, at, &expected, target, progress).await
}

/// Copies a model's file, by its bucket and key, to another bucket, and checks that it is what is
/// expected.
pub(crate) async fn copy_from(
    cloud: &dyn Cloud,
    (bucket, key): (&str, &str),
    expected: &Expected,
    target: &Target<'_>,
    progress: &Arc<dyn Progress>,
) -> Result<(), Problem> {
    let place = content::place_in(cloud, bucket)?;
    let copied = content::bring_object(&place, key, target, Some(expected), progress).await;
    match copied {
        Err(problem) if problem.summary == content::CHANGED => {
            let detail = format!(
                "The object {key} in the bucket {bucket} is not what was stored: its SHA-256 is not {}.",
                expected.sha256
            );
            Err(Problem::error(ProblemKind::Other, "Model is damaged", detail)
                .hint("Delete it; the next apply stores the model again."))
        }
        Err(problem) if problem.kind == ProblemKind::NotFound => {
            let detail = format!("There is no object {key} in the bucket {bucket}.");
            Err(Problem::error(ProblemKind::NotFound, "Model is not there", detail))
        }
        copied => copied.map(drop),
    }
}

/// Deletes all artifacts whose keys begin with `prefix`, but those whose keys begin as one of `kept`.
pub(crate) async fn delete_others(
    cloud: &dyn Cloud,
    bucket: &str,
    prefix: &str,
    kept: &[String],
) -> Result<(), Problem> {
    if cloud.read_bucket(bucket).await?.is_none() {
        return Ok(());
    }
    for object in cloud.list_objects(bucket, prefix).await? {
        if !kept.iter().any(|beginning| object.key.starts_with(beginning.as_str())) {
            cloud.delete_object(bucket, &object.key).await?;
        }
    }
    Ok(())
}
