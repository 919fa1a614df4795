//! Pipes as Go's `net.Pipe`, and what all connections share: deadlines, closing, waking, cancel.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // helpers of tests fail by panicking

use dunlin_host as _;

use std::sync::Once;
use std::thread;
use std::time::{Duration, Instant};

use dunlin::error::Error;
use dunlin::net::{cancel, conn, pipe, poll, Limit};
use dunlin::netdev::table::{DUNLIN_ERROR, DUNLIN_READABLE, DUNLIN_WRITABLE};
use dunlin::runtime;
use dunlin::time::Deadline;

fn up() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| runtime::init(Box::leak(vec![0u8; 65536].into_boxed_slice())).unwrap());
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

#[test]
fn one_write_feeds_many_reads_and_ends_with_eof() {
    let _alone = alone();
    let before = runtime::usage();
    let (a, b) = pipe::new().unwrap();
    let writer = thread::spawn(move || {
        a.write_all(&[b"hello, ", b"pipe"], soon()).unwrap();
        conn::end(a);
    });
    let mut all = Vec::new();
    let mut buf = [0u8; 3];
    loop {
        match b.read(&mut buf, soon()) {
            Ok(n) => all.extend_from_slice(&buf[..n]),
            Err(e) => {
                assert_eq!(e, Error::EOF);
                break;
            }
        }
    }
    writer.join().unwrap();
    assert_eq!(all, b"hello, pipe");
    assert_eq!(b.write_all(&[b"x"], soon()), Err(Error::CLOSED_PIPE));
    conn::end(b);
    assert_eq!(runtime::usage(), before);
}

#[test]
fn a_deadline_wakes_a_blocked_read_and_loses_nothing() {
    let _alone = alone();
    let (a, b) = pipe::new().unwrap();
    let handle = b.handle();
    let reader = thread::spawn(move || {
        let mut buf = [0u8; 8];
        let first = b.read(&mut buf, soon());
        b.set_read_deadline(Deadline::NONE);
        let second = b.read(&mut buf, soon()).map(|n| buf[..n].to_vec());
        conn::end(b);
        (first, second)
    });
    thread::sleep(Duration::from_millis(30));
    conn::CONNS.enter(handle).unwrap().set_read_deadline(Deadline::after_ms(1));
    thread::sleep(Duration::from_millis(30));
    a.write_all(&[b"kept"], soon()).unwrap();
    let (first, second) = reader.join().unwrap();
    assert_eq!(first, Err(Error::TIMEOUT));
    assert_eq!(second.unwrap(), b"kept");
    conn::end(a);
}

#[test]
fn close_from_another_task_ends_a_blocked_call_at_once() {
    let _alone = alone();
    let before = runtime::usage();
    let (a, b) = pipe::new().unwrap();
    let handle = a.handle();
    let writer = thread::spawn(move || {
        let n = a.write_all(&[b"nobody reads"], soon());
        drop(a);
        n
    });
    thread::sleep(Duration::from_millis(20));
    let start = Instant::now();
    conn::close(handle).unwrap();
    assert_eq!(writer.join().unwrap(), Err(Error::CLOSED_PIPE));
    assert!(start.elapsed() < Duration::from_secs(1));
    assert_eq!(conn::close(handle), Err(Error::BAD_HANDLE));
    assert_eq!(b.read(&mut [0; 4], soon()), Err(Error::EOF));
    conn::end(b);
    assert_eq!(runtime::usage(), before);
}

#[test]
fn cancel_ends_whatever_waits_under_the_token() {
    let _alone = alone();
    let token = cancel::new().unwrap();
    let (a, b) = pipe::new().unwrap();
    let reader = thread::spawn(move || {
        let guard = cancel::enter(token).unwrap();
        let got = b.read(&mut [0; 4], Limit { deadline: Deadline::NONE, cancel: guard.as_deref() });
        conn::end(b);
        got
    });
    thread::sleep(Duration::from_millis(20));
    cancel::cancel(token).unwrap();
    assert_eq!(reader.join().unwrap(), Err(Error::CANCELED));
    cancel::close(token).unwrap();
    conn::end(a);
}

#[test]
fn a_second_reader_is_busy_and_a_try_does_not_wait() {
    let _alone = alone();
    let (a, b) = pipe::new().unwrap();
    assert_eq!(b.read(&mut [0; 4], Limit::NOW), Err(Error::WOULD_BLOCK));
    assert_eq!(b.write_some(&[b"x"], Limit::NOW), Err(Error::WOULD_BLOCK));
    let again = conn::CONNS.enter(b.handle()).unwrap();
    let reader = thread::spawn(move || {
        let got = b.read(&mut [0; 4], soon());
        conn::end(b);
        got
    });
    thread::sleep(Duration::from_millis(20));
    assert_eq!(again.read(&mut [0; 4], soon()), Err(Error::BUSY));
    assert_eq!(a.write_some(&[b"four"], Limit::NOW), Ok(4));
    assert_eq!(reader.join().unwrap(), Ok(4));
    drop(again);
    conn::end(a);
}

struct Item(dunlin::handle::Handle, u16, u16);

impl poll::Item for Item {
    fn handle(&self) -> dunlin::handle::Handle {
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

#[test]
fn poll_waits_for_any_of_several_and_tells_of_stale_ones() {
    let _alone = alone();
    let (a, b) = pipe::new().unwrap();
    let token = cancel::new().unwrap();
    let mut set = [Item(b.handle(), DUNLIN_READABLE | DUNLIN_WRITABLE, 0), Item(token, DUNLIN_READABLE, 0)];
    let start = Instant::now();
    assert_eq!(poll::poll(&mut set, Deadline::after_ms(30), poll::watch), Ok(0));
    assert!(start.elapsed() >= Duration::from_millis(29));
    let writer = thread::spawn(move || {
        thread::sleep(Duration::from_millis(20));
        a.write_all(&[b"wake"], soon()).unwrap();
        conn::end(a);
    });
    assert_eq!(poll::poll(&mut set, Deadline::after_ms(5000), poll::watch), Ok(1));
    assert_eq!(set[0].2, DUNLIN_READABLE);
    assert_eq!(b.read(&mut [0; 8], Limit::NOW), Ok(4));
    writer.join().unwrap();
    cancel::cancel(token).unwrap();
    cancel::close(token).unwrap();
    assert_eq!(poll::poll(&mut set, Deadline::after_ms(5000), poll::watch), Ok(2));
    assert_eq!(set[1].2, DUNLIN_ERROR);
    conn::end(b);
}
