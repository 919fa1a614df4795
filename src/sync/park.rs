//! Tasks that wait. A blocking call takes one [`Task`] from a static table for as long as it runs;
//! whoever changes what it waits for (close, cancel, a moved deadline, a driver's notify) wakes it
//! by its [`TaskRef`]. A wake is never lost: `prepare` forgets old wakes, the caller then looks at
//! its condition, and a wake after that makes the wait return at once. Spurious wakes are harmless.

use core::cell::Cell;

use crate::config::MAX_TASKS;
use crate::error::{Error, Result};
use crate::port::Event;
use crate::sync::cs::{self, CriticalSection, Mutex};
#[cfg(not(loom))]
use crate::sync::lock::{Lock, LockGuard};
use crate::time::Deadline;

/// Ends a driver call that blocks: called with the device's handle, the socket, and whether the
/// caller may be an interrupt.
pub type DriverWake = fn(device: i32, sock: i32, from_interrupt: bool);

/// Where a task is.
#[derive(Clone, Copy)]
enum At {
    Running,
    Event,
    Driver { wake: DriverWake, device: i32, sock: i32 },
}

struct Slot {
    woken: Cell<bool>,
    at: Cell<At>,
    ticket: Cell<u32>,
}

/// The name of a waiting task, kept in the object it waits for; 0 is nobody. It may be stale: a
/// task woken for nothing looks again and waits on.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct TaskRef(u8);

/// The right to wait, held by a blocking call; given back when dropped.
pub struct Task {
    table: &'static Table,
    index: u8,
}

struct Masks {
    used: Cell<u32>,
    /// Tasks inside a poll over objects that cannot name their waiters.
    polling: Cell<u32>,
    /// Tasks that wait and would do the devices' work, and the one that does (see [`Task::on_duty`]).
    willing: Cell<u32>,
    steward: Cell<TaskRef>,
    next_ticket: Cell<u32>,
}

/// The table of waiting tasks.
pub struct Table {
    masks: Mutex<Masks>,
    slots: [Mutex<Slot>; PLACES],
    events: [Event; PLACES],
}

/// One more than tasks may wait: the last place is for what must be done even then (see
/// [`Table::acquire_last`]).
const PLACES: usize = MAX_TASKS + 1;
const _: () = assert!(PLACES <= 32);

/// Says who has the last place.
#[cfg(not(loom))]
static LAST: Lock<()> = Lock::new(());

/// The last place, for one task at a time.
#[cfg(not(loom))]
pub struct LastTask {
    /// The right to wait. Goes before the lock.
    pub task: Task,
    _lock: LockGuard<'static, ()>,
}

impl TaskRef {
    /// Nobody.
    pub const NONE: TaskRef = TaskRef(0);

    /// The bit of the named task in a mask of waiters; 0 for nobody.
    pub fn bit(self) -> u32 {
        self.0.checked_sub(1).map_or(0, |i| 1 << i)
    }
}

const fn slot() -> Mutex<Slot> {
    Mutex::new(Slot { woken: Cell::new(false), at: Cell::new(At::Running), ticket: Cell::new(0) })
}

const fn masks() -> Mutex<Masks> {
    Mutex::new(Masks {
        used: Cell::new(0),
        polling: Cell::new(0),
        willing: Cell::new(0),
        steward: Cell::new(TaskRef::NONE),
        next_ticket: Cell::new(0),
    })
}

#[cfg(not(loom))]
static TABLE: Table =
    Table { masks: masks(), slots: [const { slot() }; PLACES], events: [const { Event::new() }; PLACES] };

/// The library's table.
#[cfg(not(loom))]
pub fn table() -> &'static Table {
    &TABLE
}

/// The table of this execution of a model.
#[cfg(loom)]
pub fn table() -> &'static Table {
    loom::lazy_static! {
        static ref TABLE: &'static Table = Table::model();
    }
    *TABLE
}

