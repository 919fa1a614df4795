//! Header section "HTTP".

use core::ffi::{c_char, c_void};

use super::arg;
use crate::error::{Error, Result};

/// The longest text that goes into a head; heads have their own, smaller limits.
pub(super) const HEAD_MAX: usize = 1 << 16;
/// The longest name or value of a field.
pub(super) const FIELD_MAX: usize = HEAD_MAX;

/// A field of a message's head, made by `DUNLIN_HTTP_HEADER(name, value)`. Frozen: its layout never
/// changes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_http_header {
    /// NUL-terminated.
    pub name: *const c_char,
    /// NUL-terminated.
    pub value: *const c_char,
    /// NULL.
    pub options: *const c_void,
}

impl dunlin_http_header {
    pub(super) fn parts(&self) -> Result<(&[u8], &[u8])> {
        if !self.options.is_null() {
            return Err(Error::VERSION);
        }
        // SAFETY: strings by the word of who made the field.
        unsafe { Ok((arg::text(self.name, FIELD_MAX)?, arg::text(self.value, FIELD_MAX)?)) }
    }
}
