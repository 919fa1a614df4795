//! The functions of a faulty device's table: each asks what becomes of the call, and the wrapped
//! driver with the arguments it got. An adapter of C tables on both sides, hence `unsafe`.
#![allow(unsafe_code)]

use core::ffi::{c_char, c_void};

use crate::error::Error;
use crate::netdev::fault::*;
use crate::netdev::table::{
    dunlin_addr, dunlin_iovec, dunlin_netdev_ops, dunlin_netdev_poll, DUNLIN_SOCK_STREAM, DUNLIN_WAKE_LOOKUP,
    DUNLIN_WAKE_POLL,
};

/// Puts a function of this file in the place of each one that the driver has.
pub(super) fn wrap(ops: &mut dunlin_netdev_ops) {
    macro_rules! wrap {
        ($($name:ident)*) => { $(if ops.$name.is_some() { ops.$name = Some($name); })* };
    }
    wrap!(get_host_by_name addr socket bind connect listen accept send recv send_to recv_from close
        set_sock_opt shutdown poll wake step send_vec local_addr peer_addr get_sock_opt tls_provision);
}

/// The wrapped driver's function; there is one wherever one of this file was put.
macro_rules! ask {
    ($f:ident, $name:ident $(, $arg:expr)*) => {
        match $f.inner.$name {
            // SAFETY: the arguments are those of the caller, who calls by the same contract.
            Some(op) => unsafe { op($f.ctx $(, $arg)*) },
            None => Error::NOT_SUPPORTED.code(),
        }
    };
}

/// The functions of the table: what becomes of the call, and if the driver is asked, its answer.
macro_rules! op {
    ($name:ident($($arg:ident: $type:ty),*) = $call:expr, |$f:ident, $len:ident| $ask:expr) => {
        unsafe extern "C" fn $name(ctx: *mut c_void, $($arg: $type),*) -> i32 {
            // SAFETY: the context of this table is a `Faulty`.
            let $f = unsafe { Faulty::at(ctx) };
            match $f.fate($call) {
                Fate::Answer(code) => code,
                Fate::Ask($len) => $ask,
                Fate::Drop => Error::NOT_SUPPORTED.code(),
            }
        }
    };
}

op!(get_host_by_name(name: *const c_char, family: u32, addrs: *mut dunlin_addr, capacity: u32, deadline: i64)
    = waiting(DUNLIN_FAULT_OP_LOOKUP, DUNLIN_WAKE_LOOKUP, RX, capacity as usize, 0, deadline),
    |f, _len| ask!(f, get_host_by_name, name, family, addrs, capacity, deadline));
op!(addr(addrs: *mut dunlin_addr, capacity: u32) = call(DUNLIN_FAULT_OP_ADDR, -1),
    |f, _len| ask!(f, addr, addrs, capacity));
op!(socket(domain: u32, kind: u32, protocol: u32) = call(DUNLIN_FAULT_OP_SOCKET, -1),
    |f, _len| f.opened(ask!(f, socket, domain, kind, protocol), is_message(kind)));
op!(bind(sock: i32, addr: *const dunlin_addr) = call(DUNLIN_FAULT_OP_BIND, sock),
    |f, _len| ask!(f, bind, sock, addr));
op!(connect(sock: i32, host: *const c_char, addr: *const dunlin_addr, deadline: i64)
    = waiting(DUNLIN_FAULT_OP_CONNECT, sock, TX, 0, 0, deadline),
    |f, _len| ask!(f, connect, sock, host, addr, deadline));
op!(listen(sock: i32, backlog: u32) = call(DUNLIN_FAULT_OP_LISTEN, sock),
    |f, _len| ask!(f, listen, sock, backlog));
op!(accept(sock: i32, peer: *mut dunlin_addr, flags: u32, deadline: i64)
    = waiting(DUNLIN_FAULT_OP_ACCEPT, sock, RX, 0, flags, deadline),
    |f, _len| f.opened(ask!(f, accept, sock, peer, flags, deadline), false));
