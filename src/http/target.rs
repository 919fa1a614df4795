//! Request targets: the part of Go's `net/url` that a request line needs.

use super::token::{self, HOST_FIELD, PATH, PATH_ENCODED, PATH_PLAIN, URL_HOST, USER};
use super::Span;
use crate::error::{Error, Result};
use crate::net::addr::parse_ip;
use core::net::IpAddr;

/// The four forms of a target (RFC 9112 §3.2), and what Go calls opaque.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// `/path?query`
    Origin,
    /// `scheme://host/path?query`, also `scheme:/path`
    Absolute,
    /// `host:port` of a CONNECT
    Authority,
    /// `*`
    Asterisk,
    /// `scheme:rest` without a slash
    Opaque,
}

/// A target's parts: offsets into the target itself, all still escaped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Target {
    /// Which form it has.
    pub form: Form,
    /// Without the colon; as written.
    pub scheme: Span,
    /// Before the last `@` of the authority, if there is one.
    pub user: Option<Span>,
    /// With the port; may be escaped.
    pub host: Span,
    /// The path (Go: `EscapedPath`); `*` for the asterisk, the rest for an opaque one.
    pub path: Span,
    /// After the first `?`, if there is one.
    pub query: Option<Span>,
}

const EMPTY: Target = Target {
    form: Form::Origin,
    scheme: Span::EMPTY,
    user: None,
    host: Span::EMPTY,
    path: Span::EMPTY,
    query: None,
};

/// Reads a target (Go: `url.ParseRequestURI`, and `readRequest` for CONNECT). `HTTP_INVALID_TARGET`.
pub fn parse(s: &[u8], connect: bool) -> Result<Target> {
    if token::plain::<0x20>(s) != s.len() {
        return Err(Error::HTTP_INVALID_TARGET);
    }
    if connect && s.first() != Some(&b'/') {
        return authority_form(s);
    }
    match s {
        [] => Err(Error::HTTP_INVALID_TARGET),
        b"*" => Ok(Target { form: Form::Asterisk, path: Span::between(0, 1), ..EMPTY }),
        [b'/', ..] => {
            let (path_end, query) = split_query(s, 0);
            check_path(s, 0, path_end)?;
            Ok(Target { path: Span::between(0, path_end), query, ..EMPTY })
        }
        _ => absolute_form(s),
    }
}

fn authority_form(s: &[u8]) -> Result<Target> {
    let (end, query) = split_query(s, 0);
    let mut t = Target { form: Form::Authority, query, ..EMPTY };
    authority(&mut t, s, 0, end, true)?;
    Ok(t)
}

fn absolute_form(s: &[u8]) -> Result<Target> {
    let colon = s.iter().position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.')));
    let colon = match colon {
        Some(i) if s.get(i) == Some(&b':') && s.first().is_some_and(u8::is_ascii_alphabetic) => i,
        _ => return Err(Error::HTTP_INVALID_TARGET),
    };
    let (end, query) = split_query(s, colon + 1);
    let mut t = Target { form: Form::Absolute, scheme: Span::between(0, colon), query, ..EMPTY };
    match s.get(colon + 1..end).unwrap_or(&[]) {
        [b'/', b'/', ..] => {
            let scheme = t.scheme.of(s);
            let strict = scheme.eq_ignore_ascii_case(b"http") || scheme.eq_ignore_ascii_case(b"https");
            authority(&mut t, s, colon + 3, end, strict)?;
        }
        [b'/', ..] => {
            check_path(s, colon + 1, end)?;
            t.path = Span::between(colon + 1, end);
        }
        _ => {
            t.form = Form::Opaque;
            t.path = Span::between(colon + 1, end);
        }
    }
    Ok(t)
}

fn split_query(s: &[u8], from: usize) -> (usize, Option<Span>) {
    match s.iter().skip(from).position(|b| *b == b'?') {
        Some(i) => (from + i, Some(Span::between(from + i + 1, s.len()))),
        None => (s.len(), None),
    }
}

