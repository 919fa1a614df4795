//! Multipart bodies (RFC 2046 §5.1, RFC 7578; Go: `mime/multipart.Reader`): where parts begin and end,
//! sans I/O. [`super::multipart_reader`] runs it over a window.

use super::head::{parse_trailers, Limits as HeadLimits};
use super::header::Fields;
use super::media_type::MediaType;
use super::{token, Span};
use crate::error::{Error, Result};
use crate::text::Text;

/// The longest line before the first part, and the longest delimiter line (Go: `peekBufferSize`).
pub const MAX_LINE: u32 = 4096;

/// What a body may have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Parts (Go: 1000).
    pub parts: u32,
    /// Fields of one part, and of all parts with file names together (Go: 10,000).
    pub fields: u32,
}

impl Limits {
    /// Go's, which are also the greatest.
    pub const GO: Limits = Limits { parts: 1000, fields: 10_000 };
}

/// Writes the boundary that a Content-Type announces (Go: `Request.MultipartReader`).
/// `HTTP_NOT_MULTIPART` for another type than `multipart/form-data`, or with `mixed`
/// `multipart/mixed`; `HTTP_MISSING_BOUNDARY` without one, for an empty one, and for one with a line
/// end, which no line can have; `BUFFER_TOO_SMALL`.
pub fn write_boundary(content_type: &[u8], mixed: bool, out: &mut Text<'_>) -> Result<()> {
    let parsed = MediaType::parse(content_type).map_err(|_| Error::HTTP_NOT_MULTIPART)?;
    let known = parsed.is(b"multipart/form-data") || mixed && parsed.is(b"multipart/mixed");
    if !known {
        return Err(Error::HTTP_NOT_MULTIPART);
    }
    let start = out.len();
    let there = parsed.write_param(b"boundary", out)?;
    let boundary = out.bytes().get(start..).unwrap_or(&[]);
    if !there || boundary.is_empty() || boundary.iter().any(|b| matches!(b, b'\r' | b'\n')) {
        return Err(Error::HTTP_MISSING_BOUNDARY);
    }
    Ok(())
}

/// Writes the name of a part's form field (Go: `Part.FormName`); nothing without a Content-Disposition
/// of the type `form-data` with a name. `BUFFER_TOO_SMALL`.
pub fn write_name(fields: &Fields<'_>, out: &mut Text<'_>) -> Result<()> {
    match disposition(fields) {
        Some(d) if d.is(b"form-data") => d.write_param(b"name", out).map(drop),
        _ => Ok(()),
    }
}

/// Writes a part's file name without the folders before it (Go: `Part.FileName`); nothing if it has
/// none. `BUFFER_TOO_SMALL`, also when only the folders do not fit.
pub fn write_file_name(fields: &Fields<'_>, out: &mut Text<'_>) -> Result<()> {
    let Some(disposition) = disposition(fields) else { return Ok(()) };
    let start = out.len();
    disposition.write_param(b"filename", out)?;
    let name = out.bytes().get(start..).unwrap_or(&[]);
    // As `filepath.Base`: without slashes at the end, and a name of nothing else is one slash.
    let end = name.iter().rposition(|b| *b != b'/').map_or(name.len().min(1), |at| at + 1);
    let folders = name.get(..end).unwrap_or(&[]).iter().rposition(|b| *b == b'/');
    let from = folders.map_or(0, |at| at + 1) % end.max(1);
    crate::bytes::shift(out.tail_mut(start), from, end, 0);
    out.truncate(start + end - from);
    Ok(())
}

/// Where the last line begins that does not go on with the one before, if it may be a field's; else
/// the section's end.
fn last_field(section: &[u8]) -> usize {
    let (mut start, mut at) = (section.len(), 0);
    while let Some(rest) = section.get(at..).filter(|rest| !rest.is_empty()) {
        let len = token::find(rest, b'\n').map_or(rest.len(), |end| end + 1);
        if !rest.first().is_some_and(|b| token::is_blank(*b)) {
            let named = token::find(rest.get(..len).unwrap_or(rest), b':').is_some();
            start = if named { at } else { section.len() };
        }
        at += len;
    }
    start
}

fn disposition<'a>(fields: &Fields<'a>) -> Option<MediaType<'a>> {
    MediaType::parse(fields.get(b"content-disposition")?).ok()
}

/// What [`Parser::step`] found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// More input is needed.
    More,
    /// A part begins; its fields lie there in the window, for [`Fields`].
    Part(Span),
    /// So many bytes at the start of the window are the part's.
    Data {
        /// The bytes.
        len: usize,
        /// The part ends with them.
        last: bool,
    },
    /// The last part is over; what follows does not count.
    End,
}

