//! The fields of an answer, set before its head is sent. They lie sorted at the end of the head
//! buffer, as they go out (Go: `Header.WriteSubset`).

use crate::bytes::{rotate_left, shift};
use crate::error::{Error, Result};
use crate::http::escaped::Escaped;
use crate::http::header::{canonical, is_valid_name};
use crate::http::server::answer::Own;
use crate::http::server::state::{Parts, HEAD_SLACK};
use crate::http::{Fields, HeadWriter};

/// Automatic fields that an answer may do without, by bit ([`Parts::omit_field`]).
pub mod automatic {
    /// `Date`
    pub const DATE: u8 = 1;
    /// `Content-Type`
    pub const TYPE: u8 = 2;
    /// `Content-Length`
    pub const LENGTH: u8 = 4;

    pub fn of(name: &[u8]) -> u8 {
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"Date") => DATE,
            12 if name.eq_ignore_ascii_case(b"Content-Type") => TYPE,
            14 if name.eq_ignore_ascii_case(b"Content-Length") => LENGTH,
            _ => 0,
        }
    }
}

/// Bytes of a line of a field.
fn line_len(field: (&[u8], &[u8])) -> usize {
    field.0.len() + field.1.len() + 4
}

impl Parts<'_> {
    /// Where the lines of the fields begin: behind the trailers.
    pub fn lines_at(&self) -> usize {
        self.x.fields as usize + usize::from(self.x.trailer_len)
    }

    /// The lines of the fields that were set.
    pub fn field_lines(&self) -> &[u8] {
        self.head.get(self.lines_at()..self.x.fields_end as usize).unwrap_or(&[])
    }

    /// The lines of the trailers that were set.
    pub fn trailer_lines(&self) -> &[u8] {
        self.head.get(self.x.fields as usize..self.lines_at()).unwrap_or(&[])
    }

    /// The first value set for a name.
    pub fn field(&self, name: &[u8]) -> Option<&[u8]> {
        Fields::new(self.field_lines()).get(name)
    }

    /// `Content-Type` is set, or is not to be sent.
    pub fn has_type(&self) -> bool {
        self.x.omit & automatic::TYPE != 0 || self.field(b"Content-Type").is_some()
    }

    /// Bytes between what was received and the fields; some stay for reading a chunked body.
    fn room(&self) -> usize {
        (self.x.fields as usize).saturating_sub(self.x.filled as usize + HEAD_SLACK / 2)
    }

    /// Adds a field behind those of the same name (Go: `Header.Add`).
    pub fn add_field(&mut self, name: &[u8], value: &[u8]) -> Result<()> {
        if self.x.committed {
            return Err(Error::HTTP_HEADERS_SENT);
        }
        self.put_field(name, value)
    }

    /// [`Parts::add_field`] for the library's own answers.
    pub fn put_field(&mut self, name: &[u8], value: &[u8]) -> Result<()> {
        self.put_line(name, value, false)?;
        self.x.may_announce |= name.eq_ignore_ascii_case(b"Content-Length");
        self.x.own |= Own::may_be(name);
        self.x.omit &= !automatic::of(name);
        Ok(())
    }

    /// A field whose value is escaped where it is not ASCII (Go: `hexEscapeNonASCII`).
    pub fn put_escaped(&mut self, name: &[u8], value: &[u8]) -> Result<()> {
        self.put_line(name, value, true)
    }

    fn put_line(&mut self, name: &[u8], value: &[u8], escape: bool) -> Result<()> {
        let before = before(self.field_lines(), name) + usize::from(self.x.trailer_len);
        let added = self.insert_line(name, value, escape)?;
        self.settle_line(added, before);
        Ok(())
    }

    /// Adds a trailer of the answer.
    pub fn put_trailer(&mut self, name: &[u8], value: &[u8]) -> Result<()> {
        let before = before(self.trailer_lines(), name);
        let added = self.insert_line(name, value, false)?;
        self.x.trailer_len += added as u16;
        self.settle_line(added, before);
        Ok(())
    }

    /// Writes a line in front of the others.
    fn insert_line(&mut self, name: &[u8], value: &[u8], escape: bool) -> Result<usize> {
        let start = self.x.fields as usize;
        let high = if escape { value.iter().filter(|b| !b.is_ascii()).count() } else { 0 };
        let len = name.len().saturating_add(value.len()).saturating_add(4 + 2 * high);
        let longest = usize::from(u16::MAX - self.x.trailer_len);
        if len > self.room().min(longest) {
            // What is wrong with the bytes comes before the room they need.
            if !is_valid_name(name) {
                return Err(Error::HTTP_INVALID_HEADER_NAME);
            }
            return Err(Error::BUFFER_TOO_SMALL);
        }
        let place = self.head.get_mut(start - len..start).ok_or(Error::BUFFER_TOO_SMALL)?;
        let mut w = HeadWriter::new(place);
        w.field_tamed(name, value, escape)?;
        let short = w.len();
        // A value that was trimmed is shorter than its place.
        if short < len {
            shift(place, 0, short, len - short);
        }
        self.x.fields = (start - short) as u32;
        Ok(short)
    }

    /// Moves the first line behind the `before` bytes that follow it.
    fn settle_line(&mut self, len: usize, before: usize) {
        let start = self.x.fields as usize;
        if let Some(lines) = self.head.get_mut(start..start + len + before).filter(|_| before > 0) {
            rotate_left(lines, len);
        }
    }

    /// Removes the fields of a name (Go: `Header.Del`).
    pub fn del_field(&mut self, name: &[u8]) {
        self.x.omit &= !automatic::of(name);
        while self.cut_line(name, self.lines_at(), self.x.fields_end as usize) > 0 {}
    }

    /// Sends no field of that name, not even the automatic one (Go: a header key without values).
    pub fn omit_field(&mut self, name: &[u8]) {
        self.del_field(name);
        self.x.omit |= automatic::of(name);
    }

    /// Removes the trailers of a name.
    pub fn del_trailer(&mut self, name: &[u8]) {
        loop {
            let len = self.cut_line(name, self.x.fields as usize, self.lines_at());
            self.x.trailer_len -= len as u16;
            if len == 0 {
                return;
            }
        }
    }

    /// Takes the first line of a name out of those in `from..to`; its bytes are left in front of all.
    fn cut_line(&mut self, name: &[u8], from: usize, to: usize) -> usize {
        let mut at = from;
        let mut len = 0;
        for field in Fields::new(self.head.get(from..to).unwrap_or(&[])) {
            if field.0.eq_ignore_ascii_case(name) {
                len = line_len(field);
                break;
            }
            at += line_len(field);
        }
        let start = self.x.fields as usize;
        if let Some(lines) = self.head.get_mut(start..at + len).filter(|_| len > 0) {
            rotate_left(lines, at - start);
        }
        self.x.fields += len as u32;
        len
    }

    /// Takes the fields out that only an answer with a body has, for an interim answer; gives their bytes
    /// to [`Parts::put_back`].
    pub fn take_framing(&mut self) -> usize {
        let start = self.x.fields;
        for name in [&b"Content-Length"[..], b"Transfer-Encoding"] {
            while self.cut_line(name, self.lines_at(), self.x.fields_end as usize) > 0 {}
        }
        (self.x.fields - start) as usize
    }

    /// Puts what [`Parts::take_framing`] took back in its place.
    pub fn put_back(&mut self, mut taken: usize) {
        while taken > 0 {
            let from = self.x.fields as usize - taken;
            let hidden = self.head.get(from..from + taken).unwrap_or(&[]);
            let Some(first) = Fields::new(hidden).next() else { return };
            let len = line_len(first);
            let before = before(self.field_lines(), first.0) + usize::from(self.x.trailer_len);
            if let Some(lines) = self.head.get_mut(from..from + taken + before) {
                rotate_left(lines, len);
            }
            self.x.fields -= len as u32;
            taken -= len;
        }
    }

    /// The handler announced the trailer of a name in its `Trailer` field (Go: `declareTrailer`).
    pub fn declares(&self, name: &[u8]) -> bool {
        is_trailer_name(name)
            && Fields::new(self.field_lines()).elements(b"Trailer").any(|n| n.eq_ignore_ascii_case(name))
    }

    /// Makes trailers of the fields that the handler announced and has set already.
    pub fn copy_declared(&mut self) -> Result<()> {
        let mut done = 0;
        loop {
            let mut at = self.lines_at();
            let mut found = None;
            let lines = Fields::new(self.field_lines());
            for (k, field) in lines.enumerate() {
                if k >= done && self.declares(field.0) {
                    found = Some((k, line_len(field), before(self.trailer_lines(), field.0)));
                    break;
                }
                at += line_len(field);
            }
            let Some((k, len, before)) = found else { return Ok(()) };
            if len > self.room().min(usize::from(u16::MAX - self.x.trailer_len)) {
                return Err(Error::BUFFER_TOO_SMALL);
            }
            let place = self.x.fields as usize - len;
            shift(self.head, at, at + len, place);
            self.x.fields = place as u32;
            self.x.trailer_len += len as u16;
            self.settle_line(len, before);
            done = k + 1;
        }
    }

    /// Decodes a part of the head behind the fields, where it stays until the exchange ends; gives
    /// its place in the head buffer.
    pub fn keep_decoded(&mut self, from: usize, to: usize) -> Result<(usize, usize)> {
        let room = self.room();
        let split = self.x.filled as usize;
        let (front, back) = self.head.split_at_mut_checked(split).ok_or(Error::STATE)?;
        let value = Escaped(front.get(from..to).unwrap_or(&[]));
        let len = value.decode().count();
        if len > room {
            return Err(Error::BUFFER_TOO_SMALL);
        }
        let (start, end) = (self.x.fields as usize - split, self.x.fields_end as usize - split);
        shift(back, start, end, start - len);
        self.x.fields -= len as u32;
        self.x.fields_end -= len as u32;
        let place = back.get_mut(end - len..end).ok_or(Error::STATE)?;
        place.iter_mut().zip(value.decode()).for_each(|(to, b)| *to = b);
        Ok((split + end - len, split + end))
    }
}

/// Bytes of the lines that come before a new one of a name.
fn before(lines: &[u8], name: &[u8]) -> usize {
    Fields::new(lines).take_while(|(n, _)| canonical(n).le(canonical(name))).map(line_len).sum()
}

/// Whether a trailer may have this name (Go: `httpguts.ValidTrailerHeader`).
fn is_trailer_name(name: &[u8]) -> bool {
    const NEVER: [&[u8]; 21] = [
        b"Authorization",
        b"Cache-Control",
        b"Connection",
        b"Content-Encoding",
        b"Content-Length",
        b"Content-Range",
        b"Content-Type",
        b"Expect",
        b"Host",
        b"Keep-Alive",
        b"Max-Forwards",
        b"Pragma",
        b"Proxy-Authenticate",
        b"Proxy-Authorization",
        b"Proxy-Connection",
        b"Range",
        b"Realm",
        b"Te",
        b"Trailer",
        b"Transfer-Encoding",
        b"Www-Authenticate",
    ];
    let conditional = name.get(..3).is_some_and(|n| n.eq_ignore_ascii_case(b"If-"));
    !conditional && !NEVER.iter().any(|n| n.eq_ignore_ascii_case(name))
}
