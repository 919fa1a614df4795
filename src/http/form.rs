//! Forms in bodies (`application/x-www-form-urlencoded`; Go: `Request.ParseForm`), decoded as they come.

use super::media_type::MediaType;
use super::method::Method;
use super::query::MAX_PAIRS;
use super::{token, Span};
use crate::error::{Error, Result};
use crate::text::{hex_value, Text};

/// The longest form that is read, in bytes, unless a smaller limit is set (Go: 10 MiB).
pub const MAX_LEN: u64 = 10 << 20;

/// Values that [`Finder`] looks for in one pass.
pub const MAX_FIELDS: usize = 32;

/// What a request's body is, as a form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// No form: another method, or another type, so that the body is not read.
    None,
    /// `application/x-www-form-urlencoded`
    UrlEncoded,
    /// `multipart/form-data`
    Multipart,
}

/// What the body is (Go: `parsePostForm`), and whether the type was well formed: only POST, PUT and
/// PATCH have forms, and a type with parameters that are none still says what the body is.
pub fn kind(method: Method, content_type: &[u8]) -> (Kind, Result<()>) {
    if !matches!(method, Method::Post | Method::Put | Method::Patch) || content_type.is_empty() {
        return (Kind::None, Ok(()));
    }
    let well_formed = MediaType::parse(content_type).map(drop);
    let kind = match MediaType::parse_lax(content_type) {
        Ok(t) if t.is(b"application/x-www-form-urlencoded") => Kind::UrlEncoded,
        Ok(t) if t.is(b"multipart/form-data") => Kind::Multipart,
        _ => Kind::None,
    };
    (kind, well_formed)
}

/// What one byte of a form means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Out {
    /// Nothing yet.
    None,
    /// A decoded byte of a name.
    Name(u8),
    /// The name is over, the value follows.
    Equals,
    /// A decoded byte of a value.
    Value(u8),
    /// A pair is over. False: it was none (a `;`, a bad escape), and what came of it does not count.
    End(bool),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// Before a pair.
    Start,
    Plain,
    /// Behind a `%`.
    Percent,
    /// Behind a `%` and a digit of this value.
    Digit(u8),
}

/// Takes a form apart byte by byte; 12 bytes, no buffer.
#[derive(Clone, Debug)]
pub struct PairDecoder {
    pairs: u32,
    state: State,
    in_value: bool,
    bad: bool,
    any_bad: bool,
}

impl Default for PairDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl PairDecoder {
    /// Before the first byte.
    pub const fn new() -> PairDecoder {
        PairDecoder { pairs: 1, state: State::Start, in_value: false, bad: false, any_bad: false }
    }

    /// Takes a byte. `HTTP_HEADER_TOO_LARGE` at the `&` that begins one pair too many.
    pub fn push(&mut self, byte: u8) -> Result<Out> {
        token::step(1);
        if byte == b'&' {
            self.pairs = self.pairs.saturating_add(1);
            if self.pairs as usize > MAX_PAIRS {
                return Err(Error::HTTP_HEADER_TOO_LARGE);
            }
            return Ok(self.end());
        }
        let state = self.state;
        self.state = State::Plain;
        match (state, byte) {
            (State::Percent, _) => match hex_value(byte) {
                Some(high) => self.state = State::Digit(high),
                None => self.bad = true,
            },
            (State::Digit(high), _) => match hex_value(byte) {
                Some(low) => return Ok(self.out(high << 4 | low)),
                None => self.bad = true,
            },
            (_, b';') => self.bad = true,
            (_, b'%') => self.state = State::Percent,
            (_, b'+') => return Ok(self.out(b' ')),
            (_, b'=') if !self.in_value => {
                self.in_value = true;
                return Ok(Out::Equals);
            }
            _ => return Ok(self.out(byte)),
        }
        // Also when an escape is broken by the `;` or `=` that would mean something: the pair is none.
        Ok(Out::None)
    }

    /// The form is over: gives what ends with it.
    pub fn end(&mut self) -> Out {
        let was = core::mem::replace(&mut self.state, State::Start);
        let bad = core::mem::take(&mut self.bad) || matches!(was, State::Percent | State::Digit(_));
        self.any_bad |= bad;
        self.in_value = false;
        if was == State::Start {
            // Nothing between two `&` is no pair.
            Out::None
        } else {
            Out::End(!bad)
        }
    }

    /// Something was no pair (Go: the error of `ParseForm`, which keeps the others).
    pub fn any_bad(&self) -> bool {
        self.any_bad
    }

    fn out(&self, byte: u8) -> Out {
        if self.in_value {
            Out::Value(byte)
        } else {
            Out::Name(byte)
        }
    }
}

