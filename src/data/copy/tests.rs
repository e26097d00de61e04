//! Copies between folders, a server with faults, and the clouds' emulators.

mod faults;
mod server;

use std::collections::BTreeMap;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::Path;
use std::sync::{Arc, Mutex};

use opendal::{Operator, services};
use server::Server;
use tempfile::TempDir;

use super::object::PART;
use super::*;
use crate::digest;

/// A folder as a source.
fn folder(root: &Path) -> Place {
    let store = services::Fs::default().root(&root.to_string_lossy());
    local(root, store)
}

/// A folder as a destination.
fn staged_folder(root: &Path) -> (Place, Staged) {
    let staged = Staged::open(root).expect("a folder");
    let store = services::Fs::default()
        .root(&root.to_string_lossy())
        .atomic_write_dir(&staged.folder().to_string_lossy());
    (local(root, store), staged)
}

fn local(root: &Path, store: services::Fs) -> Place {
    let store = Operator::new(store).expect("a store");
    let shown = format!("{}/", root.display());
    Place { store, folder: String::new(), identity: format!("fs {shown}"), shown }
}

fn options() -> CopyOptions {
    let parallelism = NonZeroUsize::new(8).expect("not zero");
    CopyOptions { mirror: false, parallelism, limit_rate: None, digests: false }
}

/// Bytes that look like nothing else; the same for the same number.
fn content(seed: u8, size: usize) -> Vec<u8> {
    let mut state = u32::from(seed).wrapping_add(7);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..size).map(|_| next()).collect()
}

fn write(root: &Path, path: &str, bytes: &[u8]) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(path, bytes).expect("written");
}

/// Plans and runs.
async fn copy(
    source: &Place,
    destination: &Place,
    options: &CopyOptions,
    record: Option<Record>,
) -> CopyOutcome {
    let record = record.map(Arc::new);
    let planned = plan(source, destination, &Selection::All, options, record.as_deref()).await;
    let planned = planned.expect("a plan");
    let ran = run(planned, source, destination, options, record, Arc::new(Silent)).await;
    ran.expect("an outcome")
}

/// How many were copied, were there already, were deleted, and failed.
fn numbers(outcome: &CopyOutcome) -> [usize; 4] {
    let CopyOutcome { copied, same, deleted, failed, .. } = outcome;
    [copied.len(), same.len(), deleted.len(), failed.len()]
}

fn said(outcome: &CopyOutcome) -> Vec<String> {
    outcome.failed.iter().map(|failed| format!("{}: {}", failed.path, failed.error)).collect()
}

struct Folders {
    source: TempDir,
    destination: TempDir,
}

