//! Buckets as folders.
//!
//! Layout: `ROOT/NAME/bucket.json`, with `objects/KEY` and `versions/KEY.N` beside it. A bucket exists
//! if its `bucket.json` does.

use std::collections::BTreeMap;
use std::path::PathBuf;

use opendal::{Operator, services};
use serde::{Deserialize, Serialize};
use skyform_provider_sdk::{
    BucketInfo, BucketSettings, BucketSpec, ObjectInfo, ObjectPlace, Problem, ProblemKind,
};

use crate::files::{self, Listed};
use crate::versions::KeepVersions;
use crate::{error, names};

/// The buckets of one local cloud; everything in here waits for files.
#[derive(Clone, Debug)]
pub(crate) struct Buckets {
    /// The cloud's name.
    pub(crate) cloud: String,
    /// The folder that they lie in.
    pub(crate) root: PathBuf,
}

/// What `bucket.json` holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BucketFile {
    format: u64,
    versioning: bool,
    owner: String,
    token: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<String, String>,
}

impl Buckets {
    fn folder(&self, bucket: &str) -> Result<PathBuf, Problem> {
        names::bucket(bucket)?;
        Ok(self.root.join(bucket))
    }

    pub(crate) fn object(&self, bucket: &str, key: &str) -> Result<PathBuf, Problem> {
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
            let detail = format!("There is no bucket \"{bucket}\" in the cloud {}.", self.cloud);
            Problem::error(ProblemKind::NotFound, "No such bucket", detail)
        })
    }

    fn info(&self, bucket: &str, file: &BucketFile) -> BucketInfo {
        BucketInfo {
            name: bucket.to_owned(),
            url: self.url(bucket),
            token: file.token.clone(),
            settings: BucketSettings {
                versioning: file.versioning,
                tags: file.tags.clone(),
                ..BucketSettings::default()
            },
        }
    }

    pub(crate) fn create(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem> {
        if let Some(file) = self.read_file(&spec.name)? {
            if file.token == spec.token {
                return Ok(self.info(&spec.name, &file));
            }
            let detail = format!(
                "The cloud {} has a bucket \"{}\" already; it belongs to {}.",
                self.cloud, spec.name, file.owner
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
            versioning: spec.settings.versioning,
            owner: spec.owner.clone(),
            token: spec.token.clone(),
            tags: spec.settings.tags.clone(),
        };
        self.write_file(&spec.name, &file)?;
        Ok(self.info(&spec.name, &file))
    }

    pub(crate) fn url(&self, bucket: &str) -> String {
        format!("local://{}/{bucket}", self.cloud)
    }

    /// What a URL means, if it leads into this cloud.
    pub(crate) fn locate(&self, url: &str) -> Option<ObjectPlace> {
        let rest = url.strip_prefix("local://")?.strip_prefix(self.cloud.as_str())?;
        let (bucket, key) = rest.strip_prefix('/')?.split_once('/').unwrap_or((&rest[1..], ""));
        Some(ObjectPlace { bucket: bucket.to_owned(), key: key.to_owned() })
    }

    pub(crate) fn read(&self, bucket: &str) -> Result<Option<BucketInfo>, Problem> {
        Ok(self.read_file(bucket)?.map(|file| self.info(bucket, &file)))
    }

    pub(crate) fn update(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem> {
        let BucketSettings { versioning, tags, .. } = spec.settings.clone();
        let file = BucketFile { versioning, tags, ..self.existing(&spec.name)? };
        self.write_file(&spec.name, &file)?;
        Ok(self.info(&spec.name, &file))
    }

    /// Refuses what folders do not have.
    pub(crate) fn check(spec: &BucketSpec) -> Result<(), Problem> {
        let settings = &spec.settings;
        let lacking = [
            ("public_access", settings.public_access),
            ("encryption", settings.encryption.is_some()),
            ("lifecycle_rule", !settings.lifecycle_rules.is_empty()),
            ("cors_rule", !settings.cors_rules.is_empty()),
        ];
        match lacking.iter().find(|(_, is_asked_for)| *is_asked_for) {
            None => Ok(()),
            Some((name, _)) => Err(Problem::unsupported(
                "local",
                name,
                "Its buckets are folders: they have versioning and tags.",
            )),
        }
    }

    pub(crate) fn delete(&self, bucket: &str, force: bool) -> Result<(), Problem> {
        let folder = self.folder(bucket)?;
        let objects = folder.join("objects");
        let full = !files::list(&objects).map_err(error::at(&objects))?.is_empty();
        if full && !force {
            let detail =
                format!("The bucket \"{bucket}\" of the cloud {} still holds objects.", self.cloud);
            return Err(Problem::error(ProblemKind::Invalid, "Bucket is not empty", detail)
                .hint("Delete its objects first, or set force_destroy = true and apply that."));
        }
        files::remove_all(&folder).map_err(error::at(&folder))
    }

    pub(crate) fn write(&self, bucket: &str, key: &str, bytes: &[u8]) -> Result<(), Problem> {
        let path = self.object(bucket, key)?;
        self.keep(bucket, key)?;
        files::write(&path, bytes).map_err(error::at(&path))
    }

    pub(crate) fn list(&self, bucket: &str, prefix: &str) -> Result<Vec<ObjectInfo>, Problem> {
        self.existing(bucket)?;
        let folder = self.folder(bucket)?.join("objects");
        let all = files::list(&folder).map_err(error::at(&folder))?;
        let wanted = all.into_iter().filter(|file| file.name.starts_with(prefix));
        let object = |file: Listed| ObjectInfo { key: file.name, size: file.size, etag: file.etag };
        Ok(wanted.map(object).collect())
    }

    /// Puts what is there now beside the versions before it, if the bucket keeps them.
    pub(crate) fn keep(&self, bucket: &str, key: &str) -> Result<(), Problem> {
        let path = self.object(bucket, key)?;
        if !self.existing(bucket)?.versioning {
            return Ok(());
        }
        let version = self.folder(bucket)?.join("versions").join(key);
        // What replaces the object is another file, so a second name is enough to keep this one.
        files::link_beside(&path, &version).map_err(error::at(&path))
    }

    /// The operator of a bucket's objects.
    pub(crate) fn operator(&self, bucket: &str) -> Result<Operator, Problem> {
        self.existing(bucket)?;
        let folder = self.folder(bucket)?;
        let text = |path: PathBuf| path.to_string_lossy().into_owned();
        let service = services::Fs::default()
            .root(&text(folder.join("objects")))
            .atomic_write_dir(&text(folder.join("staged")));
        let operator = Operator::new(service).map_err(|problem| {
            let detail = format!("{}: {problem}.", folder.display());
            Problem::error(ProblemKind::Other, "Local cloud cannot use its files", detail)
        })?;
        let keep = KeepVersions { buckets: self.clone(), bucket: bucket.to_owned() };
        Ok(operator.layer(keep))
    }

    pub(crate) fn remove(&self, bucket: &str, key: &str) -> Result<(), Problem> {
        let path = self.object(bucket, key)?;
        self.keep(bucket, key)?;
        match std::fs::remove_file(&path) {
            Err(problem) if problem.kind() != std::io::ErrorKind::NotFound => {
                Err(error::at(&path)(problem))
            }
            _ => Ok(()),
        }
    }
}
