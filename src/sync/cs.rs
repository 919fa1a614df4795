//! Critical sections: interrupts off (or the kernel's lock) for a bounded handful of instructions.
//! Nothing inside may call the port, a driver, or copy more than a few words.
#![allow(unsafe_code)]

pub use critical_section::{CriticalSection, Mutex};

/// Runs `f` with interrupts off.
#[cfg(not(loom))]
#[inline]
pub fn with<R>(f: impl FnOnce(CriticalSection<'_>) -> R) -> R {
    critical_section::with(f)
}

/// Runs `f` as loom's threads see a critical section: a process-wide lock.
#[cfg(loom)]
pub fn with<R>(f: impl FnOnce(CriticalSection<'_>) -> R) -> R {
    loom::lazy_static! {
        static ref LOCK: loom::sync::Mutex<()> = loom::sync::Mutex::new(());
    }
    let _guard = LOCK.lock().unwrap();
    // SAFETY: the lock above is the only way to a token under loom.
    f(unsafe { CriticalSection::new() })
}
