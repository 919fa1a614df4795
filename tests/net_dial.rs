//! Dialing a name of both families: which address is tried when, who wins, what is reported, and that no
//! socket stays behind. The device's hosts behave by the last byte of their address.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)] // helpers of tests fail by panicking

mod common;

use std::collections::HashMap;
use std::ffi::{c_char, c_void};
use std::sync::atomic::{AtomicI32, Ordering::SeqCst};
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use common::{alone, within};
use dunlin::error::Error;
use dunlin::handle::Handle;
use dunlin::net::dial::{dial, dial_telling, Dialer};
use dunlin::net::{cancel, conn, device, Limit};
use dunlin::netdev::registry::{self, DEVICES};
use dunlin::netdev::table::*;
use dunlin::runtime;
use dunlin::time::Deadline;

/// Answers at once, refuses at once, answers after 150 ms, never answers, and one whose connect the network
/// gives up after 150 ms.
const GOOD: u8 = 1;
const REFUSES: u8 = 2;
const SLOW: u8 = 3;
const SILENT: u8 = 4;
const DIES: u8 = 5;

#[derive(Default)]
struct Net {
    next: i32,
    /// Open sockets, and since when which host is dialed.
    open: HashMap<i32, Option<(Instant, u8)>>,
    /// Every connect that was begun: family and host.
    begun: Vec<(u16, u8, Instant)>,
    woken: bool,
    /// Sockets whose connect the device with `step` has brought to its end.
    stepped: Vec<i32>,
}

struct Device {
    addrs: Vec<(u16, u8)>,
    handle: AtomicI32,
    /// Its word for "not yet".
    not_yet: Error,
    /// Works in `step`, and tells by notify.
    steps: bool,
    tells: bool,
    net: Mutex<Net>,
    changed: Condvar,
}

unsafe fn of(ctx: *mut c_void) -> &'static Device {
    // SAFETY: the context is a device, which lives for ever.
    unsafe { &*ctx.cast::<Device>() }
}

unsafe extern "C" fn names(
    ctx: *mut c_void,
    _: *const c_char,
    _: u32,
    addrs: *mut dunlin_addr,
    capacity: u32,
    _: i64,
) -> i32 {
    // SAFETY: by the contract.
    let (d, addrs) = unsafe { (of(ctx), std::slice::from_raw_parts_mut(addrs, capacity as usize)) };
    for (to, (family, host)) in addrs.iter_mut().zip(&d.addrs) {
        *to = dunlin_addr { family: *family, ..dunlin_addr::NONE };
        to.ip[if *family == DUNLIN_AF_INET { 3 } else { 15 }] = *host;
        to.ip[0] = 10;
    }
    d.addrs.len() as i32
}

unsafe extern "C" fn socket(ctx: *mut c_void, _: u32, _: u32, _: u32) -> i32 {
    // SAFETY: by the contract.
    let mut net = unsafe { of(ctx) }.net.lock().unwrap();
    net.next += 1;
    let sock = net.next;
    net.open.insert(sock, None);
    sock
}

fn outcome(since: Instant, host: u8) -> Option<i32> {
    match host {
        GOOD => Some(0),
        REFUSES => Some(Error::CONN_REFUSED.code()),
        SLOW if since.elapsed() >= Duration::from_millis(150) => Some(0),
        DIES if since.elapsed() >= Duration::from_millis(150) => Some(Error::TIMEOUT.code()),
        _ => None,
    }
}

