//! Turns on a device with one line of I/O: tasks queue up to their deadlines, first come first
//! served, and a task that waits can be woken by close, cancel or a moved deadline meanwhile.

use core::cell::Cell;

use crate::error::{Error, Result};
use crate::sync::cs::{self, Mutex};
use crate::sync::park::{self, Task, TaskRef};
use crate::time::Deadline;

/// Who holds the line and who waits. All zero is free.
pub struct Line {
    state: Mutex<State>,
}

struct State {
    busy: Cell<bool>,
    owner: Cell<TaskRef>,
    waiting: Cell<u32>,
}

/// A task's place in the queue, and the line once [`Turn::take`] says so; given up when dropped.
pub struct Turn<'a> {
    line: &'a Line,
    task: &'a Task,
}

/// The line held for one call that does not wait.
pub struct Short<'a>(&'a Line);

impl Line {
    /// A free line.
    #[allow(clippy::declare_interior_mutable_const)]
    pub const FREE: Line = Line {
        state: Mutex::new(State {
            busy: Cell::new(false),
            owner: Cell::new(TaskRef::NONE),
            waiting: Cell::new(0),
        }),
    };

    /// Joins the queue.
    pub fn turn<'a>(&'a self, task: &'a Task) -> Turn<'a> {
        cs::with(|cs| task.queue(cs));
        Turn { line: self, task }
    }

    /// The line for one short call, if nobody has it.
    pub fn try_short(&self) -> Option<Short<'_>> {
        cs::with(|cs| {
            let state = self.state.borrow(cs);
            if state.busy.get() {
                return None;
            }
            state.busy.set(true);
            Some(Short(self))
        })
    }

    /// Gives the line to the task that waits longest, or frees it.
    fn pass_on(&self) {
        let next = cs::with(|cs| {
            let state = self.state.borrow(cs);
            let next = park::table().first_queued(state.waiting.get(), cs);
            state.owner.set(next);
            state.busy.set(next != TaskRef::NONE);
            state.waiting.set(state.waiting.get() & !next.bit());
            next
        });
        park::table().wake(next);
    }
}

impl Turn<'_> {
    /// Says whether the task has the line.
    pub fn is_mine(&self) -> bool {
        cs::with(|cs| {
            let state = self.line.state.borrow(cs);
            state.busy.get() && state.owner.get() == self.task.name()
        })
    }

    fn got(&self) -> bool {
        cs::with(|cs| {
            let state = self.line.state.borrow(cs);
            if state.busy.get() && state.owner.get() == self.task.name() {
                return true;
            }
            if state.busy.get() {
                state.waiting.set(state.waiting.get() | self.task.bit());
                return false;
            }
            state.busy.set(true);
            state.owner.set(self.task.name());
            true
        })
    }

    /// Waits for the line. `INTERRUPTED` when the task was woken for another reason: it keeps its
    /// place and asks again. The wake that brought the line may have stood for others too: the caller
    /// looks at its condition once more before it uses the line.
    pub fn take(&self, deadline: Deadline) -> Result<()> {
        if self.got() {
            return Ok(());
        }
        let woken = self.task.wait(deadline);
        if self.got() {
            return Ok(());
        }
        Err(if woken { Error::INTERRUPTED } else { Error::TIMEOUT })
    }

    /// Lets the others in between two slices; the task goes to the end of the queue.
    pub fn give_way(&self) {
        cs::with(|cs| self.task.queue(cs));
        if self.is_mine() {
            self.line.pass_on();
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // One step: between leaving the queue and looking, the line must not be given to this task.
        let mine = cs::with(|cs| {
            let state = self.line.state.borrow(cs);
            state.waiting.set(state.waiting.get() & !self.task.bit());
            state.busy.get() && state.owner.get() == self.task.name()
        });
        if mine {
            self.line.pass_on();
        }
    }
}

impl Drop for Short<'_> {
    fn drop(&mut self) {
        self.0.pass_on();
    }
}
