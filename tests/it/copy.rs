//! `copy`: between folders, buckets of a stack, and servers that speak the clouds' protocols.

use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use skyform_emulators::{Fault, Faulty, Server};

use crate::stack::Stack;

/// A copy's command, in the stack's folder, with credentials that every emulator takes.
fn copy(stack: &Stack, arguments: &[&str]) -> Command {
    let mut command = stack.command(&["copy"]);
    command
        .args(arguments)
        .env("AWS_ACCESS_KEY_ID", "key")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("XDG_STATE_HOME", stack.path().join("records"));
    command
}

fn good(mut command: Command) -> String {
    let Output { status, stdout, stderr } = command.output().expect("the program runs");
    let (stdout, stderr) =
        (String::from_utf8_lossy(&stdout).into_owned(), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{stdout}{stderr}");
    stdout
}

fn bad(mut command: Command) -> String {
    let output = command.output().expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What a copy did, without its time and rate.
fn summary(text: &str) -> String {
    let Some((before, rest)) = text.split_once(" in ") else { return text.trim_end().to_owned() };
    let after = rest.split_once("/s.").map_or("", |(_, after)| after);
    format!("{before}.{}", after.trim_end())
}

#[test]
fn folders_files_and_dry_runs() {
    let stack = Stack::new(&[("data/a.csv", "1,2\n"), ("data/deep/b.csv", "3\n"), ("to/old", "x")]);
    let dry = good(copy(&stack, &["data", "to", "-mirror", "-dry-run"]));
    let expected = "  + a.csv (4 B)\n  + deep/b.csv (2 B)\n  - old\n\n\
                    2 objects to copy (6 B), 1 object to delete, 0 objects there already.\n";
    assert_eq!(dry, expected);
    assert!(stack.path().join("to/old").exists() && !stack.path().join("to/a.csv").exists());
    let done = good(copy(&stack, &["data", "to", "-mirror", "-manifest=list.json"]));
    assert_eq!(summary(&done), "Copied 2 objects (6 B). 1 object deleted.");
    assert_eq!(stack.read("to/deep/b.csv"), "3\n");
    assert!(!stack.path().join("to/.skyform-copy").exists());
    assert_eq!(stack.read("list.json").lines().count(), 4);
    let again = good(copy(&stack, &["data", "to", "-json"]));
    let again: serde_json::Value = serde_json::from_str(&again).expect("JSON");
    assert_eq!((&again["same"], &again["bytes"]), (&2.into(), &0.into()), "{again}");
    good(copy(&stack, &["data/a.csv", "new/name.csv"]));
    good(copy(&stack, &["data/a.csv", "new/"]));
    assert_eq!(stack.read("new/name.csv"), stack.read("new/a.csv"));
    for (arguments, expected) in [
        (["none", "to"], ["Source cannot be read", "none"]),
        (["data", "data/deep"], ["Copy into itself", "data/deep"]),
        (["data", "ftp://x/y"], ["Invalid place", "s3, gs, azblob"]),
        (["bucket.none", "to"], ["The state has no bucket.none", "state list"]),
        (["new", "cos://b/"], ["Unknown server", "-destination-endpoint"]),
    ] {
        let said = bad(copy(&stack, &arguments));
        assert!(expected.iter().all(|part| said.contains(part)), "{arguments:?}: {said}");
    }
}

#[test]
fn a_bucket_of_the_stack_keeps_its_versions() {
    let text = "cloud \"east\" {\n  driver = \"local\"\n}\n\nbucket \"data\" {\n  cloud = cloud.east\n  versioning = true\n}\n";
    let stack = Stack::new(&[("main.hcl", text), ("from/a", "one")]);
    stack.good(&["apply", "-auto-approve"]);
    good(copy(&stack, &["from", "bucket.data/in"]));
    stack.write("from/a", "two!");
    good(copy(&stack, &["from/", "bucket.data/in/"]));
    let folder = ".skyform/local/east/buckets/data";
    assert_eq!(stack.read(&format!("{folder}/objects/in/a")), "two!");
    assert_eq!(stack.read(&format!("{folder}/versions/in/a.1")), "one");
    good(copy(&stack, &["bucket.data", "back"]));
    assert_eq!(stack.read("back/in/a"), "two!");
    let misspelt = bad(copy(&stack, &["bucket.dato", "back"]));
    assert!(misspelt.contains("Did you mean \"bucket.data\"?"), "{misspelt}");
}

/// A bucket on moto.
fn moto() -> Option<(Server, String)> {
    let server = skyform_emulators::moto()?;
    ureq::put(format!("{}/data", server.url())).send_empty().expect("a bucket");
    let to = format!("-destination-endpoint={}", server.url());
    Some((server, to))
}

/// How many uploads were begun and neither completed nor aborted.
fn open_uploads(server: &Server) -> usize {
    let answer = ureq::get(format!("{}/data?uploads", server.url())).call();
    let text = answer.expect("an answer").body_mut().read_to_string().expect("text");
    text.matches("<UploadId>").count()
}

/// Bytes that do not repeat soon.
fn content(size: usize) -> String {
    let mut state = 7_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b'a' + ((state >> 40) % 26) as u8)
    };
    (0..size).map(|_| next()).collect()
}

