//! The table of the device in memory: what the library calls.

use std::ffi::{c_char, CStr};

use super::*;
use crate::names;

/// A stream's peer looks at what it has got.
fn serve(s: &mut Sock, answers: &mut Vec<u8>, data: &[u8]) {
    match s.remote {
        7 => s.rx.extend(data),
        53 => {
            s.sent.extend(data);
            while let Some((len, rest)) = s.sent.split_first_chunk::<2>() {
                let len = usize::from(u16::from_be_bytes(*len));
                if rest.len() < len {
                    break;
                }
                let reply = names::reply(&rest[..len], usize::MAX);
                s.rx.extend((reply.len() as u16).to_be_bytes());
                s.rx.extend(reply);
                s.sent.drain(..2 + len);
            }
        }
        80 => {
            s.sent.extend(data);
            while let Some(end) = s.sent.windows(4).position(|w| w == b"\r\n\r\n") {
                s.sent.drain(..end + 4);
                s.rx.extend(PAGE);
            }
        }
        // A visitor.
        _ => answers.extend(data),
    }
}

pub(super) unsafe extern "C" fn get_host_by_name(
    ctx: *mut c_void,
    name: *const c_char,
    _family: u32,
    addrs: *mut dunlin_addr,
    capacity: u32,
    _deadline: i64,
) -> i32 {
    let d = at(ctx);
    if d.flavour == Flavour::Step {
        let mut net = d.net();
        if !net.lookup.1 {
            net.lookup.0 = true;
            drop(net);
            registry::notify(registry_handle(d), -1, DUNLIN_WORK);
            return Error::PENDING.code();
        }
        net.lookup = (false, false);
    }
    // SAFETY: a string and room for the addresses, by the contract.
    let (name, addrs) =
        unsafe { (CStr::from_ptr(name), std::slice::from_raw_parts_mut(addrs, capacity as usize)) };
    if name.to_bytes() != b"peer.test" {
        return Error::NO_SUCH_HOST.code();
    }
    match addrs.first_mut() {
        Some(a) => *a = peer(0),
        None => return Error::INVALID.code(),
    }
    1
}

pub(super) unsafe extern "C" fn addr(_ctx: *mut c_void, addrs: *mut dunlin_addr, capacity: u32) -> i32 {
    if capacity == 0 {
        return 0;
    }
    let mut own = dunlin_addr { family: DUNLIN_AF_INET, ..dunlin_addr::NONE };
    own.ip[..4].copy_from_slice(&OWN);
    // SAFETY: room for one at least.
    unsafe { *addrs = own };
    1
}

pub(super) unsafe extern "C" fn socket(ctx: *mut c_void, _domain: u32, kind: u32, _protocol: u32) -> i32 {
    let mut net = at(ctx).net();
    let n = net.next;
    net.next += 1;
    net.socks.insert(n, Sock { stream: kind == DUNLIN_SOCK_STREAM, ..Sock::default() });
    n
}

pub(super) unsafe extern "C" fn bind(ctx: *mut c_void, sock: i32, addr: *const dunlin_addr) -> i32 {
    let mut net = at(ctx).net();
    net.next_port += 1;
    let free = net.next_port;
    // SAFETY: an address, by the contract.
    let port = unsafe { (*addr).port };
    let Some(s) = net.socks.get_mut(&sock) else { return Error::INVALID.code() };
    s.local = if port == 0 { free } else { port };
    0
}

pub(super) unsafe extern "C" fn connect(
    ctx: *mut c_void,
    sock: i32,
    _host: *const c_char,
    addr: *const dunlin_addr,
    _deadline: i64,
) -> i32 {
    let d = at(ctx);
    // SAFETY: an address, by the contract.
    let port = unsafe { (*addr).port };
    if !d.stepped(sock) {
        return Error::PENDING.code();
    }
    let mut net = d.net();
    let Some(s) = net.socks.get_mut(&sock) else { return Error::INVALID.code() };
    if s.stream && !matches!(port, 7 | 53 | 80) {
        return Error::CONN_REFUSED.code();
    }
    s.remote = port;
    0
}

pub(super) unsafe extern "C" fn listen(ctx: *mut c_void, sock: i32, _backlog: u32) -> i32 {
    let d = at(ctx);
    match d.net().socks.get_mut(&sock) {
        Some(s) => s.listening = true,
        None => return Error::INVALID.code(),
    }
    d.tell(sock);
    0
}

