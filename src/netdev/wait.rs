//! Makes a driver's operation block and wake as Go's do, whatever the driver can: one that blocks
//! and can be woken is called once for the whole wait, one that cannot be woken in slices of 50 ms,
//! one with a single line of I/O in turns, one with `step` or notify from an event to the next.

use crate::error::{Error, Result};
use crate::netdev::line::Turn;
use crate::netdev::registry::{run_steps, wake_driver, Dev};
use crate::netdev::table::{OpResult, Table, DUNLIN_CAP_NOTIFY, DUNLIN_DONTWAIT};
use crate::sync::cs::{self, CriticalSection};
use crate::sync::park::{self, TaskRef};
use crate::time::Deadline;

/// How long a driver that cannot be woken, or that others queue for, may keep a call.
pub const SLICE_MS: i64 = 50;
/// How often a driver is asked that tells nothing by itself.
pub const PROBE_MS: i64 = 10;

/// What the object says each time before the driver is entered.
pub trait Gate {
    /// Names the task that is about to block, so that close, cancel and a moved deadline find it;
    /// then says until when, or why not at all.
    fn enter(&self, cs: CriticalSection<'_>, task: TaskRef) -> Result<Deadline>;
}

/// A driver's operation: called with flags and a deadline, possibly many times.
pub type Op<'a> = &'a mut dyn FnMut(&Table, u32, Deadline) -> OpResult;

/// One try that does not wait.
pub fn attempt(dev: &Dev, op: Op<'_>) -> OpResult {
    let table = dev.table();
    if !dev.is_serial() {
        return op(&table, DUNLIN_DONTWAIT, Deadline::NOW);
    }
    match dev.line().try_short() {
        Some(_turn) => op(&table, DUNLIN_DONTWAIT, Deadline::NOW),
        None => Err(Error::WOULD_BLOCK.into()),
    }
}

/// One call that must be made even if it has to queue: closing, for example.
pub fn in_turn(dev: &Dev, op: Op<'_>) -> OpResult {
    let table = dev.table();
    if dev.is_serial() {
        if let Some(_turn) = dev.line().try_short() {
            return op(&table, DUNLIN_DONTWAIT, Deadline::NOW);
        }
        let task = park::table().acquire()?;
        let turn = dev.line().turn(&task);
        loop {
            cs::with(|cs| task.prepare(cs));
            if turn.take(Deadline::after_ms(SLICE_MS)).is_ok() {
                break;
            }
        }
        return op(&table, DUNLIN_DONTWAIT, Deadline::NOW);
    }
    op(&table, DUNLIN_DONTWAIT, Deadline::NOW)
}

/// Runs `op` until it has a result, the gate's deadline comes, or the gate says no.
/// `whole` says that a call must not be cut into slices (connect, lookup).
pub fn blocking(dev: &Dev, sock: i32, whole: bool, gate: &dyn Gate, op: Op<'_>) -> OpResult {
    let table = dev.table();
    let task = park::table().acquire()?;
    let serial = dev.is_serial();
    let stepped = table.has_step();
    let turn: Option<Turn<'_>> = serial.then(|| dev.line().turn(&task));
    let epoch = dev.epoch();
    dev.set_waiting(&task, true);
    let mut quick = 0u32; // calls in a row that came back too early for nothing
    let result = loop {
        let gated = cs::with(|cs| {
            task.prepare(cs);
            gate.enter(cs, task.name())
        });
        let deadline = match gated {
            Ok(d) => d,
            Err(e) => break Err(e.into()),
        };
        if dev.epoch() != epoch {
            break Err(Error::NET_DOWN.into());
        }
        if deadline.is_past() {
            break Err(Error::TIMEOUT.into());
        }
        if let Some(turn) = &turn {
            match turn.take(deadline) {
                Ok(()) => {}
                Err(Error::INTERRUPTED) => continue,
                Err(e) => break Err(e.into()),
            }
            // The wait for the turn may have used up a wake: look once more.
            match cs::with(|cs| {
                task.prepare(cs);
                gate.enter(cs, task.name())
            }) {
                Ok(d) if d.is_past() => break Err(Error::TIMEOUT.into()),
                Ok(_) => {}
                Err(e) => break Err(e.into()),
            }
        }
        let sliced = (serial && !whole) || !table.has_wake();
        let called = if stepped {
            op(&table, DUNLIN_DONTWAIT, Deadline::NOW)
        } else {
            let until = if sliced { deadline.earliest(Deadline::after_ms(SLICE_MS)) } else { deadline };
            if !task.enter_driver(wake_driver, dev.handle().0, sock) {
                continue;
            }
            let called = op(&table, 0, until);
            if task.leave_driver() {
                quick = 0;
            }
            called
        };
        if let Some(turn) = &turn {
            turn.give_way();
        }
        match called.map_err(|f| f.error) {
            Err(Error::PENDING | Error::WOULD_BLOCK) => {
                let next = if stepped { run_steps(deadline) } else { Deadline::NONE };
                let told = stepped || table.caps() & DUNLIN_CAP_NOTIFY != 0;
                let probe = if told { Deadline::NONE } else { Deadline::after_ms(PROBE_MS) };
                task.wait(deadline.earliest(next).earliest(probe));
            }
            Err(Error::INTERRUPTED | Error::TIMEOUT) => {
                quick += 1;
                if quick > 2 && !sliced && !task.is_woken() {
                    // A driver that keeps coming back for nothing must not spin.
                    task.wait(deadline.earliest(Deadline::after_ms(1)));
                }
            }
            _ => break called,
        }
    };
    dev.set_waiting(&task, false);
    result
}
