//! Header section "Interface flags".

use core::ffi::c_char;

use super::arg;
use crate::net::flags::{write_flags, FLAGS_TEXT_MAX};

/// Bytes that the names of all flags take, their NUL included.
pub const DUNLIN_FLAGS_TEXT_MAX: usize = 53;
const _: () = assert!(DUNLIN_FLAGS_TEXT_MAX == FLAGS_TEXT_MAX + 1);

/// dunlin_flags_format writes the names of the `DUNLIN_FLAG_…` that are set, NUL-terminated:
/// "up|broadcast|multicast", or "0" for none (Go: `Flags.String`). `DUNLIN_FLAGS_TEXT_MAX` bytes
/// are always enough.
///
/// Returns the length without the NUL, or `DUNLIN_ERR_BUFFER_TOO_SMALL`, `DUNLIN_ERR_INVALID` for
/// NULL. Does not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_flags_format(flags: u32, buf: *mut c_char, capacity: usize) -> i32 {
    // SAFETY: a buffer by the caller's word.
    arg::length(|| unsafe { arg::give_text(buf, capacity, |room| write_flags(flags, room)) })
}