pub(super) unsafe extern "C" fn accept(
    ctx: *mut c_void,
    sock: i32,
    addr: *mut dunlin_addr,
    flags: u32,
    deadline: i64,
) -> i32 {
    at(ctx).block(sock, 0, flags, deadline, |net| {
        if !net.socks.get(&sock).is_some_and(|s| s.listening) {
            return Some(Error::INVALID.code());
        }
        let bytes = net.visitors.pop_front()?;
        let n = net.next;
        net.next += 1;
        let visitor = Sock { stream: true, remote: 50000, rx: bytes.into(), ..Sock::default() };
        net.socks.insert(n, visitor);
        // SAFETY: an address, by the contract.
        unsafe { *addr = peer(50000) };
        Some(n)
    })
}

pub(super) unsafe extern "C" fn send(
    ctx: *mut c_void,
    sock: i32,
    data: *const c_void,
    len: usize,
    flags: u32,
    deadline: i64,
) -> i32 {
    let d = at(ctx);
    // SAFETY: `len` bytes, by the contract.
    let data = unsafe { std::slice::from_raw_parts(data.cast::<u8>(), len) };
    if !d.stepped(sock) {
        return Error::PENDING.code();
    }
    d.block(sock, 1, flags, deadline, |net| {
        let Net { socks, answers, .. } = net;
        let Some(s) = socks.get_mut(&sock) else { return Some(Error::INVALID.code()) };
        if s.stream {
            serve(s, answers, data);
        } else {
            post(s, s.remote, data);
        }
        Some(len as i32)
    })
}

/// A datagram's answer lies in the socket at once.
fn post(s: &mut Sock, port: u16, data: &[u8]) {
    match port {
        7 => s.mail.push_back((7, data.to_vec())),
        53 => s.mail.push_back((53, names::reply(data, names::SMALL))),
        _ => {}
    }
}

pub(super) unsafe extern "C" fn recv(
    ctx: *mut c_void,
    sock: i32,
    buf: *mut c_void,
    len: usize,
    flags: u32,
    deadline: i64,
) -> i32 {
    // SAFETY: room for `len` bytes, by the contract.
    let buf = unsafe { std::slice::from_raw_parts_mut(buf.cast::<u8>(), len) };
    at(ctx).block(sock, 0, flags, deadline, |net| {
        let Some(s) = net.socks.get_mut(&sock) else { return Some(Error::INVALID.code()) };
        if !s.stream {
            return letter(s, buf, flags).map(|(n, _)| n);
        }
        if s.rx.is_empty() {
            return s.eof.then_some(0);
        }
        let n = buf.len().min(s.rx.len());
        buf.iter_mut().zip(s.rx.iter()).for_each(|(to, from)| *to = *from);
        if flags & DUNLIN_PEEK == 0 {
            s.rx.drain(..n);
        }
        Some(n as i32)
    })
}

fn letter(s: &mut Sock, buf: &mut [u8], flags: u32) -> Option<(i32, u16)> {
    let (from, data) = s.mail.front()?;
    buf.iter_mut().zip(data).for_each(|(to, from)| *to = *from);
    let got = (data.len() as i32, *from);
    if flags & DUNLIN_PEEK == 0 {
        s.mail.pop_front();
    }
    Some(got)
}

pub(super) unsafe extern "C" fn send_to(
    ctx: *mut c_void,
    sock: i32,
    data: *const c_void,
    len: usize,
    flags: u32,
    to: *const dunlin_addr,
    deadline: i64,
) -> i32 {
    let d = at(ctx);
    // SAFETY: `len` bytes and an address, by the contract.
    let (data, port) = unsafe { (std::slice::from_raw_parts(data.cast::<u8>(), len), (*to).port) };
    if !d.stepped(sock) {
        return Error::PENDING.code();
    }
    d.block(sock, 1, flags, deadline, |net| {
        let Some(s) = net.socks.get_mut(&sock) else { return Some(Error::INVALID.code()) };
        post(s, port, data);
        Some(len as i32)
    })
}

