//! Header section "HTTP multipart bodies".

use core::ffi::{c_char, c_void};

use super::arg;
use super::http::FIELD_MAX;
use super::init::dunlin_ssize_t;
use super::str::dunlin_str;
use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::http::multipart::{self, Limits};
use crate::http::multipart_reader::{Reader, WORDS};
use crate::http::server::{dunlin_http_exchange_t, Exchange};
use crate::http::Fields;
use crate::text::Text;

/// A multipart body that is read part by part (Go: `multipart.Reader`). Set up with
/// `DUNLIN_HTTP_MULTIPART_INIT`, then set `window`; the rest is the library's between
/// `dunlin_http_multipart_begin` and the end of the exchange. There is nothing to close.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_http_multipart {
    /// `sizeof(struct dunlin_http_multipart)`.
    pub size: u32,
    /// The exchange whose body it is.
    pub exchange: dunlin_http_exchange_t,
    /// Memory of the application's that holds what was read and not yet used: the fields of a part
    /// must fit, its data need not. At least twice the boundary and 64 bytes; 512 for usual forms.
    pub window: *mut c_void,
    /// Bytes of `window`.
    pub window_len: usize,
    /// The most parts: 0 is 1000, Go's, which is also the greatest.
    pub max_parts: u32,
    /// The most fields of a part, and of all parts with file names together: 0 is 10,000, Go's, which
    /// is also the greatest.
    pub max_fields: u32,
    /// The library's.
    pub state: [u32; 20],
}
const _: () = assert!(WORDS <= 20);

// SAFETY: repr(C), begins with its size, has only numbers and pointers.
unsafe impl arg::Sized for dunlin_http_multipart {}

impl dunlin_http_multipart {
    fn exchange(&self) -> Exchange {
        Exchange::of(Handle(self.exchange))
    }

    /// # Safety
    /// `window` is as its comment says.
    unsafe fn window<'a>(&self) -> Result<&'a mut [u8]> {
        // SAFETY: the caller's promise.
        unsafe { arg::output(self.window, self.window_len) }
    }

    fn reader(&self) -> Result<Reader> {
        Reader::from_words(self.state.first_chunk::<WORDS>().ok_or(Error::STATE)?)
    }

    fn keep(&mut self, reader: &Reader) {
        self.state.iter_mut().zip(reader.to_words()).for_each(|(to, word)| *to = word);
    }
}

/// Runs `f` on the reader of a struct and keeps what becomes of it.
///
/// # Safety
/// `m` is NULL or points to a struct that nobody else uses during the call.
unsafe fn with<R>(
    m: *mut dunlin_http_multipart,
    f: impl FnOnce(&mut Reader, &mut [u8], Exchange) -> Result<R>,
) -> Result<R> {
    // SAFETY: the caller's promise.
    unsafe {
        let mut own = arg::take(m)?;
        let window = own.window()?;
        let mut reader = own.reader()?;
        let done = f(&mut reader, window, own.exchange());
        own.keep(&reader);
        arg::give(m, &own)?;
        done
    }
}

/// dunlin_http_multipart_begin begins to read the parts of a request's body, of the type
/// multipart/form-data or multipart/mixed (Go: `Request.MultipartReader`).
///
/// Returns 0; `DUNLIN_ERR_HTTP_NOT_MULTIPART`, `DUNLIN_ERR_HTTP_MISSING_BOUNDARY`,
/// `DUNLIN_ERR_BUFFER_TOO_SMALL` (the window), `DUNLIN_ERR_INVALID` (NULL, or limits past the
/// greatest), `DUNLIN_ERR_VERSION`, `DUNLIN_ERR_STATE` (detached), `DUNLIN_ERR_BAD_HANDLE`. Does not
/// block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_multipart_begin(
    x: dunlin_http_exchange_t,
    m: *mut dunlin_http_multipart,
) -> i32 {
    arg::status(|| {
        // SAFETY: a struct by the caller's word.
        let mut own = unsafe { arg::take(m) }?;
        let or = |n: u32, greatest: u32| match n {
            0 => Ok(greatest),
            n if n > greatest => Err(Error::INVALID),
            n => Ok(n),
        };
        let parts = or(own.max_parts, Limits::GO.parts)?;
        let limits = Limits { parts, fields: or(own.max_fields, Limits::GO.fields)? };
        own.exchange = x;
        // SAFETY: a window by the caller's word.
        let reader = own.exchange().multipart(limits, unsafe { own.window() }?)?;
        own.keep(&reader);
        // SAFETY: as above.
        unsafe { arg::give(m, &own) }
    })
}

/// dunlin_http_multipart_next goes to the next part, past what was not read of this one (Go:
/// `Reader.NextPart`).
///
/// Returns 1, or 0 behind the last part. Errors stay: `DUNLIN_ERR_HTTP_MALFORMED_MULTIPART`,
/// `DUNLIN_ERR_HTTP_MALFORMED_HEADER`, `DUNLIN_ERR_HTTP_HEADER_TOO_LARGE` (fields that do not fit the
/// window, or too many), `DUNLIN_ERR_HTTP_LINE_TOO_LONG` (4096 bytes before the first part),
/// `DUNLIN_ERR_HTTP_BODY_TOO_LARGE` (too many parts), `DUNLIN_ERR_UNEXPECTED_EOF`,
/// `DUNLIN_ERR_STATE` (not begun), `DUNLIN_ERR_INVALID`, and as `dunlin_http_read`. Blocks as that
/// does.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_multipart_next(m: *mut dunlin_http_multipart) -> i32 {
    arg::number(|| {
        // SAFETY: a struct by the caller's word.
        let more = unsafe { with(m, |r, window, x| r.next_part(window, &mut |buf| x.read(buf))) }?;
        Ok(usize::from(more))
    })
}

