//! An outgoing request: what the application says, checked, and its head written (Go: `Request`,
//! `Request.write`, `transferWriter`).

use super::authority::is_valid_host;
use super::base64;
use super::escaped::unescape;
use super::header::{is_valid_name, is_valid_value};
use super::url::Url;
use super::{token, HeadWriter, Method};
use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::time::Deadline;

/// The fields of a request, in the order in which they are sent.
pub trait HeaderList {
    /// Name and value of the field at an index; `None` past the last one.
    fn field(&self, index: usize) -> Option<(&[u8], &[u8])>;
}

impl HeaderList for &[(&[u8], &[u8])] {
    fn field(&self, index: usize) -> Option<(&[u8], &[u8])> {
        self.get(index).copied()
    }
}

/// A body that is produced while it is sent (Go: `Request.Body`, `GetBody`).
pub trait BodySource {
    /// Fills the front of `buf`, which is not empty; 0 is the end. Runs in the sending task, may
    /// block, and may call the library; an error ends the request and is what `send` returns.
    fn read(&mut self, buf: &mut [u8]) -> Result<usize>;
    /// Goes back to the start, so that the body can be sent again on another connection;
    /// `HTTP_BODY_NOT_REPLAYABLE` when it cannot.
    fn rewind(&mut self) -> Result<()>;
}

/// The body of a request.
pub enum Body<'a> {
    /// None; POST, PUT and PATCH then announce a length of 0.
    None,
    /// Bytes in memory.
    Bytes(&'a [u8]),
    /// Read while it is sent: with its length announced, or chunked when that is `None`.
    Stream {
        /// Where it comes from.
        source: &'a mut dyn BodySource,
        /// Its length in bytes; a source that ends earlier is `HTTP_CONTENT_LENGTH`.
        len: Option<u64>,
    },
}

/// A request to send; it belongs to the caller, and nothing of it is kept, but the token.
pub struct Request<'a> {
    /// A token; empty is GET.
    pub method: &'a [u8],
    /// `http://host[:port][/path][?query]`.
    pub url: &'a [u8],
    /// Fields beside those that the library writes. A Host field replaces the URL's, a User-Agent
    /// the client's (an empty one leaves it out); Content-Length, Transfer-Encoding and Trailer
    /// belong to the library and are left out.
    pub headers: &'a dyn HeaderList,
    /// The body.
    pub body: Body<'a>,
    /// A token that ends the request and the reading of its answer; `Handle::NONE` for none.
    pub cancel: Handle,
    /// Tightens the client's time-outs until the head has come.
    pub deadline: Deadline,
}

impl<'a> Request<'a> {
    /// A GET without fields.
    pub fn get(url: &'a [u8]) -> Request<'a> {
        let headers: &'a dyn HeaderList = &NO_FIELDS;
        Request {
            method: b"GET",
            url,
            headers,
            body: Body::None,
            cancel: Handle::NONE,
            deadline: Deadline::NONE,
        }
    }
}

static NO_FIELDS: &[(&[u8], &[u8])] = &[];

/// How the body is announced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Framing {
    None,
    Length(u64),
    Chunked,
}

/// What the fields of a request say.
#[derive(Clone, Copy)]
struct Said<'a> {
    host: Option<&'a [u8]>,
    agent: Option<&'a [u8]>,
    expect: bool,
    close: bool,
    keyed: bool,
    authorized: bool,
}

/// A request that was checked as a whole: nothing of it can split a message.
pub(super) struct Plan<'a> {
    pub url: Url<'a>,
    pub method: Method,
    name: &'a [u8],
    headers: &'a dyn HeaderList,
    said: Said<'a>,
}

/// Fields the library writes itself (Go: `reqWriteExcludeHeader`).
fn is_ours(name: &[u8]) -> bool {
    let ours: [&[u8]; 5] = [b"host", b"user-agent", b"content-length", b"transfer-encoding", b"trailer"];
    ours.iter().any(|o| name.eq_ignore_ascii_case(o))
}

