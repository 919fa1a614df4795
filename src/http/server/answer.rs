//! The answer of one request: its head under Go's rules, its framing, and the sending of what is
//! collected without waiting (Go: `chunkWriter`, `response`).

use crate::error::{Error, Result};
use crate::http::chunked::{CHUNK_END, LAST_CHUNK, LAST_CHUNK_END};
use crate::http::server::fields::automatic;
use crate::http::server::state::{Connection, Continue, Lead, Parts, LINE, TAIL};
use crate::http::token::{has_token, list_has};
use crate::http::{sniff, Fields, Flags, HeadWriter, Method};
use crate::net::conn::Limit;
use crate::port;

/// Bytes of the longest lines behind the fields: Date, Server, Content-Type, Transfer-Encoding or
/// Content-Length, Connection, blank line, and size line of a chunk.
const LINES: usize = 37 + 34 + 45 + 28 + 24 + 2 + 18;

/// Go: `bodyAllowedForStatus`.
pub fn body_allowed(status: u16) -> bool {
    !(100..200).contains(&status) && status != 204 && status != 304
}

/// What the handler set that the head's framing depends on: the first of each name.
#[derive(Default)]
pub(super) struct Own {
    /// `Transfer-Encoding` is set.
    coding: Option<Coding>,
    /// `Connection` is set: does it say "close", and only that?
    connection: Option<(bool, bool)>,
    /// `Connection` has the token "upgrade", and there is an `Upgrade`.
    upgrade: (bool, bool),
    /// `Content-Encoding` is set: to something?
    encoding: Option<bool>,
    trailer: bool,
    date: bool,
    server: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Coding {
    /// An empty value.
    No,
    Identity,
    Chunked,
    Other,
}

impl Coding {
    fn of(value: &[u8]) -> Coding {
        match value {
            b"" => Coding::No,
            b"identity" => Coding::Identity,
            b"chunked" => Coding::Chunked,
            _ => Coding::Other,
        }
    }
}

impl Own {
    /// The name may be one of them: told by its length, so that the lines of most answers need not be
    /// looked through.
    pub fn may_be(name: &[u8]) -> bool {
        matches!(name.len(), 4 | 6 | 7 | 10 | 16 | 17)
    }

