//! Finding the end of a head and reading its fields in one pass, for requests and responses alike
//! (Go: `net/textproto.Reader`, `net/http/transfer.go`).

use super::body::{BodyLimits, BodyReader};
use super::token::{self, TOKEN};
use super::Span;
use crate::error::{Error, Result};
use core::cell::Cell;

/// How large a head may be; both are fields of the configurations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of a head, its first line and its blank line included.
    pub head_len: u32,
    /// Number of fields.
    pub fields: u32,
}

impl Limits {
    /// The device's defaults.
    pub const DEVICE: Limits = Limits { head_len: 4096, fields: 64 };
    /// What Go's server does by default: `DefaultMaxHeaderBytes`, the 4096 bytes it adds, and
    /// `DefaultMaxHeaderValueCount`.
    pub const GO_SERVER: Limits = Limits { head_len: (1 << 20) + 4096, fields: 500 };
    /// What Go's `Transport` does by default (`MaxResponseHeaderBytes`).
    pub const GO_CLIENT: Limits = Limits { head_len: 10 << 20, fields: u32::MAX };
    /// None but the width of a [`Span`], as `http.ReadRequest` and `http.ReadResponse`.
    pub const NONE: Limits = Limits { head_len: u32::MAX, fields: u32::MAX };
}

/// How the end of a body is found (RFC 9112 §6).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Framing {
    /// There is no body.
    None,
    /// That many bytes; never 0.
    Length(u64),
    /// The chunked coding.
    Chunked,
    /// Everything until the peer closes; responses only.
    UntilClose,
}

impl Framing {
    /// The reader of a body that is framed so.
    pub const fn body(self, limits: BodyLimits) -> BodyReader {
        match self {
            Framing::None => BodyReader::none(),
            Framing::Length(n) => BodyReader::length(n),
            Framing::Chunked => BodyReader::chunked(limits),
            Framing::UntilClose => BodyReader::until_close(),
        }
    }
}

/// Looks for the end of a head in a buffer that grows, without looking at a byte twice.
#[derive(Clone, Copy, Debug)]
pub struct HeadScanner {
    limit: u32,
    seen: u32,
    line: u32,
}

impl HeadScanner {
    /// A scanner for one head of at most `limit` bytes ([`Limits::head_len`]).
    pub const fn new(limit: u32) -> HeadScanner {
        HeadScanner { limit, seen: 0, line: 0 }
    }

    /// Goes on in the buffer, which starts with the head and may have grown since the last call.
    ///
    /// Gives the length of the head with its blank line when it is complete; a blank first line
    /// is a head of its own (and a malformed one). `HTTP_HEADER_TOO_LARGE` past the limit, also
    /// when the limit is reached and the end is not there.
    pub fn scan(&mut self, buf: &[u8]) -> Result<Option<usize>> {
        let buf = buf.get(..self.limit as usize).unwrap_or(buf);
        while let Some(at) = token::find(buf.get(self.seen as usize..).unwrap_or(&[]), b'\n') {
            let end = self.seen as usize + at;
            let blank = matches!(buf.get(self.line as usize..end), Some([] | [b'\r']));
            self.seen = end as u32 + 1;
            self.line = self.seen;
            if blank {
                return Ok(Some(end + 1));
            }
        }
        self.seen = buf.len() as u32;
        if self.seen >= self.limit {
            return Err(Error::HTTP_HEADER_TOO_LARGE);
        }
        Ok(None)
    }

    /// How many bytes were looked at.
    pub const fn seen(&self) -> usize {
        self.seen as usize
    }
}

/// How many bytes of CR and LF, at most four, stand before a request; a server skips them when the
/// request before was a POST (Go: `numLeadingCRorLF`).
pub fn leading_blank(buf: &[u8]) -> usize {
    buf.iter().take(4).take_while(|b| matches!(b, b'\r' | b'\n')).count()
}

/// The version of a first line: `HTTP/` digit `.` digit (Go: `http.ParseHTTPVersion`).
pub fn parse_version(s: &[u8]) -> Result<(u8, u8)> {
    match s {
        b"HTTP/1.1" => Ok((1, 1)),
        [b'H', b'T', b'T', b'P', b'/', major @ b'0'..=b'9', b'.', minor @ b'0'..=b'9'] => {
            Ok((major - b'0', minor - b'0'))
        }
        _ => Err(Error::HTTP_MALFORMED_VERSION),
    }
}

