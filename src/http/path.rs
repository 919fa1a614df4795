//! The path of a request as the mux sees it: escaped, split at slashes, cleaned.

use super::escaped::Escaped;
use super::token::{self, PATH_ENCODED, PATH_PLAIN};
use crate::error::Result;
use crate::text::Text;

/// A part of a path behind a slash.
#[derive(Clone, Copy, Debug)]
pub enum Token<'a> {
    /// An escaped segment.
    Segment(&'a [u8]),
    /// The slash at the end. A segment `%2F` is the same to Go.
    Slash,
}

/// A view of a path with what one pass over it tells.
///
/// Go matches `URL.EscapedPath`: the path as it came if its form is a valid encoding, otherwise the
/// decoded path escaped again, in which `%2F` has become a separator and `%2E` a dot.
#[derive(Clone, Copy, Debug)]
pub struct Path<'a> {
    bytes: &'a [u8],
    /// The form that came is no valid encoding: `%2F` separates.
    reescaped: bool,
    /// One more slash follows the bytes.
    slash: bool,
    clean: bool,
    /// There are bytes that Go would escape, or a `%`.
    special: bool,
    hint: u8,
    /// Slashes of the path, the added one included.
    slashes: usize,
}

impl<'a> Path<'a> {
    /// The path of a request target, without its query.
    pub fn new(bytes: &'a [u8]) -> Path<'a> {
        let (mut path, valid) = Path::scan(bytes);
        if !valid {
            path.reescaped = true;
            path.measure();
        }
        path
    }

    /// A path in its final form, such as that of a pattern.
    pub fn literal(bytes: &'a [u8]) -> Path<'a> {
        Path::scan(bytes).0
    }

    /// The path as it stands, and whether that is a valid encoding. One pass, a few instructions a byte.
    fn scan(bytes: &'a [u8]) -> (Path<'a>, bool) {
        let (mut slashes, mut word, mut unclean) = (0, 0u32, false);
        let mut classes = PATH_ENCODED | PATH_PLAIN;
        for &byte in bytes {
            classes &= token::class(byte);
            if byte == b'/' {
                unclean |= word as u8 == b'/' || ends_in_dots(word);
                slashes += 1;
            }
            word = word << 8 | u32::from(byte); // the last bytes, to see whole segments of dots
        }
        token::step(bytes.len());
        let clean = bytes.first() == Some(&b'/') && !unclean && !ends_in_dots(word);
        let mut path = Path { bytes, reescaped: false, slash: false, clean, special: true, hint: 0, slashes };
        if classes & PATH_PLAIN != 0 {
            path.special = false;
            path.hint = path.split(bytes).map_or(0, |(first, _)| hint(first));
        }
        (path, classes & PATH_ENCODED != 0)
    }

    /// What [`Path::scan`] tells, of a path that Go escapes again.
    fn measure(&mut self) {
        self.clean = self.bytes.first() == Some(&b'/');
        self.slashes = 0;
        let mut rest = self.bytes;
        while let Some((segment, next)) = self.split(rest) {
            let decoded = || Escaped(segment).decode();
            let dots = decoded().all(|b| b == b'.') && decoded().count() <= 2;
            self.clean &= if segment.is_empty() { next.is_empty() } else { !dots };
            self.slashes += 1;
            rest = next;
        }
    }

    /// The same path with one more slash at its end.
    pub fn with_slash(self) -> Path<'a> {
        Path { slash: true, slashes: self.slashes + 1, ..self }
    }

    /// Go: `cleanPath` would not change it.
    pub fn is_clean(&self) -> bool {
        self.clean
    }

    /// Number of slashes, which is that of the tokens.
    pub fn slashes(&self) -> usize {
        self.slashes
    }

    /// The path is empty.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty() && !self.slash
    }

    /// The last byte is a slash.
    pub fn ends_with_slash(&self) -> bool {
        let escaped = || matches!(self.bytes, [.., b'%', b'2', b'F' | b'f']);
        self.slash || self.bytes.ends_with(b"/") || (self.reescaped && escaped())
    }

    /// Whether a pattern's path without wildcards, escapes and empty segments is byte for byte this
    /// one; `None` if that does not decide.
    pub fn is_plainly(&self, pattern: &[u8]) -> Option<bool> {
        if self.special {
            return None;
        }
        Some(!self.slash && self.bytes == pattern)
    }

    /// [`hint`] of the first segment; 0 if that decides nothing.
    pub fn hint(&self) -> u8 {
        self.hint
    }

