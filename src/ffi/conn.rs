//! Header section "Connections".

use core::ffi::{c_char, c_void};

use super::arg;
use super::init::dunlin_ssize_t;
use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::net::conn::{self, Conn, ConnSlot, Limit, OpKind, CONNS};
use crate::netdev::table::{dunlin_addr, dunlin_iovec};
use crate::time::Deadline;

/// A connection: of TCP, or one end of a pipe (Go: `net.Conn`). Made by `dunlin_dial`,
/// `dunlin_accept`, `dunlin_pipe`; used by the `dunlin_conn_…` functions and `dunlin_poll`. One
/// task may read and one write at the same time; any task may close it or move its deadlines.
/// Released by: `dunlin_conn_close`.
pub type dunlin_conn_t = i32;

/// The most pieces of one `dunlin_conn_writev`.
pub const DUNLIN_IOVEC_MAX: u32 = 16;

/// `op`: nothing failed yet.
pub const DUNLIN_OP_NONE: u32 = 0;
/// `op`: connecting.
pub const DUNLIN_OP_DIAL: u32 = 1;
/// `op`: reading.
pub const DUNLIN_OP_READ: u32 = 2;
/// `op`: writing.
pub const DUNLIN_OP_WRITE: u32 = 3;
/// `op`: closing, or ending one direction.
pub const DUNLIN_OP_CLOSE: u32 = 4;
/// `op`: accepting.
pub const DUNLIN_OP_ACCEPT: u32 = 5;
/// `op`: listening.
pub const DUNLIN_OP_LISTEN: u32 = 6;
/// `op`: setting an option.
pub const DUNLIN_OP_SET: u32 = 7;

/// The last error of a connection or a listener (Go: `OpError`, as data). Set up with `DUNLIN_ERROR_INFO_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_error_info {
    /// `sizeof(struct dunlin_error_info)`.
    pub size: u32,
    /// What was tried, `DUNLIN_OP_…` (Go: `Op`).
    pub op: u32,
    /// The result that was returned, 0 when nothing failed yet (Go: `Err`).
    pub code: i32,
    /// What the driver returned; differs from `code` when that could not be believed.
    pub driver_code: i32,
    /// The local address (Go: `Source`); of family 0 when it is not known.
    pub source: dunlin_addr,
    /// The peer's address (Go: `Addr`); of family 0 when it is not known.
    pub addr: dunlin_addr,
    /// The network, "tcp" or "pipe" for example, static (Go: `Net`); NULL when it is not known.
    pub network: *const c_char,
}

// SAFETY: repr(C), begins with its size, has only numbers and pointers.
unsafe impl arg::Sized for dunlin_error_info {}

fn enter(conn: dunlin_conn_t) -> Result<Conn> {
    CONNS.enter(Handle(conn))
}

/// dunlin_conn_read reads 1 to `len` bytes (Go: `Conn.Read`), until the read deadline.
///
/// Returns how many; 0 is the end of the stream and nothing else. `DUNLIN_ERR_TIMEOUT`: the
/// deadline came, nothing is lost; `DUNLIN_ERR_WOULD_BLOCK` with a deadline before 0;
/// `DUNLIN_ERR_CLOSED` (by another task), `DUNLIN_ERR_CLOSED_PIPE`, `DUNLIN_ERR_CONN_RESET`,
/// `DUNLIN_ERR_NET_DOWN`, `DUNLIN_ERR_BUSY` (another task reads), `DUNLIN_ERR_INVALID` (NULL, or a
/// length of 0), `DUNLIN_ERR_BAD_HANDLE`, or the driver's. Blocks. Any task, one reader at a time.
#[no_mangle]
pub unsafe extern "C" fn dunlin_conn_read(
    conn: dunlin_conn_t,
    buf: *mut c_void,
    len: usize,
) -> dunlin_ssize_t {
    arg::bytes(|| {
        let conn = enter(conn)?;
        // SAFETY: a buffer by the caller's word.
        let buf = unsafe { arg::output(buf, len) }?;
        if buf.is_empty() {
            return Err(Error::INVALID);
        }
        loop {
            match conn.read(buf, Limit::NONE) {
                // A pipe's peer wrote nothing; that is no end.
                Ok(0) if !conn.keeps_messages() => {}
                Err(Error::EOF) => return Ok(0),
                other => return other,
            }
        }
    })
}

