//! Reading a response's head (Go: `ReadResponse`, `readTransfer`).

use super::head::{self, Known};
use super::header::Hidden;
use super::{status, token, Fields, Framing, Header, Limits, Method, Span};
use crate::error::{Error, Result};

/// A response's head: where its parts lie in the buffer, and what they mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ResponseHead {
    /// The status code, 0 to 999.
    pub code: u16,
    /// Major version.
    pub major: u8,
    /// Minor version.
    pub minor: u8,
    /// The version's bytes.
    pub proto: Span,
    /// Code and reason phrase as sent (Go: `Response.Status`).
    pub status: Span,
    /// The lines of the fields, for [`Fields`].
    pub fields: Span,
    /// How the body ends.
    pub framing: Framing,
    /// The announced length, -1 when there is none (Go: `Response.ContentLength`); an answer to
    /// HEAD announces one without having a body.
    pub content_length: i64,
    /// Length of the head with its blank line: where the body starts.
    pub len: u32,
    /// The connection ends after this answer (Go: `Response.Close`).
    pub close: bool,
    /// The chunked coding is announced, even where there is no body.
    pub chunked: bool,
    /// `Connection: upgrade` with an `Upgrade` field.
    pub upgrade: bool,
    trailer: bool,
    hides_connection: bool,
}

/// Reads a whole response head, the bytes that a [`super::HeadScanner`] found; `method` is that of
/// the request.
///
/// Folded fields are joined in place. Refused beyond Go: a status with a sign, a length beside the chunked coding, a
/// transfer coding in HTTP/1.0. `UNEXPECTED_EOF` when the bytes end before the blank line.
pub fn parse_response(head: &mut [u8], method: Method, limits: Limits) -> Result<ResponseHead> {
    if head.len() > limits.head_len as usize {
        return Err(Error::HTTP_HEADER_TOO_LARGE);
    }
    let (end, next) = head::line_at(head, 0)?;
    let line = head.get(..end).unwrap_or(&[]);
    let proto_len = token::find(line, b' ').ok_or(Error::HTTP_MALFORMED_STATUS_LINE)?;
    let rest = line.get(proto_len..).unwrap_or(&[]);
    let start = proto_len + rest.iter().take_while(|b| **b == b' ').count();
    let code = match line.get(start..).unwrap_or(&[]) {
        [a, b, c] | [a, b, c, b' ', ..] => digits([*a, *b, *c])?,
        _ => return Err(Error::HTTP_MALFORMED_STATUS_LINE),
    };
    let (major, minor) = head::parse_version(line.get(..proto_len).unwrap_or(&[]))?;
    let known = head::parse_fields(head, next, limits.fields)?;
    let chunked = known.chunked(head, major, minor)?;
    let length = known.length(head)?;
    if chunked {
        known.check_trailer()?;
    }
    let close = known.closes(major, minor);
    let has_body = method != Method::Head && status::allows_body(code);
    let framing = match length {
        _ if !has_body => Framing::None,
        _ if chunked => Framing::Chunked,
        None => Framing::UntilClose,
        Some(0) => Framing::None,
        Some(n) => Framing::Length(n),
    };
    let content_length = match (has_body || method == Method::Head, length) {
        (false, _) => 0,
        (true, Some(n)) => n as i64,
        (true, None) => -1,
    };
    Ok(ResponseHead {
        code,
        major,
        minor,
        proto: Span::between(0, proto_len),
        status: Span::between(start, end),
        fields: known.fields,
        framing,
        content_length,
        len: known.len as u32,
        close: close || framing == Framing::UntilClose,
        chunked,
        upgrade: is_upgrade(&known),
        trailer: chunked && known.has(head::TRAILER),
        hides_connection: (major, minor) > (1, 0) && known.has(head::CLOSE),
    })
}

fn is_upgrade(known: &Known) -> bool {
    known.has(head::UPGRADE) && known.has(head::UPGRADE_FIELD)
}

fn digits(s: [u8; 3]) -> Result<u16> {
    let n = token::decimal(&s).ok_or(Error::HTTP_MALFORMED_STATUS_LINE)?;
    Ok(n as u16)
}

impl ResponseHead {
    /// The reason phrase; may be empty.
    pub fn reason<'a>(&self, head: &'a [u8]) -> &'a [u8] {
        self.status.of(head).get(4..).unwrap_or(&[])
    }

    /// Whether this is an interim answer, before the final one: 1xx but 101.
    pub const fn is_informational(&self) -> bool {
        self.code >= 100 && self.code <= 199 && self.code != 101
    }

    /// All fields as they came; `head` is the buffer that was parsed.
    pub fn fields<'a>(&self, head: &'a [u8]) -> Fields<'a> {
        Fields::new(self.fields.of(head))
    }

    /// The fields as Go shows them (`Response.Header`).
    pub fn header<'a>(&self, head: &'a [u8]) -> Header<'a> {
        let mut hidden = Hidden::TRANSFER_ENCODING;
        if self.trailer {
            hidden |= Hidden::TRAILER;
        }
        if self.hides_connection {
            hidden |= Hidden::CONNECTION;
        }
        Header::new(self.fields(head), Hidden(hidden))
    }

    /// The names announced by `Trailer` fields (Go: the keys of `Response.Trailer`).
    pub fn trailer_names<'a>(&self, head: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        let fields = if self.trailer { self.fields(head) } else { Fields::new(&[]) };
        fields.elements(b"trailer")
    }
}

/// Counts the interim answers before a final one.
#[derive(Clone, Copy, Default, Debug)]
pub struct Informational {
    seen: u8,
}

impl Informational {
    /// How many are taken.
    pub const MAX: u8 = 5;

    /// Counts one more; `HTTP_TOO_MANY_INFORMATIONAL` past [`Informational::MAX`].
    pub fn count(&mut self) -> Result<()> {
        self.seen = self.seen.saturating_add(1);
        if self.seen > Self::MAX {
            return Err(Error::HTTP_TOO_MANY_INFORMATIONAL);
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "response_tests.rs"]
mod tests;