impl<'a> Plan<'a> {
    /// Checks everything. Errors beside those of [`Url::parse`]: `HTTP_INVALID_METHOD`,
    /// `HTTP_INVALID_HEADER_NAME`, `HTTP_INVALID_HEADER_VALUE`, `HTTP_MALFORMED_HOST`;
    /// `NOT_SUPPORTED` for CONNECT.
    pub fn new(method: &'a [u8], url: &'a [u8], headers: &'a dyn HeaderList) -> Result<Plan<'a>> {
        let name = if method.is_empty() { b"GET" } else { method };
        if !token::is_token(name) {
            return Err(Error::HTTP_INVALID_METHOD);
        }
        let method = Method::of(name);
        if method == Method::Connect {
            return Err(Error::NOT_SUPPORTED);
        }
        let url = Url::parse(url)?;
        Ok(Plan { url, method, name, headers, said: read_fields(headers)? })
    }

    /// The caller wants to be told before it sends the body.
    pub fn expects(&self) -> bool {
        self.said.expect
    }

    /// The caller wants the connection closed after the answer.
    pub fn closes(&self) -> bool {
        self.said.close
    }

    /// The request may be made twice (Go: `Request.isReplayable`, but for the body).
    pub fn is_replayable(&self) -> bool {
        self.method.is_replayable() || self.said.keyed
    }

    /// Requests of this method rarely have a body, so that an empty one of unknown length is
    /// better left out (Go: `requestMethodUsuallyLacksBody`).
    pub fn usually_lacks_body(&self) -> bool {
        matches!(self.method, Method::Get | Method::Head | Method::Delete | Method::Options)
            || matches!(self.name, b"PROPFIND" | b"SEARCH")
    }

    /// Writes the head in Go's order; gives its length. `HTTP_HEADER_TOO_LARGE` if it does not fit.
    pub fn write_head(&self, framing: Framing, agent: &[u8], close: bool, buf: &mut [u8]) -> Result<usize> {
        let mut w = HeadWriter::new(buf);
        self.write_parts(framing, agent, close, &mut w).map_err(|e| match e {
            Error::BUFFER_TOO_SMALL => Error::HTTP_HEADER_TOO_LARGE,
            e => e,
        })?;
        Ok(w.len())
    }

    fn write_parts(&self, framing: Framing, agent: &[u8], close: bool, w: &mut HeadWriter<'_>) -> Result<()> {
        w.raw(self.name)?;
        w.raw(b" ")?;
        let mut fits = Ok(());
        self.url.write_target(&mut |b| {
            if fits.is_ok() {
                fits = w.raw(&[b]);
            }
        });
        fits?;
        w.raw(b" HTTP/1.1\r\nHost: ")?;
        match self.said.host {
            Some(host) => w.raw(host)?,
            None => self.url.host_field().iter().try_for_each(|p| w.raw(p))?,
        }
        w.raw(b"\r\n")?;
        match self.said.agent.unwrap_or(agent) {
            [] => {}
            agent => w.field(b"User-Agent", agent)?,
        }
        if close && !self.said.close {
            w.raw(b"Connection: close\r\n")?;
        }
        match framing {
            Framing::None if self.method.announces_empty_body() => w.field_decimal(b"Content-Length", 0)?,
            Framing::None => {}
            Framing::Length(n) => w.field_decimal(b"Content-Length", n)?,
            Framing::Chunked => w.raw(b"Transfer-Encoding: chunked\r\n")?,
        }
        for (name, value) in fields(self.headers).filter(|f| !is_ours(f.0)) {
            w.field(name, value)?;
        }
        if let Some(user) = self.url.user().filter(|_| !self.said.authorized) {
            write_basic(user, w)?;
        }
        w.end()
    }
}

fn fields(list: &dyn HeaderList) -> impl Iterator<Item = (&[u8], &[u8])> {
    (0..).map_while(move |i| list.field(i))
}

fn read_fields(list: &dyn HeaderList) -> Result<Said<'_>> {
    let mut said =
        Said { host: None, agent: None, expect: false, close: false, keyed: false, authorized: false };
    for (name, value) in fields(list) {
        if !is_valid_name(name) {
            return Err(Error::HTTP_INVALID_HEADER_NAME);
        }
        if !is_valid_value(value) {
            return Err(Error::HTTP_INVALID_HEADER_VALUE);
        }
        let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
        let value = token::trim(value);
        if is(b"host") {
            if value.is_empty() || !is_valid_host(value) {
                return Err(Error::HTTP_MALFORMED_HOST);
            }
            said.host = said.host.or(Some(value));
        } else if is(b"user-agent") {
            said.agent = said.agent.or(Some(value));
        } else if is(b"expect") {
            said.expect |= token::has_token(value, b"100-continue");
        } else if is(b"connection") {
            said.close |= token::list_has(value, b"close");
        } else if is(b"idempotency-key") || is(b"x-idempotency-key") {
            said.keyed = true;
        } else if is(b"authorization") {
            said.authorized |= !value.is_empty();
        }
    }
    Ok(said)
}

