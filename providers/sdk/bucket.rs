//! Buckets: what one is to be, and what it is.

use std::collections::BTreeMap;

/// What can be set on a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BucketSettings {
    /// Whether old versions of objects are kept.
    pub versioning: bool,
    /// Words about it; a driver adds its own to find the bucket again, and shows only these.
    pub tags: BTreeMap<String, String>,
    /// Whether anyone may read its objects.
    pub public_access: bool,
    /// How objects are encrypted at rest, if not as the cloud does by itself.
    pub encryption: Option<Encryption>,
    /// What becomes of objects with time.
    pub lifecycle_rules: Vec<LifecycleRule>,
    /// Which pages may use it from a browser.
    pub cors_rules: Vec<CorsRule>,
}

/// How objects are encrypted at rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encryption {
    /// The cloud's name of the key; without it the cloud's own key.
    pub key: Option<String>,
}

/// What becomes of objects with time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LifecycleRule {
    /// Its name, unique in the bucket.
    pub name: String,
    /// Beginning of the keys that it is for; empty for all.
    pub prefix: String,
    /// Days until an object is deleted.
    pub expire_days: Option<u32>,
    /// Days until a version that is not the newest any more is deleted.
    pub expire_noncurrent_days: Option<u32>,
    /// Days until an upload that was begun and never ended is given up.
    pub abort_uploads_days: Option<u32>,
}

/// Which pages may use a bucket from a browser.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorsRule {
    /// Where the pages come from; `*` for anywhere.
    pub allowed_origins: Vec<String>,
    /// Methods that they may use.
    pub allowed_methods: Vec<String>,
    /// Headers that they may send.
    pub allowed_headers: Vec<String>,
    /// Headers of answers that they may see.
    pub exposed_headers: Vec<String>,
    /// How long a browser may remember the permission.
    pub max_age_seconds: Option<u32>,
}

/// A bucket as it is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BucketSpec {
    /// Its name, unique in its cloud.
    pub name: String,
    /// The address of the resource that it belongs to.
    pub owner: String,
    /// The same for every try of one intent.
    pub token: String,
    /// What is set on it.
    pub settings: BucketSettings,
}

/// A bucket as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketInfo {
    /// Its name.
    pub name: String,
    /// Where objects are reached: `SCHEME://...` without a slash at the end.
    pub url: String,
    /// The token that it was made with; empty if it was not made by Skyform.
    pub token: String,
    /// What is set on it, as far as the driver can see it.
    pub settings: BucketSettings,
}