/// A value that is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    /// Decoded.
    pub name: &'a [u8],
    /// Where its first value is in the buffer of the [`Finder`]; `None`: not there.
    pub value: Option<Span>,
}

impl<'a> Field<'a> {
    /// Not found yet.
    pub const fn new(name: &'a [u8]) -> Field<'a> {
        Field { name, value: None }
    }
}

/// Finds the first values of some names in a form that is read piece by piece, and decodes them into
/// one buffer; nothing else is kept.
pub struct Finder<'f, 'a, 'b> {
    fields: &'f mut [Field<'a>],
    out: Text<'b>,
    decoder: PairDecoder,
    left: u64,
    /// Those whose names begin with what the pair's name was so far, or the one whose name it is.
    alive: u32,
    at: usize,
    /// The value began here; it does not fit.
    start: usize,
    overflow: bool,
}

impl<'f, 'a, 'b> Finder<'f, 'a, 'b> {
    /// Looks for at most [`MAX_FIELDS`] names in a form of at most `max_len` bytes; fields with a value
    /// already keep it. `INVALID` for more.
    pub fn new(fields: &'f mut [Field<'a>], buf: &'b mut [u8], max_len: u64) -> Result<Finder<'f, 'a, 'b>> {
        if fields.len() > MAX_FIELDS {
            return Err(Error::INVALID);
        }
        let mut finder = Finder {
            fields,
            out: Text::new(buf),
            decoder: PairDecoder::new(),
            left: max_len,
            alive: 0,
            at: 0,
            start: 0,
            overflow: false,
        };
        finder.restart();
        Ok(finder)
    }

    /// Takes the next piece. `HTTP_BODY_TOO_LARGE`, `HTTP_HEADER_TOO_LARGE` (pairs),
    /// `BUFFER_TOO_SMALL` when a value that is looked for does not fit.
    pub fn push(&mut self, piece: &[u8]) -> Result<()> {
        self.left = self.left.checked_sub(piece.len() as u64).ok_or(Error::HTTP_BODY_TOO_LARGE)?;
        for byte in piece {
            let out = self.decoder.push(*byte)?;
            self.take(out)?;
        }
        Ok(())
    }

    /// The form is over. Another one may follow, as the query does the body: its values count for
    /// names that were not found.
    pub fn end(&mut self) -> Result<()> {
        let out = self.decoder.end();
        self.take(out)?;
        self.decoder.pairs = 1;
        Ok(())
    }

    /// Every name was found.
    pub fn is_complete(&self) -> bool {
        self.fields.iter().all(|f| f.value.is_some())
    }

    /// Something was no pair.
    pub fn any_bad(&self) -> bool {
        self.decoder.any_bad()
    }

    fn restart(&mut self) {
        let wanted = self.fields.iter().enumerate().filter(|(_, f)| f.value.is_none());
        self.alive = wanted.fold(0, |set, (i, _)| set | 1u32.wrapping_shl(i as u32));
        self.at = 0;
        self.start = self.out.len();
        self.overflow = false;
    }

    /// Drops the names that are not like this at the current place.
    fn narrow(&mut self, byte: Option<u8>) {
        let mut rest = self.alive;
        while rest != 0 {
            let i = rest.trailing_zeros();
            let bit = 1u32.wrapping_shl(i);
            rest &= !bit;
            token::step(1);
            if self.fields.get(i as usize).is_none_or(|f| f.name.get(self.at).copied() != byte) {
                self.alive &= !bit;
            }
        }
    }

    fn take(&mut self, out: Out) -> Result<()> {
        match out {
            Out::None => {}
            Out::Name(byte) => {
                self.narrow(Some(byte));
                self.at += 1;
            }
            Out::Equals => {
                self.narrow(None);
                self.at = usize::MAX;
            }
            Out::Value(byte) if self.alive != 0 => self.overflow |= self.out.push(byte).is_err(),
            Out::Value(_) => {}
            Out::End(valid) => {
                if self.at != usize::MAX {
                    self.narrow(None);
                }
                if !valid || self.alive == 0 {
                    self.out.truncate(self.start);
                } else if self.overflow {
                    return Err(Error::BUFFER_TOO_SMALL);
                } else {
                    let value = Span::between(self.start, self.out.len());
                    let found = |i: usize| self.alive & 1u32.wrapping_shl(i as u32) != 0;
                    // The same name may be asked for twice.
                    for (_, field) in self.fields.iter_mut().enumerate().filter(|(i, _)| found(*i)) {
                        field.value = Some(value);
                    }
                }
                self.restart();
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
