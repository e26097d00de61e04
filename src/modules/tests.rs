//! Repositories and servers on this machine.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use crate::{Bucket, Fetched, Fetcher, ModuleError, Objects, Source, Stored};

/// A store with one folder of objects and one archive.
struct Shelf;

impl Objects for Shelf {
    fn open(&self, at: &Stored) -> Result<Box<dyn Bucket>, String> {
        Ok(Box::new(ShelfBucket(at.bucket.clone())))
    }
}

/// What lies on the shelf, in a bucket of this name.
struct ShelfBucket(String);

impl Bucket for ShelfBucket {
    fn list(&self, prefix: &str) -> Result<Vec<String>, String> {
        let keys = ["m/main.tf", "m/", "m/sub/main.tf", "m2/main.tf"];
        Ok(keys.iter().filter(|key| key.starts_with(prefix)).map(ToString::to_string).collect())
    }

    fn read(&self, key: &str) -> Result<Vec<u8>, String> {
        match key {
            "m.tar.gz" => Ok(tar_gz(&[("main.tf", "# packed")])),
            "gone.zip" => Err(format!("{} has no {key}", self.0)),
            key => Ok(format!("# {key}").into_bytes()),
        }
    }
}

/// A server that gives these answers: path and query, further header lines, body.
fn serve(answers: Vec<(&'static str, String, Vec<u8>)>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("it has one").port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = Vec::new();
            let mut byte = [0];
            while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|n| n == 1) {
                request.push(byte[0]);
            }
            let request = String::from_utf8_lossy(&request).into_owned();
            let path = request.split(' ').nth(1).unwrap_or_default();
            let answer = answers.iter().find(|(known, ..)| *known == path);
            let (status, headers, body) = match answer {
                Some((_, headers, body)) => ("200 OK", headers.as_str(), body.as_slice()),
                None => ("404 Not Found", "", &b""[..]),
            };
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
        }
    });
    port
}

fn tar_gz(files: &[(&str, &str)]) -> Vec<u8> {
    let encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut builder = tar::Builder::new(encoder);
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        // The name is put in as it is: what a builder refuses is what is to be tested.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, text.as_bytes()).expect("appended");
    }
    builder.into_inner().and_then(|encoder| encoder.finish()).expect("finished")
}

fn zip_of(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("begun");
        writer.write_all(text.as_bytes()).expect("written");
    }
    writer.finish().expect("finished").into_inner()
}

fn fetch(source: &str, into: &Path) -> Result<Fetched, ModuleError> {
    let newest = |versions: &[String]| versions.iter().max().cloned();
    Fetcher::new(&Shelf).plain().fetch(&Source::parse(source)?, &into.join("m"), &newest)
}

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"];
    let status = Command::new("git").args(identity).args(arguments).current_dir(folder).output();
    assert!(status.expect("git is there").status.success(), "{arguments:?}");
}

#[test]
fn repositories_are_cloned_at_what_is_asked_for() {
    let scratch = tempfile::tempdir().expect("a folder");
    let repository = scratch.path().join("repository");
    std::fs::create_dir_all(repository.join("sub")).expect("a folder");
    git(&repository, &["init", "--quiet"]);
    for (text, tag) in [("one", "v1"), ("two", "v2")] {
        std::fs::write(repository.join("sub/main.tf"), text).expect("written");
        git(&repository, &["add", "."]);
        git(&repository, &["commit", "--quiet", "-m", text]);
        git(&repository, &["tag", tag]);
    }
    let url = format!("git::file://{}", repository.display());
    for (end, expected) in [("", "two"), ("?ref=v1", "one"), ("?depth=1&ref=v2", "two")] {
        let fetched = fetch(&format!("{url}//sub{end}"), scratch.path()).expect("fetched");
        let text = std::fs::read_to_string(fetched.dir.join("main.tf")).expect("readable");
        assert_eq!(text, expected, "{end}");
    }
    let error = |source: &str| fetch(source, scratch.path()).expect_err("it is wrong").to_string();
    assert!(error(&format!("{url}?ref=v9")).starts_with("git checkout failed"));
    assert!(error(&format!("{url}//nope")).contains("no folder nope"));
    assert!(error(&format!("{url}//../..")).contains("no folder"));
    assert!(error("git::file:///nowhere/at/all").starts_with("git clone failed"));
    assert!(error("git::--upload-pack=touch /tmp/x").contains("no address"));
}

