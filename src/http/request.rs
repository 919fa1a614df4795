//! Reading a request's head (Go: `readRequest`, and the checks of `conn.readRequest`), and the
//! answers to heads that cannot be read.

use super::authority;
use super::head::{self, Known};
use super::header::Hidden;
use super::target::{self, Form};
use super::write::HeadWriter;
use super::{token, Fields, Framing, Header, Limits, Method, Span};
use crate::error::{Error, Result};

/// Facts about a request, see [`RequestHead::has`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Flags(u16);

impl Flags {
    /// The connection ends after the answer (Go: `Request.Close`).
    pub const CLOSE: Flags = Flags(1);
    /// The same by the laxer test that Go's server makes besides (`wantsClose`).
    pub const WANTS_CLOSE: Flags = Flags(2);
    /// An HTTP/1.0 request for a connection that stays (Go: `wantsHttp10KeepAlive`).
    pub const KEEP_ALIVE_10: Flags = Flags(4);
    /// `Connection: upgrade` with an `Upgrade` field.
    pub const UPGRADE: Flags = Flags(8);
    /// `Expect: 100-continue`. Only a request of at least 1.1 that has a body is to get the
    /// interim answer (see [`RequestHead::wants_continue`]).
    pub const EXPECT_CONTINUE: Flags = Flags(16);
    /// Another expectation: the answer is 417 with `Connection: close`, and no handler runs.
    pub const EXPECT_OTHER: Flags = Flags(32);
    /// There is a Host field, maybe an empty one.
    pub const HAS_HOST: Flags = Flags(64);
    /// The Host field has bytes that no host has.
    pub const BAD_HOST: Flags = Flags(128);
    /// A field name has spaces.
    pub const BAD_NAME: Flags = Flags(256);
    /// Trailer fields are announced.
    pub const TRAILER: Flags = Flags(512);
    /// There is a `?` in the target, maybe with nothing behind it.
    pub const HAS_QUERY: Flags = Flags(1024);
}

/// A request's head: where its parts lie in the buffer, and what they mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RequestHead {
    /// The method's bytes.
    pub method: Span,
    /// The target as sent (Go: `RequestURI`).
    pub target: Span,
    /// The path, escaped; `*` for the asterisk, empty for an authority or opaque target.
    pub path: Span,
    /// The query without `?`, escaped.
    pub query: Span,
    /// The authority of an absolute or CONNECT target, without user information and maybe escaped;
    /// otherwise the Host field.
    pub host: Span,
    /// The lines of the fields, for [`Fields`].
    pub fields: Span,
    /// How the body ends.
    pub framing: Framing,
    /// Length of the head with its blank line: where the body starts.
    pub len: u32,
    flags: u16,
    /// The method, if it is a common one.
    pub kind: Method,
    /// The form of the target.
    pub form: Form,
    /// Major version.
    pub major: u8,
    /// Minor version.
    pub minor: u8,
}

struct Line {
    method: Span,
    target: Span,
    path: Span,
    query: Option<Span>,
    host: Span,
    form: Form,
    kind: Method,
    version: (u8, u8),
    next: usize,
}

