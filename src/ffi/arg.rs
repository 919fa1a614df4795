//! Checks and conversions that every section shares: results, strings, buffers, sized structs.

use core::ffi::{c_char, c_void};
use core::mem::{align_of, size_of, MaybeUninit};

use super::str::dunlin_str;
use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::runtime;
use crate::sync::inside;

/// The longest "host:port" that is looked at: a bracketed name and the name of a service.
pub(super) const ADDRESS_MAX: usize = crate::config::MAX_HOST + 32;
/// The longest network name ("tcp6") and the like.
pub(super) const WORD_MAX: usize = 32;
/// The longest path of a unix address that is looked at.
pub(super) const PATH_MAX: usize = 255;
/// The greatest `size` of a struct that is believed.
const SIZE_MAX: u32 = 4096;

/// What every call needs: a library that is up, and a caller that is not a driver's function.
pub(super) fn enter() -> Result<()> {
    if !runtime::is_up() {
        return Err(Error::STATE);
    }
    if inside::driver() {
        return Err(Error::REENTRANT);
    }
    Ok(())
}

/// Runs a call whose success is 0.
pub(super) fn status(call: impl FnOnce() -> Result<()>) -> i32 {
    plain(|| enter().and_then(|()| call()))
}

/// As [`status`], for calls that need no library that is up.
pub(super) fn plain(call: impl FnOnce() -> Result<()>) -> i32 {
    match call() {
        Ok(()) => 0,
        Err(e) => e.code(),
    }
}

/// Runs a call that gives a handle.
pub(super) fn handle(call: impl FnOnce() -> Result<Handle>) -> i32 {
    match enter().and_then(|()| call()) {
        Ok(h) => h.0,
        Err(e) => e.code(),
    }
}

/// Runs a call that gives a number of things.
pub(super) fn number(call: impl FnOnce() -> Result<usize>) -> i32 {
    length(|| enter().and_then(|()| call()))
}

/// As [`number`], for calls that need no library that is up.
pub(super) fn length(call: impl FnOnce() -> Result<usize>) -> i32 {
    match call() {
        Ok(n) => i32::try_from(n).unwrap_or(i32::MAX),
        Err(e) => e.code(),
    }
}

/// Runs a call that gives a number of bytes.
pub(super) fn bytes(call: impl FnOnce() -> Result<usize>) -> isize {
    match enter().and_then(|()| call()) {
        Ok(n) => isize::try_from(n).unwrap_or(isize::MAX),
        Err(e) => e.code() as isize,
    }
}

/// A buffer that is read; NULL with 0 is empty.
///
/// # Safety
/// `ptr` is NULL or points to `len` readable bytes that do not change during the call.
pub(super) unsafe fn input<'a>(ptr: *const c_void, len: usize) -> Result<&'a [u8]> {
    // SAFETY: the caller's promise.
    unsafe { list(ptr.cast::<u8>(), len) }
}

/// A buffer that is written; NULL with 0 is empty.
///
/// # Safety
/// `ptr` is NULL or points to `len` writable bytes that nobody else uses during the call.
pub(super) unsafe fn output<'a>(ptr: *mut c_void, len: usize) -> Result<&'a mut [u8]> {
    // SAFETY: the caller's promise.
    unsafe { list_mut(ptr.cast::<u8>(), len) }
}

fn check_list<T>(ptr: *const T, len: usize) -> Result<()> {
    let fits = len.checked_mul(size_of::<T>()).is_some_and(|n| isize::try_from(n).is_ok());
    if ptr.is_null() || !ptr.is_aligned() || !fits {
        return Err(Error::INVALID);
    }
    Ok(())
}

/// Elements that are read; NULL with 0 is none.
///
/// # Safety
/// `ptr` is NULL or points to `len` elements that do not change during the call.
pub(super) unsafe fn list<'a, T>(ptr: *const T, len: usize) -> Result<&'a [T]> {
    if len == 0 {
        return Ok(&[]);
    }
    check_list(ptr, len)?;
    // SAFETY: not NULL, aligned, of a size that fits; the rest is the caller's promise.
    Ok(unsafe { core::slice::from_raw_parts(ptr, len) })
}