/// The line at an offset: its end without LF and optional CR, and the offset after it.
pub(super) fn line_at(head: &[u8], start: usize) -> Result<(usize, usize)> {
    let rest = head.get(start..).unwrap_or(&[]);
    let len = token::find(rest, b'\n').ok_or(Error::UNEXPECTED_EOF)?;
    let cr = usize::from(matches!(rest.get(..len), Some([.., b'\r'])));
    Ok((start + len - cr, start + len + 1))
}

/// A name had a space before its colon or inside: Go's reader takes it, its server refuses it.
pub(super) const SPACED_NAME: u16 = 1;
/// `Connection` has the token `close`.
pub(super) const CLOSE: u16 = 2;
/// `Connection` has the token `keep-alive`.
pub(super) const KEEP_ALIVE: u16 = 4;
/// `Connection` has the token `upgrade`.
pub(super) const UPGRADE: u16 = 8;
/// The first `Connection` has the word `close`, by the laxer test of Go's server.
pub(super) const LAX_CLOSE: u16 = 16;
/// The first `Connection` has the word `keep-alive`, by the same test.
pub(super) const LAX_KEEP_ALIVE: u16 = 32;
/// There is an `Upgrade` that is not empty.
pub(super) const UPGRADE_FIELD: u16 = 64;
/// The first `Expect` has the word `100-continue`.
pub(super) const EXPECT_CONTINUE: u16 = 128;
/// The first `Expect` is something else, not empty.
pub(super) const EXPECT_OTHER: u16 = 256;
/// Two `Content-Length` differ.
pub(super) const LENGTHS_DIFFER: u16 = 512;
/// There is a `Trailer`.
pub(super) const TRAILER: u16 = 1024;
/// A `Trailer` names a field that must not be one.
pub(super) const BAD_TRAILER: u16 = 2048;
/// More `Trailer` names than fields are allowed.
pub(super) const MANY_TRAILERS: u16 = 4096;
const SEEN_CONNECTION: u16 = 8192;
const SEEN_EXPECT: u16 = 16384;

/// What one pass over the fields finds out.
#[derive(Default)]
pub(super) struct Known {
    pub fields: Span,
    /// Where the blank line ends.
    pub len: usize,
    pub flags: u16,
    pub host: Span,
    pub hosts: u32,
    length: Span,
    lengths: u32,
    encoding: Span,
    encodings: u32,
    trailer_names: u32,
}

/// Reads the fields from `start` to the blank line: checks them, joins folded lines in place, and
/// leaves every value at the end of its line, so that [`super::Fields`] only splits.
pub(super) fn parse_fields(head: &mut [u8], start: usize, limit: u32) -> Result<Known> {
    let mut known = Known::default();
    if head.get(start).is_some_and(|b| token::is_blank(*b)) {
        return Err(Error::HTTP_MALFORMED_HEADER);
    }
    let mut pos = start;
    let mut count = 0;
    loop {
        let line = head.get(pos..).unwrap_or(&[]);
        let mut name = token::run(line, TOKEN);
        match line.get(name..).unwrap_or(&[]) {
            [b':', ..] if name > 0 => {}
            [b'\n', ..] if name == 0 => {
                known.len = pos + 1;
                break;
            }
            [b'\r', b'\n', ..] if name == 0 => {
                known.len = pos + 2;
                break;
            }
            [b' ', tail @ ..] if name > 0 => {
                let more = tail.iter().position(|b| *b != b' ' && !token::is(*b, TOKEN));
                name += 1 + more.ok_or(Error::UNEXPECTED_EOF)?;
                if line.get(name) != Some(&b':') {
                    return Err(Error::HTTP_MALFORMED_HEADER);
                }
                known.flags |= SPACED_NAME;
            }
            [] | [b'\r'] => return Err(Error::UNEXPECTED_EOF),
            _ => return Err(Error::HTTP_MALFORMED_HEADER),
        }
        let (value, next) = take_value(head, pos + name + 1)?;
        count += 1;
        if count > limit {
            return Err(Error::HTTP_HEADER_TOO_LARGE);
        }
        note(&mut known, head, Span { start: pos as u32, len: name as u32 }, value, limit);
        pos = next;
    }
    known.fields = Span::between(start, pos);
    Ok(known)
}

/// The end of a value's line, without LF and CR, and the offset after it; checks the bytes.
#[inline(always)]
fn value_end(head: &[u8], mut at: usize) -> Result<(usize, usize)> {
    loop {
        let rest = head.get(at..).unwrap_or(&[]);
        let n = token::plain::<0x20>(rest);
        at += n;
        match rest.get(n..).unwrap_or(&[]) {
            [b'\r', b'\n', ..] => return Ok((at, at + 2)),
            [b'\n', ..] => return Ok((at, at + 1)),
            [b'\t', ..] => at += 1,
            [] | [b'\r'] => return Err(Error::UNEXPECTED_EOF),
            _ => return Err(Error::HTTP_MALFORMED_HEADER),
        }
    }
}

