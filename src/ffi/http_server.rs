//! Header section "HTTP server".

use core::ffi::c_char;

use super::arg;
use super::conn::dunlin_conn_t;
use super::listen::{self, dunlin_listen_config};
use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::http::server::config::MAX_NAME;
use crate::http::server::{self, dunlin_http_route, Config, Table};
use crate::net::conn::{self, CONNS};
use crate::netdev::table::dunlin_addr;
use crate::time::Deadline;

/// An HTTP server (Go: `http.Server`). Made by `dunlin_http_server_new`; used by the
/// `dunlin_http_server_…` functions, from any task. Released by: `dunlin_http_server_close`.
pub type dunlin_http_server_t = i32;

/// Every connection ends after one answer (Go: `Server.SetKeepAlivesEnabled(false)`).
pub const DUNLIN_HTTP_NO_KEEP_ALIVE: u32 = 1;

/// How a server works. Set up with `DUNLIN_HTTP_SERVER_CONFIG_INIT`; of every number 0 is the
/// default that is named, of time-outs `DUNLIN_NO_TIMEOUT` is none.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_http_server_config {
    /// `sizeof(struct dunlin_http_server_config)`.
    pub size: u32,
    /// How many `routes`.
    pub route_count: u32,
    /// What is served; kept until the server closes.
    pub routes: *const dunlin_http_route,
    /// Sent as `Server`, at most 24 bytes; kept until the server closes. NULL sends none, as Go.
    pub name: *const c_char,
    /// Bytes of body that handlers may read of one request, whatever they ask for: no limit.
    pub max_body_len: u64,
    /// Bytes of unread body that are read away to keep a connection: 262,144.
    pub drain_len: u64,
    /// Bytes of a request's head: 4096, at least 64.
    pub head_len: u32,
    /// Fields of a head: 64.
    pub fields: u32,
    /// Bytes of a size line of the chunked coding: 128.
    pub chunk_line: u32,
    /// Bytes of a trailer section: 512.
    pub trailer_len: u32,
    /// Bytes of an answer that are collected before it is sent in chunks: 2048, at least 64.
    pub output_len: u32,
    /// Bodies of at most that many bytes are received before the handler runs: 1024.
    pub buffered_body_len: u32,
    /// Connections at once: 8.
    pub max_conns: u32,
    /// Requests in progress at once, each with a head and an output buffer: as many as connections.
    pub max_requests: u32,
    /// Detached exchanges at once: half the requests, at least one.
    pub max_detached: u32,
    /// From accept, or from the first byte of a later request, to the end of its head: 5,000.
    pub read_header_timeout_ms: i32,
    /// Between two pieces of a body: 10,000.
    pub read_timeout_ms: i32,
    /// Between two pieces of an answer that the peer takes: 10,000.
    pub write_timeout_ms: i32,
    /// Between two requests: 60,000.
    pub idle_timeout_ms: i32,
    /// Bytes a second that a peer must send or take while a handler waits for it and other requests
    /// wait for the worker: 256.
    pub min_rate: u32,
    /// Milliseconds over which the rate is taken: 2000.
    pub min_rate_window_ms: u32,
    /// `DUNLIN_HTTP_NO_KEEP_ALIVE`, or zero.
    pub flags: u32,
}

// SAFETY: repr(C), begins with its size, has only numbers and pointers.
unsafe impl arg::Sized for dunlin_http_server_config {}

/// The counters of a server. Set up with `DUNLIN_HTTP_SERVER_STATS_INIT`. They wrap.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_http_server_stats {
    /// `sizeof(struct dunlin_http_server_stats)`.
    pub size: u32,
    /// Connections taken.
    pub accepted: u32,
    /// Connections now.
    pub active: u32,
    /// Detached exchanges now.
    pub detached: u32,
    /// Requests by the first digit of their answer's status: `answers[0]` is 1xx.
    pub answers: [u32; 5],
    /// Connections ended by a time-out.
    pub timeouts: u32,
    /// Heads that could not be served.
    pub rejected: u32,
    /// Connections ended to make room.
    pub evicted: u32,
    /// Peers ended for moving less than the minimum rate.
    pub slow: u32,
    /// Connections that handlers took over (`dunlin_http_hijack`).
    pub hijacked: u32,
}

// SAFETY: repr(C), begins with its size, has only numbers.
unsafe impl arg::Sized for dunlin_http_server_stats {}

/// The longest pattern of a route.
const PATTERN_MAX: usize = 1024;

