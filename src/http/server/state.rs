//! What a server keeps: one small slot a connection, and a context with a head and an output buffer
//! for each request in progress. All of it lies behind one lock that is never held while a handler
//! runs or a task waits.

use crate::arena::Buf;
use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::http::body::{BodyReader, Drain};
use crate::http::mux::Record;
use crate::http::server::answer::DateLine;
use crate::http::server::config::{Settings, MAX_LISTEN};
use crate::http::server::route::{OnClose, Table};
use crate::http::{HeadScanner, RequestHead};
use crate::net::conn::{self, Conn};
use crate::net::listen::Listener;
use crate::netdev::pollset::PollSet;
use crate::sync::park::{self, TaskRef};
use crate::time::{now_ms, Deadline};

/// Bytes of stack in which the lines of an answer's head are made each time some of it is sent, so that
/// an output buffer need not have room for them.
pub const LINE: usize = 256;
/// Bytes behind the body, for what ends a chunk and the last chunk.
pub const TAIL: usize = 8;
/// Bytes of a head buffer that the longest head leaves, so that a chunked body can be read.
pub const HEAD_SLACK: usize = 32;

/// Instead of a number of bytes: the trailers of a request did not fit.
pub const LOST: u16 = u16::MAX;

/// Where a connection is. All but `Running` and `Detached` belong to the poll set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    Free,
    /// Between requests: no context.
    Idle,
    /// A head has begun.
    Head,
    /// A small body is received before its handler runs.
    Body,
    /// Waits for a worker.
    Ready,
    /// A handler is on a worker's stack.
    Running,
    /// The rest of the body is read away before a whole answer is sent.
    Drain,
    /// A whole answer is sent.
    Send,
    /// The rest of the body is read away behind an answer.
    After,
    /// Nothing more is sent; bytes of the peer are dropped until it closes, so that it gets the answer.
    Linger,
    /// A detached exchange.
    Detached,
}

/// A connection.
pub struct Slot {
    pub conn: Option<Conn>,
    pub on_close: Option<OnClose>,
    pub deadline: Deadline,
    /// When this phase began.
    pub since: i64,
    /// The exchange being served.
    pub exchange: Handle,
    /// Bytes moved in this phase; of a running handler in this rate window.
    pub moved: u32,
    /// Milliseconds of this rate window that a handler waited.
    pub waited: u32,
    /// The task that runs the handler ([`crate::port::task_id`]).
    pub worker: usize,
    pub ctx: u16,
    /// Events that a blocked exchange function waits for, and those that came.
    pub want: u16,
    pub ready: u16,
    pub waiter: TaskRef,
    pub phase: Phase,
    /// No request was served yet: the head's time runs since accept.
    pub fresh: bool,
    /// The last request was a POST: line ends before the next one are skipped.
    pub after_post: bool,
    /// The peer of a detached exchange left.
    pub gone: bool,
}

/// No context.
pub const NO_CTX: u16 = u16::MAX;

impl Slot {
    pub const FREE: Slot = Slot {
        conn: None,
        on_close: None,
        deadline: Deadline::NONE,
        since: 0,
        exchange: Handle::NONE,
        moved: 0,
        waited: 0,
        worker: 0,
        ctx: NO_CTX,
        want: 0,
        ready: 0,
        waiter: TaskRef::NONE,
        phase: Phase::Free,
        fresh: true,
        after_post: false,
        gone: false,
    };

    /// Enters a phase at the time `now`.
    pub fn enter(&mut self, phase: Phase, ms: i64, now: i64) {
        self.phase = phase;
        self.since = now;
        self.moved = 0;
        self.ready = 0;
        self.set_deadline(ms, now);
    }

    /// Time-outs of 0 are none.
    pub fn set_deadline(&mut self, ms: i64, now: i64) {
        self.deadline = if ms > 0 { Deadline(now.saturating_add(ms)) } else { Deadline::NONE };
    }
}

/// What is to be done about `Expect: 100-continue`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Continue {
    No,
    /// To be sent before the body is first read.
    Wanted,
    Sent,
}

/// What goes before the collected bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Lead {
    None,
    /// The head, and the size line of a chunk.
    Head,
    /// The size line of a chunk.
    Chunk,
    /// An interim answer.
    Interim,
}

