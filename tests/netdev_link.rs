//! Links: connecting, losing, connecting again, and telling who wants to know. The times are those of
//! `src/netdev/link.rs`, whose tests have a clock of their own; here are tasks, drivers and callbacks.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)] // helpers of tests fail by panicking

mod common;

use std::ffi::c_void;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering::SeqCst};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use common::*;
use dunlin::error::Error;
use dunlin::handle::Handle;
use dunlin::net::dial::{dial, Dialer};
use dunlin::net::{conn, device, interface, Limit};
use dunlin::netdev::link::Phase;
use dunlin::netdev::link_ops::*;
use dunlin::netdev::link_table::{LinkTable, Subscriber};
use dunlin::netdev::registry::{self, DEVICES};
use dunlin::netdev::table::*;
use dunlin::netdev::{link_events, netlink};
use dunlin::runtime;
use dunlin::time::Deadline;

/// A radio: what its driver answers, and how often it was asked.
#[derive(Default)]
struct Radio {
    device: AtomicI32,
    answer: AtomicI32,
    connected: AtomicI32,
    check: AtomicI32,
    connects: AtomicU32,
    disconnects: AtomicU32,
    checks: AtomicU32,
    ssid: Mutex<Vec<u8>>,
}

fn radio(ctx: *mut c_void) -> &'static Radio {
    // SAFETY: the context is a radio, which lives for ever.
    unsafe { &*ctx.cast::<Radio>() }
}

unsafe extern "C" fn net_connect(
    ctx: *mut c_void,
    params: *const dunlin_connect_params,
    deadline: i64,
) -> i32 {
    let r = radio(ctx);
    r.connects.fetch_add(1, SeqCst);
    assert!(Deadline(deadline).remaining_ms().unwrap() <= 50, "a task has other things to do");
    // SAFETY: the parameters and their strings, by the contract.
    let ssid = unsafe { std::ffi::CStr::from_ptr((*params).ssid) };
    *r.ssid.lock().unwrap() = ssid.to_bytes().to_vec();
    r.answer.load(SeqCst)
}

unsafe extern "C" fn net_disconnect(ctx: *mut c_void) -> i32 {
    radio(ctx).disconnects.fetch_add(1, SeqCst);
    0
}

unsafe extern "C" fn net_notify(ctx: *mut c_void, device: i32) -> i32 {
    radio(ctx).device.store(device, SeqCst);
    radio(ctx).connected.load(SeqCst)
}

unsafe extern "C" fn hardware_addr(_ctx: *mut c_void, addr: *mut u8, capacity: u32) -> i32 {
    assert!(capacity >= 20);
    // SAFETY: room for `capacity` bytes.
    unsafe { addr.copy_from(b"\x02\0\0\x12\x34\x56".as_ptr(), 6) };
    6
}

unsafe extern "C" fn net_check(ctx: *mut c_void) -> i32 {
    radio(ctx).checks.fetch_add(1, SeqCst);
    radio(ctx).check.load(SeqCst)
}

/// The device's own addresses: its context is the test device's, so they are kept here.
static ADDRS: AtomicI32 = AtomicI32::new(1);

unsafe extern "C" fn addr(_ctx: *mut c_void, addrs: *mut dunlin_addr, capacity: u32) -> i32 {
    let n = ADDRS.load(SeqCst).min(capacity as i32);
    for i in 0..n as usize {
        let mut a = dunlin_addr { family: DUNLIN_AF_INET, ..dunlin_addr::NONE };
        a.ip[..4].copy_from_slice(&[10, 0, 0, 1 + i as u8]);
        // SAFETY: room for `capacity` addresses.
        unsafe { *addrs.add(i) = a };
    }
    n
}

fn ops(poll_ms: u32) -> &'static dunlin_netlink_ops {
    Box::leak(Box::new(dunlin_netlink_ops {
        size: size_of::<dunlin_netlink_ops>() as u32,
        poll_ms,
        net_connect: Some(net_connect),
        net_disconnect: Some(net_disconnect),
        net_notify: Some(net_notify),
        get_hardware_addr: Some(hardware_addr),
        net_check: if poll_ms > 0 { Some(net_check) } else { None },
        interface_at: None,
        interface_addrs: None,
    }))
}

struct Linked {
    device: &'static Device,
    handle: Handle,
    radio: &'static Radio,
}

