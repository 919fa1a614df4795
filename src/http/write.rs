//! Writing heads into a buffer. Every byte that could split a message or add a field is refused
//! before anything of its line is written.

use super::header::{is_valid_name, is_valid_value};
use super::target::is_valid_target;
use super::{date, status, token};
use crate::error::{Error, Result};

/// Writes a head front to back. A call that fails has written nothing; `BUFFER_TOO_SMALL` when
/// the buffer is full.
pub struct HeadWriter<'a> {
    buf: &'a mut [u8],
    len: usize,
}

impl<'a> HeadWriter<'a> {
    /// A writer that starts at the front of `buf`.
    pub fn new(buf: &'a mut [u8]) -> HeadWriter<'a> {
        HeadWriter { buf, len: 0 }
    }

    /// Number of bytes written.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What was written.
    pub fn bytes(&self) -> &[u8] {
        self.buf.get(..self.len).unwrap_or(&[])
    }

    /// What was written, for as long as the buffer lives.
    pub fn into_bytes(self) -> &'a [u8] {
        let HeadWriter { buf, len } = self;
        buf.get(..len).unwrap_or(&[])
    }

    /// Writes all of it, or nothing if a part fails.
    fn whole(&mut self, f: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let len = self.len;
        f(self).inspect_err(|_| self.len = len)
    }

    /// Bytes as they are; the caller answers for them.
    pub fn raw(&mut self, bytes: &[u8]) -> Result<()> {
        let end = self.len.checked_add(bytes.len()).ok_or(Error::BUFFER_TOO_SMALL)?;
        self.buf.get_mut(self.len..end).ok_or(Error::BUFFER_TOO_SMALL)?.copy_from_slice(bytes);
        self.len = end;
        Ok(())
    }

    /// A decimal number.
    pub fn decimal(&mut self, n: u64) -> Result<()> {
        let mut digits = [0; 20];
        self.raw(decimal(n, &mut digits))
    }

    /// A hexadecimal number in lower case, as the size of a chunk.
    pub fn hex(&mut self, n: u64) -> Result<()> {
        let mut digits = [0; 16];
        self.raw(hex(n, &mut digits))
    }

    /// `HTTP/1.minor CODE reason`; the reason is the known one or `status code NNN` (Go:
    /// `writeStatusLine`). `INVALID` unless the code has three digits.
    pub fn status_line(&mut self, minor: u8, code: u16) -> Result<()> {
        if !(100..=999).contains(&code) {
            return Err(Error::INVALID);
        }
        self.whole(|w| {
            w.raw(if minor == 0 { b"HTTP/1.0 " } else { b"HTTP/1.1 " })?;
            w.decimal(u64::from(code))?;
            w.raw(b" ")?;
            match status::text(code) {
                "" => {
                    w.raw(b"status code ")?;
                    w.decimal(u64::from(code))?;
                }
                text => w.raw(text.as_bytes())?,
            }
            w.raw(b"\r\n")
        })
    }

    /// `METHOD target HTTP/1.1`. `HTTP_INVALID_METHOD` or `HTTP_INVALID_TARGET` for bytes that
    /// do not belong there.
    pub fn request_line(&mut self, method: &[u8], target: &[u8]) -> Result<()> {
        if !token::is_token(method) {
            return Err(Error::HTTP_INVALID_METHOD);
        }
        if !is_valid_target(target, method == b"CONNECT") {
            return Err(Error::HTTP_INVALID_TARGET);
        }
        self.whole(|w| {
            for part in [method, b" ", target, b" HTTP/1.1\r\n"] {
                w.raw(part)?;
            }
            Ok(())
        })
    }

    /// A field, its name in canonical form. `HTTP_INVALID_HEADER_NAME` or
    /// `HTTP_INVALID_HEADER_VALUE` for bytes that do not belong there.
    pub fn field(&mut self, name: &[u8], value: &[u8]) -> Result<()> {
        if !is_valid_value(value) {
            return Err(Error::HTTP_INVALID_HEADER_VALUE);
        }
        self.named(name, |w| w.raw(token::trim(value)))
    }

    /// A field of an answer, its name in canonical form: line ends in the value become spaces (Go:
    /// `Header.Write`), and with `escape` bytes that are not ASCII become `%xx` (Go:
    /// `hexEscapeNonASCII`). `HTTP_INVALID_HEADER_NAME`.
    pub fn field_tamed(&mut self, name: &[u8], value: &[u8], escape: bool) -> Result<()> {
        let blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n');
        let from = value.iter().position(|b| !blank(b)).unwrap_or(value.len());
        let to = value.iter().rposition(|b| !blank(b)).map_or(from, |at| at + 1);
        self.named(name, |w| {
            for b in value.get(from..to).unwrap_or(&[]) {
                match *b {
                    b'\r' | b'\n' => w.raw(b" ")?,
                    b @ 0x80.. if escape => {
                        w.raw(b"%")?;
                        w.hex(u64::from(b))?;
                    }
                    b => w.raw(&[b])?,
                }
            }
            Ok(())
        })
    }

