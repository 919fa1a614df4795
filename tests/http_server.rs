//! The HTTP server over the C driver of POSIX hosts: real sockets, several workers, real time.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // helpers of tests fail by panicking

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Once;
use std::time::{Duration, Instant};

use dunlin::error::{Error, Result};
use dunlin::handle::Handle;
use dunlin::http::server::{self, Config, Exchange, Route, Table};
use dunlin::netdev::{registry, table};
use dunlin::runtime;
use dunlin::time::Deadline;

fn up() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        runtime::init(Box::leak(vec![0u8; 1 << 20].into_boxed_slice())).unwrap();
        // SAFETY: the driver's table is constant.
        let posix =
            unsafe { table::Table::new(dunlin_host::posix_ops().cast(), std::ptr::null_mut()) }.unwrap();
        registry::register(b"posix0", posix).unwrap();
    });
}

fn alone() -> std::sync::MutexGuard<'static, ()> {
    static LOCK: std::sync::Mutex<()> = std::sync::Mutex::new(());
    up();
    LOCK.lock().unwrap_or_else(|e| e.into_inner())
}

static FILE: &[u8] = &[b'f'; 1 << 20];

static ROUTES: &[Route] = &[
    Route { pattern: "GET /{$}", handler: |x| x.write(b"Hello, World!").map(|_| ()) },
    Route { pattern: "GET /file", handler: |x| x.reply_static(200, b"text/plain", FILE) },
    Route { pattern: "POST /echo", handler: echo },
];

fn echo(x: Exchange) -> Result<()> {
    let mut buf = [0; 1500];
    loop {
        match x.read(&mut buf)? {
            0 => return Ok(()),
            n => x.write(&buf[..n])?,
        };
    }
}

/// Runs a test against a server on a free port; nothing may be left.
fn serving(workers: usize, test: impl FnOnce(u16)) {
    let _alone = alone();
    let usage = || {
        let mut usage = runtime::usage();
        usage.arena.peak = 0;
        usage
    };
    let before = usage();
    let server = server::new(&Config::new(Table::of(ROUTES))).unwrap();
    server.listen(None, b"tcp", b"127.0.0.1:0", 16).unwrap();
    let port = server.local_addr(0).unwrap().port;
    let handle = server.handle();
    struct Close(Handle);
    impl Drop for Close {
        fn drop(&mut self) {
            let _ = server::close(self.0);
        }
    }
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let server = server::enter(handle).unwrap();
            scope.spawn(move || {
                assert_eq!(server.serve(), Err(Error::HTTP_SERVER_CLOSED));
            });
        }
        let _close = Close(handle);
        test(port);
        server.shutdown(Deadline::after_ms(5000)).unwrap();
        assert_eq!(server.stats().unwrap().active, 0);
    });
    drop(server);
    assert_eq!(usage(), before);
}

fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    stream
}

/// Reads one answer with a Content-Length.
fn answer(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.split_once("Content-Length: ").unwrap().1.split_once('\r').unwrap().0;
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    (head, body)
}

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n";

#[test]
fn keep_alive_over_sockets() {
    serving(1, |port| {
        let mut stream = connect(port);
        for _ in 0..1000 {
            stream.write_all(GET).unwrap();
            assert_eq!(answer(&mut stream).1, b"Hello, World!");
        }
        stream.write_all(b"GET /file HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
        assert_eq!(answer(&mut stream).1.len(), FILE.len());
    });
}

#[test]
fn long_bodies_stream_both_ways() {
    serving(2, |port| {
        let mut stream = connect(port);
        let body: Vec<u8> = (0..300_000u32).map(|i| (i % 251) as u8).collect();
        let mut writer = stream.try_clone().unwrap();
        let sent = body.clone();
        let thread = std::thread::spawn(move || {
            write!(writer, "POST /echo HTTP/1.0\r\nContent-Length: {}\r\n\r\n", sent.len()).unwrap();
            writer.write_all(&sent).unwrap();
        });
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        thread.join().unwrap();
        assert!(all.ends_with(&body));
    });
}

#[test]
fn many_clients_at_once() {
    serving(3, |port| {
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let mut stream = connect(port);
                        for _ in 0..4 {
                            stream.write_all(GET).unwrap();
                            assert_eq!(answer(&mut stream).1, b"Hello, World!");
                        }
                    }
                });
            }
        });
    });
}

#[test]
fn slow_peers_in_seven_slots_and_more_clients_than_slots() {
    serving(1, |port| {
        let mut slow: Vec<_> = (0..7).map(|_| connect(port)).collect();
        for stream in &mut slow {
            stream.write_all(b"GET / HT").unwrap();
        }
        std::thread::sleep(Duration::from_millis(50));
        for _ in 0..3 {
            let start = Instant::now();
            let mut stream = connect(port);
            stream.write_all(GET).unwrap();
            answer(&mut stream);
            assert!(start.elapsed() < Duration::from_millis(300));
            stream.shutdown(Shutdown::Both).unwrap();
        }
        // All slots taken: idle connections give way, then the slow ones.
        let mut idle = Vec::new();
        for _ in 0..6 {
            let mut stream = connect(port);
            stream.write_all(GET).unwrap();
            answer(&mut stream);
            idle.push(stream);
        }
    });
}

#[test]
fn a_refused_head_is_answered_before_the_end() {
    serving(1, |port| {
        let mut stream = connect(port);
        stream.write_all(&[b'a'; 10_000]).unwrap();
        let mut all = String::new();
        stream.read_to_string(&mut all).unwrap();
        assert!(all.starts_with("HTTP/1.1 431 "), "{all}");
    });
}