/// Every `%` of the path must start an escape.
fn check_path(s: &[u8], from: usize, to: usize) -> Result<()> {
    check_escapes(s.get(from..to).unwrap_or(&[]))
}

fn check_escapes(mut s: &[u8]) -> Result<()> {
    while let Some(at) = s.iter().position(|b| *b == b'%') {
        match s.get(at + 1..) {
            Some([a, b, rest @ ..]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => s = rest,
            _ => return Err(Error::HTTP_INVALID_TARGET),
        }
    }
    Ok(())
}

/// How many bytes of an origin-form target's start are path, checked: the fast way of a request
/// line. Stops at `?`, a space, or a byte that no target has.
pub(super) fn path_len(s: &[u8]) -> Result<usize> {
    let mut at = 0;
    loop {
        at += token::run(s.get(at..).unwrap_or(&[]), PATH);
        match s.get(at..).unwrap_or(&[]) {
            [b'%', a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => at += 3,
            [b'%', ..] => return Err(Error::HTTP_INVALID_TARGET),
            _ => return Ok(at),
        }
    }
}

fn authority(t: &mut Target, s: &[u8], from: usize, to: usize, strict_colons: bool) -> Result<()> {
    let part = s.get(from..to).unwrap_or(&[]);
    let end = from + part.iter().position(|b| *b == b'/').unwrap_or(part.len());
    let part = s.get(from..end).unwrap_or(&[]);
    let mut host = from;
    if let Some(at) = part.iter().rposition(|b| *b == b'@') {
        let user = part.get(..at).unwrap_or(&[]);
        if !token::all(user, USER) {
            return Err(Error::HTTP_INVALID_TARGET);
        }
        check_escapes(user)?;
        t.user = Some(Span::between(from, from + at));
        host += at + 1;
    }
    t.host = Span::between(host, end);
    check_host(t.host.of(s), strict_colons)?;
    check_path(s, end, to)?;
    t.path = Span::between(end, to);
    Ok(())
}

/// Go: `parseHost`. `strict_colons`: for http and https only one colon, that of the port.
fn check_host(host: &[u8], strict_colons: bool) -> Result<()> {
    let bad = Err(Error::HTTP_INVALID_TARGET);
    match host.iter().rposition(|b| *b == b'[') {
        Some(0) => {
            let Some(close) = host.iter().rposition(|b| *b == b']') else { return bad };
            let port = host.get(close + 1..).unwrap_or(&[]);
            if !is_optional_port(port) || !is_ip_literal(host.get(1..close).unwrap_or(&[])) {
                return bad;
            }
            return Ok(());
        }
        Some(_) => return bad,
        None => {}
    }
    let first = host.iter().position(|b| *b == b':');
    let last = host.iter().rposition(|b| *b == b':');
    if let Some(colon) = if strict_colons { first } else { last } {
        if !is_optional_port(host.get(colon..).unwrap_or(&[])) {
            return bad;
        }
    }
    check_host_escapes(host)
}

fn is_optional_port(s: &[u8]) -> bool {
    match s {
        [] => true,
        [b':', digits @ ..] => digits.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

/// In a host only bytes past ASCII, and the percent sign, may be escaped.
fn check_host_escapes(mut s: &[u8]) -> Result<()> {
    loop {
        match s {
            [] => return Ok(()),
            [b'%', a, b, rest @ ..] => match (token::hex(*a), token::hex(*b)) {
                (Some(8..), Some(_)) | (Some(2), Some(5)) => s = rest,
                _ => break,
            },
            [b, rest @ ..] if *b >= 0x80 || token::is(*b, URL_HOST) => s = rest,
            _ => break,
        }
    }
    Err(Error::HTTP_INVALID_TARGET)
}

/// An IPv6 address, after `%25` with a zone in which host bytes and spaces may be escaped.
fn is_ip_literal(s: &[u8]) -> bool {
    let cut = s.windows(3).position(|w| w == b"%25");
    let (addr, zone) = s.split_at_checked(cut.unwrap_or(s.len())).unwrap_or((s, &[]));
    // An address has neither escapes nor bytes past ASCII, so it need not be unescaped.
    matches!(parse_ip(addr), Ok(IpAddr::V6(_))) && (cut.is_none() || is_zone(zone))
}

fn is_zone(zone: &[u8]) -> bool {
    let Some(mut s) = zone.get(3..).filter(|s| !s.is_empty()) else { return false };
    loop {
        match s {
            [] => return true,
            [b'%', a, b, rest @ ..] => match (token::hex(*a), token::hex(*b)) {
                (Some(a), Some(b)) => {
                    let v = a << 4 | b;
                    if v != b'%' && v != b' ' && !token::is(v, URL_HOST) {
                        return false;
                    }
                    s = rest;
                }
                _ => return false,
            },
            [b, rest @ ..] if *b >= 0x80 || token::is(*b, URL_HOST) => s = rest,
            _ => return false,
        }
    }
}

/// The bytes with `%XX` decoded; an escape that is none stays as it is (Go: `unescape`, after the
/// checks that `parse` made).
pub fn unescape(s: &[u8]) -> Unescape<'_> {
    Unescape { rest: s }
}

/// See [`unescape`].
#[derive(Clone)]
pub struct Unescape<'a> {
    rest: &'a [u8],
}

impl Iterator for Unescape<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let (b, rest) = self.rest.split_first()?;
        self.rest = rest;
        if let (b'%', [a, b, tail @ ..]) = (*b, rest) {
            if let (Some(a), Some(b)) = (token::hex(*a), token::hex(*b)) {
                self.rest = tail;
                return Some(a << 4 | b);
            }
        }
        Some(*b)
    }
}