/// dunlin_conn_write writes all of `data` (Go: `Conn.Write`), until the write deadline.
///
/// Returns `len`. Fewer, when an error came after some bytes were taken: `dunlin_conn_error` tells it.
/// An error when none were: `DUNLIN_ERR_TIMEOUT`, `DUNLIN_ERR_WOULD_BLOCK` with a deadline before
/// 0, `DUNLIN_ERR_CLOSED` (by another task), `DUNLIN_ERR_CLOSED_PIPE`, `DUNLIN_ERR_BROKEN_PIPE`,
/// `DUNLIN_ERR_CONN_RESET`, `DUNLIN_ERR_NET_DOWN`, `DUNLIN_ERR_BUSY` (another task writes),
/// `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BAD_HANDLE`, or the driver's. Blocks. Any task, one writer at
/// a time.
#[no_mangle]
pub unsafe extern "C" fn dunlin_conn_write(
    conn: dunlin_conn_t,
    data: *const c_void,
    len: usize,
) -> dunlin_ssize_t {
    arg::bytes(|| {
        let conn = enter(conn)?;
        // SAFETY: a buffer by the caller's word.
        let data = unsafe { arg::input(data, len) }?;
        write(&conn, &[data])
    })
}

/// dunlin_conn_writev writes the pieces in order, as one write (Go: `Buffers.WriteTo`). `count` is
/// at most `DUNLIN_IOVEC_MAX`. Returns what `dunlin_conn_write` returns. Blocks. Any task, one
/// writer at a time.
#[no_mangle]
pub unsafe extern "C" fn dunlin_conn_writev(
    conn: dunlin_conn_t,
    vec: *const dunlin_iovec,
    count: u32,
) -> dunlin_ssize_t {
    arg::bytes(|| {
        let conn = enter(conn)?;
        // SAFETY: pieces by the caller's word.
        let vec = unsafe { arg::list(vec, count as usize) }?;
        let mut pieces: [&[u8]; DUNLIN_IOVEC_MAX as usize] = [&[]; DUNLIN_IOVEC_MAX as usize];
        let pieces = pieces.get_mut(..vec.len()).ok_or(Error::INVALID)?;
        let mut total = 0usize;
        for (to, from) in pieces.iter_mut().zip(vec) {
            // SAFETY: a buffer by the caller's word.
            *to = unsafe { arg::input(from.ptr, from.len) }?;
            total =
                total.checked_add(from.len).filter(|n| isize::try_from(*n).is_ok()).ok_or(Error::INVALID)?;
        }
        write(&conn, pieces)
    })
}

fn write(conn: &ConnSlot, pieces: &[&[u8]]) -> Result<usize> {
    let mut written = 0;
    match conn.write_counted(pieces, Limit::NONE, &mut written) {
        Err(e) if written == 0 => Err(e),
        _ => Ok(written),
    }
}

/// dunlin_conn_close closes the connection (Go: `Conn.Close`): the handle is stale at once, blocked
/// calls end with `DUNLIN_ERR_CLOSED`, the socket is given back when they have left.
///
/// Returns 0; `DUNLIN_ERR_BAD_HANDLE` the second time. Does not wait. Any task.
#[no_mangle]
pub extern "C" fn dunlin_conn_close(conn: dunlin_conn_t) -> i32 {
    arg::status(|| conn::close(Handle(conn)))
}

/// dunlin_conn_close_write ends the writing direction: the peer reads an end of stream, and reading
/// goes on (Go: `TCPConn.CloseWrite`).
///
/// Returns 0, `DUNLIN_ERR_NOT_SUPPORTED` (by the driver), `DUNLIN_ERR_BAD_HANDLE`, or the driver's.
/// Does not wait. Any task.
#[no_mangle]
pub extern "C" fn dunlin_conn_close_write(conn: dunlin_conn_t) -> i32 {
    arg::status(|| enter(conn)?.shutdown_write())
}

/// dunlin_conn_set_deadline sets both deadlines (Go: `Conn.SetDeadline`): for reads and writes in
/// progress and all later ones; 0 is none. Returns 0 or `DUNLIN_ERR_BAD_HANDLE`. Does not block.
/// Any task.
#[no_mangle]
pub extern "C" fn dunlin_conn_set_deadline(conn: dunlin_conn_t, deadline: i64) -> i32 {
    arg::status(|| {
        let conn = enter(conn)?;
        conn.set_read_deadline(Deadline(deadline));
        conn.set_write_deadline(Deadline(deadline));
        Ok(())
    })
}

