//! `Pool`: a static array of slots behind generational handles (Go: the `fdMutex` of internal/poll).
//!
//! A call that uses an object holds a [`Guard`], which counts it as in flight. Closing makes the
//! handle stale at once; the slot is finished and freed by whoever is the last one out, so a close
//! from another task never pulls an object from under a call. Freed slots are used again first in
//! first out. The empty pool is all zero, so that it lies in `.bss` and costs no flash: an item is
//! written when its slot is first used.
#![allow(unsafe_code)]

use core::cell::{Cell, UnsafeCell};
use core::mem::MaybeUninit;
use core::ops::Deref;

use crate::error::{Error, Result};
use crate::handle::{Handle, Kind};
use crate::sync::cs::{self, CriticalSection, Mutex};

/// What lives in a pool. It stays in place for ever; `&self` is shared between tasks.
pub trait Slot: Sync + 'static {
    /// The kind bits of its handles.
    const KIND: Kind;
    /// The empty slot.
    const EMPTY: Self;
    /// Called once after close, when no call is in flight: gives up what the object owns and makes
    /// it empty again.
    fn finish(&self);
}

const FREE: u8 = 0;
const OPEN: u8 = 1;
const CLOSING: u8 = 2;
/// Closing, and nobody may even reach it any more.
const SEALED: u8 = 3;

/// Bytes of book-keeping for each slot.
pub const META: usize = size_of::<Mutex<Meta>>();

/// Book-keeping of one slot. `next` is the index of the next free slot plus one.
struct Meta {
    generation: Cell<u16>,
    in_flight: Cell<u16>,
    next: Cell<u16>,
    state: Cell<u8>,
}

/// The free list: indices plus one, 0 is none; slots from `fresh` on were never used.
struct List {
    head: Cell<u16>,
    tail: Cell<u16>,
    fresh: Cell<u16>,
    used: Cell<u16>,
}

/// `N` slots of `T`.
pub struct Pool<T: Slot, const N: usize> {
    list: Mutex<List>,
    meta: [Mutex<Meta>; N],
    items: [Place<T>; N],
}

/// Where an item is, once its slot was used.
struct Place<T>(UnsafeCell<MaybeUninit<T>>);

// SAFETY: written once, in the critical section in which its slot leaves the fresh ones, before
// which nobody reads it; shared from then on.
unsafe impl<T: Sync> Sync for Place<T> {}

impl<T> Place<T> {
    /// The item.
    ///
    /// # Safety
    /// The slot was claimed before.
    unsafe fn item(&self) -> &T {
        // SAFETY: the first claim wrote it, and nobody writes it again.
        unsafe { (*self.0.get()).assume_init_ref() }
    }
}

/// One call in flight on an object; dereferences to it.
pub struct Guard<T: Slot, const N: usize> {
    pool: &'static Pool<T, N>,
    item: &'static T,
    meta: &'static Mutex<Meta>,
    index: u16,
    generation: u16,
}

impl<T: Slot, const N: usize> Default for Pool<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Slot, const N: usize> Pool<T, N> {
    /// The empty pool.
    pub const fn new() -> Self {
        assert!(N <= crate::handle::MAX_INDEX);
        Pool {
            list: Mutex::new(List {
                head: Cell::new(0),
                tail: Cell::new(0),
                fresh: Cell::new(0),
                used: Cell::new(0),
            }),
            meta: [const {
                Mutex::new(Meta {
                    generation: Cell::new(0),
                    in_flight: Cell::new(0),
                    next: Cell::new(0),
                    state: Cell::new(FREE),
                })
            }; N],
            items: [const { Place(UnsafeCell::new(MaybeUninit::uninit())) }; N],
        }
    }

    /// Takes a free slot, open and with one call in flight; `NO_SLOT` when all are taken.
    pub fn claim(&'static self) -> Result<Guard<T, N>> {
        cs::with(|cs| self.claim_in(cs))
    }

