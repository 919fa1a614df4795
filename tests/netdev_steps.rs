//! The background work of devices with `step` is done by whoever waits, for whatever it waits.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)] // helpers of tests fail by panicking

mod common;

use std::ffi::c_void;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use common::*;
use dunlin::error::Error;
use dunlin::handle::Handle;
use dunlin::net::conn::{self, Conn};
use dunlin::net::dial::{dial, Dialer};
use dunlin::net::{cancel, listen, pipe, poll, Limit};
use dunlin::netdev::registry;
use dunlin::netdev::table::*;
use dunlin::runtime;
use dunlin::sync::park;

/// Waits until `so`, which must be soon.
fn soon_is(what: &str, so: impl Fn() -> bool) {
    let start = Instant::now();
    while !so() {
        assert!(start.elapsed() < Duration::from_secs(4), "{what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Tells of work as an interrupt does; somebody has to do it.
fn is_stepped(d: &Device, what: &str) {
    for _ in 0..3 {
        let before = d.seen.steps.load(SeqCst);
        registry::notify(d.handle(), -1, DUNLIN_WORK);
        soon_is(what, || d.seen.steps.load(SeqCst) > before);
    }
}

/// Waits until the library has that many tasks inside, all of them blocked.
fn inside(tasks: usize) {
    soon_is("the tasks do not block", || park::table().in_use() == tasks);
    thread::sleep(Duration::from_millis(20));
}

/// Asks for a token alone.
struct Token(Handle, u16);

impl poll::Item for Token {
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

#[test]
fn a_task_that_waits_for_anything_does_the_work() {
    let _alone = alone();
    let d = Device::new("work0", STEP);
    d.register();
    let (a, b) = pipe::new().unwrap();
    thread::scope(|s| {
        let reader = s.spawn(|| a.read(&mut [0; 4], soon()));
        inside(1);
        is_stepped(d, "a reader of a pipe");
        b.write_all(&[b"x"], soon()).unwrap();
        assert_eq!(reader.join().unwrap(), Ok(1));
        let writer = s.spawn(|| a.write_all(&[b"1234"], soon()));
        inside(1);
        is_stepped(d, "a writer of a pipe");
        assert_eq!(b.read(&mut [0; 4], soon()), Ok(4));
        assert_eq!(writer.join().unwrap(), Ok(()));
    });
    conn::end(a);
    conn::end(b);
    // On other devices, inside their drivers and in front of them.
    for can in [POLL, NOTIFY, NEITHER, NO_WAKE, SERIAL] {
        let other = Device::new("other0", can);
        other.register();
        let (a, b) = other.pair();
        let (l, _) = other.listen();
        thread::scope(|s| {
            let reader = s.spawn(|| a.read(&mut [0; 4], soon()));
            inside(1);
            is_stepped(d, &format!("{can:?} read"));
            b.write_all(&[b"x"], soon()).unwrap();
            assert_eq!(reader.join().unwrap(), Ok(1));
            let acceptor = s.spawn(|| l.accept(soon()).err());
            inside(1);
            is_stepped(d, &format!("{can:?} accept"));
            let handle = l.handle();
            let _ = listen::close(handle);
            assert_eq!(acceptor.join().unwrap(), Some(Error::CLOSED));
            let (end, ours) = (|token| cancel::cancel(token).unwrap(), a.handle());
            for host in [b"slow:1".as_slice(), b"10.0.0.9:1"] {
                let token = cancel::new().unwrap();
                let dialing = s.spawn(move || {
                    let guard = cancel::enter(token).unwrap();
                    let limit = Limit { cancel: guard.as_deref(), ..Limit::NONE };
                    let dialer = Dialer { device: Some(b"other0"), ..Dialer::default() };
                    dial(&dialer, b"tcp", host, limit).err()
                });
                inside(1);
                is_stepped(d, &format!("{can:?} {}", String::from_utf8_lossy(host)));
                end(token);
                assert_eq!(dialing.join().unwrap(), Some(Error::CANCELED));
                cancel::close(token).unwrap();
            }
            let token = cancel::new().unwrap();
            let polling = s.spawn(move || {
                let mut set = [Token(token, 0), Token(ours, 0)];
                poll::poll(&mut set, soon().deadline, poll::watch)
            });
            inside(1);
            is_stepped(d, &format!("{can:?} poll"));
            end(token);
            assert_eq!(polling.join().unwrap(), Ok(1));
            cancel::close(token).unwrap();
        });
        drop(l);
        conn::end(a);
        conn::end(b);
        other.unregister();
    }
    d.unregister();
}

/// Each of three tasks leaves in turn; the rest goes on with the work.
#[test]
fn who_leaves_hands_the_work_over() {
    let _alone = alone();
    let d = Device::new("work0", STEP);
    let before = runtime::usage();
    d.register();
    let other = Device::new("other0", POLL);
    other.register();
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let ends: [(Conn, Conn); 3] = [pipe::new().unwrap(), other.pair(), pipe::new().unwrap()];
        thread::scope(|s| {
            let mut readers: Vec<Option<ScopedJoinHandle<_>>> = Vec::new();
            for (i, (a, _)) in ends.iter().enumerate() {
                readers.push(Some(s.spawn(|| a.read(&mut [0; 4], soon()))));
                inside(i + 1);
            }
            for (left, i) in order.into_iter().enumerate() {
                is_stepped(d, &format!("{order:?} without the first {left}"));
                // In the same moment in which it leaves there is work.
                let done = d.seen.steps.load(SeqCst);
                ends[i].1.write_all(&[b"x"], soon()).unwrap();
                registry::notify(d.handle(), -1, DUNLIN_WORK);
                assert_eq!(readers[i].take().unwrap().join().unwrap(), Ok(1));
                if left < 2 {
                    soon_is("work told while a task left", || d.seen.steps.load(SeqCst) > done);
                }
            }
        });
        for (a, b) in ends {
            conn::end(a);
            conn::end(b);
        }
    }
    other.unregister();
    d.unregister();
    assert_eq!(runtime::usage(), before);
}

static TICKS: AtomicU32 = AtomicU32::new(0);

unsafe extern "C" fn every_ten_ms(_: *mut c_void, _deadline: i64) -> i32 {
    TICKS.fetch_add(1, SeqCst);
    10
}

/// A device that asks to be called again, as a stack with timers does, and that comes while tasks wait.
#[test]
fn work_that_is_due_later_is_done_in_time_by_who_is_left() {
    let _alone = alone();
    let d = Device::new("timer0", STEP);
    let ops = Box::leak(Box::new(dunlin_netdev_ops { step: Some(every_ten_ms), ..d.ops }));
    let (a, b) = pipe::new().unwrap();
    let (e, f) = pipe::new().unwrap();
    TICKS.store(0, SeqCst);
    thread::scope(|s| {
        let first = s.spawn(|| a.read(&mut [0; 4], Limit::NONE));
        inside(1);
        d.register_as(ops, d.ctx());
        soon_is("a device that came later", || TICKS.load(SeqCst) >= 5);
        let second = s.spawn(|| e.read(&mut [0; 4], Limit::NONE));
        inside(2);
        b.write_all(&[b"x"], soon()).unwrap();
        assert_eq!(first.join().unwrap(), Ok(1));
        let before = TICKS.load(SeqCst);
        soon_is("the second task alone", || TICKS.load(SeqCst) >= before + 5);
        f.write_all(&[b"x"], soon()).unwrap();
        assert_eq!(second.join().unwrap(), Ok(1));
    });
    // Nobody waits, nobody steps; and with time that goes by it is not called more often than it asked.
    let before = TICKS.load(SeqCst);
    let start = Instant::now();
    assert_eq!(a.read(&mut [0; 4], within(300)), Err(Error::TIMEOUT));
    let most = start.elapsed().as_millis() as u32 / 10 + 2;
    let ticks = TICKS.load(SeqCst) - before;
    assert!((5..=most).contains(&ticks), "{ticks} calls, at most {most}");
    for end in [a, b, e, f] {
        conn::end(end);
    }
    d.unregister();
}
