//! Header section "HTTP exchange".

use core::ffi::{c_char, c_void};

use super::arg;
use super::http::{FIELD_MAX, HEAD_MAX};
use super::init::dunlin_ssize_t;
use super::str::dunlin_str;
use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::http::server::{dunlin_http_exchange_t, Exchange, OnClose, View};
use crate::netdev::table::dunlin_addr;
use crate::text::Text;

const fn of(x: dunlin_http_exchange_t) -> Exchange {
    Exchange::of(Handle(x))
}

fn seen(view: View) -> dunlin_str {
    dunlin_str { ptr: view.ptr.cast(), len: view.len }
}

/// dunlin_http_method tells the method (Go: `Request.Method`). Empty for a bad handle. Does not
/// block.
#[no_mangle]
pub extern "C" fn dunlin_http_method(x: dunlin_http_exchange_t) -> dunlin_str {
    arg::view(|| of(x).method().map(seen))
}

/// dunlin_http_target tells the target as it came (Go: `Request.RequestURI`). Empty for a bad
/// handle. Does not block.
#[no_mangle]
pub extern "C" fn dunlin_http_target(x: dunlin_http_exchange_t) -> dunlin_str {
    arg::view(|| of(x).target().map(seen))
}

/// dunlin_http_path tells the path, still escaped (Go: `URL.EscapedPath`). Empty for a bad handle.
/// Does not block.
#[no_mangle]
pub extern "C" fn dunlin_http_path(x: dunlin_http_exchange_t) -> dunlin_str {
    arg::view(|| of(x).path().map(seen))
}

/// dunlin_http_query tells the query without its "?", still escaped (Go: `URL.RawQuery`). Empty for
/// a bad handle. Does not block.
#[no_mangle]
pub extern "C" fn dunlin_http_query(x: dunlin_http_exchange_t) -> dunlin_str {
    arg::view(|| of(x).query().map(seen))
}

/// dunlin_http_host tells the host asked for, with its port if that came (Go: `Request.Host`).
/// Empty for a bad handle. Does not block.
#[no_mangle]
pub extern "C" fn dunlin_http_host(x: dunlin_http_exchange_t) -> dunlin_str {
    arg::view(|| of(x).host().map(seen))
}

/// dunlin_http_proto tells the version, "HTTP/1.1" (Go: `Request.Proto`). Static; empty for a bad
/// handle. Does not block.
#[no_mangle]
pub extern "C" fn dunlin_http_proto(x: dunlin_http_exchange_t) -> dunlin_str {
    arg::view(|| {
        Ok(dunlin_str::of(match of(x).version()? {
            (1, 0) => b"HTTP/1.0",
            _ => b"HTTP/1.1",
        }))
    })
}

/// dunlin_http_path_value tells what a wildcard of the route's pattern stands for, unescaped (Go:
/// `Request.PathValue`). Empty for a name that the pattern does not have, for a value with escapes
/// that does not fit the head buffer, for a bad handle or NULL. Does not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_path_value(
    x: dunlin_http_exchange_t,
    name: *const c_char,
) -> dunlin_str {
    // SAFETY: a string by the caller's word.
    arg::view(|| of(x).path_value(unsafe { arg::text(name, FIELD_MAX) }?).map(seen))
}

/// dunlin_http_header tells the first value of a field of the request, its name in any case of
/// letters (Go: `Request.Header.Get`). `ptr` is NULL when there is none, for a bad handle or NULL.
/// Does not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_header(x: dunlin_http_exchange_t, name: *const c_char) -> dunlin_str {
    arg::view(|| {
        // SAFETY: a string by the caller's word.
        let name = unsafe { arg::text(name, FIELD_MAX) }?;
        Ok(of(x).header(name)?.map_or(dunlin_str::NONE, seen))
    })
}

