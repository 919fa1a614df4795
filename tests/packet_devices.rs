//! Packet connections over devices of every kind, on one or on all of them, as they come and go.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)] // helpers of tests fail by panicking

mod common;

use std::sync::atomic::Ordering::SeqCst;
use std::thread;
use std::time::Duration;

use common::*;
use dunlin::error::Error;
use dunlin::handle::Handle;
use dunlin::net::addr::Addr;
use dunlin::net::listen::ListenConfig;
use dunlin::net::packet::{self, listen, PacketConn};
use dunlin::net::poll::{self, Item};
use dunlin::net::Limit;
use dunlin::netdev::registry::DEVICES;
use dunlin::netdev::table::*;
use dunlin::runtime;
use dunlin::time::Deadline;

const BLIND: Can = Can { blind: true, ..NEITHER };
const TOLD: Can = Can { blind: true, ..NOTIFY };
const ALL: [Can; 8] = [POLL, NOTIFY, NEITHER, NO_WAKE, SERIAL, STEP, BLIND, TOLD];

fn on(device: &Device) -> (PacketConn, dunlin_addr) {
    let conn = listen(Some(device.name.as_bytes()), b"udp4", b"127.0.0.1:0").unwrap();
    let addr = at(&conn);
    (conn, addr)
}

fn at(conn: &PacketConn) -> dunlin_addr {
    Addr::new([127, 0, 0, 1].into(), conn.local_addr().unwrap().port).to_c()
}

fn send(conn: &PacketConn, data: &[u8], to: &dunlin_addr) -> Result<(), Error> {
    conn.write_to(data, to, Handle::NONE, soon())
}

struct Watched(Handle, u16);

impl Item for Watched {
    fn handle(&self) -> Handle {
        self.0
    }
    fn events(&self) -> u16 {
        DUNLIN_READABLE
    }
    fn set_revents(&mut self, revents: u16) {
        self.1 = revents;
    }
    fn revents(&self) -> u16 {
        self.1
    }
}

/// Says whether the connection is readable by then.
fn readable(conn: &PacketConn, ms: i64) -> bool {
    let mut set = [Watched(conn.handle(), 0)];
    poll::poll(&mut set, Deadline::after_ms(ms), poll::watch).unwrap() > 0
}

#[test]
fn datagrams_over_every_kind_of_device() {
    let _alone = alone();
    for can in ALL {
        let before = runtime::usage();
        let d = Device::new("udp0", can);
        d.register();
        let ((a, _), (b, to)) = (on(d), on(d));
        let mut buf = [0u8; 8];
        for data in [b"one".as_slice(), b"", b"12345678"] {
            send(&a, data, &to).unwrap();
            let got = b.read_from(&mut buf, soon()).unwrap();
            assert_eq!((&buf[..got.len], got.truncated), (data, false), "{can:?}");
            assert_eq!((got.from.port, got.device), (at(&a).port, d.handle()));
        }
        send(&a, b"123456789", &to).unwrap();
        let got = b.read_from(&mut buf, soon()).unwrap();
        assert_eq!((got.len, got.truncated), (8, true), "{can:?}");
        assert_eq!(b.read_from(&mut buf, within(60)).unwrap_err(), Error::TIMEOUT, "{can:?}");
        // One that comes while it waits.
        thread::scope(|s| {
            let reader = s.spawn(|| b.read_from(&mut [0; 8], soon()).map(|r| r.len));
            thread::sleep(Duration::from_millis(30));
            send(&a, b"late", &to).unwrap();
            assert_eq!(reader.join().unwrap(), Ok(4), "{can:?}");
            let reader = s.spawn(|| b.read_from(&mut [0; 8], Limit::NONE).map(|r| r.len));
            thread::sleep(Duration::from_millis(30));
            b.set_read_deadline(Deadline::after_ms(20));
            assert_eq!(reader.join().unwrap(), Err(Error::TIMEOUT), "{can:?}");
            b.set_read_deadline(Deadline::NONE);
            let reader = s.spawn(|| b.read_from(&mut [0; 8], Limit::NONE).map(|r| r.len));
            thread::sleep(Duration::from_millis(30));
            packet::close(b.handle()).unwrap();
            assert_eq!(reader.join().unwrap(), Err(Error::CLOSED), "{can:?}");
        });
        packet::end(a);
        drop(b);
        d.unregister();
        assert_eq!(runtime::usage(), before);
    }
}

