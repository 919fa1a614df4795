//! Which tasks are inside a driver's function: a call that comes back into the library from there
//! is refused (`REENTRANT`) instead of waiting for itself.

use core::cell::Cell;

use crate::config::MAX_TASKS;
use crate::port;
use crate::sync::cs::{self, Mutex};

/// Those that wait in a driver, and as many that only try.
const PLACES: usize = 2 * MAX_TASKS;

struct Table {
    tasks: [Cell<usize>; PLACES],
    taken: Cell<usize>,
}

static TABLE: Mutex<Table> =
    Mutex::new(Table { tasks: [const { Cell::new(0) }; PLACES], taken: Cell::new(0) });

/// A driver's call in progress; over when dropped.
pub struct Inside(Option<usize>);

/// The calling task enters a driver. With every place taken it is not noted: then misuse is not
/// found, and nothing else changes.
pub fn enter() -> Inside {
    let task = port::task_id();
    Inside(cs::with(|cs| {
        let table = TABLE.borrow(cs);
        let at = table.tasks.iter().position(|t| t.get() == 0)?;
        table.tasks.get(at)?.set(task);
        table.taken.set(table.taken.get() + 1);
        Some(at)
    }))
}

/// Says whether the calling task is inside a driver.
pub fn is_inside() -> bool {
    let task = port::task_id();
    cs::with(|cs| {
        let table = TABLE.borrow(cs);
        table.taken.get() > 0 && table.tasks.iter().any(|t| t.get() == task)
    })
}

impl Drop for Inside {
    fn drop(&mut self) {
        cs::with(|cs| {
            let table = TABLE.borrow(cs);
            if let Some(task) = self.0.and_then(|at| table.tasks.get(at)) {
                task.set(0);
                table.taken.set(table.taken.get().saturating_sub(1));
            }
        });
    }
}
