//! Header section "HTTP client".

use core::ffi::{c_char, c_void};

use super::arg;
use super::cancel::dunlin_cancel_t;
use super::conn::dunlin_conn_t;
use super::http::{dunlin_http_header, FIELD_MAX, HEAD_MAX};
use super::init::dunlin_ssize_t;
use super::str::dunlin_str;
use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::http::client::{self, Config, Stage};
use crate::http::client_response as response;
use crate::http::outgoing::{Body, BodySource, HeaderList, Request};
use crate::net::conn::{self, CONNS};
use crate::netdev::registry::NAME_LEN;
use crate::sync::inside::{self, Callback};
use crate::time::Deadline;

/// An HTTP client with its own idle connections (Go: a `Client` with its `Transport`). Made by
/// `dunlin_http_client_new`; used by `dunlin_http_get`, `dunlin_http_post`, `dunlin_http_do` and
/// the `dunlin_http_client_…` functions, by any number of tasks at once. Released by:
/// `dunlin_http_client_close`.
pub type dunlin_http_client_t = i32;

/// The answer to a request (Go: `Response`). Made by `dunlin_http_get`, `dunlin_http_post`,
/// `dunlin_http_do`; used by the `dunlin_http_response_…` functions and `dunlin_poll`. One task
/// reads its body; any task may ask and close. Released by: `dunlin_http_response_close`.
pub type dunlin_http_response_t = i32;

/// `stage`: nothing failed yet.
pub const DUNLIN_HTTP_STAGE_NONE: u32 = 0;
/// `stage`: checking the request; nothing was sent.
pub const DUNLIN_HTTP_STAGE_CHECK: u32 = 1;
/// `stage`: finding and connecting the peer.
pub const DUNLIN_HTTP_STAGE_DIAL: u32 = 2;
/// `stage`: sending the request.
pub const DUNLIN_HTTP_STAGE_WRITE: u32 = 3;
/// `stage`: reading the body from the application.
pub const DUNLIN_HTTP_STAGE_SOURCE: u32 = 4;
/// `stage`: waiting for the answer's head, or in it.
pub const DUNLIN_HTTP_STAGE_HEAD: u32 = 5;
/// `stage`: reading the answer's body.
pub const DUNLIN_HTTP_STAGE_BODY: u32 = 6;

/// How a client works. Set up with `DUNLIN_HTTP_CLIENT_CONFIG_INIT`; of every number 0 is the
/// default that is named, of time-outs `DUNLIN_NO_TIMEOUT` is none.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_http_client_config {
    /// `sizeof(struct dunlin_http_client_config)`.
    pub size: u32,
    /// From the start of a request until the answer's head has come, the sending of the body
    /// included: 30,000.
    pub timeout_ms: i32,
    /// Of it for finding and connecting the peer: 10,000.
    pub dial_timeout_ms: i32,
    /// From the end of the request to the first byte of the answer: none but `timeout_ms`.
    pub first_byte_timeout_ms: i32,
    /// Between two pieces of a body, sent or received: 30,000.
    pub idle_timeout_ms: i32,
    /// How long a request with `Expect: 100-continue` holds its body back: 1,000.
    pub expect_timeout_ms: i32,
    /// How long connections are kept for later requests: 90,000.
    pub idle_conn_timeout_ms: i32,
    /// How many are kept: 2; -1 keeps none.
    pub max_idle: i32,
    /// Answers open at once, each with a head buffer: 1.
    pub responses: u32,
    /// Bytes of a head buffer: 4096, at least 256. It bounds a request's head and an answer's.
    pub head_len: u32,
    /// Fields of an answer's head: 64.
    pub fields: u32,
    /// Bytes of a size line of the chunked coding: 128.
    pub chunk_line: u32,
    /// Bytes of an unread body that closing reads away to keep the connection: 8192.
    pub drain_len: u32,
    /// Zero.
    pub reserved: u32,
    /// The `User-Agent`, copied: NULL is "dunlin", "" leaves the field out.
    pub user_agent: *const c_char,
    /// The name of the device to go through, copied. NULL: the route decides.
    pub device: *const c_char,
}

// SAFETY: repr(C), begins with its size, has only numbers and pointers.
unsafe impl arg::Sized for dunlin_http_client_config {}