fn request_line(head: &[u8]) -> Result<Line> {
    let method_len = token::run(head, token::TOKEN);
    let (method, rest) = head.split_at_checked(method_len).unwrap_or((head, &[]));
    let Some(rest) = rest.strip_prefix(b" ") else {
        let malformed = method_len == 0 || token::find(rest, b'\n').is_none();
        return Err(if malformed { Error::HTTP_MALFORMED_REQUEST_LINE } else { Error::HTTP_INVALID_METHOD });
    };
    if method.is_empty() {
        return Err(Error::HTTP_INVALID_METHOD);
    }
    let kind = Method::of(method);
    let start = method_len + 1;
    let mut line = Line {
        method: Span::between(0, method_len),
        target: Span::EMPTY,
        path: Span::EMPTY,
        query: None,
        host: Span::EMPTY,
        form: Form::Origin,
        kind,
        version: (0, 0),
        next: 0,
    };
    let end = match rest.first() {
        Some(b'/') => {
            let path_len = target::path_len(rest)?;
            let mut len = path_len;
            if rest.get(len) == Some(&b'?') {
                len += 1 + token::plain::<0x21>(rest.get(len + 1..).unwrap_or(&[]));
                line.query = Some(Span::between(start + path_len + 1, start + len));
            }
            line.path = Span::between(start, start + path_len);
            start + len
        }
        _ => {
            let len = token::plain::<0x21>(rest);
            let bytes = rest.get(..len).unwrap_or(&[]);
            let parts = target::parse(bytes, kind == Method::Connect)?;
            let shift = |s: Span| Span { start: s.start + start as u32, len: s.len };
            line.form = parts.form;
            line.path = if parts.form == Form::Opaque { Span::EMPTY } else { shift(parts.path) };
            line.host = shift(parts.host);
            line.query = parts.query.map(shift);
            start + len
        }
    };
    line.target = Span::between(start, end);
    match head.get(end..).unwrap_or(&[]) {
        [b' ', v @ ..] => {
            let (len, next) = match v {
                [_, _, _, _, _, _, _, _, b'\r', b'\n', ..] => (8, 10),
                [_, _, _, _, _, _, _, _, b'\n', ..] => (8, 9),
                _ => return Err(Error::HTTP_MALFORMED_VERSION),
            };
            line.version = head::parse_version(v.get(..len).unwrap_or(&[]))?;
            line.next = end + 1 + next;
            Ok(line)
        }
        [b'\r' | b'\n', ..] | [] => Err(Error::HTTP_MALFORMED_REQUEST_LINE),
        _ => Err(Error::HTTP_INVALID_TARGET),
    }
}

/// Reads a whole request head, the bytes that a [`super::HeadScanner`] found.
///
/// It is checked as Go's reader does (`readRequest`); what Go's server checks besides is
/// [`RequestHead::check`]. Folded fields are joined in place. Refused beyond Go: a length beside
/// the chunked coding, a transfer coding in HTTP/1.0, `PRI * HTTP/2.0`.
/// `UNEXPECTED_EOF` when the bytes end before the blank line.
pub fn parse_request(head: &mut [u8], limits: Limits) -> Result<RequestHead> {
    if head.len() > limits.head_len as usize {
        return Err(Error::HTTP_HEADER_TOO_LARGE);
    }
    let line = request_line(head)?;
    let (major, minor) = line.version;
    if (major, minor) == (2, 0) && line.form == Form::Asterisk && line.method.of(head) == b"PRI" {
        return Err(Error::HTTP_UNSUPPORTED_VERSION);
    }
    let known = head::parse_fields(head, line.next, limits.fields)?;
    if known.hosts > 1 {
        return Err(Error::HTTP_TOO_MANY_HOSTS);
    }
    let chunked = known.chunked(head, major, minor)?;
    let length = known.length(head)?;
    let framing = match length {
        _ if chunked => Framing::Chunked,
        None | Some(0) => Framing::None,
        Some(n) => Framing::Length(n),
    };
    if chunked {
        known.check_trailer()?;
    }
    let host = if line.host.is_empty() { known.host } else { line.host };
    Ok(RequestHead {
        method: line.method,
        target: line.target,
        path: line.path,
        query: line.query.unwrap_or(Span::EMPTY),
        host,
        fields: known.fields,
        framing,
        len: known.len as u32,
        flags: flags(head, &known, &line, chunked),
        kind: line.kind,
        form: line.form,
        major,
        minor,
    })
}

fn flags(head: &[u8], known: &Known, line: &Line, chunked: bool) -> u16 {
    let (major, minor) = line.version;
    let close = known.closes(major, minor);
    let bit = |flag: Flags, on: bool| if on { flag.0 } else { 0 };
    bit(Flags::CLOSE, close)
        | bit(Flags::WANTS_CLOSE, close || known.has(head::LAX_CLOSE))
        | bit(Flags::KEEP_ALIVE_10, line.version == (1, 0) && known.has(head::LAX_KEEP_ALIVE))
        | bit(Flags::UPGRADE, known.has(head::UPGRADE) && known.has(head::UPGRADE_FIELD))
        | bit(Flags::EXPECT_CONTINUE, known.has(head::EXPECT_CONTINUE))
        | bit(Flags::EXPECT_OTHER, known.has(head::EXPECT_OTHER))
        | bit(Flags::HAS_HOST, known.hosts > 0)
        | bit(Flags::BAD_HOST, known.hosts > 0 && !authority::is_valid_host(known.host.of(head)))
        | bit(Flags::BAD_NAME, known.has(head::SPACED_NAME))
        | bit(Flags::TRAILER, chunked && known.has(head::TRAILER))
        | bit(Flags::HAS_QUERY, line.query.is_some())
}

