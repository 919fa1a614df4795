//! What every operation of a connection has to do with: the table of its kind, its limit in time, and
//! the detail of its error.

use core::ffi::CStr;

use crate::error::Result;
use crate::net::cancel::CancelSlot;
use crate::net::conn::ConnSlot;
use crate::net::option::SetOption;
use crate::netdev::pollset::PollSet;
use crate::netdev::table::dunlin_addr;
use crate::time::Deadline;

/// What one kind of connection does. A limit of [`Limit::NOW`] never waits.
pub struct ConnOps {
    /// Reads 1 or more bytes; `EOF` at the end of the stream.
    pub read: fn(&ConnSlot, &mut [u8], Limit<'_>) -> Result<usize>,
    /// Writes 1 or more bytes of the first pieces.
    pub write: fn(&ConnSlot, &[&[u8]], Limit<'_>) -> Result<usize>,
    /// Says what is ready, or adds itself to the set.
    pub watch: fn(&ConnSlot, u16, &mut PollSet, u16) -> Result<u16>,
    /// Ends one direction, `DUNLIN_SHUT_RD` or `DUNLIN_SHUT_WR`.
    pub shutdown: fn(&ConnSlot, u32) -> Result<()>,
    /// Sets an option.
    pub set: fn(&ConnSlot, SetOption) -> Result<()>,
    /// The local (false) or remote (true) address.
    pub addr: fn(&ConnSlot, bool) -> Result<dunlin_addr>,
    /// Gives up what it owns; no call is in flight.
    pub close: fn(&ConnSlot),
    /// The network (Go: `OpError.Net`).
    pub network: &'static CStr,
    /// Writing nothing meets a read (Go: `net.Pipe`).
    pub rendezvous: bool,
    /// A write is one message, of no bytes too; a read of 0 bytes is one and not the end.
    pub messages: bool,
    /// It ends, by its peer or by a reset; otherwise an error is of one message.
    pub ends: bool,
}

/// Until when an operation may wait, besides the connection's own deadlines.
#[derive(Clone, Copy)]
pub struct Limit<'a> {
    /// The latest end.
    pub deadline: Deadline,
    /// Ends the operation too.
    pub cancel: Option<&'a CancelSlot>,
}

impl Limit<'_> {
    /// One try.
    pub const NOW: Limit<'static> = Limit { deadline: Deadline::NOW, cancel: None };
    /// As long as the connection's own deadlines allow.
    pub const NONE: Limit<'static> = Limit { deadline: Deadline::NONE, cancel: None };

    /// Until a deadline.
    pub const fn until(deadline: Deadline) -> Limit<'static> {
        Limit { deadline, cancel: None }
    }

    /// Says whether this is a single try.
    pub fn is_now(&self) -> bool {
        self.deadline.0 < 0
    }
}

/// The operation of the last error (Go: `OpError.Op`).
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub enum OpKind {
    #[default]
    None = 0,
    Dial = 1,
    Read = 2,
    Write = 3,
    Close = 4,
    Accept = 5,
    Listen = 6,
    Set = 7,
}

/// The last error of a connection (Go: `OpError`, as data).
#[derive(Clone, Copy, Default)]
pub struct Detail {
    /// What was tried.
    pub op: OpKind,
    /// Our number, 0 is none.
    pub code: i32,
    /// What the driver returned.
    pub raw: i32,
}
