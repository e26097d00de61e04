//! The conformance kit, and what is the local cloud's own.

use skyform_provider_sdk::BucketSettings;
use skyform_provider_sdk::conformance::check_cloud;

use super::*;

fn cloud(folder: &std::path::Path) -> Arc<dyn Cloud> {
    let settings = CloudSettings { name: "east".to_owned(), ..CloudSettings::default() };
    LocalDriver::new(folder).cloud(&settings).expect("a cloud")
}

#[tokio::test]
async fn it_is_a_cloud() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(check_cloud(&*cloud(folder.path())).await, Ok(()));
}

#[tokio::test]
async fn versions_are_really_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let cloud = cloud(folder.path());
    let spec = BucketSpec {
        name: "data".to_owned(),
        owner: "bucket.data".to_owned(),
        token: "t".to_owned(),
        settings: BucketSettings { versioning: true, ..BucketSettings::default() },
    };
    let made = cloud.create_bucket(&spec).await.expect("made");
    assert_eq!(made.url, "local://east/data");
    for text in ["one", "two", "three"] {
        cloud.write_object("data", "a/b", text.into()).await.expect("written");
    }
    cloud.delete_object("data", "a/b").await.expect("deleted");
    let versions = folder.path().join("local/east/buckets/data/versions/a");
    let kept: Vec<String> = (1..=3)
        .map(|n| std::fs::read_to_string(versions.join(format!("b.{n}"))).expect("kept"))
        .collect();
    assert_eq!(kept, ["one", "two", "three"]);
}

#[tokio::test]
async fn the_operator_keeps_versions_and_shows_nothing_that_is_not_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let cloud = cloud(folder.path());
    let spec = BucketSpec {
        name: "data".to_owned(),
        settings: BucketSettings { versioning: true, ..BucketSettings::default() },
        ..BucketSpec::default()
    };
    assert!(cloud.objects("data").is_err(), "without the bucket");
    cloud.create_bucket(&spec).await.expect("made");
    let store = cloud.objects("data").expect("an operator");
    for text in ["one", "two", "three"] {
        store.write("a/b", text).await.expect("written");
    }
    store.delete("a/b").await.expect("deleted");
    store.delete("a/b").await.expect("deleted already");
    let versions = folder.path().join("local/east/buckets/data/versions/a");
    let version = |n: u64| std::fs::read_to_string(versions.join(format!("b.{n}")));
    let kept: Vec<String> = (1..=3).map(|n| version(n).expect("kept")).collect();
    assert_eq!(kept, ["one", "two", "three"]);
    assert!(version(4).is_err());
    let mut writer = store.writer("half").await.expect("a writer");
    writer.write("half of it").await.expect("written");
    assert_eq!(cloud.list_objects("data", "").await, Ok(Vec::new()));
    writer.close().await.expect("closed");
    let listed = cloud.list_objects("data", "").await.expect("a listing");
    assert_eq!(listed.len(), 1);
}

#[test]
fn a_cloud_needs_a_plain_name() {
    let settings = CloudSettings { name: "../up".to_owned(), ..CloudSettings::default() };
    assert!(LocalDriver::new("x").cloud(&settings).is_err());
}
