//! The C table of a driver, and the adapter that calls it and believes nothing it answers.
#![allow(unsafe_code)]
#![allow(non_camel_case_types)]

use core::ffi::{c_char, c_void};

use crate::error::Error;
use crate::sync::inside::{self, Callback};
use crate::time::Deadline;

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
/// calls one after another and in slices of at most 50 ms.
pub const DUNLIN_CAP_BLOCKING: u32 = 64;
/// Any number of tasks may be inside the table at once.
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

/// What a driver implements (TinyGo's `netdever`, completed). Tables are constant and live for
/// ever; what is left out (NULL) is not supported.
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
/// same arguments after a notify, and then give their result.
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
    /// Optional: hands a credential to a device that does TLS.
    pub tls_provision: Option<
        unsafe extern "C" fn(ctx: *mut c_void, tag: u32, kind: u32, data: *const c_void, len: usize) -> i32,
    >,
}

/// The least table: up to and with `set_sock_opt`.
const MIN_SIZE: usize = core::mem::offset_of!(dunlin_netdev_ops, shutdown);

/// The most pieces of a vectored write that go to the driver at once.
pub(crate) const MAX_PIECES: usize = 4;

/// What went wrong in a driver call: our error, and the number the driver returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The error the caller sees.
    pub error: Error,
    /// What the driver returned.
    pub raw: i32,
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        Fault { error, raw: error.code() }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Error {
        fault.error
    }
}

/// The result of a driver call.
pub type OpResult = core::result::Result<usize, Fault>;

/// A driver's table, its context, and nothing else.
#[derive(Clone, Copy)]
pub struct Table {
    ops: *const dunlin_netdev_ops,
    ctx: *mut c_void,
    size: u32,
    caps: u32,
    max_sockets: u32,
}

// SAFETY: a table is constant; the driver says by its caps how its context may be used.
unsafe impl Send for Table {}

/// Reads an entry of the table if the driver's version of the struct has it.
macro_rules! entry {
    ($self:ident, $name:ident) => {{
        let end = core::mem::offset_of!(dunlin_netdev_ops, $name) + core::mem::size_of::<usize>();
        if end <= $self.size as usize {
            // SAFETY: `ops` is live for ever and its size covers the entry.
            unsafe { (*$self.ops).$name }
        } else {
            None
        }
    }};
}

macro_rules! call {
    ($self:ident, $name:ident, $most:expr $(, $arg:expr)*) => {
        match entry!($self, $name) {
            Some(f) => {
                let _inside = inside::enter(Callback::Driver);
                // SAFETY: the arguments are what the table's comments promise: live for the call, of
                // the lengths given.
                checked(unsafe { f($self.ctx $(, $arg)*) }, $most)
            }
            None => Err(Error::NOT_SUPPORTED.into()),
        }
    };
}

/// Believes a result only within what it may be.
fn checked(result: i32, most: usize) -> OpResult {
    match usize::try_from(result) {
        Ok(n) if n <= most => Ok(n),
        Ok(_) => Err(Fault { error: Error::DRIVER_BAD_RESULT, raw: result }),
        // No driver's code: its absolute value does not fit, and the end of a stream is 0.
        Err(_) if result == i32::MIN || result == Error::EOF.code() => {
            Err(Fault { error: Error::DRIVER_BAD_RESULT, raw: result })
        }
        // What is neither one of ours nor in the drivers' band is not believed.
        Err(_) => Err(Fault { error: Error::from_code(result), raw: result }),
    }
}

const ANY: usize = i32::MAX as usize;

impl Table {
    /// No device.
    pub(crate) const NONE: Table =
        Table { ops: core::ptr::null(), ctx: core::ptr::null_mut(), size: 0, caps: 0, max_sockets: 0 };

