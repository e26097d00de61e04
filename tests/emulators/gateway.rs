//! A network that tests play: an HTTP proxy behind which addresses lead wherever a test wants.

use std::io::{BufReader, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::faults::read_head;

/// The proxy. Ends when this is dropped.
#[derive(Debug)]
pub struct Gateway {
    address: String,
    ended: Arc<AtomicBool>,
}

impl Gateway {
    /// A proxy; `leads_to` says for `HOST:PORT` which address of this machine answers there, if any.
    pub fn new(leads_to: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address").to_string();
        let (leads_to, ended) = (Arc::new(leads_to), Arc::new(AtomicBool::new(false)));
        let over = ended.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let (Ok(stream), leads_to) = (stream, leads_to.clone()) else { continue };
                std::thread::spawn(move || serve(stream, &*leads_to));
            }
        });
        Self { address, ended }
    }

    /// The proxy's URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(&self.address);
    }
}

/// One connection: a tunnel, or a request with the whole URL in its first line.
fn serve(mut stream: TcpStream, leads_to: &dyn Fn(&str) -> Option<String>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let (first, head) = read_head(&mut reader)?;
    let (method, rest) = first.split_once(' ')?;
    let target = rest.split(' ').next()?;
    let is_tunnel = method == "CONNECT";
    let (host, path) = if is_tunnel {
        (target, "")
    } else {
        let rest = target.strip_prefix("http://")?;
        rest.split_at(rest.find('/').unwrap_or(rest.len()))
    };
    let onwards = leads_to(host).and_then(|address| TcpStream::connect(address).ok());
    let Some(mut onwards) = onwards else {
        stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n").ok()?;
        return stream.shutdown(Shutdown::Both).ok();
    };
    if is_tunnel {
        stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").ok()?;
    } else {
        let kept =
            head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
        let head: String = kept.map(|line| format!("{line}\r\n")).collect();
        let head = format!("{method} {path} HTTP/1.1\r\n{head}Connection: close\r\n\r\n");
        onwards.write_all(head.as_bytes()).ok()?;
    }
    let mut answer = onwards.try_clone().ok()?;
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut reader, &mut onwards);
        let _ = onwards.shutdown(Shutdown::Write);
    });
    let _ = std::io::copy(&mut answer, &mut stream);
    stream.shutdown(Shutdown::Both).ok()
}