impl Table {
    #[cfg(loom)]
    fn model() -> &'static Table {
        Box::leak(Box::new(Table {
            masks: masks(),
            slots: [const { slot() }; PLACES],
            events: core::array::from_fn(|_| Event::new()),
        }))
    }

    #[cfg(not(loom))]
    pub(crate) fn init(&self) -> Result<()> {
        LAST.init()?;
        for (i, event) in self.events.iter().enumerate() {
            if let Err(e) = event.init() {
                self.events.iter().take(i).for_each(Event::free);
                LAST.free();
                return Err(e);
            }
        }
        Ok(())
    }

    #[cfg(not(loom))]
    pub(crate) fn free(&self) {
        self.events.iter().for_each(Event::free);
        LAST.free();
    }

    /// A place for what must not fail because all are taken (closing a socket). It is shared: who
    /// comes second waits on the port's mutex until the first has closed.
    #[cfg(not(loom))]
    pub(crate) fn acquire_last(&'static self) -> LastTask {
        let lock = LAST.lock();
        LastTask { task: self.take(MAX_TASKS as u8), _lock: lock }
    }

    #[cfg(not(loom))]
    fn take(&'static self, index: u8) -> Task {
        cs::with(|cs| {
            let masks = self.masks.borrow(cs);
            masks.used.set(masks.used.get() | 1 << index);
            let task = Task { table: self, index };
            task.prepare(cs);
            task
        })
    }

    /// Takes a place; `NO_SLOT` when `DUNLIN_MAX_TASKS` tasks wait already.
    pub fn acquire(&'static self) -> Result<Task> {
        cs::with(|cs| {
            let masks = self.masks.borrow(cs);
            let index = masks.used.get().trailing_ones();
            if index as usize >= MAX_TASKS {
                return Err(Error::NO_SLOT);
            }
            masks.used.set(masks.used.get() | 1 << index);
            let task = Task { table: self, index: index as u8 };
            task.prepare(cs);
            Ok(task)
        })
    }

    /// How many tasks wait inside the library.
    pub fn in_use(&self) -> usize {
        cs::with(|cs| self.masks.borrow(cs).used.get().count_ones() as usize)
    }

    /// Wakes a task wherever it is.
    pub fn wake(&self, task: TaskRef) {
        self.wake_from(task, false);
    }

    /// Wakes every task that polls.
    pub fn wake_pollers(&self, from_interrupt: bool) {
        let mask = cs::with(|cs| self.masks.borrow(cs).polling.get());
        self.wake_mask(mask, from_interrupt);
    }

    /// Wakes the task that does the devices' work: there is some.
    pub fn wake_steward(&self, from_interrupt: bool) {
        let steward = cs::with(|cs| self.masks.borrow(cs).steward.get());
        self.wake_from(steward, from_interrupt);
    }

    /// Makes every task look again.
    pub fn wake_everyone(&self) {
        let used = cs::with(|cs| self.masks.borrow(cs).used.get());
        self.wake_mask(used, false);
    }

    /// Wakes the tasks of a mask made by [`Task::bit`].
    pub fn wake_mask(&self, mut mask: u32, from_interrupt: bool) {
        while mask != 0 {
            let index = mask.trailing_zeros();
            mask &= mask - 1;
            self.wake_from(TaskRef(index as u8 + 1), from_interrupt);
        }
    }

    /// Of the tasks in a mask, the one that was marked by [`Task::queue`] first.
    pub fn first_queued(&self, mask: u32, cs: CriticalSection<'_>) -> TaskRef {
        let now = self.masks.borrow(cs).next_ticket.get();
        let oldest = self
            .slots
            .iter()
            .enumerate()
            .filter(|(i, _)| mask & (1 << i) != 0)
            .max_by_key(|(_, s)| now.wrapping_sub(s.borrow(cs).ticket.get()));
        oldest.map_or(TaskRef::NONE, |(i, _)| TaskRef(i as u8 + 1))
    }

    /// Wakes a task, saying whether the caller may be an interrupt.
    pub fn wake_from(&self, task: TaskRef, from_interrupt: bool) {
        let Some(index) = task.0.checked_sub(1).map(usize::from) else { return };
        let Some(slot) = self.slots.get(index) else { return };
        let at = cs::with(|cs| {
            let slot = slot.borrow(cs);
            slot.woken.set(true);
            slot.at.get()
        });
        match at {
            At::Running => {}
            At::Event => {
                if let Some(event) = self.events.get(index) {
                    event.signal();
                }
            }
            At::Driver { wake, device, sock } => wake(device, sock, from_interrupt),
        }
    }
}

impl Task {
    /// The name others wake this task by.
    pub fn name(&self) -> TaskRef {
        TaskRef(self.index + 1)
    }

    /// This task's bit in a mask of waiters.
    pub fn bit(&self) -> u32 {
        1 << self.index
    }

    fn slot<'cs>(&'cs self, cs: CriticalSection<'cs>) -> Option<&'cs Slot> {
        self.table.slots.get(usize::from(self.index)).map(|s| s.borrow(cs))
    }

    /// Takes a number in a queue of tasks (see [`Table::first_queued`]).
    pub fn queue(&self, cs: CriticalSection<'_>) {
        let masks = self.table.masks.borrow(cs);
        let ticket = masks.next_ticket.get();
        masks.next_ticket.set(ticket.wrapping_add(1));
        if let Some(slot) = self.slot(cs) {
            slot.ticket.set(ticket);
        }
    }

    /// Forgets earlier wakes. Comes before the look at the condition, in the same critical section
    /// or an earlier one.
    pub fn prepare(&self, cs: CriticalSection<'_>) {
        if let Some(slot) = self.slot(cs) {
            slot.woken.set(false);
            slot.at.set(At::Running);
        }
    }

    /// As [`Task::prepare`], and makes the task a poller until [`Task::end_poll`].
    pub fn begin_poll(&self) {
        cs::with(|cs| {
            self.prepare(cs);
            let masks = self.table.masks.borrow(cs);
            masks.polling.set(masks.polling.get() | self.bit());
        });
    }