pub(super) unsafe extern "C" fn recv_from(
    ctx: *mut c_void,
    sock: i32,
    buf: *mut c_void,
    len: usize,
    flags: u32,
    from: *mut dunlin_addr,
    deadline: i64,
) -> i32 {
    // SAFETY: room for `len` bytes, by the contract.
    let buf = unsafe { std::slice::from_raw_parts_mut(buf.cast::<u8>(), len) };
    at(ctx).block(sock, 0, flags, deadline, |net| {
        let Some(s) = net.socks.get_mut(&sock) else { return Some(Error::INVALID.code()) };
        let (n, port) = letter(s, buf, flags)?;
        // SAFETY: an address, by the contract.
        unsafe { *from = peer(port) };
        Some(n)
    })
}

pub(super) unsafe extern "C" fn close(ctx: *mut c_void, sock: i32) -> i32 {
    let mut net = at(ctx).net();
    if net.socks.remove(&sock).is_none() {
        net.bad = Some("closed twice");
    }
    0
}

pub(super) unsafe extern "C" fn set_sock_opt(
    ctx: *mut c_void,
    sock: i32,
    _level: u32,
    _option: u32,
    _value: *const c_void,
    _len: usize,
) -> i32 {
    if at(ctx).net().socks.contains_key(&sock) {
        0
    } else {
        Error::INVALID.code()
    }
}

pub(super) unsafe extern "C" fn shutdown(ctx: *mut c_void, sock: i32, how: u32) -> i32 {
    let d = at(ctx);
    if let Some(s) = d.net().socks.get_mut(&sock) {
        s.eof |= how & DUNLIN_SHUT_WR != 0;
    }
    d.tell(sock);
    0
}

pub(super) unsafe extern "C" fn poll(
    ctx: *mut c_void,
    items: *mut dunlin_netdev_poll,
    count: u32,
    deadline: i64,
) -> i32 {
    // SAFETY: `count` items, by the contract.
    let items = unsafe { std::slice::from_raw_parts_mut(items, count as usize) };
    let mut net = at(ctx).net();
    let mut ready = 0;
    let visited = !net.visitors.is_empty();
    for item in items {
        let Some(s) = net.socks.get(&item.sock) else { continue };
        let readable = if s.listening { visited } else { !s.rx.is_empty() || s.eof || !s.mail.is_empty() };
        let now = if readable { DUNLIN_READABLE } else { 0 } | if s.listening { 0 } else { DUNLIN_WRITABLE };
        item.revents = item.events & now;
        ready += i32::from(item.revents != 0);
    }
    if ready > 0 || Deadline(deadline).is_past() {
        return ready;
    }
    if net.poll_wakes > 0 {
        net.poll_wakes = 0;
        return Error::INTERRUPTED.code();
    }
    let Some(left) = Deadline(deadline).remaining_ms() else {
        net.bad = Some("a poll without end");
        return 0;
    };
    drop(net);
    std::thread::sleep(Duration::from_millis(left as u64));
    0
}

pub(super) unsafe extern "C" fn wake(ctx: *mut c_void, sock: i32) -> i32 {
    let mut net = at(ctx).net();
    match sock {
        DUNLIN_WAKE_POLL => net.poll_wakes = 1,
        _ => {
            if let Some(s) = net.socks.get_mut(&sock) {
                s.pending = [true; 2];
            }
        }
    }
    0
}

pub(super) unsafe extern "C" fn step(ctx: *mut c_void, _deadline: i64) -> i32 {
    let d = at(ctx);
    let mut told = Vec::new();
    let mut net = d.net();
    if net.lookup.0 {
        net.lookup = (false, true);
        told.push(DUNLIN_WAKE_LOOKUP);
    }
    for (n, s) in &mut net.socks {
        if std::mem::take(&mut s.begun) {
            s.done = true;
            told.push(*n);
        }
    }
    drop(net);
    told.into_iter().for_each(|n| d.tell(n));
    0
}

pub(super) unsafe extern "C" fn local_addr(ctx: *mut c_void, sock: i32, addr: *mut dunlin_addr) -> i32 {
    let port = at(ctx).net().socks.get(&sock).map_or(0, |s| s.local);
    let mut own = dunlin_addr { family: DUNLIN_AF_INET, port, ..dunlin_addr::NONE };
    own.ip[..4].copy_from_slice(&OWN);
    // SAFETY: an address, by the contract.
    unsafe { *addr = own };
    0
}

pub(super) unsafe extern "C" fn peer_addr(ctx: *mut c_void, sock: i32, addr: *mut dunlin_addr) -> i32 {
    let port = at(ctx).net().socks.get(&sock).map_or(0, |s| s.remote);
    // SAFETY: an address, by the contract.
    unsafe { *addr = peer(port) };
    0
}