    /// A field with a number.
    pub fn field_decimal(&mut self, name: &[u8], n: u64) -> Result<()> {
        self.named(name, |w| w.decimal(n))
    }

    /// A field with a time, in Unix seconds (Go: `TimeFormat`).
    pub fn field_date(&mut self, name: &[u8], unix: i64) -> Result<()> {
        self.named(name, |w| w.raw(&date::format(unix)))
    }

    fn named(&mut self, name: &[u8], value: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        self.whole(|w| {
            let place = w.buf.get_mut(w.len..).and_then(|b| b.get_mut(..name.len()));
            // Checked and written in one go; what is written of a wrong one does not count.
            let mut good = !name.is_empty();
            let Some(place) = place else {
                return Err(match is_valid_name(name) {
                    true => Error::BUFFER_TOO_SMALL,
                    false => Error::HTTP_INVALID_HEADER_NAME,
                });
            };
            let mut upper = true;
            for (to, b) in place.iter_mut().zip(name) {
                good &= token::is(*b, token::TOKEN);
                *to = if upper { b.to_ascii_uppercase() } else { b.to_ascii_lowercase() };
                upper = *b == b'-';
            }
            if !good {
                return Err(Error::HTTP_INVALID_HEADER_NAME);
            }
            w.len += name.len();
            w.raw(b": ")?;
            value(w)?;
            w.raw(b"\r\n")
        })
    }

    /// The blank line that ends a head.
    pub fn end(&mut self) -> Result<()> {
        self.raw(b"\r\n")
    }
}

/// The decimal digits of a number.
pub fn decimal(mut n: u64, digits: &mut [u8; 20]) -> &[u8] {
    let mut start = digits.len();
    for d in digits.iter_mut().rev() {
        *d = b'0' + (n % 10) as u8;
        n /= 10;
        start -= 1;
        if n == 0 {
            break;
        }
    }
    digits.get(start..).unwrap_or(&[])
}

/// The lower-case hexadecimal digits of a number.
pub fn hex(mut n: u64, digits: &mut [u8; 16]) -> &[u8] {
    let mut start = digits.len();
    for d in digits.iter_mut().rev() {
        *d = match (n & 15) as u8 {
            x @ 0..=9 => b'0' + x,
            x => b'a' + x - 10,
        };
        n >>= 4;
        start -= 1;
        if n == 0 {
            break;
        }
    }
    digits.get(start..).unwrap_or(&[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_head() {
        let mut buf = [0; 200];
        let mut w = HeadWriter::new(&mut buf);
        w.status_line(1, 200).unwrap();
        w.field(b"content-type", b" text/plain ").unwrap();
        w.field_decimal(b"Content-Length", u64::MAX).unwrap();
        w.field_date(b"Date", 0).unwrap();
        w.end().unwrap();
        assert_eq!(
            w.into_bytes(),
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 18446744073709551615\r\n\
              Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n"
        );
    }

    #[test]
    fn what_could_split_is_refused_and_nothing_written() {
        let mut buf = [0; 64];
        let mut w = HeadWriter::new(&mut buf);
        w.request_line(b"GET", b"/").unwrap();
        let before = w.len();
        assert_eq!(w.request_line(b"G T", b"/"), Err(Error::HTTP_INVALID_METHOD));
        assert_eq!(w.request_line(b"GET", b"/ HTTP/1.1\r\nX: y"), Err(Error::HTTP_INVALID_TARGET));
        assert_eq!(w.field(b"A\r\nB", b"1"), Err(Error::HTTP_INVALID_HEADER_NAME));
        assert_eq!(w.field(b"A:", b"1"), Err(Error::HTTP_INVALID_HEADER_NAME));
        assert_eq!(w.field(b"A", b"1\r\nB: 2"), Err(Error::HTTP_INVALID_HEADER_VALUE));
        assert_eq!(w.field(b"A", &[b'x'; 64]), Err(Error::BUFFER_TOO_SMALL));
        assert_eq!(w.status_line(1, 99), Err(Error::INVALID));
        assert_eq!(w.len(), before);
        w.status_line(0, 299).unwrap();
        assert!(w.bytes().ends_with(b"HTTP/1.0 299 status code 299\r\n"));
    }

    #[test]
    fn numbers() {
        assert_eq!(decimal(0, &mut [0; 20]), b"0");
        assert_eq!(hex(0, &mut [0; 16]), b"0");
        assert_eq!(hex(0xdead_beef, &mut [0; 16]), b"deadbeef");
        assert_eq!(hex(u64::MAX, &mut [0; 16]), b"ffffffffffffffff");
    }
}
