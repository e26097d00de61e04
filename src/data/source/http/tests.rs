//! Against a server on a free port of this machine, which lives as long as its test.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use super::*;

/// What is sent for a request such as `GET /x`; nothing where the server keeps silent.
type Answer = fn(&str) -> Option<String>;

struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn start(answer: Answer) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                let Some(request) = request(&stream) else { return };
                seen.lock().expect("not poisoned").push(request.clone());
                match answer(&request) {
                    // The client may have left: it reads no more than it takes.
                    Some(answer) => drop(stream.write_all(answer.as_bytes())),
                    // Silent until the client leaves.
                    None => drop(BufReader::new(&stream).read_line(&mut String::new())),
                }
            }
        });
        Server { address, asked, thread: Some(thread) }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("not poisoned").clone()
    }
}

impl Drop for Server {
    /// A connection without a request ends the server.
    fn drop(&mut self) {
        drop(TcpStream::connect(self.address));
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(matches!(ended, Some(Ok(()))), "the server failed");
    }
}

/// Method and path, after the whole head was read.
fn request(stream: &TcpStream) -> Option<String> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    for line in lines {
        if line.ok()?.is_empty() {
            break;
        }
    }
    Some(first.rsplit_once(' ')?.0.to_owned())
}

fn answer(status: &str, headers: &str, body: &str) -> Option<String> {
    Some(format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n{body}"))
}

fn options() -> HttpOptions {
    HttpOptions { most_bytes: 20, ..HttpOptions::default() }
}

/// What the fraud example could be fetched from.
fn site(request: &str) -> Option<String> {
    match request.split_once(' ')?.1 {
        "/a.csv" if request.starts_with("HEAD") => {
            answer("200 OK", "Content-Length: 9\r\nETag: \"v1\"\r\n", "")
        }
        "/a.csv" => answer("200 OK", "Content-Length: 9\r\nETag: \"v1\"\r\n", "id,x\n1,2\n"),
        "/moved" => answer("302 Found", "Location: /a.csv\r\nContent-Length: 0\r\n", ""),
        "/round" => answer("302 Found", "Location: /round\r\nContent-Length: 0\r\n", ""),
        "/unsized" => answer("200 OK", "", "until the end"),
        "/chunks" => {
            answer("200 OK", "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        }
        "/large" => answer("200 OK", "Content-Length: 21\r\n", "012345678901234567890"),
        "/large-unsized" => answer("200 OK", "", &"x".repeat(10_000)),
        "/short" => answer("200 OK", "Content-Length: 9\r\n", "id,x"),
        "/gzip" => answer("200 OK", "Content-Encoding: gzip\r\nContent-Length: 1\r\n", "x"),
        "/garbage" => Some("no http at all\r\n\r\n".to_owned()),
        "/silent" => None,
        status => answer(&format!("{} Status", &status[1..]), "Content-Length: 0\r\n", ""),
    }
}

#[test]
fn contents() {
    let server = Server::start(site);
    for (path, expected) in [
        ("/a.csv", "id,x\n1,2\n"),
        ("/moved", "id,x\n1,2\n"),
        ("/unsized", "until the end"),
        ("/chunks", "abcde"),
    ] {
        let fetched = fetch(&server.url(path), &options()).expect(path);
        assert_eq!(fetched.bytes, expected.as_bytes(), "{path}");
        assert_eq!(fetched.version.size, Some(expected.len() as u64), "{path}");
        let has_mark = fetched.version.etag.is_some();
        assert_eq!(fetched.version.sha256, (!has_mark).then(|| digest::of(expected.as_bytes())));
    }
}

/// The kind of error, as one word.
fn kind(error: &SourceError) -> &'static str {
    match error {
        SourceError::NotFound { .. } => "not found",
        SourceError::Denied { .. } => "denied",
        SourceError::TooLarge { .. } => "too large",
        SourceError::Unavailable { .. } => "unavailable",
        SourceError::Invalid { .. } => "invalid",
    }
}

#[test]
fn errors_by_meaning() {
    let server = Server::start(site);
    for (path, expected) in [
        ("/404", "not found"),
        ("/410", "not found"),
        ("/401", "denied"),
        ("/403", "denied"),
        ("/408", "unavailable"),
        ("/429", "unavailable"),
        ("/500", "unavailable"),
        ("/503", "unavailable"),
        ("/400", "invalid"),
        ("/204", "invalid"),
        ("/large", "too large"),
        ("/large-unsized", "too large"),
        ("/short", "unavailable"),
        ("/round", "invalid"),
        ("/gzip", "invalid"),
        ("/garbage", "invalid"),
    ] {
        let error = fetch(&server.url(path), &options()).expect_err(path);
        assert_eq!(kind(&error), expected, "{path}: {error}");
        assert_eq!(error.is_retryable(), expected == "unavailable");
    }
    let url = server.url("/503");
    let expected = format!("{url} cannot be read now: the server answers 503 Service Unavailable");
    assert_eq!(fetch(&url, &options()).expect_err("503").to_string(), expected);
}

#[test]
fn servers_that_are_silent_or_gone() {
    let server = Server::start(site);
    let hasty = HttpOptions { timeout: Duration::from_millis(50), ..options() };
    let error = fetch(&server.url("/silent"), &hasty).expect_err("silent");
    assert_eq!(kind(&error), "unavailable", "{error}");
    let gone = server.url("/a.csv");
    drop(server);
    assert_eq!(kind(&fetch(&gone, &options()).expect_err("gone")), "unavailable");
    let bad = fetch("http://[::1/x", &options()).expect_err("no address");
    assert_eq!(kind(&bad), "invalid");
    let proxy = HttpOptions { proxy: Some("no proxy".to_owned()), ..options() };
    assert_eq!(kind(&fetch(&gone, &proxy).expect_err("no proxy")), "invalid");
}

#[test]
fn versions_are_asked_for_without_the_content() {
    let server = Server::start(site);
    let version = probe(&server.url("/a.csv"), &options()).expect("a version");
    assert_eq!(version.etag.as_deref(), Some("\"v1\""));
    assert_eq!(version.size, Some(9));
    assert_eq!(server.asked(), ["HEAD /a.csv"]);
    assert_eq!(kind(&probe(&server.url("/503"), &options()).expect_err("503")), "unavailable");
    assert_eq!(kind(&probe(&server.url("/404"), &options()).expect_err("404")), "not found");
}

#[test]
fn the_content_is_fetched_where_its_version_is_not_told() {
    for status in ["405", "501", "403", "200"] {
        let answer: Answer = match status {
            "405" => |request| old(request, "405 Method Not Allowed"),
            "501" => |request| old(request, "501 Not Implemented"),
            "403" => |request| old(request, "403 Forbidden"),
            _ => |request| old(request, "200 OK"),
        };
        let server = Server::start(answer);
        let version = probe(&server.url("/x"), &options()).expect(status);
        assert_eq!(version.sha256, Some(digest::of(b"abc")), "{status}");
        assert_eq!(server.asked(), ["HEAD /x", "GET /x"], "{status}");
    }
}

/// A server that knows nothing of HEAD, nor of versions.
fn old(request: &str, head: &str) -> Option<String> {
    match request.starts_with("HEAD") {
        true => answer(head, "", ""),
        false => answer("200 OK", "Content-Length: 3\r\n", "abc"),
    }
}
