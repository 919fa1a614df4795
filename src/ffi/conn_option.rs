//! Header section "Connection options".

use super::arg;
use super::conn::dunlin_conn_t;
use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::net::conn::CONNS;
use crate::net::option::KeepAlive;

/// Probes that find out whether a silent peer is still there (Go: `KeepAliveConfig`). Set up with
/// `DUNLIN_KEEP_ALIVE_INIT`, which is Go's default: on, 15 s, 15 s, 9.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_keep_alive {
    /// `sizeof(struct dunlin_keep_alive)`.
    pub size: u32,
    /// 1: no probes. 0: probes.
    pub off: u32,
    /// Seconds of silence before the first; 0 is 15, negative leaves the device's number.
    pub idle_s: i32,
    /// Seconds between them; 0 is 15, negative leaves the device's number.
    pub interval_s: i32,
    /// How many go unanswered before the connection is given up; 0 is 9, negative leaves the device's.
    pub count: i32,
}

// SAFETY: repr(C), begins with its size, has only numbers and pointers.
unsafe impl arg::Sized for dunlin_keep_alive {}

/// What an application says of probes; NULL is Go's default.
///
/// # Safety
/// A struct by the caller's word, or NULL.
pub(super) unsafe fn keep_alive(config: *const dunlin_keep_alive) -> Result<KeepAlive> {
    // SAFETY: the caller's promise.
    let c = unsafe { arg::take_or_default(config) }?;
    if c.off > 1 {
        return Err(Error::INVALID);
    }
    Ok(KeepAlive { enable: c.off == 0, idle_s: c.idle_s, interval_s: c.interval_s, count: c.count })
}

/// dunlin_conn_set_no_delay says whether segments go out at once (1, the default) or may wait a
/// little for more data (0) (Go: `TCPConn.SetNoDelay`).
///
/// Returns 0, `DUNLIN_ERR_NOT_SUPPORTED` (by the driver, or by what is no TCP connection),
/// `DUNLIN_ERR_BAD_HANDLE`, `DUNLIN_ERR_NET_DOWN`, or the driver's. Does not wait for the network.
/// Any task.
#[no_mangle]
pub extern "C" fn dunlin_conn_set_no_delay(conn: dunlin_conn_t, on: i32) -> i32 {
    arg::status(|| CONNS.enter(Handle(conn))?.set_no_delay(on != 0))
}

/// dunlin_conn_set_keep_alive sets the probes of a silent peer (Go: `TCPConn.SetKeepAliveConfig`).
/// `config` may be NULL: Go's default, with which every TCP connection begins.
///
/// Returns as `dunlin_conn_set_no_delay`, `DUNLIN_ERR_INVALID` or `DUNLIN_ERR_VERSION`; a device
/// that has only a part of the options has then set that part. Does not wait for the network. Any
/// task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_conn_set_keep_alive(
    conn: dunlin_conn_t,
    config: *const dunlin_keep_alive,
) -> i32 {
    arg::status(|| {
        let conn = CONNS.enter(Handle(conn))?;
        // SAFETY: a struct or NULL by the caller's word.
        conn.set_keep_alive(&unsafe { keep_alive(config) }?)
    })
}

/// dunlin_conn_set_linger says what close does with data that is not yet sent (Go:
/// `TCPConn.SetLinger`). Negative, the default: the device sends it after close. 0: it is dropped
/// and the peer sees a reset. Positive: it is sent, but after so many seconds dropped.
///
/// Returns as `dunlin_conn_set_no_delay`. Does not wait for the network. Any task.
#[no_mangle]
pub extern "C" fn dunlin_conn_set_linger(conn: dunlin_conn_t, seconds: i32) -> i32 {
    arg::status(|| CONNS.enter(Handle(conn))?.set_linger(seconds))
}

/// dunlin_conn_set_read_buffer sets the size in bytes of the device's receive buffer (Go:
/// `SetReadBuffer`); the device may round it.
///
/// Returns as `dunlin_conn_set_no_delay`, or `DUNLIN_ERR_INVALID` (0, or 2 GiB and more). Does not
/// wait for the network. Any task.
#[no_mangle]
pub extern "C" fn dunlin_conn_set_read_buffer(conn: dunlin_conn_t, bytes: u32) -> i32 {
    arg::status(|| CONNS.enter(Handle(conn))?.set_read_buffer(bytes))
}

/// dunlin_conn_set_write_buffer sets the size in bytes of the device's send buffer (Go:
/// `SetWriteBuffer`). Returns as `dunlin_conn_set_read_buffer`. Does not wait for the network. Any
/// task.
#[no_mangle]
pub extern "C" fn dunlin_conn_set_write_buffer(conn: dunlin_conn_t, bytes: u32) -> i32 {
    arg::status(|| CONNS.enter(Handle(conn))?.set_write_buffer(bytes))
}

/// dunlin_conn_close_read ends the reading direction (Go: `TCPConn.CloseRead`): a read in progress
/// and all later ones give an end of stream, what lies unread is dropped, and writing goes on.
///
/// Returns 0, `DUNLIN_ERR_NOT_SUPPORTED` (by the driver, or by a pipe), `DUNLIN_ERR_BAD_HANDLE`,
/// `DUNLIN_ERR_NET_DOWN`, or the driver's. Does not wait. Any task.
#[no_mangle]
pub extern "C" fn dunlin_conn_close_read(conn: dunlin_conn_t) -> i32 {
    arg::status(|| CONNS.enter(Handle(conn))?.shutdown_read())
}
