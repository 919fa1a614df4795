//! How the net floor waits over drivers of every kind: with poll, with notify, with neither, without
//! wake, with one line, with `step`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)] // helpers of tests fail by panicking

mod common;

use std::sync::atomic::Ordering::SeqCst;
use std::thread;
use std::time::{Duration, Instant};

use common::*;
use dunlin::error::Error;
use dunlin::handle::Handle;
use dunlin::net::conn::{self, Conn, CONNS};
use dunlin::net::dial::{dial, Dialer};
use dunlin::net::{cancel, listen, pipe, poll, Limit};
use dunlin::netdev::table::{DUNLIN_ERROR, DUNLIN_READABLE, DUNLIN_WRITABLE};
use dunlin::runtime;
use dunlin::time::Deadline;

const ALL: [Can; 6] = [POLL, NOTIFY, NEITHER, NO_WAKE, SERIAL, STEP];

struct Item(Handle, u16, u16);

impl poll::Item for Item {
    fn handle(&self) -> Handle {
        self.0
    }
    fn events(&self) -> u16 {
        self.1
    }
    fn set_revents(&mut self, revents: u16) {
        self.2 = revents;
    }
    fn revents(&self) -> u16 {
        self.2
    }
}

fn wait_for(items: &mut [Item], ms: i64) -> usize {
    poll::poll(items, Deadline::after_ms(ms), poll::watch).unwrap()
}

fn read_all(conn: &Conn, n: usize) -> Vec<u8> {
    let mut all = Vec::new();
    let mut buf = [0u8; 700];
    while all.len() < n {
        let got = conn.read(&mut buf, soon()).unwrap();
        all.extend_from_slice(&buf[..got]);
    }
    all
}

#[test]
fn echo_over_devices_of_every_kind() {
    let _alone = alone();
    for can in ALL {
        let before = runtime::usage();
        let d = Device::new("echo0", can);
        d.register();
        let (a, b) = d.pair();
        let data: Vec<u8> = (0..20_000u32).map(|i| (i * 7) as u8).collect();
        let sent = data.clone();
        let writer = thread::spawn(move || {
            a.write_all(&[&sent[..1], &[], &sent[1..9000], &sent[9000..]], soon()).unwrap();
            a.shutdown_write().unwrap();
            a
        });
        assert_eq!(read_all(&b, data.len()), data, "{can:?}");
        assert_eq!(b.read(&mut [0; 4], soon()), Err(Error::EOF));
        conn::end(b);
        conn::end(writer.join().unwrap());
        d.unregister();
        assert_eq!(runtime::usage(), before, "{can:?}");
    }
}

#[test]
fn deadlines_are_kept_and_close_and_cancel_end_reads_on_every_kind() {
    let _alone = alone();
    for can in ALL {
        let before = runtime::usage();
        let d = Device::new("wait0", can);
        d.register();
        let (a, b) = d.pair();
        let start = Instant::now();
        assert_eq!(b.read(&mut [0; 4], within(80)), Err(Error::TIMEOUT), "{can:?}");
        let took = start.elapsed();
        assert!(took >= Duration::from_millis(79) && took < Duration::from_millis(160), "{can:?} {took:?}");
        // A deadline that is moved while the read waits.
        let handle = b.handle();
        let reader = thread::spawn(move || (b.read(&mut [0; 4], soon()), b));
        thread::sleep(Duration::from_millis(30));
        let start = Instant::now();
        CONNS.enter(handle).unwrap().set_read_deadline(Deadline::after_ms(20));
        let (got, b) = reader.join().unwrap();
        assert_eq!(got, Err(Error::TIMEOUT), "{can:?}");
        assert!(start.elapsed() < Duration::from_millis(150), "{can:?}");
        b.set_read_deadline(Deadline::NONE);
        // Cancel, then close.
        let token = cancel::new().unwrap();
        let reader = thread::spawn(move || {
            let guard = cancel::enter(token).unwrap();
            (b.read(&mut [0; 4], Limit { deadline: Deadline::NONE, cancel: guard.as_deref() }), b)
        });
        thread::sleep(Duration::from_millis(30));
        let start = Instant::now();
        cancel::cancel(token).unwrap();
        let (got, b) = reader.join().unwrap();
        assert_eq!(got, Err(Error::CANCELED), "{can:?}");
        assert!(start.elapsed() < Duration::from_millis(150), "{can:?}");
        cancel::close(token).unwrap();
        let reader = thread::spawn(move || b.read(&mut [0; 4], Limit::NONE));
        thread::sleep(Duration::from_millis(30));
        let start = Instant::now();
        conn::close(handle).unwrap();
        assert!(start.elapsed() < Duration::from_millis(30), "{can:?}: close does not wait");
        assert_eq!(reader.join().unwrap(), Err(Error::CLOSED), "{can:?}");
        assert!(start.elapsed() < Duration::from_millis(150), "{can:?}");
        conn::end(a);
        d.unregister();
        assert_eq!(runtime::usage(), before, "{can:?}");
    }
}