#[test]
fn archives_are_unpacked_and_kept_inside() {
    let scratch = tempfile::tempdir().expect("a folder");
    let files = [("top/main.tf", "a"), ("top/sub/main.tf", "b")];
    let port = serve(vec![
        ("/m.zip", String::new(), zip_of(&files)),
        ("/m.tar.gz", String::new(), tar_gz(&files)),
        ("/evil.zip", String::new(), zip_of(&[("../../evil", "x")])),
        ("/evil.tar.gz", String::new(), tar_gz(&[("a/../../../evil", "x")])),
        ("/abs.tar.gz", String::new(), tar_gz(&[("/tmp/evil", "x")])),
        ("/text.zip", String::new(), b"nothing of the kind".to_vec()),
        ("/cut.tar.gz", String::new(), tar_gz(&files)[..30].to_vec()),
        ("/page?terraform-get=1", "X-Terraform-Get: ./m.zip\r\n".to_owned(), Vec::new()),
        (
            "/html?terraform-get=1",
            "Content-Type: text/html\r\n".to_owned(),
            b"<meta name=\"terraform-get\" content=\"m.tar.gz//top\">".to_vec(),
        ),
        ("/circle?terraform-get=1", "X-Terraform-Get: /circle\r\n".to_owned(), Vec::new()),
    ]);
    let url = |path: &str| format!("http://127.0.0.1:{port}{path}");
    for (path, expected) in [
        ("/m.zip//top/sub", "b"),
        ("/m.tar.gz//top", "a"),
        ("/m.zip//*/sub", "b"),
        ("/page//top", "a"),
        ("/html//sub", "b"),
    ] {
        let fetched = fetch(&url(path), scratch.path()).expect(path);
        assert_eq!(std::fs::read_to_string(fetched.dir.join("main.tf")).expect(path), expected);
    }
    for (path, expected) in [
        ("/evil.zip", "outside"),
        ("/evil.tar.gz", "outside"),
        ("/abs.tar.gz", "outside"),
        ("/text.zip", "neither"),
        ("/cut.tar.gz", "not usable"),
        ("/gone.zip", "404"),
        ("/circle", "without end"),
    ] {
        let error = fetch(&url(path), scratch.path()).expect_err(path).to_string();
        assert!(error.contains(expected), "{path}: {error}");
    }
    assert!(!scratch.path().join("evil").exists());
}

#[test]
fn registries_are_asked_for_versions() {
    let scratch = tempfile::tempdir().expect("a folder");
    let versions = br#"{"modules":[{"versions":[{"version":"1.0.0"},{"version":"1.2.0"}]}]}"#;
    let port = serve(vec![
        ("/.well-known/terraform.json", String::new(), br#"{"modules.v1":"/v1/modules"}"#.to_vec()),
        ("/v1/modules/a/b/c/versions", String::new(), versions.to_vec()),
        (
            "/v1/modules/a/b/c/1.2.0/download",
            "X-Terraform-Get: /files/b.zip//inner\r\n".to_owned(),
            Vec::new(),
        ),
        ("/files/b.zip", String::new(), zip_of(&[("inner/sub/main.tf", "x")])),
    ]);
    let source = format!("localhost:{port}/a/b/c//sub");
    let fetched = fetch(&source, scratch.path()).expect("fetched");
    assert_eq!(fetched.version.as_deref(), Some("1.2.0"));
    assert!(fetched.dir.ends_with("inner/sub"), "{:?}", fetched.dir);
    let none = |_: &[String]| None;
    let parsed = Source::parse(&source).expect("a source");
    let error = Fetcher::new(&Shelf).plain().fetch(&parsed, &scratch.path().join("m"), &none);
    assert!(error.expect_err("none fits").to_string().contains("1.0.0, 1.2.0"));
    let other = fetch(&format!("localhost:{port}/a/b/d"), scratch.path());
    assert!(other.expect_err("there is none").to_string().contains("404"));
}

#[test]
fn modules_come_from_object_stores() {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let none = |_: &[String]| None;
    let fetched = |source: &str| {
        let source = Source::parse(source).expect("a source");
        let fetched = Fetcher::new(&Shelf).fetch(&source, &scratch.path().join("m"), &none);
        fetched.map(|fetched| std::fs::read_to_string(fetched.dir.join("main.tf")).expect("there"))
    };
    let on = "s3::https://s3.amazonaws.com/b";
    assert_eq!(fetched(&format!("{on}/m")).expect("fetched"), "# m/main.tf");
    assert!(!scratch.path().join("m/m2").exists());
    assert_eq!(fetched(&format!("{on}/m//sub")).expect("fetched"), "# m/sub/main.tf");
    assert_eq!(fetched(&format!("{on}/m.tar.gz")).expect("fetched"), "# packed");
    let missing = fetched(&format!("{on}/none")).expect_err("nothing is there").to_string();
    assert_eq!(missing, "s3://b/none: there is no object below it");
    let gone = fetched(&format!("{on}/gone.zip")).expect_err("it is gone").to_string();
    assert_eq!(gone, "s3://b/gone.zip: b has no gone.zip");
}
