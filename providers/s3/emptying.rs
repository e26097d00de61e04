//! Deletes everything in a bucket: objects, old versions, and uploads that never ended.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use skyform_provider_sdk::{Problem, ProblemKind, objects};

use crate::cloud::S3Cloud;
use crate::error::problem;
use crate::writing::with_md5;

/// Empties a bucket.
pub(crate) async fn empty(cloud: &S3Cloud, client: &Client, name: &str) -> Result<(), Problem> {
    if cloud.session.store.versioning {
        versions(client, name).await?;
    } else {
        let all = cloud.operator(name)?.delete_with("").recursive(true).await;
        all.map_err(|error| objects::problem(&error, name))?;
    }
    uploads(client, name, None).await
}

/// Deletes versions and delete markers, a page at a time; what is deleted is not listed again.
async fn versions(client: &Client, name: &str) -> Result<(), Problem> {
    let action = format!("emptying the bucket \"{name}\"");
    loop {
        let page = client.list_object_versions().bucket(name).send().await;
        let page = page.map_err(|error| problem(&action, &error))?;
        let versions = page.versions().iter().map(|found| (found.key(), found.version_id()));
        let markers = page.delete_markers().iter().map(|found| (found.key(), found.version_id()));
        let mut batch = Delete::builder().quiet(true);
        let mut count = 0;
        for (key, version) in versions.chain(markers) {
            let Some(key) = key else { continue };
            let version = version.filter(|version| *version != "null").map(str::to_owned);
            let object = ObjectIdentifier::builder().key(key).set_version_id(version).build();
            batch = batch.objects(object.map_err(|error| refused(&action, &error.to_string()))?);
            count += 1;
        }
        if count == 0 {
            return Ok(());
        }
        let batch = batch.build().map_err(|error| refused(&action, &error.to_string()))?;
        let order = client.delete_objects().bucket(name).delete(batch);
        let done = order.customize().mutate_request(with_md5).send().await;
        let done = done.map_err(|error| problem(&action, &error))?;
        if let Some(error) = done.errors().first() {
            let key = error.key().unwrap_or_default();
            let message = error.message().or(error.code()).unwrap_or("it was not deleted");
            return Err(refused(&action, &format!("{key}: {message}")));
        }
    }
}

/// Gives up uploads that never ended: all, or those of one object.
pub(crate) async fn uploads(
    client: &Client,
    name: &str,
    only: Option<&str>,
) -> Result<(), Problem> {
    let action = format!("giving up uploads to the bucket \"{name}\"");
    let mut after: Option<(String, String)> = None;
    loop {
        let mut order = client.list_multipart_uploads().bucket(name);
        order = order.set_prefix(only.map(str::to_owned));
        if let Some((key, upload)) = &after {
            order = order.key_marker(key).upload_id_marker(upload);
        }
        let page = order.send().await.map_err(|error| problem(&action, &error))?;
        for upload in page.uploads() {
            let (Some(key), Some(id)) = (upload.key(), upload.upload_id()) else { continue };
            if only.is_some_and(|only| only != key) {
                continue;
            }
            let order = client.abort_multipart_upload().bucket(name).key(key).upload_id(id);
            match order.send().await.map_err(|error| problem(&action, &error)) {
                Err(problem) if problem.kind != ProblemKind::NotFound => return Err(problem),
                _ => {}
            }
        }
        let next = page.next_key_marker().zip(page.next_upload_id_marker());
        match next.filter(|_| page.is_truncated() == Some(true)) {
            Some((key, upload)) => after = Some((key.to_owned(), upload.to_owned())),
            None => return Ok(()),
        }
    }
}

fn refused(action: &str, why: &str) -> Problem {
    let detail = format!("While {action}: {}.", why.trim_end_matches('.'));
    Problem::error(ProblemKind::Other, "Bucket was not emptied", detail)
        .hint("An object lock or a policy may keep what is in it.")
}
