//! What crosses the ABI of the device that injects faults: which operation, which fault, how often.
#![allow(non_camel_case_types)]

use core::ffi::c_void;

use crate::netdev::table::dunlin_netdev_ops;

/// Any operation.
pub const DUNLIN_FAULT_OP_ANY: u32 = 0;
/// `get_host_by_name`.
pub const DUNLIN_FAULT_OP_LOOKUP: u32 = 1;
/// `addr`, `local_addr`, `peer_addr`.
pub const DUNLIN_FAULT_OP_ADDR: u32 = 2;
/// `socket`.
pub const DUNLIN_FAULT_OP_SOCKET: u32 = 3;
/// `bind`.
pub const DUNLIN_FAULT_OP_BIND: u32 = 4;
/// `connect`.
pub const DUNLIN_FAULT_OP_CONNECT: u32 = 5;
/// `listen`.
pub const DUNLIN_FAULT_OP_LISTEN: u32 = 6;
/// `accept`.
pub const DUNLIN_FAULT_OP_ACCEPT: u32 = 7;
/// `send`, `send_vec`, `send_to`.
pub const DUNLIN_FAULT_OP_SEND: u32 = 8;
/// `recv`, `recv_from`.
pub const DUNLIN_FAULT_OP_RECV: u32 = 9;
/// `close`.
pub const DUNLIN_FAULT_OP_CLOSE: u32 = 10;
/// `set_sock_opt`, `get_sock_opt`.
pub const DUNLIN_FAULT_OP_OPTION: u32 = 11;
/// `shutdown`.
pub const DUNLIN_FAULT_OP_SHUTDOWN: u32 = 12;
/// `poll`.
pub const DUNLIN_FAULT_OP_POLL: u32 = 13;
/// `wake` (counted, never faulted).
pub const DUNLIN_FAULT_OP_WAKE: u32 = 14;
/// `step` (counted, never faulted).
pub const DUNLIN_FAULT_OP_STEP: u32 = 15;
/// Kinds of operations, for the size of arrays.
pub const DUNLIN_FAULT_OPS: usize = 16;

/// No fault.
pub const DUNLIN_FAULT_NONE: u32 = 0;
/// A short send or receive: at most `arg` bytes, 1 if that is 0. Of a datagram that comes so many bytes
/// are left; one that is sent is not cut.
pub const DUNLIN_FAULT_SHORT: u32 = 1;
/// `DUNLIN_ERR_WOULD_BLOCK` without asking, also to a call that may wait; from `poll` "none is ready".
pub const DUNLIN_FAULT_WOULD_BLOCK: u32 = 2;
/// `DUNLIN_ERR_INTERRUPTED` for no reason.
pub const DUNLIN_FAULT_INTERRUPTED: u32 = 3;
/// An impossible count: more than there was room for, or 0 from a send or a lookup.
pub const DUNLIN_FAULT_LENGTH: u32 = 4;
/// The code `arg`; when that is 0, one that no driver may return (-1, -4097, INT32_MIN, ...).
pub const DUNLIN_FAULT_CODE: u32 = 5;
/// The call blocks until it is woken or its deadline comes, whatever happens.
pub const DUNLIN_FAULT_STUCK: u32 = 6;
/// The connection is lost: `DUNLIN_ERR_CONN_RESET` now and on every later send and receive. On a
/// socket of datagrams it is told once, as stacks tell the fate of an earlier datagram.
pub const DUNLIN_FAULT_RESET: u32 = 7;
/// `DUNLIN_ERR_PENDING`, completed by notify at once, or `arg` milliseconds later when the device has
/// `step`. Only of a device with `step` or `DUNLIN_CAP_NOTIFY`.
pub const DUNLIN_FAULT_LATE: u32 = 8;
/// `DUNLIN_ERR_NO_SOCKETS`.
pub const DUNLIN_FAULT_NO_SOCKETS: u32 = 9;
/// `DUNLIN_ERR_NO_SUCH_HOST`.
pub const DUNLIN_FAULT_NO_NAME: u32 = 10;
/// The link goes down, and with `arg` 1 up again at once.
pub const DUNLIN_FAULT_LINK: u32 = 11;
/// A datagram is lost: one that is sent is said to have gone, one that came is thrown away.
pub const DUNLIN_FAULT_DROP: u32 = 12;
/// Kinds of faults, for the size of arrays.
pub const DUNLIN_FAULT_KINDS: usize = 16;

/// One step of a script. Frozen: its layout never changes.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct dunlin_netdev_fault_step {
    /// `DUNLIN_FAULT_OP_...`
    pub op: u32,
    /// The call of that operation that gets the fault, counted from 1.
    pub nth: u32,
    /// How many calls in a row do, 0 is one; `UINT32_MAX` is every one from then on.
    pub count: u32,
    /// `DUNLIN_FAULT_...`
    pub kind: u32,
    /// See the kind.
    pub arg: i32,
}

/// What is wrapped and what goes wrong. Set up with `DUNLIN_NETDEV_FAULT_CONFIG_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_netdev_fault_config {
    /// `sizeof(struct dunlin_netdev_fault_config)`.
    pub size: u32,
    /// Of the random faults: the same seed gives the same faults to the same calls. 0 is taken as 1.
    pub seed: u32,
    /// The driver's table; used until `dunlin_netdev_fault_free`.
    pub ops: *const dunlin_netdev_ops,
    /// The driver's context.
    pub ctx: *mut c_void,
    /// Steps, NULL for none; kept until `dunlin_netdev_fault_free`.
    pub script: *const dunlin_netdev_fault_step,
    /// Steps of the script.
    pub script_len: usize,
    /// How often each kind comes at random, in 1/65536 of the calls it can happen to, by
    /// `DUNLIN_FAULT_...`.
    pub rates: [u16; DUNLIN_FAULT_KINDS],
}

/// What happened so far.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_netdev_fault_stats {
    /// `sizeof(struct dunlin_netdev_fault_stats)`.
    pub size: u32,
    /// Sockets that the driver gave and did not get back.
    pub open_sockets: u32,
    /// Calls by `DUNLIN_FAULT_OP_...`; all of them but `wake` and `step` under `DUNLIN_FAULT_OP_ANY`.
    pub calls: [u32; DUNLIN_FAULT_OPS],
    /// Faults injected by `DUNLIN_FAULT_...`.
    pub injected: [u32; DUNLIN_FAULT_KINDS],
}

/// Storage of one faulty device, the application's; its address is the device's context.
#[repr(C)]
pub struct dunlin_netdev_fault {
    /// The library's.
    pub opaque: [u64; 256],
}
