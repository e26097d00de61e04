//! Sets what is to be set on a bucket, and only what is not so already.

use std::collections::BTreeMap;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::http::HttpRequest;
use aws_sdk_s3::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_s3::types::{
    BucketVersioningStatus, PublicAccessBlockConfiguration, Tagging, VersioningConfiguration,
};
use base64::Engine as _;
use md5::{Digest as _, Md5};
use skyform_provider_sdk::{BucketSettings, BucketSpec, Encryption, Problem, ProblemKind};

use crate::buckets::tag;
use crate::cloud::S3Cloud;
use crate::error::problem;
use crate::{reading, settings};

/// Puts the protocol's first checksum beside a body; stores that do not know the later ones insist.
pub(crate) fn with_md5(request: &mut HttpRequest) {
    if let Some(body) = request.body().bytes() {
        let digest = base64::prelude::BASE64_STANDARD.encode(Md5::digest(body));
        request.headers_mut().insert("content-md5", digest);
    }
}

/// Sets all tags of a bucket.
pub(crate) async fn tags(
    cloud: &S3Cloud,
    client: &Client,
    name: &str,
    tags: BTreeMap<String, String>,
) -> Result<(), Problem> {
    let store = &cloud.session.store;
    if !store.tags {
        return Ok(());
    }
    if tags.is_empty() {
        let done = client.delete_bucket_tagging().bucket(name).send().await;
        return said("tags", name, done).map(drop);
    }
    let users_own = tags.keys().any(|name| !name.starts_with("skyform-"));
    let mut tagging = Tagging::builder();
    for (name, value) in &tags {
        tagging = tagging.tag_set(tag(name, value)?);
    }
    let tagging = built("tags", tagging.build())?;
    let order = client.put_bucket_tagging().bucket(name).tagging(tagging);
    match said("tags", name, order.customize().mutate_request(with_md5).send().await) {
        // A store at a URL that has no tags can still be used; see `lookup` of the block.
        Err(problem) if problem.kind == ProblemKind::Unsupported && !users_own => Ok(()),
        other => other.map(drop),
    }
}

/// Sets everything but the tags. A new bucket has nothing set, and public access left open.
pub(crate) async fn changes(
    cloud: &S3Cloud,
    client: &Client,
    spec: &BucketSpec,
    now: &BucketSettings,
    is_new: bool,
) -> Result<(), Problem> {
    let (name, wanted) = (spec.name.as_str(), &spec.settings);
    if wanted.versioning != now.versioning {
        let status = match wanted.versioning {
            true => BucketVersioningStatus::Enabled,
            false => BucketVersioningStatus::Suspended,
        };
        let versioning = VersioningConfiguration::builder().status(status).build();
        let order =
            client.put_bucket_versioning().bucket(name).versioning_configuration(versioning);
        said("versioning", name, order.customize().mutate_request(with_md5).send().await)?;
    }
    match &wanted.encryption {
        Some(encryption) if now.encryption.as_ref() != Some(encryption) => {
            let how = built("encryption", settings::encryption(encryption))?;
            let order = client
                .put_bucket_encryption()
                .bucket(name)
                .server_side_encryption_configuration(how);
            said("encryption", name, order.customize().mutate_request(with_md5).send().await)?;
        }
        // Without a word about it the service's own way counts, which has no key of the user's.
        None if now.encryption.as_ref().is_some_and(|Encryption { key }| key.is_some()) => {
            let done = client.delete_bucket_encryption().bucket(name).send().await;
            said("encryption", name, done)?;
        }
        _ => {}
    }
    if wanted.lifecycle_rules != now.lifecycle_rules {
        if wanted.lifecycle_rules.is_empty() {
            let done = client.delete_bucket_lifecycle().bucket(name).send().await;
            said("lifecycle rules", name, done)?;
        } else {
            let rules = built("lifecycle rules", settings::lifecycle(&wanted.lifecycle_rules))?;
            let order = client
                .put_bucket_lifecycle_configuration()
                .bucket(name)
                .lifecycle_configuration(rules);
            let done = order.customize().mutate_request(with_md5).send().await;
            said("lifecycle rules", name, done)?;
        }
    }
    if wanted.cors_rules != now.cors_rules {
        if wanted.cors_rules.is_empty() {
            said("CORS rules", name, client.delete_bucket_cors().bucket(name).send().await)?;
        } else {
            let rules = built("CORS rules", settings::cors(&wanted.cors_rules))?;
            let order = client.put_bucket_cors().bucket(name).cors_configuration(rules);
            said("CORS rules", name, order.customize().mutate_request(with_md5).send().await)?;
        }
    }
    if wanted.public_access != now.public_access || is_new {
        public_access(cloud, client, name, wanted.public_access).await?;
    }
    Ok(())
}

/// Lets anyone read, or nobody whatever policies say.
async fn public_access(
    cloud: &S3Cloud,
    client: &Client,
    name: &str,
    public: bool,
) -> Result<(), Problem> {
    let session = &cloud.session;
    let what = "public access";
    let block = async |is_closed: bool| {
        let block = PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .ignore_public_acls(true)
            .block_public_policy(is_closed)
            .restrict_public_buckets(is_closed)
            .build();
        let order =
            client.put_public_access_block().bucket(name).public_access_block_configuration(block);
        said(what, name, order.customize().mutate_request(with_md5).send().await).map(drop)
    };
    if session.store.access_block && public {
        block(false).await?;
    }
    if session.store.policy {
        let before = reading::policy(client, name).await?;
        let is_chinese = session.region()?.starts_with("cn-") && session.store.driver == "aws";
        let partition = if is_chinese { "aws-cn" } else { "aws" };
        let after = settings::with_public(before.as_deref(), name, partition, public);
        match after {
            Some(policy) if before.as_ref() != Some(&policy) => {
                let order = client.put_bucket_policy().bucket(name).policy(policy);
                said(what, name, order.customize().mutate_request(with_md5).send().await)?;
            }
            None if before.is_some() => {
                said(what, name, client.delete_bucket_policy().bucket(name).send().await)?;
            }
            _ => {}
        }
    }
    if session.store.access_block && !public {
        block(true).await?;
    }
    Ok(())
}

fn said<T, E>(what: &str, name: &str, done: Result<T, SdkError<E>>) -> Result<T, Problem>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    done.map_err(|error| problem(&format!("setting {what} of the bucket \"{name}\""), &error))
}

fn built<T>(what: &str, built: Result<T, BuildError>) -> Result<T, Problem> {
    built.map_err(|error| {
        Problem::error(ProblemKind::Invalid, "Invalid bucket settings", format!("{what}: {error}."))
    })
}