#[test]
fn a_driver_without_wake_is_called_in_slices_one_with_it_for_the_whole_wait() {
    let _alone = alone();
    for (can, most) in [(NO_WAKE, 50), (SERIAL, 50), (POLL, i64::MAX)] {
        let d = Device::new("slice0", can);
        d.register();
        let (a, b) = d.pair();
        let _ = b.read(&mut [0; 4], within(120));
        let reader = thread::spawn(move || b.read(&mut [0; 4], Limit::NONE).map(|_| b));
        thread::sleep(Duration::from_millis(60));
        a.write_all(&[b"x"], soon()).unwrap();
        conn::end(reader.join().unwrap().unwrap());
        conn::end(a);
        let longest = d.seen.longest_ms.load(SeqCst);
        assert!(if most == 50 { longest <= 50 } else { longest == most }, "{can:?} {longest}");
        d.unregister();
    }
}

#[test]
fn poll_finds_readiness_on_every_kind_of_device() {
    let _alone = alone();
    for can in ALL {
        let before = runtime::usage();
        let d = Device::new("poll0", can);
        d.register();
        let (l, port) = d.listen();
        let (a, b) = d.pair();
        let mut set = [Item(b.handle(), DUNLIN_READABLE, 0), Item(l.handle(), DUNLIN_READABLE, 0)];
        let start = Instant::now();
        assert_eq!(wait_for(&mut set, 60), 0, "{can:?}");
        assert!(start.elapsed() >= Duration::from_millis(59), "{can:?}");
        let writer = thread::spawn(move || {
            thread::sleep(Duration::from_millis(20));
            a.write_all(&[b"ab"], soon()).unwrap();
            a
        });
        assert_eq!(wait_for(&mut set, 3000), 1, "{can:?}");
        assert_eq!((set[0].2, set[1].2), (DUNLIN_READABLE, 0), "{can:?}");
        // Readiness stays until it is used, also for a second look.
        assert_eq!(wait_for(&mut set, 3000), 1, "{can:?}");
        let mut buf = [0; 8];
        let mut n = 0;
        while n < 2 {
            n += b.read(&mut buf[n..], soon()).unwrap();
        }
        assert_eq!(&buf[..2], b"ab", "{can:?}: the byte read ahead comes first");
        assert_eq!(b.read(&mut buf, Limit::NOW), Err(Error::WOULD_BLOCK), "{can:?}");
        let a = writer.join().unwrap();
        let client = thread::spawn(move || d.dial(port, soon()).unwrap());
        assert_eq!(wait_for(&mut set, 3000), 1, "{can:?}");
        assert_eq!(set[1].2, DUNLIN_READABLE, "{can:?}");
        let server = l.accept(Limit::NOW).unwrap();
        conn::end(server);
        conn::end(client.join().unwrap());
        // The end of the stream is readable, and so is a reset, which is not taken for an end.
        conn::end(a);
        assert_eq!(wait_for(&mut set, 3000), 1, "{can:?}");
        assert_eq!(b.read(&mut buf, Limit::NOW), Err(Error::EOF), "{can:?}");
        let (c, e) = d.pair();
        let mut set = [Item(e.handle(), DUNLIN_READABLE, 0)];
        assert_eq!(wait_for(&mut set, 0), 0);
        d.reset_all();
        assert_eq!(wait_for(&mut set, 3000), 1, "{can:?}");
        for _ in 0..3 {
            assert_eq!(e.read(&mut buf, Limit::NOW), Err(Error::CONN_RESET), "{can:?}");
        }
        [b, c, e].into_iter().for_each(conn::end);
        listen::end(l);
        d.unregister();
        assert_eq!(runtime::usage(), before, "{can:?}");
    }
}