/// What the library says in `Connection`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    Unsaid,
    KeepAlive,
    Close,
}

/// A request in progress.
pub struct Ctx {
    pub req: Option<RequestHead>,
    pub body: BodyReader,
    pub drain: Option<Drain>,
    /// A body that outlives the handler, sent from where it is.
    pub fixed: &'static [u8],
    /// Bytes of the answer's body so far, and the length that the handler announced.
    pub written: u64,
    pub length: Option<u64>,
    pub scan: HeadScanner,
    /// What broke the body.
    pub body_error: Option<Error>,
    /// Bytes in the head buffer, and where those begin that nobody took.
    pub filled: u32,
    pub next: u32,
    /// The fields of the answer lie in the head buffer from here to there; behind are decoded values.
    pub fields: u32,
    pub fields_end: u32,
    /// The first of these bytes are trailers of the answer.
    pub trailer_len: u16,
    /// Bytes of the request's trailers, right behind its head; or [`LOST`].
    pub kept: u16,
    /// Collected bytes of the answer's body, and of what follows them.
    pub out_len: u32,
    pub sent: u32,
    /// The type that the first bytes of the body tell; empty for none.
    pub kind: &'static str,
    /// Unix seconds of the answer's `Date`; < 0 for none.
    pub date: i64,
    pub status: u16,
    pub route: u16,
    pub tail: u8,
    pub skip: u8,
    /// Automatic fields that are not sent, see [`super::fields::automatic`].
    pub omit: u8,
    pub cont: Continue,
    /// What goes before the collected bytes when they are sent.
    pub lead: Lead,
    /// What the library says in `Connection`.
    pub connection: Connection,
    pub used: bool,
    /// The status is decided; fields can no longer be set.
    pub committed: bool,
    pub head_made: bool,
    pub chunked: bool,
    /// A whole answer was given.
    pub whole: bool,
    /// The connection ends after the answer.
    pub close: bool,
    /// Writing failed, or the handler gave up: the connection ends at once.
    pub broken: bool,
    pub detached: bool,
    pub finished: bool,
    /// The library says `Content-Length`, and `Server`.
    pub auto_len: bool,
    pub named: bool,
    pub events: bool,
    /// A `Content-Length` was set.
    pub may_announce: bool,
    /// A field was set on which the framing may depend, or that the library sets itself.
    pub own: bool,
    /// The handler reads on while it answers.
    pub duplex: bool,
    /// The trailers follow what is sent.
    pub ending: bool,
}

impl Ctx {
    pub const FREE: Ctx = Ctx {
        req: None,
        body: BodyReader::none(),
        drain: None,
        fixed: &[],
        written: 0,
        length: None,
        scan: HeadScanner::new(0),
        body_error: None,
        filled: 0,
        next: 0,
        fields: 0,
        fields_end: 0,
        trailer_len: 0,
        kept: 0,
        out_len: 0,
        sent: 0,
        kind: "",
        date: -1,
        status: 0,
        route: u16::MAX,
        tail: 0,
        skip: 0,
        omit: 0,
        cont: Continue::No,
        lead: Lead::None,
        connection: Connection::Unsaid,
        used: false,
        committed: false,
        head_made: false,
        chunked: false,
        whole: false,
        close: false,
        broken: false,
        detached: false,
        finished: false,
        auto_len: false,
        named: false,
        events: false,
        may_announce: false,
        own: false,
        duplex: false,
        ending: false,
    };

    /// A context for the next head.
    pub fn fresh(set: &Settings, after_post: bool) -> Ctx {
        let cap = set.head_cap() as u32;
        Ctx {
            used: true,
            scan: HeadScanner::new(set.limits.head_len),
            fields: cap,
            fields_end: cap,
            skip: if after_post { 4 } else { 0 },
            ..Ctx::FREE
        }
    }
}

