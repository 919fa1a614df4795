//! Header section "HTTP answer": what an answer may have besides status, fields and body.

use core::ffi::c_char;

use super::arg;
use super::conn::dunlin_conn_t;
use super::http::FIELD_MAX;
use super::http_text::dunlin_http_cookie;
use super::str::dunlin_str;
use crate::error::Error;
use crate::handle::Handle;
use crate::http::server::{dunlin_http_exchange_t, Exchange, View};
use crate::net::conn::Conn;

const fn of(x: dunlin_http_exchange_t) -> Exchange {
    Exchange::of(Handle(x))
}

fn seen(view: View) -> dunlin_str {
    dunlin_str { ptr: view.ptr.cast(), len: view.len }
}

/// dunlin_http_set_cookie adds a `Set-Cookie` field to the answer (Go: `http.SetCookie`).
///
/// Returns 0, `DUNLIN_ERR_HTTP_INVALID_HEADER_NAME` for a name that is no token,
/// `DUNLIN_ERR_BUFFER_TOO_SMALL`, `DUNLIN_ERR_HTTP_HEADERS_SENT`, `DUNLIN_ERR_INVALID`,
/// `DUNLIN_ERR_VERSION`, `DUNLIN_ERR_BAD_HANDLE`. Does not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_set_cookie(
    x: dunlin_http_exchange_t,
    cookie: *const dunlin_http_cookie,
) -> i32 {
    arg::status(|| {
        // SAFETY: a struct and its strings by the caller's word.
        let cookie = unsafe { arg::take(cookie) }?;
        // SAFETY: as above.
        of(x).set_cookie(&unsafe { cookie.cookie() }?)
    })
}

/// dunlin_http_omit_header sends no field of a name, not even the one that is automatic: `Date`,
/// `Content-Type`, `Content-Length` (Go: a key of `Header` without values). Setting it again ends that.
/// Returns 0, `DUNLIN_ERR_HTTP_HEADERS_SENT`, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BAD_HANDLE`. Does not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_omit_header(x: dunlin_http_exchange_t, name: *const c_char) -> i32 {
    // SAFETY: a string by the caller's word.
    arg::status(|| of(x).omit_header(unsafe { arg::text(name, FIELD_MAX) }?))
}

/// dunlin_http_answer_header tells the first value set for a field of the answer, its name in any case
/// of letters (Go: `ResponseWriter.Header().Get`). The view holds until a field is set. `ptr` is NULL when
/// there is none, for a bad handle or NULL. Does not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_answer_header(
    x: dunlin_http_exchange_t,
    name: *const c_char,
) -> dunlin_str {
    arg::view(|| {
        // SAFETY: a string by the caller's word.
        let name = unsafe { arg::text(name, FIELD_MAX) }?;
        Ok(of(x).answer_header(name)?.map_or(dunlin_str::NONE, seen))
    })
}

/// dunlin_http_set_trailer adds a trailer to the answer: a field behind its body, which is chunked then
/// (Go: `TrailerPrefix`). One that a `Trailer` field announces may be set by
/// `dunlin_http_set_header` too, also when the head is out. Peers of HTTP/1.0 and answers without
/// a body get none.
///
/// Returns as `dunlin_http_set_header`; `DUNLIN_ERR_HTTP_HEADERS_SENT` when the status was decided without
/// a trailer and the head is not out. Does not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_set_trailer(
    x: dunlin_http_exchange_t,
    name: *const c_char,
    value: *const c_char,
) -> i32 {
    arg::status(|| {
        // SAFETY: strings by the caller's word.
        let (name, value) = unsafe { (arg::text(name, FIELD_MAX)?, arg::text(value, FIELD_MAX)?) };
        of(x).set_trailer(name, value)
    })
}

/// dunlin_http_trailer tells the first value of a trailer of the request, its name in any case of
/// letters, once the whole body was read (Go: `Request.Trailer`). `ptr` is NULL when there is none, when
/// they did not fit the head buffer, for a bad handle or NULL. Does not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_trailer(x: dunlin_http_exchange_t, name: *const c_char) -> dunlin_str {
    arg::view(|| {
        // SAFETY: a string by the caller's word.
        let name = unsafe { arg::text(name, FIELD_MAX) }?;
        Ok(of(x).trailer(name)?.map_or(dunlin_str::NONE, seen))
    })
}

/// dunlin_http_trailer_at tells the trailer of a number, from 0, in the order they came.
///
/// Returns 1, or 0 behind the last and before the body's end; `DUNLIN_ERR_BUFFER_TOO_SMALL` when they did
/// not fit the head buffer, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_STATE` (detached),
/// `DUNLIN_ERR_BAD_HANDLE`. Does not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_trailer_at(
    x: dunlin_http_exchange_t,
    number: u32,
    name: *mut dunlin_str,
    value: *mut dunlin_str,
) -> i32 {
    arg::number(|| {
        let field = of(x).trailer_at(number as usize)?.map(|f| (seen(f.0), seen(f.1)));
        // SAFETY: places by the caller's word.
        unsafe { arg::give_pair(name, value, field) }
    })
}

