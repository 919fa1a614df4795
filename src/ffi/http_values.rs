//! Header section "HTTP requests: values".

use core::ffi::{c_char, c_void};

use super::arg;
use super::http::FIELD_MAX;
use super::str::dunlin_str;
use crate::error::Error;
use crate::handle::Handle;
use crate::http::basic_auth;
use crate::http::form::{Field, MAX_FIELDS};
use crate::http::server::{dunlin_http_exchange_t, Exchange, View};

/// The most names that one `dunlin_http_form_values` takes.
pub const DUNLIN_HTTP_FORM_FIELDS_MAX: usize = 32;
const _: () = assert!(DUNLIN_HTTP_FORM_FIELDS_MAX == MAX_FIELDS);

/// A value that `dunlin_http_form_values` looks for. Frozen: its layout never changes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_http_form_field {
    /// NUL-terminated.
    pub name: *const c_char,
    /// Out: its first value in the buffer of the call; `ptr` is NULL when there is none.
    pub value: dunlin_str,
    /// NULL.
    pub options: *const c_void,
}

const fn of(x: dunlin_http_exchange_t) -> Exchange {
    Exchange::of(Handle(x))
}

fn seen(view: View) -> dunlin_str {
    dunlin_str { ptr: view.ptr.cast(), len: view.len }
}

fn field(x: dunlin_http_exchange_t, name: &[u8]) -> dunlin_str {
    arg::view(|| Ok(of(x).header(name)?.map_or(dunlin_str::NONE, seen)))
}

/// dunlin_http_header_value_at tells the value of a number, from 0, among the fields of one name, in
/// the order they came (Go: `Header.Values`). `ptr` is NULL behind the last one, for a bad handle or
/// NULL. Does not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_header_value_at(
    x: dunlin_http_exchange_t,
    name: *const c_char,
    number: u32,
) -> dunlin_str {
    arg::view(|| {
        // SAFETY: a string by the caller's word.
        let name = unsafe { arg::text(name, FIELD_MAX) }?;
        Ok(of(x).header_value_at(name, number as usize)?.map_or(dunlin_str::NONE, seen))
    })
}

/// dunlin_http_user_agent tells what the client calls itself (Go: `Request.UserAgent`). `ptr` is
/// NULL when it does not, or for a bad handle. Does not block.
#[no_mangle]
pub extern "C" fn dunlin_http_user_agent(x: dunlin_http_exchange_t) -> dunlin_str {
    field(x, b"User-Agent")
}

/// dunlin_http_referer tells the page that led here (Go: `Request.Referer`). `ptr` is NULL when
/// that is not said, or for a bad handle. Does not block.
#[no_mangle]
pub extern "C" fn dunlin_http_referer(x: dunlin_http_exchange_t) -> dunlin_str {
    field(x, b"Referer")
}

/// dunlin_http_transfer_encoding tells the coding in which the body comes: "chunked", or `ptr` is
/// NULL; others are refused before a handler runs (Go: `Request.TransferEncoding`). Static. Does not
/// block.
#[no_mangle]
pub extern "C" fn dunlin_http_transfer_encoding(x: dunlin_http_exchange_t) -> dunlin_str {
    arg::view(|| Ok(if of(x).is_chunked()? { dunlin_str::of(b"chunked") } else { dunlin_str::NONE }))
}

/// dunlin_http_cookie tells the value of the first cookie of a name (Go: `Request.Cookie`). `ptr` is
/// NULL when there is none, for a bad handle or NULL. Does not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_cookie(x: dunlin_http_exchange_t, name: *const c_char) -> dunlin_str {
    arg::view(|| {
        // SAFETY: a string by the caller's word.
        let name = unsafe { arg::text(name, FIELD_MAX) }?;
        Ok(of(x).cookie_at(Some(name), 0)?.map_or(dunlin_str::NONE, |c| seen(c.1)))
    })
}

/// dunlin_http_cookie_at tells the cookie of a number, from 0, in the order they came (Go:
/// `Request.Cookies`).
///
/// Returns 1, or 0 behind the last one; `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_STATE` (detached),
/// `DUNLIN_ERR_BAD_HANDLE`. Does not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_cookie_at(
    x: dunlin_http_exchange_t,
    number: u32,
    name: *mut dunlin_str,
    value: *mut dunlin_str,
) -> i32 {
    arg::number(|| {
        let pair = of(x).cookie_at(None, number as usize)?.map(|c| (seen(c.0), seen(c.1)));
        // SAFETY: places by the caller's word.
        unsafe { arg::give_pair(name, value, pair) }
    })
}

/// dunlin_http_basic_auth decodes user and password of the Authorization field into the buffer, of
/// which `*user` and `*password` are views (Go: `Request.BasicAuth`). Compare them with
/// `dunlin_http_same_secret`.
///
/// Returns 1, or 0 when they did not come; `DUNLIN_ERR_BUFFER_TOO_SMALL` (three quarters of the
/// field's length are enough), `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_STATE` (detached),
/// `DUNLIN_ERR_BAD_HANDLE`. Does not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_basic_auth(
    x: dunlin_http_exchange_t,
    buf: *mut c_char,
    capacity: usize,
    user: *mut dunlin_str,
    password: *mut dunlin_str,
) -> i32 {
    arg::number(|| {
        // SAFETY: a buffer by the caller's word.
        let buf = unsafe { arg::output(buf.cast(), capacity) }?;
        let pair = of(x).basic_auth(buf)?;
        let view = |s: crate::http::Span| dunlin_str::of(s.of(buf));
        // SAFETY: places by the caller's word.
        unsafe { arg::give_pair(user, password, pair.map(|(u, p)| (view(u), view(p)))) }
    })
}

