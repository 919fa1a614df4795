//! The net floor over the C driver of POSIX hosts: real sockets, real names, real blocking.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)] // helpers of tests fail by panicking

use std::io::{Read, Write};
use std::sync::Once;
use std::thread;
use std::time::{Duration, Instant};

use dunlin::error::Error;
use dunlin::net::conn::{self, Conn};
use dunlin::net::dial::{dial, Dialer};
use dunlin::net::listen::{self, listen, Listener};
use dunlin::net::{cancel, Limit};
use dunlin::netdev::registry;
use dunlin::netdev::table::{dunlin_addr, Table};
use dunlin::runtime;
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

/// The library's tables are process-wide: one test at a time counts what is left.
fn alone() -> std::sync::MutexGuard<'static, ()> {
    static LOCK: std::sync::Mutex<()> = std::sync::Mutex::new(());
    up();
    LOCK.lock().unwrap_or_else(|e| e.into_inner())
}

fn soon() -> Limit<'static> {
    Limit::until(Deadline::after_ms(5000))
}

fn listen_any(address: &str) -> (Listener, u16) {
    let listener = listen(None, b"tcp", address.as_bytes(), 8).unwrap();
    let port = listener.local_addr().unwrap().port;
    (listener, port)
}

fn dial_to(host: &str, port: u16) -> Result<Conn, Error> {
    dial(&Dialer::default(), b"tcp", format!("{host}:{port}").as_bytes(), soon())
}

fn echo_over(listen_at: &str, host: &str) -> dunlin_addr {
    let (listener, port) = listen_any(listen_at);
    let client = dial_to(host, port).unwrap();
    let server = listener.accept(soon()).unwrap();
    let mut buf = [0u8; 16];
    client.write_all(&[b"pi", b"", b"ng"], soon()).unwrap();
    assert_eq!(server.read(&mut buf, soon()), Ok(4));
    assert_eq!(&buf[..4], b"ping");
    server.write_all(&[b"pong"], soon()).unwrap();
    server.shutdown_write().unwrap();
    assert_eq!(client.read(&mut buf, soon()), Ok(4));
    assert_eq!(client.read(&mut buf, soon()), Err(Error::EOF));
    let peer = client.remote_addr().unwrap();
    conn::end(client);
    conn::end(server);
    listen::end(listener);
    peer
}

#[test]
fn echo_over_ipv4_ipv6_names_and_dual_stack() {
    let _alone = alone();
    let before = runtime::usage();
    assert_eq!(echo_over("127.0.0.1:0", "127.0.0.1").family, 4);
    assert_eq!(echo_over("[::1]:0", "[::1]").family, 6);
    assert_eq!(echo_over("127.0.0.1:0", "localhost").family, 4);
    assert_eq!(echo_over("[::1]:0", "localhost").family, 6); // refused on the first address
    assert_eq!(echo_over(":0", "127.0.0.1").family, 4);
    assert_eq!(echo_over(":0", "[::1]").family, 6);
    assert_eq!(runtime::usage(), before);
}

#[test]
fn nobody_there_is_refused() {
    let _alone = alone();
    let before = runtime::usage();
    let (listener, port) = listen_any("127.0.0.1:0");
    listen::end(listener);
    assert_eq!(dial_to("127.0.0.1", port).err(), Some(Error::CONN_REFUSED));
    assert_eq!(dial_to("no such name", port).err(), Some(Error::NO_SUCH_HOST));
    assert_eq!(runtime::usage(), before);
}

/// Two ends of a real connection: ours and std's.
fn to_std(listener: &Listener, port: u16) -> (Conn, std::net::TcpStream) {
    let peer = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    (listener.accept(soon()).unwrap(), peer)
}

#[test]
fn blocked_calls_end_by_deadline_close_and_cancel() {
    let _alone = alone();
    let before = runtime::usage();
    let (listener, port) = listen_any("127.0.0.1:0");
    let (ours, mut peer) = to_std(&listener, port);

    // A deadline moved by another task.
    let handle = ours.handle();
    let reader = thread::spawn(move || {
        let first = ours.read(&mut [0; 8], Limit::NONE);
        ours.set_read_deadline(Deadline::NONE);
        (first, ours)
    });
    thread::sleep(Duration::from_millis(50));
    conn::CONNS.enter(handle).unwrap().set_read_deadline(Deadline::after_ms(1));
    let (first, ours) = reader.join().unwrap();
    assert_eq!(first, Err(Error::TIMEOUT));
    peer.write_all(b"kept").unwrap();
    assert_eq!(ours.read(&mut [0; 8], soon()), Ok(4));

    // A cancelled token.
    let token = cancel::new().unwrap();
    let reader = thread::spawn(move || {
        let guard = cancel::enter(token).unwrap();
        let got = ours.read(&mut [0; 8], Limit { deadline: Deadline::NONE, cancel: guard.as_deref() });
        (got, ours)
    });
    thread::sleep(Duration::from_millis(50));
    cancel::cancel(token).unwrap();
    let (got, ours) = reader.join().unwrap();
    assert_eq!(got, Err(Error::CANCELED));
    cancel::close(token).unwrap();

    // A close.
    let reader = thread::spawn(move || {
        let got = ours.read(&mut [0; 8], Limit::NONE);
        drop(ours);
        got
    });
    thread::sleep(Duration::from_millis(50));
    let start = Instant::now();
    conn::close(handle).unwrap();
    assert_eq!(reader.join().unwrap(), Err(Error::CLOSED));
    assert_eq!(peer.read(&mut [0; 8]).unwrap(), 0);
    assert!(start.elapsed() < Duration::from_secs(2));
    listen::end(listener);
    assert_eq!(runtime::usage(), before);
}

#[test]
fn a_stalled_writer_ends_at_its_deadline_and_says_how_much_went() {
    let _alone = alone();
    let (listener, port) = listen_any("127.0.0.1:0");
    let (ours, peer) = to_std(&listener, port);
    let block = vec![7u8; 64 << 20]; // more than any socket buffer
    let mut written = 0;
    let limit = Limit::until(Deadline::after_ms(200));
    assert_eq!(ours.write_counted(&[&block], limit, &mut written), Err(Error::TIMEOUT));
    assert!(written > 0 && written < block.len());
    let counter = thread::spawn(move || std::io::copy(&mut { peer }, &mut std::io::sink()).unwrap());
    conn::end(ours);
    assert_eq!(counter.join().unwrap(), written as u64);
    listen::end(listener);
}

#[test]
fn many_short_connections_leave_nothing_behind() {
    let _alone = alone();
    let before = runtime::usage();
    let (listener, port) = listen_any("127.0.0.1:0");
    for i in 0..1000u32 {
        let client = dial_to("127.0.0.1", port).unwrap();
        let server = listener.accept(soon()).unwrap();
        client.write_all(&[&i.to_be_bytes()], soon()).unwrap();
        let mut buf = [0u8; 4];
        assert_eq!(server.read(&mut buf, soon()), Ok(4));
        assert_eq!(u32::from_be_bytes(buf), i);
        conn::end(server);
        conn::end(client);
    }
    listen::end(listener);
    assert_eq!(runtime::usage(), before);
}