/// dunlin_conn_set_read_deadline bounds the read in progress and later ones (Go:
/// `Conn.SetReadDeadline`); 0 is none, a negative number makes every read a single try. Returns 0
/// or `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
#[no_mangle]
pub extern "C" fn dunlin_conn_set_read_deadline(conn: dunlin_conn_t, deadline: i64) -> i32 {
    arg::status(|| {
        enter(conn)?.set_read_deadline(Deadline(deadline));
        Ok(())
    })
}

/// dunlin_conn_set_write_deadline bounds the write in progress and later ones (Go:
/// `Conn.SetWriteDeadline`); 0 is none, a negative number makes every write a single try. Returns 0
/// or `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
#[no_mangle]
pub extern "C" fn dunlin_conn_set_write_deadline(conn: dunlin_conn_t, deadline: i64) -> i32 {
    arg::status(|| {
        enter(conn)?.set_write_deadline(Deadline(deadline));
        Ok(())
    })
}

/// dunlin_conn_local_addr tells the local address (Go: `Conn.LocalAddr`); of family 0 for a pipe.
///
/// Returns 0, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_NOT_SUPPORTED` (by the driver),
/// `DUNLIN_ERR_BAD_HANDLE`, or the driver's. Does not block. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_conn_local_addr(conn: dunlin_conn_t, addr: *mut dunlin_addr) -> i32 {
    // SAFETY: the caller's word.
    unsafe { address(conn, addr, ConnSlot::local_addr) }
}

/// dunlin_conn_remote_addr tells the peer's address (Go: `Conn.RemoteAddr`); of family 0 for a
/// pipe. Returns as `dunlin_conn_local_addr`. Does not block. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_conn_remote_addr(conn: dunlin_conn_t, addr: *mut dunlin_addr) -> i32 {
    // SAFETY: the caller's word.
    unsafe { address(conn, addr, ConnSlot::remote_addr) }
}

unsafe fn address(
    conn: dunlin_conn_t,
    addr: *mut dunlin_addr,
    get: fn(&ConnSlot) -> Result<dunlin_addr>,
) -> i32 {
    arg::status(|| {
        // SAFETY: a place by the caller's word.
        let out = unsafe { arg::place(addr) }?;
        out.write(get(&*enter(conn)?)?);
        Ok(())
    })
}

/// dunlin_conn_error tells the last error of the connection (Go: the `OpError`). It stays until the
/// next one; ask before the connection is closed.
///
/// Returns 0, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`, `DUNLIN_ERR_BAD_HANDLE`. Does not block.
/// Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_conn_error(conn: dunlin_conn_t, info: *mut dunlin_error_info) -> i32 {
    arg::status(|| {
        let conn = enter(conn)?;
        let detail = conn.detail();
        let value = dunlin_error_info {
            size: 0,
            op: op(detail.op),
            code: detail.code,
            driver_code: detail.raw,
            source: conn.local_addr().unwrap_or(dunlin_addr::NONE),
            addr: conn.remote_addr().unwrap_or(dunlin_addr::NONE),
            network: conn.network().map_or(core::ptr::null(), |n| n.as_ptr()),
        };
        // SAFETY: a struct by the caller's word.
        unsafe { arg::give(info, &value) }
    })
}

/// The kind of a number of C.
pub(super) fn op_kind(op: u32) -> Result<OpKind> {
    Ok(match op {
        DUNLIN_OP_NONE => OpKind::None,
        DUNLIN_OP_DIAL => OpKind::Dial,
        DUNLIN_OP_READ => OpKind::Read,
        DUNLIN_OP_WRITE => OpKind::Write,
        DUNLIN_OP_CLOSE => OpKind::Close,
        DUNLIN_OP_ACCEPT => OpKind::Accept,
        DUNLIN_OP_LISTEN => OpKind::Listen,
        DUNLIN_OP_SET => OpKind::Set,
        _ => return Err(Error::INVALID),
    })
}

pub(super) fn op(kind: OpKind) -> u32 {
    match kind {
        OpKind::None => DUNLIN_OP_NONE,
        OpKind::Dial => DUNLIN_OP_DIAL,
        OpKind::Read => DUNLIN_OP_READ,
        OpKind::Write => DUNLIN_OP_WRITE,
        OpKind::Close => DUNLIN_OP_CLOSE,
        OpKind::Accept => DUNLIN_OP_ACCEPT,
        OpKind::Listen => DUNLIN_OP_LISTEN,
        OpKind::Set => DUNLIN_OP_SET,
    }
}