/// `Authorization: Basic` of the URL's user (Go: `setRequestCancel`'s neighbour `basicAuth`).
fn write_basic(user: &[u8], w: &mut HeadWriter<'_>) -> Result<()> {
    let colon = user.iter().position(|b| *b == b':').unwrap_or(user.len());
    let (name, password) = user.split_at_checked(colon).unwrap_or((user, &[]));
    let bytes = unescape(name).chain([b':']).chain(unescape(password.get(1..).unwrap_or(&[])));
    w.raw(b"Authorization: Basic ")?;
    base64::encode(bytes, |four| w.raw(four))?;
    w.raw(b"\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(method: &str, url: &str, list: &[(&[u8], &[u8])], framing: Framing) -> Result<String> {
        let mut buf = [0; 512];
        let plan = Plan::new(method.as_bytes(), url.as_bytes(), &list)?;
        let len = plan.write_head(framing, b"dunlin", false, &mut buf)?;
        Ok(String::from_utf8(buf[..len].to_vec()).unwrap())
    }

    #[test]
    fn heads_are_in_gos_order() {
        let list: &[(&[u8], &[u8])] =
            &[(b"x-a", b" 1 "), (b"content-length", b"77"), (b"HOST", b"other:1"), (b"accept", b"*/*")];
        assert_eq!(
            head("POST", "http://u%40:p@h/x", list, Framing::Length(5)).unwrap(),
            "POST /x HTTP/1.1\r\nHost: other:1\r\nUser-Agent: dunlin\r\nContent-Length: 5\r\nX-A: 1\r\n\
             Accept: */*\r\nAuthorization: Basic dUA6cA==\r\n\r\n"
        );
        assert_eq!(
            head("", "http://h", &[(b"user-agent", b"")], Framing::None).unwrap(),
            "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
        );
        assert!(head("PUT", "http://h", &[], Framing::None).unwrap().contains("\r\nContent-Length: 0\r\n"));
        let basic = |url| head("GET", url, &[], Framing::None).unwrap();
        assert!(basic("http://ab:c@h/").contains("Basic YWI6Yw==\r\n"));
        assert!(basic("http://ab:cd@h/").contains("Basic YWI6Y2Q=\r\n"));
        assert!(basic("http://ab@h/").contains("Basic YWI6\r\n"));
    }

    /// Every byte in every place that the caller sets: refused, or the head has the expected lines.
    #[test]
    fn no_byte_can_split_a_head() {
        for byte in 0..=255u8 {
            let part = [b'a', byte, b'b'];
            let url = [b"http://h/", &part[..]].concat();
            let host_url = [b"http://", &part[..], b"/"].concat();
            let query_url = [b"http://h/?", &part[..]].concat();
            let good: &[u8] = b"http://h/";
            type Case<'a> = (&'a [u8], &'a [u8], (&'a [u8], &'a [u8]));
            let cases: [Case<'_>; 8] = [
                (&part, good, (b"X", b"y")),
                (b"GET", &url, (b"X", b"y")),
                (b"GET", &host_url, (b"X", b"y")),
                (b"GET", &query_url, (b"X", b"y")),
                (b"GET", good, (&part, b"y")),
                (b"GET", good, (b"X", &part)),
                (b"GET", good, (b"Host", &part)),
                (b"GET", good, (b"User-Agent", &part)),
            ];
            for (i, (method, url, field)) in cases.into_iter().enumerate() {
                let list: &[(&[u8], &[u8])] = &[field];
                let mut buf = [0; 256];
                let written = Plan::new(method, url, &list)
                    .and_then(|plan| plan.write_head(Framing::None, b"d", false, &mut buf));
                let Ok(len) = written else { continue };
                let head = &buf[..len];
                let lines = head.split(|b| *b == b'\n').count();
                // `user@host` adds its Authorization; cases 6 and 7 replace a line.
                let wanted = if i >= 6 { 5 } else { 6 } + usize::from(i == 2 && byte == b'@');
                assert_eq!(lines, wanted, "byte {byte} in case {i}");
                assert_eq!(head.split(|b| *b == b'\r').count(), wanted);
                assert!(head.iter().all(|b| *b >= 0x20 || matches!(b, b'\r' | b'\n' | b'\t')));
                let line = head.split(|b| *b == b'\r').next().unwrap();
                assert_eq!(line.iter().filter(|b| **b == b' ').count(), 2, "byte {byte} in case {i}");
            }
        }
    }
}
