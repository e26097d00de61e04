//! A server with faults: it hands requests on to another one, but for those that a test spoils.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::Server;

/// What happens to a request.
#[derive(Clone, Debug)]
pub enum Fault {
    /// It is answered like this, and nobody else hears of it.
    Answer {
        /// The answer's status.
        status: u16,
        /// More headers: `Retry-After: 1`.
        headers: Vec<String>,
        /// The answer's body.
        body: String,
    },
    /// The connection breaks before anybody hears of it.
    BreakBefore,
    /// The connection breaks when it was carried out.
    BreakAfter,
    /// Only so many bytes of the answer come through.
    Truncate(usize),
    /// No answer comes for so long.
    Hang(Duration),
}

impl Fault {
    /// An answer with only a status and an error as S3 has it.
    pub fn error(status: u16, code: &str) -> Self {
        let body = format!("<Error><Code>{code}</Code><Message>as asked for</Message></Error>");
        Self::Answer { status, headers: vec!["Content-Type: application/xml".to_owned()], body }
    }

    /// With a header more.
    #[must_use]
    pub fn with(mut self, header: &str) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.push(header.to_owned());
        }
        self
    }
}

/// A request, as far as a test looks at it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `PUT`
    pub method: String,
    /// Path and query.
    pub path: String,
    /// All headers, a line each.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

/// The server with faults. Ends when this is dropped.
#[derive(Debug)]
pub struct Faulty {
    url: String,
    address: String,
    ended: Arc<AtomicBool>,
}

impl Faulty {
    /// Before another server; `spoil` says what happens to a request.
    pub fn before(
        server: &Server,
        spoil: impl Fn(&Asked) -> Option<Fault> + Send + Sync + 'static,
    ) -> Self {
        Self::at(server.address(), spoil)
    }

    /// Before whatever answers at `HOST:PORT`, which may be another one with faults.
    pub fn at(
        behind: &str,
        spoil: impl Fn(&Asked) -> Option<Fault> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address").to_string();
        let (behind, ended) = (behind.to_owned(), Arc::new(AtomicBool::new(false)));
        let (spoil, over) = (Arc::new(spoil), ended.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let (Ok(stream), behind, spoil) = (stream, behind.clone(), spoil.clone()) else {
                    continue;
                };
                std::thread::spawn(move || serve(stream, &behind, &*spoil));
            }
        });
        Self { url: format!("http://{address}"), address, ended }
    }

    /// Where it is reached, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Faulty {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(&self.address);
    }
}

/// One request for each connection; what fails ends the connection.
fn serve(
    mut stream: TcpStream,
    behind: &str,
    spoil: &(dyn Fn(&Asked) -> Option<Fault> + Send + Sync),
) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let asked = request(&mut reader, &mut stream)?;
    let fault = spoil(&asked);
    match &fault {
        Some(Fault::Answer { status, headers, body }) => {
            let more: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
            let head = format!(
                "HTTP/1.1 {status} Spoilt\r\nConnection: close\r\nContent-Length: {}\r\n{more}\r\n",
                body.len()
            );
            stream.write_all(head.as_bytes()).ok()?;
            return stream
                .write_all(if asked.method == "HEAD" { b"" } else { body.as_bytes() })
                .ok();
        }
        Some(Fault::BreakBefore) => return stream.shutdown(Shutdown::Both).ok(),
        Some(Fault::Hang(time)) => {
            std::thread::sleep(*time);
            return stream.shutdown(Shutdown::Both).ok();
        }
        _ => {}
    }
    let mut onwards = TcpStream::connect(behind).ok()?;
    let dropped = ["connection", "transfer-encoding", "content-length", "expect"];
    let kept = asked.head.lines().filter(|line| {
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        !dropped.contains(&name.as_str())
    });
    let kept: String = kept.map(|line| format!("{line}\r\n")).collect();
    let head = format!(
        "{} {} HTTP/1.1\r\n{kept}Content-Length: {}\r\nConnection: close\r\n\r\n",
        asked.method,
        asked.path,
        asked.body.len()
    );
    onwards.write_all(head.as_bytes()).ok()?;
    onwards.write_all(&asked.body).ok()?;
    let mut answer = Vec::new();
    onwards.read_to_end(&mut answer).ok()?;
    match fault {
        Some(Fault::BreakAfter) => answer.clear(),
        Some(Fault::Truncate(length)) => {
            let body = answer.windows(4).position(|end| end == b"\r\n\r\n").map_or(0, |at| at + 4);
            answer.truncate(body + length);
        }
        _ => {}
    }
    stream.write_all(&answer).ok()?;
    stream.shutdown(Shutdown::Both).ok()
}

/// The first line of a request, and its headers.
pub(crate) fn read_head(reader: &mut impl BufRead) -> Option<(String, String)> {
    let (mut first, mut head) = (String::new(), String::new());
    reader.read_line(&mut first).ok()?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim_end().is_empty() {
            return Some((first, head));
        }
        head.push_str(&line);
    }
}

fn request(reader: &mut BufReader<TcpStream>, stream: &mut TcpStream) -> Option<Asked> {
    let (first, head) = read_head(reader)?;
    let mut words = first.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    if header("expect").is_some() {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?;
    }
    let mut body = Vec::new();
    if header("transfer-encoding").is_some_and(|value| value.contains("chunked")) {
        loop {
            let mut size = String::new();
            reader.read_line(&mut size).ok()?;
            let size = usize::from_str_radix(size.trim().split(';').next()?, 16).ok()?;
            let mut chunk = vec![0; size + 2];
            reader.read_exact(&mut chunk).ok()?;
            if size == 0 {
                break;
            }
            body.extend_from_slice(&chunk[..size]);
        }
    } else if let Some(length) = header("content-length") {
        body.resize(length.parse().ok()?, 0);
        reader.read_exact(&mut body).ok()?;
    }
    Some(Asked { method, path, head, body })
}
