//! A server with what S3 has of objects and uploads, and with faults on demand.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use md5::{Digest as _, Md5};
use opendal::layers::{RetryLayer, TimeoutLayer};
use opendal::{Operator, services};

use crate::copy::{Place, sums};
use crate::digest;

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is refused for now.
    Busy,
    /// The connection breaks before there is an answer.
    Reset,
    /// The answer ends in its middle.
    Cut,
    /// A byte of what is stored is another one.
    Flip,
    /// Refused for good.
    Denied,
}

#[derive(Default)]
struct Inner {
    objects: BTreeMap<String, (Vec<u8>, String)>,
    uploads: BTreeMap<String, BTreeMap<usize, Vec<u8>>>,
    begun: usize,
    faults: Vec<(String, Fault)>,
    seen: Vec<String>,
}

/// The server; it ends with the test's runtime.
#[derive(Clone)]
pub(super) struct Server {
    url: String,
    inner: Arc<Mutex<Inner>>,
}

impl Server {
    pub(super) async fn start() -> Server {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let server = Server { url, inner: Arc::default() };
        let router = Router::new().fallback(answer).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        server
    }

    /// The bucket's folder as a place.
    pub(super) fn place(&self, folder: &str) -> Place {
        opendal::install_default();
        let s3 = services::S3::default()
            .bucket("data")
            .region("us-east-1")
            .endpoint(&self.url)
            .access_key_id("key")
            .secret_access_key("secret")
            .disable_config_load()
            .disable_ec2_metadata();
        let wait = Duration::from_millis(5);
        let retry = RetryLayer::new()
            .with_min_delay(wait)
            .with_notify(|_: opendal::layers::RetryEvent<'_>| {});
        let store = Operator::new(s3).expect("a store");
        let store = store.layer(TimeoutLayer::new()).layer(retry);
        let (shown, identity) = (format!("s3://data/{folder}"), format!("s3 {} data", self.url));
        Place { store, folder: folder.to_owned(), shown, identity }
    }

    /// The next request whose `METHOD path?query` holds this text has a fault.
    pub(super) fn fault(&self, text: &str, fault: Fault) {
        self.lock().faults.push((text.to_owned(), fault));
    }

    pub(super) fn put(&self, key: &str, bytes: &[u8]) {
        let tag = md5(bytes);
        self.lock().objects.insert(key.to_owned(), (bytes.to_vec(), tag));
    }

    pub(super) fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.lock().objects.get(key).map(|(bytes, _)| bytes.clone())
    }

    pub(super) fn keys(&self) -> Vec<String> {
        self.lock().objects.keys().cloned().collect()
    }

    /// Parts of uploads that were neither completed nor aborted.
    pub(super) fn parts(&self) -> usize {
        self.lock().uploads.values().map(BTreeMap::len).sum()
    }

    pub(super) fn uploads(&self) -> usize {
        self.lock().uploads.len()
    }

    /// As a rule of the bucket's does after some days.
    pub(super) fn forget_uploads(&self) {
        self.lock().uploads.clear();
    }

    /// How many requests so far hold this text.
    pub(super) fn seen(&self, text: &str) -> usize {
        self.lock().seen.iter().filter(|line| line.contains(text)).count()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().expect("no panic")
    }
}

fn md5(bytes: &[u8]) -> String {
    digest::hexadecimal(&Md5::digest(bytes))
}

async fn answer(State(server): State<Server>, request: Request) -> Response {
    let line = format!("{} {}", request.method(), request.uri());
    let fault = {
        let mut inner = server.lock();
        inner.seen.push(line.clone());
        let at = inner.faults.iter().position(|(text, _)| line.contains(text.as_str()));
        at.map(|at| inner.faults.remove(at).1)
    };
    let (parts, body) = request.into_parts();
    let mut body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default().to_vec();
    match fault {
        Some(Fault::Busy) => return status(StatusCode::SERVICE_UNAVAILABLE),
        Some(Fault::Denied) => return status(StatusCode::FORBIDDEN),
        // The connection's task ends, and the connection with it.
        Some(Fault::Reset) => std::panic::resume_unwind(Box::new("reset")),
        Some(Fault::Flip) => body[0] ^= 1,
        Some(Fault::Cut) | None => {}
    }
    let response = store(&server, &parts, body);
    if fault != Some(Fault::Cut) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let whole = axum::body::to_bytes(body, usize::MAX).await.expect("in memory");
    let half = whole.slice(..whole.len() / 2);
    let broken = futures::stream::iter([Ok(half), Err(std::io::Error::other("cut"))]);
    let mut parts = parts;
    parts.headers.insert("content-length", whole.len().into());
    Response::from_parts(parts, Body::from_stream(broken))
}

