//! Connections over a device's stream sockets (Go: `TCPConn`).

use core::ffi::CStr;

use crate::error::{Error, Result};
use crate::net::conn::{ConnOps, ConnSlot, Limit, OpKind, CONNS};
use crate::net::datagram;
use crate::net::listen::LISTENERS;
use crate::net::network::{Carrier, Network};
use crate::net::option::SetOption;
use crate::net::packet::PACKETS;
use crate::net::spread;
use crate::netdev::pollset::PollSet;
use crate::netdev::registry::{Dev, DEVICES};
use crate::netdev::table::{dunlin_addr, DUNLIN_CAP_NOTIFY, DUNLIN_READABLE, DUNLIN_WRITABLE};
use crate::netdev::{wait, OpResult};

/// The operations of a socket.
pub(crate) static SOCKET: ConnOps = stream(c"tcp");

/// The operations of a unix stream.
static UNIX: ConnOps = stream(c"unix");

const fn stream(network: &'static CStr) -> ConnOps {
    ConnOps { read, write, watch, shutdown, set, addr, close, network, rendezvous: false, messages: false }
}

/// The operations of a connection of a network.
pub(crate) fn operations(network: Network) -> &'static ConnOps {
    match network.carrier() {
        Carrier::Tcp => &SOCKET,
        Carrier::Unix => &UNIX,
        Carrier::Udp => &datagram::UDP,
        Carrier::Ip => &datagram::IP,
        Carrier::Unixgram => &datagram::UNIXGRAM,
        Carrier::Unixpacket => &datagram::UNIXPACKET,
    }
}

/// The device of a connection; `NET_DOWN` when it is gone or its link was down meanwhile.
pub(crate) fn device(conn: &ConnSlot) -> Result<(Dev, i32)> {
    let (handle, sock, epoch) = conn.place();
    let dev = DEVICES.enter(handle).map_err(|_| Error::NET_DOWN)?;
    if dev.epoch() != epoch || sock < 0 {
        return Err(Error::NET_DOWN);
    }
    Ok((dev, sock))
}

/// One try, remembering whether a notify must come before the next one is worth it.
pub(crate) fn attempt(conn: &ConnSlot, dev: &Dev, sock: i32, writing: bool, op: wait::Op<'_>) -> OpResult {
    // A notify that comes during the try counts as news after it.
    let news = dev.news(sock);
    let tried = wait::attempt(dev, op);
    conn.set_seen(writing, if wait::is_unready(&tried) { news } else { 0 });
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
    let own = conn.own_deadline(false);
    if own.0 > 0 && own.is_past() {
        return Err(Error::TIMEOUT);
    }
    if let Some(first) = buf.first_mut() {
        if let Some(ahead) = conn.take_ahead() {
            *first = ahead?;
            return Ok(1);
        }
    }
    let (dev, sock) = device(conn)?;
    let got = if limit.is_now() || own.0 < 0 {
        attempt(conn, &dev, sock, false, &mut |t, flags, d| t.recv(sock, buf, flags, d))
    } else {
        wait::blocking(&dev, sock, false, &conn.gate(false, limit), &mut |t, flags, d| {
            t.recv(sock, buf, flags, d)
        })
    };
    got.map_err(|fault| conn.fault(OpKind::Read, fault))
}

pub(crate) fn write(conn: &ConnSlot, pieces: &[&[u8]], limit: Limit<'_>) -> Result<usize> {
    let own = conn.own_deadline(true);
    if own.0 > 0 && own.is_past() {
        return Err(Error::TIMEOUT);
    }
    let (dev, sock) = device(conn)?;
    let put = if limit.is_now() || own.0 < 0 {
        let put = attempt(conn, &dev, sock, true, &mut |t, flags, d| t.send_vec(sock, pieces, flags, d));
        conn.write_full(put.is_err());
        put
    } else {
        wait::blocking(&dev, sock, false, &conn.gate(true, limit), &mut |t, flags, d| {
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
    look: fn(&ConnSlot, &Dev, i32) -> Look,
) -> Result<u16> {
    let mut ready = 0;
    if events & DUNLIN_READABLE != 0 && conn.has_ahead() {
        ready |= DUNLIN_READABLE;
    }
    // A lost link is reported by the next read or write.
    let Ok((dev, sock)) = device(conn) else { return Ok(events) };
    let table = dev.table();
    if table.has_poll() {
        if ready == 0 {
            set.add_socket(dev.handle(), sock, events, token)?;
        }
        return Ok(ready);
    }
    let told = table.caps() & DUNLIN_CAP_NOTIFY != 0;
    let mut probe = !told;
    if events & DUNLIN_READABLE != 0 && ready == 0 && dev.worth_a_try(sock, conn.seen(false)) {
        match look(conn, &dev, sock) {
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
fn look_ahead(conn: &ConnSlot, dev: &Dev, sock: i32) -> Look {
    let Some(_looking) = conn.begin_look() else { return Look::Later };
    if conn.has_ahead() {
        return Look::Ready;
    }
    let mut byte = [0u8];
    match attempt(conn, dev, sock, false, &mut |t, flags, d| t.recv(sock, &mut byte, flags, d)) {
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
    let mut taken =
        spread::has_socket(&LISTENERS, device, sock) || spread::has_socket(&PACKETS, device, sock);
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
