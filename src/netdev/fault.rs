//! A device in front of another one that injects faults, by script or by seed: what the header
//! calls `dunlin_netdev_fault`. An adapter of C tables on both sides, hence `unsafe`: above it is a
//! driver like any other, below it calls the wrapped driver's functions with the arguments it got.
#![allow(unsafe_code)]
#![allow(non_camel_case_types)]

use core::cell::Cell;
use core::ffi::c_void;

use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::netdev::fault_ops;
use crate::netdev::registry::{self, DEVICES};
use crate::netdev::table::{
    dunlin_netdev_ops, Table, DUNLIN_CAP_NOTIFY, DUNLIN_READABLE, DUNLIN_WORK, DUNLIN_WRITABLE,
};
use crate::port::Event;
use crate::sync::cs::{self, Mutex};
use crate::time::Deadline;

pub(super) use crate::netdev::fault_call::*;
pub use crate::netdev::fault_config::*;

/// Sockets that are known by number; on more of them no fault is injected that needs memory.
const SOCKS: usize = 34;
/// Calls that may be stuck at once.
const STUCK: usize = 4;

const LOST: u8 = 4;

/// One socket, `poll` (-1) or lookups (-2).
struct Sock {
    used: Cell<bool>,
    /// Keeps the bounds of messages.
    datagram: Cell<bool>,
    bits: Cell<u8>,
    number: Cell<i32>,
    /// When a late completion comes, 0 is never.
    late: Cell<i64>,
}

struct State {
    random: Cell<u32>,
    open: Cell<u32>,
    calls: [Cell<u32>; DUNLIN_FAULT_OPS],
    injected: [Cell<u32>; DUNLIN_FAULT_KINDS],
    socks: [Sock; SOCKS],
    /// Who is stuck: socket and direction, 0 is nobody.
    stuck: [(Cell<i32>, Cell<u8>); STUCK],
}

/// What lies in the storage.
pub(crate) struct Faulty {
    /// The table that is registered: an entry for each one that the driver has.
    ops: dunlin_netdev_ops,
    pub(super) inner: dunlin_netdev_ops,
    pub(super) ctx: *mut c_void,
    script: *const dunlin_netdev_fault_step,
    script_len: usize,
    rates: [u16; DUNLIN_FAULT_KINDS],
    state: Mutex<State>,
    events: [Event; STUCK],
}

const _: () = assert!(core::mem::size_of::<Faulty>() <= core::mem::size_of::<dunlin_netdev_fault>());
const _: () = assert!(core::mem::align_of::<Faulty>() <= core::mem::align_of::<dunlin_netdev_fault>());

/// What becomes of a call.
pub(super) enum Fate {
    /// The driver is asked, with at most so many bytes; a message that comes is cut to them.
    Ask(usize),
    /// A message that is sent is not passed on; one that came is thrown away.
    Drop,
    /// The driver is not asked.
    Answer(i32),
}

impl Faulty {
    /// Makes a faulty device in `storage`.
    ///
    /// # Safety
    /// `storage` is valid for writes and stays in place until [`Faulty::free`]; `config.ops` and
    /// `config.script` are NULL or what their comments say.
    pub(crate) unsafe fn make(
        storage: *mut dunlin_netdev_fault,
        config: &dunlin_netdev_fault_config,
    ) -> Result<()> {
        if storage.is_null() || (config.script.is_null() && config.script_len > 0) {
            return Err(Error::INVALID);
        }
        // SAFETY: the caller's promise.
        let inner = unsafe { Table::new(config.ops, config.ctx) }?.copy();
        let mut ops = inner;
        ops.size = core::mem::size_of::<dunlin_netdev_ops>() as u32;
        fault_ops::wrap(&mut ops);
        let sock = |number: i32| Sock {
            used: Cell::new(number < 0),
            datagram: Cell::new(false),
            bits: Cell::new(0),
            number: Cell::new(number),
            late: Cell::new(0),
        };
        let state = State {
            random: Cell::new(config.seed.max(1)),
            open: Cell::new(0),
            calls: [const { Cell::new(0) }; DUNLIN_FAULT_OPS],
            injected: [const { Cell::new(0) }; DUNLIN_FAULT_KINDS],
            socks: core::array::from_fn(|i| sock(if i < 2 { -1 - i as i32 } else { 0 })),
            stuck: [const { (Cell::new(0), Cell::new(0)) }; STUCK],
        };
        let faulty = Faulty {
            ops,
            inner,
            ctx: config.ctx,
            script: config.script,
            script_len: config.script_len,
            rates: config.rates,
            state: Mutex::new(state),
            events: [const { Event::new() }; STUCK],
        };
        // SAFETY: the storage is large and aligned enough, and the caller's for writing.
        unsafe { storage.cast::<Faulty>().write(faulty) };
        // SAFETY: just written. The events are made where they stay.
        let faulty = unsafe { &*storage.cast::<Faulty>() };
        for (i, event) in faulty.events.iter().enumerate() {
            if let Err(e) = event.init() {
                faulty.events.iter().take(i).for_each(Event::free);
                return Err(e);
            }
        }
        Ok(())
    }