op!(set_sock_opt(sock: i32, level: u32, option: u32, value: *const c_void, len: usize)
    = call(DUNLIN_FAULT_OP_OPTION, sock),
    |f, _len| ask!(f, set_sock_opt, sock, level, option, value, len));
op!(get_sock_opt(sock: i32, level: u32, option: u32, value: *mut c_void, len: *mut usize)
    = call(DUNLIN_FAULT_OP_OPTION, sock),
    |f, _len| ask!(f, get_sock_opt, sock, level, option, value, len));
op!(shutdown(sock: i32, how: u32) = call(DUNLIN_FAULT_OP_SHUTDOWN, sock),
    |f, _len| ask!(f, shutdown, sock, how));
op!(poll(items: *mut dunlin_netdev_poll, count: u32, deadline: i64)
    = waiting(DUNLIN_FAULT_OP_POLL, DUNLIN_WAKE_POLL, RX, count as usize, 0, deadline),
    |f, _len| ask!(f, poll, items, count, deadline));
op!(local_addr(sock: i32, addr: *mut dunlin_addr) = call(DUNLIN_FAULT_OP_ADDR, sock),
    |f, _len| ask!(f, local_addr, sock, addr));
op!(peer_addr(sock: i32, addr: *mut dunlin_addr) = call(DUNLIN_FAULT_OP_ADDR, sock),
    |f, _len| ask!(f, peer_addr, sock, addr));

/// Keeps what a socket of this type carries apart.
fn is_message(kind: u32) -> bool {
    kind != DUNLIN_SOCK_STREAM
}

unsafe extern "C" fn send(
    ctx: *mut c_void,
    sock: i32,
    data: *const c_void,
    len: usize,
    flags: u32,
    deadline: i64,
) -> i32 {
    // SAFETY: the context of this table is a `Faulty`.
    let f = unsafe { Faulty::at(ctx) };
    match f.fate(sending(f, sock, len, flags, deadline)) {
        Fate::Answer(code) => code,
        Fate::Drop => sent(len),
        Fate::Ask(most) => ask!(f, send, sock, data, most, flags, deadline),
    }
}

unsafe extern "C" fn send_to(
    ctx: *mut c_void,
    sock: i32,
    data: *const c_void,
    len: usize,
    flags: u32,
    to: *const dunlin_addr,
    deadline: i64,
) -> i32 {
    // SAFETY: the context of this table is a `Faulty`.
    let f = unsafe { Faulty::at(ctx) };
    match f.fate(sending(f, sock, len, flags, deadline).of_message(0)) {
        Fate::Answer(code) => code,
        Fate::Drop => sent(len),
        Fate::Ask(_) => ask!(f, send_to, sock, data, len, flags, to, deadline),
    }
}

unsafe extern "C" fn send_vec(
    ctx: *mut c_void,
    sock: i32,
    vec: *const dunlin_iovec,
    count: u32,
    flags: u32,
    deadline: i64,
) -> i32 {
    // SAFETY: the context of this table is a `Faulty`.
    let f = unsafe { Faulty::at(ctx) };
    // SAFETY: `count` pieces, by the contract; the core never gives none.
    let total = (0..count as usize).map(|i| unsafe { (*vec.add(i)).len }).fold(0, usize::saturating_add);
    match f.fate(sending(f, sock, total, flags, deadline)) {
        Fate::Answer(code) => code,
        Fate::Drop => sent(total),
        Fate::Ask(most) if most < total && count > 0 => {
            // SAFETY: the first piece.
            let first = unsafe { *vec };
            ask!(f, send, sock, first.ptr, first.len.min(most), flags, deadline)
        }
        Fate::Ask(_) => ask!(f, send_vec, sock, vec, count, flags, deadline),
    }
}

fn sending(f: &Faulty, sock: i32, len: usize, flags: u32, deadline: i64) -> Call {
    let call = waiting(DUNLIN_FAULT_OP_SEND, sock, TX, len, flags, deadline);
    if f.is_datagram(sock) {
        call.of_message(0)
    } else {
        call
    }
}

