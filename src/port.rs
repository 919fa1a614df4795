//! The OS contract (`include/dunlin/port.h`): what a port implements in C, and safe wrappers.
//!
//! Under loom the events and mutexes are loom's own, so that waiting and waking can be explored.
#![allow(unsafe_code)]

use core::cell::UnsafeCell;

use crate::error::{Error, Result};
use crate::time::Deadline;

/// Storage of one `struct dunlin_port_event` or `struct dunlin_port_mutex`; zero until its init.
#[repr(C, align(8))]
struct Opaque(UnsafeCell<[usize; 24]>);

// SAFETY: the port's functions are the only users of the storage and synchronise themselves.
unsafe impl Sync for Opaque {}

#[cfg(not(loom))]
mod c {
    extern "C" {
        pub fn dunlin_port_now_ms() -> i64;
        pub fn dunlin_port_wall_time_s() -> i64;
        pub fn dunlin_port_mutex_init(m: *mut usize) -> i32;
        pub fn dunlin_port_mutex_lock(m: *mut usize);
        pub fn dunlin_port_mutex_unlock(m: *mut usize);
        pub fn dunlin_port_mutex_free(m: *mut usize);
        pub fn dunlin_port_event_init(e: *mut usize) -> i32;
        pub fn dunlin_port_event_wait(e: *mut usize, deadline: i64) -> i32;
        pub fn dunlin_port_event_signal(e: *mut usize);
        pub fn dunlin_port_event_free(e: *mut usize);
        pub fn dunlin_port_task_id() -> usize;
        pub fn dunlin_port_random(buf: *mut u8, len: usize) -> i32;
        pub fn dunlin_port_log(level: i32, text: *const u8, len: usize);
    }
}

#[cfg(not(loom))]
pub(crate) fn now_ms() -> i64 {
    // SAFETY: no precondition.
    unsafe { c::dunlin_port_now_ms() }
}

#[cfg(loom)]
pub(crate) fn now_ms() -> i64 {
    1
}

/// Unix seconds, `None` while the wall clock is not set.
#[cfg(not(loom))]
pub(crate) fn wall_time_s() -> Option<u64> {
    // SAFETY: no precondition.
    u64::try_from(unsafe { c::dunlin_port_wall_time_s() }).ok()
}

/// A number that tells the calling task from others.
#[cfg(not(loom))]
pub(crate) fn task_id() -> usize {
    // SAFETY: no precondition.
    unsafe { c::dunlin_port_task_id() }
}

/// Fills the buffer with what nobody can guess; `ENTROPY` when the port has no such source.
#[cfg(not(loom))]
pub(crate) fn random(buf: &mut [u8]) -> Result<()> {
    // SAFETY: the pointer and length are those of `buf`.
    if unsafe { c::dunlin_port_random(buf.as_mut_ptr(), buf.len()) } < 0 {
        return Err(Error::ENTROPY);
    }
    Ok(())
}

/// `DUNLIN_PORT_LOG_ERROR` of port.h.
pub(crate) const LOG_ERROR: i32 = 1;

/// Hands one line to the port's log.
#[cfg(not(loom))]
pub(crate) fn log(level: i32, text: &str) {
    // SAFETY: the pointer and length are those of `text`.
    unsafe { c::dunlin_port_log(level, text.as_ptr(), text.len()) }
}

/// A binary semaphore: one task waits, anybody (interrupts too) signals.
#[cfg(not(loom))]
pub(crate) struct Event(Opaque);

#[cfg(not(loom))]
impl Event {
    pub const fn new() -> Event {
        Event(Opaque(UnsafeCell::new([0; 24])))
    }

    pub fn init(&self) -> Result<()> {
        // SAFETY: storage of the size and alignment that port.h promises, never moved.
        if unsafe { c::dunlin_port_event_init(self.0 .0.get().cast()) } < 0 {
            return Err(Error::NO_MEMORY);
        }
        Ok(())
    }

    /// True when signalled (the signal is consumed), false when the deadline came.
    pub fn wait(&self, deadline: Deadline) -> bool {
        // SAFETY: initialised by `init`; the core lets one task wait.
        unsafe { c::dunlin_port_event_wait(self.0 .0.get().cast(), deadline.0) > 0 }
    }

    pub fn signal(&self) {
        // SAFETY: initialised by `init`.
        unsafe { c::dunlin_port_event_signal(self.0 .0.get().cast()) }
    }

    pub fn free(&self) {
        // SAFETY: initialised by `init`, nobody waits any more.
        unsafe { c::dunlin_port_event_free(self.0 .0.get().cast()) }
    }
}

/// The port's mutex: priority inheritance where the OS has it, never used from interrupts.
#[cfg(not(loom))]
pub(crate) struct RawMutex(Opaque);

#[cfg(not(loom))]
impl RawMutex {
    pub const fn new() -> RawMutex {
        RawMutex(Opaque(UnsafeCell::new([0; 24])))
    }

    pub fn init(&self) -> Result<()> {
        // SAFETY: storage of the size and alignment that port.h promises, never moved.
        if unsafe { c::dunlin_port_mutex_init(self.0 .0.get().cast()) } < 0 {
            return Err(Error::NO_MEMORY);
        }
        Ok(())
    }

    pub fn lock(&self) {
        // SAFETY: initialised by `init`.
        unsafe { c::dunlin_port_mutex_lock(self.0 .0.get().cast()) }
    }

    pub fn unlock(&self) {
        // SAFETY: initialised by `init`, locked by the caller.
        unsafe { c::dunlin_port_mutex_unlock(self.0 .0.get().cast()) }
    }

    pub fn free(&self) {
        // SAFETY: initialised by `init`, nobody holds it any more.
        unsafe { c::dunlin_port_mutex_free(self.0 .0.get().cast()) }
    }
}

#[cfg(loom)]
pub(crate) use model::Event;

#[cfg(loom)]
mod model {
    use super::*;

    /// The same contract on loom's primitives; made anew in every execution.
    pub(crate) struct Event {
        set: loom::sync::Mutex<bool>,
        changed: loom::sync::Condvar,
    }

    impl Event {
        pub fn new() -> Event {
            Event { set: loom::sync::Mutex::new(false), changed: loom::sync::Condvar::new() }
        }

        pub fn wait(&self, _deadline: Deadline) -> bool {
            let mut set = self.set.lock().unwrap();
            while !*set {
                set = self.changed.wait(set).unwrap();
            }
            *set = false;
            true
        }

        pub fn signal(&self) {
            *self.set.lock().unwrap() = true;
            self.changed.notify_one();
        }
    }
}
