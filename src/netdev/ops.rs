//! What a driver in C is made of: its table of functions, addresses, options, flags. These cross the
//! ABI; [`super::table`] calls them.
#![allow(unsafe_code)]
#![allow(non_camel_case_types)]

use core::ffi::{c_char, c_void};

/// No address.
pub const DUNLIN_AF_UNSPEC: u16 = 0;
/// A unix-domain address: its path is in `options`.
pub const DUNLIN_AF_UNIX: u16 = 1;
/// IPv4.
pub const DUNLIN_AF_INET: u16 = 4;
/// IPv6.
pub const DUNLIN_AF_INET6: u16 = 6;

/// A byte stream (TCP).
pub const DUNLIN_SOCK_STREAM: u32 = 1;
/// Datagrams (UDP).
pub const DUNLIN_SOCK_DGRAM: u32 = 2;
/// Raw IP packets.
pub const DUNLIN_SOCK_RAW: u32 = 3;
/// A connection of messages that keep their boundaries (unix only).
pub const DUNLIN_SOCK_SEQPACKET: u32 = 4;

/// IP; the level of IPv4 options.
pub const DUNLIN_IPPROTO_IP: u32 = 0;
/// TCP over IP; also the level of TCP options.
pub const DUNLIN_IPPROTO_TCP: u32 = 6;
/// UDP over IP; also the level of UDP options.
pub const DUNLIN_IPPROTO_UDP: u32 = 17;
/// IPv6; the level of IPv6 options.
pub const DUNLIN_IPPROTO_IPV6: u32 = 41;
/// TLS done by the device (as in TinyGo); `connect` gets the host name to verify.
pub const DUNLIN_IPPROTO_TLS: u32 = 0xFE;
/// The level of options of the socket itself.
pub const DUNLIN_SOL_SOCKET: u32 = 0xFFFF;

/// Keep-alive probes on or off (`int32_t`), level SOL_SOCKET.
pub const DUNLIN_SO_KEEPALIVE: u32 = 1;
/// Local address may be used again at once (`int32_t`), level SOL_SOCKET.
pub const DUNLIN_SO_REUSEADDR: u32 = 2;
/// Seconds to linger on close, −1 is off (`int32_t`), level SOL_SOCKET.
pub const DUNLIN_SO_LINGER: u32 = 3;
/// Broadcasts may be sent (`int32_t`), level SOL_SOCKET.
pub const DUNLIN_SO_BROADCAST: u32 = 4;
/// Receive buffer in bytes (`int32_t`), level SOL_SOCKET.
pub const DUNLIN_SO_RCVBUF: u32 = 5;
/// Send buffer in bytes (`int32_t`), level SOL_SOCKET.
pub const DUNLIN_SO_SNDBUF: u32 = 6;
/// Several sockets may have the same local address and share what arrives (`int32_t`), level SOL_SOCKET.
pub const DUNLIN_SO_REUSEPORT: u32 = 7;
/// Segments go out at once, Go's default (`int32_t`), level IPPROTO_TCP.
pub const DUNLIN_SO_TCP_NODELAY: u32 = 16;
/// Idle seconds before the first keep-alive probe (`int32_t`), level IPPROTO_TCP.
pub const DUNLIN_SO_TCP_KEEPIDLE: u32 = 17;
/// Seconds between keep-alive probes (`int32_t`), level IPPROTO_TCP.
pub const DUNLIN_SO_TCP_KEEPINTVL: u32 = 18;
/// Unanswered keep-alive probes that end the connection (`int32_t`), level IPPROTO_TCP.
pub const DUNLIN_SO_TCP_KEEPCNT: u32 = 19;
/// The socket takes IPv6 only (`int32_t`), level IPPROTO_IPV6.
pub const DUNLIN_SO_IPV6_V6ONLY: u32 = 32;
/// Join a multicast group (`struct dunlin_addr`), level IPPROTO_IP or IPPROTO_IPV6.
pub const DUNLIN_SO_MULTICAST_JOIN: u32 = 33;
/// Leave a multicast group (`struct dunlin_addr`), level IPPROTO_IP or IPPROTO_IPV6.
pub const DUNLIN_SO_MULTICAST_LEAVE: u32 = 34;

/// What is sent to a multicast group comes back to this host (`int32_t`), level IPPROTO_IP or
/// IPPROTO_IPV6.
pub const DUNLIN_SO_MULTICAST_LOOP: u32 = 35;

