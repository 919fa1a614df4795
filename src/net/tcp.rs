//! Connections over a device's stream sockets (Go: `TCPConn`).

use core::ffi::CStr;

use crate::error::{Error, Result};
use crate::net::conn::{ConnOps, ConnSlot, Limit, OpKind, Place, CONNS};
use crate::net::datagram;
use crate::net::network::{Carrier, Network};
use crate::net::option::SetOption;
use crate::net::spread;
use crate::netdev::pollset::PollSet;
use crate::netdev::registry::{self, Dev, Entry, DEVICES};
use crate::netdev::table::{dunlin_addr, DUNLIN_CAP_NOTIFY, DUNLIN_READABLE, DUNLIN_WRITABLE};
use crate::netdev::{wait, OpResult};
use crate::sync::cs;

/// The operations of a socket.
pub(crate) static SOCKET: ConnOps = stream(c"tcp");

/// The operations of a unix stream.
static UNIX: ConnOps = stream(c"unix");

const fn stream(network: &'static CStr) -> ConnOps {
    ConnOps {
        read,
        write,
        watch,
        shutdown,
        set,
        addr,
        close,
        network,
        rendezvous: false,
        messages: false,
        ends: true,
    }
}

/// The operations of a connection of a network.
fn operations(network: Network) -> &'static ConnOps {
    match network.carrier() {
        Carrier::Tcp => &SOCKET,
        Carrier::Unix => &UNIX,
        Carrier::Udp => &datagram::UDP,
        Carrier::Ip => &datagram::IP,
        Carrier::Unixgram => &datagram::UNIXGRAM,
        Carrier::Unixpacket => &datagram::UNIXPACKET,
    }
}

/// Makes a slot the connection of a socket.
pub(crate) fn make(conn: &ConnSlot, network: Network, dev: &Dev, sock: i32, epoch: u16) {
    conn.make(operations(network), dev.handle(), sock, epoch);
    conn.set_network(network);
}

/// The device of a connection; `NET_DOWN` when it is gone or its link was down meanwhile.
pub(crate) fn device(conn: &ConnSlot) -> Result<(Dev, i32)> {
    let (at, entry) = begin(conn, false);
    Ok((entry?.dev, at.sock))
}

/// How a direction stands, and the device, in one look.
pub(crate) fn begin(conn: &ConnSlot, writing: bool) -> (Place, Result<Entry>) {
    cs::with(|cs| {
        let at = conn.look(writing, cs);
        let entry = registry::enter_for(at.device, at.sock, at.epoch, cs);
        (at, entry)
    })
}

/// One try, remembering whether a notify must come before the next one is worth it.
pub(crate) fn attempt(
    conn: &ConnSlot,
    at: &Place,
    entry: &Entry,
    writing: bool,
    op: wait::Op<'_>,
) -> OpResult {
    let tried = wait::attempt_on(&entry.dev, &entry.table, op);
    // A notify that came during the try counts as news after it.
    let seen = if wait::is_unready(&tried) { entry.news } else { 0 };
    if seen != at.seen {
        conn.set_seen(writing, seen);
    }
    tried
}

pub(crate) fn read(conn: &ConnSlot, buf: &mut [u8], limit: Limit<'_>) -> Result<usize> {
    match receive(conn, buf, limit) {
        Ok(0) => Err(Error::EOF),
        got => got,
    }
}

/// What one `recv` gives, 0 too.
pub(crate) fn receive(conn: &ConnSlot, buf: &mut [u8], limit: Limit<'_>) -> Result<usize> {
    let (at, entry) = begin(conn, false);
    let sock = at.sock;
    if at.own.0 > 0 && at.own.is_past() {
        return Err(Error::TIMEOUT);
    }
    if let Some(first) = buf.first_mut().filter(|_| at.ahead) {
        if let Some(ahead) = conn.take_ahead() {
            *first = ahead?;
            return Ok(1);
        }
    }
    let entry = entry?;
    let got = if limit.is_now() || at.own.0 < 0 {
        attempt(conn, &at, &entry, false, &mut |t, flags, d| t.recv(sock, buf, flags, d))
    } else {
        wait::blocking(&entry.dev, sock, false, &conn.gate(false, limit), &mut |t, flags, d| {
            t.recv(sock, buf, flags, d)
        })
    };
    got.map_err(|fault| conn.fault(OpKind::Read, fault))
}

pub(crate) fn write(conn: &ConnSlot, pieces: &[&[u8]], limit: Limit<'_>) -> Result<usize> {
    let (at, entry) = begin(conn, true);
    let sock = at.sock;
    if at.own.0 > 0 && at.own.is_past() {
        return Err(Error::TIMEOUT);
    }
    let entry = entry?;
    let put = if limit.is_now() || at.own.0 < 0 {
        let put = attempt(conn, &at, &entry, true, &mut |t, flags, d| t.send_vec(sock, pieces, flags, d));
        if at.full != put.is_err() {
            conn.write_full(put.is_err());
        }
        put
    } else {
        wait::blocking(&entry.dev, sock, false, &conn.gate(true, limit), &mut |t, flags, d| {
            t.send_vec(sock, pieces, flags, d)
        })
    };
    put.map_err(|fault| conn.fault(OpKind::Write, fault))
}

fn watch(conn: &ConnSlot, events: u16, set: &mut PollSet, token: u16) -> Result<u16> {
    watch_with(conn, events, set, token, look_ahead)
}

