//! Servers that do not start as they should. Those that do are tested end to end, with the program.

use std::path::Path;

use skyform_provider_sdk::{BucketSettings, BucketSpec};

use super::*;

/// Endpoints whose server is a shell script.
fn endpoints(folder: &Path, script: &str) -> Endpoints {
    use std::os::unix::fs::PermissionsExt as _;
    let program = folder.join("program");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("written");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("set");
    let buckets = Buckets { cloud: "east".to_owned(), root: folder.join("buckets") };
    let spec = BucketSpec {
        name: "models".to_owned(),
        owner: "bucket.models".to_owned(),
        token: "t".to_owned(),
        settings: BucketSettings::default(),
    };
    buckets.create(&spec).expect("made");
    buckets.write("models", "m/1/m.onnx", b"model").expect("written");
    Endpoints {
        cloud: "east".to_owned(),
        root: folder.join("endpoints"),
        program: Some(program),
        buckets,
    }
}

fn spec(token: &str) -> EndpointSpec {
    EndpointSpec {
        name: "fraud".to_owned(),
        model: ServedModel {
            name: "m".to_owned(),
            version: "1".to_owned(),
            bucket: "models".to_owned(),
            key: "m/1/m.onnx".to_owned(),
            sha256: String::new(),
        },
        replicas: 2,
        owner: "endpoint.fraud".to_owned(),
        token: token.to_owned(),
        ..EndpointSpec::default()
    }
}

#[test]
fn what_does_not_start_says_why_and_leaves_nothing() {
    // The ready file is the argument after `-ready-file=`.
    let refuse = r#"for a in "$@"; do case $a in -ready-file=*) r=${a#-ready-file=};; esac; done
echo '{"error":{"summary":"Model cannot be run","detail":"Op Foo is missing.","hint":"Get it."}}' > "$r.new"
mv "$r.new" "$r"; exit 1"#;
    for (script, expected, hint) in [
        (refuse, "Model cannot be run: Op Foo is missing.", Some("Get it.")),
        ("echo out of luck >&2; exit 3", "Its last words: out of luck", None),
        ("exit 0", "is empty.", None),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let endpoints = endpoints(folder.path(), script);
        let problem = endpoints.create(&spec("no-start")).expect_err("it does not start");
        assert!(problem.detail.contains(expected), "{}", problem.detail);
        assert_eq!(problem.hint.as_deref(), hint);
        assert!(!folder.path().join("endpoints/fraud").exists());
        assert_eq!(endpoints.read("fraud"), Ok(None));
    }
}

#[test]
fn a_server_gets_what_it_needs_to_know() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("arguments");
    let endpoints = endpoints(folder.path(), &format!("echo \"$@\" > {}; exit 1", log.display()));
    endpoints.create(&spec("told")).expect_err("it does not start");
    let said = std::fs::read_to_string(log).expect("it was started");
    let at = folder.path().display();
    let expected = format!(
        "serve -model={at}/buckets/models/objects/m/1/m.onnx -name=m -model-version=1 \
         -listen=127.0.0.1:0 -replicas=2 -runtime=auto \
         -share-address -ready-file={at}/endpoints/fraud/ready-told.json -instance=told\n"
    );
    assert_eq!(said, expected);
}

#[test]
fn what_is_left_of_a_killed_run_is_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let endpoints = endpoints(folder.path(), "exit 1");
    // As it is when a run is killed after it has started a server and before that is ready.
    let mut server = std::process::Command::new("/bin/sh")
        .args(["-c", "while :; do sleep 1; done", "-instance=left-alone"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("started");
    let file = EndpointFile {
        format: 1,
        owner: "endpoint.fraud".to_owned(),
        token: "left-alone".to_owned(),
        model: ModelFile::of(&spec("left-alone").model),
        replicas: 2,
        offer: String::new(),
        url: None,
        runtime: None,
        instance: "left-alone".to_owned(),
        successor: None,
    };
    endpoints.write_file("fraud", &file).expect("written");
    assert_eq!(endpoints.read("fraud"), Ok(None), "it never became healthy");
    endpoints.delete("fraud").expect("deleted");
    let ended = server.try_wait().expect("it can be asked");
    assert!(ended.is_some(), "the server was ended");
    assert!(!folder.path().join("endpoints/fraud").exists());
    endpoints.delete("fraud").expect("deleted already");
}

#[test]
fn no_name_leads_out_of_the_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let endpoints = endpoints(folder.path(), "exit 1");
    for name in ["../up", "", "a/b", "UP"] {
        let problem = endpoints.read(name).expect_err("refused");
        assert_eq!(problem.kind, ProblemKind::Invalid, "{name}");
    }
}
