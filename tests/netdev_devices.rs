//! Devices that come, go, lose their link, run out of sockets, and drivers that lie.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)] // helpers of tests fail by panicking

mod common;

use std::thread;
use std::time::{Duration, Instant};

use common::*;
use dunlin::error::Error;
use dunlin::handle::Handle;
use dunlin::net::conn;
use dunlin::net::dial::{dial, Dialer};
use dunlin::net::{cancel, device, listen, Limit};
use dunlin::netdev::registry::{self, Route, DEVICES};
use dunlin::netdev::table::*;
use dunlin::runtime;
use dunlin::time::Deadline;

fn addr(ip: [u8; 4]) -> dunlin_addr {
    let mut a = dunlin_addr { family: DUNLIN_AF_INET, ..dunlin_addr::NONE };
    a.ip[..4].copy_from_slice(&ip);
    a
}

fn name_of(to: Option<[u8; 4]>) -> Result<String, Error> {
    let dev = registry::route(to.map(addr).as_ref())?;
    Ok(dev.name().iter().take_while(|b| **b != 0).map(|b| char::from(*b)).collect())
}

#[test]
fn without_a_device_nothing_is_dialed_or_listened_on() {
    let _alone = alone();
    for address in [b"127.0.0.1:80".as_slice(), b"example.com:80"] {
        assert_eq!(dial(&Dialer::default(), b"tcp", address, soon()).err(), Some(Error::NO_NETDEV));
    }
    assert_eq!(listen::listen(None, b"tcp", b":80", 1).err(), Some(Error::NO_NETDEV));
    let named = Dialer { device: Some(b"eth9"), ..Dialer::default() };
    assert_eq!(dial(&named, b"tcp", b"127.0.0.1:80", soon()).err(), Some(Error::NO_DEVICE));
}

#[test]
fn routes_go_by_prefix_then_metric_then_the_first_link_that_is_up() {
    let _alone = alone();
    let [a, b, c] = ["ra", "rb", "rc"].map(|n| Device::new(n, POLL).register());
    let route = |dev: Handle, ip, prefix_len, metric| {
        DEVICES.enter(dev).unwrap().add_route(Route { network: addr(ip), prefix_len, metric })
    };
    assert_eq!(name_of(Some([9, 9, 9, 9])).unwrap(), "ra");
    route(b, [0; 4], 0, 20).unwrap();
    route(c, [0; 4], 0, 10).unwrap();
    route(a, [10, 1, 0, 0], 16, 50).unwrap();
    route(b, [10, 1, 2, 0], 23, 99).unwrap();
    for (to, want) in [
        (Some([10, 1, 9, 1]), "ra"),
        (Some([10, 1, 3, 1]), "rb"),
        (Some([10, 1, 4, 1]), "ra"),
        (Some([8, 8, 8, 8]), "rc"),
        (None, "rc"),
    ] {
        assert_eq!(name_of(to).unwrap(), want, "{to:?}");
    }
    let link = |dev, up| DEVICES.enter(dev).unwrap().set_link(up);
    link(c, false);
    assert_eq!(name_of(None).unwrap(), "rb");
    link(b, false);
    assert_eq!(name_of(Some([10, 1, 3, 1])).unwrap(), "ra");
    link(a, false);
    assert_eq!(name_of(None), Err(Error::NET_DOWN));
    assert_eq!(dial(&Dialer::default(), b"tcp", b"10.1.3.1:80", soon()).err(), Some(Error::NET_DOWN));
    assert_eq!(
        dial(&Dialer { device: Some(b"ra"), ..Dialer::default() }, b"tcp", b"one:80", soon()).err(),
        Some(Error::NET_DOWN),
        "a named device whose link is down"
    );
    link(c, true);
    assert_eq!(name_of(None).unwrap(), "rc");
    for (i, ip) in [[1, 0, 0, 0], [2, 0, 0, 0], [3, 0, 0, 0]].into_iter().enumerate() {
        assert_eq!(route(c, ip, 8, 1).is_ok(), i < 3);
    }
    assert_eq!(route(c, [4, 0, 0, 0], 8, 1), Err(Error::NO_SLOT));
    for dev in [a, b, c] {
        device::unregister(dev, Deadline::after_ms(1000)).unwrap();
    }
}

