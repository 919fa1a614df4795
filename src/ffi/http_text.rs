//! Header section "HTTP texts".

use core::ffi::{c_char, c_void};

use super::arg;
use super::str::dunlin_str;
use crate::error::{Error, Result};
use crate::http::cookie::{Cookie, Pair, SameSite};
use crate::http::{date, header, sniff, status};
use crate::text::Text;

/// Nothing is said of other sites' requests.
pub const DUNLIN_SAME_SITE_UNSET: u32 = 0;
/// It is said, with no value that is known.
pub const DUNLIN_SAME_SITE_DEFAULT: u32 = 1;
/// "Lax"
pub const DUNLIN_SAME_SITE_LAX: u32 = 2;
/// "Strict"
pub const DUNLIN_SAME_SITE_STRICT: u32 = 3;
/// "None"
pub const DUNLIN_SAME_SITE_NONE: u32 = 4;

/// Not over plain HTTP.
pub const DUNLIN_COOKIE_SECURE: u32 = 1;
/// Not for scripts.
pub const DUNLIN_COOKIE_HTTP_ONLY: u32 = 2;
/// Kept apart by the site that embeds this one.
pub const DUNLIN_COOKIE_PARTITIONED: u32 = 4;
/// The value had quotes, or is to get them.
pub const DUNLIN_COOKIE_QUOTED: u32 = 8;
/// `expires` is set.
pub const DUNLIN_COOKIE_EXPIRES: u32 = 16;

/// A cookie as a server sets it (Go: `http.Cookie`). Set up with `DUNLIN_HTTP_COOKIE_INIT`; a view
/// of nothing is no such attribute.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_http_cookie {
    /// `sizeof(struct dunlin_http_cookie)`.
    pub size: u32,
    /// `DUNLIN_COOKIE_…`.
    pub flags: u32,
    /// `DUNLIN_SAME_SITE_…`.
    pub same_site: u32,
    /// Zero.
    pub reserved: u32,
    /// Unix seconds, if `DUNLIN_COOKIE_EXPIRES` is set.
    pub expires: i64,
    /// Seconds; 0 says nothing, a negative number deletes the cookie.
    pub max_age: i64,
    /// A token.
    pub name: dunlin_str,
    /// Without its quotes.
    pub value: dunlin_str,
    /// The path it is for.
    pub path: dunlin_str,
    /// The domain it is for; none: the host alone.
    pub domain: dunlin_str,
}

// SAFETY: repr(C), begins with its size, has only numbers and views.
unsafe impl arg::Sized for dunlin_http_cookie {}

/// # Safety
/// A view by the caller's word; a NULL one is refused.
unsafe fn text<'a>(view: dunlin_str) -> Result<&'a [u8]> {
    if view.ptr.is_null() {
        return Err(Error::INVALID);
    }
    // SAFETY: the caller's promise.
    unsafe { arg::input(view.ptr.cast(), view.len) }
}

/// dunlin_http_detect_content_type tells the media type of what begins with these bytes, of which at
/// most 512 decide (Go: `http.DetectContentType`): "application/octet-stream" if nothing tells.
/// Static; `ptr` is NULL for NULL. Does not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_detect_content_type(data: *const c_void, len: usize) -> dunlin_str {
    // SAFETY: a buffer by the caller's word.
    let data = unsafe { arg::input(data, len.min(sniff::SNIFF_LEN)) };
    data.map_or(dunlin_str::NONE, |data| dunlin_str::of(sniff::detect(data).as_bytes()))
}

/// dunlin_http_status_text tells the reason phrase of a status (Go: `http.StatusText`). Static;
/// empty for one that is not known. Does not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub extern "C" fn dunlin_http_status_text(status: i32) -> dunlin_str {
    let code = u16::try_from(status).unwrap_or(0);
    dunlin_str::of(status::text(code).as_bytes())
}

/// dunlin_http_time_parse reads the time of a field in one of its three forms into `*seconds`
/// since 1970 (Go: `http.ParseTime`).
///
/// Returns 0 or `DUNLIN_ERR_INVALID`. Does not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_time_parse(time: dunlin_str, seconds: *mut i64) -> i32 {
    // SAFETY: a view and a place by the caller's word.
    arg::plain(|| unsafe {
        arg::place(seconds)?.write(date::parse(text(time)?)?);
        Ok(())
    })
}

/// dunlin_http_time_format writes a time as fields have it, "Thu, 01 Jan 1970 00:00:00 GMT", and ends
/// it with a NUL (Go: `http.TimeFormat`): 30 bytes. Years outside of 0 to 9999 become the nearest
/// one.
///
/// Returns 29; `DUNLIN_ERR_BUFFER_TOO_SMALL`, `DUNLIN_ERR_INVALID`. Does not block. Any task, before
/// `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_time_format(seconds: i64, buf: *mut c_char, capacity: usize) -> i32 {
    // SAFETY: a buffer by the caller's word.
    arg::length(|| unsafe {
        arg::give_text(buf, capacity, |room| {
            let mut out = Text::new(room);
            out.put(&date::format(seconds))?;
            Ok(out.len())
        })
    })
}