    /// As [`Pool::claim`], with no call in flight; `f` makes the object.
    pub fn claim_idle(&'static self, f: impl FnOnce(&T, CriticalSection<'_>)) -> Result<Handle> {
        cs::with(|cs| {
            let guard = self.claim_in(cs)?;
            f(guard.item, cs);
            guard.meta.borrow(cs).in_flight.set(0);
            let handle = guard.handle();
            core::mem::forget(guard);
            Ok(handle)
        })
    }

    fn claim_in(&'static self, cs: CriticalSection<'_>) -> Result<Guard<T, N>> {
        let list = self.list.borrow(cs);
        // Slots that were never used first: the longer a slot rests, the longer a stale handle
        // to it stays stale.
        let fresh = list.fresh.get();
        let index = if let Some(place) = self.items.get(usize::from(fresh)) {
            // SAFETY: nobody looks at a fresh slot; once per slot, so its length does not matter.
            unsafe { (*place.0.get()).write(T::EMPTY) };
            list.fresh.set(fresh + 1);
            fresh
        } else {
            let index = list.head.get().checked_sub(1).ok_or(Error::NO_SLOT)?;
            let next = self.meta.get(usize::from(index)).map_or(0, |m| m.borrow(cs).next.get());
            list.head.set(next);
            if next == 0 {
                list.tail.set(0);
            }
            index
        };
        let (Some(meta), Some(place)) =
            (self.meta.get(usize::from(index)), self.items.get(usize::from(index)))
        else {
            return Err(Error::NO_SLOT);
        };
        // SAFETY: claimed now or before.
        let item = unsafe { place.item() };
        let m = meta.borrow(cs);
        m.generation.set(if m.generation.get() == u16::MAX { 1 } else { m.generation.get() + 1 });
        m.state.set(OPEN);
        m.in_flight.set(1);
        list.used.set(list.used.get() + 1);
        Ok(Guard { pool: self, item, meta, index, generation: m.generation.get() })
    }

    fn open(
        &'static self,
        handle: Handle,
        cs: CriticalSection<'_>,
    ) -> Result<(&'static T, &'static Mutex<Meta>)> {
        if handle.kind() != T::KIND as u8 {
            return Err(Error::BAD_HANDLE);
        }
        let index = usize::from(handle.index());
        let (Some(meta), Some(place)) = (self.meta.get(index), self.items.get(index)) else {
            return Err(Error::BAD_HANDLE);
        };
        let m = meta.borrow(cs);
        if m.state.get() != OPEN || m.generation.get() != handle.generation() {
            return Err(Error::BAD_HANDLE);
        }
        // SAFETY: an open slot was claimed.
        Ok((unsafe { place.item() }, meta))
    }

    /// Runs `f` with an open object, which stays open meanwhile, as nobody else runs: for a look that
    /// ends with the critical section.
    pub fn peek<R>(
        &'static self,
        handle: Handle,
        cs: CriticalSection<'_>,
        f: impl FnOnce(&T) -> R,
    ) -> Result<R> {
        Ok(f(self.open(handle, cs)?.0))
    }

    /// As [`Pool::enter`], inside a critical section.
    pub fn enter_in(&'static self, handle: Handle, cs: CriticalSection<'_>) -> Result<Guard<T, N>> {
        let (item, meta) = self.open(handle, cs)?;
        let m = meta.borrow(cs);
        m.in_flight.set(m.in_flight.get().checked_add(1).ok_or(Error::BUSY)?);
        Ok(Guard { pool: self, item, meta, index: handle.index(), generation: handle.generation() })
    }

    /// Counts a call in on an open object; `BAD_HANDLE` for anything else.
    pub fn enter(&'static self, handle: Handle) -> Result<Guard<T, N>> {
        cs::with(|cs| self.enter_in(handle, cs))
    }

    /// As [`Pool::enter`], and also into an object that is closing but that a call is still in: for who
    /// ends those calls, or takes back what the object owns.
    pub fn reach(&'static self, handle: Handle) -> Result<Guard<T, N>> {
        cs::with(|cs| {
            if let Ok(guard) = self.enter_in(handle, cs) {
                return Ok(guard);
            }
            let index = usize::from(handle.index());
            let (Some(meta), Some(place)) = (self.meta.get(index), self.items.get(index)) else {
                return Err(Error::BAD_HANDLE);
            };
            let m = meta.borrow(cs);
            let same = handle.kind() == T::KIND as u8 && m.generation.get() == handle.generation();
            // With nobody inside it is being finished already.
            if !same || m.state.get() != CLOSING || m.in_flight.get() == 0 {
                return Err(Error::BAD_HANDLE);
            }
            m.in_flight.set(m.in_flight.get().checked_add(1).ok_or(Error::BUSY)?);
            // SAFETY: a closing slot was claimed.
            let item = unsafe { place.item() };
            Ok(Guard { pool: self, item, meta, index: handle.index(), generation: handle.generation() })
        })
    }

    /// Makes the handle stale. The caller wakes who is blocked and drops the guard; the last one
    /// out finishes the object. A second close is `BAD_HANDLE`.
    pub fn close(&'static self, handle: Handle) -> Result<Guard<T, N>> {
        cs::with(|cs| {
            let guard = self.enter_in(handle, cs)?;
            guard.meta.borrow(cs).state.set(CLOSING);
            Ok(guard)
        })
    }

    /// As [`Pool::close`], of an object with nothing to finish or to wake: with nobody inside it is free
    /// at once.
    pub fn discard(&'static self, handle: Handle) -> Result<()> {
        cs::with(|cs| {
            let m = self.open(handle, cs)?.1.borrow(cs);
            m.state.set(CLOSING);
            if m.in_flight.get() == 0 {
                self.release(handle.index(), cs);
            }
            Ok(())
        })
    }

    /// Calls `f` with each open object, one after another, each held in flight meanwhile.
    pub fn each(&'static self, mut f: impl FnMut(&Guard<T, N>)) {
        let fresh = cs::with(|cs| self.list.borrow(cs).fresh.get());
        for index in 0..fresh {
            let guard = cs::with(|cs| {
                let meta = self.meta.get(usize::from(index))?.borrow(cs);
                if meta.state.get() != OPEN {
                    return None;
                }
                self.enter_in(Handle::new(T::KIND as u8, meta.generation.get(), index), cs).ok()
            });
            if let Some(guard) = guard {
                f(&guard);
            }
        }
    }

    /// Calls `f` with each item that was ever used, in whatever state it is: it may be empty, or be
    /// finished by another task meanwhile.
    pub fn each_item(&'static self, f: impl FnMut(&'static T)) {
        let fresh = cs::with(|cs| self.list.borrow(cs).fresh.get());
        // SAFETY: slots before `fresh` were claimed.
        self.items.iter().take(usize::from(fresh)).map(|p| unsafe { p.item() }).for_each(f);
    }

    /// How many slots are taken, closing ones included.
    pub fn in_use(&self) -> usize {
        cs::with(|cs| usize::from(self.list.borrow(cs).used.get()))
    }

    fn release(&self, index: u16, cs: CriticalSection<'_>) {
        let list = self.list.borrow(cs);
        if let Some(meta) = self.meta.get(usize::from(index)) {
            let m = meta.borrow(cs);
            m.state.set(FREE);
            m.next.set(0);
        }
        match list.tail.get().checked_sub(1).and_then(|t| self.meta.get(usize::from(t))) {
            Some(tail) => tail.borrow(cs).next.set(index + 1),
            None => list.head.set(index + 1),
        }
        list.tail.set(index + 1);
        list.used.set(list.used.get().saturating_sub(1));
    }
}