#[test]
fn a_lost_link_fails_connections_at_once_and_listeners_survive() {
    let _alone = alone();
    for can in [POLL, NOTIFY, NO_WAKE, SERIAL, STEP] {
        let before = runtime::usage();
        let d = Device::new("link0", can);
        let dev = d.register();
        let (l, port) = d.listen();
        let (a, b) = d.pair();
        let listener = l.handle();
        thread::scope(|s| {
            let reader = s.spawn(|| b.read(&mut [0; 4], Limit::NONE));
            let acceptor = s.spawn(|| l.accept(soon()).map(conn::end));
            let dialing = s.spawn(|| dial(&Dialer::default(), b"tcp", b"10.0.0.9:1", soon()).err());
            thread::sleep(Duration::from_millis(30));
            let start = Instant::now();
            DEVICES.enter(dev).unwrap().set_link(false);
            assert_eq!(reader.join().unwrap(), Err(Error::NET_DOWN), "{can:?}");
            assert_eq!(dialing.join().unwrap(), Some(Error::NET_DOWN), "{can:?}");
            assert!(start.elapsed() < Duration::from_millis(200), "{can:?}");
            assert_eq!(a.write_all(&[b"x"], soon()), Err(Error::NET_DOWN));
            DEVICES.enter(dev).unwrap().set_link(true);
            // A connection from before stays dead, the listener takes new ones.
            assert_eq!(b.read(&mut [0; 4], soon()), Err(Error::NET_DOWN));
            conn::end(d.dial(port, soon()).unwrap());
            assert_eq!(acceptor.join().unwrap(), Ok(()), "{can:?}");
        });
        conn::end(a);
        conn::end(b);
        listen::close(listener).unwrap();
        drop(l);
        d.unregister();
        assert_eq!(runtime::usage(), before, "{can:?}");
    }
}

#[test]
fn unregister_ends_blocked_calls_waits_for_them_and_takes_the_sockets_back() {
    let _alone = alone();
    for can in [POLL, NOTIFY, NO_WAKE, SERIAL, STEP] {
        let before = runtime::usage();
        let d = Device::new("gone0", can);
        let dev = d.register();
        let (l, _) = d.listen();
        let (a, b) = d.pair();
        let (c, e) = d.pair();
        conn::close(e.handle()).unwrap(); // closed, but still held here
        thread::scope(|s| {
            let reader = s.spawn(|| b.read(&mut [0; 4], Limit::NONE));
            let acceptor = s.spawn(|| l.accept(Limit::NONE).map(conn::end));
            thread::sleep(Duration::from_millis(30));
            device::unregister(dev, Deadline::after_ms(2000)).unwrap();
            assert_eq!(reader.join().unwrap(), Err(Error::NET_DOWN), "{can:?}");
            assert_eq!(acceptor.join().unwrap(), Err(Error::NET_DOWN), "{can:?}");
        });
        // What is left are handles; they work, that is, they say so.
        d.check();
        assert_eq!(a.write_all(&[b"x"], soon()), Err(Error::NET_DOWN));
        assert_eq!(device::unregister(dev, Deadline::NONE), Err(Error::BAD_HANDLE));
        [a, b, c].into_iter().for_each(conn::end);
        drop(e);
        listen::end(l);
        d.check();
        assert_eq!(runtime::usage(), before, "{can:?}");
    }
}

/// An accept that entered the driver while its device was already going must be woken too.
#[test]
fn unregister_races_with_accepts_dials_and_closes() {
    let _alone = alone();
    let before = runtime::usage();
    for round in 0..60 {
        let d = Device::new("race0", if round % 2 == 0 { POLL } else { SERIAL });
        let dev = d.register();
        let (l, port) = d.listen();
        let (a, b) = d.pair();
        thread::scope(|s| {
            s.spawn(|| {
                while let Ok(c) = l.accept(Limit::NONE) {
                    conn::end(c);
                }
            });
            s.spawn(|| while d.dial(port, soon()).map(conn::end).is_ok() {});
            s.spawn(move || {
                thread::sleep(Duration::from_micros(round * 40));
                conn::end(a);
                conn::end(b);
            });
            thread::sleep(Duration::from_micros(round * 37));
            device::unregister(dev, Deadline::after_ms(5000)).unwrap();
        });
        listen::end(l);
        d.check();
        assert_eq!(runtime::usage(), before);
    }
}

#[test]
fn a_driver_call_that_does_not_come_back_keeps_its_device() {
    let _alone = alone();
    let d = Device::new("stuck0", NO_WAKE);
    let dev = d.register();
    thread::scope(|s| {
        let stuck = s.spawn(|| {
            // As a call does that stays inside for longer than unregister waits.
            let _guard = DEVICES.enter(dev).unwrap();
            thread::sleep(Duration::from_millis(150));
        });
        thread::sleep(Duration::from_millis(20));
        assert_eq!(device::unregister(dev, Deadline::after_ms(40)), Err(Error::TIMEOUT));
        stuck.join().unwrap();
    });
    assert_eq!(registry::route(None).err(), Some(Error::NET_DOWN));
    device::unregister(dev, Deadline::after_ms(1000)).unwrap();
    d.check();
}