    /// The device in its storage.
    ///
    /// # Safety
    /// `ctx` is what [`Faulty::make`] was given, and not freed.
    pub(crate) unsafe fn at<'a>(ctx: *const c_void) -> &'a Faulty {
        // SAFETY: the caller's promise.
        unsafe { &*ctx.cast::<Faulty>() }
    }

    /// The table to register.
    pub(crate) fn table(&self) -> &dunlin_netdev_ops {
        &self.ops
    }

    /// Gives back what the operating system lent; the device is not registered any more.
    pub(crate) fn free(&self) {
        self.events.iter().for_each(Event::free);
    }

    /// The counters now.
    pub(crate) fn stats(&self) -> dunlin_netdev_fault_stats {
        cs::with(|cs| {
            let s = self.state.borrow(cs);
            let mut stats = dunlin_netdev_fault_stats {
                size: 0,
                open_sockets: s.open.get(),
                calls: [0; DUNLIN_FAULT_OPS],
                injected: [0; DUNLIN_FAULT_KINDS],
            };
            stats.calls.iter_mut().zip(&s.calls).for_each(|(to, from)| *to = from.get());
            stats.injected.iter_mut().zip(&s.injected).for_each(|(to, from)| *to = from.get());
            stats
        })
    }

    fn device(&self) -> Handle {
        registry::by_context((self as *const Faulty).cast_mut().cast())
    }

    /// The device tells of readiness, by notify or out of `step`.
    fn is_told(&self) -> bool {
        self.inner.caps & DUNLIN_CAP_NOTIFY != 0 || self.inner.step.is_some()
    }

    fn sock<R>(&self, number: i32, f: impl FnOnce(&Sock) -> R) -> Option<R> {
        cs::with(|cs| {
            let s = self.state.borrow(cs);
            s.socks.iter().find(|s| s.used.get() && s.number.get() == number).map(f)
        })
    }

    /// Counts a socket in.
    pub(super) fn opened(&self, result: i32, datagram: bool) -> i32 {
        if result >= 0 {
            cs::with(|cs| {
                let s = self.state.borrow(cs);
                s.open.set(s.open.get().saturating_add(1));
                if let Some(free) = s.socks.iter().find(|s| !s.used.get()) {
                    free.used.set(true);
                    free.number.set(result);
                    free.datagram.set(datagram);
                    free.bits.set(0);
                    free.late.set(0);
                }
            });
        }
        result
    }

    /// Says whether a socket keeps the bounds of messages.
    pub(super) fn is_datagram(&self, sock: i32) -> bool {
        self.sock(sock, |s| s.datagram.get()) == Some(true)
    }

    /// Counts a socket out.
    pub(super) fn closed(&self, number: i32) {
        cs::with(|cs| {
            let s = self.state.borrow(cs);
            s.open.set(s.open.get().saturating_sub(1));
            if let Some(sock) = s.socks.iter().find(|s| s.used.get() && s.number.get() == number) {
                sock.used.set(false);
            }
        });
    }

