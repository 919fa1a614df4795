//! Header section "Library".

use core::ffi::{c_char, c_void};

use super::arg;
use crate::config;
use crate::error::Error;
use crate::runtime;
use crate::sync::inside;
use crate::time::Deadline;

/// The version of the ABI this header belongs to.
pub const DUNLIN_ABI_VERSION: u32 = 1;

/// No time-out, in `…_timeout_ms` fields; 0 there is the default that the field's comment names.
pub const DUNLIN_NO_TIMEOUT: i32 = -1;

/// A number of bytes ≥ 0, or an error of `enum dunlin_err` or of a driver.
pub type dunlin_ssize_t = isize;

/// What `dunlin_init` needs. Set up with `DUNLIN_CONFIG_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_config {
    /// `sizeof(struct dunlin_config)`.
    pub size: u32,
    /// `DUNLIN_ABI_VERSION`.
    pub abi_version: u32,
    /// The memory of HTTP servers and clients, Dunlin's alone until `dunlin_deinit`. NULL with a
    /// length of 0 will do for programs without HTTP.
    pub arena: *mut c_void,
    /// Bytes of it.
    pub arena_len: usize,
}

// SAFETY: repr(C), begins with its size, has only numbers and pointers.
unsafe impl arg::Sized for dunlin_config {}

/// What is in use. Equal counts before and after show that nothing was left behind. Set up with
/// `DUNLIN_USAGE_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_usage {
    /// `sizeof(struct dunlin_usage)`.
    pub size: u32,
    /// Pieces of the arena that are taken.
    pub arena_pieces: u32,
    /// Bytes of the arena.
    pub arena_total: u64,
    /// Bytes of it that are taken.
    pub arena_used: u64,
    /// The most that were ever taken at once.
    pub arena_peak: u64,
    /// Devices registered.
    pub netdevs: u32,
    /// Sockets open on them.
    pub sockets: u32,
    /// Connections, ends of pipes included.
    pub conns: u32,
    /// Listeners.
    pub listeners: u32,
    /// Pipes.
    pub pipes: u32,
    /// Cancel tokens.
    pub cancels: u32,
    /// Tasks that wait inside Dunlin.
    pub tasks: u32,
    /// HTTP servers.
    pub http_servers: u32,
    /// HTTP requests being served, detached ones included.
    pub http_exchanges: u32,
    /// HTTP clients.
    pub http_clients: u32,
    /// HTTP responses.
    pub http_responses: u32,
    /// Subscriptions to the events of links.
    pub subscriptions: u32,
    /// Packet connections.
    pub packet_conns: u32,
    /// Zero.
    pub reserved: u32,
}

// SAFETY: repr(C), begins with its size, has only numbers.
unsafe impl arg::Sized for dunlin_usage {}

/// The numbers the library was built with (`DUNLIN_MAX_CONNS` and so on), which set its pools. Set
/// up with `DUNLIN_BUILD_CONFIG_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_build_config {
    /// `sizeof(struct dunlin_build_config)`.
    pub size: u32,
    /// Devices.
    pub max_netdevs: u32,
    /// Connections, of servers, clients and ends of pipes.
    pub max_conns: u32,
    /// Listeners.
    pub max_listeners: u32,
    /// Pipes.
    pub max_pipes: u32,
    /// Cancel tokens.
    pub max_cancels: u32,
    /// Tasks that may wait inside Dunlin at once.
    pub max_tasks: u32,
    /// Handles of one `dunlin_poll`, or sockets watched by one HTTP server.
    pub max_poll: u32,
    /// HTTP servers.
    pub max_http_servers: u32,
    /// HTTP clients.
    pub max_http_clients: u32,
    /// HTTP responses open at once.
    pub max_http_responses: u32,
    /// HTTP requests being served at once.
    pub max_http_exchanges: u32,
    /// Bytes of a host name.
    pub max_host: u32,
    /// Addresses tried for one name.
    pub max_addrs: u32,
    /// Subscriptions to the events of links.
    pub max_subscriptions: u32,
    /// Packet connections.
    pub max_packet_conns: u32,
}

// SAFETY: repr(C), begins with its size, has only numbers.
unsafe impl arg::Sized for dunlin_build_config {}

/// dunlin_init makes the library ready. Every other function returns `DUNLIN_ERR_STATE` before it,
/// except those of time and addresses, `dunlin_strerror`, `dunlin_abi_version` and
/// `dunlin_build_config`.
///
/// Returns 0, or `DUNLIN_ERR_VERSION` (this header and the library do not belong together),
/// `DUNLIN_ERR_STATE` (it is ready already), `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_NO_MEMORY` (the
/// arena is too small, or the port has no events or mutexes). Does not block. From one task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_init(config: *const dunlin_config) -> i32 {
    arg::plain(|| {
        // SAFETY: a config by the caller's word.
        let config = unsafe { arg::take(config) }?;
        if config.abi_version != DUNLIN_ABI_VERSION {
            return Err(Error::VERSION);
        }
        // SAFETY: memory by the caller's word; only its bounds are looked at.
        let arena = unsafe { arg::output(config.arena, config.arena_len) }?;
        // SAFETY: the arena is Dunlin's until deinit, by the field's comment.
        unsafe { runtime::init_raw(arena.as_mut_ptr(), arena.len()) }
    })
}