/// The value whose line goes on at `start`, and the offset of the next field.
#[inline(always)]
fn take_value(head: &mut [u8], mut start: usize) -> Result<(Span, usize)> {
    while head.get(start).is_some_and(|b| token::is_blank(*b)) {
        start += 1;
    }
    let (end, next) = value_end(head, start)?;
    let folded = head.get(next).is_some_and(|b| token::is_blank(*b));
    let blank_end = end > start && head.get(end - 1).is_some_and(|b| token::is_blank(*b));
    if folded || blank_end {
        return tidy(head, start, end, next);
    }
    Ok((Span::between(start, end), next))
}

/// Joins the folded lines of a value with one space each and moves it to the end of its (last)
/// line, so that what is trimmed lies before it, where spaces mean nothing.
#[cold]
#[inline(never)]
fn tidy(head: &mut [u8], start: usize, mut end: usize, mut next: usize) -> Result<(Span, usize)> {
    let trimmed = |head: &[u8], from: usize, to: usize| {
        let s = head.get(from..to).unwrap_or(&[]);
        let lead = s.len() - token::trim_start(s).len();
        token::step(s.len());
        (from + lead, from + lead + token::trim(s).len())
    };
    let (_, mut to) = trimmed(head, start, end);
    let mut from = start;
    while head.get(next).is_some_and(|b| token::is_blank(*b)) {
        let begin = next;
        (end, next) = value_end(head, begin)?;
        let (a, b) = trimmed(head, begin, end);
        if let Some(space) = head.get_mut(to) {
            *space = b' ';
        }
        to += 1;
        move_bytes(head, a, b, to);
        to += b - a;
    }
    // A first line of blanks alone leaves a leading space that the whole value must not have.
    while from < to && head.get(from).is_some_and(|b| token::is_blank(*b)) {
        from += 1;
    }
    let place = end - (to - from);
    move_bytes(head, from, to, place);
    if let Some(gap) = head.get_mut(start..place) {
        gap.fill(b' ');
    }
    Ok((Span::between(place, end), next))
}

/// Moves the bytes from..to, which may overlap where they go; unlike `copy_within` it cannot panic.
fn move_bytes(head: &mut [u8], from: usize, to: usize, place: usize) {
    let cells = Cell::from_mut(head).as_slice_of_cells();
    let source = cells.get(from..to).unwrap_or(&[]);
    let goal = cells.get(place..).unwrap_or(&[]);
    let goal = goal.get(..source.len()).unwrap_or(&[]);
    token::step(source.len());
    if place <= from {
        source.iter().zip(goal).for_each(|(s, g)| g.set(s.get()));
    } else {
        source.iter().zip(goal).rev().for_each(|(s, g)| g.set(s.get()));
    }
}

/// Takes down what the fields that steer the message say.
#[inline(always)]
fn note(known: &mut Known, head: &[u8], name: Span, value: Span, limit: u32) {
    let lower: &[u8] = match name.len {
        4 => b"host",
        6 => b"expect",
        7 if head.get(name.start as usize).is_some_and(|b| b | 0x20 == b'u') => b"upgrade",
        7 => b"trailer",
        10 => b"connection",
        14 => b"content-length",
        17 => b"transfer-encoding",
        _ => return,
    };
    if token::same(name.of(head), lower) {
        note_known(known, head, lower, value, limit);
    }
}

#[inline(never)]
fn note_known(known: &mut Known, head: &[u8], name: &[u8], at: Span, limit: u32) {
    let value = at.of(head);
    match name.len() {
        4 => {
            known.hosts += 1;
            known.host = at;
        }
        6 => {
            if known.flags & SEEN_EXPECT == 0 && token::has_token(value, b"100-continue") {
                known.flags |= EXPECT_CONTINUE;
            } else if known.flags & SEEN_EXPECT == 0 && !value.is_empty() {
                known.flags |= EXPECT_OTHER;
            }
            known.flags |= SEEN_EXPECT;
        }
        7 if name == b"trailer" => note_trailer(known, value, limit),
        7 if !value.is_empty() => known.flags |= UPGRADE_FIELD,
        10 => note_connection(known, value),
        14 => {
            known.lengths += 1;
            if known.lengths == 1 {
                known.length = at;
            } else if token::trim(known.length.of(head)) != token::trim(value) {
                known.flags |= LENGTHS_DIFFER;
            }
        }
        17 => {
            known.encodings += 1;
            known.encoding = at;
        }
        _ => {}
    }
}

