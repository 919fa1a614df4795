//! Header section "Strings".

use core::ffi::c_char;

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