fn store(server: &Server, request: &axum::http::request::Parts, body: Vec<u8>) -> Response {
    let mut inner = server.lock();
    let path = request.uri.path().trim_start_matches('/');
    let key = path.split_once('/').map_or("", |(_, key)| key).to_owned();
    let query: BTreeMap<&str, &str> = request
        .uri
        .query()
        .unwrap_or_default()
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .collect();
    let upload = query.get("uploadId").map(|id| (*id).to_owned());
    let number = query.get("partNumber").and_then(|number| number.parse().ok());
    match (&request.method, upload, number) {
        (&Method::POST, None, _) if query.contains_key("uploads") => {
            inner.begun += 1;
            let id = format!("upload-{}", inner.begun);
            inner.uploads.insert(id.clone(), BTreeMap::new());
            xml(&format!(
                "<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
            ))
        }
        (&Method::PUT, Some(id), Some(number)) => match inner.uploads.get_mut(&id) {
            Some(parts) => {
                let tag = md5(&body);
                parts.insert(number, body);
                tagged(&tag)
            }
            None => status(StatusCode::NOT_FOUND),
        },
        (&Method::POST, Some(id), _) => match inner.uploads.remove(&id) {
            Some(parts) => {
                let md5s: Vec<[u8; 16]> =
                    parts.values().map(|part| Md5::digest(part).into()).collect();
                let tag = sums::tag_of_parts(&md5s);
                let whole = parts.into_values().flatten().collect();
                inner.objects.insert(key, (whole, tag.clone()));
                xml(&format!(
                    "<CompleteMultipartUploadResult><ETag>\"{tag}\"</ETag></CompleteMultipartUploadResult>"
                ))
            }
            None => status(StatusCode::NOT_FOUND),
        },
        (&Method::DELETE, Some(id), _) => {
            let gone = inner.uploads.remove(&id);
            status(if gone.is_some() { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND })
        }
        (&Method::DELETE, ..) => {
            inner.objects.remove(&key);
            status(StatusCode::NO_CONTENT)
        }
        (&Method::POST, ..) => {
            let text = String::from_utf8_lossy(&body).into_owned();
            for key in text.split("<Key>").skip(1).filter_map(|rest| rest.split('<').next()) {
                inner.objects.remove(key);
            }
            xml("<DeleteResult></DeleteResult>")
        }
        (&Method::PUT, ..) if request.headers.contains_key("x-amz-copy-source") => {
            let from = request.headers["x-amz-copy-source"].to_str().unwrap_or_default();
            let from = from.trim_start_matches('/').split_once('/').map_or("", |(_, key)| key);
            let Some(object) = inner.objects.get(from).cloned() else {
                return status(StatusCode::NOT_FOUND);
            };
            let tag = object.1.clone();
            inner.objects.insert(key, object);
            xml(&format!("<CopyObjectResult><ETag>\"{tag}\"</ETag></CopyObjectResult>"))
        }
        (&Method::PUT, ..) => {
            let tag = md5(&body);
            inner.objects.insert(key, (body, tag.clone()));
            tagged(&tag)
        }
        (&Method::GET, ..) if key.is_empty() => {
            let prefix = query.get("prefix").copied().unwrap_or_default().replace("%2F", "/");
            xml(&listing(&inner.objects, &prefix))
        }
        (&Method::GET | &Method::HEAD, ..) => read(&inner, request, &key),
        _ => status(StatusCode::METHOD_NOT_ALLOWED),
    }
}

fn read(inner: &Inner, request: &axum::http::request::Parts, key: &str) -> Response {
    let Some((bytes, tag)) = inner.objects.get(key) else { return status(StatusCode::NOT_FOUND) };
    let header = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok());
    if header("if-match").is_some_and(|wanted| sums::bare(wanted) != tag) {
        return status(StatusCode::PRECONDITION_FAILED);
    }
    let range = header("range").and_then(|range| range_of(range, bytes.len()));
    let (code, part) = match range {
        Some(range) => (StatusCode::PARTIAL_CONTENT, bytes[range].to_vec()),
        None => (StatusCode::OK, bytes.clone()),
    };
    let response = Response::builder().status(code).header("etag", format!("\"{tag}\""));
    let size = part.len();
    let body = if request.method == Method::HEAD { Body::empty() } else { Body::from(part) };
    response.header("content-length", size).body(body).expect("a response")
}

/// `bytes=2-5`
fn range_of(text: &str, size: usize) -> Option<Range<usize>> {
    let (start, end) = text.strip_prefix("bytes=")?.split_once('-')?;
    let end = end.parse::<usize>().map_or(size, |end| size.min(end + 1));
    Some(start.parse().ok()?..end)
}

fn listing(objects: &BTreeMap<String, (Vec<u8>, String)>, prefix: &str) -> String {
    let mut text = "<ListBucketResult><IsTruncated>false</IsTruncated>".to_owned();
    for (key, (bytes, tag)) in objects.iter().filter(|(key, _)| key.starts_with(prefix)) {
        text.push_str(&format!(
            "<Contents><Key>{key}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified>\
             <ETag>\"{tag}\"</ETag><Size>{}</Size></Contents>",
            bytes.len()
        ));
    }
    text.push_str("</ListBucketResult>");
    text
}

fn xml(text: &str) -> Response {
    let body = Body::from(Bytes::from(text.to_owned()));
    Response::builder().header("content-type", "application/xml").body(body).expect("a response")
}

fn tagged(tag: &str) -> Response {
    Response::builder()
        .header("etag", format!("\"{tag}\""))
        .body(Body::empty())
        .expect("a response")
}

fn status(code: StatusCode) -> Response {
    Response::builder().status(code).body(Body::empty()).expect("a response")
}