#[test]
fn a_set_learns_of_datagrams_without_losing_them() {
    let _alone = alone();
    for can in ALL {
        let d = Device::new("udp0", can);
        d.register();
        let ((a, _), (b, to)) = (on(d), on(d));
        let mut buf = [0u8; 64];
        // Where nobody can look, "readable" may mean "try": once, until something new is told.
        assert_eq!(b.read_from(&mut buf, Limit::NOW).unwrap_err(), Error::WOULD_BLOCK);
        if !can.blind || can.notify {
            assert!(!readable(&b, 40), "{can:?}");
        }
        send(&a, b"whole datagram", &to).unwrap();
        for _ in 0..2 {
            assert!(readable(&b, 5000), "{can:?}");
        }
        assert_eq!(b.read_from(&mut buf, Limit::NOW).unwrap().len, 14, "{can:?}");
        if !can.blind || can.notify {
            assert_eq!(b.read_from(&mut buf, Limit::NOW).unwrap_err(), Error::WOULD_BLOCK);
            assert!(!readable(&b, 40), "{can:?}");
        }
        thread::scope(|s| {
            let poller = s.spawn(|| readable(&b, 5000));
            thread::sleep(Duration::from_millis(30));
            send(&a, b"x", &to).unwrap();
            assert!(poller.join().unwrap(), "{can:?}");
        });
        // Trying in vain costs pauses, not the processor.
        let tries = d.seen.recvs.load(SeqCst);
        b.read_from(&mut buf, Limit::NOW).unwrap();
        let begin = std::time::Instant::now();
        while begin.elapsed() < Duration::from_millis(100) {
            if readable(&b, 100) {
                let _ = b.read_from(&mut buf, Limit::NOW);
            }
        }
        assert!(d.seen.recvs.load(SeqCst) - tries < 60, "{can:?}");
        packet::end(a);
        packet::end(b);
        d.unregister();
    }
}

#[test]
fn a_wildcard_is_on_all_devices_also_later_ones_and_outlives_links() {
    let _alone = alone();
    for can in [POLL, NOTIFY, NEITHER, SERIAL] {
        let before = runtime::usage();
        let first = Device::new("wild0", can);
        first.register();
        let all = listen(None, b"udp", b":0").unwrap();
        let to = at(&all);
        let second = Device::new("wild1", can);
        second.register();
        assert_eq!((first.open_sockets(), second.open_sockets()), (1, 1));
        let ((a, _), (b, _)) = (on(first), on(second));
        let mut buf = [0u8; 8];
        thread::scope(|s| {
            for (peer, device) in [(&a, first), (&b, second), (&a, first)] {
                let reader = s.spawn(|| all.read_from(&mut [0; 8], soon()).map(|r| r.device));
                thread::sleep(Duration::from_millis(30));
                send(peer, b"hello", &to).unwrap();
                assert_eq!(reader.join().unwrap(), Ok(device.handle()), "{can:?}");
            }
        });
        // Neither device starves the other.
        for _ in 0..3 {
            send(&a, b"a", &to).unwrap();
            send(&b, b"b", &to).unwrap();
        }
        let order: Vec<Handle> = (0..4).map(|_| all.read_from(&mut buf, soon()).unwrap().device).collect();
        assert!(order.windows(2).all(|w| w[0] != w[1]), "{order:?}");
        while all.read_from(&mut buf, Limit::NOW).is_ok() {}
        // An answer goes out where it is asked to, or on the first device whose link is up.
        let peer = at(&b);
        all.write_to(b"there", &peer, second.handle(), soon()).unwrap();
        assert_eq!(b.read_from(&mut buf, soon()).unwrap().from.port, to.port);
        DEVICES.enter(first.handle()).unwrap().set_link(false);
        send(&all, b"next", &peer).unwrap();
        assert_eq!(b.read_from(&mut buf, soon()).unwrap().len, 4, "{can:?}");
        assert_eq!(all.write_to(b"x", &peer, first.handle(), soon()), Err(Error::NET_DOWN));
        DEVICES.enter(second.handle()).unwrap().set_link(false);
        assert_eq!(send(&all, b"none", &peer), Err(Error::NET_DOWN));
        // Both links come back: the connection is as it was.
        thread::scope(|s| {
            let reader = s.spawn(|| all.read_from(&mut [0; 8], soon()).map(|r| r.len));
            thread::sleep(Duration::from_millis(30));
            for device in [first, second] {
                DEVICES.enter(device.handle()).unwrap().set_link(true);
            }
            send(&b, b"again", &to).unwrap();
            assert_eq!(reader.join().unwrap(), Ok(5), "{can:?}");
        });
        packet::end(a);
        first.unregister();
        send(&b, b"left", &to).unwrap();
        assert_eq!(all.read_from(&mut buf, soon()).unwrap().device, second.handle());
        packet::end(b);
        second.unregister();
        assert_eq!(all.read_from(&mut buf, within(30)).unwrap_err(), Error::TIMEOUT);
        packet::end(all);
        assert_eq!(runtime::usage(), before);
    }
}