/// Whether a Host field may have this value (Go: `httpguts.ValidHostHeader`).
pub fn is_valid_host(host: &[u8]) -> bool {
    token::all(host, HOST_FIELD)
}

/// Whether a request may be sent to this target: what `parse` takes, and no space, which would
/// end it.
pub fn is_valid_target(s: &[u8], connect: bool) -> bool {
    !s.contains(&b' ') && parse(s, connect).is_ok()
}

impl Target {
    /// Writes the target as Go's `URL.String` does, byte by byte into `put`; `s` is what was parsed.
    pub fn write(&self, s: &[u8], put: &mut dyn FnMut(u8)) {
        let scheme = self.scheme.of(s);
        if !scheme.is_empty() {
            scheme.iter().for_each(|b| put(b.to_ascii_lowercase()));
            put(b':');
        }
        let path = self.path.of(s);
        match self.form {
            Form::Opaque => path.iter().for_each(|b| put(*b)),
            Form::Asterisk => put(b'*'),
            _ => self.write_hierarchy(s, path, put),
        }
        if let Some(query) = self.query {
            put(b'?');
            query.of(s).iter().for_each(|b| put(*b));
        }
    }

    fn write_hierarchy(&self, s: &[u8], path: &[u8], put: &mut dyn FnMut(u8)) {
        let host = self.host.of(s);
        let has_authority = match self.form {
            Form::Authority => !host.is_empty() || self.user.is_some(),
            // `scheme:/path` never had an authority, `scheme://` alone loses its slashes.
            Form::Absolute => {
                let slashes = s.get(self.scheme.end() + 1..).is_some_and(|r| r.starts_with(b"//"));
                slashes && (!host.is_empty() || !path.is_empty() || self.user.is_some())
            }
            _ => false,
        };
        if has_authority {
            put(b'/');
            put(b'/');
            if let Some(user) = self.user {
                let mut parts = user.of(s).splitn(2, |b| *b == b':');
                parts.next().into_iter().for_each(|p| escape(p, is_user_plain, put));
                if let Some(password) = parts.next() {
                    put(b':');
                    escape(password, is_user_plain, put);
                }
                put(b'@');
            }
            write_host(host, put);
        }
        if token::all(path, PATH_ENCODED) {
            path.iter().for_each(|b| put(*b));
            return;
        }
        // A second slash at the start would make an authority of the path.
        let omit_host = self.form == Form::Absolute && !has_authority;
        let mut start = unescape(path);
        if omit_host && start.next() == Some(b'/') && start.next() == Some(b'/') {
            b"%2F".iter().for_each(|b| put(*b));
            let mut rest = unescape(path);
            rest.next();
            escape_bytes(rest, is_path_plain, put);
            return;
        }
        escape(path, is_path_plain, put);
    }
}