/// A request (Go: `Request`). Set up with `DUNLIN_HTTP_REQUEST_INIT`; it is the application's, and
/// nothing of it is kept past the call, but the token.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_http_request {
    /// `sizeof(struct dunlin_http_request)`.
    pub size: u32,
    /// How many `headers`.
    pub header_count: u32,
    /// NULL is "GET".
    pub method: *const c_char,
    /// "http://host[:port][/path][?query]".
    pub url: *const c_char,
    /// Fields beside those that the library writes. A Host field replaces the URL's, a User-Agent
    /// the client's; Content-Length, Transfer-Encoding and Trailer are the library's and left out.
    pub headers: *const dunlin_http_header,
    /// The body in memory; NULL is none, or one that `body_read` gives.
    pub body: *const c_void,
    /// Bytes of the body. With `body_read` 0 is "not known": it is sent chunked.
    pub body_len: u64,
    /// The latest end of the wait for the head, besides the time-outs; 0 is none.
    pub deadline: i64,
    /// Gives the body while it is sent: 1 to `len` bytes, 0 at its end, an error < 0, which ends
    /// the request. Blocks: it may. Called from: the task of the request. Re-entry: any function
    /// but on this request. Owner: `buf` is the library's, until it returns. NULL: `body`.
    pub body_read:
        Option<unsafe extern "C" fn(ctx: *mut c_void, buf: *mut c_void, len: usize) -> dunlin_ssize_t>,
    /// Goes back to the body's start, so that the request can be sent again on a new connection;
    /// returns 0, or < 0 when it cannot. Otherwise as `body_read`. NULL: it cannot.
    pub body_rewind: Option<unsafe extern "C" fn(ctx: *mut c_void) -> i32>,
    /// Passed to `body_read` and `body_rewind`.
    pub body_ctx: *mut c_void,
    /// Ends the request and the reading of its answer; 0 is none.
    pub cancel: dunlin_cancel_t,
    /// Zero.
    pub reserved: u32,
}

// SAFETY: repr(C), begins with its size, has only numbers and pointers.
unsafe impl arg::Sized for dunlin_http_request {}

/// Why a client's last request failed. Set up with `DUNLIN_HTTP_FAILURE_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_http_failure {
    /// `sizeof(struct dunlin_http_failure)`.
    pub size: u32,
    /// What was being done, `DUNLIN_HTTP_STAGE_…`.
    pub stage: u32,
    /// The result that was returned, 0 when nothing failed yet.
    pub code: i32,
    /// What the driver returned; differs from `code` when that could not be believed.
    pub driver_code: i32,
}

// SAFETY: repr(C), begins with its size, has only numbers.
unsafe impl arg::Sized for dunlin_http_failure {}

/// dunlin_http_client_new makes a client. Its memory comes from the arena: a head buffer for each
/// answer, and some 100 bytes. `config` may be NULL.
///
/// Returns a handle, or `DUNLIN_ERR_NO_SLOT`, `DUNLIN_ERR_NO_MEMORY`, `DUNLIN_ERR_INVALID` (numbers
/// out of range), `DUNLIN_ERR_HTTP_INVALID_HEADER_VALUE` (a name that cannot be sent),
/// `DUNLIN_ERR_VERSION`. Does not block. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_client_new(
    config: *const dunlin_http_client_config,
) -> dunlin_http_client_t {
    arg::handle(|| {
        // SAFETY: a struct and strings by the caller's word.
        let (c, user_agent, device) = unsafe {
            let c = arg::take_or_default(config)?;
            (c, arg::optional(c.user_agent, FIELD_MAX)?, arg::optional(c.device, NAME_LEN)?)
        };
        if c.reserved != 0 {
            return Err(Error::VERSION);
        }
        client::new(&Config {
            timeout_ms: c.timeout_ms,
            dial_timeout_ms: c.dial_timeout_ms,
            first_byte_timeout_ms: c.first_byte_timeout_ms,
            idle_timeout_ms: c.idle_timeout_ms,
            expect_timeout_ms: c.expect_timeout_ms,
            max_idle: c.max_idle,
            idle_conn_timeout_ms: c.idle_conn_timeout_ms,
            responses: c.responses,
            head_len: c.head_len,
            fields: c.fields,
            chunk_line: u16::try_from(c.chunk_line).map_err(|_| Error::INVALID)?,
            drain_len: c.drain_len,
            user_agent,
            device,
            tls: Handle::NONE,
        })
    })
}

