//! Packet connections over the C driver of POSIX hosts: real datagrams, against std's sockets too.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)] // helpers of tests fail by panicking

use std::net::UdpSocket;
use std::sync::Once;
use std::thread;
use std::time::{Duration, Instant};

use dunlin::error::Error;
use dunlin::handle::Handle;
use dunlin::net::packet::{self, listen, PacketConn};
use dunlin::net::{addr::Addr, Limit};
use dunlin::netdev::registry;
use dunlin::netdev::table::{dunlin_addr, Table};
use dunlin::runtime;
use dunlin::time::Deadline;

/// The library's tables are process-wide: one test at a time counts what is left.
fn alone() -> std::sync::MutexGuard<'static, ()> {
    static ONCE: Once = Once::new();
    static LOCK: std::sync::Mutex<()> = std::sync::Mutex::new(());
    ONCE.call_once(|| {
        runtime::init(Box::leak(vec![0u8; 65536].into_boxed_slice())).unwrap();
        // SAFETY: the driver's table is constant.
        let table = unsafe { Table::new(dunlin_host::posix_ops().cast(), std::ptr::null_mut()) }.unwrap();
        registry::register(b"posix0", table).unwrap();
    });
    LOCK.lock().unwrap_or_else(|e| e.into_inner())
}

fn soon() -> Limit<'static> {
    Limit::until(Deadline::after_ms(5000))
}

fn open(network: &str, address: &str) -> PacketConn {
    listen(None, network.as_bytes(), address.as_bytes()).unwrap()
}

fn at(ip: &str, port: u16) -> dunlin_addr {
    Addr::new(ip.parse().unwrap(), port).to_c()
}

fn send(conn: &PacketConn, data: &[u8], to: &dunlin_addr) -> Result<(), Error> {
    conn.write_to(data, to, Handle::NONE, soon())
}

#[test]
fn datagrams_go_both_ways_over_either_family() {
    let _alone = alone();
    let before = runtime::usage();
    for (network, ip, bind, family) in [
        ("udp", "127.0.0.1", "127.0.0.1:0", 4),
        ("udp", "::1", "[::1]:0", 6),
        ("udp", "127.0.0.1", ":0", 4),
        ("udp", "::1", ":0", 6),
        ("udp4", "127.0.0.1", ":0", 4),
        ("udp6", "::1", ":0", 6),
    ] {
        let conn = open(network, bind);
        let port = conn.local_addr().unwrap().port;
        assert_ne!(port, 0);
        let peer = UdpSocket::bind((ip, 0)).unwrap();
        let peer_port = peer.local_addr().unwrap().port();
        peer.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut buf = [0u8; 32];
        peer.send_to(b"ping", (ip, port)).unwrap();
        let got = conn.read_from(&mut buf, soon()).unwrap();
        assert_eq!((got.len, got.truncated, got.from.family, got.from.port), (4, false, family, peer_port));
        assert_eq!(&buf[..4], b"ping");
        send(&conn, b"pong!", &got.from).unwrap();
        assert_eq!(peer.recv(&mut buf).unwrap(), 5, "{network} {bind}");
        // A datagram of no bytes is one, and no end.
        peer.send_to(b"", (ip, port)).unwrap();
        peer.send_to(b"after", (ip, port)).unwrap();
        assert_eq!(conn.read_from(&mut buf, soon()).unwrap().len, 0);
        assert_eq!(conn.read_from(&mut buf, soon()).unwrap().len, 5);
        send(&conn, b"", &got.from).unwrap();
        assert_eq!(peer.recv(&mut buf).unwrap(), 0);
        packet::end(conn);
    }
    assert_eq!(runtime::usage(), before);
}

#[test]
fn long_datagrams_are_whole_cut_or_refused() {
    let _alone = alone();
    for (ip, most) in [("127.0.0.1", 65_507), ("::1", 65_527)] {
        let (a, b) = (open("udp", ":0"), open("udp", ":0"));
        let to = at(ip, b.local_addr().unwrap().port);
        let data: Vec<u8> = (0..=most).map(|i| (i % 251) as u8).collect();
        let mut buf = vec![0u8; 70_000];
        send(&a, &data[..most], &to).unwrap();
        let got = b.read_from(&mut buf, soon()).unwrap();
        assert_eq!((got.len, got.truncated), (most, false));
        assert!(buf[..most] == data[..most]);
        assert_eq!(send(&a, &data, &to), Err(Error::MESSAGE_SIZE));
        for room in [0, 1, 100] {
            send(&a, b"0123456789", &to).unwrap();
            let got = b.read_from(&mut buf[..room], soon()).unwrap();
            assert_eq!((got.len, got.truncated), (room.min(10), room < 10));
            assert_eq!(&buf[..got.len], &b"0123456789"[..got.len]);
        }
        assert_eq!(b.read_from(&mut buf, Limit::NOW).unwrap_err(), Error::WOULD_BLOCK, "the rest is gone");
        packet::end(a);
        packet::end(b);
    }
}

#[test]
fn a_blocked_read_ends_by_deadline_move_and_close() {
    let _alone = alone();
    for bind in ["127.0.0.1:0", ":0"] {
        let conn = open("udp", bind);
        let handle = conn.handle();
        let mut buf = [0u8; 8];
        let start = Instant::now();
        conn.set_read_deadline(Deadline::after_ms(60));
        assert_eq!(conn.read_from(&mut buf, Limit::NONE).unwrap_err(), Error::TIMEOUT);
        assert!(start.elapsed() >= Duration::from_millis(55));
        assert_eq!(conn.read_from(&mut buf, Limit::NONE).unwrap_err(), Error::TIMEOUT, "stays past");
        conn.set_read_deadline(Deadline::NONE);
        thread::scope(|s| {
            let reader = s.spawn(|| conn.read_from(&mut [0; 8], Limit::NONE).map(|r| r.len));
            thread::sleep(Duration::from_millis(50));
            assert_eq!(conn.read_from(&mut [0; 8], soon()).unwrap_err(), Error::BUSY);
            conn.set_read_deadline(Deadline::after_ms(20));
            assert_eq!(reader.join().unwrap(), Err(Error::TIMEOUT));
            conn.set_read_deadline(Deadline::NONE);
            let reader = s.spawn(|| conn.read_from(&mut [0; 8], Limit::NONE).map(|r| r.len));
            thread::sleep(Duration::from_millis(50));
            packet::close(handle).unwrap();
            assert_eq!(reader.join().unwrap(), Err(Error::CLOSED));
        });
        assert_eq!(conn.read_from(&mut buf, Limit::NOW).unwrap_err(), Error::CLOSED);
        assert_eq!(packet::close(handle), Err(Error::BAD_HANDLE));
    }
}