#[test]
fn what_a_device_cannot_is_told() {
    let _alone = alone();
    let d = Device::new("poor0", POLL);
    d.register();
    for (network, address) in [("ip4:icmp", ""), ("unixgram", "/tmp/x"), ("udp6", ":0")] {
        let made = listen(None, network.as_bytes(), address.as_bytes());
        assert_eq!(made.err(), Some(Error::NOT_SUPPORTED), "{network}");
    }
    let (conn, to) = on(d);
    let group = Addr::new([224, 0, 0, 251].into(), 0).to_c();
    assert_eq!(conn.join(&group, None), Err(Error::NOT_SUPPORTED));
    assert_eq!(conn.set_broadcast(true), Err(Error::NOT_SUPPORTED));
    assert_eq!(conn.write_to(&[0; 65_508], &to, Handle::NONE, soon()), Err(Error::MESSAGE_SIZE));
    let handle = d.handle();
    dunlin::net::device::unregister(handle, Deadline::after_ms(2000)).unwrap();
    // The only device is gone.
    assert_eq!(conn.read_from(&mut [0; 4], soon()).unwrap_err(), Error::NET_DOWN);
    assert_eq!(send(&conn, b"x", &to), Err(Error::NET_DOWN));
    assert!(readable(&conn, 5000));
    packet::end(conn);
    d.check();
}

/// What was set on a device: the groups joined and left there, and whether what is sent comes back.
fn groups(d: &Device) -> Vec<(u32, u8)> {
    let options = d.seen.options.lock().unwrap();
    let of_groups = [DUNLIN_SO_MULTICAST_JOIN, DUNLIN_SO_MULTICAST_LEAVE, DUNLIN_SO_MULTICAST_LOOP];
    // The last byte of the group, or the number's first.
    let last = |v: &[u8]| if v.len() == 4 { v[0] } else { v[std::mem::offset_of!(dunlin_addr, ip) + 3] };
    options.iter().filter(|(_, o, _)| of_groups.contains(o)).map(|(_, o, v)| (*o, last(v))).collect()
}

#[test]
fn groups_are_joined_on_later_devices_too() {
    let _alone = alone();
    let can = Can { options: true, ..POLL };
    let group = |n| Addr::new([224, 0, 0, n].into(), 0).to_c();
    let (join, leave, quiet) =
        (DUNLIN_SO_MULTICAST_JOIN, DUNLIN_SO_MULTICAST_LEAVE, DUNLIN_SO_MULTICAST_LOOP);
    let first = Device::new("group0", can);
    first.register();
    let conn = listen(None, b"udp4", b":0").unwrap();
    conn.join(&group(1), None).unwrap();
    conn.join(&group(2), None).unwrap();
    conn.join(&group(3), Some(b"group0")).unwrap(); // that device's alone
    conn.leave(&group(1), None).unwrap();
    conn.set_read_buffer(4321).unwrap();
    assert_eq!(groups(first), [(join, 1), (join, 2), (join, 3), (leave, 1)]);
    let quiet_one = packet::listen_multicast(&ListenConfig::DEFAULT, b"udp4", b"224.0.0.9:7").unwrap();
    let second = Device::new("group1", can);
    second.register();
    let mut later = groups(second);
    later.sort_unstable();
    let mut want = [(join, 2), (join, 9), (quiet, 0)];
    want.sort_unstable();
    assert_eq!(later, want);
    let buffer = (DUNLIN_SOL_SOCKET, DUNLIN_SO_RCVBUF, 4321i32.to_ne_bytes().to_vec());
    assert!(second.seen.options.lock().unwrap().contains(&buffer));
    // A device that is gone and comes again begins anew.
    second.unregister();
    let third = Device::new("group1", can);
    third.register();
    assert_eq!(groups(third).len(), 3);
    // Four on all devices, no more.
    for n in 20..23 {
        conn.join(&group(n), None).unwrap();
    }
    assert_eq!(conn.join(&group(23), None), Err(Error::NO_SLOT));
    assert_eq!(groups(third).last(), Some(&(leave, 23)));
    // One that cannot join does not spoil the others, and alone it says so.
    let poor = Device::new("group2", POLL);
    poor.register();
    assert_eq!(conn.join(&group(30), Some(b"group2")), Err(Error::NOT_SUPPORTED));
    conn.leave(&group(20), None).unwrap();
    conn.join(&group(31), None).unwrap();
    packet::end(conn);
    packet::end(quiet_one);
    for d in [first, third, poor] {
        d.unregister();
    }
}