fn linked(name: &str, can: Can, poll_ms: u32) -> Linked {
    ADDRS.store(1, SeqCst);
    let device = Device::new(name, can);
    let table = Box::leak(Box::new(dunlin_netdev_ops { addr: Some(addr), ..device.ops }));
    let handle = device.register_as(table, device.ctx());
    let radio: &'static Radio = Box::leak(Box::default());
    radio.check.store(1, SeqCst);
    let ctx = std::ptr::from_ref(radio).cast_mut().cast();
    // SAFETY: the table lives for ever.
    let table = unsafe { LinkTable::new(ops(poll_ms), ctx) }.unwrap();
    netlink::attach(&DEVICES.enter(handle).unwrap(), table).unwrap();
    assert_eq!(radio.device.load(SeqCst), handle.0);
    Linked { device, handle, radio }
}

impl Linked {
    fn phase(&self) -> Phase {
        netlink::status(&DEVICES.enter(self.handle).unwrap()).unwrap().phase
    }

    fn tell(&self, up: bool) {
        // As an interrupt would.
        netlink::notify(self.handle, up, true);
    }

    fn connect(&self, ms: i64) -> Result<(), Error> {
        netlink::connect(self.handle, &params(), Deadline::after_ms(ms))
    }
}

fn params() -> dunlin_connect_params {
    dunlin_connect_params {
        size: size_of::<dunlin_connect_params>() as u32,
        mode: DUNLIN_CONNECT_STATION,
        ssid: c"home".as_ptr(),
        passphrase: c"correct horse".as_ptr(),
        auth: DUNLIN_AUTH_WPA2,
        retries: 0,
        country: std::ptr::null(),
        hostname: std::ptr::null(),
        connect_timeout_ms: 0,
        watchdog_ms: 0,
        ip: std::ptr::null(),
        apn: std::ptr::null(),
        user: std::ptr::null(),
        pin: std::ptr::null(),
    }
}

/// What a subscriber was told.
#[derive(Default)]
struct Heard {
    events: Mutex<Vec<u32>>,
    /// What it does when it is told.
    sub: AtomicI32,
    inside: AtomicU32,
    slow_ms: AtomicU32,
    unsubscribes: AtomicU32,
}

unsafe extern "C" fn hear(ctx: *mut c_void, _device: i32, event: u32) {
    // SAFETY: the context lives for ever.
    let heard = unsafe { &*ctx.cast::<Heard>() };
    assert_eq!(heard.inside.fetch_add(1, SeqCst), 0, "never two at once");
    heard.events.lock().unwrap().push(event);
    thread::sleep(Duration::from_millis(heard.slow_ms.load(SeqCst).into()));
    if heard.unsubscribes.load(SeqCst) > 0 {
        link_events::unsubscribe(Handle(heard.sub.load(SeqCst)), Deadline::after_ms(2000)).unwrap();
    }
    heard.inside.fetch_sub(1, SeqCst);
}

fn subscribe() -> &'static Heard {
    let heard: &'static Heard = Box::leak(Box::default());
    let ctx = std::ptr::from_ref(heard).cast_mut().cast();
    let sub = link_events::subscribe(Subscriber::new(Some(hear), ctx).unwrap()).unwrap();
    heard.sub.store(sub.0, SeqCst);
    heard
}

impl Heard {
    fn take(&self) -> Vec<u32> {
        std::mem::take(&mut *self.events.lock().unwrap())
    }

    fn end(&self) {
        link_events::unsubscribe(Handle(self.sub.load(SeqCst)), Deadline::after_ms(2000)).unwrap();
    }
}

const UP: u32 = DUNLIN_NETLINK_UP;
const DOWN: u32 = DUNLIN_NETLINK_DOWN;

/// Background work for a moment.
fn run(ms: i64) {
    runtime::run(Deadline::after_ms(ms)).unwrap();
}