/// All of it, as far as a result goes.
fn sent(len: usize) -> i32 {
    i32::try_from(len).unwrap_or(i32::MAX)
}

unsafe extern "C" fn recv(
    ctx: *mut c_void,
    sock: i32,
    buf: *mut c_void,
    len: usize,
    flags: u32,
    deadline: i64,
) -> i32 {
    // SAFETY: the context of this table is a `Faulty`.
    let f = unsafe { Faulty::at(ctx) };
    let call = waiting(DUNLIN_FAULT_OP_RECV, sock, RX, len, flags, deadline);
    if !f.is_datagram(sock) {
        return match f.fate(call) {
            Fate::Answer(code) => code,
            Fate::Ask(most) => ask!(f, recv, sock, buf, most, flags, deadline),
            Fate::Drop => Error::NOT_SUPPORTED.code(),
        };
    }
    message(f, call, flags, || ask!(f, recv, sock, buf, len, flags, deadline))
}

unsafe extern "C" fn recv_from(
    ctx: *mut c_void,
    sock: i32,
    buf: *mut c_void,
    len: usize,
    flags: u32,
    from: *mut dunlin_addr,
    deadline: i64,
) -> i32 {
    // SAFETY: the context of this table is a `Faulty`.
    let f = unsafe { Faulty::at(ctx) };
    let call = waiting(DUNLIN_FAULT_OP_RECV, sock, RX, len, flags, deadline);
    message(f, call, flags, || ask!(f, recv_from, sock, buf, len, flags, from, deadline))
}

/// A message that came, whole, cut or thrown away.
fn message(f: &Faulty, call: Call, flags: u32, mut ask: impl FnMut() -> i32) -> i32 {
    let call = call.of_message(flags);
    match f.fate(call) {
        Fate::Answer(code) => code,
        Fate::Ask(most) if most >= call.len => ask(),
        Fate::Ask(most) => match ask() {
            code if code == Error::MESSAGE_SIZE.code() => sent(most),
            n => n.min(sent(most)),
        },
        Fate::Drop => match ask() {
            n if n >= 0 || n == Error::MESSAGE_SIZE.code() => f.dropped(call.sock, call.waits),
            code => code,
        },
    }
}

unsafe extern "C" fn close(ctx: *mut c_void, sock: i32) -> i32 {
    // SAFETY: the context of this table is a `Faulty`.
    let f = unsafe { Faulty::at(ctx) };
    let fate = f.fate(call(DUNLIN_FAULT_OP_CLOSE, sock));
    f.closed(sock);
    // A close that fails has closed all the same.
    let closed = ask!(f, close, sock);
    match fate {
        Fate::Answer(code) => code,
        _ => closed,
    }
}

unsafe extern "C" fn wake(ctx: *mut c_void, sock: i32) -> i32 {
    // SAFETY: the context of this table is a `Faulty`.
    let f = unsafe { Faulty::at(ctx) };
    f.count_only(DUNLIN_FAULT_OP_WAKE);
    f.woken(sock);
    ask!(f, wake, sock)
}

unsafe extern "C" fn step(ctx: *mut c_void, deadline: i64) -> i32 {
    // SAFETY: the context of this table is a `Faulty`.
    let f = unsafe { Faulty::at(ctx) };
    f.count_only(DUNLIN_FAULT_OP_STEP);
    let next = ask!(f, step, deadline);
    match f.complete().map(|ms| i32::try_from(ms.max(1)).unwrap_or(i32::MAX)) {
        Some(ms) if next > 0 => next.min(ms),
        Some(ms) => ms,
        None => next,
    }
}

unsafe extern "C" fn tls_provision(
    ctx: *mut c_void,
    tag: u32,
    kind: u32,
    data: *const c_void,
    len: usize,
) -> i32 {
    // SAFETY: the context of this table is a `Faulty`.
    let f = unsafe { Faulty::at(ctx) };
    ask!(f, tls_provision, tag, kind, data, len)
}
