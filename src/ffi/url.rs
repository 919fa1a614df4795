//! Header section "URLs".

use core::ffi::c_char;

use super::arg;
use super::http::FIELD_MAX;
use super::str::dunlin_str;
use crate::error::{Error, Result};
use crate::http::escaped::{self, Part};
use crate::http::query::{self, Pairs};
use crate::http::reference::Reference;
use crate::http::{clean, media_type};
use crate::text::Text;

/// A segment of a path (Go: `url.PathEscape`).
pub const DUNLIN_URL_SEGMENT: u32 = 0;
/// A name or a value of a query or a form, where a space is "+" (Go: `url.QueryEscape`).
pub const DUNLIN_URL_QUERY: u32 = 1;

/// The parts of a URL or reference, all still escaped, as views of its text; `ptr` is NULL for one
/// that is not there. Set up with `DUNLIN_URL_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_url {
    /// `sizeof(struct dunlin_url)`.
    pub size: u32,
    /// Zero.
    pub reserved: u32,
    /// "http"; as written.
    pub scheme: dunlin_str,
    /// What follows the scheme of "mailto:a@b".
    pub opaque: dunlin_str,
    /// The user's name.
    pub user: dunlin_str,
    /// The password.
    pub password: dunlin_str,
    /// Host and port, IPv6 in brackets.
    pub host: dunlin_str,
    /// The host without brackets and port.
    pub hostname: dunlin_str,
    /// The port, without its colon.
    pub port: dunlin_str,
    /// The path.
    pub path: dunlin_str,
    /// The query, without its "?"; there and empty for a "?" alone.
    pub query: dunlin_str,
    /// The fragment, without its "#".
    pub fragment: dunlin_str,
}

// SAFETY: repr(C), begins with its size, has only numbers and views.
unsafe impl arg::Sized for dunlin_url {}

/// # Safety
/// A view by the caller's word; a NULL one is refused.
unsafe fn text<'a>(view: dunlin_str) -> Result<&'a [u8]> {
    if view.ptr.is_null() {
        return Err(Error::INVALID);
    }
    // SAFETY: the caller's promise.
    unsafe { arg::input(view.ptr.cast(), view.len) }
}

fn some(part: &[u8]) -> dunlin_str {
    if part.is_empty() {
        dunlin_str::NONE
    } else {
        dunlin_str::of(part)
    }
}

/// # Safety
/// A buffer by the caller's word.
unsafe fn write(
    buf: *mut c_char,
    capacity: usize,
    with: impl FnOnce(&mut Text<'_>) -> Result<()>,
) -> Result<usize> {
    // SAFETY: the caller's promise.
    unsafe {
        arg::give_text(buf, capacity, |room| {
            let mut out = Text::new(room);
            with(&mut out)?;
            Ok(out.len())
        })
    }
}

/// dunlin_url_parse takes a URL or a reference apart (Go: `url.Parse`).
///
/// Returns 0, `DUNLIN_ERR_HTTP_INVALID_TARGET`, `DUNLIN_ERR_INVALID` for NULL, `DUNLIN_ERR_VERSION`.
/// Does not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_url_parse(url: dunlin_str, parts: *mut dunlin_url) -> i32 {
    // SAFETY: a view and a struct by the caller's word.
    arg::plain(|| unsafe {
        arg::check(parts)?;
        let r = Reference::parse(text(url)?)?;
        let (hostname, port) = r.hostname_port();
        let (user, password) = r.user().unzip();
        let maybe = |part: Option<&[u8]>| part.map_or(dunlin_str::NONE, dunlin_str::of);
        let value = dunlin_url {
            size: 0,
            reserved: 0,
            scheme: some(r.scheme()),
            opaque: some(r.opaque()),
            user: maybe(user),
            password: maybe(password.flatten()),
            host: some(r.host()),
            hostname: some(hostname),
            port: some(port),
            path: some(r.path()),
            query: maybe(r.query()),
            fragment: some(r.fragment()),
        };
        arg::give(parts, &value)
    })
}

/// dunlin_url_resolve writes what a reference stands for on a page, whose URL is `base`, and ends it
/// with a NUL (Go: `URL.ResolveReference`).
///
/// Returns the length without the NUL; `DUNLIN_ERR_HTTP_INVALID_TARGET`,
/// `DUNLIN_ERR_BUFFER_TOO_SMALL` (while it works it needs room for both paths),
/// `DUNLIN_ERR_INVALID` for NULL. Does not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_url_resolve(
    base: dunlin_str,
    reference: dunlin_str,
    buf: *mut c_char,
    capacity: usize,
) -> i32 {
    // SAFETY: views and a buffer by the caller's word.
    arg::length(|| unsafe {
        let (base, reference) = (Reference::parse(text(base)?)?, Reference::parse(text(reference)?)?);
        write(buf, capacity, |out| base.resolve(&reference, out))
    })
}

fn part(kind: u32) -> Result<Part> {
    match kind {
        DUNLIN_URL_SEGMENT => Ok(Part::Segment),
        DUNLIN_URL_QUERY => Ok(Part::Query),
        _ => Err(Error::INVALID),
    }
}