#[test]
fn one_set_mixes_devices_pipes_and_tokens() {
    let _alone = alone();
    let before = runtime::usage();
    let devices = [POLL, NOTIFY, NEITHER].map(|can| {
        let name = format!("mix{}", u8::from(can.poll) * 2 + u8::from(can.notify));
        let d = Device::new(&name, can);
        d.register();
        d
    });
    let pairs: Vec<_> = devices.iter().map(|d| d.pair()).collect();
    let (p, q) = pipe::new().unwrap();
    let token = cancel::new().unwrap();
    let mut set: Vec<Item> = pairs.iter().map(|(_, b)| Item(b.handle(), DUNLIN_READABLE, 0)).collect();
    set.push(Item(q.handle(), DUNLIN_READABLE, 0));
    set.push(Item(token, DUNLIN_READABLE, 0));
    assert_eq!(wait_for(&mut set, 40), 0);
    for round in 0..3 {
        for (i, (a, b)) in pairs.iter().enumerate() {
            let start = Instant::now();
            thread::scope(|s| {
                s.spawn(move || {
                    thread::sleep(Duration::from_millis(15));
                    a.write_all(&[b"m"], soon()).unwrap();
                });
                assert_eq!(wait_for(&mut set, 3000), 1, "{round} {i}");
            });
            assert!(start.elapsed() < Duration::from_millis(250), "{round} {i} {:?}", start.elapsed());
            assert_eq!(set[i].2, DUNLIN_READABLE);
            assert_eq!(b.read(&mut [0; 4], Limit::NOW), Ok(1));
        }
        let start = Instant::now();
        thread::scope(|s| {
            s.spawn(|| {
                thread::sleep(Duration::from_millis(15));
                p.write_all(&[b"m"], soon()).unwrap();
            });
            assert_eq!(wait_for(&mut set, 3000), 1);
            assert_eq!(set[3].2, DUNLIN_READABLE);
            assert_eq!(q.read(&mut [0; 4], Limit::NOW), Ok(1));
        });
        assert!(start.elapsed() < Duration::from_millis(250));
    }
    thread::scope(|s| {
        s.spawn(|| {
            thread::sleep(Duration::from_millis(15));
            cancel::cancel(token).unwrap();
        });
        assert_eq!(wait_for(&mut set, 3000), 1);
        assert_eq!(set[4].2, DUNLIN_READABLE);
    });
    cancel::close(token).unwrap();
    // Closing an object of the set ends the wait too.
    let handle = pairs[0].1.handle();
    set.truncate(4);
    thread::scope(|s| {
        s.spawn(move || {
            thread::sleep(Duration::from_millis(15));
            conn::close(handle).unwrap();
        });
        assert_eq!(wait_for(&mut set, 3000), 1);
        assert_eq!(set[0].2, DUNLIN_ERROR);
    });
    for (a, b) in pairs {
        conn::end(a);
        conn::end(b);
    }
    conn::end(p);
    conn::end(q);
    devices.iter().for_each(|d| d.unregister());
    assert_eq!(runtime::usage(), before);
}

/// A poller that finds a socket full must hear of the room that came before it went to sleep.
#[test]
fn a_full_socket_is_writable_again_when_notify_says_so() {
    let _alone = alone();
    for can in [NOTIFY, POLL, NEITHER] {
        let d = Device::new("full0", Can { room: 8, ..can });
        d.register();
        let (a, b) = d.pair();
        assert_eq!(a.write_some(&[&[1; 20]], Limit::NOW), Ok(8));
        assert_eq!(a.write_some(&[&[1; 20]], Limit::NOW), Err(Error::WOULD_BLOCK));
        assert_eq!(b.read(&mut [0; 20], Limit::NOW), Ok(8)); // notifies before the first look
        let mut set = [Item(a.handle(), DUNLIN_WRITABLE, 0)];
        let start = Instant::now();
        assert_eq!(wait_for(&mut set, 2000), 1, "{can:?}");
        assert!(start.elapsed() < Duration::from_millis(100), "{can:?}");
        conn::end(a);
        conn::end(b);
        d.unregister();
    }
}