/// The device carries IPv6.
pub const DUNLIN_CAP_IPV6: u32 = 1;
/// The device carries UDP.
pub const DUNLIN_CAP_UDP: u32 = 2;
/// The device carries raw IP.
pub const DUNLIN_CAP_RAW: u32 = 4;
/// The device carries unix sockets.
pub const DUNLIN_CAP_UNIX: u32 = 8;
/// The device joins multicast groups.
pub const DUNLIN_CAP_MULTICAST: u32 = 16;
/// The device does TLS itself on `DUNLIN_IPPROTO_TLS` sockets.
pub const DUNLIN_CAP_TLS_OFFLOAD: u32 = 32;
/// One line of I/O: a call that blocks keeps the device from every other call. The core makes
/// calls one after another and in slices of at most 50 ms; but `connect` and `get_host_by_name`
/// whole, if there is `wake` to end them. So it does without `DUNLIN_CAP_CONCURRENT` too.
pub const DUNLIN_CAP_BLOCKING: u32 = 64;
/// Any number of tasks may be inside the table at once. Together with `DUNLIN_CAP_BLOCKING` that one
/// counts: the calls come one after another, as if this were not said.
pub const DUNLIN_CAP_CONCURRENT: u32 = 128;
/// The driver calls `dunlin_netdev_notify` whenever a socket becomes readable or writable.
pub const DUNLIN_CAP_NOTIFY: u32 = 256;
/// `wake` may be called from an interrupt.
pub const DUNLIN_CAP_WAKE_ISR: u32 = 512;

/// Do not wait: `DUNLIN_ERR_WOULD_BLOCK` instead.
pub const DUNLIN_DONTWAIT: u32 = 1;
/// Leave what is read in the queue.
pub const DUNLIN_PEEK: u32 = 2;
/// More data follows at once; the device may hold a short segment back.
pub const DUNLIN_MORE: u32 = 4;

/// `shutdown`: no more reading.
pub const DUNLIN_SHUT_RD: u32 = 1;
/// `shutdown`: no more writing; the peer reads an end of stream.
pub const DUNLIN_SHUT_WR: u32 = 2;
/// `shutdown`: both.
pub const DUNLIN_SHUT_RDWR: u32 = 3;

/// A read would not block (data, end of stream, an error, or a connection to accept).
pub const DUNLIN_READABLE: u16 = 1;
/// A write would not block.
pub const DUNLIN_WRITABLE: u16 = 2;
/// The peer is gone; only ever an answer.
pub const DUNLIN_HANGUP: u16 = 4;
/// The socket has an error to report; only ever an answer.
pub const DUNLIN_ERROR: u16 = 8;
/// The driver has work for `step`; only in `dunlin_netdev_notify`.
pub const DUNLIN_WORK: u16 = 16;

/// `wake`: every `poll` in progress ends; if none is, the next one.
pub const DUNLIN_WAKE_POLL: i32 = -1;
/// `wake`: every name lookup in progress ends; if none is, the next one.
pub const DUNLIN_WAKE_LOOKUP: i32 = -2;

/// An address. Frozen: its layout never changes. IPv4 lies in the first four bytes of `ip`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct dunlin_addr {
    /// `DUNLIN_AF_…`
    pub family: u16,
    /// In the host's byte order.
    pub port: u16,
    /// Zone of a link-local IPv6 address, 0 is none.
    pub scope_id: u32,
    /// In network order.
    pub ip: [u8; 16],
    /// The NUL-terminated path of a unix address; otherwise NULL.
    pub options: *const c_void,
}

impl dunlin_addr {
    /// No address.
    pub const NONE: dunlin_addr =
        dunlin_addr { family: 0, port: 0, scope_id: 0, ip: [0; 16], options: core::ptr::null() };
}

// SAFETY: `options` points to a string that the application keeps; it is only read.
unsafe impl Send for dunlin_addr {}
// SAFETY: as above.
unsafe impl Sync for dunlin_addr {}

/// A piece of a vectored write. Frozen.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_iovec {
    /// The bytes.
    pub ptr: *const c_void,
    /// How many.
    pub len: usize,
}

/// One socket of a `poll`. Frozen.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct dunlin_netdev_poll {
    /// The socket.
    pub sock: i32,
    /// What is asked: `DUNLIN_READABLE`, `DUNLIN_WRITABLE`.
    pub events: u16,
    /// What is so; also `DUNLIN_HANGUP`, `DUNLIN_ERROR`.
    pub revents: u16,
}

