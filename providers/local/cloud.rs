//! The driver and its clouds.
//!
//! Layout: `DATA/local/CLOUD/buckets/NAME/bucket.json`, with `objects/KEY` and `versions/KEY.N` beside
//! it. A bucket exists if its `bucket.json` does.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use skyform_provider_sdk::{
    BucketInfo, BucketSpec, Cloud, CloudSettings, Driver, ObjectInfo, Problem, ProblemKind,
};

use crate::{error, files, names};

/// Makes local clouds under one data folder.
#[derive(Clone, Debug)]
pub struct LocalDriver {
    data_dir: PathBuf,
}

impl LocalDriver {
    /// The driver for a stack's data folder, which is made when first needed.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self { data_dir: data_dir.into() }
    }
}

impl Driver for LocalDriver {
    fn cloud(&self, settings: &CloudSettings) -> Result<Arc<dyn Cloud>, Problem> {
        let name = &settings.name;
        let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || !name.chars().all(plain) {
            let detail = format!("\"{name}\" cannot be a local cloud's name.");
            return Err(Problem::error(ProblemKind::Invalid, "Invalid cloud name", detail));
        }
        let buckets = self.data_dir.join("local").join(name).join("buckets");
        Ok(Arc::new(LocalCloud { name: name.clone(), buckets }))
    }
}

#[derive(Clone, Debug)]
struct LocalCloud {
    name: String,
    buckets: PathBuf,
}

/// What `bucket.json` holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BucketFile {
    format: u64,
    versioning: bool,
    owner: String,
    token: String,
}

impl LocalCloud {
    fn folder(&self, bucket: &str) -> Result<PathBuf, Problem> {
        names::bucket(bucket)?;
        Ok(self.buckets.join(bucket))
    }

    fn object(&self, bucket: &str, key: &str) -> Result<PathBuf, Problem> {
        names::key(key)?;
        Ok(self.folder(bucket)?.join("objects").join(key))
    }

    fn read_file(&self, bucket: &str) -> Result<Option<BucketFile>, Problem> {
        let path = self.folder(bucket)?.join("bucket.json");
        let Some(bytes) = files::read(&path).map_err(error::at(&path))? else { return Ok(None) };
        serde_json::from_slice(&bytes).map(Some).map_err(|problem| {
            let detail = format!("{}: {problem}.", path.display());
            Problem::error(ProblemKind::Other, "Local bucket is damaged", detail)
        })
    }

    fn write_file(&self, bucket: &str, file: &BucketFile) -> Result<(), Problem> {
        let path = self.folder(bucket)?.join("bucket.json");
        let text = serde_json::to_vec_pretty(file).unwrap_or_default();
        files::write(&path, &text).map_err(error::at(&path))
    }

    fn existing(&self, bucket: &str) -> Result<BucketFile, Problem> {
        self.read_file(bucket)?.ok_or_else(|| {
            let detail = format!("There is no bucket \"{bucket}\" in the cloud {}.", self.name);
            Problem::error(ProblemKind::NotFound, "No such bucket", detail)
        })
    }

    fn info(&self, bucket: &str, file: &BucketFile) -> BucketInfo {
        BucketInfo {
            name: bucket.to_owned(),
            url: format!("local://{}/{bucket}", self.name),
            versioning: file.versioning,
            token: file.token.clone(),
        }
    }