#[test]
fn a_device_is_up_when_it_is_connected_and_has_an_address() {
    let _alone = alone();
    for can in [POLL, SERIAL, STEP] {
        let before = runtime::usage();
        let l = linked("wlan0", can, 0);
        assert_eq!(registry::route(None).err(), Some(Error::NET_DOWN));
        assert_eq!(l.connect(2000), Ok(()), "{can:?}");
        assert_eq!(*l.radio.ssid.lock().unwrap(), b"home");
        assert_eq!(l.connect(2000), Err(Error::STATE));
        assert!(registry::route(None).is_ok());
        netlink::disconnect(l.handle, soon().deadline).unwrap();
        assert_eq!((l.phase(), l.radio.disconnects.load(SeqCst)), (Phase::Idle, 1));
        l.tell(true); // what it tells does not count
        run(20);
        assert_eq!(l.phase(), Phase::Idle);
        // Connected without an address is not up.
        ADDRS.store(0, SeqCst);
        assert_eq!(l.connect(100), Err(Error::TIMEOUT));
        assert_eq!(l.phase(), Phase::Addressing);
        assert_eq!(registry::route(None).err(), Some(Error::NET_DOWN));
        ADDRS.store(1, SeqCst);
        l.tell(true);
        run(50);
        assert_eq!(l.phase(), Phase::Up);
        l.device.unregister();
        assert_eq!(l.radio.disconnects.load(SeqCst), 2, "going away it is disconnected");
        assert_eq!(runtime::usage(), before);
    }
}

#[test]
fn an_attempt_may_be_pending_and_fail_and_be_given_up() {
    let _alone = alone();
    let l = linked("wlan0", POLL, 0);
    l.radio.answer.store(Error::PENDING.code(), SeqCst);
    thread::scope(|s| {
        let connecting = s.spawn(|| l.connect(5000));
        thread::sleep(Duration::from_millis(60));
        assert_eq!((l.phase(), l.radio.connects.load(SeqCst)), (Phase::Connecting, 1));
        l.tell(true);
        assert_eq!(connecting.join().unwrap(), Ok(()));
    });
    netlink::disconnect(l.handle, soon().deadline).unwrap();
    l.radio.answer.store(Error::PERMISSION.code(), SeqCst);
    let twice = dunlin_connect_params { retries: 2, ..params() };
    assert_eq!(netlink::connect(l.handle, &twice, soon().deadline), Err(Error::PERMISSION));
    let status = netlink::status(&DEVICES.enter(l.handle).unwrap()).unwrap();
    assert_eq!((status.phase, status.failures, status.kept), (Phase::Failed, 2, false));
    assert_eq!((l.radio.connects.load(SeqCst), l.radio.disconnects.load(SeqCst)), (3, 3));
    // An answer that cannot be is a failed attempt.
    l.radio.answer.store(7, SeqCst);
    let once = dunlin_connect_params { retries: 1, ..params() };
    assert_eq!(netlink::connect(l.handle, &once, soon().deadline), Err(Error::DRIVER_BAD_RESULT));
    // Another task disconnects what this one waits for.
    l.radio.answer.store(Error::TIMEOUT.code(), SeqCst);
    thread::scope(|s| {
        let connecting = s.spawn(|| l.connect(5000));
        thread::sleep(Duration::from_millis(60));
        netlink::disconnect(l.handle, soon().deadline).unwrap();
        assert_eq!(connecting.join().unwrap(), Err(Error::CANCELED));
    });
    l.device.unregister();
}

/// A fall told by an interrupt ends what is blocked; the loss is made good by whoever waits.
#[test]
fn a_lost_link_fails_its_connections_and_is_connected_again_by_tasks_that_wait() {
    let _alone = alone();
    for can in [POLL, NOTIFY, NO_WAKE, SERIAL, STEP] {
        let heard = subscribe();
        let l = linked("wlan0", can, 0);
        l.connect(2000).unwrap();
        let (a, b) = l.device.pair();
        thread::scope(|s| {
            let reader = s.spawn(|| b.read(&mut [0; 4], Limit::NONE));
            let background = s.spawn(|| run(1500));
            thread::sleep(Duration::from_millis(30));
            let start = Instant::now();
            l.tell(false);
            assert_eq!(reader.join().unwrap(), Err(Error::NET_DOWN), "{can:?}");
            assert!(start.elapsed() < Duration::from_millis(400), "{can:?}");
            background.join().unwrap();
        });
        assert_eq!((l.phase(), l.radio.connects.load(SeqCst)), (Phase::Up, 2), "{can:?}");
        assert_eq!(heard.take(), [UP, DOWN, UP], "{can:?}");
        assert_eq!(a.write_all(&[b"x"], soon()), Err(Error::NET_DOWN), "it stays dead");
        [a, b].into_iter().for_each(conn::end);
        let (a, b) = l.device.pair();
        [a, b].into_iter().for_each(conn::end);
        heard.end();
        l.device.unregister();
    }
}

