//! Models on their way to where they are served: a bucket of the endpoint's own in its cloud.

use skyform_provider_sdk::{
    ApplyRequest, BucketSettings, BucketSpec, Cloud, ObjectPlace, Problem, ProgressEvent,
};

use crate::artifact::{self, Artifact};
use crate::clouds::Located;
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

/// Copies an artifact into the endpoint's cloud, checked by digest. One that is there already is not
/// copied again. The bucket is made where it is missing.
pub(crate) async fn copy(
    source: &Located,
    stored: &Artifact,
    cloud: &dyn Cloud,
    request: &ApplyRequest<'_>,
) -> Result<ObjectPlace, Problem> {
    let endpoint = crate::object::text(&request.planned, "name");
    let bucket = bucket_of(&endpoint);
    let place = ObjectPlace { bucket: bucket.clone(), key: stored.key() };
    let spec = BucketSpec {
        name: bucket.clone(),
        owner: request.address.to_owned(),
        token: token_of(&endpoint),
        settings: BucketSettings::default(),
    };
    cloud.create_bucket(&spec).await?;
    let whole = |object: &skyform_provider_sdk::ObjectInfo| {
        object.key == place.key && object.size == stored.size
    };
    if cloud.list_objects(&bucket, &stored.folder()).await?.iter().any(whole) {
        return Ok(place);
    }
    let (amount, from) = (words::bytes(stored.size), &source.settings.name);
    let step = format!("Copying the model ({amount}) from {from}...");
    request.progress.report(ProgressEvent::Step(step));
    let bytes = artifact::fetch(source, stored).await?;
    artifact::store(cloud, &bucket, stored, bytes).await?;
    // The version that is served until the new one is ready goes with the next.
    let mut kept = vec![stored.folder()];
    if let Some(before) = cloud.locate(&crate::object::text(&request.prior, "artifact")) {
        kept.push(before.key);
    }
    artifact::delete_others(cloud, &bucket, "", &kept).await?;
    Ok(place)
}

/// What marks an endpoint's staging bucket as its own.
fn token_of(endpoint: &str) -> String {
    format!("staging of {endpoint}")
}

/// Removes what was staged for an endpoint.
pub(crate) async fn remove(cloud: &dyn Cloud, endpoint: &str) -> Result<(), Problem> {
    let bucket = bucket_of(endpoint);
    match cloud.read_bucket(&bucket).await? {
        Some(info) if info.token == token_of(endpoint) => cloud.delete_bucket(&bucket, true).await,
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
