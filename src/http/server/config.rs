//! What an application says about a server: limits, time-outs, names (Go: the fields of `http.Server`).

use crate::config::{MAX_HTTP_EXCHANGES, MAX_POLL};
use crate::error::{Error, Result};
use crate::http::body::BodyLimits;
use crate::http::mux::Record;
use crate::http::server::route::Table;
use crate::http::server::state::{Ctx, Slot, HEAD_SLACK, TAIL};
use crate::http::Limits;
use crate::netdev::pollset::PollSet;

/// Listeners of one server.
pub const MAX_LISTEN: usize = 4;
/// Bytes of the longest `Server` name.
pub const MAX_NAME: usize = 24;

/// The configuration of a server. Of every number 0 is the default that its comment gives; of a
/// time-out a negative number is none.
#[derive(Clone, Copy)]
pub struct Config {
    /// The routes; kept until the server closes.
    pub routes: Table,
    /// Sent as `Server`; empty (the default) sends none, as Go. At most 24 bytes; kept until the
    /// server closes.
    pub name: &'static [u8],
    /// Bytes of a request's head, its blank line included: 4096.
    pub head_len: u32,
    /// Fields of a head: 64.
    pub fields: u32,
    /// Bytes of a chunk's size line: 128.
    pub chunk_line: u32,
    /// Bytes of a trailer section: 512.
    pub trailer: u32,
    /// Bytes of an answer that are collected before it is sent in chunks: 2048.
    pub output_len: u32,
    /// Connections at once: 8.
    pub conns: u32,
    /// Requests in progress at once, each with a head and an output buffer: as many as connections.
    pub requests: u32,
    /// Detached exchanges at once: half the requests, at least one.
    pub max_detached: u32,
    /// Bodies of at most that many bytes are received before the handler runs: 1024.
    pub buffered_body: u32,
    /// Bytes of body a handler may read, the most an application allows: 2^63 − 1.
    pub max_body: u64,
    /// Bytes of unread body that are read away to keep a connection: 256 KiB.
    pub drain: u64,
    /// From accept, or from the first byte of a later request, to the end of its head: 5000 ms.
    pub read_header_timeout_ms: i32,
    /// Between two pieces of a body: 10000 ms.
    pub read_timeout_ms: i32,
    /// Between two pieces of an answer that the peer takes: 10000 ms.
    pub write_timeout_ms: i32,
    /// Between two requests: 60000 ms.
    pub idle_timeout_ms: i32,
    /// Bytes a second that a peer must send or take while a handler waits for it and other requests
    /// wait for the worker: 256.
    pub min_rate: u32,
    /// The time over which the rate is taken: 2000 ms.
    pub min_rate_window_ms: u32,
    /// Every connection ends after one answer (Go: `SetKeepAlivesEnabled(false)`).
    pub no_keep_alive: bool,
}

impl Config {
    /// The defaults, with these routes.
    pub const fn new(routes: Table) -> Config {
        Config {
            routes,
            name: b"",
            head_len: 0,
            fields: 0,
            chunk_line: 0,
            trailer: 0,
            output_len: 0,
            conns: 0,
            requests: 0,
            max_detached: 0,
            buffered_body: 0,
            max_body: 0,
            drain: 0,
            read_header_timeout_ms: 0,
            read_timeout_ms: 0,
            write_timeout_ms: 0,
            idle_timeout_ms: 0,
            min_rate: 0,
            min_rate_window_ms: 0,
            no_keep_alive: false,
        }
    }
}

/// A configuration with its defaults filled in. Times are in milliseconds, 0 is none.
#[derive(Clone, Copy)]
pub(super) struct Settings {
    pub name: &'static [u8],
    pub limits: Limits,
    pub body: BodyLimits,
    pub output_len: usize,
    pub conns: usize,
    pub requests: usize,
    pub max_detached: usize,
    pub buffered_body: u64,
    pub max_body: u64,
    pub drain: u64,
    pub header_ms: i64,
    pub read_ms: i64,
    pub write_ms: i64,
    pub idle_ms: i64,
    pub no_keep_alive: bool,
    pub window_ms: u32,
    /// Bytes that must move in a window.
    pub window_bytes: u32,
}

fn or<T: PartialEq + From<u8>>(value: T, default: T) -> T {
    if value == T::from(0) {
        default
    } else {
        value
    }
}

fn time(ms: i32, default: i64) -> i64 {
    match ms {
        0 => default,
        ms => i64::from(ms).max(0),
    }
}

fn size(n: u32) -> Result<usize> {
    usize::try_from(n).map_err(|_| Error::INVALID)
}

impl Settings {
    pub fn of(c: &Config) -> Result<Settings> {
        let conns = size(or(c.conns, 8))?;
        let requests = size(or(c.requests, conns as u32))?.min(conns);
        let head_len = or(c.head_len, 4096);
        let output_len = size(or(c.output_len, 2048))?;
        let small = |n: u32, default: u32| u16::try_from(or(n, default)).unwrap_or(u16::MAX);
        let window_ms = or(c.min_rate_window_ms, 2000);
        let rate = u64::from(or(c.min_rate, 256)) * u64::from(window_ms) / 1000;
        let fits = conns + MAX_LISTEN <= MAX_POLL && requests <= MAX_HTTP_EXCHANGES;
        if !fits || c.name.len() > MAX_NAME || !(64..=u32::MAX / 2).contains(&head_len) || output_len < 64 {
            return Err(Error::INVALID);
        }
        if output_len > u32::MAX as usize / 2 || !crate::http::header::is_valid_value(c.name) {
            return Err(Error::INVALID);
        }
        Ok(Settings {
            name: c.name,
            limits: Limits { head_len, fields: or(c.fields, 64) },
            body: BodyLimits {
                chunk_line: small(c.chunk_line, 128),
                trailer: small(c.trailer, 512),
                trailer_fields: small(c.fields, 16),
            },
            output_len,
            conns,
            requests,
            max_detached: size(or(c.max_detached, (requests as u32 / 2).max(1)))?,
            buffered_body: u64::from(or(c.buffered_body, 1024)),
            max_body: or(c.max_body, i64::MAX as u64),
            drain: or(c.drain, crate::http::body::DRAIN_MAX),
            header_ms: time(c.read_header_timeout_ms, 5000),
            read_ms: time(c.read_timeout_ms, 10_000),
            write_ms: time(c.write_timeout_ms, 10_000),
            idle_ms: time(c.idle_timeout_ms, 60_000),
            no_keep_alive: c.no_keep_alive,
            window_ms,
            window_bytes: u32::try_from(rate).unwrap_or(u32::MAX),
        })
    }

    /// Bytes of one head buffer.
    pub fn head_cap(&self) -> usize {
        self.limits.head_len as usize + HEAD_SLACK
    }

    /// Bytes of one output buffer.
    pub fn out_cap(&self) -> usize {
        self.output_len + TAIL
    }

    /// Bytes that a server with so many routes takes from the arena, in five pieces.
    pub fn memory(&self, routes: usize) -> Result<usize> {
        let each = self.head_cap().checked_add(self.out_cap());
        let bulk = each.and_then(|n| n.checked_mul(self.requests));
        let tables = routes
            .checked_mul(size_of::<Record>())
            .and_then(|n| n.checked_add(self.conns.checked_mul(size_of::<Slot>())?))
            .and_then(|n| n.checked_add(self.requests.checked_mul(size_of::<Ctx>())?));
        let tables = tables.and_then(|n| n.checked_add(size_of::<PollSet>()));
        bulk.and_then(|b| b.checked_add(tables?)).ok_or(Error::INVALID)
    }
}
