//! Where a writer's buffer and a reader's buffer meet: the unbuffered channel of Go's `net.Pipe`.
//! The bytes are copied from the one into the other under a lock while both calls are blocked, so
//! neither side needs memory of its own.
#![allow(unsafe_code)]

use crate::config::MAX_PIPES;
use crate::error::{Error, Result};
use crate::sync::lock::Lock;
use crate::sync::park::{self, TaskRef};

/// One direction of a pipe.
#[derive(Clone, Copy)]
struct Half {
    /// The blocked writer's bytes that were not taken yet; NULL when nobody writes.
    from: *const u8,
    from_len: usize,
    /// The blocked writer's bytes were all taken.
    taken: bool,
    /// The blocked reader's buffer; NULL when nobody reads.
    to: *mut u8,
    to_len: usize,
    /// How much the writer put there; meaningful when `to` is NULL again and `given` is set.
    given: Option<usize>,
    writer: TaskRef,
    reader: TaskRef,
    reader_gone: bool,
    writer_gone: bool,
}

const EMPTY: Half = Half {
    from: core::ptr::null(),
    from_len: 0,
    taken: false,
    to: core::ptr::null_mut(),
    to_len: 0,
    given: None,
    writer: TaskRef::NONE,
    reader: TaskRef::NONE,
    reader_gone: false,
    writer_gone: false,
};

struct Halves {
    half: [Half; MAX_PIPES * 2],
    /// Ends open, per pipe; 0 is free.
    open: [u8; MAX_PIPES],
}

// SAFETY: the pointers are those of calls that are blocked for as long as they stand here.
unsafe impl Send for Halves {}

static HALVES: Lock<Halves> = Lock::new(Halves { half: [EMPTY; MAX_PIPES * 2], open: [0; MAX_PIPES] });

/// Makes the lock; `dunlin_init` calls it.
pub(crate) fn init() -> Result<()> {
    HALVES.init()
}

/// Gives the lock back.
pub(crate) fn free() {
    HALVES.free();
}

/// Takes a pipe: its number. Its halves are twice that and the next.
pub(crate) fn open() -> Result<usize> {
    let mut h = HALVES.lock();
    let pipe = h.open.iter().position(|n| *n == 0).ok_or(Error::NO_SLOT)?;
    if let Some(n) = h.open.get_mut(pipe) {
        *n = 2;
    }
    for half in h.half.iter_mut().skip(pipe * 2).take(2) {
        *half = EMPTY;
    }
    Ok(pipe)
}

/// Pipes in use.
pub(crate) fn in_use() -> usize {
    HALVES.lock().open.iter().filter(|n| **n > 0).count()
}

/// One end is gone: reads `read_half` and writes `write_half` no more.
pub(crate) fn close(read_half: usize, write_half: usize) {
    let mut h = HALVES.lock();
    let mut wake = [TaskRef::NONE; 2];
    if let Some(half) = h.half.get_mut(read_half) {
        half.reader_gone = true;
        wake[0] = half.writer;
    }
    if let Some(half) = h.half.get_mut(write_half) {
        half.writer_gone = true;
        wake[1] = half.reader;
    }
    if let Some(n) = h.open.get_mut(read_half / 2) {
        *n = n.saturating_sub(1);
    }
    drop(h);
    for task in wake {
        park::table().wake(task);
    }
    park::table().wake_pollers(false);
}

/// No more is written into the half: its reader finds the end of the stream.
pub(crate) fn end_writing(half: usize) {
    let mut h = HALVES.lock();
    let Some(half) = h.half.get_mut(half) else { return };
    half.writer_gone = true;
    let reader = half.reader;
    drop(h);
    park::table().wake(reader);
    park::table().wake_pollers(false);
}