fn is_path_plain(b: u8) -> bool {
    token::is(b, PATH_PLAIN)
}

fn is_user_plain(b: u8) -> bool {
    token::is(b, PATH_PLAIN) && !matches!(b, b'/' | b':' | b'@')
}

fn is_host_plain(b: u8) -> bool {
    token::is(b, URL_HOST)
}

fn write_host(host: &[u8], put: &mut dyn FnMut(u8)) {
    escape(host, is_host_plain, put);
}

fn escape(s: &[u8], plain: fn(u8) -> bool, put: &mut dyn FnMut(u8)) {
    escape_bytes(unescape(s), plain, put);
}

fn escape_bytes(bytes: impl Iterator<Item = u8>, plain: fn(u8) -> bool, put: &mut dyn FnMut(u8)) {
    for b in bytes {
        if plain(b) {
            put(b);
        } else {
            put(b'%');
            put(digit(b >> 4));
            put(digit(b & 15));
        }
    }
}

/// An upper-case hexadecimal digit.
fn digit(n: u8) -> u8 {
    if n < 10 {
        b'0' + n
    } else {
        b'A' + n - 10
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string(s: &str, connect: bool) -> Option<String> {
        let t = parse(s.as_bytes(), connect).ok()?;
        let mut out = Vec::new();
        t.write(s.as_bytes(), &mut |b| out.push(b));
        Some(out.iter().map(|b| char::from(*b)).collect())
    }

    #[test]
    fn targets_are_written_as_go_writes_them() {
        for (s, connect, want) in [
            ("/a?b=c?d", false, "/a?b=c?d"),
            ("/?", false, "/?"),
            ("//x/y", false, "//x/y"),
            ("/a b", false, "/a%20b"),
            ("/%7e\"", false, "/~%22"),
            ("*", false, "*"),
            ("HTTP://H/x", false, "http://H/x"),
            ("http:/x", false, "http:/x"),
            ("http:/%2Fx\"", false, "http:%2F/x%22"),
            ("mailto:a@b", false, "mailto:a@b"),
            ("http://u:p%40@h/", false, "http://u:p%40@h/"),
            ("http://h%C3%A9/", false, "http://h%C3%A9/"),
            ("h:80", true, "//h:80"),
            ("[::1]:80", true, "//[::1]:80"),
            ("/rpc", true, "/rpc"),
            ("http://[fe80::1%25en0]/", false, "http://[fe80::1%25en0]/"),
        ] {
            assert_eq!(string(s, connect).as_deref(), Some(want), "{s}");
        }
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for s in [
            "",
            "x",
            "../x",
            "?",
            ":x",
            "1http://h",
            "/%zz",
            "/%4",
            "/\x01",
            "http://[::1",
            "http://a[::1]",
            "http://[1.2.3.4]/",
            "http://h:x/",
            "http://a:1:2/",
            "http://h%41/",
            "http://a b/",
            "http://[::1%25]/",
        ] {
            assert_eq!(string(s, false), None, "{s}");
        }
        assert_eq!(string("a:b:c", true), None);
    }
}
