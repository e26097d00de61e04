//! What every cloud must keep; each driver runs it in its tests.

use crate::{BucketSettings, BucketSpec, Cloud, ObjectPlace, ProblemKind};

/// Runs the checks on a cloud that has no bucket named `conformance`.
///
/// # Errors
/// The first thing that is not as it must be.
pub async fn check_cloud(cloud: &dyn Cloud) -> Result<(), String> {
    check_buckets(cloud).await?;
    check_objects(cloud).await
}

fn spec(token: &str) -> BucketSpec {
    BucketSpec {
        name: "conformance".to_owned(),
        owner: "bucket.conformance".to_owned(),
        token: token.to_owned(),
        settings: BucketSettings::default(),
    }
}

fn expect(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

async fn check_buckets(cloud: &dyn Cloud) -> Result<(), String> {
    let said = |problem: crate::Problem| format!("{}: {}", problem.summary, problem.detail);
    let none = cloud.read_bucket("conformance").await.map_err(said)?;
    expect(none.is_none(), "a bucket that was never made does not exist")?;
    let made = cloud.create_bucket(&spec("one")).await.map_err(said)?;
    let read = cloud.read_bucket("conformance").await.map_err(said)?;
    expect(read.as_ref() == Some(&made), "what was made is what is read")?;
    let located = cloud.locate(&format!("{}/a/b", made.url));
    let same = format!("{}/a/b", made.url) == cloud.url("conformance", "a/b");
    expect(same, "an object's URL is its bucket's with the key")?;
    let expected = ObjectPlace { bucket: "conformance".to_owned(), key: "a/b".to_owned() };
    expect(located == Some(expected), "a bucket's URL with a key leads to that object")?;
    expect(cloud.locate("nowhere://conformance/a").is_none(), "other URLs lead nowhere")?;
    let again = cloud.create_bucket(&spec("one")).await.map_err(said)?;
    expect(again == made, "the same token finds the same bucket")?;
    match cloud.create_bucket(&spec("two")).await {
        Err(problem) => {
            expect(
                problem.kind == ProblemKind::AlreadyExists,
                "another token is told that it exists",
            )?;
        }
        Ok(_) => return Err("another token must not take the bucket over".to_owned()),
    }
    check_settings(cloud).await?;
    match cloud.create_bucket(&BucketSpec { name: "../up".to_owned(), ..spec("x") }).await {
        Err(problem) => expect(problem.kind == ProblemKind::Invalid, "a bad name is invalid"),
        Ok(_) => Err("a bad name must not be taken".to_owned()),
    }
}

/// What a driver says that it can set is set, and seen when it is read again.
async fn check_settings(cloud: &dyn Cloud) -> Result<(), String> {
    let said = |problem: crate::Problem| format!("{}: {}", problem.summary, problem.detail);
    let none = BucketSettings::default;
    let tags = [("team".to_owned(), "fraud".to_owned())].into();
    for settings in
        [BucketSettings { versioning: true, ..none() }, BucketSettings { tags, ..none() }, none()]
    {
        let spec = BucketSpec { settings, ..spec("one") };
        match cloud.check_bucket(&spec) {
            Err(problem) => {
                let is_honest = problem.kind == ProblemKind::Unsupported && problem.hint.is_some();
                expect(is_honest, "what a driver lacks is said so, with what there is instead")?;
            }
            Ok(()) => {
                let after = match cloud.update_bucket(&spec).await {
                    // Only the account can say it.
                    Err(problem) if problem.kind == ProblemKind::Unsupported => {
                        let is_honest = problem.hint.is_some() && problem.attribute.is_some();
                        expect(
                            is_honest,
                            "what an account lacks is said so, with what can be done",
                        )?;
                        continue;
                    }
                    after => after.map_err(said)?,
                };
                expect(after.settings == spec.settings, "what is set is told")?;
                expect(after.token == "one", "a change keeps the token")?;
                let read = cloud.read_bucket("conformance").await.map_err(said)?;
                expect(read == Some(after), "what is set is read again")?;
            }
        }
    }
    Ok(())
}

async fn check_objects(cloud: &dyn Cloud) -> Result<(), String> {
    let said = |problem: crate::Problem| format!("{}: {}", problem.summary, problem.detail);
    let bucket = "conformance";
    for (key, text) in [("a/one", "1"), ("a/two", "22"), ("b", "333"), ("a/one", "4444")] {
        let bytes = text.as_bytes().to_vec();
        cloud.write_object(bucket, key, bytes).await.map_err(said)?;
    }
    let read = cloud.read_object(bucket, "a/one").await.map_err(said)?;
    expect(read.as_deref() == Some(b"4444"), "the last write is what is read")?;
    let listed = cloud.list_objects(bucket, "a/").await.map_err(said)?;
    let before = listed[0].etag.clone();
    let listed: Vec<(&str, u64)> = listed.iter().map(|o| (o.key.as_str(), o.size)).collect();
    expect(listed == [("a/one", 4), ("a/two", 2)], "a listing is by key, with sizes")?;
    let same = cloud.list_objects(bucket, "a/").await.map_err(said)?;
    expect(same[0].etag == before, "an object that was not written keeps its tag")?;
    cloud.write_object(bucket, "a/one", b"5555".to_vec()).await.map_err(said)?;
    let other = cloud.list_objects(bucket, "a/").await.map_err(said)?;
    expect(other[0].etag != before, "another content has another tag")?;
    match cloud.delete_bucket(bucket, false).await {
        Err(problem) => expect(problem.kind == ProblemKind::Invalid, "a full bucket is refused")?,
        Ok(()) => return Err("a bucket with objects must not be deleted".to_owned()),
    }
    cloud.delete_object(bucket, "b").await.map_err(said)?;
    cloud.delete_object(bucket, "b").await.map_err(said)?;
    let gone = cloud.read_object(bucket, "b").await.map_err(said)?;
    expect(gone.is_none(), "what was deleted is gone")?;
    for key in ["../x", "/x", "a/../../x", ""] {
        let written = cloud.write_object(bucket, key, Vec::new()).await;
        expect(written.is_err(), "a key that leads out of the bucket is refused")?;
    }
    cloud.delete_bucket(bucket, true).await.map_err(said)?;
    cloud.delete_bucket(bucket, true).await.map_err(said)?;
    let gone = cloud.read_bucket(bucket).await.map_err(said)?;
    expect(gone.is_none(), "a bucket that was deleted is gone")
}