    /// Ends what `begin_poll` began.
    pub fn end_poll(&self) {
        cs::with(|cs| {
            let masks = self.table.masks.borrow(cs);
            masks.polling.set(masks.polling.get() & !self.bit());
        });
    }

    /// Puts the task among those that do the devices' work while they wait; true when it is the one
    /// that does, as nobody else was or as it says that it `takes` over. The steward is woken for work
    /// ([`Table::wake_steward`]), knows when more of it is due, and hands over when it leaves. Comes behind
    /// `prepare` and before the look at the work, so that none is missed.
    pub fn on_duty(&self, takes: bool, cs: CriticalSection<'_>) -> bool {
        let masks = self.table.masks.borrow(cs);
        masks.willing.set(masks.willing.get() | self.bit());
        if takes || masks.steward.get() == TaskRef::NONE {
            masks.steward.set(self.name());
        }
        masks.steward.get() == self.name()
    }

    /// The task does not wait any more: another one that waits does the work.
    pub fn off_duty(&self) {
        let next = cs::with(|cs| {
            let masks = self.table.masks.borrow(cs);
            masks.willing.set(masks.willing.get() & !self.bit());
            if masks.steward.get() == self.name() {
                masks.steward.set(TaskRef::NONE);
            }
            // Whoever was woken for it before may be leaving too.
            if masks.steward.get() == TaskRef::NONE {
                masks.willing.get() & masks.willing.get().wrapping_neg()
            } else {
                0
            }
        });
        self.table.wake_mask(next, false);
    }

    /// Waits until woken (true) or until the deadline (false).
    pub fn wait(&self, deadline: Deadline) -> bool {
        loop {
            let woken = cs::with(|cs| {
                let Some(slot) = self.slot(cs) else { return true };
                let woken = slot.woken.get();
                slot.at.set(if woken { At::Running } else { At::Event });
                woken
            });
            if woken {
                return true;
            }
            let signalled = match self.table.events.get(usize::from(self.index)) {
                Some(event) => event.wait(deadline),
                None => false,
            };
            if !signalled {
                return cs::with(|cs| {
                    let Some(slot) = self.slot(cs) else { return false };
                    slot.at.set(At::Running);
                    slot.woken.get()
                });
            }
        }
    }

    /// Says that a driver call follows in which the task may block. False when a wake came since
    /// `prepare`: then the call must not be made.
    pub fn enter_driver(&self, wake: DriverWake, device: i32, sock: i32) -> bool {
        let enter = |cs: CriticalSection<'_>| {
            let Some(slot) = self.slot(cs) else { return false };
            let entered = !slot.woken.get();
            if entered {
                slot.at.set(At::Driver { wake, device, sock });
            }
            entered
        };
        let entered = cs::with(|cs| if self.is_owed(device, sock, cs) { None } else { Some(enter(cs)) });
        entered.unwrap_or_else(|| {
            // Whom this task would rob of its wake again goes first, whatever its priority.
            self.wait(Deadline::after_ms(1));
            cs::with(enter)
        })
    }

    /// Says that the driver call is over; true when a wake came meanwhile.
    ///
    /// Where several tasks may be inside with the same `sock` (polls, lookups) the driver ends those in
    /// progress; one that was woken on its way in would then block. Who comes out wakes again for it.
    pub fn leave_driver(&self) -> bool {
        let (owed, woken) = cs::with(|cs| {
            let Some(slot) = self.slot(cs) else { return (None, true) };
            let owed = match slot.at.replace(At::Running) {
                At::Driver { wake, device, sock } if self.is_owed(device, sock, cs) => {
                    Some((wake, device, sock))
                }
                _ => None,
            };
            (owed, slot.woken.get())
        });
        if let Some((wake, device, sock)) = owed {
            wake(device, sock, false);
        }
        woken
    }

    /// Another task was woken and is still at the same place of a driver. Only places that tasks
    /// share, numbers below 0, are looked at.
    fn is_owed(&self, device: i32, sock: i32, cs: CriticalSection<'_>) -> bool {
        let mut others = self.table.masks.borrow(cs).used.get() & !self.bit();
        if sock >= 0 {
            return false;
        }
        while others != 0 {
            let index = others.trailing_zeros() as usize;
            others &= others - 1;
            let Some(slot) = self.table.slots.get(index).map(|s| s.borrow(cs)) else { break };
            let at = slot.at.get();
            let there = matches!(at, At::Driver { device: d, sock: s, .. } if d == device && s == sock);
            if there && slot.woken.get() {
                return true;
            }
        }
        false
    }

    /// Says whether a wake came since `prepare`.
    pub fn is_woken(&self) -> bool {
        cs::with(|cs| self.slot(cs).is_none_or(|s| s.woken.get()))
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.off_duty();
        cs::with(|cs| {
            self.prepare(cs);
            let masks = self.table.masks.borrow(cs);
            masks.used.set(masks.used.get() & !self.bit());
            masks.polling.set(masks.polling.get() & !self.bit());
        });
    }
}
