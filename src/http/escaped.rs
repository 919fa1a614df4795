//! Percent-encoded parts of a path (Go: `url.PathUnescape`, `URL.EscapedPath`).

use crate::error::Result;
use crate::text::{hex_value, Text};

/// A percent-encoded view. A part with an escape that is not `%` and two hexadecimal digits stands
/// for itself, undecoded (Go: `pathUnescape` of `pattern.go`).
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'a>(pub &'a [u8]);

impl<'a> Escaped<'a> {
    /// The bytes it stands for.
    pub fn decode(self) -> Decode<'a> {
        Decode { rest: self.0, plain: !is_well_formed(self.0) }
    }

    /// Writes the bytes it stands for into `out`; gives how many, at most as many as the view has.
    /// Errors: [`crate::error::Error::BUFFER_TOO_SMALL`].
    pub fn unescape(self, out: &mut [u8]) -> Result<usize> {
        let mut text = Text::new(out);
        for byte in self.decode() {
            text.push(byte)?;
        }
        Ok(text.len())
    }

    /// Both stand for the same bytes.
    pub fn same(self, other: Escaped<'_>) -> bool {
        let plain = |s: &[u8]| s.first() != Some(&b'%');
        if self.0.first() != other.0.first() && plain(self.0) && plain(other.0) {
            return false; // the usual case, at once
        }
        if self.0 == other.0 {
            return true;
        }
        let percent = |s: &[u8]| s.contains(&b'%');
        (percent(self.0) || percent(other.0)) && self.decode().eq(other.decode())
    }
}

/// The bytes of an [`Escaped`].
#[derive(Clone, Debug)]
pub struct Decode<'a> {
    rest: &'a [u8],
    plain: bool,
}

impl Iterator for Decode<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        if let (b'%', false, Some((byte, rest))) = (*first, self.plain, pair(rest)) {
            self.rest = rest;
            return Some(byte);
        }
        self.rest = rest;
        Some(*first)
    }
}

/// The byte of two hexadecimal digits, and what follows them.
fn pair(digits: &[u8]) -> Option<(u8, &[u8])> {
    let (&high, rest) = digits.split_first()?;
    let (&low, rest) = rest.split_first()?;
    Some((hex_value(high)? << 4 | hex_value(low)?, rest))
}

/// Every `%` is followed by two hexadecimal digits.
pub fn is_well_formed(s: &[u8]) -> bool {
    let mut rest = s;
    while let Some((first, next)) = rest.split_first() {
        rest = if *first == b'%' {
            match pair(next) {
                Some((_, next)) => next,
                None => return false,
            }
        } else {
            next
        };
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn decoding() {
        let cases: [(&[u8], &[u8]); 7] = [
            (b"a%2Fb", b"a/b"),
            (b"%e4+%C3", b"\xe4+\xc3"),
            (b"%", b"%"),
            (b"%4", b"%4"),
            (b"%41%", b"%41%"),
            (b"%zz%41", b"%zz%41"),
            (b"%%41", b"%%41"),
        ];
        for (raw, want) in cases {
            let mut out = [0; 8];
            let n = Escaped(raw).unescape(&mut out).unwrap();
            assert_eq!(&out[..n], want);
            assert!(Escaped(raw).same(Escaped(raw)));
        }
        assert_eq!(Escaped(b"abc").unescape(&mut [0; 2]), Err(Error::BUFFER_TOO_SMALL));
        assert!(Escaped(b"%61b").same(Escaped(b"a%62")));
        assert!(!Escaped(b"%61").same(Escaped(b"%2561")));
        assert!(!Escaped(b"ab").same(Escaped(b"a")) && !Escaped(b"").same(Escaped(b"a")));
    }
}
