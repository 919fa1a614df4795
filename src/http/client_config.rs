//! How an HTTP client works: the numbers an application may set, and their defaults.

use super::body::BodyLimits;
use super::client_response::Terms;
use super::{transport, Limits};
use crate::config::{MAX_CONNS, MAX_HTTP_RESPONSES};
use crate::error::{Error, Result};
use crate::handle::Handle;

/// How a client works. Of every number 0 is the default; of time-outs -1 is none.
#[derive(Clone, Copy)]
pub struct Config<'a> {
    /// From the start of a request until its answer's head has come, the sending of the body
    /// included: 30,000.
    pub timeout_ms: i32,
    /// Of it for finding and connecting the peer: 10,000.
    pub dial_timeout_ms: i32,
    /// From the end of the request to the first byte of its answer: none but `timeout_ms`.
    pub first_byte_timeout_ms: i32,
    /// Between two pieces of a body, sent or received: 30,000.
    pub idle_timeout_ms: i32,
    /// How long a request with `Expect: 100-continue` holds its body back: 1,000.
    pub expect_timeout_ms: i32,
    /// Connections kept for later requests: 2; -1 keeps none and says `Connection: close`.
    pub max_idle: i32,
    /// How long they are kept: 90,000.
    pub idle_conn_timeout_ms: i32,
    /// Answers open at once, each with a head buffer: 1.
    pub responses: u32,
    /// Bytes of a head buffer: 4,096, at least 256. It bounds a request's head, and an answer's
    /// together with the interim ones before it.
    pub head_len: u32,
    /// Fields of an answer: 64.
    pub fields: u32,
    /// Bytes of a size line of the chunked coding: 128.
    pub chunk_line: u16,
    /// Bytes of an unread body that closing reads away to keep the connection: 8,192.
    pub drain_len: u32,
    /// The `User-Agent`, copied; `None` is `dunlin`, an empty one leaves the field out.
    pub user_agent: Option<&'a [u8]>,
    /// The device by name, copied; otherwise the route decides.
    pub device: Option<&'a [u8]>,
    /// A TLS configuration; without one `https` is `TLS_NOT_CONFIGURED`.
    pub tls: Handle,
}

impl Config<'_> {
    /// All defaults.
    pub const DEFAULT: Config<'static> = Config {
        timeout_ms: 0,
        dial_timeout_ms: 0,
        first_byte_timeout_ms: 0,
        idle_timeout_ms: 0,
        expect_timeout_ms: 0,
        max_idle: 0,
        idle_conn_timeout_ms: 0,
        responses: 0,
        head_len: 0,
        fields: 0,
        chunk_line: 0,
        drain_len: 0,
        user_agent: None,
        device: None,
        tls: Handle::NONE,
    };
}

const HEAD_LEN_MIN: u32 = 256;
const HEAD_LEN_MAX: u32 = 1 << 20;
/// The default `User-Agent`.
pub(super) const AGENT: &[u8] = b"dunlin";

/// A configuration with its defaults filled in.
#[derive(Clone, Copy)]
pub(super) struct Settings {
    pub timeout_ms: i32,
    pub dial_ms: i32,
    pub first_byte_ms: i32,
    pub expect_ms: i32,
    pub max_idle: usize,
    pub buffers: usize,
    pub limits: Limits,
    pub terms: Terms,
}

fn or(value: u32, default: u32) -> u32 {
    if value == 0 {
        default
    } else {
        value
    }
}

fn or_ms(value: i32, default: i32) -> i32 {
    if value == 0 {
        default
    } else {
        value
    }
}

/// The configuration with its defaults; `INVALID` for numbers out of range.
pub(super) fn settings(config: &Config<'_>) -> Result<Settings> {
    let head_len = or(config.head_len, Limits::DEVICE.head_len);
    let buffers = or(config.responses, 1) as usize;
    if !(HEAD_LEN_MIN..=HEAD_LEN_MAX).contains(&head_len) || buffers > MAX_HTTP_RESPONSES {
        return Err(Error::INVALID);
    }
    if config.tls != Handle::NONE {
        return Err(Error::BAD_HANDLE);
    }
    let chunk_line = if config.chunk_line == 0 { BodyLimits::DEVICE.chunk_line } else { config.chunk_line };
    Ok(Settings {
        timeout_ms: or_ms(config.timeout_ms, 30_000),
        dial_ms: or_ms(config.dial_timeout_ms, 10_000),
        first_byte_ms: config.first_byte_timeout_ms,
        expect_ms: or_ms(config.expect_timeout_ms, 1_000),
        max_idle: usize::try_from(or_ms(config.max_idle, 2)).unwrap_or(0).min(MAX_CONNS),
        buffers,
        limits: Limits { head_len, fields: or(config.fields, Limits::DEVICE.fields) },
        terms: Terms {
            idle_ms: or_ms(config.idle_timeout_ms, 30_000),
            idle_conn_ms: or_ms(config.idle_conn_timeout_ms, 90_000),
            drain_len: or(config.drain_len, 8_192),
            limits: BodyLimits { chunk_line, ..BodyLimits::DEVICE },
        },
    })
}

/// Bytes of the arena that a client takes, beside what the allocator adds for each of its pieces (at
/// most 16 each: one, one per answer, and one each for a name of its own and of a device).
pub fn memory_needed(config: &Config<'_>) -> Result<usize> {
    let s = settings(config)?;
    let names = config.user_agent.map_or(0, <[u8]>::len) + config.device.map_or(0, <[u8]>::len);
    Ok(transport::memory_needed(s.max_idle, s.buffers, s.limits.head_len as usize).saturating_add(names))
}
