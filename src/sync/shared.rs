//! `Shared<T>`: data that any number of tasks read or one task changes; who comes at the wrong time
//! is told `BUSY` instead of waiting.
#![allow(unsafe_code)]

use core::cell::{Cell, UnsafeCell};
use core::ops::{Deref, DerefMut};

use crate::error::{Error, Result};
use crate::sync::cs::{self, Mutex};

const CHANGING: u16 = u16::MAX;

/// A value with a count of its readers. Holding it may last as long as a call blocks.
pub struct Shared<T> {
    /// Readers, or [`CHANGING`].
    users: Mutex<Cell<u16>>,
    value: UnsafeCell<T>,
}

// SAFETY: the count lets many tasks read, or one change; readers of several tasks share `&T`.
unsafe impl<T: Send + Sync> Sync for Shared<T> {}

/// The right to read until dropped.
pub struct Reading<'a, T> {
    of: &'a Shared<T>,
}

/// The right to change until dropped.
pub struct Changing<'a, T> {
    of: &'a Shared<T>,
}

impl<T> Shared<T> {
    /// Nobody uses the value.
    pub const fn new(value: T) -> Shared<T> {
        Shared { users: Mutex::new(Cell::new(0)), value: UnsafeCell::new(value) }
    }

    /// Reads beside other readers; `BUSY` while somebody changes the value.
    pub fn read(&self) -> Result<Reading<'_, T>> {
        cs::with(|cs| {
            let users = self.users.borrow(cs);
            if users.get() >= CHANGING - 1 {
                return Err(Error::BUSY);
            }
            users.set(users.get() + 1);
            Ok(Reading { of: self })
        })
    }

    /// Changes the value alone; `BUSY` while anybody uses it.
    pub fn change(&self) -> Result<Changing<'_, T>> {
        cs::with(|cs| {
            let users = self.users.borrow(cs);
            if users.get() != 0 {
                return Err(Error::BUSY);
            }
            users.set(CHANGING);
            Ok(Changing { of: self })
        })
    }
}

impl<T> Deref for Reading<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: counted as a reader: nobody changes the value.
        unsafe { &*self.of.value.get() }
    }
}

impl<T> Drop for Reading<'_, T> {
    fn drop(&mut self) {
        cs::with(|cs| {
            let users = self.of.users.borrow(cs);
            users.set(users.get().saturating_sub(1));
        });
    }
}

impl<T> Deref for Changing<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: this is the only user.
        unsafe { &*self.of.value.get() }
    }
}

impl<T> DerefMut for Changing<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: this is the only user.
        unsafe { &mut *self.of.value.get() }
    }
}

impl<T> Drop for Changing<'_, T> {
    fn drop(&mut self) {
        cs::with(|cs| self.of.users.borrow(cs).set(0));
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn many_read_or_one_changes() {
        let shared = Shared::new(1);
        let (a, b) = (shared.read().unwrap(), shared.read().unwrap());
        assert_eq!((*a, *b), (1, 1));
        assert_eq!(shared.change().err(), Some(Error::BUSY));
        drop((a, b));
        let mut one = shared.change().unwrap();
        *one = 2;
        assert_eq!(shared.read().err(), Some(Error::BUSY));
        assert_eq!(shared.change().err(), Some(Error::BUSY));
        drop(one);
        assert_eq!(*shared.read().unwrap(), 2);
    }
}
