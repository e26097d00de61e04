//! Models on their way to where they are served: a bucket of the endpoint's own in its cloud, or one
//! that the cloud's block names.

use skyform_provider_sdk::{
    ApplyRequest, BucketSettings, BucketSpec, Cloud, CloudSettings, ObjectPlace, Problem,
    ProblemKind, ProgressEvent,
};
use skyform_value::Path;

use crate::artifact::{self, Artifact};
use crate::content::Target;
use crate::located::Located;
use crate::words;

/// The bucket that an endpoint's models are staged in.
fn bucket_of(endpoint: &str) -> String {
    named("staging-", endpoint)
}

/// The name of an endpoint's bucket for some purpose.
pub(crate) fn named(prefix: &str, endpoint: &str) -> String {
    let room = 63 - prefix.len();
    let name = endpoint.get(..room).unwrap_or(endpoint);
    format!("{prefix}{}", name.trim_end_matches('-'))
}

/// Where an endpoint's models are staged.
struct Stage {
    bucket: String,
    /// What keys begin with: nothing in a bucket of the endpoint's own.
    prefix: String,
}

impl Stage {
    fn of(settings: &CloudSettings, endpoint: &str) -> Self {
        match &settings.staging {
            Some(bucket) => Self { bucket: bucket.clone(), prefix: format!("staging/{endpoint}/") },
            None => Self { bucket: bucket_of(endpoint), prefix: String::new() },
        }
    }
}

/// Copies an artifact into the endpoint's cloud, checked by digest. One that is there already is not
/// copied again. A bucket of the endpoint's own is made where it is missing.
pub(crate) async fn copy(
    source: &Located,
    stored: &Artifact,
    (cloud, settings): (&dyn Cloud, &CloudSettings),
    request: &ApplyRequest<'_>,
) -> Result<ObjectPlace, Problem> {
    let endpoint = crate::object::text(&request.planned, "name");
    let Stage { bucket, prefix } = Stage::of(settings, &endpoint);
    make(cloud, settings, &endpoint, request.address).await?;
    let staged = Artifact { name: format!("{prefix}{}", stored.name), ..stored.clone() };
    let place = ObjectPlace { bucket: bucket.clone(), key: staged.key() };
    let whole = |object: &skyform_provider_sdk::ObjectInfo| {
        object.key == place.key && object.size == staged.size
    };
    if cloud.list_objects(&bucket, &staged.folder()).await?.iter().any(whole) {
        return Ok(place);
    }
    let (amount, from) = (words::bytes(staged.size), &source.settings.name);
    let step = format!("Copying the model ({amount}) from {from}...");
    request.progress.report(ProgressEvent::Step(step));
    let (size, key) = (Some(staged.size), place.key.as_str());
    let target = Target { cloud, bucket: &bucket, key, size };
    artifact::copy(source, stored, &target, &request.progress).await?;
    artifact::complete(cloud, &bucket, &staged).await?;
    // The version that is served until the new one is ready goes with the next.
    let mut kept = vec![staged.folder()];
    if let Some(before) = cloud.locate(&crate::object::text(&request.prior, "artifact")) {
        kept.push(before.key);
    }
    artifact::delete_others(cloud, &bucket, &prefix, &kept).await?;
    Ok(place)
}

/// Makes the endpoint's own bucket, or sees that there is the one that the cloud's block names.
async fn make(
    cloud: &dyn Cloud,
    settings: &CloudSettings,
    endpoint: &str,
    owner: &str,
) -> Result<(), Problem> {
    let Some(bucket) = &settings.staging else {
        let spec = BucketSpec {
            name: bucket_of(endpoint),
            owner: owner.to_owned(),
            token: token_of(endpoint),
            settings: BucketSettings::default(),
        };
        return match cloud.create_bucket(&spec).await {
            // In most clouds names are the whole world's.
            Err(problem) if problem.kind == ProblemKind::AlreadyExists => {
                let hint = "Name a bucket of yours in the cloud's block, staging = \"NAME\", or give the endpoint another name.";
                Err(problem.hint(hint))
            }
            other => other.map(drop),
        };
    };
    if cloud.read_bucket(bucket).await?.is_some() {
        return Ok(());
    }
    let detail =
        format!("The cloud \"{}\" has no bucket \"{bucket}\" to stage models in.", settings.name);
    Err(Problem::error(ProblemKind::NotFound, "No such staging bucket", detail)
        .at(Path::attribute("cloud"))
        .hint("Its bucket block must be applied before: depends_on = [bucket.NAME]."))
}

/// What marks an endpoint's staging bucket as its own.
fn token_of(endpoint: &str) -> String {
    format!("staging of {endpoint}")
}

/// Removes what was staged for an endpoint.
pub(crate) async fn remove(
    cloud: &dyn Cloud,
    settings: &CloudSettings,
    endpoint: &str,
) -> Result<(), Problem> {
    if settings.staging.is_some() {
        let Stage { bucket, prefix } = Stage::of(settings, endpoint);
        artifact::delete_others(cloud, &bucket, &prefix, &[]).await?;
    }
    let bucket = bucket_of(endpoint);
    match cloud.read_bucket(&bucket).await {
        Ok(Some(info)) if info.token == token_of(endpoint) => {
            cloud.delete_bucket(&bucket, true).await
        }
        // Somebody else's bucket of that name may not even be shown to us.
        Err(problem) if problem.kind != ProblemKind::Denied => Err(problem),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::bucket_of;

    #[test]
    fn names_fit_into_a_buckets() {
        assert_eq!(bucket_of("fraud"), "staging-fraud");
        assert_eq!(bucket_of(&format!("{}-b", "a".repeat(54))).len(), 62);
    }
}