#[test]
fn a_server_that_asks_for_a_pause_is_given_one() {
    let Some((server, _)) = moto() else { return };
    let seen = AtomicUsize::new(0);
    let faulty = Faulty::before(&server, move |asked| {
        let is_it = asked.method == "PUT" && asked.path.starts_with("/data/in/a");
        let is_first = is_it && seen.fetch_add(1, Ordering::Relaxed) == 0;
        is_first.then(|| Fault::error(503, "SlowDown").with("Retry-After: 2"))
    });
    let stack = Stack::new(&[("from/a", "one"), ("from/b", "two")]);
    let begun = Instant::now();
    let done = good(copy(&stack, &["from", "s3://data/in/", &to(faulty.url())]));
    assert_eq!(summary(&done), "Copied 2 objects (6 B).");
    assert!(begun.elapsed() >= Duration::from_secs(2));
}

#[test]
fn credentials_are_found_as_the_driver_finds_them() {
    let Some((server, to)) = moto() else { return };
    let config = "[profile own]\ncredential_process = sh keys.sh\nregion = eu-west-1\n";
    let keys = "echo '{\"Version\":1,\"AccessKeyId\":\"FROMPROCESS\",\"SecretAccessKey\":\"b\"}'\n";
    let stack = Stack::new(&[("from/a", "one"), ("config", config), ("keys.sh", keys)]);
    let asked = Arc::new(Mutex::new(String::new()));
    let heads = Arc::clone(&asked);
    let faulty = Faulty::before(&server, move |asked| {
        heads.lock().expect("no panic").push_str(&asked.head);
        None
    });
    let with_profile = |to: &str| {
        let mut command = copy(&stack, &["from", "s3://data/in/", to]);
        let keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"];
        for name in keys {
            command.env_remove(name);
        }
        command.env("AWS_CONFIG_FILE", "config").env("AWS_SHARED_CREDENTIALS_FILE", "none");
        command
    };
    let refused = bad(with_profile(&to));
    assert!(refused.contains("Renew or set the credentials"), "{refused}");
    let mut command = with_profile(&format!("-destination-endpoint={}", faulty.url()));
    command.env("AWS_PROFILE", "own");
    assert_eq!(summary(&good(command)), "Copied 1 object (3 B).");
    let heads = asked.lock().expect("no panic").clone();
    assert!(heads.contains("Credential=FROMPROCESS/"), "{heads}");
    assert!(heads.contains("/eu-west-1/s3/"), "{heads}");
}