#[test]
fn a_wildcard_listener_is_on_devices_that_come_later() {
    let _alone = alone();
    let before = runtime::usage();
    let first = Device::new("wild0", POLL);
    first.register();
    let l = listen::listen(None, b"tcp", b":0", 4).unwrap();
    let port = l.local_addr().unwrap().port;
    assert_ne!(port, 0);
    let second = Device::new("wild1", NOTIFY);
    let third = Device::new("wild2", SERIAL);
    thread::scope(|s| {
        // Blocked in the only device's accept when the others come.
        let l = &l;
        let acceptor = s.spawn(move || (0..3).map(|_| l.accept(soon()).unwrap()).collect::<Vec<_>>());
        thread::sleep(Duration::from_millis(30));
        let start = Instant::now();
        let mut clients = Vec::new();
        for d in [second, third] {
            d.register();
            clients.push(d.dial(port, soon()).unwrap());
        }
        first.unregister();
        clients.push(third.dial(port, soon()).unwrap());
        let accepted = acceptor.join().unwrap();
        assert!(start.elapsed() < Duration::from_millis(500), "{:?}", start.elapsed());
        clients.into_iter().chain(accepted).for_each(conn::end);
        // With every device gone it waits for the next one.
        second.unregister();
        third.unregister();
        let acceptor = s.spawn(move || l.accept(soon()).unwrap());
        thread::sleep(Duration::from_millis(30));
        let fourth = Device::new("wild3", NO_WAKE);
        fourth.register();
        conn::end(fourth.dial(port, soon()).unwrap());
        conn::end(acceptor.join().unwrap());
        listen::close(l.handle()).unwrap();
        fourth.unregister();
    });
    drop(l);
    assert_eq!(runtime::usage(), before);
}

#[test]
fn running_out_of_sockets_and_slots_is_told_and_passes() {
    let _alone = alone();
    let before = runtime::usage();
    let d = Device::new("few0", Can { max_sockets: 5, ..POLL });
    d.register();
    let (l, port) = d.listen();
    let one = d.dial(port, soon()).unwrap();
    let two = d.dial(port, soon()).unwrap(); // a listener and two pairs
    assert_eq!(d.dial(port, soon()).err(), Some(Error::NO_SOCKETS));
    conn::end(one);
    conn::end(l.accept(soon()).unwrap());
    conn::end(d.dial(port, soon()).unwrap());
    conn::end(two);
    listen::end(l);
    d.unregister();
    // Our own table.
    let d = Device::new("many0", POLL);
    d.register();
    let (l, port) = d.listen();
    let mut clients: Vec<_> = std::iter::from_fn(|| d.dial(port, soon()).ok()).collect();
    assert_eq!(clients.len(), 16);
    assert_eq!(d.dial(port, soon()).err(), Some(Error::NO_SLOT));
    assert_eq!(l.accept(soon()).err(), Some(Error::NO_SLOT));
    conn::end(clients.pop().unwrap());
    conn::end(l.accept(soon()).unwrap()); // the one that waited is still there
    clients.into_iter().for_each(conn::end);
    listen::end(l);
    d.unregister();
    assert_eq!(runtime::usage(), before);
}

#[test]
fn dial_tries_addresses_in_turn_and_can_be_canceled_and_timed_out() {
    let _alone = alone();
    let before = runtime::usage();
    for can in [POLL, NO_WAKE, SERIAL, STEP] {
        let d = Device::new("dial0", can);
        d.register();
        let (l, port) = d.listen();
        let to = |host: &str, limit: Limit<'_>| {
            dial(&Dialer::default(), b"tcp", format!("{host}:{port}").as_bytes(), limit)
        };
        assert_eq!(to("nobody", soon()).err(), Some(Error::NO_SUCH_HOST));
        assert_eq!(to("127.0.0.1:1", soon()).err(), Some(Error::TOO_MANY_COLONS));
        let start = Instant::now();
        // The first address gets its share of the time, the second answers.
        conn::end(to("dead.first", within(2600)).unwrap());
        assert!((1900..2600).contains(&(start.elapsed().as_millis() as u64)), "{can:?}");
        conn::end(l.accept(soon()).unwrap());
        let start = Instant::now();
        assert_eq!(to("10.0.0.9", within(70)).err(), Some(Error::TIMEOUT), "{can:?}");
        assert!(start.elapsed() < Duration::from_millis(150), "{can:?}");
        for host in ["10.0.0.9", "slow"] {
            if can.step && host == "slow" {
                continue; // its lookups never block
            }
            let start = Instant::now();
            assert_eq!(to(host, within(60)).err(), Some(Error::TIMEOUT), "{can:?} {host}");
            assert!(start.elapsed() < Duration::from_millis(150), "{can:?} {host}");
            let token = cancel::new().unwrap();
            thread::scope(|s| {
                let dialing = s.spawn(|| {
                    let guard = cancel::enter(token).unwrap();
                    let limit = Limit { deadline: Deadline::NONE, cancel: guard.as_deref() };
                    to(host, limit).err()
                });
                thread::sleep(Duration::from_millis(30));
                let start = Instant::now();
                cancel::cancel(token).unwrap();
                assert_eq!(dialing.join().unwrap(), Some(Error::CANCELED), "{can:?} {host}");
                assert!(start.elapsed() < Duration::from_millis(150), "{can:?} {host}");
            });
            cancel::close(token).unwrap();
        }
        listen::end(l);
        d.unregister();
        assert_eq!(runtime::usage(), before, "{can:?}");
    }
}
