//! A line to a server, which a test can cut and mend: any protocol over TCP.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::Server;

/// Hands bytes on in both directions. Ends when this is dropped.
#[derive(Debug)]
pub struct Line {
    address: String,
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    is_cut: AtomicBool,
    ended: AtomicBool,
    /// Both ends of each connection.
    open: Mutex<Vec<TcpStream>>,
}

impl Line {
    /// A line to a server.
    pub fn to(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address").to_string();
        let (inner, behind) = (Arc::new(Inner::default()), server.address().to_owned());
        let shared = Arc::clone(&inner);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.ended.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                if !shared.is_cut.load(Ordering::Relaxed) {
                    let _ = shared.join(stream, &behind);
                }
            }
        });
        Self { address, inner }
    }

    /// `HOST:PORT`
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Ends all connections; new ones end at once.
    pub fn cut(&self) {
        self.inner.is_cut.store(true, Ordering::Relaxed);
        self.inner.end_all();
    }

    /// Lets connections through again.
    pub fn mend(&self) {
        self.inner.is_cut.store(false, Ordering::Relaxed);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.inner.ended.store(true, Ordering::Relaxed);
        self.inner.end_all();
        let _ = TcpStream::connect(&self.address);
    }
}

impl Inner {
    fn join(&self, here: TcpStream, behind: &str) -> std::io::Result<()> {
        let there = TcpStream::connect(behind)?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.extend([here.try_clone()?, there.try_clone()?]);
        drop(open);
        let (back_here, back_there) = (here.try_clone()?, there.try_clone()?);
        std::thread::spawn(move || hand_on(here, there));
        std::thread::spawn(move || hand_on(back_there, back_here));
        Ok(())
    }

    fn end_all(&self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for stream in open.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn hand_on(mut from: TcpStream, mut to: TcpStream) {
    let mut block = vec![0; 64 << 10];
    while let Ok(read @ 1..) = from.read(&mut block) {
        if to.write_all(&block[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