/// dunlin_http_header_at tells the field of a number, from 0, in the order they came.
///
/// Returns 1, or 0 behind the last field; `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_STATE` (detached),
/// `DUNLIN_ERR_BAD_HANDLE`. Does not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_header_at(
    x: dunlin_http_exchange_t,
    number: u32,
    name: *mut dunlin_str,
    value: *mut dunlin_str,
) -> i32 {
    arg::number(|| {
        let field = of(x).header_at(number as usize)?.map(|f| (seen(f.0), seen(f.1)));
        // SAFETY: places by the caller's word.
        unsafe { arg::give_pair(name, value, field) }
    })
}

/// dunlin_http_content_length tells the announced length of the request's body in `*length`, -1
/// when it is chunked (Go: `Request.ContentLength`).
///
/// Returns 0, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_STATE` (detached), `DUNLIN_ERR_BAD_HANDLE`. Does
/// not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_content_length(x: dunlin_http_exchange_t, length: *mut i64) -> i32 {
    // SAFETY: a place by the caller's word.
    unsafe { put(length, || of(x).content_length()) }
}

/// dunlin_http_remote_addr tells the peer's address (Go: `Request.RemoteAddr`). Returns 0,
/// `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_CLOSED`, `DUNLIN_ERR_BAD_HANDLE`, or the driver's. Does not
/// block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_remote_addr(x: dunlin_http_exchange_t, addr: *mut dunlin_addr) -> i32 {
    // SAFETY: a place by the caller's word.
    unsafe { put(addr, || of(x).remote_addr()) }
}

/// dunlin_http_local_addr tells the server's address (Go: `LocalAddrContextKey`). Returns as
/// `dunlin_http_remote_addr`. Does not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_local_addr(x: dunlin_http_exchange_t, addr: *mut dunlin_addr) -> i32 {
    // SAFETY: a place by the caller's word.
    unsafe { put(addr, || of(x).local_addr()) }
}

unsafe fn put<T>(place: *mut T, get: impl FnOnce() -> Result<T>) -> i32 {
    arg::status(|| {
        // SAFETY: a place by the caller's word.
        let out = unsafe { arg::place(place) }?;
        out.write(get()?);
        Ok(())
    })
}

/// dunlin_http_read reads 1 to `len` bytes of the request's body, without its framing (Go:
/// `Request.Body.Read`). The first read asks a peer that waits for it to go on (100 Continue).
///
/// Returns how many; 0 is the body's end and nothing else. Errors stay, and returned by the handler
/// they become the answer: `DUNLIN_ERR_HTTP_BODY_TOO_LARGE` 413, a malformed body 400,
/// `DUNLIN_ERR_TIMEOUT` and `DUNLIN_ERR_HTTP_SLOW_PEER` 408. `DUNLIN_ERR_UNEXPECTED_EOF`: the peer
/// closed too early. `DUNLIN_ERR_INVALID` (NULL, or a length of 0), `DUNLIN_ERR_BAD_HANDLE`.
/// Blocks, while the task goes on serving others.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_read(
    x: dunlin_http_exchange_t,
    buf: *mut c_void,
    len: usize,
) -> dunlin_ssize_t {
    arg::bytes(|| {
        // SAFETY: a buffer by the caller's word.
        let buf = unsafe { arg::output(buf, len) }?;
        if buf.is_empty() {
            return Err(Error::INVALID);
        }
        of(x).read(buf)
    })
}

/// dunlin_http_limit_body bounds what `dunlin_http_read` gives to `max` bytes from here on (Go:
/// `http.MaxBytesReader`); past it that is `DUNLIN_ERR_HTTP_BODY_TOO_LARGE`. Returns 0 or
/// `DUNLIN_ERR_BAD_HANDLE`. Does not block.
#[no_mangle]
pub extern "C" fn dunlin_http_limit_body(x: dunlin_http_exchange_t, max: u64) -> i32 {
    arg::status(|| of(x).limit_body(max))
}

