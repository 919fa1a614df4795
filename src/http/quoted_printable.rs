//! Quoted-printable text (RFC 2045 §6.7; Go: `mime/quotedprintable.Reader`, with its deviations).

use super::token;
use crate::error::{Error, Result};
use crate::text::hex_value;

/// A line with its end is shorter than this, or refused (Go: the size of a `bufio.Reader`).
pub const MAX_LINE: u32 = 4096;

/// Decodes text that comes in pieces; it keeps none of it, so that what cannot be decoded without
/// the bytes behind it (blanks that may end a line, the start of an escape) has to come again.
#[derive(Clone, Copy, Debug, Default)]
pub struct Decoder {
    /// Bytes of the line so far.
    pub(super) line: u32,
    /// Blanks that were looked at and are still to come again.
    pub(super) seen: u32,
    /// Blanks that stand for themselves.
    pub(super) plain: u32,
}

/// What follows a byte.
enum Next {
    /// It is not there yet.
    Unknown,
    /// The text ends.
    Nothing,
    /// A byte that is no blank, at an offset.
    Byte(usize, u8),
}

/// What becomes of the bytes at a place: how many are used, and what they stand for.
enum Piece {
    Wait,
    Put(usize, u8),
    /// The end of a line.
    Line,
    Drop(usize),
    /// A line that goes on in the next one.
    Soft(usize),
    Blanks(usize),
}

impl Decoder {
    /// Decodes from `raw` into `out`: gives how many bytes of each were used. `last`: nothing follows
    /// `raw`. Bytes that were not used come again at the start of the next `raw`, with more behind
    /// them; at the end, all are used.
    ///
    /// `INVALID`: no such text, also for a line past [`MAX_LINE`]; what is before it is given first.
    pub fn decode(&mut self, raw: &[u8], last: bool, out: &mut [u8]) -> Result<(usize, usize)> {
        let (mut used, mut len) = (0, 0);
        while let Some(rest) = raw.get(used..).filter(|r| !r.is_empty()) {
            let piece = match self.piece(rest, last) {
                // It comes again.
                Err(_) if len > 0 => break,
                piece => piece?,
            };
            let (n, text): (usize, &[u8]) = match piece {
                Piece::Wait => break,
                Piece::Put(n, byte) => (n, &[byte]),
                Piece::Line => (1, b"\n"),
                Piece::Drop(n) | Piece::Soft(n) => (n, b""),
                Piece::Blanks(n) => {
                    self.plain = n as u32;
                    self.seen = 0;
                    continue;
                }
            };
            let place = out.get_mut(len..).and_then(|o| o.get_mut(..text.len()));
            let Some(place) = place else { break };
            place.copy_from_slice(text);
            len += text.len();
            used += n;
            self.seen = 0;
            self.plain = self.plain.saturating_sub(n as u32);
            let ends = matches!(piece, Piece::Line | Piece::Soft(_));
            self.line = if ends { 0 } else { self.line.saturating_add(n as u32) };
        }
        Ok((used, len))
    }

    fn piece(&mut self, rest: &[u8], last: bool) -> Result<Piece> {
        token::step(1);
        let Some((&byte, behind)) = rest.split_first() else { return Ok(Piece::Wait) };
        if byte != b'\n' && self.line >= MAX_LINE - 1 {
            return Err(Error::INVALID);
        }
        match byte {
            b'\n' => Ok(Piece::Line),
            b' ' | b'\t' | b'\r' if self.plain > 0 => Ok(Piece::Put(1, byte)),
            b' ' | b'\t' | b'\r' => match self.next(rest, 0, last)? {
                Next::Unknown => Ok(Piece::Wait),
                Next::Nothing => Ok(Piece::Drop(rest.len())),
                Next::Byte(at, b'\n') if rest.get(at.wrapping_sub(1)) == Some(&b'\r') => {
                    Ok(Piece::Put(at, b'\r'))
                }
                Next::Byte(at, b'\n') => Ok(Piece::Drop(at)),
                Next::Byte(at, _) => Ok(Piece::Blanks(at)),
            },
            b'=' => self.escape(rest, behind.first().copied(), last),
            b'!'..=b'~' | 0x80.. => Ok(Piece::Put(1, byte)),
            _ => Err(Error::INVALID),
        }
    }

    /// What the `=` at the start stands for; an escape that is none stands for itself.
    fn escape(&mut self, rest: &[u8], first: Option<u8>, last: bool) -> Result<Piece> {
        let literal = Ok(Piece::Put(1, b'='));
        match first {
            None | Some(b' ' | b'\t' | b'\r' | b'\n') => {
                let next = self.next(rest, 1, last)?;
                let to = if let Next::Byte(at, _) = next { at } else { rest.len() };
                let between = token::trim_start(rest.get(1..to).unwrap_or(&[]));
                match (next, between) {
                    (Next::Unknown, _) => Ok(Piece::Wait),
                    (Next::Nothing, b"") if self.line > 0 => Ok(Piece::Drop(rest.len())),
                    (Next::Byte(at, b'\n'), b"" | b"\r") => Ok(Piece::Soft(at + 1)),
                    (Next::Nothing | Next::Byte(_, b'\n'), _) => Err(Error::INVALID),
                    (Next::Byte(..), _) if first == Some(b'\r') => Err(Error::INVALID),
                    (Next::Byte(..), _) => literal,
                }
            }
            Some(b'=') => match self.next(rest, 2, last)? {
                Next::Unknown => Ok(Piece::Wait),
                // The second one ends the line.
                Next::Nothing | Next::Byte(_, b'\n') => Err(Error::INVALID),
                Next::Byte(..) => literal,
            },
            Some(first) => match (hex_value(first), rest.get(2)) {
                (None, _) => literal,
                (Some(_), None) if !last => Ok(Piece::Wait),
                (Some(high), second) => match second.and_then(|b| hex_value(*b)) {
                    Some(low) => Ok(Piece::Put(3, high << 4 | low)),
                    None => literal,
                },
            },
        }
    }

    /// The first byte from an offset on that is no blank.
    fn next(&mut self, rest: &[u8], from: usize, last: bool) -> Result<Next> {
        let from = from.max(self.seen as usize).min(rest.len());
        let tail = rest.get(from..).unwrap_or(&[]);
        let more = tail.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\r'));
        let at = from + more.unwrap_or(tail.len());
        token::step(at - from);
        if self.line.saturating_add(at as u32) >= MAX_LINE {
            return Err(Error::INVALID);
        }
        Ok(match rest.get(at) {
            Some(byte) => Next::Byte(at, *byte),
            None if last => Next::Nothing,
            None => {
                self.seen = at as u32;
                Next::Unknown
            }
        })
    }
}
