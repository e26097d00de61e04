//! What the portable blocks need of a cloud.

use std::sync::Arc;

use async_trait::async_trait;

use crate::Problem;

/// What a `cloud` block says about how it is driven.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CloudSettings {
    /// The block's label.
    pub name: String,
    /// The driver's name.
    pub driver: String,
    /// The region.
    pub region: String,
    /// Another server's URL.
    pub endpoint: Option<String>,
}

/// A bucket as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketSpec {
    /// Its name, unique in its cloud.
    pub name: String,
    /// Whether old versions of objects are kept.
    pub versioning: bool,
    /// The address of the resource that it belongs to.
    pub owner: String,
    /// The same for every try of one intent.
    pub token: String,
}

/// A bucket as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketInfo {
    /// Its name.
    pub name: String,
    /// Where objects are reached: `SCHEME://...` without a slash at the end.
    pub url: String,
    /// Whether old versions of objects are kept.
    pub versioning: bool,
    /// The token that it was made with.
    pub token: String,
}

/// An object in a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectInfo {
    /// Its key.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
}

/// Makes clouds of one kind.
pub trait Driver: Send + Sync {
    /// The cloud that a block describes.
    ///
    /// # Errors
    /// If the settings do not make sense for this driver.
    fn cloud(&self, settings: &CloudSettings) -> Result<Arc<dyn Cloud>, Problem>;
}

/// A cloud. What a driver lacks is a problem of kind `Unsupported`.
#[async_trait]
pub trait Cloud: Send + Sync {
    /// Makes a bucket. Trying again with the same token finds the one made before.
    async fn create_bucket(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem>;

    /// A bucket as it is; none if there is none.
    async fn read_bucket(&self, name: &str) -> Result<Option<BucketInfo>, Problem>;

    /// Turns versioning on or off.
    async fn set_versioning(&self, name: &str, versioning: bool) -> Result<BucketInfo, Problem>;

    /// Deletes a bucket; with `force` together with everything in it, else only an empty one.
    /// One that does not exist is deleted already.
    async fn delete_bucket(&self, name: &str, force: bool) -> Result<(), Problem>;

    /// Writes an object as a whole.
    async fn write_object(&self, bucket: &str, key: &str, bytes: Vec<u8>) -> Result<(), Problem>;

    /// Reads an object; none if there is none.
    async fn read_object(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, Problem>;

    /// Objects whose keys start with `prefix`, by key.
    async fn list_objects(&self, bucket: &str, prefix: &str) -> Result<Vec<ObjectInfo>, Problem>;

    /// Deletes an object; one that does not exist is deleted already.
    async fn delete_object(&self, bucket: &str, key: &str) -> Result<(), Problem>;
}
