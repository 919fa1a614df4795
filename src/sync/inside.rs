//! Which tasks are inside a callback: a call that comes back into the library from where it cannot
//! work is refused (`REENTRANT`) instead of waiting for itself.

use core::cell::Cell;

use crate::config::MAX_TASKS;
use crate::port;
use crate::sync::cs::{self, Mutex};

/// Those that wait inside the library, each in a handler and in a driver, and some that only try.
const PLACES: usize = 3 * MAX_TASKS;

/// Whose function was called.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Callback {
    /// A driver's: nothing of the library works there.
    Driver,
    /// A handler, or another function of the application: everything works but the library's end.
    Handler,
    /// One that is told of links: as a handler, but no device goes meanwhile.
    Link,
}

struct Place {
    task: Cell<usize>,
    callback: Cell<Callback>,
}

struct Table {
    places: [Place; PLACES],
    taken: Cell<usize>,
}

/// Bytes of RAM all of it takes.
pub(crate) const MEMORY: usize = core::mem::size_of::<Mutex<Table>>();

static TABLE: Mutex<Table> = Mutex::new(Table {
    places: [const { Place { task: Cell::new(0), callback: Cell::new(Callback::Driver) } }; PLACES],
    taken: Cell::new(0),
});

/// A callback in progress; over when dropped.
pub struct Inside(Option<usize>);

/// The calling task enters a callback. With every place taken it is not noted: then misuse is not
/// found, and nothing else changes.
pub fn enter(callback: Callback) -> Inside {
    let task = port::task_id();
    Inside(cs::with(|cs| {
        let table = TABLE.borrow(cs);
        let at = table.places.iter().position(|p| p.task.get() == 0)?;
        let place = table.places.get(at)?;
        place.task.set(task);
        place.callback.set(callback);
        table.taken.set(table.taken.get() + 1);
        Some(at)
    }))
}

/// Says whether the calling task is inside a driver.
pub fn driver() -> bool {
    find(|callback| callback == Callback::Driver)
}

/// Says whether the calling task is inside a callback that is told of links.
pub fn link() -> bool {
    find(|callback| callback == Callback::Link)
}

/// Says whether the calling task is inside any callback.
pub fn any() -> bool {
    find(|_| true)
}

fn find(is: impl Fn(Callback) -> bool) -> bool {
    let task = port::task_id();
    cs::with(|cs| {
        let table = TABLE.borrow(cs);
        let mine = |p: &Place| p.task.get() == task && is(p.callback.get());
        table.taken.get() > 0 && table.places.iter().any(mine)
    })
}

impl Drop for Inside {
    fn drop(&mut self) {
        cs::with(|cs| {
            let table = TABLE.borrow(cs);
            if let Some(place) = self.0.and_then(|at| table.places.get(at)) {
                place.task.set(0);
                table.taken.set(table.taken.get().saturating_sub(1));
            }
        });
    }
}