    /// Counts the call, and chooses its fault.
    fn choose(&self, call: &Call) -> (u32, i32) {
        let told = self.is_told();
        let (of_op, of_any) = cs::with(|cs| {
            let calls = &self.state.borrow(cs).calls;
            let count = |op: u32| {
                calls.get(op as usize).map_or(0, |n| {
                    n.set(n.get().wrapping_add(1));
                    n.get()
                })
            };
            (count(call.op), count(DUNLIN_FAULT_OP_ANY))
        });
        for at in 0..self.script_len {
            // SAFETY: within the script, which the application keeps.
            let step = unsafe { *self.script.add(at) };
            let n = match step.op {
                DUNLIN_FAULT_OP_ANY => of_any,
                op if op == call.op => of_op,
                _ => continue,
            };
            let after = n.checked_sub(step.nth.max(1));
            if after.is_some_and(|a| a < step.count.max(1)) && call.takes(step.kind, told) {
                return (step.kind, step.arg);
            }
        }
        for (kind, rate) in (0u32..).zip(self.rates) {
            // Only kinds that can happen use a number up, so that a rate means what it says.
            if rate > 0 && call.takes(kind, told) && self.random() >> 16 < u32::from(rate) {
                return (kind, 0);
            }
        }
        (DUNLIN_FAULT_NONE, 0)
    }

    /// The next number of xorshift32.
    fn random(&self) -> u32 {
        cs::with(|cs| {
            let cell = &self.state.borrow(cs).random;
            let mut x = cell.get();
            x ^= x << 13;
            x ^= x >> 17;
            x ^= x << 5;
            cell.set(x);
            x
        })
    }

    /// What becomes of the call.
    pub(super) fn fate(&self, call: Call) -> Fate {
        // As with every driver, a wake from before is used up by the next call that may wait; the wrapped
        // one, which got it too, ends the call by it.
        let woken = call.waits && self.sock(call.sock, |s| take(&s.bits, call.direction)).unwrap_or(false);
        let stream = matches!(call.op, DUNLIN_FAULT_OP_SEND | DUNLIN_FAULT_OP_RECV);
        let lost = stream && self.sock(call.sock, |s| s.bits.get() & LOST != 0) == Some(true);
        let (kind, arg) = self.choose(&call);
        if lost {
            return Fate::Answer(Error::CONN_RESET.code());
        }
        if kind == DUNLIN_FAULT_STUCK {
            return self.be_stuck(&call, woken);
        }
        if let Some(n) = (kind != DUNLIN_FAULT_NONE).then_some(kind as usize) {
            self.injected(n);
        }
        let code = match kind {
            DUNLIN_FAULT_SHORT => return Fate::Ask(call.len.min(usize::try_from(arg).unwrap_or(0).max(1))),
            DUNLIN_FAULT_WOULD_BLOCK if call.op == DUNLIN_FAULT_OP_POLL => 0,
            DUNLIN_FAULT_WOULD_BLOCK => {
                // Who notifies must do so now: the driver below thinks that it did.
                self.tell(call.sock);
                Error::WOULD_BLOCK.code()
            }
            DUNLIN_FAULT_INTERRUPTED => Error::INTERRUPTED.code(),
            DUNLIN_FAULT_LENGTH => {
                // Of a message of no bytes 0 were the truth.
                let zero = matches!(call.op, DUNLIN_FAULT_OP_SEND | DUNLIN_FAULT_OP_LOOKUP);
                if zero && call.len > 0 && self.random() & 0x10000 != 0 {
                    0
                } else {
                    i32::try_from(call.len).map_or(i32::MAX, |n| n.saturating_add(1))
                }
            }
            DUNLIN_FAULT_CODE if arg != 0 => arg,
            DUNLIN_FAULT_CODE => match self.random() >> 30 {
                0 => -1,
                1 => -4097,
                2 => -9999,
                _ => i32::MIN,
            },
            DUNLIN_FAULT_RESET if call.op == DUNLIN_FAULT_OP_ACCEPT => Error::CONN_ABORTED.code(),
            // An earlier message found nobody: told once, the socket goes on.
            DUNLIN_FAULT_RESET if self.is_datagram(call.sock) => Error::CONN_RESET.code(),
            DUNLIN_FAULT_RESET => {
                self.sock(call.sock, |s| s.bits.set(s.bits.get() | LOST));
                Error::CONN_RESET.code()
            }
            DUNLIN_FAULT_DROP => return Fate::Drop,
            DUNLIN_FAULT_LATE => {
                self.be_late(call.sock, arg);
                Error::PENDING.code()
            }
            DUNLIN_FAULT_NO_SOCKETS => Error::NO_SOCKETS.code(),
            DUNLIN_FAULT_NO_NAME => Error::NO_SUCH_HOST.code(),
            DUNLIN_FAULT_LINK => {
                if let Ok(dev) = DEVICES.enter(self.device()) {
                    dev.set_link(false);
                    dev.set_link(arg == 1);
                }
                Error::NET_DOWN.code()
            }
            _ => return Fate::Ask(call.len),
        };
        Fate::Answer(code)
    }