fn note_trailer(known: &mut Known, value: &[u8], limit: u32) {
    known.flags |= TRAILER;
    for key in value.split(|b| *b == b',') {
        known.trailer_names = known.trailer_names.saturating_add(1);
        let forbidden: [&[u8]; 3] = [b"transfer-encoding", b"content-length", b"trailer"];
        if forbidden.iter().any(|f| token::same(token::trim(key), f)) {
            known.flags |= BAD_TRAILER;
        }
    }
    if known.trailer_names > limit {
        known.flags |= MANY_TRAILERS;
    }
}

#[inline(never)]
fn note_connection(known: &mut Known, value: &[u8]) {
    let first = known.flags & SEEN_CONNECTION == 0;
    known.flags |= SEEN_CONNECTION;
    // Alone, as nearly always.
    for (word, strict, lax) in
        [(&b"keep-alive"[..], KEEP_ALIVE, LAX_KEEP_ALIVE), (b"close", CLOSE, LAX_CLOSE)]
    {
        if token::same(value, word) {
            known.flags |= if first { strict | lax } else { strict };
            return;
        }
    }
    for (token, strict, lax) in [
        (&b"close"[..], CLOSE, LAX_CLOSE),
        (b"keep-alive", KEEP_ALIVE, LAX_KEEP_ALIVE),
        (b"upgrade", UPGRADE, 0),
    ] {
        if token::list_has(value, token) {
            known.flags |= strict;
        }
        if first && lax != 0 && token::has_token(value, token) {
            known.flags |= lax;
        }
    }
}

impl Known {
    /// Whether any of the flags is set.
    pub fn has(&self, flags: u16) -> bool {
        self.flags & flags != 0
    }

    /// Whether the chunked coding applies. Refused: any other coding, several fields, HTTP/1.0,
    /// and a length beside it.
    pub fn chunked(&self, head: &[u8], major: u8, minor: u8) -> Result<bool> {
        if self.encodings == 0 {
            return Ok(false);
        }
        // Go takes 0.0 for 1.1.
        let version = (major, minor);
        if version != (0, 0) && version < (1, 1) {
            return Err(Error::HTTP_ENCODING_IN_OLD_VERSION);
        }
        if self.encodings > 1 || !self.encoding.of(head).eq_ignore_ascii_case(b"chunked") {
            return Err(Error::HTTP_UNSUPPORTED_TRANSFER_ENCODING);
        }
        if self.lengths > 0 {
            return Err(Error::HTTP_LENGTH_AND_ENCODING);
        }
        Ok(true)
    }

    /// The announced length (Go: `parseContentLength`); several must be the same.
    pub fn length(&self, head: &[u8]) -> Result<Option<u64>> {
        if self.lengths == 0 {
            return Ok(None);
        }
        if self.has(LENGTHS_DIFFER) {
            return Err(Error::HTTP_BAD_CONTENT_LENGTH);
        }
        token::decimal(token::trim(self.length.of(head))).map(Some).ok_or(Error::HTTP_BAD_CONTENT_LENGTH)
    }

    /// Checks the announced trailer names of a chunked message (Go: `fixTrailer`).
    pub fn check_trailer(&self) -> Result<()> {
        if self.has(MANY_TRAILERS) {
            return Err(Error::HTTP_HEADER_TOO_LARGE);
        }
        if self.has(BAD_TRAILER) {
            return Err(Error::HTTP_BAD_TRAILER);
        }
        Ok(())
    }

    /// Whether the connection ends after this message (Go: `shouldClose`).
    pub fn closes(&self, major: u8, minor: u8) -> bool {
        match (major, minor) {
            (0, _) => true,
            (1, 0) => self.has(CLOSE) || !self.has(KEEP_ALIVE),
            _ => self.has(CLOSE),
        }
    }
}

/// Reads a trailer section that ends with its blank line: the same rules and the same in-place
/// joining as a head's fields (Go: `body.readTrailer`). Gives the fields' span and the length of the section.
pub fn parse_trailers(section: &mut [u8], limits: Limits) -> Result<(Span, usize)> {
    let known = parse_fields(section, 0, limits.fields)?;
    Ok((known.fields, known.len))
}

#[cfg(test)]
#[path = "head_tests.rs"]
mod tests;
