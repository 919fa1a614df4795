//! What a driver says is not believed beyond what it may say, and its table is checked.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)] // helpers of tests fail by panicking

mod common;

use std::ffi::c_void;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;

use common::*;
use dunlin::error::Error;
use dunlin::net::conn::{self, OpKind};
use dunlin::net::dial::{dial, Dialer};
use dunlin::net::{device, listen, Limit};
use dunlin::netdev::table::*;
use dunlin::runtime;

unsafe extern "C" fn lie_max(_: *mut c_void, _: i32, _: *mut c_void, len: usize, _: u32, _: i64) -> i32 {
    len as i32 + 1
}
unsafe extern "C" fn lie_min(_: *mut c_void, _: i32, _: *mut c_void, _: usize, _: u32, _: i64) -> i32 {
    i32::MIN
}
unsafe extern "C" fn lie_errno(_: *mut c_void, _: i32, _: *mut c_void, _: usize, _: u32, _: i64) -> i32 {
    -104
}
unsafe extern "C" fn own_code(_: *mut c_void, _: i32, _: *mut c_void, _: usize, _: u32, _: i64) -> i32 {
    -10007
}
unsafe extern "C" fn lie_none(_: *mut c_void, _: i32, _: *const c_void, _: usize, _: u32, _: i64) -> i32 {
    0
}
unsafe extern "C" fn same_socket(ctx: *mut c_void, a: u32, b: u32, c: u32) -> i32 {
    // SAFETY: the context is a device.
    let d = unsafe { &*ctx.cast::<Device>() };
    match d.open_sockets() {
        // SAFETY: by the same contract.
        0 => unsafe { d.ops.socket.unwrap()(ctx, a, b, c) },
        _ => 3,
    }
}

#[test]
fn impossible_answers_of_a_driver_are_caught_and_end_the_connection() {
    let _alone = alone();
    type Recv = unsafe extern "C" fn(*mut c_void, i32, *mut c_void, usize, u32, i64) -> i32;
    let lies: [(Recv, i32); 3] = [(lie_max, 5), (lie_min, i32::MIN), (lie_errno, -104)];
    for (lie, raw) in lies {
        let before = runtime::usage();
        let d = Device::new("lies0", POLL);
        let ops = Box::leak(Box::new(dunlin_netdev_ops { recv: Some(lie), ..d.ops }));
        d.register_as(ops, d.ctx());
        let (a, b) = d.pair();
        for limit in [soon(), Limit::NOW] {
            assert_eq!(a.read(&mut [0; 4], limit), Err(Error::DRIVER_BAD_RESULT));
        }
        assert_eq!(a.write_all(&[b"x"], soon()), Err(Error::DRIVER_BAD_RESULT), "not used again");
        assert_eq!((a.detail().code, a.detail().raw), (Error::DRIVER_BAD_RESULT.code(), raw));
        conn::end(a);
        conn::end(b);
        d.unregister();
        assert_eq!(runtime::usage(), before);
    }
    let d = Device::new("lies0", POLL);
    let ops = Box::leak(Box::new(dunlin_netdev_ops { send: Some(lie_none), recv: Some(own_code), ..d.ops }));
    d.register_as(ops, d.ctx());
    let (a, b) = d.pair();
    let own = a.read(&mut [0; 4], soon()).unwrap_err();
    assert_eq!((own.code(), own.text()), (-10007, "driver error"));
    assert_eq!(a.write_all(&[b"x"], soon()), Err(Error::DRIVER_BAD_RESULT));
    conn::end(a);
    conn::end(b);
    d.unregister();
    // A number that is in use already would be closed twice.
    let d = Device::new("lies0", POLL);
    let ops = Box::leak(Box::new(dunlin_netdev_ops { socket: Some(same_socket), ..d.ops }));
    d.register_as(ops, d.ctx());
    let (l, port) = d.listen();
    assert_eq!(d.dial(port, soon()).err(), Some(Error::DRIVER_BAD_RESULT));
    assert_eq!(d.open_sockets(), 1);
    listen::end(l);
    d.unregister();
}

