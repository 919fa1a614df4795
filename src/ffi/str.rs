//! Header section "Strings".

use core::ffi::c_char;

use super::arg;
use super::http::HEAD_MAX;
use crate::error::Error;

/// Bytes that somebody else owns, not NUL-terminated; `ptr` is NULL when there is nothing. How long
/// they live is said where they come from. Frozen: its layout never changes. Printed by
/// `printf("%.*s", DUNLIN_STR_ARG(str))`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_str {
    /// The bytes.
    pub ptr: *const c_char,
    /// How many.
    pub len: usize,
}

impl dunlin_str {
    /// Nothing.
    pub(crate) const NONE: dunlin_str = dunlin_str { ptr: core::ptr::null(), len: 0 };

    /// A view of bytes.
    pub(crate) fn of(bytes: &[u8]) -> dunlin_str {
        dunlin_str { ptr: bytes.as_ptr().cast(), len: bytes.len() }
    }
}

/// dunlin_str_copy copies a view into the caller's buffer and ends it with a NUL, for when it is
/// needed longer than the view lives.
///
/// Returns the length without the NUL, or `DUNLIN_ERR_BUFFER_TOO_SMALL`, `DUNLIN_ERR_INVALID` for
/// NULL. Does not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_str_copy(str: dunlin_str, buf: *mut c_char, capacity: usize) -> i32 {
    arg::length(|| {
        // SAFETY: a view and a buffer by the caller's word.
        unsafe {
            let from = arg::input(str.ptr.cast(), str.len)?;
            arg::give_text(buf, capacity, |room| {
                room.get_mut(..from.len()).ok_or(Error::BUFFER_TOO_SMALL)?.copy_from_slice(from);
                Ok(from.len())
            })
        }
    })
}

/// dunlin_str_of makes a view of a NUL-terminated text of at most 65,536 bytes, which must live as
/// long.
///
/// `ptr` is NULL for NULL and for a longer text. Does not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_str_of(text: *const c_char) -> dunlin_str {
    // SAFETY: a string by the caller's word.
    unsafe { arg::text(text, HEAD_MAX) }.map_or(dunlin_str::NONE, dunlin_str::of)
}