/// What a driver implements (TinyGo's `netdever`, completed). Tables are constant and, like `ctx`,
/// stay until `dunlin_netdev_unregister` has returned 0; what is left out (NULL) is not supported.
///
/// Every function: `ctx` is what was registered; a result ≥ 0 is success; an error is one of
/// `enum dunlin_err`, or `DUNLIN_ERR_DRIVER(code)` (≤ −10000); anything else is taken for
/// `DUNLIN_ERR_DRIVER_BAD_RESULT` and the connection is not used again. Buffers belong to the caller
/// and are not kept. No function may call back into Dunlin, except `dunlin_netdev_notify`,
/// `dunlin_now_ms` and `dunlin_remaining_ms`.
///
/// Waiting: functions with a `deadline` block until that time on `dunlin_now_ms()` (0: none) and
/// then return `DUNLIN_ERR_TIMEOUT`; with `DUNLIN_DONTWAIT` or a deadline in the past they never wait
/// and return `DUNLIN_ERR_WOULD_BLOCK`. A driver with `step` is only ever called with `DUNLIN_DONTWAIT`;
/// its `connect`, `get_host_by_name` and `send` may return `DUNLIN_ERR_PENDING`, are called again with the
/// same arguments after a notify, and then give their result. Functions without a deadline may take as
/// long as the device needs to answer, but do not wait for the network.
///
/// Tasks: called from any task, one call at a time without `DUNLIN_CAP_CONCURRENT`; never from an
/// interrupt. Only `wake` is called at any time.
///
/// Sockets: the core has at most one reader and one writer per socket, closes each exactly once, and
/// only when no call on it is in flight. A number may be used again only after `close`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_netdev_ops {
    /// `sizeof(struct dunlin_netdev_ops)`.
    pub size: u32,
    /// `DUNLIN_CAP_…`; IPv4 and TCP are taken for granted.
    pub caps: u32,
    /// The most sockets the device has, 0 if it does not know.
    pub max_sockets: u32,
    /// Zero.
    pub reserved: u32,
    /// Addresses of `name` (NUL-terminated), of `family` only unless that is 0, at most `capacity` of
    /// them. Returns how many, at least 1, or `DUNLIN_ERR_NO_SUCH_HOST`. After it has returned nothing is
    /// written any more, whatever answer comes late. Ended by `wake(DUNLIN_WAKE_LOOKUP)`.
    pub get_host_by_name: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            name: *const c_char,
            family: u32,
            addrs: *mut dunlin_addr,
            capacity: u32,
            deadline: i64,
        ) -> i32,
    >,
    /// The device's own addresses; returns how many.
    pub addr: Option<unsafe extern "C" fn(ctx: *mut c_void, addrs: *mut dunlin_addr, capacity: u32) -> i32>,
    /// A new socket (≥ 0), or `DUNLIN_ERR_NO_SOCKETS`. Like `socket(2)`.
    pub socket: Option<unsafe extern "C" fn(ctx: *mut c_void, domain: u32, kind: u32, protocol: u32) -> i32>,
    /// Gives the socket a local address. Like `bind(2)`.
    pub bind: Option<unsafe extern "C" fn(ctx: *mut c_void, sock: i32, addr: *const dunlin_addr) -> i32>,
    /// Connects. `host` is the name that was dialed, or NULL; a TLS socket verifies it. After
    /// `INTERRUPTED` or `TIMEOUT` the core calls again to wait on, or closes. Like `connect(2)`.
    pub connect: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            sock: i32,
            host: *const c_char,
            addr: *const dunlin_addr,
            deadline: i64,
        ) -> i32,
    >,
    /// Begins to listen. Like `listen(2)`.
    pub listen: Option<unsafe extern "C" fn(ctx: *mut c_void, sock: i32, backlog: u32) -> i32>,
    /// A connection that arrived: its socket (≥ 0), its peer in `*peer`. Like `accept(2)`.
    pub accept: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            sock: i32,
            peer: *mut dunlin_addr,
            flags: u32,
            deadline: i64,
        ) -> i32,
    >,
    /// Takes 1 to `len` bytes; how many. Never 0 for `len` > 0. Like `send(2)`.
    pub send: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            sock: i32,
            data: *const c_void,
            len: usize,
            flags: u32,
            deadline: i64,
        ) -> i32,
    >,
    /// Gives 1 to `len` bytes; 0 is the end of the stream. Like `recv(2)`.
    pub recv: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            sock: i32,
            buf: *mut c_void,
            len: usize,
            flags: u32,
            deadline: i64,
        ) -> i32,
    >,
    /// Sends one datagram. Like `sendto(2)`.
    pub send_to: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            sock: i32,
            data: *const c_void,
            len: usize,
            flags: u32,
            to: *const dunlin_addr,
            deadline: i64,
        ) -> i32,
    >,
    /// Gives one datagram and its sender: how many bytes were stored, or
    /// `DUNLIN_ERR_MESSAGE_SIZE` when it was longer than `len` (the first `len` bytes are stored, the rest
    /// is gone). Like `recvfrom(2)`.
    pub recv_from: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            sock: i32,
            buf: *mut c_void,
            len: usize,
            flags: u32,
            from: *mut dunlin_addr,
            deadline: i64,
        ) -> i32,
    >,
    /// Gives the socket up; never waits. Like `close(2)`.
    pub close: Option<unsafe extern "C" fn(ctx: *mut c_void, sock: i32) -> i32>,
    /// Sets an option (`DUNLIN_SO_…`). Like `setsockopt(2)`.
    pub set_sock_opt: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            sock: i32,
            level: u32,
            option: u32,
            value: *const c_void,
            len: usize,
        ) -> i32,
    >,
    /// Optional: ends one or both directions, `DUNLIN_SHUT_…`. Like `shutdown(2)`.
    pub shutdown: Option<unsafe extern "C" fn(ctx: *mut c_void, sock: i32, how: u32) -> i32>,
    /// Optional: waits until one of the sockets is ready; how many are, 0 at the deadline,
    /// `DUNLIN_ERR_INTERRUPTED` after `wake(DUNLIN_WAKE_POLL)`. Like `poll(2)`.
    pub poll: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            items: *mut dunlin_netdev_poll,
            count: u32,
            deadline: i64,
        ) -> i32,
    >,
    /// Optional: ends blocking calls with `DUNLIN_ERR_INTERRUPTED`. On a socket: the call in progress of
    /// each direction (in: recv, recv_from, accept; out: connect, send, send_to); for a direction in
    /// which nobody blocks it is remembered and ends that direction's next blocking call. `DONTWAIT`
    /// calls neither see nor use it up. Also `DUNLIN_WAKE_POLL`, `DUNLIN_WAKE_LOOKUP`. A spurious
    /// `INTERRUPTED` is legal. Called from any task while other calls are in flight; from an
    /// interrupt only with `DUNLIN_CAP_WAKE_ISR`. Without it the core calls in slices of at most 50 ms.
    pub wake: Option<unsafe extern "C" fn(ctx: *mut c_void, sock: i32) -> i32>,
    /// Optional: does the driver's pending work, without waiting for the device, and returns by
    /// `deadline`. Asked for by `dunlin_netdev_notify(dev, -1, DUNLIN_WORK)`. Returns 0, or in how
    /// many milliseconds it wants to be called again.
    pub step: Option<unsafe extern "C" fn(ctx: *mut c_void, deadline: i64) -> i32>,
    /// Optional: `send` of several pieces in order. Like `sendmsg(2)`.
    pub send_vec: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            sock: i32,
            vec: *const dunlin_iovec,
            count: u32,
            flags: u32,
            deadline: i64,
        ) -> i32,
    >,
    /// Optional: the socket's own address. Like `getsockname(2)`.
    pub local_addr: Option<unsafe extern "C" fn(ctx: *mut c_void, sock: i32, addr: *mut dunlin_addr) -> i32>,
    /// Optional: the peer's address. Like `getpeername(2)`.
    pub peer_addr: Option<unsafe extern "C" fn(ctx: *mut c_void, sock: i32, addr: *mut dunlin_addr) -> i32>,
    /// Optional: reads an option; `*len` is the room and then the size. Like `getsockopt(2)`.
    pub get_sock_opt: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            sock: i32,
            level: u32,
            option: u32,
            value: *mut c_void,
            len: *mut usize,
        ) -> i32,
    >,
    /// Optional: hands a credential to a device that does TLS, which copies it.
    pub tls_provision: Option<
        unsafe extern "C" fn(ctx: *mut c_void, tag: u32, kind: u32, data: *const c_void, len: usize) -> i32,
    >,
}