#[test]
fn tasks_queue_for_a_serial_device_up_to_their_deadlines() {
    let _alone = alone();
    let before = runtime::usage();
    let d = Device::new("serial0", SERIAL);
    d.register();
    let pairs: Vec<_> = (0..3).map(|_| d.pair()).collect();
    let third = pairs[2].1.handle();
    let start = Instant::now();
    thread::scope(|s| {
        let patient = s.spawn(|| pairs[0].1.read(&mut [0; 4], soon()));
        let short = s.spawn(|| {
            let got = pairs[1].1.read(&mut [0; 4], within(120));
            (got, start.elapsed())
        });
        let closed = s.spawn(|| {
            let conn = CONNS.enter(third).unwrap();
            let got = conn.read(&mut [0; 4], Limit::NONE);
            (got, start.elapsed())
        });
        thread::sleep(Duration::from_millis(60));
        conn::close(third).unwrap();
        let (got, took) = closed.join().unwrap();
        assert_eq!(got, Err(Error::CLOSED));
        assert!(took < Duration::from_millis(230), "{took:?}");
        let (got, took) = short.join().unwrap();
        assert_eq!(got, Err(Error::TIMEOUT));
        assert!((119..230).contains(&(took.as_millis() as u64)), "{took:?}");
        pairs[0].0.write_all(&[b"go"], soon()).unwrap();
        assert_eq!(patient.join().unwrap(), Ok(2));
    });
    for (a, b) in pairs {
        conn::end(a);
        conn::end(b);
    }
    d.unregister();
    assert_eq!(runtime::usage(), before);
}

/// Sockets are given back also when every task that may wait does.
#[test]
fn a_close_goes_through_when_every_task_waits() {
    let _alone = alone();
    let d = Device::new("crowd0", SERIAL);
    d.register();
    let pairs: Vec<_> = (0..7).map(|_| d.pair()).collect();
    let (spare, other) = d.pair();
    thread::scope(|s| {
        let readers: Vec<_> = pairs
            .iter()
            .flat_map(|(a, b)| [a, b])
            .take(8)
            .map(|c| s.spawn(|| c.read(&mut [0; 4], within(600))))
            .collect();
        thread::sleep(Duration::from_millis(100));
        assert_eq!(other.read(&mut [0; 4], soon()), Err(Error::NO_SLOT));
        let closes = d.seen.closes.load(SeqCst);
        conn::end(spare);
        conn::end(other);
        assert_eq!(d.seen.closes.load(SeqCst), closes + 2);
        for r in readers {
            assert_eq!(r.join().unwrap(), Err(Error::TIMEOUT));
        }
    });
    for (a, b) in pairs {
        conn::end(a);
        conn::end(b);
    }
    d.unregister();
}

#[test]
fn pending_work_completes_through_step_and_a_notify_from_elsewhere() {
    let _alone = alone();
    let before = runtime::usage();
    let d = Device::new("step0", STEP);
    d.register();
    let (l, port) = d.listen();
    let dialer = Dialer { device: Some(b"step0"), ..Dialer::default() };
    let a = dial(&dialer, b"tcp", format!("one:{port}").as_bytes(), soon()).unwrap();
    let b = l.accept(soon()).unwrap();
    a.write_all(&[b"step by step"], soon()).unwrap();
    assert_eq!(read_all(&b, 12), b"step by step");
    assert!(d.seen.steps.load(SeqCst) >= 3);
    // Calls follow events; they do not spin: connect, lookup and send took a few each.
    for n in [&d.seen.connects, &d.seen.lookups, &d.seen.sends] {
        assert!((2..=6).contains(&n.load(SeqCst)), "{}", n.load(SeqCst));
    }
    assert_eq!(dial(&dialer, b"tcp", b"10.0.0.9:80", within(60)).err(), Some(Error::TIMEOUT));
    conn::end(a);
    conn::end(b);
    listen::end(l);
    d.unregister();
    assert_eq!(runtime::usage(), before);
}

/// Two tasks that poll the same listener and connection must not take two connections or bytes ahead.
#[test]
fn two_pollers_of_the_same_objects_lose_nothing() {
    let _alone = alone();
    let before = runtime::usage();
    let d = Device::new("two0", NEITHER);
    d.register();
    let (l, port) = d.listen();
    for round in 0..30u8 {
        let (a, b) = d.pair();
        let clients: Vec<_> = (0..2).map(|_| d.dial(port, soon()).unwrap()).collect();
        a.write_all(&[&[round, round + 1, round + 2]], soon()).unwrap();
        thread::scope(|s| {
            for _ in 0..2 {
                s.spawn(|| {
                    let mut set =
                        [Item(l.handle(), DUNLIN_READABLE, 0), Item(b.handle(), DUNLIN_READABLE, 0)];
                    assert!(wait_for(&mut set, 2000) > 0);
                });
            }
        });
        assert_eq!(read_all(&b, 3), [round, round + 1, round + 2]);
        for c in clients {
            conn::end(l.accept(soon()).unwrap());
            conn::end(c);
        }
        assert_eq!(l.accept(Limit::NOW).err(), Some(Error::WOULD_BLOCK));
        conn::end(a);
        conn::end(b);
    }
    listen::end(l);
    d.unregister();
    assert_eq!(runtime::usage(), before);
}
