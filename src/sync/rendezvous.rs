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

/// Bytes of RAM all of it takes.
pub(crate) const MEMORY: usize = core::mem::size_of::<Lock<Halves>>();

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
    let (n, writer) = half.take(buf)?;
    drop(h);
    park::table().wake(writer);
    Ok(n)
}

/// Gives bytes to a blocked reader; `WOULD_BLOCK` when nobody reads.
pub(crate) fn try_write(half: usize, data: &[u8]) -> Result<usize> {
    let mut h = HALVES.lock();
    let Some(half) = h.half.get_mut(half) else { return Err(Error::BAD_HANDLE) };
    let (n, reader) = half.give(data)?;
    drop(h);
    park::table().wake(reader);
    Ok(n)
}

impl Half {
    /// How much was taken, and the writer if it is done.
    fn take(&mut self, buf: &mut [u8]) -> Result<(usize, TaskRef)> {
        if self.from.is_null() || self.taken {
            return Err(if self.writer_gone { Error::EOF } else { Error::WOULD_BLOCK });
        }
        let n = self.from_len.min(buf.len());
        // SAFETY: the writer is blocked between its offer and its withdrawal, which needs the lock. Two
        // tasks of C may have given the same buffer.
        unsafe { core::ptr::copy(self.from, buf.as_mut_ptr(), n) };
        // SAFETY: `n` bytes were left.
        self.from = unsafe { self.from.add(n) };
        self.from_len -= n;
        self.taken = self.from_len == 0;
        Ok((n, if self.taken { self.writer } else { TaskRef::NONE }))
    }

    /// How much the reader got, and the reader.
    fn give(&mut self, data: &[u8]) -> Result<(usize, TaskRef)> {
        if self.reader_gone || self.writer_gone {
            return Err(Error::CLOSED_PIPE);
        }
        if self.to.is_null() || self.given.is_some() {
            return Err(Error::WOULD_BLOCK);
        }
        let n = self.to_len.min(data.len());
        // SAFETY: the reader is blocked between its offer and its withdrawal, which needs the lock. Two
        // tasks of C may have given the same buffer.
        unsafe { core::ptr::copy(data.as_ptr(), self.to, n) };
        self.given = Some(n);
        Ok((n, self.reader))
    }
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

/// What a blocking call finds: it went through at once, or its buffer is lent.
pub(crate) enum Met<'a> {
    /// So many bytes passed.
    Done(usize),
    /// Nobody was there; pollers on the other side are told.
    Lent(Offer<'a>),
}

/// Takes what a writer offers, or lends the buffer, in one step.
pub(crate) fn read_or_lend<'a>(half_no: usize, buf: &'a mut [u8], task: TaskRef) -> Result<Met<'a>> {
    let mut h = HALVES.lock();
    let Some(half) = h.half.get_mut(half_no) else { return Err(Error::BAD_HANDLE) };
    match half.take(buf) {
        Ok((n, writer)) => {
            drop(h);
            park::table().wake(writer);
            return Ok(Met::Done(n));
        }
        Err(Error::WOULD_BLOCK) => {}
        Err(e) => return Err(e),
    }
    (half.to, half.to_len, half.given, half.reader) = (buf.as_mut_ptr(), buf.len(), None, task);
    drop(h);
    park::table().wake_pollers(false);
    Ok(Met::Lent(Offer { half: half_no, reading: true, _buffer: core::marker::PhantomData }))
}

/// Gives bytes to a reader, or lends them, in one step.
pub(crate) fn write_or_lend<'a>(half_no: usize, data: &'a [u8], task: TaskRef) -> Result<Met<'a>> {
    let mut h = HALVES.lock();
    let Some(half) = h.half.get_mut(half_no) else { return Err(Error::BAD_HANDLE) };
    match half.give(data) {
        Ok((n, reader)) => {
            drop(h);
            park::table().wake(reader);
            return Ok(Met::Done(n));
        }
        Err(Error::WOULD_BLOCK) => {}
        Err(e) => return Err(e),
    }
    (half.from, half.from_len, half.taken, half.writer) = (data.as_ptr(), data.len(), false, task);
    drop(h);
    park::table().wake_pollers(false);
    Ok(Met::Lent(Offer { half: half_no, reading: false, _buffer: core::marker::PhantomData }))
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
