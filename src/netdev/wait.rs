//! Makes a driver's operation block and wake as Go's do, whatever the driver can: one that blocks
//! and can be woken is called once for the whole wait, one that cannot be woken in slices of 50 ms,
//! one with a single line of I/O in turns, one with `step` from one event to the next.

use crate::error::{Error, Result};
use crate::netdev::registry::{on_duty, wake_driver, Dev};
use crate::netdev::table::{Fault, OpResult, Table, DUNLIN_CAP_WAKE_ISR, DUNLIN_DONTWAIT};
use crate::sync::cs::{self, CriticalSection};
use crate::sync::line::Turn;
use crate::sync::park::{self, Task, TaskRef};
use crate::time::Deadline;

/// How long a driver that cannot be woken, or that others queue for, may keep a call.
pub const SLICE_MS: i64 = 50;
/// How often a driver is asked that tells nothing by itself.
pub const PROBE_MS: i64 = 10;
/// How much before its deadline a driver with coarse ticks may say that the deadline came.
const EARLY_MS: i64 = 20;

/// What the object says each time before the driver is entered.
pub trait Gate {
    /// Names the task that is about to block, so that close, cancel and a moved deadline find it;
    /// then says until when, or why not at all.
    fn enter(&self, cs: CriticalSection<'_>, task: TaskRef) -> Result<Deadline>;

    /// The device's epoch in which the object was made: when the link has fallen since, the
    /// operation ends with `NET_DOWN`. `None`: the object survives that.
    fn epoch(&self) -> Option<u16> {
        None
    }
}

/// A driver's operation: called with flags and a deadline, possibly many times.
pub type Op<'a> = &'a mut dyn FnMut(&Table, u32, Deadline) -> OpResult;

/// What [`attempt`] returns when it could not even ask, as another task has the line.
pub const LINE_BUSY: Fault = Fault { error: Error::WOULD_BLOCK, raw: 0 };

/// One try that does not wait: what would wait is `WOULD_BLOCK`, whatever word the driver has for it.
pub fn attempt(dev: &Dev, op: Op<'_>) -> OpResult {
    attempt_on(dev, &dev.table(), op)
}

/// As [`attempt`], with the device's table at hand.
pub fn attempt_on(dev: &Dev, table: &Table, op: Op<'_>) -> OpResult {
    let _turn = if table.is_serial() { Some(dev.line().try_short().ok_or(LINE_BUSY)?) } else { None };
    op(table, DUNLIN_DONTWAIT, Deadline::NOW).map_err(|fault| match fault.error {
        Error::INTERRUPTED | Error::TIMEOUT | Error::PENDING => Error::WOULD_BLOCK.into(),
        _ => fault,
    })
}

/// Says whether a try found that the socket is not ready, so that a notify will follow.
pub fn is_unready(tried: &OpResult) -> bool {
    tried.is_err_and(|f| f.error == Error::WOULD_BLOCK && f != LINE_BUSY)
}

/// One call that must be made even if it has to queue: closing, for example.
pub fn in_turn(dev: &Dev, op: Op<'_>) -> OpResult {
    let table = dev.table();
    if !dev.is_serial() {
        return op(&table, DUNLIN_DONTWAIT, Deadline::NOW);
    }
    if let Some(_turn) = dev.line().try_short() {
        return op(&table, DUNLIN_DONTWAIT, Deadline::NOW);
    }
    let queue = |task: &Task, op: Op<'_>| {
        let turn = dev.line().turn(task);
        loop {
            cs::with(|cs| task.prepare(cs));
            if turn.take(Deadline::after_ms(SLICE_MS)).is_ok() {
                return op(&table, DUNLIN_DONTWAIT, Deadline::NOW);
            }
        }
    };
    match park::table().acquire() {
        Ok(task) => queue(&task, op),
        Err(_) => queue(&park::table().acquire_last().task, op),
    }
}

/// Waits a moment, for what another task is about to finish.
pub fn moment() -> Result<()> {
    let task = park::table().acquire()?;
    task.wait(Deadline::after_ms(1));
    Ok(())
}

/// A pause that grows with `times`, up to [`PROBE_MS`]; a wake since `prepare` ends it.
pub(crate) fn back_off(task: &Task, times: u32, deadline: Deadline) {
    let ms = (1i64 << times.min(4)).min(PROBE_MS);
    task.wait(deadline.earliest(Deadline::after_ms(ms)));
}

