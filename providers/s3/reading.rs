//! What is set on a bucket, asked for all at once.

use std::collections::BTreeMap;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::types::BucketVersioningStatus;
use skyform_provider_sdk::{BucketSettings, Problem, ProblemKind};

use crate::cloud::S3Cloud;
use crate::error::problem;
use crate::settings::{cors_found, encryption_found, is_public, lifecycle_found};

/// Settings of a bucket that exists, and all its tags.
pub(crate) async fn settings(
    cloud: &S3Cloud,
    client: &Client,
    name: &str,
) -> Result<(BucketSettings, BTreeMap<String, String>), Problem> {
    let store = &cloud.session.store;
    let versioning = async {
        let asked = client.get_bucket_versioning().bucket(name).send();
        let found = asked_if(store.versioning, "versioning", name, asked).await?;
        let status = found.and_then(|found| found.status);
        Ok::<_, Problem>(status == Some(BucketVersioningStatus::Enabled))
    };
    let tags = async { if store.tags { tags(client, name).await } else { Ok(BTreeMap::new()) } };
    let encryption = async {
        let asked = client.get_bucket_encryption().bucket(name).send();
        let found = asked_if(store.encryption, "encryption", name, asked).await?;
        let found = found.and_then(|found| found.server_side_encryption_configuration);
        Ok(found.as_ref().and_then(encryption_found))
    };
    let lifecycle = async {
        let asked = client.get_bucket_lifecycle_configuration().bucket(name).send();
        let found = asked_if(store.lifecycle, "lifecycle rules", name, asked).await?;
        Ok(found.map(|found| lifecycle_found(found.rules())).unwrap_or_default())
    };
    let cors = async {
        let asked = client.get_bucket_cors().bucket(name).send();
        let found = asked_if(store.cors, "CORS rules", name, asked).await?;
        Ok(found.map(|found| cors_found(found.cors_rules())).unwrap_or_default())
    };
    let public = async {
        let policy = if store.policy { policy(client, name).await? } else { None };
        Ok(policy.is_some_and(|policy| is_public(&policy)))
    };
    let (versioning, tags, encryption, lifecycle_rules, cors_rules, public_access) =
        tokio::try_join!(versioning, tags, encryption, lifecycle, cors, public)?;
    let users = |name: &String| !name.starts_with("skyform-") && !name.starts_with("aws:");
    let shown = tags.iter().filter(|(name, _)| users(name));
    let shown = shown.map(|(name, value)| (name.clone(), value.clone())).collect();
    let settings = BucketSettings {
        versioning,
        tags: shown,
        public_access,
        encryption,
        lifecycle_rules,
        cors_rules,
    };
    Ok((settings, tags))
}

/// All tags of a bucket.
pub(crate) async fn tags(client: &Client, name: &str) -> Result<BTreeMap<String, String>, Problem> {
    let asked = client.get_bucket_tagging().bucket(name).send();
    let found = asked_if(true, "tags", name, asked).await?;
    let tags = found.map(|found| found.tag_set).unwrap_or_default();
    Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

/// The policy of a bucket, if it has one.
pub(crate) async fn policy(client: &Client, name: &str) -> Result<Option<String>, Problem> {
    let asked = client.get_bucket_policy().bucket(name).send();
    Ok(asked_if(true, "policy", name, asked).await?.and_then(|found| found.policy))
}

/// An answer; none where the store has no such thing, or nothing is set.
async fn asked_if<T, E>(
    has: bool,
    what: &str,
    name: &str,
    asked: impl Future<Output = Result<T, SdkError<E>>>,
) -> Result<Option<T>, Problem>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    if !has {
        return Ok(None);
    }
    match asked.await {
        Ok(found) => Ok(Some(found)),
        Err(error) => {
            let problem = problem(&format!("reading {what} of the bucket \"{name}\""), &error);
            match problem.kind {
                ProblemKind::NotFound | ProblemKind::Unsupported => Ok(None),
                _ => Err(problem),
            }
        }
    }
}
