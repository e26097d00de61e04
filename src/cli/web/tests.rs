//! Pages from a server on a loopback address that is there, says that nothing changed, and is gone.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;

use super::*;

/// A server that gives these answers, one a connection, and hands back what it was asked.
fn server(answers: Vec<&'static str>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/prices.csv", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        answers
            .into_iter()
            .map(|answer| {
                let (mut stream, _) = listener.accept().unwrap();
                let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let asked: Vec<String> =
                    lines.map(|line| line.unwrap()).take_while(|line| !line.is_empty()).collect();
                stream.write_all(answer.as_bytes()).unwrap();
                asked.join("\n")
            })
            .collect()
    });
    (url, thread)
}

const GOOD: &str =
    "HTTP/1.1 200 OK\r\nETag: \"one\"\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
const UNCHANGED: &str = "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n";
const BUSY: &str =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const MISSING: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

#[test]
fn a_page_is_asked_for_anew_and_kept_for_when_it_cannot_be_had() {
    let folder = tempfile::tempdir().unwrap();
    let on = |day: &str| CachedWeb::new(Some(folder.path().join("web")), day.to_owned());
    let (url, asked) = server(vec![GOOD, UNCHANGED, BUSY, MISSING]);
    let good = Page { bytes: b"hello".to_vec(), kept: None };
    assert_eq!(on("2026-01-01").fetch(&url), Ok(good.clone()));
    assert_eq!(on("2026-01-02").fetch(&url), Ok(good));
    // In trouble: what was good on the second day is.
    let kept = on("2026-01-03").fetch(&url).unwrap();
    assert_eq!(kept.bytes, b"hello");
    let kept = kept.kept.unwrap();
    assert_eq!(kept.since, "2026-01-02");
    assert_eq!(kept.why, "The server answers 503 Service Unavailable.");
    // What is said to be gone is not replaced by what once was.
    let gone = on("2026-01-04").fetch(&url);
    assert_eq!(gone, Err("The server answers 404 Not Found.".to_owned()));
    let asked = asked.join().unwrap();
    assert!(!asked[0].to_lowercase().contains("if-none-match"), "{}", asked[0]);
    assert!(asked[1].to_lowercase().contains("if-none-match: \"one\""), "{}", asked[1]);
    // The server has ended, so nothing listens any more.
    let offline = on("2026-01-05").fetch(&url).unwrap();
    assert_eq!(offline.kept.unwrap().since, "2026-01-02");
}

#[test]
fn without_anything_kept_the_reason_is_said() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let folder = tempfile::tempdir().unwrap();
    let web = CachedWeb::new(Some(folder.path().to_owned()), "2026-01-01".to_owned());
    assert!(web.fetch(&url).is_err());
    // A cache that is broken is as good as none.
    std::fs::write(web.path(&url).unwrap(), "{}\nnothing").unwrap();
    assert!(web.fetch(&url).is_err());
}
