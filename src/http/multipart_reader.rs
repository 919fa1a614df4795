//! Reads multipart bodies part by part through a window of the caller's (Go: `multipart.Reader`,
//! `multipart.Part`); nothing else is kept.

use super::header::Fields;
use super::multipart::{self, Event, Limits, Parser};
use super::quoted_printable::Decoder;
use super::Span;
use crate::bytes;
use crate::error::{Error, Result};
use crate::text::Text;

/// Where the bytes come from: reads 1 to that many, 0 at the body's end.
pub type Source<'s> = dyn FnMut(&mut [u8]) -> Result<usize> + 's;

/// The least room that a window has beside the boundary, twice.
const ROOM_MIN: usize = 64;

/// Where a reader is in its body. It goes with one window, which it does not hold, so that both may lie
/// in the application's memory.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    parser: Parser,
    /// The window's first bytes are the boundary.
    boundary: u32,
    /// What is not used yet.
    start: u32,
    end: u32,
    /// The fields of the part, until its data is read.
    fields: Option<Span>,
    /// The part is quoted-printable.
    quoted: Option<Decoder>,
    eof: bool,
    error: Option<Error>,
}

impl Reader {
    /// A reader of the body that `content_type` tells of. The window has to take the boundary twice,
    /// 64 bytes more, and the fields of each part; the more, the fewer reads.
    ///
    /// Errors: those of [`multipart::write_boundary`].
    pub fn new(content_type: &[u8], mixed: bool, limits: Limits, window: &mut [u8]) -> Result<Reader> {
        let mut out = Text::new(window);
        multipart::write_boundary(content_type, mixed, &mut out)?;
        let boundary = out.len();
        if window.len().saturating_sub(2 * boundary) < ROOM_MIN || u32::try_from(window.len()).is_err() {
            return Err(Error::BUFFER_TOO_SMALL);
        }
        Ok(Reader {
            parser: Parser::new(limits),
            boundary: boundary as u32,
            start: boundary as u32,
            end: boundary as u32,
            fields: None,
            quoted: None,
            eof: false,
            error: None,
        })
    }

    /// Goes to the next part, past what was not read of this one; false behind the last.
    ///
    /// Errors stay: those of [`Parser::step`] and of the source; `HTTP_HEADER_TOO_LARGE` for fields
    /// that do not fit the window.
    pub fn next_part(&mut self, window: &mut [u8], source: &mut Source<'_>) -> Result<bool> {
        self.keep(|r| r.find_part(window, source))
    }

    fn find_part(&mut self, window: &mut [u8], source: &mut Source<'_>) -> Result<bool> {
        self.fields = None;
        self.quoted = None;
        loop {
            self.drop_data(self.parser.known());
            let base = self.start;
            match self.step(window)? {
                Event::More => self.fill(window, source)?,
                Event::Data { .. } => {}
                Event::End => return Ok(false),
                Event::Part(span) => {
                    let span = Span { start: base.saturating_add(span.start), len: span.len };
                    self.fields = Some(span);
                    let coding = Fields::new(span.of(window)).get(CODING);
                    let quoted = coding.is_some_and(|c| c.eq_ignore_ascii_case(b"quoted-printable"));
                    self.quoted = quoted.then(Decoder::default);
                    return Ok(true);
                }
            }
        }
    }