unsafe extern "C" fn connect(
    ctx: *mut c_void,
    sock: i32,
    _: *const c_char,
    addr: *const dunlin_addr,
    deadline: i64,
) -> i32 {
    // SAFETY: by the contract.
    let (d, addr) = unsafe { (of(ctx), *addr) };
    let host = if addr.family == DUNLIN_AF_INET { addr.ip[3] } else { addr.ip[15] };
    let since = {
        let mut net = d.net.lock().unwrap();
        match net.open[&sock] {
            Some((since, _)) => since,
            None => {
                let now = Instant::now();
                net.open.insert(sock, Some((now, host)));
                net.begun.push((addr.family, host, now));
                if d.tells && host == SLOW {
                    thread::spawn(move || {
                        thread::sleep(Duration::from_millis(160));
                        let handle = Handle(d.handle.load(SeqCst));
                        registry::notify(handle, sock, DUNLIN_WRITABLE);
                    });
                }
                now
            }
        }
    };
    loop {
        let ended = !d.steps || d.net.lock().unwrap().stepped.contains(&sock);
        if let Some(done) = outcome(since, host).filter(|_| ended) {
            // Asked once more it begins once more.
            d.net.lock().unwrap().open.insert(sock, None);
            return done;
        }
        if Deadline(deadline).is_past() {
            return if deadline < 0 { d.not_yet } else { Error::TIMEOUT }.code();
        }
        thread::sleep(Duration::from_millis(2));
    }
}

unsafe extern "C" fn send(_: *mut c_void, _: i32, _: *const c_void, _: usize, _: u32, _: i64) -> i32 {
    Error::WOULD_BLOCK.code()
}

unsafe extern "C" fn recv(_: *mut c_void, _: i32, _: *mut c_void, _: usize, _: u32, _: i64) -> i32 {
    Error::WOULD_BLOCK.code()
}

unsafe extern "C" fn close(ctx: *mut c_void, sock: i32) -> i32 {
    // SAFETY: by the contract.
    let known = unsafe { of(ctx) }.net.lock().unwrap().open.remove(&sock);
    assert!(known.is_some(), "closed twice");
    0
}

unsafe extern "C" fn poll(
    ctx: *mut c_void,
    items: *mut dunlin_netdev_poll,
    count: u32,
    deadline: i64,
) -> i32 {
    // SAFETY: by the contract.
    let (d, items) = unsafe { (of(ctx), std::slice::from_raw_parts_mut(items, count as usize)) };
    let mut net = d.net.lock().unwrap();
    loop {
        let mut ready = 0;
        for item in items.iter_mut() {
            let Some(Some((since, host))) = net.open.get(&item.sock) else { continue };
            item.revents = if outcome(*since, *host).is_some() { DUNLIN_WRITABLE } else { 0 };
            ready += i32::from(item.revents != 0);
        }
        if ready > 0 || Deadline(deadline).is_past() {
            return ready;
        }
        if std::mem::take(&mut net.woken) {
            return Error::INTERRUPTED.code();
        }
        net = d.changed.wait_timeout(net, Duration::from_millis(2)).unwrap().0;
    }
}

unsafe extern "C" fn step(ctx: *mut c_void, _: i64) -> i32 {
    // SAFETY: by the contract.
    let mut net = unsafe { of(ctx) }.net.lock().unwrap();
    let ended = |(_, o): &(&i32, &Option<(Instant, u8)>)| {
        o.is_some_and(|(since, host)| outcome(since, host).is_some())
    };
    net.stepped = net.open.iter().filter(ended).map(|(sock, _)| *sock).collect();
    10
}

unsafe extern "C" fn wake(ctx: *mut c_void, sock: i32) -> i32 {
    // SAFETY: by the contract.
    let d = unsafe { of(ctx) };
    d.net.lock().unwrap().woken |= sock == DUNLIN_WAKE_POLL;
    d.changed.notify_all();
    0
}

const OPS: dunlin_netdev_ops = dunlin_netdev_ops {
    size: size_of::<dunlin_netdev_ops>() as u32,
    caps: DUNLIN_CAP_IPV6 | DUNLIN_CAP_CONCURRENT,
    max_sockets: 0,
    reserved: 0,
    get_host_by_name: Some(names),
    addr: None,
    socket: Some(socket),
    bind: None,
    connect: Some(connect),
    listen: None,
    accept: None,
    send: Some(send),
    recv: Some(recv),
    send_to: None,
    recv_from: None,
    close: Some(close),
    set_sock_opt: None,
    shutdown: None,
    poll: Some(poll),
    wake: Some(wake),
    step: None,
    send_vec: None,
    local_addr: None,
    peer_addr: None,
    get_sock_opt: None,
    tls_provision: None,
};
static RACING: dunlin_netdev_ops = OPS;
static TELLING: dunlin_netdev_ops = dunlin_netdev_ops {
    caps: DUNLIN_CAP_IPV6 | DUNLIN_CAP_CONCURRENT | DUNLIN_CAP_NOTIFY,
    poll: None,
    ..OPS
};
static STEPPING: dunlin_netdev_ops = dunlin_netdev_ops { poll: None, wake: None, step: Some(step), ..OPS };
/// Its connect blocks: the addresses go one after another.
static BLOCKING: dunlin_netdev_ops = dunlin_netdev_ops { caps: DUNLIN_CAP_IPV6 | DUNLIN_CAP_BLOCKING, ..OPS };

