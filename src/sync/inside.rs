//! Which tasks are inside a callback: a call that comes back into the library from where it cannot
//! work is refused (`REENTRANT`) instead of waiting for itself.

use portable_atomic::{AtomicU8, AtomicUsize, Ordering::Relaxed};

use crate::config::MAX_TASKS;
use crate::port;

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
    /// 0 is a free place. Only the task that is named here takes its name away.
    task: AtomicUsize,
    callback: AtomicU8,
}

struct Table {
    places: [Place; PLACES],
    /// From here on no place was ever taken.
    end: AtomicUsize,
}

/// Bytes of RAM all of it takes.
pub(crate) const MEMORY: usize = core::mem::size_of::<Table>();

static TABLE: Table = Table {
    places: [const { Place { task: AtomicUsize::new(0), callback: AtomicU8::new(0) } }; PLACES],
    end: AtomicUsize::new(0),
};

/// A callback in progress; over when dropped.
pub struct Inside(Option<&'static Place>);

/// The calling task enters a callback. With every place taken it is not noted: then misuse is not
/// found, and nothing else changes.
pub fn enter(callback: Callback) -> Inside {
    let task = port::task_id();
    // What others wrote to a place does not matter: a task looks for its own name only.
    let take =
        |p: &Place| p.task.load(Relaxed) == 0 && p.task.compare_exchange(0, task, Relaxed, Relaxed).is_ok();
    let taken = TABLE.places.iter().enumerate().find(|(_, p)| take(p));
    Inside(taken.map(|(at, place)| {
        place.callback.store(callback as u8, Relaxed);
        if at >= TABLE.end.load(Relaxed) {
            TABLE.end.fetch_max(at + 1, Relaxed);
        }
        place
    }))
}

/// Says whether the calling task is inside a driver.
pub fn driver() -> bool {
    find(|callback| callback == Callback::Driver as u8)
}

/// Says whether the calling task is inside a callback that is told of links.
pub fn link() -> bool {
    find(|callback| callback == Callback::Link as u8)
}

/// Says whether the calling task is inside any callback.
pub fn any() -> bool {
    find(|_| true)
}

fn find(is: impl Fn(u8) -> bool) -> bool {
    let task = port::task_id();
    let mut used = TABLE.places.iter().take(TABLE.end.load(Relaxed));
    used.any(|p| p.task.load(Relaxed) == task && is(p.callback.load(Relaxed)))
}

impl Drop for Inside {
    fn drop(&mut self) {
        if let Some(place) = self.0 {
            place.task.store(0, Relaxed);
        }
    }
}