/// dunlin_http_write_informational sends an interim answer, 103 Early Hints for example, with the
/// fields set so far, which stay set (Go: `WriteHeader` with 1xx). May repeat.
///
/// Returns 0, `DUNLIN_ERR_INVALID` for a status that is not 1xx, and for 101,
/// `DUNLIN_ERR_HTTP_HEADERS_SENT`, `DUNLIN_ERR_CLOSED` (the peer left), `DUNLIN_ERR_BAD_HANDLE`, or those of
/// connections. Blocks while the peer does not take it.
#[no_mangle]
pub extern "C" fn dunlin_http_write_informational(x: dunlin_http_exchange_t, status: i32) -> i32 {
    arg::status(|| match u16::try_from(status) {
        Ok(code @ (100 | 102..=199)) => of(x).status(code),
        _ => Err(Error::INVALID),
    })
}

/// dunlin_http_close_body reads the rest of the request's body away, as far as the server's `drain_len`
/// allows, so that the connection can stay (Go: `Request.Body.Close`). Reading is
/// `DUNLIN_ERR_HTTP_BODY_READ_AFTER_CLOSE` from then on. It happens by itself when the answer's head goes
/// out, unless `dunlin_http_full_duplex`.
///
/// Returns 0, `DUNLIN_ERR_TIMEOUT`, `DUNLIN_ERR_HTTP_SLOW_PEER`, `DUNLIN_ERR_CLOSED`,
/// `DUNLIN_ERR_BAD_HANDLE`. Blocks, while the task goes on serving others.
#[no_mangle]
pub extern "C" fn dunlin_http_close_body(x: dunlin_http_exchange_t) -> i32 {
    arg::status(|| of(x).close_body())
}

/// dunlin_http_full_duplex lets the handler read the request's body on after its answer has begun (Go:
/// `ResponseController.EnableFullDuplex`). A peer that reads nothing before it has sent all then
/// hangs until a time-out. Returns 0 or `DUNLIN_ERR_BAD_HANDLE`. Does not block.
#[no_mangle]
pub extern "C" fn dunlin_http_full_duplex(x: dunlin_http_exchange_t) -> i32 {
    arg::status(|| of(x).full_duplex())
}

/// dunlin_http_abort drops the connection without another byte (Go: a panic with `ErrAbortHandler`).
/// Functions of the exchange are `DUNLIN_ERR_CLOSED` from then on. Returning
/// `DUNLIN_ERR_HTTP_ABORTED` from the handler does the same. Returns 0 or `DUNLIN_ERR_BAD_HANDLE`.
/// Does not block.
#[no_mangle]
pub extern "C" fn dunlin_http_abort(x: dunlin_http_exchange_t) -> i32 {
    arg::status(|| of(x).abort())
}

/// dunlin_http_hijack takes the connection over (Go: `Hijacker.Hijack`): it is the caller's to close,
/// without deadlines, and its next reads give what the server had received and not used. The server
/// sends nothing more, its place serves another connection, and the exchange is over. A status that was
/// decided goes out first, without what was collected of its body.
///
/// Returns the connection; `DUNLIN_ERR_STATE` when the exchange is detached, `DUNLIN_ERR_NO_MEMORY` when
/// the arena has no room for the bytes that came ahead (the exchange goes on),
/// `DUNLIN_ERR_CLOSED` (the peer left), `DUNLIN_ERR_BAD_HANDLE`, or those of connections. Blocks for a
/// decided status only.
#[no_mangle]
pub extern "C" fn dunlin_http_hijack(x: dunlin_http_exchange_t) -> dunlin_conn_t {
    arg::handle(|| of(x).hijack().map(own))
}

/// dunlin_http_upgrade answers 101 Switching Protocols with the fields that were set, and takes the
/// connection over as `dunlin_http_hijack`. The request must ask for `protocol`.
///
/// Returns as `dunlin_http_hijack`; `DUNLIN_ERR_HTTP_UNEXPECTED_UPGRADE` when the request does not ask
/// for it, `DUNLIN_ERR_HTTP_HEADERS_SENT`, `DUNLIN_ERR_INVALID`. Blocks while the peer does not take it.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_upgrade(
    x: dunlin_http_exchange_t,
    protocol: *const c_char,
) -> dunlin_conn_t {
    // SAFETY: a string by the caller's word.
    arg::handle(|| of(x).upgrade(unsafe { arg::text(protocol, FIELD_MAX) }?).map(own))
}

/// The handle holds it from here on.
fn own(conn: Conn) -> Handle {
    conn.handle()
}
