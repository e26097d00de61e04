//! Tries, pauses and giving up, against a server that answers as told.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::Instant;

use super::*;

/// A server that gives each connection the next answer; none: it closes without one.
fn server(answers: Vec<Option<&'static str>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for (answer, stream) in answers.into_iter().zip(listener.incoming()) {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(answer.unwrap_or_default().as_bytes());
        }
    });
    url
}

async fn ask(answers: Vec<Option<&'static str>>) -> Result<Value, Problem> {
    let service = Service { url: server(answers), tokens: None };
    let call = Call {
        method: Method::GET,
        path: &["data"],
        query: &[("projection", "noAcl")],
        body: None,
        what: "the bucket data",
    };
    Api::new(service).call(call).await
}

const GOOD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
const BUSY: &str =
    "HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const SLOW: &str =
    "HTTP/1.1 429 Slow\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const CUT: &str = "HTTP/1.1 200 OK\r\nContent-Length: 90\r\nConnection: close\r\n\r\n{\"name\":";
const NONE: &str = "HTTP/1.1 404 None\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const NO: &str = "HTTP/1.1 403 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    let began = Instant::now();
    let answers = vec![Some(BUSY), None, Some(CUT), Some(SLOW), Some(GOOD)];
    assert_eq!(ask(answers).await, Ok(serde_json::json!({})));
    assert!(began.elapsed() >= Duration::from_secs(1), "the server's pause is kept");
}

#[tokio::test]
async fn what_will_not_pass_is_not() {
    for (answer, kind) in [(NONE, ProblemKind::NotFound), (NO, ProblemKind::Denied)] {
        let problem = ask(vec![Some(answer), Some(GOOD)]).await.expect_err("refused");
        assert_eq!(problem.kind, kind);
    }
}

#[tokio::test]
async fn it_gives_up_in_the_end() {
    let problem = ask(vec![Some(BUSY); 9]).await.expect_err("busy");
    assert_eq!(problem.kind, ProblemKind::Unavailable);
}
