//! Header section "Dialing".

use core::ffi::c_char;

use super::arg;
use super::cancel::dunlin_cancel_t;
use super::conn::dunlin_conn_t;
use crate::error::Error;
use crate::handle::Handle;
use crate::net::cancel;
use crate::net::conn::Limit;
use crate::net::dial::{self, Dialer};
use crate::netdev::registry::NAME_LEN;
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
    /// Zero.
    pub reserved: u32,
}

// SAFETY: repr(C), begins with its size, has only numbers and pointers.
unsafe impl arg::Sized for dunlin_dialer {}

const TIMEOUT_MS: i32 = 30_000;

/// dunlin_dial connects to `address`, "host:port" with a name or an IP address (Go: `Dialer.Dial`).
/// `network` is "tcp", "tcp4" or "tcp6"; `dialer` may be NULL. The addresses of a name are tried
/// one after another, each for its share of the time; the first error is the one returned.
///
/// Returns a handle, to be released by `dunlin_conn_close`; or `DUNLIN_ERR_TIMEOUT`,
/// `DUNLIN_ERR_CANCELED`, `DUNLIN_ERR_CONN_REFUSED`, `DUNLIN_ERR_NO_SUCH_HOST`,
/// `DUNLIN_ERR_NO_NETDEV`, `DUNLIN_ERR_NET_DOWN`, `DUNLIN_ERR_NO_DEVICE`,
/// `DUNLIN_ERR_UNKNOWN_NETWORK`, `DUNLIN_ERR_MISSING_PORT` and others of addresses,
/// `DUNLIN_ERR_NO_SLOT`, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`, or the driver's. Blocks. Any
/// task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_dial(
    dialer: *const dunlin_dialer,
    network: *const c_char,
    address: *const c_char,
) -> dunlin_conn_t {
    arg::handle(|| {
        // SAFETY: a struct and strings by the caller's word.
        unsafe {
            let d = arg::take_or_default(dialer)?;
            if d.reserved != 0 {
                return Err(Error::VERSION);
            }
            let device = arg::optional(d.device, NAME_LEN)?;
            let network = arg::text(network, arg::WORD_MAX)?;
            let address = arg::text(address, arg::ADDRESS_MAX)?;
            let token = cancel::enter(Handle(d.cancel))?;
            let deadline = Deadline::of_timeout(d.timeout_ms, TIMEOUT_MS).earliest(Deadline(d.deadline));
            let limit = Limit { deadline, cancel: token.as_deref() };
            Ok(dial::dial(&Dialer { device }, network, address, limit)?.handle())
        }
    })
}