/// Takes what a blocked writer offers; `WOULD_BLOCK` when nobody writes.
pub(crate) fn try_read(half: usize, buf: &mut [u8]) -> Result<usize> {
    let mut h = HALVES.lock();
    let Some(half) = h.half.get_mut(half) else { return Err(Error::BAD_HANDLE) };
    if half.from.is_null() || half.taken {
        return Err(if half.writer_gone { Error::EOF } else { Error::WOULD_BLOCK });
    }
    let n = half.from_len.min(buf.len());
    // SAFETY: the writer is blocked in `offer_write` and cannot withdraw without the lock; the
    // buffers belong to different calls.
    unsafe { core::ptr::copy_nonoverlapping(half.from, buf.as_mut_ptr(), n) };
    // SAFETY: `n` bytes were left.
    half.from = unsafe { half.from.add(n) };
    half.from_len -= n;
    if half.from_len == 0 {
        half.taken = true;
        let writer = half.writer;
        drop(h);
        park::table().wake(writer);
    }
    Ok(n)
}

/// Gives bytes to a blocked reader; `WOULD_BLOCK` when nobody reads.
pub(crate) fn try_write(half: usize, data: &[u8]) -> Result<usize> {
    let mut h = HALVES.lock();
    let Some(half) = h.half.get_mut(half) else { return Err(Error::BAD_HANDLE) };
    if half.reader_gone || half.writer_gone {
        return Err(Error::CLOSED_PIPE);
    }
    if half.to.is_null() || half.given.is_some() {
        return Err(Error::WOULD_BLOCK);
    }
    let n = half.to_len.min(data.len());
    // SAFETY: the reader is blocked in `offer_read` and cannot withdraw without the lock; the
    // buffers belong to different calls.
    unsafe { core::ptr::copy_nonoverlapping(data.as_ptr(), half.to, n) };
    half.given = Some(n);
    let reader = half.reader;
    drop(h);
    park::table().wake(reader);
    Ok(n)
}

/// What a read (true) or a write (false) of the half would find: something to do at once?
pub(crate) fn is_ready(half: usize, reading: bool) -> bool {
    let h = HALVES.lock();
    let Some(half) = h.half.get(half) else { return true };
    if reading {
        half.writer_gone || (!half.from.is_null() && !half.taken)
    } else {
        half.reader_gone || half.writer_gone || (!half.to.is_null() && half.given.is_none())
    }
}

/// A buffer lent to the other side for as long as the call is blocked.
pub(crate) struct Offer<'a> {
    half: usize,
    reading: bool,
    _buffer: core::marker::PhantomData<&'a mut [u8]>,
}

/// Lends a reader's buffer; tells pollers that a write may go through.
pub(crate) fn offer_read<'a>(half: usize, buf: &'a mut [u8], task: TaskRef) -> Result<Offer<'a>> {
    let mut h = HALVES.lock();
    let Some(h) = h.half.get_mut(half) else { return Err(Error::BAD_HANDLE) };
    (h.to, h.to_len, h.given, h.reader) = (buf.as_mut_ptr(), buf.len(), None, task);
    Ok(Offer { half, reading: true, _buffer: core::marker::PhantomData })
}

/// Lends a writer's bytes; tells pollers that a read may go through.
pub(crate) fn offer_write<'a>(half: usize, data: &'a [u8], task: TaskRef) -> Result<Offer<'a>> {
    let mut h = HALVES.lock();
    let Some(h) = h.half.get_mut(half) else { return Err(Error::BAD_HANDLE) };
    (h.from, h.from_len, h.taken, h.writer) = (data.as_ptr(), data.len(), false, task);
    Ok(Offer { half, reading: false, _buffer: core::marker::PhantomData })
}

impl Offer<'_> {
    /// Takes the buffer back: how much a reader got (`None`: nothing came), or how much of a
    /// writer's bytes was not taken (`None`: all was).
    pub fn withdraw(self) -> Option<usize> {
        let mut h = HALVES.lock();
        let half = h.half.get_mut(self.half)?;
        if self.reading {
            half.to = core::ptr::null_mut();
            half.reader = TaskRef::NONE;
            half.given.take()
        } else {
            let left = half.from_len;
            let taken = half.taken;
            half.from = core::ptr::null();
            half.writer = TaskRef::NONE;
            (!taken).then_some(left)
        }
    }
}
