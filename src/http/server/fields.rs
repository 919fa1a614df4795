//! The fields of an answer, set before its head is sent. They lie sorted at the end of the head
//! buffer, as they go out (Go: `Header.WriteSubset`).

use crate::bytes::{rotate_left, shift};
use crate::error::{Error, Result};
use crate::http::escaped::Escaped;
use crate::http::header::canonical;
use crate::http::server::answer::Own;
use crate::http::server::state::{Parts, HEAD_SLACK};
use crate::http::{Fields, HeadWriter};

impl Parts<'_> {
    /// The lines of the fields that were set.
    pub fn field_lines(&self) -> &[u8] {
        self.head.get(self.x.fields as usize..self.x.fields_end as usize).unwrap_or(&[])
    }

    /// The first value set for a name.
    pub fn field(&self, name: &[u8]) -> Option<&[u8]> {
        Fields::new(self.field_lines()).get(name)
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
        let start = self.x.fields as usize;
        let len = name.len().saturating_add(value.len()).saturating_add(4);
        if len > self.room() {
            // What is wrong with the bytes comes before the room they need.
            HeadWriter::new(&mut []).field(name, value)?;
            return Err(Error::BUFFER_TOO_SMALL);
        }
        let place = self.head.get_mut(start - len..start).ok_or(Error::BUFFER_TOO_SMALL)?;
        let mut w = HeadWriter::new(place);
        w.field(name, value)?;
        let short = w.len();
        // A value that was trimmed is shorter than its place.
        if short < len {
            shift(place, 0, short, len - short);
        }
        let new = start - short;
        let before: usize = Fields::new(self.field_lines())
            .take_while(|(n, _)| canonical(n).le(canonical(name)))
            .map(|(n, v)| n.len() + v.len() + 4)
            .sum();
        if let Some(lines) = self.head.get_mut(new..start + before).filter(|_| before > 0) {
            rotate_left(lines, short);
        }
        self.x.fields = new as u32;
        self.x.may_announce |= name.eq_ignore_ascii_case(b"Content-Length");
        self.x.own |= Own::may_be(name);
        Ok(())
    }

    /// Removes the fields of a name (Go: `Header.Del`).
    pub fn del_field(&mut self, name: &[u8]) {
        loop {
            let mut at = self.x.fields as usize;
            let mut found = None;
            for (n, v) in Fields::new(self.field_lines()) {
                let len = n.len() + v.len() + 4;
                if n.eq_ignore_ascii_case(name) {
                    found = Some(len);
                    break;
                }
                at += len;
            }
            let Some(len) = found else { return };
            let start = self.x.fields as usize;
            if let Some(lines) = self.head.get_mut(start..at + len) {
                rotate_left(lines, at - start);
            }
            self.x.fields += len as u32;
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