    /// Checks a table: its size, and that what every device must have is there.
    ///
    /// # Safety
    /// `ops` is NULL or points to a table that lives for ever and whose `size` is true.
    pub unsafe fn new(ops: *const dunlin_netdev_ops, ctx: *mut c_void) -> Result<Table, Error> {
        if ops.is_null() || !ops.is_aligned() {
            return Err(Error::INVALID);
        }
        // SAFETY: these fields are in every version of the struct.
        let (size, caps, max_sockets) = unsafe { ((*ops).size, (*ops).caps, (*ops).max_sockets) };
        if (size as usize) < MIN_SIZE || size > 4096 {
            return Err(Error::VERSION);
        }
        // A newer driver may have entries we do not know, but must not count on them.
        let known = core::mem::size_of::<dunlin_netdev_ops>();
        for at in known..(size as usize).max(known) {
            // SAFETY: within the size the driver claims.
            if unsafe { *ops.cast::<u8>().add(at) } != 0 {
                return Err(Error::VERSION);
            }
        }
        let table = Table { ops, ctx, size, caps, max_sockets };
        let complete = entry!(table, socket).is_some()
            && entry!(table, connect).is_some()
            && entry!(table, send).is_some()
            && entry!(table, recv).is_some()
            && entry!(table, close).is_some();
        if complete {
            Ok(table)
        } else {
            Err(Error::INVALID)
        }
    }

    /// Says whether the table was registered with this context.
    pub(crate) fn has_context(&self, ctx: *mut c_void) -> bool {
        self.ctx == ctx
    }

    /// The driver's functions, NULL where its version of the struct has none.
    pub(crate) fn copy(&self) -> dunlin_netdev_ops {
        let mut ops = core::mem::MaybeUninit::<dunlin_netdev_ops>::zeroed();
        let len = (self.size as usize).min(core::mem::size_of::<dunlin_netdev_ops>());
        // SAFETY: `ops` is live for ever, its size covers `len`, and so does the copy's.
        unsafe { core::ptr::copy_nonoverlapping(self.ops.cast::<u8>(), ops.as_mut_ptr().cast::<u8>(), len) };
        // SAFETY: numbers, and functions that are NULL where there is none.
        unsafe { ops.assume_init() }
    }

    /// `DUNLIN_CAP_…`.
    pub fn caps(&self) -> u32 {
        self.caps
    }

    /// The most sockets, 0 if not known.
    pub fn max_sockets(&self) -> u32 {
        self.max_sockets
    }

    /// Says whether the table has `poll`.
    pub fn has_poll(&self) -> bool {
        entry!(self, poll).is_some()
    }

    /// Says whether the table has `wake`.
    pub fn has_wake(&self) -> bool {
        entry!(self, wake).is_some()
    }

    /// Says whether the table has `step`.
    pub fn has_step(&self) -> bool {
        entry!(self, step).is_some()
    }

    /// See `get_host_by_name` of the table; an answer with an unknown family is not believed.
    pub fn get_host_by_name(
        &self,
        name: &core::ffi::CStr,
        family: u16,
        addrs: &mut [dunlin_addr],
        deadline: Deadline,
    ) -> OpResult {
        let (p, n) = (addrs.as_mut_ptr(), addrs.len());
        let count =
            call!(self, get_host_by_name, n, name.as_ptr(), u32::from(family), p, n as u32, deadline.0)?;
        let sound = addrs.iter().take(count).all(|a| matches!(a.family, DUNLIN_AF_INET | DUNLIN_AF_INET6));
        if count == 0 || !sound {
            return Err(Fault { error: Error::DRIVER_BAD_RESULT, raw: count as i32 });
        }
        Ok(count)
    }

    /// See `addr` of the table.
    pub fn addr(&self, addrs: &mut [dunlin_addr]) -> OpResult {
        call!(self, addr, addrs.len(), addrs.as_mut_ptr(), addrs.len() as u32)
    }

    /// See `socket` of the table.
    pub fn socket(&self, domain: u16, kind: u32, protocol: u32) -> OpResult {
        call!(self, socket, ANY, u32::from(domain), kind, protocol)
    }

    /// See `bind` of the table.
    pub fn bind(&self, sock: i32, addr: &dunlin_addr) -> OpResult {
        call!(self, bind, ANY, sock, addr)
    }

    /// See `connect` of the table.
    pub fn connect(
        &self,
        sock: i32,
        host: Option<&core::ffi::CStr>,
        addr: &dunlin_addr,
        deadline: Deadline,
    ) -> OpResult {
        let host = host.map_or(core::ptr::null(), |h| h.as_ptr());
        call!(self, connect, ANY, sock, host, addr, deadline.0)
    }

    /// See `listen` of the table.
    pub fn listen(&self, sock: i32, backlog: u32) -> OpResult {
        call!(self, listen, ANY, sock, backlog)
    }