#[test]
fn tables_are_checked_when_they_are_registered() {
    let _alone = alone();
    let d = Device::new("table0", POLL);
    let full = size_of::<dunlin_netdev_ops>() as u32;
    // SAFETY: each table lives long enough and is as long as it says.
    let new = |ops: &dunlin_netdev_ops| unsafe { Table::new(ops, std::ptr::null_mut()) }.map(|_| ());
    // SAFETY: NULL is refused.
    assert_eq!(unsafe { Table::new(std::ptr::null(), std::ptr::null_mut()) }.err(), Some(Error::INVALID));
    let least = std::mem::offset_of!(dunlin_netdev_ops, shutdown) as u32;
    for (size, want) in [
        (0, Err(Error::VERSION)),
        (8, Err(Error::VERSION)),
        (least - 1, Err(Error::VERSION)),
        (least, Ok(())),
        (full, Ok(())),
        (5000, Err(Error::VERSION)),
        (u32::MAX, Err(Error::VERSION)),
    ] {
        assert_eq!(new(&dunlin_netdev_ops { size, ..d.ops }), want, "{size}");
    }
    // A newer driver's entries may be there, but not set.
    #[repr(C)]
    struct Newer(dunlin_netdev_ops, [usize; 2]);
    for (tail, want) in [([0, 0], Ok(())), ([0, 1], Err(Error::VERSION))] {
        let newer = Newer(dunlin_netdev_ops { size: size_of::<Newer>() as u32, ..d.ops }, tail);
        // SAFETY: as long as it says.
        let got = unsafe { Table::new((&raw const newer).cast(), std::ptr::null_mut()) }.map(|_| ());
        assert_eq!(got, want);
    }
    for ops in [
        dunlin_netdev_ops { socket: None, ..d.ops },
        dunlin_netdev_ops { connect: None, ..d.ops },
        dunlin_netdev_ops { send: None, ..d.ops },
        dunlin_netdev_ops { recv: None, ..d.ops },
        dunlin_netdev_ops { close: None, ..d.ops },
    ] {
        assert_eq!(new(&ops), Err(Error::INVALID));
    }
    // What is optional is missing when it is asked for; for names there is DNS, if a server is known.
    let ops = Box::leak(Box::new(dunlin_netdev_ops {
        get_host_by_name: None,
        listen: None,
        shutdown: None,
        local_addr: None,
        ..d.ops
    }));
    d.register_as(ops, d.ctx());
    assert_eq!(dial(&Dialer::default(), b"tcp", b"one:80", soon()).err(), Some(Error::NO_NAME_SERVER));
    assert_eq!(listen::listen(None, b"tcp", b":80", 1).err(), Some(Error::NOT_SUPPORTED));
    d.unregister();
    for name in [b"".as_slice(), b"sixteen bytes...", b"nul\0"] {
        // SAFETY: the table lives for ever.
        let table = unsafe { Table::new(&d.ops, d.ctx()) }.unwrap();
        assert_eq!(device::register(name, table).err(), Some(Error::INVALID));
    }
    d.register();
    // SAFETY: as above.
    let again = unsafe { Table::new(&d.ops, d.ctx()) }.unwrap();
    assert_eq!(device::register(b"table0", again).err(), Some(Error::EXISTS));
    assert_eq!(d.seen.closes.load(SeqCst), 1); // the listener that could not listen
    d.unregister();
}

unsafe extern "C" fn no_accept(_: *mut c_void, _: i32, _: *mut dunlin_addr, _: u32, _: i64) -> i32 {
    -10008
}
unsafe extern "C" fn lie_accept(_: *mut c_void, _: i32, _: *mut dunlin_addr, _: u32, _: i64) -> i32 {
    -24
}
unsafe extern "C" fn no_listen(_: *mut c_void, _: i32, _: u32) -> i32 {
    -10009
}

fn told(l: &listen::Listener) -> (OpKind, i32, i32) {
    let detail = l.detail();
    (detail.op, detail.code, detail.raw)
}