/// dunlin_url_escape encodes bytes for a place in a URL, `DUNLIN_URL_SEGMENT` or `DUNLIN_URL_QUERY`,
/// and ends them with a NUL (Go: `url.PathEscape`, `url.QueryEscape`). Three bytes for each are
/// enough.
///
/// Returns the length without the NUL; `DUNLIN_ERR_BUFFER_TOO_SMALL`, `DUNLIN_ERR_INVALID`. Does not
/// block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_url_escape(
    kind: u32,
    bytes: dunlin_str,
    buf: *mut c_char,
    capacity: usize,
) -> i32 {
    // SAFETY: a view and a buffer by the caller's word.
    arg::length(|| unsafe {
        let (kind, bytes) = (part(kind)?, text(bytes)?);
        write(buf, capacity, |out| escaped::encode(kind, bytes, out))
    })
}

/// dunlin_url_unescape decodes a part of a URL, and ends it with a NUL (Go: `url.PathUnescape`,
/// `url.QueryUnescape`). The result, which may have NULs of its own, is never longer than the part.
///
/// Returns the length without the NUL; `DUNLIN_ERR_HTTP_INVALID_TARGET` (an escape that is none),
/// `DUNLIN_ERR_BUFFER_TOO_SMALL`, `DUNLIN_ERR_INVALID`. Does not block. Any task, before
/// `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_url_unescape(
    kind: u32,
    escaped: dunlin_str,
    buf: *mut c_char,
    capacity: usize,
) -> i32 {
    // SAFETY: a view and a buffer by the caller's word.
    arg::length(|| unsafe {
        let (kind, bytes) = (part(kind)?, text(escaped)?);
        write(buf, capacity, |out| escaped::decode(kind, bytes, out))
    })
}

/// dunlin_query_next takes the next pair off a query or a form (Go: `url.ParseQuery`); `*name` and
/// `*value` are still escaped, for `dunlin_url_unescape` with `DUNLIN_URL_QUERY`.
///
/// Returns 1, or 0 when nothing is left; `DUNLIN_ERR_HTTP_INVALID_TARGET` for something that is no
/// pair (a ";", an escape that is none), behind which the next call goes on; `DUNLIN_ERR_INVALID`.
/// Does not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_query_next(
    rest: *mut dunlin_str,
    name: *mut dunlin_str,
    value: *mut dunlin_str,
) -> i32 {
    // SAFETY: places and a view by the caller's word.
    arg::length(|| unsafe {
        let _ = (arg::place(name)?, arg::place(value)?);
        let view = arg::one(rest)?;
        let mut pairs = Pairs::over(arg::input(view.ptr.cast(), view.len)?);
        let next = pairs.next();
        arg::place(rest)?.write(dunlin_str::of(pairs.rest()));
        let pair = next.transpose()?;
        arg::give_pair(name, value, pair.map(|p| (dunlin_str::of(p.name), dunlin_str::of(p.value))))
    })
}

/// dunlin_query_value decodes the first value of a name in a query or a form, and ends it with a NUL
/// (Go: `Values.Get`); what is no pair is passed over.
///
/// Returns the length without the NUL, 0 also when there is none; `DUNLIN_ERR_BUFFER_TOO_SMALL`,
/// `DUNLIN_ERR_INVALID`. Does not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_query_value(
    query: dunlin_str,
    name: *const c_char,
    buf: *mut c_char,
    capacity: usize,
) -> i32 {
    // SAFETY: a view, a string and a buffer by the caller's word.
    arg::length(|| unsafe {
        let (query, name) = (arg::input(query.ptr.cast(), query.len)?, arg::text(name, FIELD_MAX)?);
        write(buf, capacity, |out| query::first(query, name).map_or(Ok(()), |pair| pair.write_value(out)))
    })
}

/// dunlin_path_clean writes the shortest path that names the same thing, and ends it with a NUL (Go:
/// `path.Clean`). The path's length, and 2 bytes, are enough.
///
/// Returns the length without the NUL; `DUNLIN_ERR_BUFFER_TOO_SMALL`, `DUNLIN_ERR_INVALID`. Does not
/// block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_path_clean(path: dunlin_str, buf: *mut c_char, capacity: usize) -> i32 {
    // SAFETY: a view and a buffer by the caller's word.
    arg::length(|| unsafe {
        let path = text(path)?;
        write(buf, capacity, |out| clean::clean(path, out))
    })
}

/// dunlin_media_type_param writes the value of a parameter of a Content-Type, a Content-Disposition
/// or the like, decoded, and ends it with a NUL (Go: `mime.ParseMediaType`).
///
/// Returns the length without the NUL, 0 also when there is none;
/// `DUNLIN_ERR_HTTP_INVALID_HEADER_VALUE`, `DUNLIN_ERR_BUFFER_TOO_SMALL`, `DUNLIN_ERR_INVALID`. Does
/// not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_media_type_param(
    value: dunlin_str,
    name: *const c_char,
    buf: *mut c_char,
    capacity: usize,
) -> i32 {
    // SAFETY: a view, a string and a buffer by the caller's word.
    arg::length(|| unsafe {
        let (value, name) = (text(value)?, arg::text(name, FIELD_MAX)?);
        write(buf, capacity, |out| media_type::MediaType::parse(value)?.write_param(name, out).map(drop))
    })
}