    /// The fields of the part, until its data is read or the next part comes; `STATE` then. Of one that
    /// is decoded, the coding is no field that says anything.
    pub fn fields<'w>(&self, window: &'w [u8]) -> Result<Fields<'w>> {
        let span = self.fields.ok_or(Error::STATE)?;
        Ok(Fields::new(span.of(window)))
    }

    /// The field of that name is hidden, because it was undone (Go: `NextPart`).
    pub fn hides(&self, name: &[u8]) -> bool {
        self.quoted.is_some() && name.eq_ignore_ascii_case(CODING)
    }

    /// Reads data of the part, decoded if it is quoted-printable; 0 at the part's end.
    ///
    /// Errors stay: as [`Reader::next_part`]; `INVALID` for an empty `out`, `STATE` outside of a part,
    /// `HTTP_MALFORMED_MULTIPART` also for bytes that are not quoted-printable.
    pub fn read(&mut self, window: &mut [u8], out: &mut [u8], source: &mut Source<'_>) -> Result<usize> {
        if out.is_empty() {
            return Err(Error::INVALID);
        }
        if self.error.is_none() && !self.parser.is_in_data() {
            return Err(Error::STATE);
        }
        self.keep(|r| r.read_data(window, out, source))
    }

    fn read_data(&mut self, window: &mut [u8], out: &mut [u8], source: &mut Source<'_>) -> Result<usize> {
        self.fields = None;
        loop {
            let (known, last) = (self.parser.known(), self.parser.is_last());
            let raw = window.get(self.start as usize..).and_then(|w| w.get(..known)).unwrap_or(&[]);
            let (used, len) = match &mut self.quoted {
                None => {
                    let n = raw.len().min(out.len());
                    out.iter_mut().zip(raw).for_each(|(to, b)| *to = *b);
                    (n, n)
                }
                Some(decoder) => {
                    let bad = |_| Error::HTTP_MALFORMED_MULTIPART;
                    decoder.decode(raw, last, out).map_err(bad)?
                }
            };
            self.drop_data(used);
            if len > 0 || last && self.parser.known() == 0 {
                return Ok(len);
            }
            if used == 0 && matches!(self.step(window)?, Event::More) {
                self.fill(window, source)?;
            }
        }
    }

    /// Keeps the error that `f` gives.
    fn keep<R>(&mut self, f: impl FnOnce(&mut Reader) -> Result<R>) -> Result<R> {
        if let Some(e) = self.error {
            return Err(e);
        }
        let done = f(self);
        self.error = done.as_ref().err().copied();
        done
    }

    fn step(&mut self, window: &mut [u8]) -> Result<Event> {
        let (boundary, rest) = window.split_at_mut_checked(self.boundary as usize).ok_or(Error::STATE)?;
        let from = self.start.wrapping_sub(self.boundary);
        let to = self.end.wrapping_sub(self.boundary);
        let rest = rest.get_mut(from as usize..to as usize).ok_or(Error::STATE)?;
        let step = self.parser.step(boundary, rest, self.eof)?;
        self.start = self.start.saturating_add(step.used as u32);
        Ok(step.event)
    }

    fn drop_data(&mut self, n: usize) {
        self.parser.take(n);
        self.start = self.start.saturating_add(n as u32);
    }

    /// Reads more behind what is there.
    fn fill(&mut self, window: &mut [u8], source: &mut Source<'_>) -> Result<()> {
        if self.start > self.boundary {
            bytes::shift(window, self.start as usize, self.end as usize, self.boundary as usize);
            self.end = self.end.saturating_sub(self.start - self.boundary);
            self.start = self.boundary;
        }
        let room = window.get_mut(self.end as usize..).unwrap_or(&mut []);
        if room.is_empty() {
            let fields = self.parser.is_in_fields();
            return Err(if fields { Error::HTTP_HEADER_TOO_LARGE } else { Error::BUFFER_TOO_SMALL });
        }
        let n = source(room)?.min(room.len());
        self.end = self.end.saturating_add(n as u32);
        self.eof |= n == 0;
        Ok(())
    }
}

const CODING: &[u8] = b"Content-Transfer-Encoding";

/// Words that a reader is, when it is kept elsewhere.
pub const WORDS: usize = 17;

impl Reader {
    /// The reader as numbers.
    pub fn to_words(&self) -> [u32; WORDS] {
        let p = self.parser.to_words();
        let quoted = self.quoted.unwrap_or_default();
        let fields = self.fields.unwrap_or(Span::EMPTY);
        let flag = |set: bool, bit: u32| if set { bit } else { 0 };
        let flags = flag(self.eof, EOF) | flag(self.fields.is_some(), HAS_FIELDS);
        let flags = flags | flag(self.quoted.is_some(), QUOTED) | MADE;
        let error = self.error.map_or(0, |e| e.code() as u32);
        let [a, b, c, d, e, f, g, h] = p;
        [
            a | flags,
            b,
            c,
            d,
            e,
            f,
            g,
            h,
            self.boundary,
            self.start,
            self.end,
            fields.start,
            fields.len,
            quoted.line,
            quoted.seen,
            quoted.plain,
            error,
        ]
    }

    /// The reader that was these numbers; `STATE` for others. Numbers that were changed may give other
    /// parts, or errors, never more.
    pub fn from_words(words: &[u32; WORDS]) -> Result<Reader> {
        let [a, b, c, d, e, f, g, h, boundary, start, end, field_start, field_len, line, seen, plain, error] =
            *words;
        if a & MADE_MASK != MADE {
            return Err(Error::STATE);
        }
        let has = |bit: u32| a & bit != 0;
        Ok(Reader {
            parser: Parser::from_words([a, b, c, d, e, f, g, h]).ok_or(Error::STATE)?,
            boundary,
            start,
            end,
            fields: has(HAS_FIELDS).then_some(Span { start: field_start, len: field_len }),
            quoted: has(QUOTED).then_some(Decoder { line, seen, plain }),
            eof: has(EOF),
            error: (error != 0).then(|| Error::from_code(error as i32)),
        })
    }
}

const EOF: u32 = 1 << 16;
const HAS_FIELDS: u32 = 1 << 17;
const QUOTED: u32 = 1 << 18;
/// What tells such numbers from memory that was never set.
const MADE: u32 = 0xd5 << 24;
const MADE_MASK: u32 = 0xff << 24;
