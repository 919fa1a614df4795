//! Header section "Errors".

use core::ffi::c_char;

use super::arg;
use super::conn::{dunlin_error_info, op_kind};
use crate::error::{self, Error, Result};
use crate::net::addr::{Addr, ADDR_TEXT_MAX};
use crate::net::op_error::{self, op_name, OpError};
use crate::netdev::table::{dunlin_addr, DUNLIN_AF_UNIX};
use crate::text::Text;

/// dunlin_strerror gives the English text of a result, as `strerror` does for errno.
///
/// Never NULL and never empty: "ok" for results >= 0, "driver error" for a driver's own codes (<=
/// -10000), "unknown error" for numbers that are none of ours. The text is static and
/// NUL-terminated. Any task or interrupt; does not block.
#[no_mangle]
pub extern "C" fn dunlin_strerror(code: i32) -> *const c_char {
    error::strerror_nul(code).as_ptr().cast()
}

/// dunlin_error_is_timeout says whether a result tells that time ran out, or that none was given (Go:
/// `net.Error.Timeout`): `DUNLIN_ERR_TIMEOUT`, `DUNLIN_ERR_WOULD_BLOCK`.
///
/// Returns 1 or 0. Any task or interrupt; does not block.
#[no_mangle]
pub extern "C" fn dunlin_error_is_timeout(code: i32) -> i32 {
    (code < 0 && Error::from_code(code).is_timeout()).into()
}

/// dunlin_error_is_temporary says whether the same may succeed later without a change of anything
/// here (Go: `OpError.Temporary`): time-outs, interruptions, a lack of sockets, an ailing name
/// server, and, when `op` is `DUNLIN_OP_ACCEPT`, a peer that left before it was accepted.
///
/// Returns 1 or 0; 0 for an unknown `op`. Any task or interrupt; does not block.
#[no_mangle]
pub extern "C" fn dunlin_error_is_temporary(op: u32, code: i32) -> i32 {
    (code < 0 && op_kind(op).is_ok_and(|op| op_error::is_temporary(op, Error::from_code(code)))).into()
}

/// dunlin_error_format writes an error as Go does, NUL-terminated: "read tcp
/// 192.0.2.1:1025->192.0.2.2:80: i/o timeout" (Go: `OpError.Error`). The struct is one that
/// `dunlin_conn_error` filled or the application itself, for a dial for example; what it leaves
/// out is not written. A driver's own error is written with its number; no error (`code` 0) is
/// "<nil>".
///
/// Returns the length without the NUL, or `DUNLIN_ERR_BUFFER_TOO_SMALL`, `DUNLIN_ERR_INVALID` (NULL,
/// or an unknown `op`), `DUNLIN_ERR_INVALID_ADDRESS` for a family that is unknown,
/// `DUNLIN_ERR_VERSION`. Does not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_error_format(
    info: *const dunlin_error_info,
    buf: *mut c_char,
    capacity: usize,
) -> i32 {
    arg::length(|| {
        // SAFETY: a struct with strings and a buffer by the caller's word.
        unsafe {
            let info = arg::take(info)?;
            let network = arg::optional(info.network, arg::WORD_MAX)?.unwrap_or_default();
            let mut rooms = [[0; ADDR_TEXT_MAX]; 2];
            let [source_room, addr_room] = &mut rooms;
            let (mut number, op) = ([0; DRIVER_TEXT_MAX], op_name(op_kind(info.op)?).as_bytes());
            let error = OpError {
                op,
                network,
                source: text_of(&info.source, source_room)?,
                addr: text_of(&info.addr, addr_room)?,
                err: reason(info.code, &mut number)?,
            };
            arg::give_text(buf, capacity, |room| {
                if info.code >= 0 {
                    let mut nil = Text::new(room);
                    return nil.put(b"<nil>").map(|()| nil.len());
                }
                error.write(room)
            })
        }
    })
}

/// Room for "driver error " and a number.
const DRIVER_TEXT_MAX: usize = 24;

fn reason(code: i32, room: &mut [u8; DRIVER_TEXT_MAX]) -> Result<&[u8]> {
    let text = error::strerror(code).as_bytes();
    if code > error::DRIVER_BASE {
        return Ok(text);
    }
    let mut out = Text::new(room);
    out.put(text)?;
    out.put(b" -")?;
    out.put_u32(code.unsigned_abs())?;
    Ok(out.into_bytes())
}

/// An address as text; `None` for no address.
///
/// # Safety
/// A unix address has a path, as its struct says.
unsafe fn text_of<'a>(addr: &'a dunlin_addr, room: &'a mut [u8]) -> Result<Option<&'a [u8]>> {
    if addr.family == DUNLIN_AF_UNIX {
        // SAFETY: the caller's promise.
        return unsafe { arg::optional(addr.options.cast(), arg::PATH_MAX) };
    }
    let Some(addr) = Addr::from_c(addr)? else { return Ok(None) };
    let len = addr.write(room)?;
    Ok(room.get(..len))
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::ffi::CStr;

    #[test]
    fn texts_end() {
        // SAFETY: the table's test shows that every text ends with its only NUL.
        let text = unsafe { CStr::from_ptr(dunlin_strerror(-2009)) };
        assert_eq!(text.to_bytes(), b"i/o timeout");
    }
}
