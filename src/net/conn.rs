//! Connections: one slot for whatever carries bytes (Go: `net.Conn`). A TCP socket, a pipe's end and
//! later TLS differ by a small table of operations, [`ConnOps`]; deadlines, closing, waking and the
//! error detail are the same for all.
//!
//! One task reads and one writes at a time (a second gets `BUSY`); anybody closes or moves a
//! deadline, which ends or restarts the wait of the call that is blocked.

mod ahead;
mod backlog;

use core::cell::Cell;
use core::ffi::CStr;

use crate::config::MAX_CONNS;
use crate::error::{Error, Result};
use crate::handle::{Handle, Kind};
use crate::net::network::{self, Network};
use crate::net::option::SetOption;
use crate::netdev::pollset::PollSet;
use crate::netdev::table::{dunlin_addr, Fault, DUNLIN_READABLE, DUNLIN_SHUT_RD, DUNLIN_SHUT_WR};
use crate::netdev::wait::{self, Gate};
use crate::port;
use crate::sync::cs::{self, CriticalSection, Mutex};
use crate::sync::park::{self, TaskRef};
use crate::sync::pool::{Guard, Pool, Slot};
use crate::time::Deadline;

pub use crate::net::op::{ConnOps, Detail, Limit, OpKind};

const READING: u8 = 1;
const WRITING: u8 = 2;
const CLOSED: u8 = 4;
const WRITE_FULL: u8 = 8;
const WRITE_ENDED: u8 = 16;
/// A poller is reading one byte ahead.
const LOOKING: u8 = 32;
const READ_ENDED: u8 = 64;
/// Bytes were given back: reads begin with them.
const BACKLOG: u8 = 128;

/// What a connection keeps between calls.
pub struct ConnSlot {
    state: Mutex<State>,
}

struct State {
    ops: Cell<Option<&'static ConnOps>>,
    device: Cell<i32>,
    sock: Cell<i32>,
    read_deadline: Cell<i64>,
    write_deadline: Cell<i64>,
    failed: Cell<i32>,
    detail: Cell<Detail>,
    reader: Cell<TaskRef>,
    writer: Cell<TaskRef>,
    flags: Cell<u8>,
    /// Which network was asked for (see `Network::name_index`); 0: as the operations say.
    network: Cell<u8>,
    epoch: Cell<u16>,
    /// What was read ahead: 0 nothing, a byte plus 1, or an error.
    ahead: Cell<i32>,
    /// What the device had told when the last read and write found the socket not ready (see
    /// `Netdev::news`).
    seen: [Cell<u32>; 2],
    /// See [`ConnSlot::give_back`].
    backlog: backlog::Place,
}

/// A connection in use.
pub type Conn = Guard<ConnSlot, MAX_CONNS>;

/// All connections.
pub static CONNS: Pool<ConnSlot, MAX_CONNS> = Pool::new();

impl Slot for ConnSlot {
    const KIND: Kind = Kind::Conn;
    #[allow(clippy::declare_interior_mutable_const)]
    const EMPTY: ConnSlot = ConnSlot {
        state: Mutex::new(State {
            ops: Cell::new(None),
            device: Cell::new(0),
            sock: Cell::new(0),
            read_deadline: Cell::new(0),
            write_deadline: Cell::new(0),
            failed: Cell::new(0),
            detail: Cell::new(Detail { op: OpKind::None, code: 0, raw: 0 }),
            reader: Cell::new(TaskRef::NONE),
            writer: Cell::new(TaskRef::NONE),
            flags: Cell::new(0),
            network: Cell::new(0),
            epoch: Cell::new(0),
            ahead: Cell::new(0),
            seen: [const { Cell::new(0) }; 2],
            backlog: Cell::new(None),
        }),
    };

    fn finish(&self) {
        if let Some(ops) = self.ops() {
            (ops.close)(self);
        }
        self.reset(None, Handle::NONE, -1, 0);
        self.drop_backlog();
    }
}

/// One direction taken by a call; given back when dropped.
struct Busy<'a> {
    conn: &'a ConnSlot,
    flag: u8,
    /// The operations and flags when it was taken.
    kind: Option<&'static ConnOps>,
    flags: u8,
}