/// Counters of a server since it was made; they wrap.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Connections taken.
    pub accepted: u32,
    /// Connections now.
    pub active: u32,
    /// Requests whose answer was 1xx…5xx.
    pub answers: [u32; 5],
    /// Connections ended by a time-out.
    pub timeouts: u32,
    /// Heads that could not be served.
    pub rejected: u32,
    /// Connections ended to make room.
    pub evicted: u32,
    /// Peers ended for moving less than the minimum rate.
    pub slow: u32,
    /// Detached exchanges now.
    pub detached: u32,
    /// Connections that handlers took over.
    pub hijacked: u32,
}

/// How far a server's end is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Life {
    Open,
    /// Shutting down: requests in progress are finished.
    Closing,
    Closed,
}

/// The time while the server's lock is held: read once, when it is first asked for.
#[derive(Default)]
pub struct Clock(i64);

impl Clock {
    /// The lock was taken: time went on.
    pub fn reset(&mut self) {
        self.0 = 0;
    }

    /// Milliseconds of [`now_ms`].
    pub fn now(&mut self) -> i64 {
        if self.0 == 0 {
            self.0 = now_ms();
        }
        self.0
    }
}

/// Everything of a server.
pub struct Core {
    pub set: Settings,
    pub table: Table,
    pub records: Buf<Record>,
    pub slots: Buf<Slot>,
    pub ctxs: Buf<Ctx>,
    pub memory: Buf<u8>,
    pub listeners: [Option<Listener>; MAX_LISTEN],
    /// The set of who steps it; with nobody it is here.
    pub poll: Option<Buf<PollSet>>,
    pub clock: Clock,
    pub date: DateLine,
    /// The task that steps the poll set, and masks of the others: workers without work, and exchange
    /// functions that wait.
    pub leader: TaskRef,
    pub workers: u32,
    pub waiters: u32,
    /// When connections are waiting and none may be evicted yet: look again then.
    pub full_until: Deadline,
    /// When the first of the connections' deadlines comes, as far as the poll set knows.
    pub due: Deadline,
    /// A request may wait for a worker.
    pub ready: bool,
    /// A listener had a connection at once.
    pub listener_ready: bool,
    /// A task outside polls the server or an exchange since its state changed last.
    pub watched: bool,
    /// The peer of a detached exchange left, and its owner may not know.
    pub gone: bool,
    /// The handle of the server itself.
    pub own: Handle,
    pub life: Life,
    pub stats: Stats,
}

/// The parts of one connection with a request.
pub struct Parts<'a> {
    pub slot: &'a mut Slot,
    pub x: &'a mut Ctx,
    pub head: &'a mut [u8],
    pub out: &'a mut [u8],
    pub set: &'a Settings,
    pub stats: &'a mut Stats,
    pub clock: &'a mut Clock,
    pub date: &'a mut DateLine,
    pub closing: bool,
}

impl Core {
    pub fn slot(&mut self, i: usize) -> Result<&mut Slot> {
        self.slots.get_mut(i).ok_or(Error::STATE)
    }