impl Folders {
    fn new() -> Folders {
        let folder = || tempfile::tempdir().expect("a folder");
        Folders { source: folder(), destination: folder() }
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        std::fs::read(self.destination.path().join(path)).ok()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_copied_and_only_changes_are_copied_again() {
    let folders = Folders::new();
    let large = content(1, PART as usize * 2 + 17);
    write(folders.source.path(), "a.txt", b"one");
    write(folders.source.path(), "deep/er/b c.txt", b"two");
    write(folders.source.path(), "empty", b"");
    write(folders.source.path(), "large", &large);
    write(folders.destination.path(), "extra", b"stays");
    let (destination, staged) = staged_folder(folders.destination.path());
    let source = folder(folders.source.path());
    let first = copy(&source, &destination, &options(), None).await;
    assert_eq!(numbers(&first), [4, 0, 0, 0], "{:?}", said(&first));
    assert_eq!(folders.read("large").as_deref(), Some(&large[..]));
    assert_eq!(folders.read("deep/er/b c.txt").as_deref(), Some(&b"two"[..]));
    assert_eq!(first.copied_bytes(), 6 + large.len() as u64);
    let expected: Vec<String> =
        [&b"one"[..], b"two", b"", &large].iter().map(|bytes| digest::of(bytes)).collect();
    let digests: Vec<String> = first.copied.iter().flat_map(|file| file.sha256.clone()).collect();
    assert_eq!(digests, expected);
    // Same size, and an older time than the copy's: only reading shows it.
    write(folders.source.path(), "a.txt", b"ONE");
    std::fs::File::open(folders.source.path().join("a.txt"))
        .and_then(|file| file.set_modified(std::time::SystemTime::UNIX_EPOCH))
        .expect("set");
    let mirror = CopyOptions { mirror: true, ..options() };
    let second = copy(&source, &destination, &mirror, None).await;
    assert_eq!(numbers(&second), [1, 3, 1, 0], "{:?}", said(&second));
    assert_eq!(
        (folders.read("a.txt").as_deref(), folders.read("extra")),
        (Some(&b"ONE"[..]), None)
    );
    drop(staged);
    assert!(!folders.destination.path().join(".skyform-copy").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_of_nothing_is_refused_and_odd_paths_do_not_stop_the_others() {
    let folders = Folders::new();
    let (destination, _staged) = staged_folder(folders.destination.path());
    let source = folder(folders.source.path());
    let mirror = CopyOptions { mirror: true, ..options() };
    let refused = plan(&source, &destination, &Selection::All, &mirror, None).await;
    assert!(matches!(refused, Err(CopyError::EmptyMirror(_))), "{refused:?}");
    let server = Server::start().await;
    server.put("a/../../up", b"out");
    server.put("good", b"in");
    let outcome = copy(&server.place(""), &destination, &options(), None).await;
    assert_eq!(numbers(&outcome), [1, 0, 0, 1], "{:?}", said(&outcome));
    assert_eq!(folders.read("good").as_deref(), Some(&b"in"[..]));
    assert!(!folders.destination.path().parent().expect("a folder").join("up").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_tags_and_the_record_say_what_is_there_already() {
    let folders = Folders::new();
    let large = content(2, PART as usize + 1);
    write(folders.source.path(), "small", b"abc");
    write(folders.source.path(), "large", &large);
    let (source, server) = (folder(folders.source.path()), Server::start().await);
    let destination = server.place("in/");
    let path = folders.destination.path().join("record");
    let record = || Some(Record::open(&path, "a", "b").expect("a record"));
    let first = copy(&source, &destination, &options(), record()).await;
    assert_eq!(numbers(&first), [2, 0, 0, 0], "{:?}", said(&first));
    assert_eq!(server.get("in/large").as_deref(), Some(&large[..]));
    assert_eq!(server.seen("HEAD"), 0, "the tags tell that all is there");
    // Without the record, the tag of an upload in parts is that of the file's parts.
    assert_eq!(numbers(&copy(&source, &destination, &options(), None).await), [0, 2, 0, 0]);
    let mut other = large.clone();
    other[PART as usize] ^= 1;
    write(folders.source.path(), "large", &other);
    assert_eq!(numbers(&copy(&source, &destination, &options(), None).await), [1, 1, 0, 0]);
    write(folders.source.path(), "large", &large);
    assert_eq!(numbers(&copy(&source, &destination, &options(), record()).await), [1, 1, 0, 0]);
    let digests = CopyOptions { digests: true, ..options() };
    let again = copy(&source, &destination, &digests, record()).await;
    assert_eq!(numbers(&again), [0, 2, 0, 0]);
    assert_eq!(again.manifest().expect("plain paths"), first.manifest().expect("plain paths"));
    // Changed at the destination, by someone else.
    server.put("in/small", b"xyz");
    assert_eq!(numbers(&copy(&source, &destination, &options(), record()).await), [1, 1, 0, 0]);
    assert_eq!(server.get("in/small").as_deref(), Some(&b"abc"[..]));
    // And back again: the tags of both sides are known.
    let back = copy(&destination, &folder(folders.source.path()), &options(), None).await;
    assert_eq!(numbers(&back), [0, 2, 0, 0], "{:?}", said(&back));
    // From one store to the next, parts are compared with parts.
    let server = Server::start().await;
    let third = server.place("");
    assert_eq!(numbers(&copy(&destination, &third, &options(), None).await), [2, 0, 0, 0]);
    assert_eq!(numbers(&copy(&destination, &third, &options(), None).await), [0, 2, 0, 0]);
    assert_eq!(server.seen("GET /data/large"), 0, "nothing had to be read");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_copies_within_itself_and_a_manifest_has_digests_anyway() {
    let server = Server::start().await;
    server.put("from/a", b"abc");
    server.put("from/b", b"");
    server.put("to/old", b"x");
    let options = CopyOptions { mirror: true, digests: true, ..options() };
    let outcome = copy(&server.place("from/"), &server.place("to/"), &options, None).await;
    assert_eq!(numbers(&outcome), [2, 0, 1, 0], "{:?}", said(&outcome));
    assert_eq!(server.keys(), ["from/a", "from/b", "to/a", "to/b"]);
    assert_eq!(outcome.copied[0].sha256, Some(digest::of(b"abc")));
    assert_eq!(server.seen("GET /data/from/a"), 0, "no byte came here");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_is_kept() {
    let server = Server::start().await;
    let folders = Folders::new();
    for number in 0..6 {
        write(folders.source.path(), &number.to_string(), &content(number, 100_000));
    }
    let limited = CopyOptions { limit_rate: NonZeroU64::new(250_000), ..options() };
    let begun = std::time::Instant::now();
    copy(&folder(folders.source.path()), &server.place(""), &limited, None).await;
    // One second's worth goes at once, the rest in 1.4 seconds.
    let took = begun.elapsed().as_secs_f64();
    assert!(took > 1.3, "{took} s");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_object_with_a_known_digest_or_none() {
    let folders = Folders::new();
    let server = Server::start().await;
    let large = content(3, PART as usize + 5);
    server.put("model", &large);
    let (source, (destination, _staged)) =
        (server.place(""), staged_folder(folders.destination.path()));
    let expected = |sha256: String| Expected { size: large.len() as u64, sha256 };
    let events = Arc::new(Counted::default());
    let good = expected(digest::of(&large));
    let arrived =
        copy_object(&source, "model", &destination, "m/x", Some(&good), events.clone()).await;
    assert_eq!(arrived.expect("copied").sha256, Some(digest::of(&large)));
    assert_eq!(folders.read("m/x").as_deref(), Some(&large[..]));
    assert_eq!(
        *events.moved.lock().expect("no panic"),
        BTreeMap::from([("m/x".to_owned(), large.len() as u64)])
    );
    let silent = || Arc::new(Silent);
    let bad = expected(digest::of(b"other"));
    let refused = copy_object(&source, "model", &destination, "y", Some(&bad), silent()).await;
    assert!(matches!(refused, Err(CopyError::Unexpected { .. })), "{refused:?}");
    assert_eq!(folders.read("y"), None, "nothing is visible");
    let nothing = copy_object(&source, "none", &destination, "z", None, silent()).await;
    assert!(matches!(nothing, Err(CopyError::NothingThere(_))), "{nothing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_is_written_in_parts_and_checked() {
    let server = Server::start().await;
    let destination = server.place("");
    for size in [0, 5, PART as usize, PART as usize + 5, PART as usize * 2] {
        let bytes = content(12, size);
        let right = Expected { size: size as u64, sha256: digest::of(&bytes) };
        let reader = std::io::Cursor::new(bytes.clone());
        let silent = Arc::new(Silent);
        let arrived =
            copy_reader(reader, "web", &destination, "x", Some(&right), silent.clone()).await;
        let arrived = arrived.expect("copied");
        assert_eq!((arrived.size, arrived.sha256), (size as u64, Some(right.sha256)));
        assert_eq!(server.get("x"), Some(bytes.clone()), "{size}");
        let measured = measure(&destination, "x", 7).await.expect("read");
        assert_eq!((measured.size, measured.sha256), (size as u64, digest::of(&bytes)));
        assert_eq!(measured.start, bytes[..size.min(7)]);
        let wrong = Expected { size: size as u64, sha256: digest::of(b"other") };
        let reader = std::io::Cursor::new(bytes);
        let refused = copy_reader(reader, "web", &destination, "y", Some(&wrong), silent).await;
        assert!(matches!(refused, Err(CopyError::Unexpected { .. })), "{refused:?}");
        assert_eq!((server.get("y"), server.uploads()), (None, 0), "{size}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_fails_leaves_nothing() {
    struct Broken(u64);
    impl std::io::Read for Broken {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            if self.0 == 0 {
                return Err(std::io::ErrorKind::ConnectionReset.into());
            }
            let size = into.len().min(self.0 as usize);
            self.0 -= size as u64;
            Ok(size)
        }
    }
    let server = Server::start().await;
    let silent = Arc::new(Silent);
    let failed = copy_reader(Broken(PART * 2), "web", &server.place(""), "x", None, silent).await;
    assert!(matches!(failed, Err(CopyError::Source { .. })), "{failed:?}");
    assert_eq!((server.get("x"), server.uploads()), (None, 0));
}

/// Counts bytes by path.
#[derive(Default)]
struct Counted {
    moved: Mutex<BTreeMap<String, u64>>,
}

impl CopyEvents for Counted {
    fn event(&self, event: CopyEvent<'_>) {
        if let CopyEvent::Moved { path, bytes } = event {
            *self.moved.lock().expect("no panic").entry(path.to_owned()).or_default() += bytes;
        }
    }
}
