//! The arena: all bulk memory comes from the one block the application gives to `dunlin_init`,
//! through a bounded-time allocator (TLSF, crate rlsf). HTTP takes memory when a server or client
//! is made, never while serving.
#![allow(unsafe_code)]

use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;

use crate::error::{Error, Result};
use crate::sync::lock::Lock;

/// 16 first-level lists: blocks up to 1 MiB on 32-bit targets; 8 second-level ones bound the waste
/// to an eighth.
type Tlsf = rlsf::Tlsf<'static, u16, u8, 16, 8>;

struct State {
    tlsf: Tlsf,
    stats: Stats,
}

// SAFETY: the pointers inside belong to the arena block, which only the holder of the lock uses.
unsafe impl Send for State {}

/// Counters of the arena, in bytes of payload.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Stats {
    /// The block the application gave.
    pub total: usize,
    /// Taken now.
    pub used: usize,
    /// The most that was ever taken at once.
    pub peak: usize,
    /// Pieces taken now.
    pub pieces: usize,
}

const NO_STATS: Stats = Stats { total: 0, used: 0, peak: 0, pieces: 0 };

/// Bytes of RAM all of it takes.
pub(crate) const MEMORY: usize = core::mem::size_of::<Lock<State>>();

static ARENA: Lock<State> = Lock::new(State { tlsf: Tlsf::new(), stats: NO_STATS });

/// Makes the arena of a block.
///
/// # Safety
/// `memory` points to `len` bytes that nobody else uses until [`free`].
pub(crate) unsafe fn init(memory: *mut u8, len: usize) -> Result<()> {
    ARENA.init()?;
    let mut state = ARENA.lock();
    state.tlsf = Tlsf::new();
    state.stats = Stats { total: len, ..NO_STATS };
    if let Some(start) = NonNull::new(memory).filter(|_| len > 0) {
        let block = NonNull::slice_from_raw_parts(start, len);
        // SAFETY: the caller owns the block and leaves it alone until `free`.
        if unsafe { state.tlsf.insert_free_block_ptr(block) }.is_none() {
            drop(state);
            ARENA.free();
            return Err(Error::NO_MEMORY);
        }
    }
    Ok(())
}

/// Forgets the block; every [`Buf`] must have been dropped.
pub(crate) fn free() {
    ARENA.lock().tlsf = Tlsf::new();
    ARENA.free();
}

/// The counters now.
pub(crate) fn stats() -> Stats {
    ARENA.lock().stats
}

/// Elements from the arena, given back when dropped.
pub(crate) struct Buf<T: 'static> {
    start: NonNull<T>,
    len: usize,
}

// SAFETY: a `Buf` owns its elements like a boxed slice.
unsafe impl<T: Send> Send for Buf<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Buf<T> {}

impl<T> Buf<T> {
    /// `len` elements made by `init`; `NO_MEMORY` when the arena cannot give them.
    pub fn new(len: usize, mut init: impl FnMut(usize) -> T) -> Result<Buf<T>> {
        let layout = Layout::array::<T>(len).map_err(|_| Error::NO_MEMORY)?;
        if layout.size() == 0 {
            return Ok(Buf { start: NonNull::dangling(), len: 0 });
        }
        let start: NonNull<T> = {
            let mut state = ARENA.lock();
            let piece = state.tlsf.allocate(layout).ok_or(Error::NO_MEMORY)?;
            let stats = &mut state.stats;
            stats.used += layout.size();
            stats.peak = stats.peak.max(stats.used);
            stats.pieces += 1;
            piece.cast()
        };
        // SAFETY: the piece holds `len` elements and is ours alone.
        let slots = unsafe { core::slice::from_raw_parts_mut(start.as_ptr().cast::<MaybeUninit<T>>(), len) };
        for (i, slot) in slots.iter_mut().enumerate() {
            slot.write(init(i));
        }
        Ok(Buf { start, len })
    }
}

impl<T> Deref for Buf<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        // SAFETY: `new` initialised `len` elements; shared access follows the borrow.
        unsafe { core::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl<T> DerefMut for Buf<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as in `deref`, and the borrow is exclusive.
        unsafe { core::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl<T> Drop for Buf<T> {
    fn drop(&mut self) {
        if self.len == 0 {
            return;
        }
        // SAFETY: the elements are initialised and dropped once.
        unsafe {
            core::ptr::drop_in_place(core::ptr::slice_from_raw_parts_mut(self.start.as_ptr(), self.len))
        };
        let mut state = ARENA.lock();
        // SAFETY: allocated by this allocator with this alignment.
        unsafe { state.tlsf.deallocate(self.start.cast(), core::mem::align_of::<T>()) };
        state.stats.used -= self.len * core::mem::size_of::<T>();
        state.stats.pieces -= 1;
    }
}