/// dunlin_http_set_header sets a field of the answer in place of all of that name (Go:
/// `Header.Set`); both are copied, line ends in the value as spaces. Fields go out in the order of
/// their names. Behind the status it sets a trailer that a `Trailer` field announced.
///
/// Returns 0, `DUNLIN_ERR_HTTP_HEADERS_SENT` once the status is decided,
/// `DUNLIN_ERR_BUFFER_TOO_SMALL` (the head buffer is full), `DUNLIN_ERR_HTTP_INVALID_HEADER_NAME`,
/// `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BAD_HANDLE`. Does not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_set_header(
    x: dunlin_http_exchange_t,
    name: *const c_char,
    value: *const c_char,
) -> i32 {
    arg::status(|| {
        // SAFETY: strings by the caller's word.
        let (name, value) = unsafe { (arg::text(name, FIELD_MAX)?, arg::text(value, FIELD_MAX)?) };
        of(x).set_header(name, value)
    })
}

/// dunlin_http_add_header adds a field of the answer behind those of the same name (Go:
/// `Header.Add`). Returns as `dunlin_http_set_header`. Does not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_add_header(
    x: dunlin_http_exchange_t,
    name: *const c_char,
    value: *const c_char,
) -> i32 {
    arg::status(|| {
        // SAFETY: strings by the caller's word.
        let (name, value) = unsafe { (arg::text(name, FIELD_MAX)?, arg::text(value, FIELD_MAX)?) };
        of(x).add_header(name, value)
    })
}

/// dunlin_http_del_header takes the fields of a name out of the answer (Go: `Header.Del`). Returns
/// 0, `DUNLIN_ERR_HTTP_HEADERS_SENT`, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BAD_HANDLE`. Does not
/// block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_del_header(x: dunlin_http_exchange_t, name: *const c_char) -> i32 {
    // SAFETY: a string by the caller's word.
    arg::status(|| of(x).del_header(unsafe { arg::text(name, FIELD_MAX) }?))
}

/// dunlin_http_write_head decides the status of the answer and closes its fields (Go:
/// `WriteHeader`); 200 if the body is written without it. 1xx, but 101, goes out at once and may
/// repeat.
///
/// Returns 0, `DUNLIN_ERR_INVALID` outside 100 to 999, `DUNLIN_ERR_HTTP_HEADERS_SENT` the second
/// time, `DUNLIN_ERR_CLOSED` (the peer left), `DUNLIN_ERR_BAD_HANDLE`. Blocks for 1xx only.
#[no_mangle]
pub extern "C" fn dunlin_http_write_head(x: dunlin_http_exchange_t, status: i32) -> i32 {
    arg::status(|| of(x).status(code(status)?))
}

fn code(status: i32) -> Result<u16> {
    u16::try_from(status).map_err(|_| Error::INVALID)
}

fn write(x: dunlin_http_exchange_t, bytes: &[u8]) -> Result<()> {
    of(x).write(bytes).map(|_| ())
}

/// dunlin_http_write writes a text to the answer's body (Go: `ResponseWriter.Write`). What fits the
/// output buffer is collected: an answer that fits wholly gets its Content-Length, a longer one is
/// chunked. Without a `Content-Type` the first bytes tell it. When the head goes out, what the handler has
/// not read of the request's body is read away, see `dunlin_http_close_body`.
///
/// Returns 0 when all of it was taken; `DUNLIN_ERR_HTTP_BODY_NOT_ALLOWED` (1xx, 204, 304),
/// `DUNLIN_ERR_HTTP_CONTENT_LENGTH` (more than announced), `DUNLIN_ERR_CLOSED` (the peer left),
/// `DUNLIN_ERR_TIMEOUT`, `DUNLIN_ERR_HTTP_SLOW_PEER`, `DUNLIN_ERR_INVALID`,
/// `DUNLIN_ERR_BAD_HANDLE`, or those of connections; after an error the answer is broken. Blocks
/// while the peer takes what does not fit.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_write(x: dunlin_http_exchange_t, text: dunlin_str) -> i32 {
    // SAFETY: a view by the caller's word.
    arg::status(|| write(x, unsafe { arg::input(text.ptr.cast(), text.len) }?))
}

/// dunlin_http_write_bytes writes bytes to the answer's body. Returns and blocks as
/// `dunlin_http_write`.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_write_bytes(
    x: dunlin_http_exchange_t,
    data: *const c_void,
    len: usize,
) -> i32 {
    // SAFETY: a buffer by the caller's word.
    arg::status(|| write(x, unsafe { arg::input(data, len) }?))
}