/// dunlin_http_client_close closes a client: requests and reads in progress end with
/// `DUNLIN_ERR_CLOSED`, its idle connections are closed. Its memory is back when its last answer is
/// closed.
///
/// Returns 0; `DUNLIN_ERR_BAD_HANDLE` the second time. Does not wait. Any task.
#[no_mangle]
pub extern "C" fn dunlin_http_client_close(client: dunlin_http_client_t) -> i32 {
    arg::status(|| client::close(Handle(client)))
}

/// dunlin_http_client_close_idle closes the connections that no request uses (Go:
/// `CloseIdleConnections`). Returns 0 or `DUNLIN_ERR_BAD_HANDLE`. Does not wait. Any task.
#[no_mangle]
pub extern "C" fn dunlin_http_client_close_idle(client: dunlin_http_client_t) -> i32 {
    arg::status(|| client::close_idle(Handle(client)))
}

/// dunlin_http_client_adopt gives the client a connection that was opened by other means, a pipe's
/// end for example: the next request to the host of `url` uses it. Its handle is the client's from
/// here on, also when this fails.
///
/// Returns 0, `DUNLIN_ERR_BAD_HANDLE`, `DUNLIN_ERR_INVALID`, or the errors of URLs. Does not block.
/// Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_client_adopt(
    client: dunlin_http_client_t,
    url: *const c_char,
    conn: dunlin_conn_t,
) -> i32 {
    arg::status(|| {
        let conn = CONNS.enter(Handle(conn))?;
        // SAFETY: a string by the caller's word.
        match unsafe { arg::text(url, HEAD_MAX) } {
            Ok(url) => client::adopt(Handle(client), url, conn),
            Err(e) => {
                conn::end(conn);
                Err(e)
            }
        }
    })
}

/// dunlin_http_client_failure tells why the client's last request failed, as that has no handle of
/// its own (Go: `url.Error` with its `OpError`).
///
/// Returns 0, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`, `DUNLIN_ERR_BAD_HANDLE`. Does not block.
/// Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_client_failure(
    client: dunlin_http_client_t,
    failure: *mut dunlin_http_failure,
) -> i32 {
    arg::status(|| {
        let why = client::failure(Handle(client))?;
        let value =
            dunlin_http_failure { size: 0, stage: stage(why.stage), code: why.code, driver_code: why.raw };
        // SAFETY: a struct by the caller's word.
        unsafe { arg::give(failure, &value) }
    })
}

fn stage(stage: Stage) -> u32 {
    match stage {
        Stage::None => DUNLIN_HTTP_STAGE_NONE,
        Stage::Check => DUNLIN_HTTP_STAGE_CHECK,
        Stage::Dial => DUNLIN_HTTP_STAGE_DIAL,
        Stage::Write => DUNLIN_HTTP_STAGE_WRITE,
        Stage::Source => DUNLIN_HTTP_STAGE_SOURCE,
        Stage::Head => DUNLIN_HTTP_STAGE_HEAD,
        Stage::Body => DUNLIN_HTTP_STAGE_BODY,
    }
}

/// The fields of a request in C.
struct List<'a>(&'a [dunlin_http_header]);

impl List<'_> {
    fn check(&self) -> Result<()> {
        self.0.iter().try_for_each(|h| h.parts().map(|_| ()))
    }
}

impl HeaderList for List<'_> {
    fn field(&self, index: usize) -> Option<(&[u8], &[u8])> {
        self.0.get(index)?.parts().ok()
    }
}

/// A body that the application gives.
struct Source(dunlin_http_request);

impl BodySource for Source {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        let Some(read) = self.0.body_read else { return Err(Error::INVALID) };
        let _inside = inside::enter(Callback::Handler);
        // SAFETY: the buffer has this length; the rest is the application's own.
        let n = unsafe { read(self.0.body_ctx, buf.as_mut_ptr().cast(), buf.len()) };
        match usize::try_from(n) {
            Ok(n) if n <= buf.len() => Ok(n),
            Ok(_) => Err(Error::INVALID),
            Err(_) => Err(i32::try_from(n).map_or(Error::INVALID, Error::from_code)),
        }
    }

    fn rewind(&mut self) -> Result<()> {
        let Some(rewind) = self.0.body_rewind else { return Err(Error::HTTP_BODY_NOT_REPLAYABLE) };
        let _inside = inside::enter(Callback::Handler);
        // SAFETY: the application's own.
        if unsafe { rewind(self.0.body_ctx) } < 0 {
            return Err(Error::HTTP_BODY_NOT_REPLAYABLE);
        }
        Ok(())
    }
}

