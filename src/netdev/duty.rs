//! Background work of devices: `step` of those that have it, and links. It is done by tasks that wait.

use core::cell::Cell;

use crate::netdev::registry::{Dev, DEVICES};
use crate::sync::cs::{self, CriticalSection, Mutex};
use crate::sync::hook::Hook;
use crate::sync::park::Task;
use crate::time::Deadline;

/// How many devices with `step` there are.
static STEPPED: Mutex<Cell<u32>> = Mutex::new(Cell::new(0));

/// A device with `step` was registered.
pub(super) fn joined(cs: CriticalSection<'_>) {
    let stepped = STEPPED.borrow(cs);
    stepped.set(stepped.get() + 1);
}

/// A device with `step` is gone.
pub(super) fn left(cs: CriticalSection<'_>) {
    let stepped = STEPPED.borrow(cs);
    stepped.set(stepped.get().saturating_sub(1));
}

/// What links need to hear of; NULL in a program without them, which then does not carry their code.
pub(crate) struct Hooks {
    /// Does background work; when it is to be called again, and whether there was some.
    pub run: fn(Deadline) -> (Deadline, bool),
    /// A driver tells that its link is up or down, possibly from an interrupt.
    pub told: fn(&Dev, bool, bool),
    /// A device goes, nobody is inside it.
    pub leave: fn(&Dev),
    /// The index of the interface of that name, of whatever device.
    pub index_of: fn(&[u8]) -> Option<u32>,
}

static HOOKS: Hook<Hooks> = Hook::new();

/// Makes links known; once is enough.
pub(crate) fn set_hooks(hooks: &'static Hooks) {
    HOOKS.set(hooks);
}

pub(super) fn hooks() -> Option<&'static Hooks> {
    HOOKS.get()
}

/// What a task that waits has to do with the devices' background work.
pub(crate) struct Duty {
    /// Until when it may wait: its own deadline, or until work is due.
    pub until: Deadline,
    /// The task is the one that is woken for work; an interrupt must be able to.
    pub steward: bool,
}

/// Called by every task before it waits, behind `prepare`: does what work is pending, and says until when
/// the task may wait. Of all that wait one looks after the work that comes.
pub(crate) fn on_duty(task: &Task, deadline: Deadline) -> Duty {
    let work = cs::with(|cs| {
        let (stepped, hooks) = (STEPPED.borrow(cs).get() > 0, HOOKS.get_in(cs));
        (stepped || hooks.is_some()).then(|| (stepped, hooks, task.on_duty(false, cs)))
    });
    let Some((stepped, hooks, steward)) = work else { return Duty { until: deadline, steward: false } };
    let mut steps = Steps { next: Deadline::NONE, any: false };
    if stepped {
        run_steps(deadline, &mut steps);
    }
    if let Some(hooks) = hooks {
        let (due, acted) = (hooks.run)(deadline);
        steps.next = steps.next.earliest(due);
        steps.any |= acted;
    }
    let Steps { next, any } = steps;
    // Only who stepped knows when it is due again.
    let steward = if any { cs::with(|cs| task.on_duty(true, cs)) } else { steward };
    Duty { until: if steward { deadline.earliest(next) } else { deadline }, steward }
}

/// What the devices and links had to do.
struct Steps {
    /// When a device wants to be called again.
    next: Deadline,
    /// Work was done, or could not be as another task is inside the device.
    any: bool,
}

/// Does the pending work of every device that has `step`.
fn run_steps(deadline: Deadline, steps: &mut Steps) {
    let Steps { next, any } = steps;
    DEVICES.each(|dev| {
        let table = dev.table();
        if !table.has_step() {
            return;
        }
        let due = cs::with(|cs| {
            let s = dev.state.borrow(cs);
            let due = s.work.replace(false) || Deadline(s.due.get()).is_past();
            if due {
                s.due.set(0);
            }
            due
        });
        if due {
            *any = true;
            match dev.line.try_short() {
                Some(_turn) => {
                    let again = table.step(deadline).unwrap_or(0);
                    if again > 0 {
                        let at = Deadline::after_ms(again as i64);
                        cs::with(|cs| dev.state.borrow(cs).due.set(at.0));
                    }
                }
                // Another task is inside; the work is looked at again when it has left.
                None => cs::with(|cs| {
                    dev.state.borrow(cs).work.set(true);
                    *next = next.earliest(Deadline::after_ms(1));
                }),
            }
        }
        *next = next.earliest(Deadline(cs::with(|cs| dev.state.borrow(cs).due.get())));
    });
}