/// Says what is ready, or adds the socket to the set; over a device without `poll`, `look` finds out
/// whether it is readable.
pub(crate) fn watch_with(
    conn: &ConnSlot,
    events: u16,
    set: &mut PollSet,
    token: u16,
    look: fn(&ConnSlot) -> Look,
) -> Result<u16> {
    let (at, device) = cs::with(|cs| {
        let at = conn.look(false, cs);
        let device = registry::peek(at.device, cs);
        (at, device)
    });
    let ready = if events & DUNLIN_READABLE != 0 && at.ahead { DUNLIN_READABLE } else { 0 };
    match device {
        Ok((table, epoch)) if epoch == at.epoch && at.sock >= 0 => {
            if !table.has_poll() {
                return watch_told(conn, events, set, ready, look);
            }
            if ready == 0 {
                set.add_socket(at.device, at.sock, events, token)?;
            }
            Ok(ready)
        }
        // A lost link is reported by the next read or write.
        _ => Ok(events),
    }
}

/// As [`watch_with`], on a device without `poll`.
fn watch_told(
    conn: &ConnSlot,
    events: u16,
    set: &mut PollSet,
    mut ready: u16,
    look: fn(&ConnSlot) -> Look,
) -> Result<u16> {
    let Ok((dev, sock)) = device(conn) else { return Ok(events) };
    let told = dev.table().caps() & DUNLIN_CAP_NOTIFY != 0;
    let mut probe = !told;
    if events & DUNLIN_READABLE != 0 && ready == 0 && dev.worth_a_try(sock, conn.seen(false)) {
        match look(conn) {
            Look::Ready => ready |= DUNLIN_READABLE,
            Look::Unready => {}
            Look::Later => probe = true,
        }
    }
    // Writable means "try" here; a try that finds it full waits for notify, or for the next look.
    if events & DUNLIN_WRITABLE != 0 {
        let full = conn.write_full(false);
        if dev.worth_a_try(sock, conn.seen(true)) && (told || !full) {
            ready |= DUNLIN_WRITABLE;
        }
    }
    if told {
        set.add_told();
    }
    if probe {
        set.add_probe();
    }
    Ok(ready)
}

/// What a look for something to read found.
pub(crate) enum Look {
    Ready,
    Unready,
    /// Another task is at it; nothing tells when that is over.
    Later,
}

/// Reads one byte ahead to learn whether a read would find something.
fn look_ahead(conn: &ConnSlot) -> Look {
    let Some(_looking) = conn.begin_look() else { return Look::Later };
    let (at, entry) = begin(conn, false);
    if at.ahead {
        return Look::Ready;
    }
    // A lost link is reported by the next read.
    let Ok(entry) = entry else { return Look::Ready };
    let mut byte = [0u8];
    match attempt(conn, &at, &entry, false, &mut |t, flags, d| t.recv(at.sock, &mut byte, flags, d)) {
        // The end of the stream comes again when it is read.
        Ok(0) => Look::Ready,
        Ok(_) => {
            let [b] = byte;
            conn.put_ahead(Ok(b));
            Look::Ready
        }
        Err(wait::LINE_BUSY) => Look::Later,
        Err(fault) if fault.error == Error::WOULD_BLOCK => Look::Unready,
        // Many stacks tell of an error once.
        Err(fault) => {
            conn.put_ahead(Err(conn.fault(OpKind::Read, fault)));
            Look::Ready
        }
    }
}

pub(crate) fn shutdown(conn: &ConnSlot, how: u32) -> Result<()> {
    let (dev, sock) = device(conn)?;
    wait::in_turn(&dev, &mut |t, _, _| t.shutdown(sock, how))
        .map(|_| ())
        .map_err(|fault| conn.fault(OpKind::Close, fault))
}

pub(crate) fn set(conn: &ConnSlot, (level, option, value): SetOption) -> Result<()> {
    let (dev, sock) = device(conn)?;
    wait::in_turn(&dev, &mut |t, _, _| t.set_number(sock, level, option, value))
        .map(|_| ())
        .map_err(|fault| conn.fault(OpKind::Set, fault))
}

pub(crate) fn addr(conn: &ConnSlot, remote: bool) -> Result<dunlin_addr> {
    let (dev, sock) = device(conn)?;
    let mut addr = dunlin_addr::NONE;
    wait::in_turn(&dev, &mut |t, _, _| {
        if remote {
            t.peer_addr(sock, &mut addr)
        } else {
            t.local_addr(sock, &mut addr)
        }
    })?;
    Ok(addr)
}

pub(crate) fn close(conn: &ConnSlot) {
    // A device that is gone has had its sockets closed; one that goes waits for this.
    let Ok(dev) = DEVICES.reach(conn.place().0) else { return };
    let sock = conn.take_sock();
    if sock >= 0 {
        close_socket(&dev, sock);
    }
}

/// Counts in a socket that a driver made. A number that is in use is an impossible answer: two
/// connections would close it.
pub(crate) fn adopt(dev: &Dev, sock: usize) -> Result<i32> {
    let sock = i32::try_from(sock).map_err(|_| Error::DRIVER_BAD_RESULT)?;
    let device = dev.handle();
    let mut taken = spread::kept().any(|kept| (kept.has_socket)(device, sock));
    CONNS.each_item(|conn| {
        let (at, other, _) = conn.place();
        taken |= at == device && other == sock;
    });
    if taken {
        return Err(Error::DRIVER_BAD_RESULT);
    }
    dev.opened();
    Ok(sock)
}

/// Gives a socket back to its driver.
pub(crate) fn close_socket(dev: &Dev, sock: i32) {
    // There is nothing to be done about a close that fails: the socket is the driver's again.
    let _ = wait::in_turn(dev, &mut |t, _, _| t.close(sock));
    dev.closed();
}