/// Elements that are changed; NULL with 0 is none.
///
/// # Safety
/// `ptr` is NULL or points to `len` elements that nobody else uses during the call.
pub(super) unsafe fn list_mut<'a, T>(ptr: *mut T, len: usize) -> Result<&'a mut [T]> {
    if len == 0 {
        return Ok(&mut []);
    }
    check_list(ptr, len)?;
    // SAFETY: as in `list`.
    Ok(unsafe { core::slice::from_raw_parts_mut(ptr, len) })
}

/// A NUL-terminated string of at most `max` bytes; `INVALID` for NULL, `NAME_TOO_LONG` when no NUL
/// comes.
///
/// # Safety
/// `ptr` is NULL or points to bytes that are readable up to a NUL or for `max + 1` bytes.
pub(super) unsafe fn text<'a>(ptr: *const c_char, max: usize) -> Result<&'a [u8]> {
    if ptr.is_null() {
        return Err(Error::INVALID);
    }
    let start = ptr.cast::<u8>();
    // SAFETY: every byte before this one was not the NUL.
    let ends = |len: usize| unsafe { *start.add(len) } == 0;
    let mut len = 0;
    // Names and values are measured here with every field: four bytes for one look at the limit.
    while max - len >= 4 && !ends(len) {
        match (ends(len + 1), len) {
            (true, _) => len += 1,
            _ if ends(len + 2) => len += 2,
            _ if ends(len + 3) => len += 3,
            _ => len += 4,
        }
    }
    while len <= max {
        if ends(len) {
            // SAFETY: `len` bytes were just read.
            return Ok(unsafe { core::slice::from_raw_parts(start, len) });
        }
        len += 1;
    }
    Err(Error::NAME_TOO_LONG)
}

/// As [`text`], with NULL for none.
///
/// # Safety
/// As [`text`].
pub(super) unsafe fn optional<'a>(ptr: *const c_char, max: usize) -> Result<Option<&'a [u8]>> {
    if ptr.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise.
    unsafe { text(ptr, max) }.map(Some)
}

/// A struct that starts with `uint32_t size`.
///
/// # Safety
/// `repr(C)`, the first field is `size: u32`, and any bytes, zeros too, are a value.
pub(super) unsafe trait Sized: Copy {}

fn check_size<T>(ptr: *const T) -> Result<usize> {
    if ptr.is_null() || !ptr.is_aligned() {
        return Err(Error::INVALID);
    }
    // SAFETY: aligned and not NULL; by its contract it starts with a size.
    let size = unsafe { *ptr.cast::<u32>() };
    // Less than a field beside the size, or a pointer cut in two, is no struct of any version:
    // versions grow by whole units of their alignment.
    if !(8..=SIZE_MAX).contains(&size) || size as usize % align_of::<T>() != 0 {
        return Err(Error::VERSION);
    }
    Ok(size as usize)
}

/// Copies a struct in: what an older caller does not have is zero, what a newer one sets beyond
/// what is known here is `VERSION`.
///
/// # Safety
/// `ptr` is NULL or points to a struct whose `size` is true.
pub(super) unsafe fn take<T: Sized>(ptr: *const T) -> Result<T> {
    let size = check_size(ptr)?;
    let from = ptr.cast::<u8>();
    for at in size_of::<T>()..size {
        // SAFETY: within the size the caller says.
        if unsafe { *from.add(at) } != 0 {
            return Err(Error::VERSION);
        }
    }
    let mut value = MaybeUninit::<T>::zeroed();
    // SAFETY: both are at least that long and do not overlap.
    unsafe { core::ptr::copy_nonoverlapping(from, value.as_mut_ptr().cast(), size.min(size_of::<T>())) };
    // SAFETY: any bytes are a value.
    Ok(unsafe { value.assume_init() })
}

/// As [`take`]; NULL is the struct with every field zero.
///
/// # Safety
/// As [`take`].
pub(super) unsafe fn take_or_default<T: Sized>(ptr: *const T) -> Result<T> {
    if ptr.is_null() {
        // SAFETY: zeros are a value.
        return Ok(unsafe { MaybeUninit::<T>::zeroed().assume_init() });
    }
    // SAFETY: the caller's promise.
    unsafe { take(ptr) }
}

