//! Header section "Listeners".

use core::ffi::c_char;

use super::arg;
use super::conn::{dunlin_conn_t, dunlin_error_info, op};
use super::conn_option::{dunlin_keep_alive, keep_alive};
use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::net::conn::Limit;
use crate::net::listen::{self, ListenConfig, LISTENERS};
use crate::netdev::registry::NAME_LEN;
use crate::netdev::table::dunlin_addr;
use crate::time::Deadline;

/// A listener. Made by `dunlin_listen`; used by `dunlin_accept`, `dunlin_listener_addr`,
/// `dunlin_listener_set_deadline`, `dunlin_listener_error`, `dunlin_poll`. Released by: `dunlin_listener_close`.
pub type dunlin_listener_t = i32;

/// How to listen (Go: `ListenConfig`). Set up with `DUNLIN_LISTEN_CONFIG_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_listen_config {
    /// `sizeof(struct dunlin_listen_config)`.
    pub size: u32,
    /// Connections that may wait to be accepted; 0 is 8. The device may allow fewer.
    pub backlog: u32,
    /// The name of the only device to listen on. NULL: the one that has the address, or all, later
    /// ones too, when the address is a wildcard.
    pub device: *const c_char,
    /// The probes of accepted TCP connections; read during the call. NULL: Go's default.
    pub keep_alive: *const dunlin_keep_alive,
    /// 1: several listeners of the system may share the port; a device that cannot refuses. Else 0.
    pub reuse_port: u32,
    /// Zero.
    pub reserved: u32,
}

// SAFETY: repr(C), begins with its size, has only numbers and pointers.
unsafe impl arg::Sized for dunlin_listen_config {}

const BACKLOG: u32 = 8;

/// What an application says about a listener.
pub(super) struct How<'a> {
    pub config: ListenConfig<'a>,
    pub network: &'a [u8],
    pub address: &'a [u8],
}

impl<'a> How<'a> {
    /// # Safety
    /// A struct or NULL, and strings that live for `'a`.
    pub(super) unsafe fn take(
        config: *const dunlin_listen_config,
        network: *const c_char,
        address: *const c_char,
    ) -> Result<How<'a>> {
        // SAFETY: the caller's promise.
        unsafe {
            let config = arg::take_or_default(config)?;
            if config.reserved != 0 {
                return Err(Error::VERSION);
            }
            if config.reuse_port > 1 {
                return Err(Error::INVALID);
            }
            Ok(How {
                config: ListenConfig {
                    device: arg::optional(config.device, NAME_LEN)?,
                    backlog: if config.backlog == 0 { BACKLOG } else { config.backlog },
                    reuse_port: config.reuse_port != 0,
                    keep_alive: keep_alive(config.keep_alive)?,
                },
                network: arg::text(network, arg::WORD_MAX)?,
                address: arg::text(address, arg::ADDRESS_MAX)?,
            })
        }
    }
}

/// dunlin_listen listens for connections (Go: `net.Listen`, `ListenConfig.Listen`). On "tcp", "tcp4"
/// and "tcp6" `address` is "host:port" with an IP address or nothing as the host: ":8080",
/// "127.0.0.1:0"; port 0 lets the device choose. On "unix" and "unixpacket" it is a path. `config`
/// may be NULL.
///
/// Returns a handle, or `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`, `DUNLIN_ERR_UNKNOWN_NETWORK`,
/// `DUNLIN_ERR_MISSING_PORT`, `DUNLIN_ERR_MISSING_ADDRESS`, `DUNLIN_ERR_INVALID_ADDRESS`,
/// `DUNLIN_ERR_NO_SUITABLE_ADDRESS` (of the other family), `DUNLIN_ERR_NOT_SUPPORTED` (the device
/// has no such sockets), `DUNLIN_ERR_NO_NETDEV`, `DUNLIN_ERR_NO_DEVICE`, `DUNLIN_ERR_ADDR_IN_USE`,
/// `DUNLIN_ERR_NO_SLOT`, or the driver's. Does not wait for the network. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_listen(
    config: *const dunlin_listen_config,
    network: *const c_char,
    address: *const c_char,
) -> dunlin_listener_t {
    arg::handle(|| {
        // SAFETY: a struct and strings by the caller's word.
        let how = unsafe { How::take(config, network, address) }?;
        Ok(listen::listen_with(&how.config, how.network, how.address)?.handle())
    })
}

