//! `Hook<T>`: the functions of a part of the library that a program may do without. The part brings them
//! itself when it is first used; a program that never uses it does not carry its code.

use core::cell::Cell;
use core::hint::black_box;

use crate::sync::cs::{self, CriticalSection, Mutex};

/// Functions that are there once their part was used.
pub(crate) struct Hook<T: 'static>(Mutex<Cell<Option<&'static T>>>);

impl<T: Sync> Hook<T> {
    /// Nobody's yet.
    pub(crate) const fn new() -> Hook<T> {
        Hook(Mutex::new(Cell::new(None)))
    }

    /// Brings the functions; once is enough.
    pub(crate) fn set(&self, functions: &'static T) {
        // The optimiser sees the whole library: if it knew the only value there is, it would call the
        // functions directly, and every program would carry them again.
        let functions = black_box(functions);
        cs::with(|cs| self.0.borrow(cs).set(Some(functions)));
    }

    /// The functions, once they were brought.
    pub(crate) fn get(&self) -> Option<&'static T> {
        cs::with(|cs| self.get_in(cs))
    }

    /// The same inside a critical section.
    pub(crate) fn get_in(&self, cs: CriticalSection<'_>) -> Option<&'static T> {
        self.0.borrow(cs).get()
    }

    /// Takes them away again.
    pub(crate) fn clear(&self) {
        cs::with(|cs| self.0.borrow(cs).set(None));
    }
}
