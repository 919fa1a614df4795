//! The answer of one request: its head under Go's rules, its framing, and the sending of what is
//! collected without waiting (Go: `chunkWriter`, `response`).

use crate::error::{Error, Result};
use crate::http::chunked::{CHUNK_END, LAST_CHUNK_END};
use crate::http::server::state::{Continue, Parts, LINE, TAIL};
use crate::http::token::has_token;
use crate::http::{Fields, Flags, HeadWriter, Method};
use crate::net::conn::Limit;
use crate::port;

/// Go: `bodyAllowedForStatus`.
pub fn body_allowed(status: u16) -> bool {
    !(100..200).contains(&status) && status != 204 && status != 304
}

/// What the handler set that the head's framing depends on: the first of each name.
#[derive(Default)]
struct Own {
    /// `Transfer-Encoding` is set: to "identity"?
    identity: Option<bool>,
    /// `Connection` is set: does it say "close", and only that?
    connection: Option<(bool, bool)>,
    date: bool,
    server: bool,
}

impl Own {
    fn of(lines: &[u8]) -> Own {
        let mut own = Own::default();
        for (name, value) in Fields::new(lines) {
            match name {
                b"Transfer-Encoding" => own.identity = own.identity.or(Some(value == b"identity")),
                b"Connection" => {
                    let says = (has_token(value, b"close"), value == b"close");
                    own.connection = own.connection.or(Some(says));
                }
                b"Date" => own.date = true,
                b"Server" => own.server = true,
                _ => {}
            }
        }
        own
    }
}

/// The line with the date of the last answer: it changes once a second.
pub struct DateLine {
    second: i64,
    line: [u8; 37],
}

impl DateLine {
    /// Of no second yet.
    pub const NONE: DateLine = DateLine { second: i64::MIN, line: [0; 37] };

    fn line(&mut self, second: i64) -> &[u8] {
        if self.second != second {
            let mut w = HeadWriter::new(&mut self.line);
            // 37 bytes are what it takes.
            let _ = w.field_date(b"Date", second);
            self.second = second;
        }
        &self.line
    }
}