/// See [`Parser::step`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// Bytes at the start of the window that are done with; none for [`Event::Data`].
    pub used: usize,
    /// What they were.
    pub event: Event,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
enum State {
    /// At the start of a line before the first part.
    Preamble,
    /// In such a line that is no delimiter.
    Skip,
    /// Behind `--boundary`.
    Behind,
    /// In blanks behind it, and behind the CR of the line.
    Blank,
    BlankCr,
    /// Behind `--boundary-`, and in the rest of the last delimiter line.
    Dash,
    Final,
    FinalCr,
    /// In the fields of a part.
    Fields,
    /// At the start of a part's data, where a delimiter needs no line end before it.
    First,
    Data,
    /// Behind the data, at a delimiter with its line end, or without.
    Last,
    LastAtFirst,
    Done,
}

/// All of them, for [`Parser::from_words`].
const STATES: [State; 14] = [
    State::Preamble,
    State::Skip,
    State::Behind,
    State::Blank,
    State::BlankCr,
    State::Dash,
    State::Final,
    State::FinalCr,
    State::Fields,
    State::First,
    State::Data,
    State::Last,
    State::LastAtFirst,
    State::Done,
];

/// How the bytes at a place compare with a delimiter.
enum Found {
    No,
    Yes,
    /// They go on in what is not there yet.
    Unknown,
}

/// Finds parts in a window over the body. The window holds what was not used yet and grows behind;
/// it must be longer than the boundary and 8 bytes, and than the fields of every part.
#[derive(Clone, Copy, Debug)]
pub struct Parser {
    state: State,
    /// Lines end in a bare LF (as the first delimiter line did).
    lf: bool,
    parts: u32,
    fields_left: u32,
    /// Bytes of the line so far; in fields, where the line begins.
    line: u32,
    /// Bytes that were looked at: of the delimiter, or of fields.
    seen: u32,
    /// Bytes at the window's start that are data.
    known: u32,
    limits: Limits,
}

impl Parser {
    /// Before the body.
    pub const fn new(limits: Limits) -> Parser {
        let fields_left = limits.fields;
        Parser {
            state: State::Preamble,
            lf: false,
            parts: 0,
            fields_left,
            line: 0,
            seen: 0,
            known: 0,
            limits,
        }
    }

    /// Goes on in the window, whose first `used` bytes must be gone before the next step, as must be
    /// those that [`Parser::take`] was told of. `eof`: the body ends with it.
    ///
    /// `UNEXPECTED_EOF`; `HTTP_MALFORMED_MULTIPART` for a line that is none; of fields
    /// `HTTP_MALFORMED_HEADER`, `HTTP_HEADER_TOO_LARGE`; `HTTP_BODY_TOO_LARGE` for too many parts;
    /// `HTTP_LINE_TOO_LONG`. No step is of use after an error.
    pub fn step(&mut self, boundary: &[u8], window: &mut [u8], eof: bool) -> Result<Step> {
        let mut used = 0;
        loop {
            let rest = window.get(used..).unwrap_or(&[]);
            match self.state {
                State::Done => return Ok(Step { used, event: Event::End }),
                State::Preamble => match self.matches(&[b"--", boundary], rest) {
                    Found::Yes => used += self.behind_dashes(boundary),
                    Found::No => {
                        self.line = 0;
                        self.state = State::Skip;
                    }
                    Found::Unknown => return self.more(used, eof),
                },
                State::Skip => match token::find(rest, b'\n') {
                    Some(at) => {
                        self.count(at + 1, MAX_LINE)?;
                        self.line = 0;
                        self.state = State::Preamble;
                        used += at + 1;
                    }
                    None => {
                        self.count(rest.len(), MAX_LINE - 1)?;
                        return self.more(window.len(), eof);
                    }
                },
                State::Fields => return self.fields(window, used, eof),
                State::First | State::Data => return self.data(boundary, window, eof),
                State::Last | State::LastAtFirst if self.known > 0 => {
                    let event = Event::Data { len: self.known as usize, last: true };
                    return Ok(Step { used, event });
                }
                State::Last | State::LastAtFirst => {
                    let nl = if self.state == State::Last { self.line_end().len() } else { 0 };
                    used += nl + self.behind_dashes(boundary);
                }
                _ => match rest.first() {
                    Some(byte) => used += usize::from(self.in_line(*byte)?),
                    None if eof && self.state == State::Final => self.state = State::Done,
                    None => return self.more(used, eof),
                },
            }
        }
    }

    /// Bytes at the start of the window that are known to be data.
    pub fn known(&self) -> usize {
        self.known as usize
    }

    /// The part ends behind [`Parser::known`].
    pub fn is_last(&self) -> bool {
        matches!(self.state, State::Last | State::LastAtFirst)
    }