impl RequestHead {
    /// Whether a flag is set.
    pub const fn has(&self, flag: Flags) -> bool {
        self.flags & flag.0 != 0
    }

    /// What Go's server refuses of a head that its reader takes: versions other than 1.x, 1.1
    /// without Host, bad bytes in Host, spaces in field names.
    pub fn check(&self) -> Result<()> {
        if self.major != 1 {
            return Err(Error::HTTP_UNSUPPORTED_VERSION);
        }
        if self.minor >= 1 && !self.has(Flags::HAS_HOST) && self.kind != Method::Connect {
            return Err(Error::HTTP_MISSING_HOST);
        }
        if self.has(Flags::BAD_HOST) {
            return Err(Error::HTTP_MALFORMED_HOST);
        }
        if self.has(Flags::BAD_NAME) {
            return Err(Error::HTTP_INVALID_HEADER_NAME);
        }
        Ok(())
    }

    /// Whether `100 Continue` is to be sent before the body is first read.
    pub fn wants_continue(&self) -> bool {
        self.has(Flags::EXPECT_CONTINUE)
            && (self.major, self.minor) >= (1, 1)
            && self.framing != Framing::None
    }

    /// The length of the body, -1 when it is chunked (Go: `Request.ContentLength`).
    pub fn content_length(&self) -> i64 {
        match self.framing {
            Framing::Length(n) => n as i64,
            Framing::None => 0,
            Framing::Chunked | Framing::UntilClose => -1,
        }
    }

    /// All fields as they came; `head` is the buffer that was parsed.
    pub fn fields<'a>(&self, head: &'a [u8]) -> Fields<'a> {
        Fields::new(self.fields.of(head))
    }

    /// The fields as Go shows them to handlers (`Request.Header`).
    pub fn header<'a>(&self, head: &'a [u8]) -> Header<'a> {
        let trailer = if self.has(Flags::TRAILER) { Hidden::TRAILER } else { 0 };
        Header::new(self.fields(head), Hidden(Hidden::HOST | Hidden::TRANSFER_ENCODING | trailer))
    }

    /// The names announced by `Trailer` fields (Go: the keys of `Request.Trailer`).
    pub fn trailer_names<'a>(&self, head: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        let fields = if self.has(Flags::TRAILER) { self.fields(head) } else { Fields::new(&[]) };
        fields.elements(b"trailer")
    }
}

/// The status and the reason of the answer to a head that cannot be served; no reason for a bare
/// answer. Go's server gives no answer at all when the peer left before the first byte.
pub fn status_for(err: Error) -> (u16, &'static str) {
    match err {
        Error::HTTP_HEADER_TOO_LARGE => (431, ""),
        Error::HTTP_UNSUPPORTED_TRANSFER_ENCODING => (501, ""),
        Error::HTTP_UNSUPPORTED_VERSION => (505, "unsupported protocol version"),
        Error::HTTP_MISSING_HOST => (400, "missing required Host header"),
        Error::HTTP_MALFORMED_HOST => (400, "malformed Host header"),
        Error::HTTP_INVALID_HEADER_NAME => (400, "invalid header name"),
        _ => (400, ""),
    }
}

/// Writes the whole answer of [`status_for`], byte for byte Go's, after which the connection is
/// closed (after a 431 first only the sending side, for half a second). At most 256 bytes.
pub fn write_error_reply(err: Error, buf: &mut [u8]) -> Result<&[u8]> {
    let (code, reason) = status_for(err);
    let mut w = HeadWriter::new(buf);
    w.raw(b"HTTP/1.1 ")?;
    write_status(&mut w, code, reason)?;
    w.raw(b"\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n")?;
    if code == 501 {
        w.raw(b"Unsupported transfer encoding")?;
    } else {
        write_status(&mut w, code, reason)?;
    }
    Ok(w.into_bytes())
}

fn write_status(w: &mut HeadWriter<'_>, code: u16, reason: &str) -> Result<()> {
    w.decimal(u64::from(code))?;
    w.raw(b" ")?;
    w.raw(super::status::text(code).as_bytes())?;
    if !reason.is_empty() {
        w.raw(b": ")?;
        w.raw(reason.as_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