/// What a read, write or look of a socket begins with.
pub(crate) struct Place {
    /// The direction's own deadline.
    pub own: Deadline,
    /// See [`ConnSlot::place`].
    pub device: Handle,
    pub sock: i32,
    pub epoch: u16,
    /// Something was read ahead.
    pub ahead: bool,
    /// See [`ConnSlot::write_full`].
    pub full: bool,
    /// See [`ConnSlot::seen`].
    pub seen: u32,
}

/// What a blocked call of a connection looks at (see [`Gate`]).
pub struct ConnGate<'a> {
    conn: &'a ConnSlot,
    writing: bool,
    limit: Limit<'a>,
}

impl Gate for ConnGate<'_> {
    fn enter(&self, cs: CriticalSection<'_>, task: TaskRef) -> Result<Deadline> {
        let s = self.conn.state.borrow(cs);
        if let Some(cancel) = self.limit.cancel {
            cancel.enter(cs, task)?;
        }
        self.conn.check(cs)?;
        let own = if self.writing {
            s.writer.set(task);
            s.write_deadline.get()
        } else {
            s.reader.set(task);
            if s.flags.get() & READ_ENDED != 0 {
                return Err(Error::EOF);
            }
            s.read_deadline.get()
        };
        Ok(Deadline(own).earliest(self.limit.deadline))
    }

    fn epoch(&self) -> Option<u16> {
        Some(self.conn.place().2)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        cs::with(|cs| {
            let s = self.conn.state.borrow(cs);
            s.flags.set(s.flags.get() & !self.flag);
            match self.flag {
                READING => s.reader.set(TaskRef::NONE),
                WRITING => s.writer.set(TaskRef::NONE),
                _ => {}
            }
        });
    }
}

impl ConnSlot {
    fn reset(&self, ops: Option<&'static ConnOps>, device: Handle, sock: i32, epoch: u16) {
        cs::with(|cs| {
            let s = self.state.borrow(cs);
            s.ops.set(ops);
            s.device.set(device.0);
            s.sock.set(sock);
            s.read_deadline.set(0);
            s.write_deadline.set(0);
            s.failed.set(0);
            s.detail.set(Detail::default());
            s.reader.set(TaskRef::NONE);
            s.writer.set(TaskRef::NONE);
            s.flags.set(0);
            s.network.set(0);
            s.epoch.set(epoch);
            s.ahead.set(0);
            s.seen.iter().for_each(|n| n.set(0));
        });
    }

    /// Makes the slot a connection; called once, before its handle is given out.
    pub(crate) fn make(&self, ops: &'static ConnOps, device: Handle, sock: i32, epoch: u16) {
        self.reset(Some(ops), device, sock, epoch);
    }

    /// Keeps the name of the network that was asked for.
    pub(crate) fn set_network(&self, network: Network) {
        cs::with(|cs| self.state.borrow(cs).network.set(network.name_index()));
    }

    /// Says whether reads and writes are of whole messages.
    pub fn keeps_messages(&self) -> bool {
        self.ops().is_some_and(|ops| ops.messages)
    }

