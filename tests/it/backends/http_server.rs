//! A small server of states: GET, POST, DELETE, LOCK and UNLOCK, as the `http` backend speaks them.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A server; it ends with the test's process.
pub(super) struct HttpServer {
    address: SocketAddr,
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    states: Mutex<BTreeMap<String, Vec<u8>>>,
    locks: Mutex<BTreeMap<String, String>>,
    is_read_only: AtomicBool,
    denies: AtomicBool,
    writes: AtomicUsize,
}

impl HttpServer {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let inner = Arc::new(Inner::default());
        let shared = Arc::clone(&inner);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || while serve(&stream, &shared).is_some() {});
            }
        });
        Self { address, inner }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on nothing can be written: the server answers that it is not available.
    pub(super) fn set_read_only(&self, is_read_only: bool) {
        self.inner.is_read_only.store(is_read_only, Ordering::SeqCst);
    }

    /// From now on nobody is known any more.
    pub(super) fn set_denying(&self, denies: bool) {
        self.inner.denies.store(denies, Ordering::SeqCst);
    }

    pub(super) fn writes(&self) -> usize {
        self.inner.writes.load(Ordering::SeqCst)
    }
}

/// Answers one request; none at the connection's end.
fn serve(stream: &TcpStream, inner: &Inner) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let path = target.split('?').next()?.to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let header = header.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let (status, answer) = answer(inner, &method, &path, body);
    let head = format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\n\r\n", answer.len());
    let mut stream = stream;
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&answer)).ok()
}

fn answer(inner: &Inner, method: &str, path: &str, body: Vec<u8>) -> (u16, Vec<u8>) {
    if inner.denies.load(Ordering::SeqCst) {
        return (401, b"the token has expired".to_vec());
    }
    let mut states = inner.states.lock().expect("whole");
    let mut locks = inner.locks.lock().expect("whole");
    let text = String::from_utf8_lossy(&body).into_owned();
    match method {
        "GET" => match states.get(path) {
            Some(state) => (200, state.clone()),
            None => (404, Vec::new()),
        },
        "POST" if inner.is_read_only.load(Ordering::SeqCst) => (503, Vec::new()),
        "POST" => {
            inner.writes.fetch_add(1, Ordering::SeqCst);
            states.insert(path.to_owned(), body);
            (200, Vec::new())
        }
        "DELETE" => {
            states.remove(path);
            (200, Vec::new())
        }
        "LOCK" => match locks.get(path) {
            Some(held) => (423, held.clone().into_bytes()),
            None => {
                locks.insert(path.to_owned(), text);
                (200, Vec::new())
            }
        },
        "UNLOCK" => match locks.get(path) {
            Some(held) if id(held) != id(&text) && !text.is_empty() => {
                (423, held.clone().into_bytes())
            }
            Some(_) => {
                locks.remove(path);
                (200, Vec::new())
            }
            None => (404, Vec::new()),
        },
        _ => (405, Vec::new()),
    }
}

fn id(text: &str) -> Option<String> {
    let document: serde_json::Value = serde_json::from_str(text).ok()?;
    document["ID"].as_str().map(str::to_owned)
}
