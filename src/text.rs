//! Text written into a buffer of the caller, without `core::fmt`.

use crate::error::{Error, Result};

/// Bytes written so far into a borrowed buffer; a write that does not fit changes nothing and is
/// [`Error::BUFFER_TOO_SMALL`].
pub struct Text<'a> {
    buf: &'a mut [u8],
    len: usize,
}

impl<'a> Text<'a> {
    /// An empty text over `buf`.
    pub fn new(buf: &'a mut [u8]) -> Text<'a> {
        Text { buf, len: 0 }
    }

    /// Appends bytes.
    pub fn put(&mut self, bytes: &[u8]) -> Result<()> {
        let room = self.buf.get_mut(self.len..).and_then(|rest| rest.get_mut(..bytes.len()));
        room.ok_or(Error::BUFFER_TOO_SMALL)?.copy_from_slice(bytes);
        self.len += bytes.len();
        Ok(())
    }

    /// Appends one byte.
    pub fn push(&mut self, byte: u8) -> Result<()> {
        *self.buf.get_mut(self.len).ok_or(Error::BUFFER_TOO_SMALL)? = byte;
        self.len += 1;
        Ok(())
    }

    /// Appends a number in decimal.
    pub fn put_u32(&mut self, value: u32) -> Result<()> {
        let mut digits = [b'0'; 10];
        let mut rest = value;
        let mut from = digits.len();
        for digit in digits.iter_mut().rev() {
            *digit += (rest % 10) as u8;
            rest /= 10;
            from -= 1;
            if rest == 0 {
                break;
            }
        }
        self.put(digits.get(from..).unwrap_or_default())
    }

    /// Appends a number in lower-case hexadecimal without leading zeros.
    pub fn put_hex(&mut self, value: u64) -> Result<()> {
        let digits = (64 - (value | 1).leading_zeros()).div_ceil(4);
        for i in (0..digits).rev() {
            self.push(hex_digit((value >> (4 * i)) as u8 & 15))?;
        }
        Ok(())
    }

    /// Appends two lower-case hexadecimal digits.
    pub fn put_hex2(&mut self, byte: u8) -> Result<()> {
        self.put(&[hex_digit(byte >> 4), hex_digit(byte & 15)])
    }

    /// Appends `%` and two hexadecimal digits, upper or lower case.
    pub fn put_percent(&mut self, byte: u8, upper: bool) -> Result<()> {
        let case = |d: u8| if upper { d.to_ascii_uppercase() } else { d };
        self.put(&[b'%', case(hex_digit(byte >> 4)), case(hex_digit(byte & 15))])
    }

    /// Forgets everything behind the first `len` bytes.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// What was written from an offset on, to be changed where it stands.
    pub fn tail_mut(&mut self, from: usize) -> &mut [u8] {
        self.buf.get_mut(from..self.len).unwrap_or_default()
    }

    /// Number of bytes written.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Nothing was written yet.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What was written.
    pub fn bytes(&self) -> &[u8] {
        self.buf.get(..self.len).unwrap_or_default()
    }

    /// What was written, for as long as the buffer is borrowed.
    pub fn into_bytes(self) -> &'a [u8] {
        let (written, _) = self.buf.split_at_mut_checked(self.len).unwrap_or_default();
        written
    }
}

const fn hex_digit(value: u8) -> u8 {
    if value < 10 {
        b'0' + value
    } else {
        b'a' + value - 10
    }
}

/// The value of a hexadecimal digit of either case.
pub const fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for v in [0u32, 1, 9, 10, 99, 100, 65535, 1_000_000_000, u32::MAX] {
            let mut buf = [0; 32];
            let mut t = Text::new(&mut buf);
            t.put_u32(v).unwrap();
            t.push(b' ').unwrap();
            t.put_hex(u64::from(v) << 28 | 5).unwrap();
            assert_eq!(t.bytes(), format!("{v} {:x}", u64::from(v) << 28 | 5).as_bytes());
        }
    }

    #[test]
    fn a_write_that_does_not_fit_changes_nothing() {
        let mut buf = [0; 4];
        let mut t = Text::new(&mut buf);
        t.put(b"abc").unwrap();
        assert_eq!(t.put(b"de"), Err(Error::BUFFER_TOO_SMALL));
        t.push(b'd').unwrap();
        assert_eq!(t.push(b'e'), Err(Error::BUFFER_TOO_SMALL));
        t.truncate(9);
        assert_eq!(t.into_bytes(), b"abcd");
    }
}