    /// In the data of a part, or at its end.
    pub(super) fn is_in_data(&self) -> bool {
        matches!(self.state, State::First | State::Data) || self.is_last()
    }

    /// In the fields of a part.
    pub(super) fn is_in_fields(&self) -> bool {
        self.state == State::Fields
    }

    /// So many of the known bytes are gone from the window.
    pub fn take(&mut self, n: usize) {
        self.known = self.known.saturating_sub(n as u32);
    }

    /// The parser as numbers; the upper half of the first one is free.
    pub(super) fn to_words(self) -> [u32; 8] {
        let first = self.state as u32 | u32::from(self.lf) << 8;
        let limits = self.limits;
        [first, self.parts, self.fields_left, self.line, self.seen, self.known, limits.parts, limits.fields]
    }

    /// The parser that was these numbers; `None` for a state that there is not.
    pub(super) fn from_words(words: [u32; 8]) -> Option<Parser> {
        let [first, parts, fields_left, line, seen, known, max_parts, fields] = words;
        let state = STATES.iter().find(|s| **s as u32 == first & 0xff)?;
        let limits = Limits { parts: max_parts, fields };
        Some(Parser { state: *state, lf: first & 0x100 != 0, parts, fields_left, line, seen, known, limits })
    }

    fn more(&self, used: usize, eof: bool) -> Result<Step> {
        if eof {
            return Err(Error::UNEXPECTED_EOF);
        }
        Ok(Step { used, event: Event::More })
    }