    /// See `accept` of the table.
    pub fn accept(&self, sock: i32, peer: &mut dunlin_addr, flags: u32, deadline: Deadline) -> OpResult {
        call!(self, accept, ANY, sock, peer, flags, deadline.0)
    }

    /// See `send` of the table; 0 for a non-empty buffer is not believed.
    pub fn send(&self, sock: i32, data: &[u8], flags: u32, deadline: Deadline) -> OpResult {
        let len = data.len().min(ANY);
        progress(call!(self, send, len, sock, data.as_ptr().cast(), len, flags, deadline.0), len)
    }

    /// See `send_vec` of the table; falls back to `send` of the first piece that is not empty.
    pub fn send_vec(&self, sock: i32, pieces: &[&[u8]], flags: u32, deadline: Deadline) -> OpResult {
        let mut vec = [dunlin_iovec { ptr: core::ptr::null(), len: 0 }; MAX_PIECES];
        let mut total = 0usize;
        let mut count = 0;
        for (to, piece) in vec.iter_mut().zip(pieces.iter().filter(|p| !p.is_empty())) {
            let len = piece.len().min(ANY - total);
            *to = dunlin_iovec { ptr: piece.as_ptr().cast(), len };
            total += len;
            count += 1;
        }
        if count > 1 && entry!(self, send_vec).is_some() {
            let sent = call!(self, send_vec, total, sock, vec.as_ptr(), count, flags, deadline.0);
            return progress(sent, total);
        }
        let first = pieces.iter().find(|p| !p.is_empty()).copied().unwrap_or(&[]);
        self.send(sock, first, flags, deadline)
    }

    /// See `recv` of the table.
    pub fn recv(&self, sock: i32, buf: &mut [u8], flags: u32, deadline: Deadline) -> OpResult {
        let len = buf.len().min(ANY);
        call!(self, recv, len, sock, buf.as_mut_ptr().cast(), len, flags, deadline.0)
    }

    /// See `close` of the table.
    pub fn close(&self, sock: i32) -> OpResult {
        call!(self, close, ANY, sock)
    }

    /// Sets an option whose value is a number.
    pub fn set_number(&self, sock: i32, level: u32, option: u32, value: i32) -> OpResult {
        let at: *const i32 = &value;
        call!(self, set_sock_opt, ANY, sock, level, option, at.cast(), 4)
    }

    /// See `shutdown` of the table.
    pub fn shutdown(&self, sock: i32, how: u32) -> OpResult {
        call!(self, shutdown, ANY, sock, how)
    }

    /// See `poll` of the table. Answers nobody asked for are dropped.
    pub fn poll(&self, items: &mut [dunlin_netdev_poll], deadline: Deadline) -> OpResult {
        for item in items.iter_mut() {
            item.revents = 0;
        }
        let ready = call!(self, poll, items.len(), items.as_mut_ptr(), items.len() as u32, deadline.0);
        for item in items.iter_mut() {
            item.revents &= item.events | DUNLIN_HANGUP | DUNLIN_ERROR;
        }
        ready
    }

    /// See `wake` of the table.
    pub fn wake(&self, sock: i32) -> OpResult {
        match entry!(self, wake) {
            // SAFETY: takes nothing but the context. It may come from an interrupt, which is no task.
            Some(f) => checked(unsafe { f(self.ctx, sock) }, ANY),
            None => Err(Error::NOT_SUPPORTED.into()),
        }
    }

    /// See `step` of the table.
    pub fn step(&self, deadline: Deadline) -> OpResult {
        call!(self, step, ANY, deadline.0)
    }

    /// See `local_addr` of the table.
    pub fn local_addr(&self, sock: i32, addr: &mut dunlin_addr) -> OpResult {
        call!(self, local_addr, ANY, sock, addr)
    }

    /// See `peer_addr` of the table.
    pub fn peer_addr(&self, sock: i32, addr: &mut dunlin_addr) -> OpResult {
        call!(self, peer_addr, ANY, sock, addr)
    }
}

/// A write that took nothing of something would be tried for ever.
fn progress(sent: OpResult, len: usize) -> OpResult {
    match sent {
        Ok(0) if len > 0 => Err(Fault { error: Error::DRIVER_BAD_RESULT, raw: 0 }),
        other => other,
    }
}