/// dunlin_http_multipart_read reads 1 to `len` bytes of the part's data; quoted-printable data is
/// decoded (Go: `Part.Read`).
///
/// Returns how many; 0 is the part's end and nothing else. Errors as `dunlin_http_multipart_next`;
/// `DUNLIN_ERR_BUFFER_TOO_SMALL` for blanks of quoted-printable that do not fit the window. Blocks as
/// `dunlin_http_read`.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_multipart_read(
    m: *mut dunlin_http_multipart,
    buf: *mut c_void,
    len: usize,
) -> dunlin_ssize_t {
    arg::bytes(|| {
        // SAFETY: a struct and a buffer by the caller's word.
        unsafe {
            let out = arg::output(buf, len)?;
            with(m, |r, window, x| r.read(window, out, &mut |buf| x.read(buf)))
        }
    })
}

/// Asks the fields of the part.
///
/// # Safety
/// As [`with`].
unsafe fn ask<R>(
    m: *const dunlin_http_multipart,
    f: impl FnOnce(&Reader, Fields<'_>) -> Result<R>,
) -> Result<R> {
    // SAFETY: the caller's promise.
    unsafe {
        let own = arg::take(m)?;
        let window = own.window()?;
        let reader = own.reader()?;
        f(&reader, reader.fields(window)?)
    }
}

unsafe fn give(
    m: *const dunlin_http_multipart,
    buf: *mut c_char,
    capacity: usize,
    write: fn(&Fields<'_>, &mut Text<'_>) -> Result<()>,
) -> i32 {
    arg::number(|| {
        // SAFETY: a struct and a buffer by the caller's word.
        unsafe {
            arg::give_text(buf, capacity, |room| {
                let mut out = Text::new(room);
                ask(m, |_, fields| write(&fields, &mut out))?;
                Ok(out.len())
            })
        }
    })
}

/// dunlin_http_multipart_name writes the name of the part's form field, and ends it with a NUL (Go:
/// `Part.FormName`). Before the part's data is read.
///
/// Returns the length without the NUL, 0 for a part without a name; `DUNLIN_ERR_BUFFER_TOO_SMALL`,
/// `DUNLIN_ERR_STATE` (no part, or its data was read), `DUNLIN_ERR_INVALID`. Does not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_multipart_name(
    m: *const dunlin_http_multipart,
    buf: *mut c_char,
    capacity: usize,
) -> i32 {
    // SAFETY: a struct and a buffer by the caller's word.
    unsafe { give(m, buf, capacity, multipart::write_name) }
}

/// dunlin_http_multipart_file_name writes the part's file name without the folders before it (up to
/// the last "/"), and ends it with a NUL (Go: `Part.FileName`). Before the part's data is read.
///
/// Returns as `dunlin_http_multipart_name`, 0 for a part that is no file. A name may still be "." or
/// ".." or have bytes that a file system takes for more. Does not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_multipart_file_name(
    m: *const dunlin_http_multipart,
    buf: *mut c_char,
    capacity: usize,
) -> i32 {
    // SAFETY: a struct and a buffer by the caller's word.
    unsafe { give(m, buf, capacity, multipart::write_file_name) }
}

/// dunlin_http_multipart_header tells the first value of a field of the part, its name in any case
/// of letters (Go: `Part.Header.Get`). The view lives until the part's data is read or the next part
/// comes. `ptr` is NULL when there is none, then, and for NULL. Does not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_multipart_header(
    m: *const dunlin_http_multipart,
    name: *const c_char,
) -> dunlin_str {
    // SAFETY: a struct and a string by the caller's word.
    arg::view(|| unsafe {
        let name = arg::text(name, FIELD_MAX)?;
        ask(m, |reader, fields| {
            let value = fields.get(name).filter(|_| !reader.hides(name));
            Ok(value.map_or(dunlin_str::NONE, dunlin_str::of))
        })
    })
}

/// dunlin_http_multipart_header_at tells the field of a number, from 0, of the part (Go:
/// `Part.Header`); the views live as that of `dunlin_http_multipart_header`.
///
/// Returns 1, or 0 behind the last field; `DUNLIN_ERR_STATE` (no part, or its data was read),
/// `DUNLIN_ERR_INVALID`. Does not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_http_multipart_header_at(
    m: *const dunlin_http_multipart,
    number: u32,
    name: *mut dunlin_str,
    value: *mut dunlin_str,
) -> i32 {
    // SAFETY: a struct and places by the caller's word.
    arg::number(|| unsafe {
        let (_, _) = (arg::place(name)?, arg::place(value)?);
        let field = ask(m, |reader, mut fields| {
            let field = fields.by_ref().filter(|f| !reader.hides(f.0)).nth(number as usize);
            Ok(field.map(|f| (dunlin_str::of(f.0), dunlin_str::of(f.1))))
        })?;
        arg::give_pair(name, value, field)
    })
}