    fn create(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem> {
        if let Some(file) = self.read_file(&spec.name)? {
            if file.token == spec.token {
                return Ok(self.info(&spec.name, &file));
            }
            let detail = format!(
                "The cloud {} has a bucket \"{}\" already; it belongs to {}.",
                self.name, spec.name, file.owner
            );
            return Err(Problem::error(
                ProblemKind::AlreadyExists,
                "Bucket exists already",
                detail,
            )
            .hint("Give this one another name, or import the one that is there."));
        }
        let file = BucketFile {
            format: 1,
            versioning: spec.versioning,
            owner: spec.owner.clone(),
            token: spec.token.clone(),
        };
        self.write_file(&spec.name, &file)?;
        Ok(self.info(&spec.name, &file))
    }

    fn delete(&self, bucket: &str, force: bool) -> Result<(), Problem> {
        let folder = self.folder(bucket)?;
        let objects = folder.join("objects");
        let full = !files::list(&objects).map_err(error::at(&objects))?.is_empty();
        if full && !force {
            let detail =
                format!("The bucket \"{bucket}\" of the cloud {} still holds objects.", self.name);
            return Err(Problem::error(ProblemKind::Invalid, "Bucket is not empty", detail)
                .hint("Delete its objects first, or set force_destroy = true and apply that."));
        }
        files::remove_all(&folder).map_err(error::at(&folder))
    }

    fn write(&self, bucket: &str, key: &str, bytes: &[u8]) -> Result<(), Problem> {
        let path = self.object(bucket, key)?;
        self.keep_version(bucket, key, &path)?;
        files::write(&path, bytes).map_err(error::at(&path))
    }

    /// Puts what is there now beside the versions before it, if the bucket keeps them.
    fn keep_version(&self, bucket: &str, key: &str, path: &Path) -> Result<(), Problem> {
        if !self.existing(bucket)?.versioning {
            return Ok(());
        }
        if let Some(before) = files::read(path).map_err(error::at(path))? {
            let version = files::next_free(&self.folder(bucket)?.join("versions").join(key));
            files::write(&version, &before).map_err(error::at(&version))?;
        }
        Ok(())
    }

    fn remove(&self, bucket: &str, key: &str) -> Result<(), Problem> {
        let path = self.object(bucket, key)?;
        self.keep_version(bucket, key, &path)?;
        match std::fs::remove_file(&path) {
            Err(problem) if problem.kind() != std::io::ErrorKind::NotFound => {
                Err(error::at(&path)(problem))
            }
            _ => Ok(()),
        }
    }
}

/// Work with files on a thread that may wait for them.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        Err(Problem::error(ProblemKind::Other, "Local cloud failed", format!("{error}.")))
    })
}

#[async_trait]
impl Cloud for LocalCloud {
    async fn create_bucket(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem> {
        let (cloud, spec) = (self.clone(), spec.clone());
        off_thread(move || cloud.create(&spec)).await
    }

    async fn read_bucket(&self, name: &str) -> Result<Option<BucketInfo>, Problem> {
        let (cloud, name) = (self.clone(), name.to_owned());
        off_thread(move || {
            let file = cloud.read_file(&name)?;
            Ok(file.map(|file| cloud.info(&name, &file)))
        })
        .await
    }

    async fn set_versioning(&self, name: &str, versioning: bool) -> Result<BucketInfo, Problem> {
        let (cloud, name) = (self.clone(), name.to_owned());
        off_thread(move || {
            let file = BucketFile { versioning, ..cloud.existing(&name)? };
            cloud.write_file(&name, &file)?;
            Ok(cloud.info(&name, &file))
        })
        .await
    }

    async fn delete_bucket(&self, name: &str, force: bool) -> Result<(), Problem> {
        let (cloud, name) = (self.clone(), name.to_owned());
        off_thread(move || cloud.delete(&name, force)).await
    }

    async fn write_object(&self, bucket: &str, key: &str, bytes: Vec<u8>) -> Result<(), Problem> {
        let (cloud, bucket, key) = (self.clone(), bucket.to_owned(), key.to_owned());
        off_thread(move || cloud.write(&bucket, &key, &bytes)).await
    }

    async fn read_object(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, Problem> {
        let path = self.object(bucket, key)?;
        off_thread(move || files::read(&path).map_err(error::at(&path))).await
    }

    async fn list_objects(&self, bucket: &str, prefix: &str) -> Result<Vec<ObjectInfo>, Problem> {
        let (cloud, bucket, prefix) = (self.clone(), bucket.to_owned(), prefix.to_owned());
        off_thread(move || {
            cloud.existing(&bucket)?;
            let folder = cloud.folder(&bucket)?.join("objects");
            let all = files::list(&folder).map_err(error::at(&folder))?;
            let wanted = all.into_iter().filter(|(key, _)| key.starts_with(&prefix));
            Ok(wanted.map(|(key, size)| ObjectInfo { key, size }).collect())
        })
        .await
    }

    async fn delete_object(&self, bucket: &str, key: &str) -> Result<(), Problem> {
        let (cloud, bucket, key) = (self.clone(), bucket.to_owned(), key.to_owned());
        off_thread(move || cloud.remove(&bucket, &key)).await
    }
}

#[cfg(test)]
mod tests;