/// dunlin_http_canonical_header_key writes a field's name as Go has it, "content-type" as
/// "Content-Type", and ends it with a NUL; a name that is none stays as it is (Go:
/// `http.CanonicalHeaderKey`).
///
/// Returns the length without the NUL; `DUNLIN_ERR_BUFFER_TOO_SMALL`, `DUNLIN_ERR_INVALID`. Does not
/// block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_canonical_header_key(
    name: dunlin_str,
    buf: *mut c_char,
    capacity: usize,
) -> i32 {
    // SAFETY: a view and a buffer by the caller's word.
    arg::length(|| unsafe {
        let name = text(name)?;
        arg::give_text(buf, capacity, |room| {
            let mut out = Text::new(room);
            out.put(name)?;
            header::canonicalize(out.tail_mut(0));
            Ok(out.len())
        })
    })
}

/// dunlin_cookie_parse reads the value of a Set-Cookie field (Go: `http.ParseSetCookie`); the
/// cookie's views are parts of it. Attributes that are not known are passed over.
///
/// Returns 0; `DUNLIN_ERR_HTTP_INVALID_HEADER_VALUE`, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`.
/// Does not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_cookie_parse(line: dunlin_str, cookie: *mut dunlin_http_cookie) -> i32 {
    // SAFETY: a view and a struct by the caller's word.
    arg::plain(|| unsafe {
        arg::check(cookie)?;
        let c = Cookie::parse(text(line)?, &mut |_| {})?;
        let flags = [
            (c.secure, DUNLIN_COOKIE_SECURE),
            (c.http_only, DUNLIN_COOKIE_HTTP_ONLY),
            (c.partitioned, DUNLIN_COOKIE_PARTITIONED),
            (c.pair.quoted, DUNLIN_COOKIE_QUOTED),
            (c.expires.is_some(), DUNLIN_COOKIE_EXPIRES),
        ];
        let some = |s: &[u8]| if s.is_empty() { dunlin_str::NONE } else { dunlin_str::of(s) };
        let value = dunlin_http_cookie {
            size: 0,
            flags: flags.iter().filter(|(set, _)| *set).fold(0, |sum, (_, flag)| sum | flag),
            same_site: c.same_site as u32,
            reserved: 0,
            expires: c.expires.unwrap_or(0),
            max_age: c.max_age,
            name: dunlin_str::of(c.pair.name),
            value: dunlin_str::of(c.pair.value),
            path: some(c.path),
            domain: some(c.domain),
        };
        arg::give(cookie, &value)
    })
}

impl dunlin_http_cookie {
    /// The cookie that it says; `INVALID` for numbers that mean nothing.
    ///
    /// # Safety
    /// Its views are as their comment says.
    pub(super) unsafe fn cookie<'a>(&self) -> Result<Cookie<'a>> {
        let sites = [SameSite::Unset, SameSite::Default, SameSite::Lax, SameSite::Strict, SameSite::None];
        let same_site = sites.iter().find(|s| **s as u32 == self.same_site).ok_or(Error::INVALID)?;
        if self.flags > 31 {
            return Err(Error::INVALID);
        }
        let has = |flag: u32| self.flags & flag != 0;
        // SAFETY: the caller's promise.
        let view = |s: dunlin_str| unsafe { arg::input(s.ptr.cast(), s.len) };
        Ok(Cookie {
            pair: Pair {
                name: view(self.name)?,
                value: view(self.value)?,
                quoted: has(DUNLIN_COOKIE_QUOTED),
            },
            path: view(self.path)?,
            domain: view(self.domain)?,
            expires: has(DUNLIN_COOKIE_EXPIRES).then_some(self.expires),
            raw_expires: b"",
            max_age: self.max_age,
            secure: has(DUNLIN_COOKIE_SECURE),
            http_only: has(DUNLIN_COOKIE_HTTP_ONLY),
            partitioned: has(DUNLIN_COOKIE_PARTITIONED),
            same_site: *same_site,
        })
    }
}

/// dunlin_cookie_format writes the value of a Set-Cookie field, and ends it with a NUL (Go:
/// `Cookie.String`): bytes that have no place in a value or a path are left out, and so is a domain
/// that is none.
///
/// Returns the length without the NUL; `DUNLIN_ERR_HTTP_INVALID_HEADER_NAME`,
/// `DUNLIN_ERR_BUFFER_TOO_SMALL`, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`. Does not block. Any
/// task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_cookie_format(
    cookie: *const dunlin_http_cookie,
    buf: *mut c_char,
    capacity: usize,
) -> i32 {
    // SAFETY: a struct and a buffer by the caller's word.
    arg::length(|| unsafe {
        let own = arg::take(cookie)?;
        let cookie = own.cookie()?;
        arg::give_text(buf, capacity, |room| {
            let mut out = Text::new(room);
            cookie.write(&mut out)?;
            Ok(out.len())
        })
    })
}