/// dunlin_http_write_str writes a NUL-terminated text, of at most 65,536 bytes, to the answer's
/// body. Returns and blocks as `dunlin_http_write`.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_write_str(x: dunlin_http_exchange_t, text: *const c_char) -> i32 {
    // SAFETY: a string by the caller's word.
    arg::status(|| write(x, unsafe { arg::text(text, HEAD_MAX) }?))
}

/// dunlin_http_write_u32 writes a number in decimal to the answer's body. Returns and blocks as
/// `dunlin_http_write`.
#[no_mangle]
pub extern "C" fn dunlin_http_write_u32(x: dunlin_http_exchange_t, number: u32) -> i32 {
    arg::status(|| {
        let mut digits = [0; 10];
        let mut text = Text::new(&mut digits);
        text.put_u32(number)?;
        write(x, text.bytes())
    })
}

/// dunlin_http_write_hex writes a number in lower-case hexadecimal, without leading zeros, to the
/// answer's body. Returns and blocks as `dunlin_http_write`.
#[no_mangle]
pub extern "C" fn dunlin_http_write_hex(x: dunlin_http_exchange_t, number: u64) -> i32 {
    arg::status(|| {
        let mut digits = [0; 16];
        let mut text = Text::new(&mut digits);
        text.put_hex(number)?;
        write(x, text.bytes())
    })
}

/// dunlin_http_flush sends what was collected, the head first (Go: `Flusher.Flush`). Returns and
/// blocks as `dunlin_http_write`.
#[no_mangle]
pub extern "C" fn dunlin_http_flush(x: dunlin_http_exchange_t) -> i32 {
    arg::status(|| of(x).flush())
}

/// dunlin_http_reply is the whole answer: status, the fields that were set, and a body, which is
/// copied as far as it fits the output buffer, else waited for.
///
/// Returns as `dunlin_http_write`; `DUNLIN_ERR_HTTP_HEADERS_SENT` when the answer has begun. Blocks
/// for long bodies only.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_reply(
    x: dunlin_http_exchange_t,
    status: i32,
    body: *const c_void,
    body_len: usize,
) -> i32 {
    arg::status(|| {
        // SAFETY: a buffer by the caller's word.
        let body = unsafe { arg::input(body, body_len) }?;
        of(x).reply(code(status)?, b"", body)
    })
}

/// dunlin_http_reply_static is the whole answer, with a body that is sent from where it is after
/// the handler has returned: it must not change or go until the server closes (in flash, for
/// example).
///
/// Returns 0, `DUNLIN_ERR_HTTP_HEADERS_SENT`, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_CLOSED`,
/// `DUNLIN_ERR_BAD_HANDLE`. Does not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_reply_static(
    x: dunlin_http_exchange_t,
    status: i32,
    body: *const c_void,
    body_len: usize,
) -> i32 {
    arg::status(|| {
        // SAFETY: a buffer that stays, by the caller's word.
        let body: &'static [u8] = unsafe { arg::input(body, body_len) }?;
        of(x).reply_static(code(status)?, b"", body)
    })
}

/// dunlin_http_error is a whole answer in plain text, with a line end behind it (Go: `http.Error`).
///
/// Returns 0, `DUNLIN_ERR_HTTP_HEADERS_SENT`, `DUNLIN_ERR_BUFFER_TOO_SMALL` (the text is longer
/// than the output buffer), `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_CLOSED`, `DUNLIN_ERR_BAD_HANDLE`.
/// Does not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_error(
    x: dunlin_http_exchange_t,
    status: i32,
    text: *const c_char,
) -> i32 {
    // SAFETY: a string by the caller's word.
    arg::status(|| of(x).error(code(status)?, unsafe { arg::text(text, HEAD_MAX) }?))
}

/// dunlin_http_not_found answers 404 (Go: `http.NotFound`). Returns as `dunlin_http_error`. Does
/// not block.
#[no_mangle]
pub extern "C" fn dunlin_http_not_found(x: dunlin_http_exchange_t) -> i32 {
    arg::status(|| of(x).not_found())
}

