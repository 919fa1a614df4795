//! The HTTP client against scripted servers, over the POSIX driver and over pipes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)] // helpers of tests fail by panicking

mod bodies;
mod framing;
mod keeping;
mod tasks;
mod waiting;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{mpsc, Once};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use dunlin::error::Error;
use dunlin::handle::Handle;
use dunlin::http::client::{self, Config, Stage};
use dunlin::http::client_response as response;
use dunlin::http::outgoing::{Body, BodySource, HeaderList, Request};
use dunlin::net::dial::{dial, Dialer};
use dunlin::net::{cancel, conn, pipe, Limit};
use dunlin::netdev::registry;
use dunlin::netdev::table::Table;
use dunlin::runtime::{self, Usage};
use dunlin::time::Deadline;

fn up() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        runtime::init(Box::leak(vec![0u8; 65536].into_boxed_slice())).unwrap();
        // SAFETY: the driver's table is constant.
        let table = unsafe { Table::new(dunlin_host::posix_ops().cast(), std::ptr::null_mut()) }.unwrap();
        registry::register(b"posix0", table).unwrap();
    });
}

/// One test at a time; what it leaves taken is an error.
struct Alone {
    before: Usage,
    _turn: std::sync::MutexGuard<'static, ()>,
}

fn alone() -> Alone {
    static LOCK: std::sync::Mutex<()> = std::sync::Mutex::new(());
    up();
    let turn = LOCK.lock().unwrap_or_else(|e| e.into_inner());
    Alone { before: runtime::usage(), _turn: turn }
}

impl Drop for Alone {
    fn drop(&mut self) {
        if !thread::panicking() {
            let mut after = runtime::usage();
            after.arena.peak = self.before.arena.peak;
            assert_eq!(after, self.before, "something is still taken");
        }
    }
}

struct Server {
    url: String,
    thread: Option<JoinHandle<()>>,
}

/// Serves `conns` connections one after another.
fn serve(conns: usize, mut each: impl FnMut(usize, TcpStream) + Send + 'static) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let thread = thread::spawn(move || {
        for i in 0..conns {
            let (stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            each(i, stream);
        }
    });
    Server { url, thread: Some(thread) }
}

impl Server {
    fn url(&self) -> &[u8] {
        self.url.as_bytes()
    }

    fn join(mut self) {
        self.thread.take().unwrap().join().unwrap();
    }
}

/// A request's head; `None` at the end of the stream.
fn head_of(stream: &mut impl Read) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    Some(String::from_utf8(head).unwrap())
}

fn answer(stream: &mut TcpStream, bytes: &[u8]) {
    head_of(stream).unwrap();
    stream.write_all(bytes).unwrap();
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn default() -> Handle {
    client::new(&Config::DEFAULT).unwrap()
}

fn body_of(r: Handle, size: usize) -> Result<Vec<u8>, Error> {
    let (mut all, mut buf) = (Vec::new(), vec![0; size]);
    loop {
        match response::read(r, &mut buf)? {
            0 => return Ok(all),
            n => all.extend_from_slice(&buf[..n]),
        }
    }
}

fn fetch(c: Handle, url: &[u8]) -> Result<Vec<u8>, Error> {
    let r = client::get(c, url)?;
    let body = body_of(r, 100);
    response::close(r).unwrap();
    body
}

fn timed<T>(f: impl FnOnce() -> T) -> (T, u128) {
    let start = Instant::now();
    let value = f();
    (value, start.elapsed().as_millis())
}

/// A body in pieces, which can be read twice if `rewinds`.
struct Pieces {
    left: usize,
    all: usize,
    piece: usize,
    rewinds: bool,
}

impl BodySource for Pieces {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        let n = self.left.min(self.piece).min(buf.len());
        buf[..n].fill(b'p');
        self.left -= n;
        Ok(n)
    }

    fn rewind(&mut self) -> Result<(), Error> {
        if !self.rewinds {
            return Err(Error::HTTP_BODY_NOT_REPLAYABLE);
        }
        self.left = self.all;
        Ok(())
    }
}

fn pieces(all: usize, piece: usize) -> Pieces {
    Pieces { left: all, all, piece, rewinds: true }
}
