//! `Lock<T>`: data behind the port's mutex, for work too long for a critical section.
#![allow(unsafe_code)]

use core::cell::UnsafeCell;
use core::ops::{Deref, DerefMut};

use crate::error::Result;
use crate::port::RawMutex;

/// A value that one task at a time may use. Lives in a static; `init` comes before the first
/// `lock` (`dunlin_init` does it).
pub struct Lock<T> {
    raw: RawMutex,
    value: UnsafeCell<T>,
}

// SAFETY: the mutex hands the value to one task at a time.
unsafe impl<T: Send> Sync for Lock<T> {}

/// Exclusive use of the value until dropped.
pub struct LockGuard<'a, T> {
    lock: &'a Lock<T>,
}

impl<T> Lock<T> {
    /// A lock around `value`.
    pub const fn new(value: T) -> Lock<T> {
        Lock { raw: RawMutex::new(), value: UnsafeCell::new(value) }
    }

    /// Makes the port's mutex.
    pub fn init(&self) -> Result<()> {
        self.raw.init()
    }

    /// Gives the port's mutex back.
    pub fn free(&self) {
        self.raw.free();
    }

    /// Waits for the mutex; holders never wait for the network, so this is short.
    pub fn lock(&self) -> LockGuard<'_, T> {
        self.raw.lock();
        LockGuard { lock: self }
    }
}

impl<T> Deref for LockGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the guard holds the mutex.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T> DerefMut for LockGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the guard holds the mutex.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T> Drop for LockGuard<'_, T> {
    fn drop(&mut self) {
        self.lock.raw.unlock();
    }
}