/// Go: the `OpError` of `accept` and `listen`.
#[test]
fn a_listener_tells_what_failed_and_what_the_driver_said() {
    let _alone = alone();
    type Accept = unsafe extern "C" fn(*mut c_void, i32, *mut dunlin_addr, u32, i64) -> i32;
    let bad = Error::DRIVER_BAD_RESULT.code();
    for (accept, code, raw) in [(no_accept as Accept, -10008, -10008), (lie_accept, bad, -24)] {
        for can in [POLL, NEITHER, STEP] {
            let d = Device::new("listen0", can);
            let ops = Box::leak(Box::new(dunlin_netdev_ops { accept: Some(accept), ..d.ops }));
            d.register_as(ops, d.ctx());
            for limit in [soon(), Limit::NOW] {
                let (l, _) = d.listen();
                assert_eq!(told(&l), (OpKind::None, 0, 0));
                assert_eq!(l.accept(limit).err().map(Error::code), Some(code));
                assert_eq!(told(&l), (OpKind::Accept, code, raw), "{can:?}");
                listen::end(l);
            }
            // On all devices, which is another way through.
            let l = listen::listen(None, b"tcp", b":0", 1).unwrap();
            let second = Device::new("listen1", POLL);
            let deaf = Box::leak(Box::new(dunlin_netdev_ops { listen: Some(no_listen), ..second.ops }));
            second.register_as(deaf, second.ctx());
            assert_eq!(told(&l), (OpKind::Listen, -10009, -10009));
            assert_eq!(l.accept(soon()).err().map(Error::code), Some(code));
            assert_eq!(told(&l), (OpKind::Accept, code, raw), "{can:?}");
            listen::end(l);
            second.unregister();
            d.unregister();
        }
    }
    let d = Device::new("listen0", POLL);
    d.register();
    let (l, port) = d.listen();
    assert_eq!(l.accept(Limit::NOW).err(), Some(Error::WOULD_BLOCK));
    assert_eq!(told(&l), (OpKind::None, 0, 0), "a try that finds nobody is no error");
    assert_eq!(l.accept(within(20)).err(), Some(Error::TIMEOUT));
    let timeout = Error::TIMEOUT.code();
    assert_eq!(told(&l), (OpKind::Accept, timeout, timeout));
    let (a, b) = (d.dial(port, soon()).unwrap(), l.accept(soon()).unwrap());
    assert_eq!(told(&l), (OpKind::Accept, timeout, timeout), "it stays");
    conn::end(a);
    conn::end(b);
    listen::end(l);
    let (again, _) = d.listen();
    assert_eq!(told(&again), (OpKind::None, 0, 0), "nothing is left of the slot's last listener");
    listen::end(again);
    d.unregister();
}

/// A table that says both: calls come one after another, as one that blocks needs.
#[test]
fn a_device_that_blocks_and_is_for_all_at_once_is_called_in_turns() {
    let _alone = alone();
    for can in [SERIAL, Can { poll: true, ..SERIAL }] {
        let d = Device::new("both0", can);
        let caps = d.ops.caps | DUNLIN_CAP_CONCURRENT | DUNLIN_CAP_BLOCKING;
        let ops = Box::leak(Box::new(dunlin_netdev_ops { caps, ..d.ops }));
        d.register_as(ops, d.ctx());
        let pairs = [d.pair(), d.pair(), d.pair()];
        thread::scope(|s| {
            for (a, b) in &pairs {
                s.spawn(|| {
                    for _ in 0..5 {
                        a.write_all(&[b"1234"], soon()).unwrap();
                        assert_eq!(a.read(&mut [0; 4], soon()), Ok(4));
                    }
                });
                s.spawn(|| {
                    for _ in 0..5 {
                        assert_eq!(b.read(&mut [0; 4], soon()), Ok(4));
                        b.write_all(&[b"5678"], soon()).unwrap();
                    }
                });
            }
        });
        for (a, b) in pairs {
            conn::end(a);
            conn::end(b);
        }
        // Which also checks that no two calls were inside at once.
        d.unregister();
    }
}