impl<T: Slot, const N: usize> Guard<T, N> {
    /// The object's handle.
    pub fn handle(&self) -> Handle {
        // The slot cannot change hands while this call is in flight.
        Handle::new(T::KIND as u8, self.generation, self.index)
    }

    /// Closes the object from a guard; false when it was closing already.
    pub fn close(&self) -> bool {
        cs::with(|cs| {
            let m = self.meta.borrow(cs);
            let open = m.state.get() == OPEN;
            if open {
                m.state.set(CLOSING);
            }
            open
        })
    }

    /// Says whether the object is open: its handle is good.
    pub fn is_open(&self) -> bool {
        cs::with(|cs| self.meta.borrow(cs).state.get() == OPEN)
    }

    /// Takes a close back, by who closed it and still holds it.
    pub fn reopen(&self) {
        cs::with(|cs| {
            let m = self.meta.borrow(cs);
            if m.state.get() == CLOSING {
                m.state.set(OPEN);
            }
        });
    }

    /// Ends [`Pool::reach`] too, if this is the only call in flight on a closing object; false
    /// otherwise.
    pub fn seal(&self) -> bool {
        cs::with(|cs| {
            let m = self.meta.borrow(cs);
            let alone = m.state.get() == CLOSING && m.in_flight.get() == 1;
            if alone {
                m.state.set(SEALED);
            }
            alone
        })
    }

    /// The place in the pool, for tables beside it.
    pub fn index(&self) -> u16 {
        self.index
    }

    /// How many calls are in flight, this guard included.
    pub fn in_flight(&self) -> u16 {
        cs::with(|cs| self.meta.borrow(cs).in_flight.get())
    }

    /// The object itself, for as long as the program runs: it may be finished meanwhile, so only
    /// what is true of an empty slot may be assumed of it.
    pub fn item(&self) -> &'static T {
        self.item
    }
}

impl<T: Slot, const N: usize> Deref for Guard<T, N> {
    type Target = T;
    fn deref(&self) -> &T {
        self.item
    }
}

impl<T: Slot, const N: usize> Drop for Guard<T, N> {
    fn drop(&mut self) {
        let last = cs::with(|cs| {
            let m = self.meta.borrow(cs);
            let left = m.in_flight.get().saturating_sub(1);
            m.in_flight.set(left);
            left == 0 && m.state.get() >= CLOSING
        });
        if last {
            // Nobody can enter a closing slot, so this is the only call until `release`.
            self.item.finish();
            cs::with(|cs| self.pool.release(self.index, cs));
        }
    }
}