#[test]
fn an_upload_that_is_killed_goes_on_and_leaves_no_parts() {
    let Some((server, to)) = moto() else { return };
    let large = content(34 << 20);
    let stack = Stack::new(&[("from/large", &large)]);
    // At this rate there are parts on the server for a while.
    let mut child = copy(&stack, &["from", "s3://data/in/", &to, "-limit-rate=8M"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    let parts = || {
        let records = std::fs::read_dir(stack.path().join("records/skyform/copies"));
        let texts = records.into_iter().flatten().flatten();
        let texts = texts.filter_map(|entry| std::fs::read_to_string(entry.path()).ok());
        texts.map(|text| text.matches("{\"part\"").count()).sum::<usize>()
    };
    let deadline = Instant::now() + Duration::from_secs(60);
    while parts() < 2 && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
    }
    let second = bad(copy(&stack, &["from", "s3://data/in/", &to]));
    assert!(second.contains("Another copy is under way"), "{second}");
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    assert_eq!(open_uploads(&server), 1, "the kill came in the middle");
    let dry = good(copy(&stack, &["from", "s3://data/in/", &to, "-dry-run"]));
    assert!(dry.contains("+ large"), "no half object: {dry}");
    let rest = good(copy(&stack, &["from", "s3://data/in/", &to]));
    assert!(rest.contains("had been sent before"), "{rest}");
    assert_eq!(open_uploads(&server), 0);
    let from = format!("-source-endpoint={}", server.url());
    good(copy(&stack, &["s3://data/in/large", "back/", &from]));
    assert!(stack.read("back/large") == large, "another content");
    let again = good(copy(&stack, &["from", "s3://data/in/", &to]));
    assert_eq!(summary(&again), "Nothing to copy. 1 object there already.");
}

#[test]
fn credentials_that_expire_on_the_way_are_said_and_the_rest_follows() {
    let Some((server, _)) = moto() else { return };
    let expired = Arc::new(AtomicBool::new(true));
    let still = Arc::clone(&expired);
    let faulty = Faulty::before(&server, move |asked| {
        let is_later = asked.path.contains("partNumber=3");
        let is_spoilt = is_later && still.load(Ordering::Relaxed);
        is_spoilt.then(|| Fault::error(400, "ExpiredToken"))
    });
    let stack = Stack::new(&[("from/large", &content(20 << 20)), ("from/small", "x")]);
    let to = to(faulty.url());
    let said = bad(copy(&stack, &["from", "s3://data/in/", &to]));
    assert!(said.contains("ExpiredToken"), "{said}");
    assert!(said.contains("Renew or set the credentials"), "{said}");
    assert_eq!(open_uploads(&server), 1, "kept, to be gone on with");
    expired.store(false, Ordering::Relaxed);
    let rest = good(copy(&stack, &["from", "s3://data/in/", &to]));
    assert!(rest.contains("had been sent before"), "{rest}");
    assert_eq!(open_uploads(&server), 0);
}

#[test]
fn an_upload_that_is_killed_and_not_gone_on_with_is_ended() {
    let Some((server, to)) = moto() else { return };
    let stack = Stack::new(&[("from/large", &content(25 << 20)), ("from/small", "x")]);
    let mut child = copy(&stack, &["from", "s3://data/", &to, "-limit-rate=6M"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    let deadline = Instant::now() + Duration::from_secs(60);
    while open_uploads(&server) == 0 && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    std::fs::remove_file(stack.path().join("from/large")).expect("it is there");
    good(copy(&stack, &["from", "s3://data/", &to]));
    assert_eq!(open_uploads(&server), 0);
}

#[test]
fn from_one_cloud_to_the_next_and_back() {
    let Some((moto, to_s3)) = moto() else { return };
    let (Some(azurite), Some(gcs)) = (skyform_emulators::azurite(), skyform_emulators::fake_gcs())
    else {
        return;
    };
    let body = "{\"name\":\"data\"}";
    ureq::post(format!("{}/storage/v1/b?project=p", gcs.url()))
        .content_type("application/json")
        .send(body)
        .expect("a bucket");
    let large = content(10 << 20);
    let stack = Stack::new(&[("from/large", &large), ("from/a b/ü.txt", "x"), ("from/empty", "")]);
    let azure = |command: Command| {
        let mut command = command;
        command
            .env("AZURE_STORAGE_ACCOUNT", skyform_emulators::AZURITE_ACCOUNT)
            .env("AZURE_STORAGE_KEY", skyform_emulators::AZURITE_KEY);
        command
    };
    crate::azurite::make_container(&azurite, "data");
    let azure_folder = "azblob://data/y/";
    let whole_way = [
        ("from", "s3://data/x/", String::new(), to_s3),
        ("s3://data/x/", azure_folder, from(moto.url()), to(azurite.url())),
        (azure_folder, "back", from(azurite.url()), String::new()),
    ];
    // This emulator of Google Cloud Storage knows no uploads in parts.
    let small_way = [
        ("azblob://data/y/a b/", "gs://data/z/", from(azurite.url()), to(gcs.url())),
        ("gs://data/z/", "back/gcs", from(gcs.url()), String::new()),
    ];
    let check = |source: &str, destination: &str, options: [&String; 2], what: &str| {
        let options = options.into_iter().filter(|option| !option.is_empty());
        let arguments: Vec<&str> =
            [source, destination].into_iter().chain(options.map(String::as_str)).collect();
        let done = good(azure(copy(&stack, &arguments)));
        assert_eq!(summary(&done), format!("Copied {what}."), "{source}");
        let again = good(azure(copy(&stack, &arguments)));
        let (count, _) = what.split_once(" (").expect("a size");
        assert_eq!(summary(&again), format!("Nothing to copy. {count} there already."), "{source}");
    };
    for (source, destination, from, to) in &whole_way {
        check(source, destination, [from, to], "3 objects (10.0 MiB)");
    }
    for (source, destination, from, to) in &small_way {
        check(source, destination, [from, to], "1 object (1 B)");
    }
    assert!(stack.read("back/large") == large, "another content");
    assert_eq!((stack.read("back/a b/ü.txt"), stack.read("back/empty")), ("x".into(), "".into()));
    assert_eq!(stack.read("back/gcs/ü.txt"), "x");
}

fn from(url: &str) -> String {
    format!("-source-endpoint={url}")
}

fn to(url: &str) -> String {
    format!("-destination-endpoint={url}")
}
