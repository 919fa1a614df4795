//! 100,000 connections, a tenth of them over faults, and every counter where it was; and not one
//! allocation by the library on the way.
//!
//! Both sides run in one task over a device in memory that allocates nothing itself, so that each
//! allocation that is counted would be the library's.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)] // helpers of tests fail by panicking

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ffi::{c_char, c_void};
use std::mem::MaybeUninit;
use std::sync::Mutex;
use std::time::Instant;

use dunlin::error::Error;
use dunlin::ffi::netdev_fault::*;
use dunlin::net::conn::{self, Conn};
use dunlin::net::dial::{dial, Dialer};
use dunlin::net::listen::{self, listen, Listener};
use dunlin::net::{device, Limit};
use dunlin::netdev::fault::*;
use dunlin::netdev::table::*;
use dunlin::runtime;
use dunlin::time::Deadline;

thread_local! {
    static COUNTING: Cell<bool> = const { Cell::new(false) };
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: passes everything on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if COUNTING.get() {
            ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        }
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, p: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(p, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A device of 16 sockets with a buffer each; readiness is asked by `poll` or tried.
const SOCKS: usize = 16;
const ROOM: usize = 128;

#[derive(Clone, Copy)]
struct Sock {
    used: bool,
    listening: bool,
    waiting: i32,
    peer: i32,
    eof: bool,
    len: usize,
    buf: [u8; ROOM],
}

const FREE: Sock =
    Sock { used: false, listening: false, waiting: -1, peer: -1, eof: false, len: 0, buf: [0; ROOM] };

static NET: Mutex<[Sock; SOCKS]> = Mutex::new([FREE; SOCKS]);

fn with<R>(f: impl FnOnce(&mut [Sock; SOCKS]) -> R) -> R {
    f(&mut NET.lock().unwrap_or_else(|e| e.into_inner()))
}

fn take(net: &mut [Sock; SOCKS]) -> i32 {
    match net.iter().position(|s| !s.used) {
        Some(i) => {
            net[i] = Sock { used: true, ..FREE };
            i as i32
        }
        None => Error::NO_SOCKETS.code(),
    }
}

unsafe extern "C" fn socket(_: *mut c_void, _: u32, _: u32, _: u32) -> i32 {
    with(take)
}
unsafe extern "C" fn bind(_: *mut c_void, _: i32, _: *const dunlin_addr) -> i32 {
    0
}
unsafe extern "C" fn listen_(_: *mut c_void, sock: i32, _: u32) -> i32 {
    with(|net| net[sock as usize].listening = true);
    0
}
unsafe extern "C" fn connect(
    _: *mut c_void,
    sock: i32,
    _: *const c_char,
    _: *const dunlin_addr,
    _: i64,
) -> i32 {
    with(|net| {
        let Some(l) = net.iter().position(|s| s.listening && s.waiting < 0) else {
            return Error::CONN_REFUSED.code();
        };
        let other = take(net);
        if other >= 0 {
            net[l].waiting = other;
            net[other as usize].peer = sock;
            net[sock as usize].peer = other;
        }
        other.min(0)
    })
}
unsafe extern "C" fn accept(_: *mut c_void, sock: i32, _: *mut dunlin_addr, _: u32, _: i64) -> i32 {
    with(|net| match std::mem::replace(&mut net[sock as usize].waiting, -1) {
        -1 => Error::WOULD_BLOCK.code(),
        other => other,
    })
}
unsafe extern "C" fn send(_: *mut c_void, sock: i32, data: *const c_void, len: usize, _: u32, _: i64) -> i32 {
    with(|net| {
        let peer = net[sock as usize].peer;
        if peer < 0 {
            return Error::BROKEN_PIPE.code();
        }
        let to = &mut net[peer as usize];
        let n = len.min(ROOM - to.len);
        // SAFETY: `len` bytes, by the contract.
        let data = unsafe { std::slice::from_raw_parts(data.cast::<u8>(), n) };
        to.buf[to.len..to.len + n].copy_from_slice(data);
        to.len += n;
        if n > 0 {
            n as i32
        } else {
            Error::WOULD_BLOCK.code()
        }
    })
}
unsafe extern "C" fn recv(_: *mut c_void, sock: i32, buf: *mut c_void, len: usize, _: u32, _: i64) -> i32 {
    with(|net| {
        let s = &mut net[sock as usize];
        let n = len.min(s.len);
        if n == 0 {
            return if s.eof { 0 } else { Error::WOULD_BLOCK.code() };
        }
        // SAFETY: room for `len` bytes, by the contract.
        unsafe { std::slice::from_raw_parts_mut(buf.cast::<u8>(), n) }.copy_from_slice(&s.buf[..n]);
        s.buf.copy_within(n..s.len, 0);
        s.len -= n;
        n as i32
    })
}
unsafe extern "C" fn close(_: *mut c_void, sock: i32) -> i32 {
    with(|net| {
        let s = std::mem::replace(&mut net[sock as usize], FREE);
        assert!(s.used, "closed twice");
        for end in [s.peer, if s.waiting >= 0 { net[s.waiting as usize].peer } else { -1 }] {
            if end >= 0 {
                (net[end as usize].eof, net[end as usize].peer) = (true, -1);
            }
        }
        if s.waiting >= 0 {
            net[s.waiting as usize] = FREE;
        }
    });
    0
}

static OPS: dunlin_netdev_ops = dunlin_netdev_ops {
    size: size_of::<dunlin_netdev_ops>() as u32,
    caps: DUNLIN_CAP_CONCURRENT,
    max_sockets: SOCKS as u32,
    reserved: 0,
    get_host_by_name: None,
    addr: None,
    socket: Some(socket),
    bind: Some(bind),
    connect: Some(connect),
    listen: Some(listen_),
    accept: Some(accept),
    send: Some(send),
    recv: Some(recv),
    send_to: None,
    recv_from: None,
    close: Some(close),
    set_sock_opt: None,
    shutdown: None,
    poll: None,
    wake: None,
    step: None,
    send_vec: None,
    local_addr: None,
    peer_addr: None,
    get_sock_opt: None,
    tls_provision: None,
};

const REQUEST: &[u8] = b"GET / HTTP/1.0\r\n\r\n";
const ANSWER: &[u8] = b"HTTP/1.0 200 OK\r\n\r\nHello, World!";

/// Writes all, in tries that do not wait: the other side is run by the same task.
fn put(conn: &Conn, mut data: &[u8]) -> Result<(), Error> {
    for _ in 0..400 {
        match conn.write_some(&[data], Limit::NOW) {
            Ok(n) => data = &data[n..],
            Err(Error::WOULD_BLOCK) => {}
            Err(e) => return Err(e),
        }
        if data.is_empty() {
            return Ok(());
        }
    }
    Err(Error::TIMEOUT)
}

fn get(conn: &Conn, want: &[u8]) -> Result<(), Error> {
    let mut buf = [0u8; 64];
    let mut n = 0;
    for _ in 0..400 {
        match conn.read(&mut buf[n..want.len()], Limit::NOW) {
            Ok(more) => n += more,
            Err(Error::WOULD_BLOCK) => {}
            Err(e) => return Err(e),
        }
        if n == want.len() {
            // Whatever was injected: what arrives is what was sent.
            assert_eq!(&buf[..n], want);
            return Ok(());
        }
    }
    Err(Error::TIMEOUT)
}

fn cycle(l: &Listener) -> Result<(), Error> {
    let done = exchange(l);
    // One that was not accepted, because of a fault, goes before the next one comes.
    while done.is_err() {
        match l.accept(Limit::NOW) {
            Ok(left) => conn::end(left),
            Err(Error::WOULD_BLOCK) if with(|net| net.iter().all(|s| s.waiting < 0)) => break,
            Err(_) => {}
        }
    }
    done
}

fn exchange(l: &Listener) -> Result<(), Error> {
    let client = dial(&Dialer::default(), b"tcp", b"10.0.0.1:80", Limit::until(Deadline::after_ms(500)))?;
    let mut server = Err(Error::WOULD_BLOCK);
    for _ in 0..3 {
        server = l.accept(Limit::NOW);
        if server.as_ref().err() != Some(&Error::WOULD_BLOCK) {
            break;
        }
    }
    let done = server.and_then(|server| {
        let done = put(&client, REQUEST)
            .and_then(|()| get(&server, REQUEST))
            .and_then(|()| put(&server, ANSWER))
            .and_then(|()| get(&client, ANSWER));
        conn::end(server);
        done
    });
    conn::end(client);
    done
}

#[test]
fn a_hundred_thousand_connections_leave_every_counter_at_its_start_and_allocate_nothing() {
    let _ = dunlin_host::posix_ops();
    runtime::init(Box::leak(vec![0u8; 4096].into_boxed_slice())).unwrap();
    let mut fault = Box::new(MaybeUninit::<dunlin_netdev_fault>::uninit());
    // About one cycle in ten meets a fault: some twelve calls each.
    let mut rates = [0u16; DUNLIN_FAULT_KINDS];
    for (kind, rate) in [
        (DUNLIN_FAULT_SHORT, 500),
        (DUNLIN_FAULT_WOULD_BLOCK, 250),
        (DUNLIN_FAULT_LENGTH, 120),
        (DUNLIN_FAULT_CODE, 120),
        (DUNLIN_FAULT_RESET, 150),
        (DUNLIN_FAULT_NO_SOCKETS, 400),
    ] {
        rates[kind as usize] = rate;
    }
    let config = dunlin_netdev_fault_config {
        size: size_of::<dunlin_netdev_fault_config>() as u32,
        seed: 20261122,
        ops: &OPS,
        ctx: std::ptr::null_mut(),
        script: std::ptr::null(),
        script_len: 0,
        rates,
    };
    // SAFETY: storage that stays, a whole config, a table that the storage keeps.
    let table = unsafe {
        assert_eq!(dunlin_netdev_fault_init(fault.as_mut_ptr(), &config), 0);
        Table::new(dunlin_netdev_fault_ops(fault.as_ptr()), fault.as_mut_ptr().cast()).unwrap()
    };
    let start = runtime::usage();
    let dev = device::register(b"soak0", table).unwrap().handle();
    let l = loop {
        if let Ok(l) = listen(None, b"tcp", b"0.0.0.0:80", 4) {
            break l;
        }
    };
    let before = runtime::usage();
    let began = Instant::now();
    let (mut failed, mut done) = (0u32, 0u32);
    COUNTING.set(true);
    for _ in 0..100_000 {
        match cycle(&l) {
            Ok(()) => done += 1,
            Err(e) => {
                assert_ne!(e, Error::EOF, "a lost connection is no end of the stream");
                failed += 1;
            }
        }
        if runtime::usage() != before {
            break;
        }
    }
    COUNTING.set(false);
    let mut stats = dunlin_netdev_fault_stats {
        size: size_of::<dunlin_netdev_fault_stats>() as u32,
        open_sockets: 0,
        calls: [0; DUNLIN_FAULT_OPS],
        injected: [0; DUNLIN_FAULT_KINDS],
    };
    // SAFETY: made above.
    assert_eq!(unsafe { dunlin_netdev_fault_get_stats(fault.as_ptr(), &mut stats) }, 0);
    let injected: u32 = stats.injected.iter().sum();
    println!("{done} served, {failed} failed, {injected} faults, {:?}", began.elapsed());
    assert_eq!(runtime::usage(), before);
    assert_eq!(done + failed, 100_000);
    assert!((10_000..20_000).contains(&injected), "{injected}");
    assert!(failed > 1_000 && done > 85_000, "{failed} failed");
    assert_eq!(ALLOCATIONS.get(), 0, "the library allocated");
    assert_eq!(stats.open_sockets, 1, "the listener's");
    listen::end(l);
    device::unregister(dev, Deadline::after_ms(1000)).unwrap();
    assert_eq!(runtime::usage(), start);
    assert!(with(|net| net.iter().all(|s| !s.used)));
    // SAFETY: unregistered.
    unsafe { dunlin_netdev_fault_free(fault.as_mut_ptr()) };
    runtime::deinit(Deadline::after_ms(1000)).unwrap();
}
