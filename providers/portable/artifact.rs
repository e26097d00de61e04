//! A model's artifact in a bucket: the file, and beside it what it is.
//!
//! Layout: `NAME/DIGEST/FILE` and `NAME/DIGEST/manifest.json`, where `DIGEST` is the beginning of the
//! file's SHA-256. The manifest is written last: an artifact without one is not complete.

use serde::{Deserialize, Serialize};
use skyform_data::digest;
use skyform_provider_sdk::{Cloud, Problem, ProblemKind};

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

/// Stores an artifact: the file first, the manifest when that is there.
pub(crate) async fn store(
    cloud: &dyn Cloud,
    bucket: &str,
    artifact: &Artifact,
    bytes: Vec<u8>,
) -> Result<(), Problem> {
    cloud.write_object(bucket, &artifact.key(), bytes).await?;
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

/// The bytes of an artifact, which are what its manifest says.
pub(crate) async fn fetch(located: &Located, artifact: &Artifact) -> Result<Vec<u8>, Problem> {
    let (bucket, key) = (&located.place.bucket, &located.place.key);
    let found = located.cloud.read_object(bucket, key).await?;
    let bytes = found.ok_or_else(|| {
        let detail = format!("There is no object {key} in the bucket {bucket}.");
        Problem::error(ProblemKind::NotFound, "Model is not there", detail)
    })?;
    if digest::of(&bytes) != artifact.sha256 {
        let detail = format!(
            "The object {key} in the bucket {bucket} is not what was stored: its SHA-256 is not {}.",
            artifact.sha256
        );
        return Err(Problem::error(ProblemKind::Other, "Model is damaged", detail)
            .hint("Delete it; the next apply stores the model again."));
    }
    Ok(bytes)
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
