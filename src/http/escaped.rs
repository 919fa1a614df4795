//! Percent-encoding (RFC 3986 §2.1; Go: `url.PathUnescape`, `url.QueryEscape` and what `net/url`
//! does inside).

use super::token;
use crate::error::{Error, Result};
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

/// The bytes with `%XX` decoded; an escape that is none stays as it is.
pub fn unescape(s: &[u8]) -> Decode<'_> {
    Decode { rest: s, plain: false }
}

/// Writes bytes, those that are not `plain` as `%XX`.
pub fn escape(bytes: impl Iterator<Item = u8>, plain: fn(u8) -> bool, put: &mut dyn FnMut(u8)) {
    for b in bytes {
        if plain(b) {
            put(b);
        } else {
            put(b'%');
            put(digit(b >> 4));
            put(digit(b & 15));
        }
    }
}

/// An upper-case hexadecimal digit.
fn digit(n: u8) -> u8 {
    if n < 10 {
        b'0' + n
    } else {
        b'A' + n - 10
    }
}

/// What a part is encoded for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// One segment of a path (Go: `url.PathEscape`).
    Segment,
    /// A name or a value of a query or a form, where a space is `+` (Go: `url.QueryEscape`).
    Query,
}

/// Encodes bytes for a place in a URL; `BUFFER_TOO_SMALL`.
pub fn encode(part: Part, bytes: &[u8], out: &mut Text<'_>) -> Result<()> {
    let plain: fn(u8) -> bool = match part {
        Part::Segment => |b| token::is(b, token::PATH_PLAIN) && !matches!(b, b'/' | b',' | b';'),
        Part::Query => |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'),
    };
    for byte in bytes {
        if *byte == b' ' && part == Part::Query {
            out.push(b'+')?;
        } else if plain(*byte) {
            out.push(*byte)?;
        } else {
            out.put_percent(*byte, true)?;
        }
    }
    Ok(())
}

/// Decodes a part of a URL; `HTTP_INVALID_TARGET` for a `%` without two hexadecimal digits,
/// `BUFFER_TOO_SMALL`; the result is never longer than `s` (Go: `url.PathUnescape`,
/// `url.QueryUnescape`).
pub fn decode(part: Part, s: &[u8], out: &mut Text<'_>) -> Result<()> {
    if !is_well_formed(s) {
        return Err(Error::HTTP_INVALID_TARGET);
    }
    let mut rest = unescape(s);
    loop {
        let space = part == Part::Query && rest.next_is(b'+');
        let Some(byte) = rest.next() else { return Ok(()) };
        out.push(if space { b' ' } else { byte })?;
    }
}

/// See [`unescape`].
#[derive(Clone, Debug)]
pub struct Decode<'a> {
    rest: &'a [u8],
    plain: bool,
}

impl Decode<'_> {
    /// The next byte is this one, as it stands.
    pub(super) fn next_is(&self, byte: u8) -> bool {
        self.rest.first() == Some(&byte)
    }
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