/// Dials `addrs` on a device of its own; afterwards everything is back.
fn with(ops: &'static dunlin_netdev_ops, addrs: &[(u16, u8)], check: impl FnOnce(&'static Device)) {
    let not_yet = if ops.step.is_some() { Error::PENDING } else { Error::WOULD_BLOCK };
    with_word(ops, not_yet, addrs, check);
}

/// As [`with`], of a device that has its own word for a connect in progress.
fn with_word(
    ops: &'static dunlin_netdev_ops,
    not_yet: Error,
    addrs: &[(u16, u8)],
    check: impl FnOnce(&'static Device),
) {
    let _alone = alone();
    let before = runtime::usage();
    let d: &'static Device = Box::leak(Box::new(Device {
        addrs: addrs.to_vec(),
        handle: AtomicI32::new(0),
        not_yet,
        steps: ops.step.is_some(),
        tells: ops.caps & DUNLIN_CAP_NOTIFY != 0,
        net: Mutex::default(),
        changed: Condvar::new(),
    }));
    // SAFETY: table and context live for ever.
    let table = unsafe { Table::new(ops, (d as *const Device).cast_mut().cast()) }.unwrap();
    let handle = device::register(b"race0", table).unwrap().handle();
    d.handle.store(handle.0, SeqCst);
    check(d);
    assert!(d.net.lock().unwrap().open.is_empty(), "sockets left");
    device::unregister(handle, Deadline::after_ms(2000)).unwrap();
    assert_eq!(runtime::usage(), before);
}

impl Device {
    /// What was begun, in order.
    fn begun(&self) -> Vec<(u16, u8)> {
        self.net.lock().unwrap().begun.iter().map(|(family, host, _)| (*family, *host)).collect()
    }

    /// Between the first two connects.
    fn gap(&self) -> Duration {
        let net = self.net.lock().unwrap();
        net.begun[1].2 - net.begun[0].2
    }
}

const V4: u16 = DUNLIN_AF_INET;
const V6: u16 = DUNLIN_AF_INET6;

fn go(dialer: &Dialer<'_>, network: &[u8], limit: Limit<'_>) -> Result<(), Error> {
    dial(dialer, network, b"both:80", limit).map(conn::end)
}

#[test]
fn the_first_family_alone_when_it_answers() {
    with(&RACING, &[(V6, GOOD), (V4, GOOD)], |d| {
        assert_eq!(go(&Dialer::default(), b"tcp", within(5000)), Ok(()));
        assert_eq!(d.begun(), [(V6, GOOD)]);
    });
    // A slow one too, as long as it comes before the fallback.
    with(&RACING, &[(V4, SLOW), (V6, GOOD)], |d| {
        let dialer = Dialer { fallback_ms: 5000, ..Dialer::default() };
        assert_eq!(go(&dialer, b"tcp", within(20_000)), Ok(()));
        assert_eq!(d.begun(), [(V4, SLOW)]);
    });
}