    fn of(lines: &[u8]) -> Own {
        let mut own = Own::default();
        for (name, value) in Fields::new(lines) {
            match name {
                b"Transfer-Encoding" => own.coding = own.coding.or(Some(Coding::of(value))),
                b"Connection" => {
                    let says = (has_token(value, b"close"), value == b"close");
                    own.connection = own.connection.or(Some(says));
                    own.upgrade.0 |= list_has(value, b"upgrade");
                }
                b"Upgrade" => own.upgrade.1 |= !value.is_empty(),
                b"Content-Encoding" => own.encoding = own.encoding.or(Some(!value.is_empty())),
                b"Trailer" => own.trailer = true,
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
        self.copy_declared()?;
        let announced = if self.x.may_announce { self.field(b"Content-Length") } else { None };
        if let Some(value) = announced {
            self.x.length = crate::http::token::decimal(value);
        }
        Ok(())
    }

    /// The connection ends after the answer, whatever the answer turns out to be.
    pub fn ends_anyway(&self) -> bool {
        let old = self.minor() == 0 && !self.has(Flags::KEEP_ALIVE_10);
        old || self.has(Flags::WANTS_CLOSE)
            || self.x.close
            || self.closing
            || self.kind() == Method::Connect
            || (self.x.own && self.field(b"Connection") == Some(b"close"))
    }

    /// Decides the head. `done`: the whole body is known, `len` bytes, of the type `kind`.
    fn make_head(&mut self, done: bool, len: u64, kind: &'static str) {
        self.x.head_made = true;
        let status = self.x.status;
        let modern = self.minor() >= 1;
        let is_head = self.kind() == Method::Head;
        let is_connect = self.kind() == Method::Connect;
        let tunnel = is_connect && (200..300).contains(&status);
        let allowed = body_allowed(status);
        let own = if self.x.own { Own::of(self.field_lines()) } else { Own::default() };
        let has_length = self.x.may_announce && self.field(b"Content-Length").is_some();
        let coding = own.coding.filter(|c| *c != Coding::No);
        let given =
            has_length || own.trailer || self.x.trailer_len > 0 || self.x.omit & automatic::LENGTH != 0;
        let mut auto_len = done && coding.is_none() && allowed && !given && (!is_head || len > 0);
        if auto_len {
            self.x.length = Some(len);
        }
        let mut has_len = self.x.length.is_some();
        let set = own.connection.is_some();
        let (says_close, only_close) = own.connection.unwrap_or_default();
        let mut connection = Connection::Unsaid;
        if self.has(Flags::KEEP_ALIVE_10) && (is_head || has_len || !allowed) {
            if !set {
                connection = Connection::KeepAlive;
            }
        } else if !modern || self.has(Flags::WANTS_CLOSE) {
            self.x.close = true;
        }
        let unread = self.x.cont != Continue::No && !self.x.body.is_done();
        if only_close || self.closing || is_connect || unread {
            self.x.close = true;
        }
        if !allowed {
            self.del_field(b"Content-Length");
            if status == 304 {
                self.del_field(b"Content-Type");
            }
        }
        if has_len && coding.is_some_and(|c| c != Coding::Identity) {
            self.del_field(b"Content-Length");
            has_len = false;
        }
        self.x.chunked = false;
        let mut drop_coding = true;
        if tunnel {
            self.del_field(b"Content-Length");
            auto_len = false;
        } else if is_head || !allowed || has_len {
            // Nothing more to say about the length.
        } else if modern && coding != Some(Coding::Identity) {
            self.x.chunked = true;
            drop_coding = coding == Some(Coding::Chunked);
            self.del_field(b"Content-Length");
        } else {
            self.x.close = true;
        }
        if drop_coding && own.coding.is_some() {
            self.del_field(b"Transfer-Encoding");
        }
        let switches = status == 101 && own.upgrade == (true, true);
        if self.x.close && (self.closing || !says_close) && !switches {
            if set {
                self.del_field(b"Connection");
            }
            connection = if modern && !tunnel { Connection::Close } else { Connection::Unsaid };
        }
        let plain = allowed && own.encoding != Some(true) && coding.is_none();
        self.x.kind = if plain && self.x.omit & automatic::TYPE == 0 { kind } else { "" };
        let dated = own.date || self.x.omit & automatic::DATE != 0;
        let now = if dated { None } else { port::wall_time_s() };
        self.x.date = now.and_then(|s| i64::try_from(s).ok()).unwrap_or(-1);
        self.x.named = !own.server && !self.set.name.is_empty();
        self.x.auto_len = auto_len;
        self.x.connection = connection;
        self.x.lead = Lead::Head;
    }

    /// Writes what goes before the body, of `body` bytes: as often as some of that is sent, and each time
    /// the same. The fields are left out when they are too long; gives where they belong then.
    fn write_lead(&mut self, w: &mut HeadWriter<'_>, body: usize) -> Result<Option<usize>> {
        let mut split = None;
        if matches!(self.x.lead, Lead::Head | Lead::Interim) {
            w.status_line(self.minor(), self.x.status)?;
            let lines = self.field_lines();
            if lines.len() <= LINE - LINES - w.len() {
                w.raw(lines)?;
            } else {
                split = Some(w.len());
            }
            if self.x.lead == Lead::Interim {
                w.end()?;
                return Ok(split);
            }
            if self.x.date >= 0 {
                w.raw(self.date.line(self.x.date))?;
            }
            if self.x.named {
                w.field(b"Server", self.set.name)?;
            }
            if self.x.auto_len {
                w.raw(b"Content-Length: ")?;
                w.decimal(self.x.length.unwrap_or(0))?;
                w.raw(CHUNK_END)?;
            }
            if !self.x.kind.is_empty() {
                w.raw(b"Content-Type: ")?;
                w.raw(self.x.kind.as_bytes())?;
                w.raw(CHUNK_END)?;
            }
            match self.x.connection {
                Connection::Unsaid => {}
                Connection::KeepAlive => w.raw(b"Connection: keep-alive\r\n")?,
                Connection::Close => w.raw(b"Connection: close\r\n")?,
            }
            if self.x.chunked {
                w.raw(b"Transfer-Encoding: chunked\r\n")?;
            }
            w.end()?;
        }
        if self.x.chunked && body > 0 {
            w.hex(body as u64)?;
            w.raw(CHUNK_END)?;
        }
        Ok(split)
    }

    /// Frames what is collected, and `outside` bytes that follow from elsewhere, for sending. `done`:
    /// the answer ends with them. With a status that has no body, and for HEAD, only the head goes out.
    pub fn frame(&mut self, done: bool, outside: &[u8]) -> Result<()> {
        if self.x.events {
            // Events are framed already; some may wait in the buffer.
            return if done && self.x.chunked { self.end_chunks() } else { Ok(()) };
        }
        let body = u64::from(self.x.out_len) + outside.len() as u64;
        let sends = self.sends_body();
        if !self.x.head_made {
            let kind = if body == 0 || self.has_type() { "" } else { sniff::detect(self.first(outside)) };
            self.make_head(done, body, kind);
        } else if self.x.chunked {
            self.x.lead = Lead::Chunk;
        }
        if !sends {
            self.x.out_len = 0;
        }
        self.x.tail = 0;
        if self.x.chunked {
            if sends && body > 0 {
                self.put_tail(CHUNK_END)?;
            }
            if done {
                self.end_chunks()?;
            }
        }
        self.x.sent = 0;
        Ok(())
    }

    /// Frames an interim answer; gives the bytes of fields that are to be put back when it is out.
    pub fn frame_interim(&mut self, status: u16) -> usize {
        self.x.status = status;
        self.x.lead = Lead::Interim;
        self.x.sent = 0;
        self.take_framing()
    }

    /// The bytes that tell what the body is.
    fn first<'b>(&'b self, outside: &'b [u8]) -> &'b [u8] {
        match self.x.out_len as usize {
            0 => outside,
            n => self.out.get(..n).unwrap_or(&[]),
        }
    }

    /// The last chunk, and the trailers.
    fn end_chunks(&mut self) -> Result<()> {
        self.x.ending = self.x.trailer_len > 0;
        self.put_tail(if self.x.ending { LAST_CHUNK } else { LAST_CHUNK_END })
    }

    fn put_tail(&mut self, bytes: &[u8]) -> Result<()> {
        let at = self.x.out_len as usize + usize::from(self.x.tail);
        self.out.get_mut(at..at + bytes.len()).ok_or(Error::BUFFER_TOO_SMALL)?.copy_from_slice(bytes);
        self.x.tail += bytes.len() as u8;
        Ok(())
    }

    /// Collects body bytes; as many as fit.
    pub fn collect(&mut self, bytes: &[u8]) -> usize {
        let at = self.x.out_len as usize;
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
        let body = self.x.out_len as usize;
        let mut line = [0; LINE];
        let mut w = HeadWriter::new(&mut line);
        let split = match self.x.lead {
            Lead::None => None,
            _ => self.write_lead(&mut w, body + outside.len())?,
        };
        let tail_end = body + usize::from(self.x.tail);
        let part = |from: usize, to: usize| self.out.get(from..to).unwrap_or(&[]);
        let lines = self.head.get(self.lines_at()..self.x.fields_end as usize).unwrap_or(&[]);
        let ended = self.head.get(self.x.fields as usize..self.lines_at()).filter(|_| self.x.ending);
        let (trailers, end): (&[u8], &[u8]) = ended.map_or((&[], &[]), |t| (t, CHUNK_END));
        // Little goes out in one piece.
        let small = split.is_none() && tail_end + outside.len() <= LINE - w.len();
        if small {
            for piece in [part(0, body), outside, part(body, tail_end)] {
                w.raw(piece)?;
            }
        }
        let (first, rest) = w.bytes().split_at_checked(split.unwrap_or(0)).unwrap_or_default();
        let pieces: [&[u8]; 8] = match split {
            _ if small => [rest, &[], &[], &[], &[], &[], trailers, end],
            None if outside.is_empty() => [rest, part(0, tail_end), &[], &[], &[], &[], trailers, end],
            None => [rest, part(0, body), outside, part(body, tail_end), &[], &[], trailers, end],
            Some(_) => [first, lines, rest, part(0, body), outside, part(body, tail_end), trailers, end],
        };
        loop {
            let mut skip = self.x.sent as usize;
            let mut window: [&[u8]; 4] = [&[]; 4];
            let mut count = 0;
            for piece in pieces {
                let cut = piece.len().min(skip);
                skip -= cut;
                match (piece.get(cut..), window.get_mut(count)) {
                    (Some(left), Some(to)) if !left.is_empty() => {
                        *to = left;
                        count += 1;
                    }
                    _ => {}
                }
            }
            if count == 0 {
                self.x.lead = Lead::None;
                self.x.out_len = 0;
                self.x.tail = 0;
                self.x.ending = false;
                self.x.sent = 0;
                return Ok(true);
            }
            let Some(conn) = &self.slot.conn else { return Err(Error::CLOSED) };
            match conn.write_some(window.get(..count).unwrap_or(&[]), Limit::NOW) {
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
