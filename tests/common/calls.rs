//! The device's table: what the library calls.

use super::*;

struct Inside<'a>(&'a Device);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.seen.inside.fetch_sub(1, SeqCst);
    }
}

fn enter(ctx: *mut c_void, count: impl Fn(&Seen) -> &AtomicU32) -> (&'static Device, Inside<'static>) {
    // SAFETY: the context is a device, which lives for ever.
    let device = unsafe { &*ctx.cast::<Device>() };
    count(&device.seen).fetch_add(1, SeqCst);
    let inside = device.seen.inside.fetch_add(1, SeqCst);
    if device.can.serial && inside > 0 {
        device.seen.overlaps.fetch_add(1, SeqCst);
    }
    (device, Inside(device))
}

pub(super) unsafe extern "C" fn get_host_by_name(
    ctx: *mut c_void,
    name: *const c_char,
    _family: u32,
    addrs: *mut dunlin_addr,
    capacity: u32,
    deadline: i64,
) -> i32 {
    let (d, _in) = enter(ctx, |s| &s.lookups);
    // SAFETY: a string and room for the addresses, by the contract.
    let (name, addrs) =
        unsafe { (CStr::from_ptr(name), std::slice::from_raw_parts_mut(addrs, capacity as usize)) };
    let found: &[[u8; 4]] = match name.to_bytes() {
        b"one" => &[[127, 0, 0, 1]],
        b"dead.first" => &[DEAD, [127, 0, 0, 1]],
        b"slow" => return d.block(DUNLIN_WAKE_LOOKUP, 0, 0, deadline, |_| None),
        _ => return Error::NO_SUCH_HOST.code(),
    };
    if d.can.step {
        let mut net = d.net();
        if !net.lookup.1 {
            if !std::mem::replace(&mut net.lookup.0, true) {
                d.begin_work(DUNLIN_WAKE_LOOKUP);
            }
            return Error::PENDING.code();
        }
        net.lookup = (false, false);
    }
    for (to, from) in addrs.iter_mut().zip(found) {
        *to = dunlin_addr { family: DUNLIN_AF_INET, ..dunlin_addr::NONE };
        to.ip[..4].copy_from_slice(from);
    }
    found.len().min(addrs.len()) as i32
}

pub(super) unsafe extern "C" fn socket(ctx: *mut c_void, _domain: u32, kind: u32, _protocol: u32) -> i32 {
    let (d, _in) = enter(ctx, |s| &s.sockets);
    let mut net = d.net();
    if d.can.max_sockets > 0 && net.socks.len() >= d.can.max_sockets {
        return Error::NO_SOCKETS.code();
    }
    let n = net.next;
    net.next += 1;
    net.socks.insert(n, Sock { datagram: kind == DUNLIN_SOCK_DGRAM, ..Sock::default() });
    n
}

pub(super) unsafe extern "C" fn bind(ctx: *mut c_void, sock: i32, addr: *const dunlin_addr) -> i32 {
    let (d, _in) = enter(ctx, |s| &s.sockets);
    let mut net = d.net();
    net.next_port += 1;
    let free = net.next_port;
    // SAFETY: an address, by the contract.
    let port = match unsafe { (*addr).port } {
        0 => free,
        port => port,
    };
    if net.socks.values().any(|s| s.listening == Some(port)) {
        return Error::ADDR_IN_USE.code();
    }
    net.socks.get_mut(&sock).unwrap().bound = port;
    0
}

pub(super) unsafe extern "C" fn local_addr(ctx: *mut c_void, sock: i32, addr: *mut dunlin_addr) -> i32 {
    let (d, _in) = enter(ctx, |s| &s.sockets);
    let port = d.net().socks.get(&sock).map_or(0, |s| s.bound);
    // SAFETY: an address, by the contract.
    unsafe { *addr = dunlin_addr { family: DUNLIN_AF_INET, port, ..dunlin_addr::NONE } };
    0
}