/// Copies a struct out, as much as the caller has room for; what is not known here becomes zero.
/// The caller's `size` stays.
///
/// # Safety
/// `ptr` is NULL or points to a writable struct whose `size` is true.
pub(super) unsafe fn give<T: Sized>(ptr: *mut T, value: &T) -> Result<()> {
    const HEAD: usize = size_of::<u32>();
    let size = check_size(ptr)?;
    let known = size.min(size_of::<T>());
    let (from, to) = (core::ptr::from_ref(value).cast::<u8>(), ptr.cast::<u8>());
    // SAFETY: both have `known` bytes; the room has `size`.
    unsafe {
        core::ptr::copy_nonoverlapping(from.add(HEAD), to.add(HEAD), known - HEAD);
        core::ptr::write_bytes(to.add(known), 0, size - known);
    }
    Ok(())
}

/// A place for one result, checked before the work is done.
///
/// # Safety
/// `ptr` is NULL or points to a place for a `T` that nobody else uses during the call.
pub(super) unsafe fn place<'a, T>(ptr: *mut T) -> Result<&'a mut MaybeUninit<T>> {
    if ptr.is_null() || !ptr.is_aligned() {
        return Err(Error::INVALID);
    }
    // SAFETY: aligned, not NULL; nothing is read from it.
    Ok(unsafe { &mut *ptr.cast::<MaybeUninit<T>>() })
}

/// As [`place`], with NULL for none.
///
/// # Safety
/// As [`place`].
pub(super) unsafe fn place_or_none<'a, T>(ptr: *mut T) -> Result<Option<&'a mut MaybeUninit<T>>> {
    if ptr.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise.
    unsafe { place(ptr) }.map(Some)
}

/// Checks a struct that [`give`] will fill.
pub(super) fn check<T: Sized>(ptr: *mut T) -> Result<()> {
    check_size(ptr).map(drop)
}

/// Stores a field's name and value if there is one; 1 if so, else 0.
///
/// # Safety
/// As [`place`], twice.
pub(super) unsafe fn give_pair(
    name: *mut dunlin_str,
    value: *mut dunlin_str,
    pair: Option<(dunlin_str, dunlin_str)>,
) -> Result<usize> {
    // SAFETY: the caller's promise; nothing is read from the places.
    unsafe {
        let _ = (place(name)?, place(value)?);
        let Some(pair) = pair else { return Ok(0) };
        place(name)?.write(pair.0);
        place(value)?.write(pair.1);
    }
    Ok(1)
}

/// Reads one frozen struct.
///
/// # Safety
/// `ptr` is NULL or points to a `T` of which any bytes are a value.
pub(super) unsafe fn one<T: Copy>(ptr: *const T) -> Result<T> {
    if ptr.is_null() || !ptr.is_aligned() {
        return Err(Error::INVALID);
    }
    // SAFETY: aligned, not NULL, the caller's promise.
    Ok(unsafe { *ptr })
}

/// Writes a text with its NUL into the caller's buffer; its length without the NUL.
///
/// # Safety
/// As [`output`].
pub(super) unsafe fn give_text(
    buf: *mut c_char,
    capacity: usize,
    write: impl FnOnce(&mut [u8]) -> Result<usize>,
) -> Result<usize> {
    // SAFETY: the caller's promise.
    let buf = unsafe { output(buf.cast(), capacity) }?;
    let (end, room) = buf.split_last_mut().ok_or(Error::BUFFER_TOO_SMALL)?;
    *end = 0;
    let len = write(room)?;
    if let Some(nul) = room.get_mut(len) {
        *nul = 0;
    }
    Ok(len)
}

/// Runs a call that gives a view; an error is none.
pub(super) fn view(call: impl FnOnce() -> Result<dunlin_str>) -> dunlin_str {
    enter().and_then(|()| call()).unwrap_or(dunlin_str::NONE)
}