/// dunlin_http_same_secret compares what a client gave with a secret, in a time that does not tell
/// where they differ (Go: `subtle.ConstantTimeCompare`); the secret's length is none.
///
/// Returns 1 or 0; `DUNLIN_ERR_INVALID`. Does not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_same_secret(given: dunlin_str, secret: *const c_char) -> i32 {
    arg::length(|| {
        // SAFETY: a view and a string by the caller's word.
        let (given, secret) =
            unsafe { (arg::input(given.ptr.cast(), given.len)?, arg::text(secret, FIELD_MAX)?) };
        Ok(usize::from(basic_auth::same(given, secret)))
    })
}

/// dunlin_http_query_value decodes the first value of a name in the query into the buffer, and ends
/// it with a NUL (Go: `URL.Query().Get`). All pairs: `dunlin_query_next` over `dunlin_http_query`.
///
/// Returns the length without the NUL, 0 also when there is none; `DUNLIN_ERR_BUFFER_TOO_SMALL`,
/// `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_STATE` (detached), `DUNLIN_ERR_BAD_HANDLE`. Does not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_query_value(
    x: dunlin_http_exchange_t,
    name: *const c_char,
    buf: *mut c_char,
    capacity: usize,
) -> i32 {
    arg::number(|| {
        // SAFETY: a string and a buffer by the caller's word.
        unsafe {
            let name = arg::text(name, FIELD_MAX)?;
            arg::give_text(buf, capacity, |room| of(x).query_value(name, room))
        }
    })
}

/// dunlin_http_form_value decodes the first value of a name into the buffer, and ends it with a NUL:
/// of the form in the body (`application/x-www-form-urlencoded` of POST, PUT and PATCH), else of the
/// query (Go: `Request.FormValue`). It reads the body to its end and keeps no more than the value, so
/// it finds one name only: for several, `dunlin_http_form_values`. Pairs that are none are passed
/// over. Multipart bodies have a section of their own.
///
/// Returns the length without the NUL, 0 also when there is none; `DUNLIN_ERR_BUFFER_TOO_SMALL`,
/// `DUNLIN_ERR_HTTP_HEADER_TOO_LARGE` (more than 10,000 pairs), `DUNLIN_ERR_HTTP_BODY_TOO_LARGE` (more
/// than 10 MiB), and as `dunlin_http_read`. Blocks as that does.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_form_value(
    x: dunlin_http_exchange_t,
    name: *const c_char,
    buf: *mut c_char,
    capacity: usize,
) -> i32 {
    arg::number(|| {
        // SAFETY: a string and a buffer by the caller's word.
        unsafe {
            let mut fields = [Field::new(arg::text(name, FIELD_MAX)?)];
            arg::give_text(buf, capacity, |room| {
                of(x).form_values(&mut fields, room)?;
                // The only value begins at the buffer's start.
                Ok(fields.first().and_then(|f| f.value).map_or(0, |v| v.len as usize))
            })
        }
    })
}

/// dunlin_http_form_values decodes the first values of several names into the buffer in one pass
/// over body and query, as `dunlin_http_form_value` does for one. `value` of each field becomes a
/// view of the buffer, without a NUL. At most `DUNLIN_HTTP_FORM_FIELDS_MAX` fields.
///
/// Returns how many were found; `DUNLIN_ERR_INVALID` (also for more fields),
/// `DUNLIN_ERR_VERSION` (options that are not NULL), and as `dunlin_http_form_value`. Blocks as that
/// does.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_form_values(
    x: dunlin_http_exchange_t,
    fields: *mut dunlin_http_form_field,
    field_count: u32,
    buf: *mut c_char,
    capacity: usize,
) -> i32 {
    arg::number(|| {
        // SAFETY: an array and a buffer by the caller's word.
        let (list, buf) =
            unsafe { (arg::list_mut(fields, field_count as usize)?, arg::output(buf.cast(), capacity)?) };
        let mut wanted = [const { Field::new(b"") }; MAX_FIELDS];
        let wanted = wanted.get_mut(..list.len()).ok_or(Error::INVALID)?;
        for (to, from) in wanted.iter_mut().zip(list.iter()) {
            if !from.options.is_null() {
                return Err(Error::VERSION);
            }
            // SAFETY: a string by the word of who made the field.
            *to = Field::new(unsafe { arg::text(from.name, FIELD_MAX) }?);
        }
        of(x).form_values(wanted, buf)?;
        let mut found = 0;
        for (to, from) in list.iter_mut().zip(wanted.iter()) {
            to.value = from.value.map_or(dunlin_str::NONE, |v| dunlin_str::of(v.of(buf)));
            found += usize::from(from.value.is_some());
        }
        Ok(found)
    })
}

/// dunlin_http_form_read reads the form in the body into the buffer as it came (Go:
/// `Request.ParseForm`); `dunlin_query_next` and `dunlin_query_value` take it apart.
///
/// Returns its length, 0 also when the body is no form; `DUNLIN_ERR_BUFFER_TOO_SMALL`,
/// `DUNLIN_ERR_HTTP_HEADER_TOO_LARGE` (more than 10,000 pairs), and as `dunlin_http_read`. Blocks as
/// that does.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_form_read(
    x: dunlin_http_exchange_t,
    buf: *mut c_char,
    capacity: usize,
) -> i32 {
    // SAFETY: a buffer by the caller's word.
    arg::number(|| of(x).form_read(unsafe { arg::output(buf.cast(), capacity) }?))
}