impl Parts<'_> {
    fn kind(&self) -> Method {
        self.x.req.as_ref().map_or(Method::Get, |r| r.kind)
    }

    fn has(&self, flag: Flags) -> bool {
        self.x.req.as_ref().is_some_and(|r| r.has(flag))
    }

    fn minor(&self) -> u8 {
        self.x.req.as_ref().map_or(1, |r| r.minor)
    }

    /// Bytes of body go out.
    pub fn sends_body(&self) -> bool {
        self.kind() != Method::Head && body_allowed(self.x.status)
    }

    /// Decides the status (Go: `WriteHeader`), and with it the announced length.
    pub fn commit(&mut self, status: u16) -> Result<()> {
        if self.x.committed {
            return Err(Error::HTTP_HEADERS_SENT);
        }
        if !(200..=999).contains(&status) && status != 101 {
            return Err(Error::INVALID);
        }
        self.x.committed = true;
        self.x.status = status;
        let announced = if self.x.may_announce { self.field(b"Content-Length") } else { None };
        if let Some(value) = announced {
            self.x.length = crate::http::token::decimal(value);
            if self.x.length.is_none() {
                self.del_field(b"Content-Length");
            }
        }
        Ok(())
    }

    /// Builds the head. `done`: the whole body is known, `len` bytes.
    fn make_head(&mut self, done: bool, len: u64, chunk: u64) -> Result<()> {
        self.x.head_made = true;
        let status = self.x.status;
        let modern = self.minor() >= 1;
        let is_head = self.kind() == Method::Head;
        let allowed = body_allowed(status);
        let own = Own::of(self.field_lines());
        let encoding = own.identity;
        let mut auto_len = None;
        let known = self.x.length.is_some();
        if done && encoding.is_none() && allowed && !known && (!is_head || len > 0) {
            auto_len = Some(len);
            self.x.length = auto_len;
        }
        let set = own.connection.is_some();
        let (says_close, only_close) = own.connection.unwrap_or_default();
        let mut connection: &[u8] = b"";
        let has_len = self.x.length.is_some();
        if self.has(Flags::KEEP_ALIVE_10) && (is_head || has_len || !allowed) {
            if !set {
                connection = b"keep-alive";
            }
        } else if !modern || self.has(Flags::WANTS_CLOSE) {
            self.x.close = true;
        }
        if only_close || self.closing || self.x.cont == Continue::Wanted {
            self.x.close = true;
        }
        if !allowed {
            self.del_field(b"Content-Length");
            if status == 304 {
                self.del_field(b"Content-Type");
            }
        }
        if encoding.is_some() {
            self.del_field(b"Transfer-Encoding");
        }
        if is_head || !allowed || status == 101 || has_len {
            self.x.chunked = false;
        } else if modern && encoding != Some(true) {
            self.x.chunked = true;
        } else {
            self.x.close = true;
        }
        if self.x.close && status != 101 && (self.closing || !says_close) {
            if set {
                self.del_field(b"Connection");
            }
            if modern {
                connection = b"close";
            }
        }
        let date = if own.date { None } else { port::wall_time_s() };
        let name = if own.server { b"" } else { self.set.name };
        let mut line = [0; LINE];
        let mut w = HeadWriter::new(&mut line);
        w.status_line(self.minor(), status)?;
        let first = w.len();
        if let Some(seconds) = date.and_then(|s| i64::try_from(s).ok()) {
            w.raw(self.date.line(seconds))?;
        }
        if !name.is_empty() {
            w.field(b"Server", name)?;
        }
        if let Some(n) = auto_len {
            w.raw(b"Content-Length: ")?;
            w.decimal(n)?;
            w.raw(b"\r\n")?;
        }
        if !connection.is_empty() {
            w.field(b"Connection", connection)?;
        }
        if self.x.chunked {
            w.raw(b"Transfer-Encoding: chunked\r\n")?;
        }
        w.end()?;
        if self.x.chunked && chunk > 0 {
            w.hex(chunk)?;
            w.raw(CHUNK_END)?;
        }
        let total = w.len();
        self.place_line(&line, first, total)
    }

    /// Puts the lines before the body: the fields too, if they fit.
    fn place_line(&mut self, line: &[u8], first: usize, total: usize) -> Result<()> {
        let fields = self.field_lines().len();
        let fits = fields + total <= LINE;
        let start =
            LINE.checked_sub(if fits { fields + total } else { total }).ok_or(Error::BUFFER_TOO_SMALL)?;
        let (a, b) =
            line.get(..total).and_then(|l| l.split_at_checked(first)).ok_or(Error::BUFFER_TOO_SMALL)?;
        let lines = self.head.get(self.x.fields as usize..self.x.fields_end as usize).unwrap_or(&[]);
        let mut w = HeadWriter::new(self.out.get_mut(start..LINE).unwrap_or(&mut []));
        w.raw(a)?;
        if fits {
            w.raw(lines)?;
        }
        w.raw(b)?;
        self.x.line = start as u16;
        self.x.split = (start + first) as u16;
        self.x.fields_out = !fits;
        Ok(())
    }

    /// Frames what is collected, and `outside` bytes that follow from elsewhere, for sending. `done`:
    /// the answer ends with them. With a status that has no body, and for HEAD, only the head goes out.
    pub fn frame(&mut self, done: bool, outside: usize) -> Result<()> {
        if self.x.events {
            // Events are framed already; some may wait in the buffer.
            return if done && self.x.chunked { self.put_tail(LAST_CHUNK_END) } else { Ok(()) };
        }
        let body = u64::from(self.x.out_len) + outside as u64;
        let sends = self.sends_body();
        let chunk = if sends { body } else { 0 };
        if !self.x.head_made {
            self.make_head(done, body, chunk)?;
        } else if self.x.chunked && chunk > 0 {
            let mut line = [0; 18];
            let mut w = HeadWriter::new(&mut line);
            w.hex(chunk)?;
            w.raw(CHUNK_END)?;
            let start = LINE - w.len();
            self.out.get_mut(start..LINE).ok_or(Error::BUFFER_TOO_SMALL)?.copy_from_slice(w.bytes());
            self.x.line = start as u16;
            self.x.split = LINE as u16;
        }
        if !sends {
            self.x.out_len = 0;
        }
        self.x.tail = 0;
        if self.x.chunked {
            if chunk > 0 {
                self.put_tail(CHUNK_END)?;
            }
            if done {
                self.put_tail(LAST_CHUNK_END)?;
            }
        }
        self.x.sent = 0;
        Ok(())
    }

    fn put_tail(&mut self, bytes: &[u8]) -> Result<()> {
        let at = LINE + self.x.out_len as usize + usize::from(self.x.tail);
        self.out.get_mut(at..at + bytes.len()).ok_or(Error::BUFFER_TOO_SMALL)?.copy_from_slice(bytes);
        self.x.tail += bytes.len() as u8;
        Ok(())
    }

    /// Collects body bytes; as many as fit.
    pub fn collect(&mut self, bytes: &[u8]) -> usize {
        let at = LINE + self.x.out_len as usize;
        let end = self.out.len().saturating_sub(TAIL);
        let place = self.out.get_mut(at..end).unwrap_or(&mut []);
        let n = place.len().min(bytes.len());
        place.iter_mut().zip(bytes).for_each(|(to, b)| *to = *b);
        self.x.out_len += n as u32;
        n
    }

    /// Sends what was framed, as far as the peer takes it at once. True when all is out.
    ///
    /// `outside` is the part that is not in the buffers, the same in every call.
    pub fn send(&mut self, outside: &[u8]) -> Result<bool> {
        let outside = if self.sends_body() { outside } else { &[] };
        loop {
            let x = &*self.x;
            let lines = self.head.get(x.fields as usize..x.fields_end as usize).unwrap_or(&[]);
            let (line, split) = (usize::from(x.line), usize::from(x.split));
            let body_end = LINE + x.out_len as usize;
            let tail_end = body_end + usize::from(x.tail);
            let part = |from: usize, to: usize| self.out.get(from..to).unwrap_or(&[]);
            let mut pieces: [&[u8]; 5] = if outside.is_empty() && !x.fields_out {
                [part(line, tail_end), &[], &[], &[], &[]]
            } else if x.fields_out {
                [part(line, split), lines, part(split, body_end), outside, part(body_end, tail_end)]
            } else {
                [part(line, body_end), outside, part(body_end, tail_end), &[], &[]]
            };
            let mut skip = x.sent as usize;
            for piece in &mut pieces {
                let cut = piece.len().min(skip);
                *piece = piece.get(cut..).unwrap_or(&[]);
                skip -= cut;
            }
            let mut window: [&[u8]; 5] = [&[]; 5];
            let full = pieces.iter().filter(|p| !p.is_empty());
            let count = window.iter_mut().zip(full).map(|(to, p)| *to = p).count();
            if count == 0 {
                self.x.line = LINE as u16;
                self.x.split = LINE as u16;
                self.x.fields_out = false;
                self.x.out_len = 0;
                self.x.tail = 0;
                self.x.sent = 0;
                return Ok(true);
            }
            let Some(conn) = &self.slot.conn else { return Err(Error::CLOSED) };
            match conn.write_some(window.get(..count.min(4)).unwrap_or(&[]), Limit::NOW) {
                Ok(n) => {
                    self.x.sent = self.x.sent.saturating_add(u32::try_from(n).unwrap_or(u32::MAX));
                    self.slot.moved = self.slot.moved.saturating_add(u32::try_from(n).unwrap_or(u32::MAX));
                }
                Err(Error::WOULD_BLOCK) => return Ok(false),
                Err(e) => return Err(e),
            }
        }
    }
}