#[test]
fn new_dials_take_another_device_and_come_back() {
    let _alone = alone();
    let first = linked("wlan0", POLL, 0);
    first.connect(2000).unwrap();
    let second = Device::new("eth0", POLL);
    second.register();
    let (l, port) = second.listen();
    let to = format!("127.0.0.1:{port}");
    let dials = || dial(&Dialer::default(), b"tcp", to.as_bytes(), soon()).map(conn::end);
    assert_eq!(dials(), Err(Error::CONN_REFUSED)); // by the first, where nobody listens
    first.tell(false);
    assert_eq!(dials(), Ok(()));
    first.tell(true);
    run(20);
    assert_eq!(dials(), Err(Error::CONN_REFUSED));
    dunlin::net::listen::end(l);
    first.device.unregister();
    second.unregister();
}

#[test]
fn the_watchdog_and_the_poll_find_what_is_not_told() {
    let _alone = alone();
    let l = linked("wlan0", POLL, 20);
    l.radio.check.store(0, SeqCst);
    run(100);
    assert!(l.radio.checks.load(SeqCst) >= 2);
    assert_eq!(l.phase(), Phase::Idle);
    l.radio.check.store(1, SeqCst);
    run(100);
    assert_eq!(l.phase(), Phase::Up);
    let (a, b) = l.device.pair();
    l.radio.check.store(0, SeqCst);
    run(100);
    assert_eq!(b.read(&mut [0; 4], soon()), Err(Error::NET_DOWN));
    [a, b].into_iter().for_each(conn::end);
    l.device.unregister();
    // Without the poll the watchdog looks; a fault is disconnected and connected again.
    let l = linked("wlan0", POLL, 0);
    let watched = dunlin_connect_params { watchdog_ms: 30, ..params() };
    netlink::connect(l.handle, &watched, soon().deadline).unwrap();
    ADDRS.store(0, SeqCst);
    run(200);
    assert_eq!(l.phase(), Phase::Addressing, "its address is gone");
    ADDRS.store(1, SeqCst);
    run(400);
    assert_eq!(l.phase(), Phase::Up);
    l.device.unregister();
}

#[test]
fn several_subscribers_hear_every_fall_in_order_and_storms_in_short() {
    let _alone = alone();
    let before = runtime::usage();
    let l = linked("wlan0", POLL, 0);
    let [one, two] = [subscribe(), subscribe()];
    assert_eq!(runtime::usage().subscriptions, before.subscriptions + 2);
    l.tell(true);
    run(20);
    for heard in [one, two] {
        assert_eq!(heard.take(), [UP]);
    }
    // Faster than anybody is told: it has fallen, and is up.
    for _ in 0..1000 {
        l.tell(false);
        l.tell(true);
    }
    run(50);
    for heard in [one, two] {
        assert_eq!(heard.take(), [DOWN, UP]);
    }
    // While others wait and deliver, from several tasks.
    thread::scope(|s| {
        for _ in 0..3 {
            s.spawn(|| run(300));
        }
        for i in 0..200 {
            l.tell(i % 2 == 1);
            thread::sleep(Duration::from_millis(1));
        }
    });
    for heard in [one, two] {
        let events = heard.take();
        assert!(events.len() >= 2, "{events:?}");
        assert!(
            events.iter().enumerate().all(|(i, e)| *e == if i % 2 == 0 { DOWN } else { UP }),
            "{events:?}"
        );
        assert_eq!(events.last(), Some(&UP));
    }
    one.end();
    l.tell(false);
    run(20);
    assert_eq!((one.take(), two.take()), (vec![], vec![DOWN]));
    two.end();
    assert_eq!(
        link_events::unsubscribe(Handle(two.sub.load(SeqCst)), soon().deadline),
        Err(Error::BAD_HANDLE)
    );
    l.device.unregister();
    assert_eq!(runtime::usage().subscriptions, before.subscriptions);
}

