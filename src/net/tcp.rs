//! Connections over a device's stream sockets (Go: `TCPConn`).

use crate::error::{Error, Result};
use crate::net::conn::{ConnOps, ConnSlot, Limit, OpKind};
use crate::netdev::pollset::PollSet;
use crate::netdev::registry::{Dev, DEVICES};
use crate::netdev::table::{
    dunlin_addr, DUNLIN_CAP_NOTIFY, DUNLIN_READABLE, DUNLIN_SHUT_WR, DUNLIN_WRITABLE,
};
use crate::netdev::wait;

/// The operations of a socket.
pub(crate) static SOCKET: ConnOps =
    ConnOps { read, write, watch, shutdown_write, addr, close, rendezvous: false };

/// The device of a connection; `NET_DOWN` when it is gone or its link was down meanwhile.
fn device(conn: &ConnSlot) -> Result<(Dev, i32)> {
    let (handle, sock, epoch) = conn.place();
    let dev = DEVICES.enter(handle).map_err(|_| Error::NET_DOWN)?;
    if dev.epoch() != epoch || sock < 0 {
        return Err(Error::NET_DOWN);
    }
    Ok((dev, sock))
}

fn try_read(dev: &Dev, sock: i32, buf: &mut [u8]) -> crate::netdev::OpResult {
    // A notify that comes during the try must set the mark again, so it is taken away first.
    let _ = dev.worth_a_try(sock, DUNLIN_READABLE);
    let got = wait::attempt(dev, &mut |t, flags, d| t.recv(sock, buf, flags, d));
    if got.is_ok() {
        dev.mark(sock, DUNLIN_READABLE);
    }
    got
}

fn read(conn: &ConnSlot, buf: &mut [u8], limit: Limit<'_>) -> Result<usize> {
    let own = conn.own_deadline(false);
    if own.0 > 0 && own.is_past() {
        return Err(Error::TIMEOUT);
    }
    if let (true, Some(first)) = (conn.has_stash(), buf.first_mut()) {
        if let Some(byte) = conn.take_stash() {
            *first = byte;
            return Ok(1);
        }
    }
    let (dev, sock) = device(conn)?;
    let got = if limit.is_now() || own.0 < 0 {
        try_read(&dev, sock, buf)
    } else {
        wait::blocking(&dev, sock, false, &conn.gate(false, limit), &mut |t, flags, d| {
            t.recv(sock, buf, flags, d)
        })
    };
    match got {
        Ok(0) => Err(Error::EOF),
        Ok(n) => Ok(n),
        Err(fault) => Err(conn.fault(OpKind::Read, fault)),
    }
}

fn write(conn: &ConnSlot, pieces: &[&[u8]], limit: Limit<'_>) -> Result<usize> {
    let own = conn.own_deadline(true);
    if own.0 > 0 && own.is_past() {
        return Err(Error::TIMEOUT);
    }
    let (dev, sock) = device(conn)?;
    let put = if limit.is_now() || own.0 < 0 {
        let _ = dev.worth_a_try(sock, DUNLIN_WRITABLE);
        let put = wait::attempt(&dev, &mut |t, flags, d| t.send_vec(sock, pieces, flags, d));
        if put.is_ok() {
            dev.mark(sock, DUNLIN_WRITABLE);
        }
        conn.write_full(put.is_err());
        put
    } else {
        wait::blocking(&dev, sock, false, &conn.gate(true, limit), &mut |t, flags, d| {
            t.send_vec(sock, pieces, flags, d)
        })
    };
    put.map_err(|fault| match fault.error {
        // A device with one line answers PENDING when it takes the data later.
        Error::PENDING => Error::WOULD_BLOCK,
        _ => conn.fault(OpKind::Write, fault),
    })
}

fn watch(conn: &ConnSlot, events: u16, set: &mut PollSet, token: u16) -> Result<u16> {
    let mut ready = 0;
    if events & DUNLIN_READABLE != 0 && conn.has_stash() {
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
    if events & DUNLIN_READABLE != 0 && ready == 0 && dev.worth_a_try(sock, DUNLIN_READABLE) {
        let mut byte = [0u8];
        match wait::attempt(&dev, &mut |t, flags, d| t.recv(sock, &mut byte, flags, d)) {
            Ok(1) => {
                let [b] = byte;
                conn.put_stash(b);
                dev.mark(sock, DUNLIN_READABLE);
                ready |= DUNLIN_READABLE;
            }
            Err(f) if matches!(f.error, Error::WOULD_BLOCK | Error::INTERRUPTED | Error::TIMEOUT) => {}
            // The end of the stream and errors come again when read.
            _ => {
                dev.mark(sock, DUNLIN_READABLE);
                ready |= DUNLIN_READABLE;
            }
        }
    }
    if events & DUNLIN_WRITABLE != 0 && !conn.write_full(false) && dev.worth_a_try(sock, DUNLIN_WRITABLE) {
        // Writable means "try" here; a try that finds it full waits for the next look.
        dev.mark(sock, DUNLIN_WRITABLE);
        ready |= DUNLIN_WRITABLE;
    }
    if table.caps() & DUNLIN_CAP_NOTIFY != 0 {
        set.add_told();
    } else {
        set.add_probe();
    }
    Ok(ready)
}

fn shutdown_write(conn: &ConnSlot) -> Result<()> {
    let (dev, sock) = device(conn)?;
    wait::in_turn(&dev, &mut |t, _, _| t.shutdown(sock, DUNLIN_SHUT_WR))
        .map(|_| ())
        .map_err(|fault| conn.fault(OpKind::Close, fault))
}

fn addr(conn: &ConnSlot, remote: bool) -> Result<dunlin_addr> {
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

fn close(conn: &ConnSlot) {
    let (handle, _, _) = conn.place();
    let sock = conn.take_sock();
    if sock < 0 {
        return;
    }
    // An unregistered device has had its sockets closed already.
    if let Ok(dev) = DEVICES.enter(handle) {
        close_socket(&dev, sock);
    }
}

/// Gives a socket back to its driver.
pub(crate) fn close_socket(dev: &Dev, sock: i32) {
    // There is nothing to be done about a close that fails: the socket is the driver's again.
    let _ = wait::in_turn(dev, &mut |t, _, _| t.close(sock));
    dev.closed();
}