/// dunlin_http_redirect sends the peer elsewhere (Go: `http.Redirect`), with a status of 300 to
/// 399. `target` without scheme and host is resolved against the request's path and cleaned.
///
/// Returns as `dunlin_http_error`; `DUNLIN_ERR_BUFFER_TOO_SMALL` when it does not fit the output buffer or
/// the head buffer. Does not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_redirect(
    x: dunlin_http_exchange_t,
    target: *const c_char,
    status: i32,
) -> i32 {
    arg::status(|| {
        // SAFETY: a string by the caller's word.
        let target = unsafe { arg::text(target, HEAD_MAX) }?;
        let status = code(status).ok().filter(|s| (300..400).contains(s)).ok_or(Error::INVALID)?;
        of(x).redirect(target, status)
    })
}

/// dunlin_http_sse_begin begins an answer of server-sent events and sends its head. Returns and
/// blocks as `dunlin_http_flush`; `DUNLIN_ERR_HTTP_HEADERS_SENT` when an answer has begun.
#[no_mangle]
pub extern "C" fn dunlin_http_sse_begin(x: dunlin_http_exchange_t) -> i32 {
    arg::status(|| of(x).sse_begin())
}

/// dunlin_http_sse_send sends one event, whole or not at all. `event` may be NULL; `data` may have
/// several lines.
///
/// Returns 0, `DUNLIN_ERR_WOULD_BLOCK` while the peer has not taken enough of the earlier ones,
/// `DUNLIN_ERR_BUFFER_TOO_SMALL` when it can never fit the output buffer, `DUNLIN_ERR_CLOSED` (the
/// peer left), `DUNLIN_ERR_STATE` before `dunlin_http_sse_begin`, `DUNLIN_ERR_INVALID` (NULL, or a
/// line end in `event`), `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task, of a detached exchange.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_sse_send(
    x: dunlin_http_exchange_t,
    event: *const c_char,
    data: *const c_char,
) -> i32 {
    arg::status(|| {
        // SAFETY: strings by the caller's word.
        let (event, data) = unsafe { (arg::optional(event, FIELD_MAX)?, arg::text(data, HEAD_MAX)?) };
        of(x).sse_send(event.unwrap_or(b""), data)
    })
}

/// dunlin_http_detach lets the exchange live on when its handler returns, whose result then does
/// not matter. From then on any task may write, and `dunlin_http_finish` is its only end.
/// `on_close`, which may be NULL, is called once when the peer leaves or the server closes. Blocks:
/// it should not. Called from: a task inside the server. Re-entry: everything but `dunlin_deinit`
/// and the server's shutdown; `dunlin_http_finish` is still to be called, and may be from there.
///
/// Returns `x`, or `DUNLIN_ERR_NO_SLOT` when the server's `max_detached` are detached,
/// `DUNLIN_ERR_STATE` when it is already, `DUNLIN_ERR_BAD_HANDLE`. Does not block. From the
/// handler's task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_detach(
    x: dunlin_http_exchange_t,
    on_close: Option<unsafe extern "C" fn(ctx: *mut c_void, x: dunlin_http_exchange_t)>,
    ctx: *mut c_void,
) -> dunlin_http_exchange_t {
    arg::handle(|| {
        // SAFETY: the function may be called with its ctx, by the caller's word.
        let on_close = on_close.map(|f| unsafe { OnClose::from_c(f, ctx) });
        of(x).detach(on_close)?;
        Ok(Handle(x))
    })
}

/// dunlin_http_finish ends a detached exchange: the handle is stale, the rest of the answer is
/// sent.
///
/// Returns 0, `DUNLIN_ERR_STATE` when it is not detached, `DUNLIN_ERR_BAD_HANDLE`. Does not block.
/// Any task.
#[no_mangle]
pub extern "C" fn dunlin_http_finish(x: dunlin_http_exchange_t) -> i32 {
    arg::status(|| of(x).finish())
}