/// dunlin_http_get fetches a URL (Go: `Client.Get`). Returns what `dunlin_http_do` returns. Blocks.
/// Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_get(
    client: dunlin_http_client_t,
    url: *const c_char,
) -> dunlin_http_response_t {
    // SAFETY: a string by the caller's word.
    arg::handle(|| client::get(Handle(client), unsafe { arg::text(url, HEAD_MAX) }?))
}

/// dunlin_http_post sends a body of a type, which may be NULL, to a URL (Go: `Client.Post`).
/// Returns what `dunlin_http_do` returns. Blocks. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_post(
    client: dunlin_http_client_t,
    url: *const c_char,
    content_type: *const c_char,
    body: *const c_void,
    body_len: usize,
) -> dunlin_http_response_t {
    arg::handle(|| {
        // SAFETY: strings and a buffer by the caller's word.
        let (url, kind, body) = unsafe {
            let url = arg::text(url, HEAD_MAX)?;
            (url, arg::optional(content_type, FIELD_MAX)?, arg::input(body, body_len)?)
        };
        let fields: [(&[u8], &[u8]); 1] = [(b"Content-Type", kind.unwrap_or(&[]))];
        let fields: &[(&[u8], &[u8])] = if kind.is_some() { &fields } else { &[] };
        let mut request = Request { method: b"POST", body: Body::Bytes(body), ..Request::get(url) };
        request.headers = &fields;
        client::send(Handle(client), &mut request)
    })
}

/// dunlin_http_do sends a request and waits for the head of its answer (Go: `Client.Do`).
/// Everything is checked before a byte is sent. It is sent a second time only when a kept
/// connection turns out to be dead before a byte of the answer came, and the request may be made
/// twice.
///
/// Returns a handle, to be released by `dunlin_http_response_close`; every status is a success. Or
/// `DUNLIN_ERR_TIMEOUT`, `DUNLIN_ERR_CANCELED`, `DUNLIN_ERR_CLOSED` (the client, by another task),
/// `DUNLIN_ERR_NO_SLOT` (as many answers are open as the client allows),
/// `DUNLIN_ERR_HTTP_NO_RESPONSE`, `DUNLIN_ERR_TLS_NOT_CONFIGURED` (https), those of dialing, of
/// URLs, of fields, of the answer's head, or of `body_read`. Blocks. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_do(
    client: dunlin_http_client_t,
    request: *const dunlin_http_request,
) -> dunlin_http_response_t {
    arg::handle(|| {
        // SAFETY: a struct, strings, fields and a body by the caller's word.
        let (r, method, url, headers) = unsafe {
            let r = arg::take(request)?;
            let method = arg::optional(r.method, arg::WORD_MAX)?.unwrap_or(b"GET");
            let headers = List(arg::list(r.headers, r.header_count as usize)?);
            (r, method, arg::text(r.url, HEAD_MAX)?, headers)
        };
        headers.check()?;
        if r.reserved != 0 {
            return Err(Error::VERSION);
        }
        let mut source = Source(r);
        let body = match (r.body_read.is_some(), r.body.is_null()) {
            (true, true) => Body::Stream { source: &mut source, len: Some(r.body_len).filter(|n| *n > 0) },
            (true, false) => return Err(Error::INVALID),
            (false, _) => {
                let len = usize::try_from(r.body_len).map_err(|_| Error::INVALID)?;
                // SAFETY: a buffer by the caller's word.
                Body::Bytes(unsafe { arg::input(r.body, len) }?)
            }
        };
        let (cancel, deadline) = (Handle(r.cancel), Deadline(r.deadline));
        client::send(Handle(client), &mut Request { method, url, headers: &headers, body, cancel, deadline })
    })
}

/// dunlin_http_response_status tells the status code, 100 to 999 (Go: `Response.StatusCode`).
/// Returns it or `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
#[no_mangle]
pub extern "C" fn dunlin_http_response_status(r: dunlin_http_response_t) -> i32 {
    arg::number(|| Ok(response::view(Handle(r))?.status().into()))
}

/// dunlin_http_response_status_text tells code and reason as they came, "200 OK" (Go:
/// `Response.Status`). The view lives until the response is closed; it is empty for a bad handle.
/// Does not block. Any task.
#[no_mangle]
pub extern "C" fn dunlin_http_response_status_text(r: dunlin_http_response_t) -> dunlin_str {
    arg::view(|| Ok(dunlin_str::of(response::view(Handle(r))?.status_text())))
}