pub(super) unsafe extern "C" fn connect(
    ctx: *mut c_void,
    sock: i32,
    _host: *const c_char,
    addr: *const dunlin_addr,
    deadline: i64,
) -> i32 {
    let (d, _in) = enter(ctx, |s| &s.connects);
    // SAFETY: an address, by the contract.
    let addr = unsafe { *addr };
    if d.can.step {
        let mut net = d.net();
        let s = net.socks.get_mut(&sock).unwrap();
        if !s.done {
            if !std::mem::replace(&mut s.asked, true) {
                d.begin_work(sock);
            }
            return Error::PENDING.code();
        }
        (s.done, s.asked) = (false, false);
    }
    d.block(sock, 1, 0, if d.can.step { -1 } else { deadline }, |net| {
        if net.socks[&sock].datagram {
            net.next_port += 1;
            let free = net.next_port;
            let s = net.socks.get_mut(&sock).unwrap();
            s.dest = addr.port;
            s.bound = if s.bound == 0 { free } else { s.bound };
            return Some(0);
        }
        if addr.ip[..4] == DEAD {
            return None;
        }
        let listener = net.socks.iter().find(|(_, s)| s.listening == Some(addr.port)).map(|(n, _)| *n);
        let Some(listener) = listener else { return Some(Error::CONN_REFUSED.code()) };
        if d.can.max_sockets > 0 && net.socks.len() >= d.can.max_sockets {
            return Some(Error::CONN_REFUSED.code());
        }
        let other = net.next;
        net.next += 1;
        net.socks.insert(other, Sock { peer: Some(sock), ..Sock::default() });
        net.socks.get_mut(&sock).unwrap().peer = Some(other);
        net.socks.get_mut(&listener).unwrap().backlog.push_back(other);
        net.told.push(listener);
        Some(0)
    })
}

pub(super) unsafe extern "C" fn listen_(ctx: *mut c_void, sock: i32, _backlog: u32) -> i32 {
    let (d, _in) = enter(ctx, |s| &s.sockets);
    let mut net = d.net();
    let s = net.socks.get_mut(&sock).unwrap();
    s.listening = Some(s.bound);
    0
}

pub(super) unsafe extern "C" fn accept(
    ctx: *mut c_void,
    sock: i32,
    _peer: *mut dunlin_addr,
    flags: u32,
    deadline: i64,
) -> i32 {
    let (d, _in) = enter(ctx, |s| &s.accepts);
    d.block(sock, 0, flags, deadline, |net| net.socks.get_mut(&sock).unwrap().backlog.pop_front())
}

pub(super) unsafe extern "C" fn send(
    ctx: *mut c_void,
    sock: i32,
    data: *const c_void,
    len: usize,
    flags: u32,
    deadline: i64,
) -> i32 {
    let (d, _in) = enter(ctx, |s| &s.sends);
    // SAFETY: `len` bytes, by the contract.
    let data = unsafe { std::slice::from_raw_parts(data.cast::<u8>(), len) };
    if d.can.step {
        let mut net = d.net();
        let s = net.socks.get_mut(&sock).unwrap();
        if !s.done {
            if !std::mem::replace(&mut s.asked, true) {
                d.begin_work(sock);
            }
            return Error::PENDING.code();
        }
        (s.done, s.asked) = (false, false);
    }
    let most = if d.can.room == 0 { 4096 } else { d.can.room };
    d.block(sock, 1, flags, deadline, |net| {
        let s = &net.socks[&sock];
        if s.datagram {
            let port = s.dest;
            return Some(pass_on(net, sock, data, port));
        }
        if s.reset {
            return Some(Error::CONN_RESET.code());
        }
        let peer = s.peer?;
        let Some(other) = net.socks.get_mut(&peer) else { return Some(Error::BROKEN_PIPE.code()) };
        let n = len.min(most - other.rx.len().min(most));
        if n == 0 {
            return None;
        }
        other.rx.extend(&data[..n]);
        net.told.push(peer);
        Some(n as i32)
    })
}