/// The task as one that waits for the device, until dropped.
struct Waiting<'a>(&'a Dev, &'a Task);

impl<'a> Waiting<'a> {
    fn begin(dev: &'a Dev, task: &'a Task) -> Waiting<'a> {
        dev.set_waiting(task, true);
        Waiting(dev, task)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.set_waiting(self.1, false);
    }
}

/// One look: until when the operation may go on, or why it ends. A wake from here on is not lost.
fn look(dev: &Dev, gate: &dyn Gate, task: &Task) -> Result<Deadline> {
    let deadline = cs::with(|cs| {
        task.prepare(cs);
        gate.enter(cs, task.name())
    })?;
    if !dev.is_open() || gate.epoch().is_some_and(|e| e != dev.epoch()) {
        return Err(Error::NET_DOWN);
    }
    if deadline.is_past() {
        return Err(Error::TIMEOUT);
    }
    Ok(deadline)
}

/// Runs `op` until it has a result, the gate's deadline comes, or the gate says no. `whole` says that
/// the call is not cut into slices as long as it can be woken (connect, lookup).
pub fn blocking(dev: &Dev, sock: i32, whole: bool, gate: &dyn Gate, op: Op<'_>) -> OpResult {
    let table = dev.table();
    let task = park::table().acquire()?;
    let turn: Option<Turn<'_>> = dev.is_serial().then(|| dev.line().turn(&task));
    let _waiting = Waiting::begin(dev, &task);
    let sliced = (turn.is_some() && !whole) || !table.has_wake();
    let mut idle = 0u32; // calls in a row that came back too early for nothing
    loop {
        let deadline = look(dev, gate, &task)?;
        if let Some(turn) = turn.as_ref().filter(|t| !t.is_mine()) {
            // Whatever ended it: look again, a wake may have had more than one reason.
            let _ = turn.take(on_duty(&task, deadline).until);
            continue;
        }
        if table.has_step() {
            let called = op(&table, DUNLIN_DONTWAIT, Deadline::NOW);
            if let Some(turn) = &turn {
                turn.give_way();
            }
            match called.map_err(|f| f.error) {
                Err(Error::PENDING | Error::WOULD_BLOCK) => {
                    task.wait(on_duty(&task, deadline).until);
                }
                Err(Error::INTERRUPTED) => {
                    idle = idle.saturating_add(1);
                    back_off(&task, idle, deadline);
                }
                _ => return called,
            }
            continue;
        }
        let duty = on_duty(&task, deadline);
        // An interrupt that brings work for another device must not wait longer for this one.
        let deaf = duty.steward && table.caps() & DUNLIN_CAP_WAKE_ISR == 0;
        let until = match sliced || deaf {
            true => duty.until.earliest(Deadline::after_ms(SLICE_MS)),
            false => duty.until,
        };
        if !task.enter_driver(wake_driver, dev.handle().0, sock) {
            continue;
        }
        let called = op(&table, 0, until);
        let woken = task.leave_driver();
        if let Some(turn) = &turn {
            turn.give_way();
        }
        let Err(fault) = called else { return called };
        match fault.error {
            // Its result comes by notify.
            Error::PENDING => {
                task.wait(duty.until);
            }
            Error::TIMEOUT if until.is_past() => idle = 0,
            // Not our deadline but the network's: the peer does not answer any more. Said of a stream
            // it must not look like a deadline, after which one may go on.
            Error::TIMEOUT if until.remaining_ms().is_none_or(|ms| ms > EARLY_MS) => {
                let error = if whole { Error::TIMEOUT } else { Error::CONN_ABORTED };
                return Err(Fault { error, raw: fault.raw });
            }
            Error::INTERRUPTED if woken => idle = 0,
            Error::INTERRUPTED | Error::TIMEOUT | Error::WOULD_BLOCK => {
                // A driver that keeps coming back for nothing must not spin. The first ones are free: a
                // wake of the other direction ends this one too.
                idle = idle.saturating_add(1);
                if idle > 2 || fault.error == Error::WOULD_BLOCK {
                    back_off(&task, idle, deadline);
                }
            }
            _ => return called,
        }
    }
}