    fn ops(&self) -> Option<&'static ConnOps> {
        cs::with(|cs| self.state.borrow(cs).ops.get())
    }

    /// The device's handle, the socket (or pipe end), and the device's epoch at its making.
    pub(crate) fn place(&self) -> (Handle, i32, u16) {
        cs::with(|cs| {
            let s = self.state.borrow(cs);
            (Handle(s.device.get()), s.sock.get(), s.epoch.get())
        })
    }

    /// Takes the socket away, so that it is closed once.
    pub(crate) fn take_sock(&self) -> i32 {
        cs::with(|cs| self.state.borrow(cs).sock.replace(-1))
    }

    fn check(&self, cs: CriticalSection<'_>) -> Result<()> {
        let s = self.state.borrow(cs);
        if s.flags.get() & CLOSED != 0 {
            return Err(Error::CLOSED);
        }
        match s.failed.get() {
            0 => Ok(()),
            code => Err(Error::from_code(code)),
        }
    }

    /// Takes a direction; `WOULD_BLOCK` while a poller reads ahead.
    fn begin(&self, flag: u8) -> Result<Busy<'_>> {
        cs::with(|cs| {
            self.check(cs)?;
            let s = self.state.borrow(cs);
            if s.flags.get() & flag != 0 {
                return Err(Error::BUSY);
            }
            if flag == READING && s.flags.get() & LOOKING != 0 {
                return Err(Error::WOULD_BLOCK);
            }
            s.flags.set(s.flags.get() | flag);
            Ok(Busy { conn: self, flag, kind: s.ops.get(), flags: s.flags.get() })
        })
    }

    fn begin_read(&self, limit: Limit<'_>) -> Result<Busy<'_>> {
        loop {
            match self.begin(READING) {
                // A look ahead never waits: it is over in a moment.
                Err(Error::WOULD_BLOCK) if !limit.is_now() => wait::moment()?,
                other => return other,
            }
        }
    }

    /// The gate of a call that reads or writes.
    pub(crate) fn gate<'a>(&'a self, writing: bool, limit: Limit<'a>) -> ConnGate<'a> {
        ConnGate { conn: self, writing, limit }
    }

    /// Keeps an error for [`ConnSlot::detail`]. One that shows a broken driver ends the connection, and so
    /// does a reset found by a read of what has an end: what a driver says after that must not pass for
    /// the end of the stream.
    pub(crate) fn fault(&self, op: OpKind, fault: Fault) -> Error {
        if matches!(fault.error, Error::WOULD_BLOCK) {
            return fault.error;
        }
        cs::with(|cs| {
            let s = self.state.borrow(cs);
            s.detail.set(Detail { op, code: fault.error.code(), raw: fault.raw });
            let ends = s.ops.get().is_some_and(|ops| ops.ends);
            let reset = op == OpKind::Read && matches!(fault.error, Error::CONN_RESET | Error::CONN_ABORTED);
            if (reset && ends) || fault.error == Error::DRIVER_BAD_RESULT {
                s.failed.set(fault.error.code());
            }
        });
        if fault.error == Error::DRIVER_BAD_RESULT {
            port::log(
                port::LOG_ERROR,
                "dunlin: a driver returned an impossible result; its connection is ended",
            );
        }
        fault.error
    }

    /// The last error.
    pub fn detail(&self) -> Detail {
        cs::with(|cs| self.state.borrow(cs).detail.get())
    }

    fn note<T>(&self, op: OpKind, result: Result<T>) -> Result<T> {
        if let Err(error) = &result {
            // A driver's fault has left its own number already.
            if *error != Error::EOF && self.detail().code != error.code() {
                self.fault(op, (*error).into());
            }
        }
        result
    }

    /// Reads 1 to `buf.len()` bytes (Go: `Conn.Read`). `EOF` at the end of the stream, `TIMEOUT` when a
    /// deadline came: nothing is lost then. With [`Limit::NOW`] one try, or `WOULD_BLOCK`.
    pub fn read(&self, buf: &mut [u8], limit: Limit<'_>) -> Result<usize> {
        let busy = self.begin_read(limit)?;
        let Some(ops) = busy.kind else { return Err(Error::BAD_HANDLE) };
        if buf.is_empty() && !ops.rendezvous {
            return Ok(0);
        }
        if busy.flags & READ_ENDED != 0 {
            return Err(Error::EOF);
        }
        if busy.flags & BACKLOG != 0 {
            if let Some(n) = self.take_back(buf) {
                return Ok(n);
            }
        }
        let got = (ops.read)(self, buf, limit);
        self.note(OpKind::Read, got)
    }

    /// Writes at least one byte of `pieces`; how many.
    pub fn write_some(&self, pieces: &[&[u8]], limit: Limit<'_>) -> Result<usize> {
        let busy = self.begin(WRITING)?;
        self.write_with(busy.kind, busy.flags, pieces, limit)
    }

    fn write_held(&self, pieces: &[&[u8]], limit: Limit<'_>) -> Result<usize> {
        let (ops, flags) = cs::with(|cs| {
            let s = self.state.borrow(cs);
            (s.ops.get(), s.flags.get())
        });
        self.write_with(ops, flags, pieces, limit)
    }

    fn write_with(
        &self,
        ops: Option<&ConnOps>,
        flags: u8,
        pieces: &[&[u8]],
        limit: Limit<'_>,
    ) -> Result<usize> {
        let Some(ops) = ops else { return Err(Error::BAD_HANDLE) };
        if !ops.rendezvous && !ops.messages && pieces.iter().all(|p| p.is_empty()) {
            return Ok(0);
        }
        if flags & WRITE_ENDED != 0 {
            return self.note(OpKind::Write, Err(Error::BROKEN_PIPE));
        }
        let put = (ops.write)(self, pieces, limit);
        self.note(OpKind::Write, put)
    }

    /// Writes all of `pieces` (Go: `Conn.Write`, `Buffers.WriteTo`); `written` tells how much went out
    /// when it fails.
    pub fn write_counted(&self, pieces: &[&[u8]], limit: Limit<'_>, written: &mut usize) -> Result<()> {
        let _busy = self.begin(WRITING)?;
        if self.keeps_messages() {
            *written = self.write_held(pieces, limit)?;
            return Ok(());
        }
        let mut first = 0usize; // the piece that is not wholly written
        let mut skip = 0usize; // bytes of it that are
        loop {
            let rest = pieces.get(first..).unwrap_or(&[]);
            let Some(head) = rest.first() else { return Ok(()) };
            let head = head.get(skip..).unwrap_or(&[]);
            if head.is_empty() && pieces.len() > 1 {
                (first, skip) = (first + 1, 0);
                continue;
            }
            let mut window: [&[u8]; 4] = [&[]; 4];
            for (i, to) in window.iter_mut().enumerate() {
                *to = if i == 0 { head } else { rest.get(i).copied().unwrap_or(&[]) };
            }
            let mut n = self.write_held(&window, limit)?;
            *written += n;
            if head.is_empty() {
                return Ok(());
            }
            // Step over what was written.
            while let Some(piece) = pieces.get(first) {
                let left = piece.len() - skip;
                if n < left {
                    skip += n;
                    break;
                }
                n -= left;
                (first, skip) = (first + 1, 0);
            }
        }
    }

    /// As [`ConnSlot::write_counted`] for who does not ask how much.
    pub fn write_all(&self, pieces: &[&[u8]], limit: Limit<'_>) -> Result<()> {
        self.write_counted(pieces, limit, &mut 0)
    }

    /// Adds the connection to a set, or says which of `events` are so already.
    pub fn watch(&self, events: u16, set: &mut PollSet, token: u16) -> Result<u16> {
        let (ops, flags) = cs::with(|cs| {
            let s = self.state.borrow(cs);
            self.check(cs).map(|()| (s.ops.get(), s.flags.get()))
        })?;
        let Some(ops) = ops else { return Err(Error::BAD_HANDLE) };
        let ready = match events & DUNLIN_READABLE {
            asked if flags & (READ_ENDED | BACKLOG) != 0 && asked != 0 => DUNLIN_READABLE,
            _ => (ops.watch)(self, events, set, token)?,
        };
        if ready != 0 {
            set.add_ready();
        }
        Ok(ready)
    }

    /// Ends the writing direction: the peer reads an end of stream (Go: `TCPConn.CloseWrite`).
    pub fn shutdown_write(&self) -> Result<()> {
        cs::with(|cs| self.check(cs))?;
        let Some(ops) = self.ops() else { return Err(Error::BAD_HANDLE) };
        let ended = (ops.shutdown)(self, DUNLIN_SHUT_WR);
        self.note(OpKind::Close, ended)?;
        cs::with(|cs| {
            let s = self.state.borrow(cs);
            s.flags.set(s.flags.get() | WRITE_ENDED);
        });
        Ok(())
    }

    /// Ends the reading direction: reads, the one in progress too, give an end of stream (Go:
    /// `TCPConn.CloseRead`).
    pub fn shutdown_read(&self) -> Result<()> {
        cs::with(|cs| self.check(cs))?;
        let Some(ops) = self.ops() else { return Err(Error::BAD_HANDLE) };
        let ended = (ops.shutdown)(self, DUNLIN_SHUT_RD);
        self.note(OpKind::Close, ended)?;
        let who = cs::with(|cs| {
            let s = self.state.borrow(cs);
            s.flags.set(s.flags.get() | READ_ENDED);
            s.reader.get()
        });
        park::table().wake(who);
        park::table().wake_pollers(false);
        Ok(())
    }

    /// Sets an option of what carries the connection (see `option.rs`).
    pub(crate) fn set_option(&self, option: SetOption) -> Result<()> {
        cs::with(|cs| self.check(cs))?;
        let Some(ops) = self.ops() else { return Err(Error::BAD_HANDLE) };
        let set = (ops.set)(self, option);
        self.note(OpKind::Set, set)
    }

    /// The network (Go: `OpError.Net`); `None` once it is closed.
    pub fn network(&self) -> Option<&'static CStr> {
        let asked = network::c_name(cs::with(|cs| self.state.borrow(cs).network.get()));
        self.ops().map(|o| asked.unwrap_or(o.network))
    }

    /// The local address.
    pub fn local_addr(&self) -> Result<dunlin_addr> {
        self.ops().map_or(Err(Error::BAD_HANDLE), |o| (o.addr)(self, false))
    }

    /// The peer's address.
    pub fn remote_addr(&self) -> Result<dunlin_addr> {
        self.ops().map_or(Err(Error::BAD_HANDLE), |o| (o.addr)(self, true))
    }

    /// Bounds present and future reads (Go: `SetReadDeadline`); restarts the wait of a blocked one.
    /// Negative: reads do not wait; a time that has passed: they fail with `TIMEOUT`.
    pub fn set_read_deadline(&self, deadline: Deadline) {
        let who = cs::with(|cs| {
            let s = self.state.borrow(cs);
            s.read_deadline.set(deadline.0);
            s.reader.get()
        });
        park::table().wake(who);
    }

    /// Bounds present and future writes (Go: `SetWriteDeadline`).
    pub fn set_write_deadline(&self, deadline: Deadline) {
        let who = cs::with(|cs| {
            let s = self.state.borrow(cs);
            s.write_deadline.set(deadline.0);
            s.writer.get()
        });
        park::table().wake(who);
    }

    /// The deadline of reads (false) or writes (true).
    pub(crate) fn own_deadline(&self, writing: bool) -> Deadline {
        cs::with(|cs| self.look(writing, cs).own)
    }

    /// Where the socket is and how reads (false) or writes (true) stand.
    pub(crate) fn look(&self, writing: bool, cs: CriticalSection<'_>) -> Place {
        let s = self.state.borrow(cs);
        let [read, write] = &s.seen;
        Place {
            own: Deadline(if writing { s.write_deadline.get() } else { s.read_deadline.get() }),
            device: Handle(s.device.get()),
            sock: s.sock.get(),
            epoch: s.epoch.get(),
            ahead: s.ahead.get() != 0,
            full: s.flags.get() & WRITE_FULL != 0,
            seen: if writing { write } else { read }.get(),
        }
    }

    /// Ends blocked calls with `CLOSED`, and whoever polls it.
    fn wake_closed(&self) {
        let (reader, writer) = cs::with(|cs| {
            let s = self.state.borrow(cs);
            s.flags.set(s.flags.get() | CLOSED);
            (s.reader.get(), s.writer.get())
        });
        park::table().wake(reader);
        park::table().wake(writer);
        park::table().wake_pollers(false);
    }
}

/// Closes from the outside (Go: `Conn.Close`): the handle is stale at once, blocked calls end with
/// `CLOSED`, the socket is closed when they are out. `BAD_HANDLE` the second time.
pub fn close(handle: Handle) -> Result<()> {
    let conn = CONNS.close(handle)?;
    conn.wake_closed();
    Ok(())
}

/// Closes from the inside, by who holds the connection.
pub fn end(conn: Conn) {
    conn.close();
    conn.wake_closed();
}