/// dunlin_http_response_proto tells the version as it came, "HTTP/1.1" (Go: `Response.Proto`). The
/// view lives until the response is closed; it is empty for a bad handle. Does not block. Any task.
#[no_mangle]
pub extern "C" fn dunlin_http_response_proto(r: dunlin_http_response_t) -> dunlin_str {
    arg::view(|| Ok(dunlin_str::of(response::view(Handle(r))?.proto())))
}

/// dunlin_http_response_header tells the first value of a field, its name in any case of letters
/// (Go: `Response.Header.Get`). The view lives until the response is closed; its `ptr` is NULL when
/// there is no such field, or for a bad handle or NULL. Does not block. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_response_header(
    r: dunlin_http_response_t,
    name: *const c_char,
) -> dunlin_str {
    arg::view(|| {
        // SAFETY: a string by the caller's word.
        let name = unsafe { arg::text(name, FIELD_MAX) }?;
        Ok(response::view(Handle(r))?.header()?.get(name).map_or(dunlin_str::NONE, dunlin_str::of))
    })
}

/// dunlin_http_response_header_at tells the field of a number, from 0, in the order they came. The
/// views live until the response is closed.
///
/// Returns 1, or 0 behind the last field; `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BAD_HANDLE`. Does not
/// block. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_response_header_at(
    r: dunlin_http_response_t,
    number: u32,
    name: *mut dunlin_str,
    value: *mut dunlin_str,
) -> i32 {
    arg::number(|| {
        let view = response::view(Handle(r))?;
        let field =
            view.header()?.iter().nth(number as usize).map(|f| (dunlin_str::of(f.0), dunlin_str::of(f.1)));
        // SAFETY: places by the caller's word.
        unsafe { arg::give_pair(name, value, field) }
    })
}

/// dunlin_http_response_content_length tells the announced length of the body in `*length`, -1 when
/// it is not known (Go: `Response.ContentLength`).
///
/// Returns 0, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_response_content_length(
    r: dunlin_http_response_t,
    length: *mut i64,
) -> i32 {
    arg::status(|| {
        // SAFETY: a place by the caller's word.
        let out = unsafe { arg::place(length) }?;
        out.write(response::view(Handle(r))?.content_length());
        Ok(())
    })
}

/// dunlin_http_response_read reads 1 to `len` bytes of the body, without its framing (Go:
/// `Response.Body.Read`).
///
/// Returns how many; 0 is the body's true end and nothing else. `DUNLIN_ERR_UNEXPECTED_EOF`: the
/// peer closed too early. `DUNLIN_ERR_TIMEOUT`: nothing came for the client's `idle_timeout_ms`,
/// and the answer is lost; or the answer's own deadline came, and reading may go on.
/// `DUNLIN_ERR_CANCELED`, `DUNLIN_ERR_CLOSED` (by another task), `DUNLIN_ERR_BUSY` (another task
/// reads), `DUNLIN_ERR_INVALID` (NULL, or a length of 0), those of the chunked coding and of
/// connections. Blocks. Any task, one at a time.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_response_read(
    r: dunlin_http_response_t,
    buf: *mut c_void,
    len: usize,
) -> dunlin_ssize_t {
    arg::bytes(|| {
        // SAFETY: a buffer by the caller's word.
        let buf = unsafe { arg::output(buf, len) }?;
        if buf.is_empty() {
            return Err(Error::INVALID);
        }
        response::read(Handle(r), buf)
    })
}

/// dunlin_http_response_set_deadline bounds the read in progress and later ones, beside the idle
/// time-out; 0 is none. Returns 0 or `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
#[no_mangle]
pub extern "C" fn dunlin_http_response_set_deadline(r: dunlin_http_response_t, deadline: i64) -> i32 {
    arg::status(|| response::set_deadline(Handle(r), Deadline(deadline)))
}

/// dunlin_http_response_close closes an answer (Go: `Response.Body.Close`): handle and views are
/// stale. The connection is kept for the next request if the body was read to its end, or its rest
/// is short and comes within 50 ms. A read in progress ends with `DUNLIN_ERR_CLOSED`.
///
/// Returns 0; `DUNLIN_ERR_BAD_HANDLE` the second time. Waits at most 50 ms. Any task.
#[no_mangle]
pub extern "C" fn dunlin_http_response_close(r: dunlin_http_response_t) -> i32 {
    arg::status(|| response::close(Handle(r)))
}