pub(super) unsafe extern "C" fn recv(
    ctx: *mut c_void,
    sock: i32,
    buf: *mut c_void,
    len: usize,
    flags: u32,
    deadline: i64,
) -> i32 {
    let (d, _in) = enter(ctx, |s| &s.recvs);
    if flags & DUNLIN_DONTWAIT == 0 {
        let ms = if deadline == 0 { i64::MAX } else { deadline - now_ms() };
        d.seen.longest_ms.fetch_max(ms, SeqCst);
    }
    // SAFETY: room for `len` bytes, by the contract.
    let buf = unsafe { std::slice::from_raw_parts_mut(buf.cast::<u8>(), len) };
    d.block(sock, 0, flags, deadline, |net| {
        let s = net.socks.get_mut(&sock).unwrap();
        if s.datagram {
            return take_packet(s, buf, flags).map(|(n, _)| n);
        }
        if s.reset {
            s.reset = false; // told once, as real stacks do
            s.eof = true;
            s.rx.clear();
            return Some(Error::CONN_RESET.code());
        }
        let n = len.min(s.rx.len());
        if n == 0 {
            return s.eof.then_some(0);
        }
        for (to, from) in buf.iter_mut().zip(s.rx.drain(..n)) {
            *to = from;
        }
        let peer = s.peer;
        net.told.extend(peer);
        Some(n as i32)
    })
}

/// Datagrams that a socket holds before the next is lost.
const PACKETS: usize = 8;

pub(super) unsafe extern "C" fn send_to(
    ctx: *mut c_void,
    sock: i32,
    data: *const c_void,
    len: usize,
    flags: u32,
    to: *const dunlin_addr,
    deadline: i64,
) -> i32 {
    let (d, _in) = enter(ctx, |s| &s.sends);
    // SAFETY: `len` bytes and an address, by the contract.
    let (data, to) = unsafe { (std::slice::from_raw_parts(data.cast::<u8>(), len), *to) };
    d.block(sock, 1, flags, deadline, |net| Some(pass_on(net, sock, data, to.port)))
}

/// Sends a datagram, which nobody may get.
fn pass_on(net: &mut Net, sock: i32, data: &[u8], port: u16) -> i32 {
    let from = net.socks[&sock].bound;
    let found = net.socks.iter_mut().find(|(_, s)| s.datagram && s.bound == port);
    if let Some((n, other)) = found.filter(|(_, s)| s.packets.len() < PACKETS) {
        other.packets.push_back((data.to_vec(), from));
        net.told.push(*n);
    }
    data.len() as i32
}

/// The next datagram and its sender's port, if there is one.
fn take_packet(s: &mut Sock, buf: &mut [u8], flags: u32) -> Option<(i32, u16)> {
    let (data, port) = s.packets.front()?.clone();
    if flags & DUNLIN_PEEK == 0 {
        s.packets.pop_front();
    }
    let n = data.len().min(buf.len());
    buf[..n].copy_from_slice(&data[..n]);
    Some((if data.len() > n { Error::MESSAGE_SIZE.code() } else { n as i32 }, port))
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
    let (d, _in) = enter(ctx, |s| &s.recvs);
    if flags & DUNLIN_PEEK != 0 && d.can.blind {
        return Error::NOT_SUPPORTED.code();
    }
    // SAFETY: room for `len` bytes, by the contract.
    let buf = unsafe { std::slice::from_raw_parts_mut(buf.cast::<u8>(), len) };
    d.block(sock, 0, flags, deadline, |net| {
        let (n, port) = take_packet(net.socks.get_mut(&sock).unwrap(), buf, flags)?;
        let mut sender = dunlin_addr { family: DUNLIN_AF_INET, port, ..dunlin_addr::NONE };
        sender.ip[..4].copy_from_slice(&[127, 0, 0, 1]);
        // SAFETY: a place for an address, by the contract.
        unsafe { *from = sender };
        Some(n)
    })
}

pub(super) unsafe extern "C" fn set_sock_opt(
    ctx: *mut c_void,
    _sock: i32,
    level: u32,
    option: u32,
    value: *const c_void,
    len: usize,
) -> i32 {
    let (d, _in) = enter(ctx, |s| &s.sockets);
    // SAFETY: `len` bytes, by the contract.
    let value = unsafe { std::slice::from_raw_parts(value.cast::<u8>(), len) };
    d.seen.options.lock().unwrap().push((level, option, value.to_vec()));
    0
}

