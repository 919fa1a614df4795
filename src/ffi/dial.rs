//! Header section "Dialing".

use core::ffi::c_char;

use super::arg;
use super::cancel::dunlin_cancel_t;
use super::conn::{dunlin_conn_t, dunlin_error_info, DUNLIN_OP_DIAL};
use super::conn_option::{dunlin_keep_alive, keep_alive};
use crate::error::Error;
use crate::handle::Handle;
use crate::net::cancel;
use crate::net::conn::Limit;
use crate::net::dial::{self, Dialer, Failed};
use crate::net::network::Network;
use crate::netdev::registry::NAME_LEN;
use crate::netdev::table::{dunlin_addr, DUNLIN_AF_UNIX};
use crate::time::Deadline;

/// How to dial (Go: `Dialer`). Set up with `DUNLIN_DIALER_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_dialer {
    /// `sizeof(struct dunlin_dialer)`.
    pub size: u32,
    /// For name look-up and connecting together; 0 is 30 seconds.
    pub timeout_ms: i32,
    /// The latest end, besides the time-out; 0 is none.
    pub deadline: i64,
    /// The name of the device to go through. NULL: the route decides.
    pub device: *const c_char,
    /// Ends the dial; 0 is none.
    pub cancel: dunlin_cancel_t,
    /// When a name has addresses of both families and the first one's has not connected after so
    /// many milliseconds, the other one is tried too; 0 is 300, negative is never (Go:
    /// `FallbackDelay`).
    pub fallback_delay_ms: i32,
    /// Where to connect from; of family 0 or of no address only its port counts. NULL: the device
    /// chooses.
    pub local_addr: *const dunlin_addr,
    /// The probes of a TCP connection. NULL: Go's default.
    pub keep_alive: *const dunlin_keep_alive,
    /// Where a dial that fails tells more; cleared when it begins. NULL: nowhere.
    pub error: *mut dunlin_error_info,
}

// SAFETY: repr(C), begins with its size, has only numbers and pointers.
unsafe impl arg::Sized for dunlin_dialer {}

const TIMEOUT_MS: i32 = 30_000;

/// dunlin_dial connects to `address` on `network` (Go: `Dialer.Dial`); `dialer` may be NULL.
///
/// "tcp", "tcp4", "tcp6": `address` is "host:port" with a name or an IP address and a number or the
/// name of a service; an empty or unspecified host is this system. The addresses of a name are tried
/// one after another, each for its share of the time; of two families the second begins
/// after `fallback_delay_ms`, where the device can connect without blocking. The first error of the
/// first family is the one returned.
/// "udp", "udp4", "udp6": the same, for a connection of datagrams. "ip:icmp", "ip4:1", "ip6:58" and
/// the like: `address` is a host, messages are packets of that protocol. "unix", "unixgram",
/// "unixpacket": `address` is a path.
/// On connections of messages a read gives one message (`DUNLIN_ERR_MESSAGE_SIZE`: it was longer, the
/// rest is gone), a write sends one.
///
/// Returns a handle, to be released by `dunlin_conn_close`; or `DUNLIN_ERR_TIMEOUT`,
/// `DUNLIN_ERR_CANCELED`, `DUNLIN_ERR_CONN_REFUSED`, `DUNLIN_ERR_NO_SUCH_HOST` and the others of `dunlin_lookup_host`,
/// `DUNLIN_ERR_NO_NETDEV`, `DUNLIN_ERR_NET_DOWN`, `DUNLIN_ERR_NO_DEVICE`, `DUNLIN_ERR_NOT_SUPPORTED`
/// (no device has such sockets), `DUNLIN_ERR_UNKNOWN_NETWORK`, `DUNLIN_ERR_UNKNOWN_PROTOCOL`,
/// `DUNLIN_ERR_MISSING_ADDRESS`, `DUNLIN_ERR_MISSING_PORT` and others of addresses,
/// `DUNLIN_ERR_NO_SUITABLE_ADDRESS`, `DUNLIN_ERR_MISMATCHED_ADDRESS` (`local_addr` is of another
/// kind), `DUNLIN_ERR_NO_SLOT`, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`, or the driver's. Blocks.
/// Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_dial(
    dialer: *const dunlin_dialer,
    network: *const c_char,
    address: *const c_char,
) -> dunlin_conn_t {
    arg::handle(|| {
        // SAFETY: structs and strings by the caller's word.
        unsafe {
            let d = arg::take_or_default(dialer)?;
            if d.error.is_null() {
                return dial(&d, network, address).map_err(|failed| failed.fault.error);
            }
            arg::give(d.error, &NO_INFO)?;
            dial(&d, network, address).map_err(|failed| tell(&d, network, address, &failed))
        }
    })
}

/// Tells more of a dial that failed; the error.
///
/// # Safety
/// As [`dial`]; `d.error` too, which is not NULL.
#[inline(never)]
unsafe fn tell(d: &dunlin_dialer, network: *const c_char, address: *const c_char, failed: &Failed) -> Error {
    // SAFETY: the caller's promise.
    unsafe {
        let known = arg::text(network, arg::WORD_MAX).and_then(Network::parse).ok();
        let mut info = dunlin_error_info {
            op: DUNLIN_OP_DIAL,
            code: failed.fault.error.code(),
            driver_code: failed.fault.raw,
            source: arg::one(d.local_addr).unwrap_or(dunlin_addr::NONE),
            addr: failed.addr,
            network: known.map_or(core::ptr::null(), |n| n.c_name().as_ptr()),
            size: 0,
        };
        if info.addr.family == DUNLIN_AF_UNIX {
            // The path is the caller's own.
            info.addr.options = address.cast();
        }
        match arg::give(d.error, &info) {
            Ok(()) => failed.fault.error,
            Err(e) => e,
        }
    }
}

const NO_INFO: dunlin_error_info = dunlin_error_info {
    size: 0,
    op: 0,
    code: 0,
    driver_code: 0,
    source: dunlin_addr::NONE,
    addr: dunlin_addr::NONE,
    network: core::ptr::null(),
};

/// # Safety
/// What `d` points to, and the strings, by the caller's word.
#[inline(never)]
unsafe fn dial(
    d: &dunlin_dialer,
    network: *const c_char,
    address: *const c_char,
) -> core::result::Result<Handle, Failed> {
    // SAFETY: the caller's promise.
    unsafe {
        let local = if d.local_addr.is_null() { None } else { Some(arg::one(d.local_addr)?) };
        let dialer = Dialer {
            device: arg::optional(d.device, NAME_LEN)?,
            local: local.as_ref(),
            keep_alive: keep_alive(d.keep_alive)?,
            fallback_ms: d.fallback_delay_ms,
        };
        let network = arg::text(network, arg::WORD_MAX)?;
        let address = arg::text(address, arg::ADDRESS_MAX)?;
        let token = cancel::enter(Handle(d.cancel))?;
        let deadline = Deadline::of_timeout(d.timeout_ms, TIMEOUT_MS).earliest(Deadline(d.deadline));
        let limit = Limit { deadline, cancel: token.as_deref() };
        Ok(dial::dial_telling(&dialer, network, address, limit)?.handle())
    }
}