    /// The parts of a connection that has a context.
    pub fn parts(&mut self, i: usize) -> Result<Parts<'_>> {
        let slot = self.slots.get_mut(i).ok_or(Error::STATE)?;
        let at = usize::from(slot.ctx);
        let x = self.ctxs.get_mut(at).ok_or(Error::STATE)?;
        let (head_cap, each) = (self.set.head_cap(), self.set.head_cap() + self.set.out_cap());
        let memory = self.memory.get_mut(at * each..).and_then(|m| m.get_mut(..each)).ok_or(Error::STATE)?;
        let (head, out) = memory.split_at_mut_checked(head_cap).ok_or(Error::STATE)?;
        let closing = self.life != Life::Open || self.set.no_keep_alive;
        Ok(Parts {
            slot,
            x,
            head,
            out,
            set: &self.set,
            stats: &mut self.stats,
            clock: &mut self.clock,
            date: &mut self.date,
            closing,
        })
    }

    /// Gives a connection a context; false when all are taken.
    pub fn take_ctx(&mut self, i: usize) -> bool {
        let Some(at) = self.ctxs.iter().position(|x| !x.used) else { return false };
        if let (Some(slot), Some(x)) = (self.slots.get_mut(i), self.ctxs.get_mut(at)) {
            *x = Ctx::fresh(&self.set, slot.after_post);
            slot.ctx = at as u16;
        }
        true
    }

    pub fn drop_ctx(&mut self, i: usize) {
        if let Some(slot) = self.slots.get_mut(i) {
            if let Some(x) = self.ctxs.get_mut(usize::from(slot.ctx)) {
                x.used = false;
            }
            slot.ctx = NO_CTX;
        }
    }

    /// Ends the connection. A slot with a handler, or with a detached exchange, stays until that is
    /// over.
    pub fn end(&mut self, i: usize) {
        let Some(slot) = self.slots.get_mut(i) else { return };
        if let Some(conn) = slot.conn.take() {
            conn::end(conn);
            self.stats.active = self.stats.active.wrapping_sub(1);
        }
        slot.want = 0;
        slot.ready = 0;
        let waiter = slot.waiter;
        match slot.phase {
            Phase::Running | Phase::Detached => {
                slot.gone = true;
                self.gone = true;
                slot.deadline = Deadline::NONE;
                if let Some(x) = self.ctxs.get_mut(usize::from(slot.ctx)) {
                    x.broken = true;
                }
                park::table().wake(waiter);
            }
            _ => self.release(i),
        }
    }

    /// Gives the slot of a running handler to the next connection: its own goes on elsewhere.
    pub fn leave(&mut self, i: usize) {
        let Some(slot) = self.slots.get_mut(i) else { return };
        let _ = super::exchange::EXCHANGES.close(slot.exchange);
        self.stats.hijacked = self.stats.hijacked.wrapping_add(1);
        self.stats.active = self.stats.active.wrapping_sub(1);
        self.release(i);
        self.tell();
    }

    /// Frees the slot of a connection that ended.
    pub fn release(&mut self, i: usize) {
        self.drop_ctx(i);
        if let Some(slot) = self.slots.get_mut(i) {
            *slot = Slot::FREE;
        }
    }

    /// A request waits for a worker.
    pub fn others_wait(&self) -> bool {
        self.ready && self.slots.iter().any(|s| s.phase == Phase::Ready)
    }

    /// The next request to be served: first those whose body is there, as a handler that reads may
    /// hold its worker; of these the one that waits longest.
    pub fn next_ready(&mut self) -> Option<usize> {
        if !self.ready {
            return None;
        }
        let reads = |s: &Slot| {
            let x = self.ctxs.get(usize::from(s.ctx));
            x.is_some_and(|x| x.body.remaining() != Some(0) && u64::from(x.filled - x.next) < left(x))
        };
        let ready = self.slots.iter().enumerate().filter(|(_, s)| s.phase == Phase::Ready);
        let next = ready.min_by_key(|(_, s)| (reads(s), s.since)).map(|(i, _)| i);
        self.ready = next.is_some();
        next
    }

    /// Wakes a worker without work, else a task that waits, to take over the poll set.
    pub fn hand_over(&mut self) {
        self.tell_pollers();
        let mask = if self.workers != 0 { self.workers } else { self.waiters };
        park::table().wake_mask(mask & mask.wrapping_neg(), false);
    }

    pub fn wake_all(&self) {
        park::table().wake_mask(self.workers | self.waiters, false);
        park::table().wake(self.leader);
        if self.watched {
            park::table().wake_pollers(false);
        }
    }

    /// Nothing is in progress any more.
    pub fn is_quiet(&self) -> bool {
        self.slots.iter().all(|s| s.phase == Phase::Free)
    }
}

fn left(x: &Ctx) -> u64 {
    x.body.remaining().unwrap_or(u64::MAX)
}

/// What a connection costs beside its buffers: places in the tables of connections and of this server.
const IDLE: usize = size_of::<Slot>() + size_of::<crate::net::conn::ConnSlot>() + crate::sync::pool::META;
/// What a request costs beside `head_len` and `output_len`.
const SERVED: usize = IDLE
    + size_of::<Ctx>()
    + HEAD_SLACK
    + TAIL
    + size_of::<super::exchange::ExchangeSlot>()
    + crate::sync::pool::META;

// docs/memory.md promises these for 32-bit targets.
const _: () = assert!(size_of::<usize>() > 4 || (IDLE <= 256 && SERVED <= 512));