fn end_stream(net: &mut Net, peer: Option<i32>) {
    if let Some(peer) = peer {
        if let Some(other) = net.socks.get_mut(&peer) {
            other.eof = true;
            net.told.push(peer);
        }
    }
}

pub(super) unsafe extern "C" fn close(ctx: *mut c_void, sock: i32) -> i32 {
    let (d, _in) = enter(ctx, |s| &s.closes);
    let mut net = d.net();
    match net.socks.remove(&sock) {
        Some(s) => {
            end_stream(&mut net, s.peer);
            for waiting in s.backlog {
                let other = net.socks.remove(&waiting);
                end_stream(&mut net, other.and_then(|o| o.peer));
            }
        }
        None => {
            d.seen.bad_closes.fetch_add(1, SeqCst);
        }
    }
    d.tell(net);
    0
}

pub(super) unsafe extern "C" fn shutdown(ctx: *mut c_void, sock: i32, _how: u32) -> i32 {
    let (d, _in) = enter(ctx, |s| &s.closes);
    let mut net = d.net();
    let peer = net.socks[&sock].peer;
    end_stream(&mut net, peer);
    d.tell(net);
    0
}

pub(super) unsafe extern "C" fn poll(
    ctx: *mut c_void,
    items: *mut dunlin_netdev_poll,
    count: u32,
    deadline: i64,
) -> i32 {
    let (d, _in) = enter(ctx, |s| &s.polls);
    // SAFETY: `count` items, by the contract.
    let items = unsafe { std::slice::from_raw_parts_mut(items, count as usize) };
    let most = if d.can.room == 0 { 4096 } else { d.can.room };
    let mut net = d.net();
    let waits = !Deadline(deadline).is_past();
    net.polling += 1;
    let answer = loop {
        let mut ready = 0;
        for item in items.iter_mut() {
            let Some(s) = net.socks.get(&item.sock) else { continue };
            let readable =
                !s.rx.is_empty() || !s.packets.is_empty() || s.eof || s.reset || !s.backlog.is_empty();
            let full = s.peer.and_then(|p| net.socks.get(&p)).is_some_and(|p| p.rx.len() >= most);
            item.revents = item.events
                & (if readable { DUNLIN_READABLE } else { 0 } | if full { 0 } else { DUNLIN_WRITABLE });
            ready += i32::from(item.revents != 0);
        }
        if ready > 0 || !waits {
            break ready;
        }
        if net.poll_wakes > 0 {
            net.poll_wakes -= 1;
            break Error::INTERRUPTED.code();
        }
        let left = Deadline(deadline).remaining_ms();
        if left == Some(0) {
            break 0;
        }
        let wait = Duration::from_millis(left.unwrap_or(1000).min(1000) as u64);
        net = d.changed.wait_timeout(net, wait).unwrap_or_else(|e| e.into_inner()).0;
    };
    net.polling -= 1;
    answer
}

pub(super) unsafe extern "C" fn wake(ctx: *mut c_void, sock: i32) -> i32 {
    // SAFETY: the context is a device, which lives for ever.
    let d = unsafe { &*ctx.cast::<Device>() };
    d.seen.wakes.fetch_add(1, SeqCst);
    let mut net = d.net();
    match sock {
        DUNLIN_WAKE_POLL => net.poll_wakes = net.polling.max(1),
        DUNLIN_WAKE_LOOKUP => net.lookup_wake = true,
        _ => {
            if let Some(s) = net.socks.get_mut(&sock) {
                s.pending = [true; 2];
            }
        }
    }
    drop(net);
    d.changed.notify_all();
    0
}

pub(super) unsafe extern "C" fn step(ctx: *mut c_void, _deadline: i64) -> i32 {
    let (d, _in) = enter(ctx, |s| &s.steps);
    let mut net = d.net();
    for sock in std::mem::take(&mut net.work) {
        if sock == DUNLIN_WAKE_LOOKUP {
            net.lookup.1 = true;
        } else if let Some(s) = net.socks.get_mut(&sock) {
            s.done = true;
        }
        net.told.push(sock);
    }
    d.tell(net);
    0
}