#[test]
fn the_other_family_begins_after_300_ms() {
    with(&RACING, &[(V6, SILENT), (V4, GOOD)], |d| {
        assert_eq!(go(&Dialer::default(), b"tcp", within(20_000)), Ok(()));
        assert_eq!(d.begun(), [(V6, SILENT), (V4, GOOD)]);
        assert!(d.gap() >= Duration::from_millis(299), "{:?}", d.gap());
        assert!(d.gap() < Duration::from_millis(1800), "{:?}", d.gap()); // not the share of 2 s
    });
    with(&RACING, &[(V6, SILENT), (V4, SLOW)], |d| {
        let dialer = Dialer { fallback_ms: 20, ..Dialer::default() };
        assert_eq!(go(&dialer, b"tcp", within(20_000)), Ok(()));
        assert!(d.gap() >= Duration::from_millis(19) && d.gap() < Duration::from_millis(1800));
    });
}

#[test]
fn a_refusal_lets_the_other_family_begin_at_once() {
    with(&RACING, &[(V6, REFUSES), (V4, REFUSES), (V6, REFUSES), (V4, GOOD)], |d| {
        let dialer = Dialer { fallback_ms: 20_000, ..Dialer::default() };
        assert_eq!(go(&dialer, b"tcp", within(20_000)), Ok(()));
        assert_eq!(d.begun(), [(V6, REFUSES), (V6, REFUSES), (V4, REFUSES), (V4, GOOD)]);
        assert!(d.gap() < Duration::from_secs(5));
    });
}

#[test]
fn the_leading_family_s_first_error_is_reported() {
    with(&RACING, &[(V4, REFUSES), (V6, SILENT)], |d| {
        let start = Instant::now();
        let failed = dial_telling(&Dialer::default(), b"tcp", b"both:80", within(400)).err().unwrap();
        assert_eq!(failed.fault.error, Error::CONN_REFUSED);
        assert_eq!((failed.addr.family, failed.addr.ip[3], failed.addr.port), (V4, REFUSES, 80));
        assert!(start.elapsed() < Duration::from_secs(5));
        assert_eq!(d.begun(), [(V4, REFUSES), (V6, SILENT)]);
    });
    with(&RACING, &[(V6, SILENT), (V4, REFUSES)], |_| {
        assert_eq!(go(&Dialer::default(), b"tcp", within(600)), Err(Error::TIMEOUT));
    });
}

#[test]
fn without_a_race_the_addresses_go_in_their_order() {
    let mixed = [(V6, REFUSES), (V4, REFUSES), (V6, REFUSES), (V4, GOOD)];
    with(&BLOCKING, &mixed, |d| {
        assert_eq!(go(&Dialer::default(), b"tcp", within(20_000)), Ok(()));
        assert_eq!(d.begun(), mixed);
    });
    with(&RACING, &mixed, |d| {
        let dialer = Dialer { fallback_ms: -1, ..Dialer::default() };
        assert_eq!(go(&dialer, b"tcp", within(20_000)), Ok(()));
        assert_eq!(d.begun(), mixed);
    });
    // One family asked for: the other is left out.
    with(&RACING, &mixed, |d| {
        assert_eq!(go(&Dialer::default(), b"tcp4", within(20_000)), Ok(()));
        assert_eq!(d.begun(), [(V4, REFUSES), (V4, GOOD)]);
    });
}

#[test]
fn each_address_has_its_share_of_the_time() {
    with(&BLOCKING, &[(V4, SILENT), (V4, SILENT), (V4, GOOD)], |d| {
        assert_eq!(go(&Dialer::default(), b"tcp", within(6600)), Ok(()));
        // A third, but at least 2 s.
        assert!(d.gap() >= Duration::from_millis(2100) && d.gap() < Duration::from_millis(4500));
    });
}