/// The routes of an application, each of which has a pattern and a handler.
unsafe fn table(routes: *const dunlin_http_route, count: u32) -> Result<Table> {
    // SAFETY: routes by the caller's word.
    for route in unsafe { arg::list(routes, count as usize) }? {
        // SAFETY: a string by the caller's word.
        let _ = unsafe { arg::text(route.pattern, PATTERN_MAX) }?;
        if route.handler.is_none() {
            return Err(Error::INVALID);
        }
        if !route.options.is_null() {
            return Err(Error::VERSION);
        }
    }
    // SAFETY: just read, and kept by the caller until the server closes.
    Ok(unsafe { Table::from_c(routes, count as usize) })
}

/// dunlin_http_server_new makes a server. Its memory comes from the arena, all of it now: for each
/// request in progress a head and an output buffer, for each connection and route some 100 bytes.
///
/// Returns a handle, or `DUNLIN_ERR_INVALID` (NULL, limits that make no sense or exceed the
/// build's), `DUNLIN_ERR_HTTP_PATTERN`, `DUNLIN_ERR_HTTP_PATTERN_CONFLICT`, `DUNLIN_ERR_NO_MEMORY`,
/// `DUNLIN_ERR_NO_SLOT`, `DUNLIN_ERR_VERSION`. Does not block. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_server_new(
    config: *const dunlin_http_server_config,
) -> dunlin_http_server_t {
    arg::handle(|| {
        // SAFETY: a struct, routes and a string by the caller's word.
        let (c, routes, name) = unsafe {
            let c = arg::take(config)?;
            (c, table(c.routes, c.route_count)?, arg::optional(c.name, MAX_NAME)?)
        };
        if c.flags & !DUNLIN_HTTP_NO_KEEP_ALIVE != 0 {
            return Err(Error::VERSION);
        }
        let server = server::new(&Config {
            routes,
            name: name.unwrap_or(b""),
            head_len: c.head_len,
            fields: c.fields,
            chunk_line: c.chunk_line,
            trailer: c.trailer_len,
            output_len: c.output_len,
            conns: c.max_conns,
            requests: c.max_requests,
            max_detached: c.max_detached,
            buffered_body: c.buffered_body_len,
            max_body: c.max_body_len,
            drain: c.drain_len,
            read_header_timeout_ms: c.read_header_timeout_ms,
            read_timeout_ms: c.read_timeout_ms,
            write_timeout_ms: c.write_timeout_ms,
            idle_timeout_ms: c.idle_timeout_ms,
            min_rate: c.min_rate,
            min_rate_window_ms: c.min_rate_window_ms,
            no_keep_alive: c.flags & DUNLIN_HTTP_NO_KEEP_ALIVE != 0,
        })?;
        Ok(server.handle())
    })
}

/// dunlin_http_server_listen listens on `address`, ":8080" or "127.0.0.1:0" for example, on all
/// devices or the one that has the address; up to four addresses, before or while workers serve
/// (Go: `net.Listen` and `Server.Serve`).
///
/// Returns 0, or the errors of `dunlin_listen`; `DUNLIN_ERR_NO_SLOT`,
/// `DUNLIN_ERR_HTTP_SERVER_CLOSED`, `DUNLIN_ERR_BAD_HANDLE`. Does not wait for the network. Any
/// task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_server_listen(
    server: dunlin_http_server_t,
    address: *const c_char,
) -> i32 {
    // SAFETY: the caller's word.
    unsafe { dunlin_http_server_listen_with(server, core::ptr::null(), c"tcp".as_ptr(), address) }
}

/// dunlin_http_server_listen_with listens as `dunlin_listen` with the same arguments does, for a
/// server. Returns as `dunlin_http_server_listen`. Does not wait for the network. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_server_listen_with(
    server: dunlin_http_server_t,
    config: *const dunlin_listen_config,
    network: *const c_char,
    address: *const c_char,
) -> i32 {
    arg::status(|| {
        let server = server::enter(Handle(server))?;
        // SAFETY: a struct and strings by the caller's word.
        let how = unsafe { listen::How::take(config, network, address) }?;
        server.listen_with(&how.config, how.network, how.address)
    })
}

/// dunlin_http_server_addr tells the address of a listener, numbered from 0 in the order they were
/// made, with the port that the device chose.
///
/// Returns 0, or `DUNLIN_ERR_INVALID` (no such listener, NULL), `DUNLIN_ERR_BAD_HANDLE`,
/// `DUNLIN_ERR_NOT_SUPPORTED` (by the driver). Does not block. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_server_addr(
    server: dunlin_http_server_t,
    number: u32,
    addr: *mut dunlin_addr,
) -> i32 {
    arg::status(|| {
        // SAFETY: a place by the caller's word.
        let out = unsafe { arg::place(addr) }?;
        out.write(server::enter(Handle(server))?.local_addr(number as usize)?);
        Ok(())
    })
}