    fn injected(&self, kind: usize) {
        cs::with(|cs| {
            if let Some(n) = self.state.borrow(cs).injected.get(kind) {
                n.set(n.get().wrapping_add(1));
            }
        });
    }

    /// What a receive answers whose message was thrown away: as if it had been told for nothing.
    pub(super) fn dropped(&self, sock: i32, waits: bool) -> i32 {
        self.tell(sock);
        if waits { Error::INTERRUPTED } else { Error::WOULD_BLOCK }.code()
    }

    fn tell(&self, sock: i32) {
        if self.is_told() {
            registry::notify(self.device(), sock, DUNLIN_READABLE | DUNLIN_WRITABLE);
        }
    }

    /// Blocks until woken or until the deadline.
    fn be_stuck(&self, call: &Call, woken: bool) -> Fate {
        let place = cs::with(|cs| {
            let s = self.state.borrow(cs);
            // One that no wake could find is not injected.
            let sock = s.socks.iter().find(|s| s.used.get() && s.number.get() == call.sock)?;
            let at = s.stuck.iter().position(|(_, direction)| direction.get() == 0)?;
            let (number, direction) = s.stuck.get(at)?;
            number.set(call.sock);
            direction.set(call.direction);
            Some((at, take(&sock.bits, call.direction) || woken))
        });
        let Some((at, woken)) = place else { return Fate::Ask(call.len) };
        self.injected(DUNLIN_FAULT_STUCK as usize);
        let signalled = woken || self.events.get(at).is_some_and(|e| e.wait(call.deadline));
        cs::with(|cs| {
            let s = self.state.borrow(cs);
            if let Some((_, direction)) = s.stuck.get(at) {
                direction.set(0);
            }
        });
        Fate::Answer(if signalled { Error::INTERRUPTED.code() } else { Error::TIMEOUT.code() })
    }

    /// Completes a pending call: now, or out of `step`.
    fn be_late(&self, sock: i32, ms: i32) {
        let later = ms > 0 && self.inner.step.is_some();
        if later && self.sock(sock, |s| s.late.set(Deadline::after_ms(i64::from(ms)).0)).is_some() {
            registry::notify(self.device(), -1, DUNLIN_WORK);
        } else {
            self.tell(sock);
        }
    }

    /// Completes what is due; in how many milliseconds the next one is.
    pub(super) fn complete(&self) -> Option<i64> {
        let mut next = Deadline::NONE;
        for at in 0..SOCKS {
            let due = cs::with(|cs| {
                let sock = self.state.borrow(cs).socks.get(at)?;
                let late = Deadline(sock.late.get());
                if late.is_past() {
                    sock.late.set(0);
                    return Some(sock.number.get());
                }
                next = next.earliest(late);
                None
            });
            if let Some(sock) = due {
                self.tell(sock);
            }
        }
        next.remaining_ms()
    }

    /// Counts a call that is never faulted.
    pub(super) fn count_only(&self, op: u32) {
        cs::with(|cs| {
            if let Some(n) = self.state.borrow(cs).calls.get(op as usize) {
                n.set(n.get().wrapping_add(1));
            }
        });
    }

    /// A wake, remembered for a stuck call and given to it.
    pub(super) fn woken(&self, sock: i32) {
        self.sock(sock, |s| s.bits.set(s.bits.get() | RX | TX));
        for at in 0..STUCK {
            let stuck = cs::with(|cs| {
                let s = self.state.borrow(cs);
                let (number, direction) = s.stuck.get(at)?;
                (direction.get() != 0 && number.get() == sock).then_some(())
            });
            if let (Some(()), Some(event)) = (stuck, self.events.get(at)) {
                event.signal();
            }
        }
    }
}

/// Takes a bit away; whether it was there.
fn take(bits: &Cell<u8>, bit: u8) -> bool {
    let had = bits.get() & bit != 0;
    bits.set(bits.get() & !bit);
    had
}