/// dunlin_accept waits for a connection (Go: `Listener.Accept`), until the listener's deadline.
///
/// Returns a handle, to be released by `dunlin_conn_close`; or `DUNLIN_ERR_TIMEOUT`,
/// `DUNLIN_ERR_CLOSED` (by another task), `DUNLIN_ERR_NO_SLOT` (the table of connections is full;
/// nothing was accepted), `DUNLIN_ERR_BUSY` (another task accepts), `DUNLIN_ERR_WOULD_BLOCK` with a
/// deadline before 0, `DUNLIN_ERR_BAD_HANDLE`, or the driver's. Blocks. Any task, one at a time.
#[no_mangle]
pub extern "C" fn dunlin_accept(listener: dunlin_listener_t) -> dunlin_conn_t {
    arg::handle(|| Ok(LISTENERS.enter(Handle(listener))?.accept(Limit::NONE)?.handle()))
}

/// dunlin_listener_addr tells the address that is listened on (Go: `Listener.Addr`), with the port
/// that the device chose; of a listener on several devices the first one's.
///
/// Returns 0, or `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BAD_HANDLE`, `DUNLIN_ERR_NOT_SUPPORTED` (by the
/// driver), or the driver's. Does not block. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_listener_addr(listener: dunlin_listener_t, addr: *mut dunlin_addr) -> i32 {
    arg::status(|| {
        // SAFETY: a place by the caller's word.
        let out = unsafe { arg::place(addr) }?;
        out.write(LISTENERS.enter(Handle(listener))?.local_addr()?);
        Ok(())
    })
}

/// dunlin_listener_set_deadline bounds present and future accepts (Go: `TCPListener.SetDeadline`);
/// 0 is none.
///
/// Returns 0 or `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
#[no_mangle]
pub extern "C" fn dunlin_listener_set_deadline(listener: dunlin_listener_t, deadline: i64) -> i32 {
    arg::status(|| {
        LISTENERS.enter(Handle(listener))?.set_deadline(Deadline(deadline));
        Ok(())
    })
}

/// dunlin_listener_error tells the last error of the listener (Go: the `OpError` of `Accept`): `op`
/// is `DUNLIN_OP_ACCEPT`, or `DUNLIN_OP_LISTEN` when a listener on all devices could not listen on
/// one of them. `addr` is the address listened on, `source` is of family 0. It stays until the next
/// one; ask before the listener is closed. A `dunlin_listen` that failed left no listener to ask.
///
/// Returns 0, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`, `DUNLIN_ERR_BAD_HANDLE`. Does not block.
/// Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_listener_error(
    listener: dunlin_listener_t,
    info: *mut dunlin_error_info,
) -> i32 {
    arg::status(|| {
        let listener = LISTENERS.enter(Handle(listener))?;
        let detail = listener.detail();
        let value = dunlin_error_info {
            size: 0,
            op: op(detail.op),
            code: detail.code,
            driver_code: detail.raw,
            source: dunlin_addr::NONE,
            addr: listener.local_addr().unwrap_or(dunlin_addr::NONE),
            network: listener.network().c_name().as_ptr(),
        };
        // SAFETY: a struct by the caller's word.
        unsafe { arg::give(info, &value) }
    })
}

/// dunlin_listener_close closes the listener (Go: `Listener.Close`): the handle is stale at once,
/// an accept in progress ends with `DUNLIN_ERR_CLOSED`. Accepted connections stay.
///
/// Returns 0; `DUNLIN_ERR_BAD_HANDLE` the second time. Does not block. Any task.
#[no_mangle]
pub extern "C" fn dunlin_listener_close(listener: dunlin_listener_t) -> i32 {
    arg::status(|| listen::close(Handle(listener)))
}