/// dunlin_http_server_adopt serves a connection that was made by other means, a pipe's end for
/// example. Its handle is the server's from here on, also when this fails.
///
/// Returns 0, or `DUNLIN_ERR_NO_SLOT`, `DUNLIN_ERR_HTTP_SERVER_CLOSED`, `DUNLIN_ERR_BAD_HANDLE`.
/// Does not block. Any task.
#[no_mangle]
pub extern "C" fn dunlin_http_server_adopt(server: dunlin_http_server_t, conn: dunlin_conn_t) -> i32 {
    arg::status(|| {
        let conn = CONNS.enter(Handle(conn))?;
        match server::enter(Handle(server)) {
            Ok(server) => server.adopt(conn),
            Err(e) => {
                conn::end(conn);
                Err(e)
            }
        }
    })
}

/// dunlin_http_server_serve works for the server until it is closed or shut down (Go:
/// `Server.Serve`). The calling task is a worker: it waits for all connections and runs handlers.
/// Any number of tasks may call it on the same server; each runs one handler at a time.
///
/// Returns `DUNLIN_ERR_HTTP_SERVER_CLOSED` at the end; `DUNLIN_ERR_NO_SLOT` when `DUNLIN_MAX_TASKS`
/// tasks wait already, `DUNLIN_ERR_BAD_HANDLE`. Blocks. Any task.
#[no_mangle]
pub extern "C" fn dunlin_http_server_serve(server: dunlin_http_server_t) -> i32 {
    arg::status(|| server::enter(Handle(server))?.serve())
}

/// dunlin_http_server_serve_until is `dunlin_http_server_serve` up to `deadline`, for a task that does
/// other things too: `dunlin_poll` says when there is something to do. A handler that began is finished
/// first. With a deadline that has passed it does what is ready, runs at most one handler, and waits
/// for nothing but that handler.
///
/// Returns `DUNLIN_ERR_TIMEOUT` at the deadline, otherwise as `dunlin_http_server_serve`. Blocks up to
/// `deadline`. Any task.
#[no_mangle]
pub extern "C" fn dunlin_http_server_serve_until(server: dunlin_http_server_t, deadline: i64) -> i32 {
    arg::status(|| server::enter(Handle(server))?.serve_until(Deadline(deadline)))
}

/// dunlin_http_server_shutdown stops accepting, ends idle connections and waits for requests in
/// progress (Go: `Server.Shutdown`). Then every `dunlin_http_server_serve` returns; the server is
/// still to be closed.
///
/// Returns 0; `DUNLIN_ERR_TIMEOUT` when requests are left at `deadline`, which go on;
/// `DUNLIN_ERR_REENTRANT` from a handler of this server, `DUNLIN_ERR_BAD_HANDLE`. Blocks up to
/// `deadline`. Any task.
#[no_mangle]
pub extern "C" fn dunlin_http_server_shutdown(server: dunlin_http_server_t, deadline: i64) -> i32 {
    arg::status(|| server::enter(Handle(server))?.shutdown(Deadline(deadline)))
}

/// dunlin_http_server_close ends a server at once (Go: `Server.Close`): its listeners and
/// connections are closed, every `dunlin_http_server_serve` returns when its handler has. Routes
/// and name are given back when they all have returned.
///
/// Returns 0; `DUNLIN_ERR_BAD_HANDLE` the second time. Does not wait. Any task, from handlers too.
#[no_mangle]
pub extern "C" fn dunlin_http_server_close(server: dunlin_http_server_t) -> i32 {
    arg::status(|| server::close(Handle(server)))
}

/// dunlin_http_server_stats tells the counters. Returns 0 or `DUNLIN_ERR_INVALID`,
/// `DUNLIN_ERR_VERSION`, `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_server_stats(
    server: dunlin_http_server_t,
    stats: *mut dunlin_http_server_stats,
) -> i32 {
    arg::status(|| {
        let s = server::enter(Handle(server))?.stats()?;
        let value = dunlin_http_server_stats {
            size: 0,
            accepted: s.accepted,
            active: s.active,
            detached: s.detached,
            answers: s.answers,
            timeouts: s.timeouts,
            rejected: s.rejected,
            evicted: s.evicted,
            slow: s.slow,
            hijacked: s.hijacked,
        };
        // SAFETY: a struct by the caller's word.
        unsafe { arg::give(stats, &value) }
    })
}
