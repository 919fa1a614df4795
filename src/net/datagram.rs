//! Connections that keep message boundaries (Go: `UDPConn`, `IPConn`, `UnixConn` made by `Dial`): a read
//! gives one message, a write sends one, and one of no bytes is a message too.

use core::ffi::CStr;

use crate::error::{Error, Result};
use crate::net::conn::{ConnOps, ConnSlot, Limit, OpKind};
use crate::net::option::SetOption;
use crate::net::tcp::{self, Look};
use crate::netdev::pollset::PollSet;
use crate::netdev::table::{
    Fault, DUNLIN_PEEK, DUNLIN_SOL_SOCKET, DUNLIN_SO_RCVBUF, DUNLIN_SO_SNDBUF, MAX_PIECES,
};
use crate::netdev::wait;

/// The operations of a connected UDP socket.
pub(crate) static UDP: ConnOps = messages(c"udp", tcp::receive, false);
/// Of raw IP.
pub(crate) static IP: ConnOps = messages(c"ip", tcp::receive, false);
/// Of unix datagrams.
pub(crate) static UNIXGRAM: ConnOps = messages(c"unixgram", tcp::receive, false);
/// Of a unix connection of messages, which ends as a stream does.
pub(crate) static UNIXPACKET: ConnOps = messages(c"unixpacket", tcp::read, true);

const fn messages(
    network: &'static CStr,
    read: fn(&ConnSlot, &mut [u8], Limit<'_>) -> Result<usize>,
    ends: bool,
) -> ConnOps {
    ConnOps {
        read,
        write,
        watch,
        shutdown: tcp::shutdown,
        set,
        addr: tcp::addr,
        close: tcp::close,
        network,
        rendezvous: false,
        messages: true,
        ends,
    }
}

/// The pieces are one message: `MESSAGE_SIZE` for more than `MAX_PIECES`, `NOT_SUPPORTED` for more than
/// one over a driver without `send_vec`.
fn write(conn: &ConnSlot, pieces: &[&[u8]], limit: Limit<'_>) -> Result<usize> {
    let len = pieces.iter().fold(0usize, |sum, piece| sum.saturating_add(piece.len()));
    let count = pieces.iter().filter(|piece| !piece.is_empty()).count();
    if count > MAX_PIECES || i32::try_from(len).is_err() {
        return Err(Error::MESSAGE_SIZE);
    }
    if count > 1 && !tcp::device(conn)?.0.table().has_send_vec() {
        return Err(Error::NOT_SUPPORTED);
    }
    let sent = tcp::write(conn, pieces, limit)?;
    if sent != len {
        // A part of a message is none.
        let raw = i32::try_from(sent).unwrap_or(i32::MAX);
        return Err(conn.fault(OpKind::Write, Fault { error: Error::DRIVER_BAD_RESULT, raw }));
    }
    Ok(sent)
}

fn watch(conn: &ConnSlot, events: u16, set: &mut PollSet, token: u16) -> Result<u16> {
    tcp::watch_with(conn, events, set, token, peek)
}

/// Looks whether a message waits, leaving it there. A driver that cannot do so says "try".
fn peek(conn: &ConnSlot) -> Look {
    let Some(_looking) = conn.begin_look() else { return Look::Later };
    let (at, entry) = tcp::begin(conn, false);
    // A lost link is reported by the next read.
    let Ok(entry) = entry else { return Look::Ready };
    let mut byte = [0u8];
    let peeked = tcp::attempt(conn, &at, &entry, false, &mut |t, flags, d| {
        t.recv(at.sock, &mut byte, flags | DUNLIN_PEEK, d)
    });
    match peeked {
        Err(wait::LINE_BUSY) => Look::Later,
        Err(fault) if fault.error == Error::WOULD_BLOCK => Look::Unready,
        _ => Look::Ready,
    }
}

/// Of the options only the sizes of buffers are not TCP's.
fn set(conn: &ConnSlot, option: SetOption) -> Result<()> {
    match option {
        (DUNLIN_SOL_SOCKET, DUNLIN_SO_RCVBUF | DUNLIN_SO_SNDBUF, _) => tcp::set(conn, option),
        _ => Err(Error::NOT_SUPPORTED),
    }
}
