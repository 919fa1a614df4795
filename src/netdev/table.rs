//! The adapter that calls a driver's C table and believes nothing it answers.
#![allow(unsafe_code)]

use core::ffi::c_void;

use crate::error::Error;
use crate::sync::inside::{self, Callback};
use crate::time::Deadline;

pub use crate::netdev::ops::*;

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

    /// Says whether calls must come one after another.
    pub fn is_serial(&self) -> bool {
        self.caps & (DUNLIN_CAP_CONCURRENT | DUNLIN_CAP_BLOCKING) != DUNLIN_CAP_CONCURRENT
    }

    /// The most sockets, 0 if not known.
    pub fn max_sockets(&self) -> u32 {
        self.max_sockets
    }

    /// Says whether the table has `poll`.
    pub fn has_poll(&self) -> bool {
        entry!(self, poll).is_some()
    }

    /// Says whether the table has `send_vec`.
    pub fn has_send_vec(&self) -> bool {
        entry!(self, send_vec).is_some()
    }

    /// Says whether the table has `set_sock_opt`.
    pub fn has_options(&self) -> bool {
        entry!(self, set_sock_opt).is_some()
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

    /// See `send_to` of the table; a datagram that was cut is not believed.
    pub fn send_to(
        &self,
        sock: i32,
        data: &[u8],
        flags: u32,
        to: &dunlin_addr,
        deadline: Deadline,
    ) -> OpResult {
        if data.len() > ANY {
            return Err(Error::MESSAGE_SIZE.into());
        }
        let sent = call!(self, send_to, ANY, sock, data.as_ptr().cast(), data.len(), flags, to, deadline.0)?;
        if sent == data.len() {
            Ok(sent)
        } else {
            Err(Fault { error: Error::DRIVER_BAD_RESULT, raw: sent as i32 })
        }
    }

    /// See `recv_from` of the table; a sender of an unknown family is not believed, nor where an address
    /// that it gives points to.
    pub fn recv_from(
        &self,
        sock: i32,
        buf: &mut [u8],
        flags: u32,
        from: &mut dunlin_addr,
        deadline: Deadline,
    ) -> OpResult {
        let len = buf.len().min(ANY);
        *from = dunlin_addr::NONE;
        let at: *mut dunlin_addr = from;
        let got = call!(self, recv_from, len, sock, buf.as_mut_ptr().cast(), len, flags, at, deadline.0);
        from.options = core::ptr::null();
        let came = got.is_ok() || got.is_err_and(|f| f.error == Error::MESSAGE_SIZE);
        if came
            && !matches!(from.family, DUNLIN_AF_UNSPEC | DUNLIN_AF_UNIX | DUNLIN_AF_INET | DUNLIN_AF_INET6)
        {
            return Err(Fault { error: Error::DRIVER_BAD_RESULT, raw: i32::from(from.family) });
        }
        got
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

    /// Sets an option whose value is an address.
    pub fn set_addr(&self, sock: i32, level: u32, option: u32, value: &dunlin_addr) -> OpResult {
        let at: *const dunlin_addr = value;
        call!(self, set_sock_opt, ANY, sock, level, option, at.cast(), size_of::<dunlin_addr>())
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