#[test]
fn a_subscription_ends_inside_its_callback_and_waits_for_one_from_outside() {
    let _alone = alone();
    let l = linked("wlan0", POLL, 0);
    let [one, two] = [subscribe(), subscribe()];
    one.unsubscribes.store(1, SeqCst);
    l.tell(true);
    run(20);
    l.tell(false);
    run(20);
    assert_eq!((one.take(), two.take()), (vec![UP], vec![UP, DOWN]));
    two.slow_ms.store(200, SeqCst);
    l.tell(true);
    thread::scope(|s| {
        s.spawn(|| run(50));
        while two.inside.load(SeqCst) == 0 {
            thread::yield_now();
        }
        let sub = Handle(two.sub.load(SeqCst));
        assert_eq!(link_events::unsubscribe(sub, Deadline::after_ms(20)), Err(Error::TIMEOUT));
        two.end();
        assert_eq!(two.inside.load(SeqCst), 0);
    });
    l.device.unregister();
    // All places taken.
    let all: Vec<_> = (0..4).map(|_| subscribe()).collect();
    let more = Subscriber::new(Some(hear), std::ptr::null_mut()).unwrap();
    assert_eq!(link_events::subscribe(more), Err(Error::NO_SLOT));
    all.into_iter().for_each(Heard::end);
}

#[test]
fn a_table_must_be_whole_and_is_attached_once() {
    let _alone = alone();
    let l = linked("wlan0", POLL, 0);
    let dev = DEVICES.enter(l.handle).unwrap();
    // SAFETY: tables that live long enough, with true sizes.
    unsafe {
        let again = LinkTable::new(ops(0), std::ptr::null_mut()).unwrap();
        assert_eq!(netlink::attach(&dev, again), Err(Error::EXISTS));
        let small = dunlin_netlink_ops { size: 8, ..*ops(0) };
        assert_eq!(LinkTable::new(&small, std::ptr::null_mut()).err(), Some(Error::VERSION));
        let mute = dunlin_netlink_ops { poll_ms: 10, ..*ops(0) };
        assert_eq!(LinkTable::new(&mute, std::ptr::null_mut()).err(), Some(Error::INVALID));
    }
    drop(dev);
    l.device.unregister();
    // The place's next device has none of it.
    let plain = Device::new("eth0", POLL);
    let handle = plain.register();
    assert_eq!(netlink::connect(handle, &params(), soon().deadline), Err(Error::NOT_SUPPORTED));
    assert_eq!(netlink::status(&DEVICES.enter(handle).unwrap()).unwrap().phase, Phase::Up);
    plain.unregister();
    assert_eq!(device::unregister(handle, Deadline::NOW), Err(Error::BAD_HANDLE));
}

#[test]
fn a_device_is_an_interface_and_its_name_a_zone() {
    let _alone = alone();
    let l = linked("wlan0", SERIAL, 0);
    let plain = Device::new("eth0", POLL);
    plain.register();
    let mut names = Vec::new();
    interface::each(&mut |i| {
        names.push(String::from_utf8_lossy(i.name()).into_owned());
        true
    })
    .unwrap();
    assert_eq!(names, ["wlan0", "eth0"]);
    let wlan = interface::by_name(b"wlan0").unwrap();
    assert_eq!(wlan.hardware_addr[..wlan.hardware_addr_len as usize], *b"\x02\0\0\x12\x34\x56");
    assert_eq!(wlan.flags & 33, 1, "up, and not running");
    l.tell(true);
    run(20);
    assert_eq!(interface::by_name(b"wlan0").unwrap().flags & 33, 33);
    let eth = interface::by_name(b"eth0").unwrap();
    assert_eq!((eth.hardware_addr_len, eth.device), (0, plain.handle().0));
    assert_ne!(eth.index, wlan.index);
    assert_eq!(interface::by_index(eth.index).unwrap().name(), b"eth0");
    assert_eq!(interface::by_name(b"eth").err(), Some(Error::NO_SUCH_INTERFACE));
    assert_eq!(interface::by_index(7).err(), Some(Error::NO_SUCH_INTERFACE));
    ADDRS.store(2, SeqCst);
    let mut addrs = [dunlin_interface_addr::NONE; 1];
    assert_eq!(interface::addrs(0, &mut addrs), Ok(2));
    assert_eq!((addrs[0].index, addrs[0].prefix_len, addrs[0].addr.ip[0]), (wlan.index, 32, 10));
    assert_eq!(interface::addrs(eth.index, &mut addrs), Ok(0));
    assert_eq!(interface::index_of(b"wlan0"), Some(wlan.index));
    l.device.unregister();
    plain.unregister();
}
