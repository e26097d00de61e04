//! What must not go wrong when everything else does.

use super::server::{Fault, Server};
use super::*;

/// A large and a small file, a server, and what a copy with faults gives.
async fn with_faults(faults: &[(&str, Fault)]) -> (Server, CopyOutcome, Vec<u8>) {
    let folders = Folders::new();
    let large = content(9, PART as usize * 2 + 100);
    write(folders.source.path(), "large", &large);
    write(folders.source.path(), "small", b"abc");
    let server = Server::start().await;
    for (text, fault) in faults {
        server.fault(text, *fault);
    }
    let (source, destination) = (folder(folders.source.path()), server.place(""));
    let outcome = copy(&source, &destination, &options(), None).await;
    (server, outcome, large)
}

fn is_whole(server: &Server, outcome: &CopyOutcome, large: &[u8]) {
    assert_eq!(numbers(outcome), [2, 0, 0, 0], "{:?}", said(outcome));
    assert_eq!(server.get("large").as_deref(), Some(large));
    assert_eq!(server.get("small").as_deref(), Some(&b"abc"[..]));
    assert_eq!(server.uploads(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_is_made_again() {
    for text in ["PUT /data/small", "partNumber=2", "POST /data/large?uploads"] {
        let (server, outcome, large) = with_faults(&[(text, Fault::Reset)]).await;
        assert_eq!(numbers(&outcome), [2, 0, 0, 0], "{text}: {:?}", said(&outcome));
        assert_eq!(server.get("large").as_deref(), Some(&large[..]), "{text}");
        assert_eq!(server.parts(), 0, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_server_is_asked_again() {
    let faults = [("PUT /data/small", Fault::Busy), ("partNumber=1", Fault::Busy)];
    let (server, outcome, large) = with_faults(&faults).await;
    is_whole(&server, &outcome, &large);
    for text in ["PUT /data/small", "partNumber=1"] {
        assert_eq!(server.seen(text), 2, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_arrives_damaged_is_sent_again() {
    let (server, outcome, large) = with_faults(&[("partNumber=3", Fault::Flip)]).await;
    is_whole(&server, &outcome, &large);
    assert_eq!(server.seen("partNumber=3"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_that_cannot_be_mended_is_an_error_and_leaves_nothing() {
    let twice = [("partNumber=1", Fault::Flip), ("partNumber=1", Fault::Flip)];
    let (server, outcome, _) = with_faults(&twice).await;
    assert_eq!(numbers(&outcome), [1, 0, 0, 1]);
    assert_eq!((server.get("large"), server.uploads()), (None, 0), "{:?}", said(&outcome));
    let (_, outcome, _) = with_faults(&[("PUT /data/small", Fault::Flip)]).await;
    let expected = "small: small did not arrive as it was sent: the store has another content";
    assert_eq!(said(&outcome), [expected]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_object_that_is_denied_does_not_keep_the_others() {
    let (server, outcome, _) = with_faults(&[("PUT /data/small", Fault::Denied)]).await;
    assert_eq!(numbers(&outcome), [1, 0, 0, 1], "{:?}", said(&outcome));
    assert_eq!(outcome.failed[0].error.kind(), Some(opendal::ErrorKind::PermissionDenied));
    assert!(!outcome.failed[0].error.is_retryable());
    assert_eq!(server.keys(), ["large"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_that_end_too_early_are_read_again() {
    let (folders, server) = (Folders::new(), Server::start().await);
    let large = content(4, PART as usize + 9);
    server.put("large", &large);
    server.put("small", &content(5, 5000));
    server.fault("GET /data/large", Fault::Cut);
    server.fault("GET /data/small", Fault::Cut);
    let (destination, _staged) = staged_folder(folders.destination.path());
    let outcome = copy(&server.place(""), &destination, &options(), None).await;
    assert_eq!(numbers(&outcome), [2, 0, 0, 0], "{:?}", said(&outcome));
    assert_eq!(folders.read("large"), Some(large));
    assert_eq!(folders.read("small"), Some(content(5, 5000)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_between_listing_and_reading_is_not_copied() {
    let (folders, server) = (Folders::new(), Server::start().await);
    server.put("a", b"old");
    write(folders.source.path(), "b", b"old");
    let (destination, _staged) = staged_folder(folders.destination.path());
    let remote = server.place("");
    let local = folder(folders.source.path());
    for (source, path) in [(&remote, "a"), (&local, "b")] {
        let planned = plan(source, &destination, &Selection::All, &options(), None).await;
        server.put("a", b"new");
        write(folders.source.path(), "b", b"new");
        let planned = planned.expect("a plan");
        let ran = run(planned, source, &destination, &options(), None, Arc::new(Silent)).await;
        let expected = format!("{path}: {path} was changed while it was copied");
        assert_eq!(said(&ran.expect("an outcome")), [expected]);
        assert_eq!(folders.read(path), None);
        server.put("a", b"old");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_was_cut_off_goes_on_or_is_ended() {
    let folders = Folders::new();
    let large = content(6, PART as usize * 2 + 1);
    write(folders.source.path(), "large", &large);
    let (source, server) = (folder(folders.source.path()), Server::start().await);
    let destination = server.place("");
    let path = folders.destination.path().join("record");
    let record = || Some(Record::open(&path, "a", "b").expect("a record"));
    cut_off(&server, &source, &destination, record).await;
    assert_eq!(server.get("large"), None, "no half object");
    assert!(server.parts() > 0);
    let begun = server.seen("uploads");
    let rest = copy(&source, &destination, &options(), record()).await;
    assert_eq!(numbers(&rest), [1, 0, 0, 0], "{:?}", said(&rest));
    assert!(rest.resumed_bytes >= PART, "{}", rest.resumed_bytes);
    assert_eq!((server.get("large"), server.uploads()), (Some(large), 0));
    assert_eq!(server.seen("uploads"), begun, "the same upload");
    assert_eq!(server.seen("partNumber=1"), 1, "sent once");
    // The source is another one now: nothing of the old is put together with the new.
    let other = content(7, PART as usize * 2 + 1);
    write(folders.source.path(), "large", &content(8, PART as usize * 2 + 1));
    cut_off(&server, &source, &destination, record).await;
    write(folders.source.path(), "large", &other);
    let anew = copy(&source, &destination, &options(), record()).await;
    assert_eq!((numbers(&anew), anew.resumed_bytes), ([1, 0, 0, 0], 0), "{:?}", said(&anew));
    assert_eq!((server.get("large"), server.uploads()), (Some(other.clone()), 0));
    // The source does not have it any more.
    write(folders.source.path(), "large", &content(10, PART as usize * 2 + 1));
    cut_off(&server, &source, &destination, record).await;
    std::fs::remove_file(folders.source.path().join("large")).expect("removed");
    let nothing = copy(&source, &destination, &options(), record()).await;
    assert_eq!((numbers(&nothing), server.uploads()), ([0, 0, 0, 0], 0));
}

/// A copy whose upload is refused in its middle.
async fn cut_off(
    server: &Server,
    source: &Place,
    destination: &Place,
    record: impl Fn() -> Option<Record>,
) {
    server.fault("partNumber=2", Fault::Denied);
    let cut = copy(source, destination, &options(), record()).await;
    assert_eq!(numbers(&cut), [0, 0, 0, 1], "{:?}", said(&cut));
    assert_eq!(server.uploads(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_the_server_has_forgotten_is_begun_anew() {
    let folders = Folders::new();
    let large = content(11, PART as usize + 1);
    write(folders.source.path(), "large", &large);
    let (source, server) = (folder(folders.source.path()), Server::start().await);
    let destination = server.place("");
    let path = folders.destination.path().join("record");
    let record = || Some(Record::open(&path, "a", "b").expect("a record"));
    cut_off(&server, &source, &destination, record).await;
    server.forget_uploads();
    let anew = copy(&source, &destination, &options(), record()).await;
    assert_eq!(numbers(&anew), [1, 0, 0, 0], "{:?}", said(&anew));
    assert_eq!((server.get("large"), server.uploads()), (Some(large), 0));
}