/// dunlin_deinit ends everything: connections, listeners, packet connections, tokens, devices. Blocked calls end with
/// `DUNLIN_ERR_CLOSED` or `DUNLIN_ERR_CANCELED`, and it waits for them to leave.
///
/// Returns 0, `DUNLIN_ERR_BUSY` when tasks are still inside at `deadline` (the library is not
/// usable then; call again), `DUNLIN_ERR_STATE` when there is nothing to end,
/// `DUNLIN_ERR_REENTRANT` from inside a driver or a handler. Blocks up to `deadline`. From one
/// task. Afterwards the arena is the application's again, every handle is stale, and `dunlin_init`
/// may follow.
#[no_mangle]
pub extern "C" fn dunlin_deinit(deadline: i64) -> i32 {
    arg::plain(|| {
        if inside::any() {
            return Err(Error::REENTRANT);
        }
        runtime::deinit(Deadline(deadline))
    })
}

/// dunlin_run does the background work (the `step` of drivers with one line of I/O, the end of idle
/// connections of HTTP clients) until `deadline`. Every call that blocks does it too while it
/// waits: dunlin_run is for tasks that have nothing else to call.
///
/// Returns 0 at the deadline or when the library ends; `DUNLIN_ERR_NO_SLOT` when too many tasks
/// wait already. Blocks up to `deadline` (0: until `dunlin_deinit`). Any task.
#[no_mangle]
pub extern "C" fn dunlin_run(deadline: i64) -> i32 {
    arg::status(|| runtime::run(Deadline(deadline)))
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// dunlin_usage tells what is in use now. Returns 0 or `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`,
/// `DUNLIN_ERR_STATE`. Does not block. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_usage(usage: *mut dunlin_usage) -> i32 {
    arg::status(|| {
        let now = runtime::usage();
        let value = dunlin_usage {
            size: 0,
            arena_pieces: small(now.arena.pieces),
            arena_total: now.arena.total as u64,
            arena_used: now.arena.used as u64,
            arena_peak: now.arena.peak as u64,
            netdevs: small(now.netdevs),
            sockets: small(now.sockets),
            conns: small(now.conns),
            listeners: small(now.listeners),
            pipes: small(now.pipes),
            cancels: small(now.cancels),
            http_servers: small(now.http_servers),
            http_exchanges: small(now.http_exchanges),
            http_clients: small(now.http_clients),
            http_responses: small(now.http_responses),
            tasks: small(now.tasks),
            subscriptions: small(now.subscriptions),
            packet_conns: small(now.packet_conns),
            reserved: 0,
        };
        // SAFETY: a struct by the caller's word.
        unsafe { arg::give(usage, &value) }
    })
}

/// dunlin_memory_report tells where the library's RAM is, the arena apart: it calls `line` once for
/// each pool with its name, how many places it has and how many bytes they take together, and
/// returns the bytes of all. `line` may be NULL. Blocks: `line` may. Called from: this call.
/// Re-entry: everything. Owner: `name` is static.
///
/// Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_memory_report(
    line: Option<unsafe extern "C" fn(ctx: *mut c_void, name: *const c_char, count: u32, bytes: u32)>,
    ctx: *mut c_void,
) -> u32 {
    let mut total = 0u32;
    runtime::memory(&mut |name, count, bytes| {
        let (count, bytes) = (small(count), small(bytes));
        total = total.saturating_add(bytes);
        if let Some(line) = line {
            // SAFETY: the application's own, with its own ctx.
            unsafe { line(ctx, name.as_ptr(), count, bytes) };
        }
    });
    total
}

/// dunlin_build_config tells the numbers the library was built with. Returns 0 or
/// `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`. Does not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_build_config(config: *mut dunlin_build_config) -> i32 {
    let value = dunlin_build_config {
        size: 0,
        max_netdevs: config::MAX_NETDEVS as u32,
        max_conns: config::MAX_CONNS as u32,
        max_listeners: config::MAX_LISTENERS as u32,
        max_pipes: config::MAX_PIPES as u32,
        max_cancels: config::MAX_CANCELS as u32,
        max_tasks: config::MAX_TASKS as u32,
        max_poll: config::MAX_POLL as u32,
        max_http_servers: config::MAX_HTTP_SERVERS as u32,
        max_http_clients: config::MAX_HTTP_CLIENTS as u32,
        max_http_responses: config::MAX_HTTP_RESPONSES as u32,
        max_http_exchanges: config::MAX_HTTP_EXCHANGES as u32,
        max_host: config::MAX_HOST as u32,
        max_addrs: config::MAX_ADDRS as u32,
        max_subscriptions: config::MAX_SUBSCRIPTIONS as u32,
        max_packet_conns: config::MAX_PACKET_CONNS as u32,
    };
    // SAFETY: a struct by the caller's word.
    arg::plain(|| unsafe { arg::give(config, &value) })
}

/// dunlin_abi_version tells the ABI of the linked library; the header's is `DUNLIN_ABI_VERSION`.
/// Does not block. Any task or interrupt, before `dunlin_init` too.
#[no_mangle]
pub extern "C" fn dunlin_abi_version() -> u32 {
    DUNLIN_ABI_VERSION
}