#[test]
fn it_ends_in_every_phase_by_cancel_and_by_link_down() {
    for (addrs, wait_ms) in [
        ([(V6, SILENT), (V4, SILENT)], 60),  // the first family alone
        ([(V6, SILENT), (V4, SILENT)], 500), // both
        ([(V6, REFUSES), (V4, SILENT)], 60), // the second alone
    ] {
        for by_cancel in [true, false] {
            with(&RACING, &addrs, |d| {
                let token = cancel::new().unwrap();
                thread::scope(|s| {
                    let dialing = s.spawn(|| {
                        let token = cancel::enter(token).unwrap();
                        let limit = Limit { deadline: Deadline::after_ms(20_000), cancel: token.as_deref() };
                        go(&Dialer::default(), b"tcp", limit)
                    });
                    thread::sleep(Duration::from_millis(wait_ms));
                    let start = Instant::now();
                    if by_cancel {
                        cancel::cancel(token).unwrap();
                    } else {
                        DEVICES.each(|dev| dev.set_link(false));
                    }
                    let ended = dialing.join().unwrap();
                    assert!(start.elapsed() < Duration::from_secs(3));
                    let want = match addrs[0].1 {
                        REFUSES => Error::CONN_REFUSED,
                        _ if by_cancel => Error::CANCELED,
                        _ => Error::NET_DOWN,
                    };
                    assert_eq!(ended, Err(want), "{addrs:?} {wait_ms} {by_cancel}");
                });
                assert!(!d.begun().is_empty());
                cancel::close(token).unwrap();
            });
        }
    }
}

#[test]
fn it_races_over_devices_that_tell_or_step_only() {
    for ops in [&TELLING, &STEPPING] {
        with(ops, &[(V6, SILENT), (V4, SLOW)], |d| {
            let dialer = Dialer { fallback_ms: 30, ..Dialer::default() };
            assert_eq!(go(&dialer, b"tcp", within(20_000)), Ok(()));
            assert_eq!(d.begun(), [(V6, SILENT), (V4, SLOW)]);
            // The library's clock counts whole milliseconds.
            let gap = d.gap();
            assert!(gap >= Duration::from_millis(29) && gap < Duration::from_millis(1800), "{gap:?}");
        });
        with(ops, &[(V6, SLOW), (V4, SILENT)], |d| {
            let dialer = Dialer { fallback_ms: 30, ..Dialer::default() };
            assert_eq!(go(&dialer, b"tcp", within(20_000)), Ok(()));
            assert_eq!(d.begun(), [(V6, SLOW), (V4, SILENT)]);
        });
        with(ops, &[(V6, REFUSES), (V4, GOOD)], |d| {
            let dialer = Dialer { fallback_ms: 20_000, ..Dialer::default() };
            assert_eq!(go(&dialer, b"tcp", within(20_000)), Ok(()));
            assert_eq!(d.begun(), [(V6, REFUSES), (V4, GOOD)]);
        });
        with(ops, &[(V6, SILENT), (V4, SILENT)], |_| {
            assert_eq!(go(&Dialer::default(), b"tcp", within(450)), Err(Error::TIMEOUT));
        });
    }
}

/// A driver may say "timed out" of a connect that it may not wait for; when it has told of the socket, the
/// network gave up.
#[test]
fn a_time_out_is_the_driver_s_word_or_the_network_s() {
    for word in [Error::TIMEOUT, Error::INTERRUPTED] {
        with_word(&RACING, word, &[(V6, SLOW), (V4, SILENT)], |d| {
            let dialer = Dialer { fallback_ms: 5000, ..Dialer::default() };
            assert_eq!(go(&dialer, b"tcp", within(20_000)), Ok(()));
            assert_eq!(d.begun(), [(V6, SLOW)], "{word:?}");
        });
    }
    for word in [Error::TIMEOUT, Error::WOULD_BLOCK] {
        with_word(&RACING, word, &[(V6, DIES), (V6, DIES), (V4, DIES)], |d| {
            let start = Instant::now();
            let dialer = Dialer { fallback_ms: 10_000, ..Dialer::default() };
            assert_eq!(go(&dialer, b"tcp", within(60_000)), Err(Error::TIMEOUT));
            assert_eq!(d.begun(), [(V6, DIES), (V6, DIES), (V4, DIES)], "{word:?}: none twice");
            assert!(start.elapsed() < Duration::from_secs(8));
        });
    }
    with(&BLOCKING, &[(V4, DIES), (V4, GOOD)], |d| {
        assert_eq!(go(&Dialer::default(), b"tcp", within(60_000)), Ok(()));
        assert_eq!(d.begun(), [(V4, DIES), (V4, GOOD)]);
    });
}
