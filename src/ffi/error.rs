//! Header section "Errors".

use core::ffi::c_char;

use crate::error;

/// dunlin_strerror gives the English text of a result, as `strerror` does for errno.
///
/// Never NULL and never empty: "ok" for results >= 0, "driver error" for a driver's own codes (<=
/// -10000), "unknown error" for numbers that are none of ours. The text is static and
/// NUL-terminated. Any task or interrupt; does not block.
#[no_mangle]
pub extern "C" fn dunlin_strerror(code: i32) -> *const c_char {
    error::strerror_nul(code).as_ptr().cast()
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