    /// The parts between slashes.
    pub fn tokens(&self) -> Tokens<'a> {
        Tokens { path: *self, rest: self.bytes }
    }

    /// Writes the cleaned path in the form that Go puts into URLs (Go: `cleanPath`): no `.`, `..` and
    /// empty segments, a slash at the end stays. The buffer may have to hold more than the result.
    pub fn write_clean(&self, out: &mut Text<'_>) -> Result<()> {
        let start = out.len();
        out.push(b'/')?;
        let mut at = out.len(); // where the segment being written begins
        let mut write = |byte: u8, out: &mut Text<'_>| {
            token::step(1);
            if byte == b'/' {
                end_segment(out, start, at);
                if out.bytes().last() != Some(&b'/') {
                    out.push(b'/')?;
                }
                at = out.len();
                return Ok(());
            }
            if self.reescaped && !token::is(byte, PATH_PLAIN) {
                return out.put_percent(byte, true);
            }
            out.push(byte)
        };
        if self.reescaped {
            Escaped(self.bytes).decode().try_for_each(|byte| write(byte, out))?;
        } else {
            self.bytes.iter().try_for_each(|byte| write(*byte, out))?;
        }
        end_segment(out, start, at);
        let slash = out.bytes().last() == Some(&b'/');
        if self.ends_with_slash() && !slash {
            out.push(b'/')?;
        } else if !self.ends_with_slash() && slash && out.len() > start + 1 {
            // The last segment went; its slash is not one at the end of the path.
            out.truncate(out.len() - 1);
        }
        Ok(())
    }

    /// The segment behind the first separator, and what follows it from the next separator on.
    fn split(&self, rest: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let rest = match rest {
            [] => return None,
            [b'/', rest @ ..] => rest,
            _ => rest.get(self.separator(rest).max(1)..).unwrap_or_default(),
        };
        let end = if self.reescaped {
            (0..rest.len()).find(|i| rest.get(*i..).is_some_and(|r| self.separator(r) > 0))
        } else {
            rest.iter().position(|b| *b == b'/')
        };
        let end = end.unwrap_or(rest.len());
        token::step(end + 1);
        rest.split_at_checked(end)
    }

    /// Length of the separator that `rest` begins with, 0 if none.
    fn separator(&self, rest: &[u8]) -> usize {
        match rest {
            [b'/', ..] => 1,
            [b'%', b'2', b'F' | b'f', ..] if self.reescaped => 3,
            _ => 0,
        }
    }
}

/// The last bytes are a segment `.` or `..`.
fn ends_in_dots(word: u32) -> bool {
    word & 0xffff == 0x2f2e || word & 0xff_ffff == 0x2f_2e2e
}

/// Six bits of a segment, 0 for none: segments with different hints are different.
pub fn hint(segment: &[u8]) -> u8 {
    match (segment.first(), segment.last()) {
        (Some(first), Some(last)) => {
            let sum =
                first.wrapping_mul(5).wrapping_add(last.wrapping_mul(3)).wrapping_add(segment.len() as u8);
            (sum & 63).max(1)
        }
        _ => 0,
    }
}

/// Ends the segment from `at`: `.` goes, `..` goes with the segment before it.
fn end_segment(out: &mut Text<'_>, start: usize, at: usize) {
    let text = out.bytes();
    let keep = match text.get(at..) {
        Some(b".") => at,
        Some(b"..") => {
            let before = text.get(start..at.saturating_sub(1)).unwrap_or_default();
            let keep = before.iter().rposition(|b| *b == b'/').map_or(at, |i| start + i + 1);
            token::step(text.len() - keep);
            keep
        }
        _ => return,
    };
    out.truncate(keep);
}

/// The tokens of a path in order.
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    path: Path<'a>,
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    /// No token follows.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty() && !self.path.slash
    }

    /// Everything behind the next slash; `None` at the end.
    pub fn rest(&self) -> Option<&'a [u8]> {
        if self.is_empty() {
            return None;
        }
        Some(self.rest.get(self.path.separator(self.rest)..).unwrap_or_default())
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let Some((segment, rest)) = self.path.split(self.rest) else {
            return core::mem::take(&mut self.path.slash).then_some(Token::Slash);
        };
        self.rest = rest;
        Some(match segment {
            b"" if self.is_empty() => Token::Slash,
            b"%2F" | b"%2f" => Token::Slash,
            segment => Token::Segment(segment),
        })
    }
}