    fn line_end(&self) -> &'static [u8] {
        if self.lf {
            b"\n"
        } else {
            b"\r\n"
        }
    }

    fn count(&mut self, n: usize, max: u32) -> Result<()> {
        self.line = self.line.saturating_add(u32::try_from(n).unwrap_or(u32::MAX));
        if self.line > max {
            return Err(Error::HTTP_LINE_TOO_LONG);
        }
        Ok(())
    }

    /// Behind `--boundary`, whose length it gives.
    fn behind_dashes(&mut self, boundary: &[u8]) -> usize {
        self.state = State::Behind;
        self.line = boundary.len() as u32 + 2;
        self.seen = 0;
        boundary.len() + 2
    }

    /// Compares with the parts of a delimiter, from where the last comparison ended.
    fn matches(&mut self, parts: &[&[u8]], rest: &[u8]) -> Found {
        let seen = self.seen as usize;
        let want = parts.iter().copied().flatten().skip(seen);
        let mut have = rest.iter().skip(seen);
        for byte in want {
            token::step(1);
            match have.next() {
                Some(b) if b == byte => self.seen = self.seen.saturating_add(1),
                Some(_) => {
                    self.seen = 0;
                    return Found::No;
                }
                None => return Found::Unknown,
            }
        }
        Found::Yes
    }

    /// A byte of a delimiter line behind the boundary; false: it was not used.
    fn in_line(&mut self, byte: u8) -> Result<bool> {
        token::step(1);
        let lf = self.lf;
        let first = self.parts == 0;
        let next = match (self.state, byte) {
            (State::Behind | State::Blank, b' ' | b'\t') => State::Blank,
            (State::Behind | State::Blank, b'\r') if !lf => State::BlankCr,
            (State::Behind | State::Blank, b'\n') if lf || first => {
                self.lf = true;
                State::Fields
            }
            (State::BlankCr, b'\n') => State::Fields,
            (State::Behind, b'-') => State::Dash,
            (State::Dash, b'-') | (State::Final, b' ' | b'\t') => State::Final,
            (State::Final, b'\r') if !lf => State::FinalCr,
            (State::Final, b'\n') if lf => State::Done,
            (State::FinalCr, b'\n') => State::Done,
            _ if first => {
                self.state = State::Skip;
                return Ok(false);
            }
            _ => return Err(Error::HTTP_MALFORMED_MULTIPART),
        };
        self.count(1, if byte == b'\n' { MAX_LINE } else { MAX_LINE - 1 })?;
        if next == State::Fields {
            self.line = 0;
            self.seen = 0;
        }
        self.state = next;
        Ok(true)
    }

    /// The fields of a part, when they are there as a whole.
    fn fields(&mut self, window: &mut [u8], used: usize, eof: bool) -> Result<Step> {
        let section = window.get_mut(used..).unwrap_or(&mut []);
        while let Some(at) = token::find(section.get(self.seen as usize..).unwrap_or(&[]), b'\n') {
            let end = self.seen as usize + at;
            let line = section.get(self.line as usize..end).unwrap_or(&[]);
            let blank = matches!(line, [] | [b'\r']);
            self.seen = end as u32 + 1;
            self.line = self.seen;
            if blank {
                let limits = HeadLimits { head_len: u32::MAX, fields: self.fields_left };
                let section = section.get_mut(..end + 1).unwrap_or(&mut []);
                let (span, _) = parse_trailers(section, limits)?;
                self.parts = self.parts.saturating_add(1);
                if self.parts > self.limits.parts {
                    return Err(Error::HTTP_BODY_TOO_LARGE);
                }
                let fields = Fields::new(span.of(section));
                let file = |d: MediaType<'_>| {
                    d.params().flatten().any(|p| p.base().eq_ignore_ascii_case(b"filename"))
                };
                if disposition(&fields).is_some_and(file) {
                    let count = u32::try_from(fields.count()).unwrap_or(u32::MAX);
                    self.fields_left = self.fields_left.saturating_sub(count);
                }
                self.state = State::First;
                (self.seen, self.known) = (0, 0);
                let span = Span { start: span.start + used as u32, len: span.len };
                return Ok(Step { used: used + end + 1, event: Event::Part(span) });
            }
        }
        self.seen = section.len() as u32;
        if eof {
            return self.cut_off(section);
        }
        Ok(Step { used, event: Event::More })
    }

    /// The body ends among the fields: that is the end of all parts, if the lines are fields (as in
    /// Go, whose reader of fields gives the end of input as it is).
    fn cut_off(&mut self, section: &mut [u8]) -> Result<Step> {
        let line = section.get(self.line as usize..).unwrap_or(&[]);
        let folded = self.line > 0 && line.first().is_some_and(|b| token::is_blank(*b));
        let whole = line.is_empty() || folded || token::find(line, b':').is_some();
        let cr = line.ends_with(b"\r");
        // A field whose folded line is cut off among its blanks is given up before it is looked at.
        let blank = folded && line.iter().all(|b| token::is_blank(*b));
        let keep = if blank { last_field(section) } else { section.len() };
        let used = section.len();
        let section = section.get_mut(..keep).unwrap_or(&mut []);
        let limits = HeadLimits { head_len: u32::MAX, fields: self.fields_left };
        match parse_trailers(section, limits) {
            Err(Error::UNEXPECTED_EOF) if whole && !cr => {
                self.state = State::Done;
                Ok(Step { used, event: Event::End })
            }
            Err(Error::UNEXPECTED_EOF) | Ok(_) => Err(Error::HTTP_MALFORMED_HEADER),
            Err(e) => Err(e),
        }
    }

    /// Looks for the delimiter behind the known data.
    fn data(&mut self, boundary: &[u8], window: &[u8], eof: bool) -> Result<Step> {
        let before = self.known;
        self.scan(boundary, window, eof);
        let (len, last) = (self.known as usize, self.is_last());
        if last || self.known > before {
            return Ok(Step { used: 0, event: Event::Data { len, last } });
        }
        self.more(0, eof)
    }

    fn scan(&mut self, boundary: &[u8], window: &[u8], eof: bool) {
        if self.state == State::First {
            match self.delimiter(&[b"--", boundary], window, eof) {
                Found::Unknown => return,
                Found::Yes => {
                    self.state = State::LastAtFirst;
                    return;
                }
                Found::No => self.state = State::Data,
            }
        }
        let line_end = self.line_end();
        let start = line_end.first().copied().unwrap_or(b'\n');
        loop {
            let rest = window.get(self.known as usize..).unwrap_or(&[]);
            if self.seen == 0 {
                let at = token::find(rest, start);
                self.known = self.known.saturating_add(at.unwrap_or(rest.len()) as u32);
                if at.is_none() {
                    return;
                }
            }
            let rest = window.get(self.known as usize..).unwrap_or(&[]);
            match self.delimiter(&[line_end, b"--", boundary], rest, eof) {
                Found::Unknown => return,
                Found::Yes => {
                    self.state = State::Last;
                    return;
                }
                // Its first byte begins no delimiter; the others are looked at again.
                Found::No => self.known = self.known.saturating_add(1),
            }
        }
    }

    /// Whether the bytes are a delimiter: also what follows the boundary must be right.
    fn delimiter(&mut self, parts: &[&[u8]], rest: &[u8], eof: bool) -> Found {
        let found = self.matches(parts, rest);
        if !matches!(found, Found::Yes) {
            return found;
        }
        let len = self.seen as usize;
        let found = match (rest.get(len), rest.get(len + 1)) {
            (Some(b' ' | b'\t' | b'\r' | b'\n'), _) | (Some(b'-'), Some(b'-')) => Found::Yes,
            (None, _) if eof => Found::Yes,
            (None, _) => Found::Unknown,
            (Some(b'-'), None) if !eof => Found::Unknown,
            _ => Found::No,
        };
        if matches!(found, Found::No) {
            self.seen = 0;
        }
        found
    }
}

#[cfg(test)]
#[path = "multipart_tests.rs"]
mod tests;
