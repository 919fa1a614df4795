//! Request targets: the part of Go's `net/url` that a request line needs.

use super::authority::check_host;
use super::escaped::{escape, is_well_formed, unescape};
use super::token::{self, PATH, PATH_ENCODED, PATH_PLAIN, URL_HOST, USER};
use super::Span;
use crate::error::{Error, Result};

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
    match scheme_len(s)? {
        0 => Err(Error::HTTP_INVALID_TARGET),
        colon => hierarchy(s, colon),
    }
}

/// The length of the scheme, 0 for none (Go: `getScheme`); a colon without one is an error.
fn scheme_len(s: &[u8]) -> Result<usize> {
    let colon = s.iter().position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.')));
    match colon {
        Some(0) if s.first() == Some(&b':') => Err(Error::HTTP_INVALID_TARGET),
        Some(i) if s.get(i) == Some(&b':') && s.first().is_some_and(u8::is_ascii_alphabetic) => Ok(i),
        _ => Ok(0),
    }
}

/// What stands behind a scheme, or where none is (`scheme` 0) behind two slashes.
fn hierarchy(s: &[u8], scheme: usize) -> Result<Target> {
    let from = if scheme == 0 { 0 } else { scheme + 1 };
    let (end, query) = split_query(s, from);
    let mut t = Target { form: Form::Absolute, scheme: Span::between(0, scheme), query, ..EMPTY };
    match s.get(from..end).unwrap_or(&[]) {
        [b'/', b'/', ..] => {
            let scheme = t.scheme.of(s);
            let strict = scheme.eq_ignore_ascii_case(b"http") || scheme.eq_ignore_ascii_case(b"https");
            authority(&mut t, s, from + 2, end, strict)?;
        }
        [b'/', ..] => {
            check_path(s, from, end)?;
            t.path = Span::between(from, end);
        }
        _ => {
            t.form = Form::Opaque;
            t.path = Span::between(from, end);
        }
    }
    Ok(t)
}

/// Reads a reference without its fragment (Go: `url.Parse`): what [`parse`] takes, and
/// `//host/path`, `path`, `?query` and nothing, which stand for parts of a base.
pub(super) fn parse_reference(s: &[u8]) -> Result<Target> {
    if token::plain::<0x20>(s) != s.len() {
        return Err(Error::HTTP_INVALID_TARGET);
    }
    let scheme = scheme_len(s)?;
    if s == b"*" || scheme > 0 {
        return parse(s, false);
    }
    let (end, query) = split_query(s, 0);
    let path = s.get(..end).unwrap_or(s);
    if path.starts_with(b"//") && !path.starts_with(b"///") {
        return hierarchy(s, 0);
    }
    // A colon would make a scheme of the first segment.
    if path.iter().take_while(|b| **b != b'/').any(|b| *b == b':') {
        return Err(Error::HTTP_INVALID_TARGET);
    }
    check_path(s, 0, end)?;
    Ok(Target { path: Span::between(0, end), query, ..EMPTY })
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

fn check_escapes(s: &[u8]) -> Result<()> {
    if is_well_formed(s) {
        Ok(())
    } else {
        Err(Error::HTTP_INVALID_TARGET)
    }
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

    /// There is an authority, be it empty: the two slashes before it.
    pub(super) fn has_slashes(&self, s: &[u8]) -> bool {
        let from = if self.scheme.is_empty() { 0 } else { self.scheme.end() + 1 };
        self.form == Form::Absolute && s.get(from..).is_some_and(|rest| rest.starts_with(b"//"))
    }

    /// Writes two slashes, user and host.
    pub(super) fn write_authority(&self, s: &[u8], put: &mut dyn FnMut(u8)) {
        put(b'/');
        put(b'/');
        if let Some(user) = self.user {
            let mut parts = user.of(s).splitn(2, |b| *b == b':');
            parts.next().into_iter().for_each(|p| escape(unescape(p), is_user_plain, put));
            if let Some(password) = parts.next() {
                put(b':');
                escape(unescape(password), is_user_plain, put);
            }
            put(b'@');
        }
        escape(unescape(self.host.of(s)), is_host_plain, put);
    }

    fn write_hierarchy(&self, s: &[u8], path: &[u8], put: &mut dyn FnMut(u8)) {
        let host = self.host.of(s);
        let named = !host.is_empty() || self.user.is_some();
        let has_authority = match self.form {
            Form::Authority => named,
            // `scheme:/path` never had an authority, `scheme://` alone loses its slashes.
            _ => self.has_slashes(s) && (named || !self.scheme.is_empty() && !path.is_empty()),
        };
        if has_authority {
            self.write_authority(s, put);
        }
        // A second slash at the start would make an authority of the path.
        let omit_host = self.form == Form::Absolute && !has_authority;
        let mut first = true;
        let mut prefix = omit_host && starts_with_slashes(path);
        if self.scheme.is_empty() && !has_authority && self.form == Form::Origin {
            // And a colon in the first segment would make a scheme of it.
            if !path.starts_with(b"/") && first_segment_has_colon(path) {
                b"./".iter().for_each(|b| put(*b));
            }
        }
        write_path(path, &mut |b| {
            if core::mem::take(&mut first) && core::mem::take(&mut prefix) {
                b"%2F".iter().for_each(|b| put(*b));
            } else {
                put(b);
            }
        });
    }
}

/// Writes a path as it came where that is a valid encoding, otherwise decoded and encoded again (Go:
/// `URL.EscapedPath`).
pub(crate) fn write_path(path: &[u8], put: &mut dyn FnMut(u8)) {
    if token::all(path, PATH_ENCODED) || path == b"*" {
        path.iter().for_each(|b| put(*b));
    } else {
        escape(unescape(path), is_path_plain, put);
    }
}

/// The path that will be written begins with two slashes.
fn starts_with_slashes(path: &[u8]) -> bool {
    let mut found = [0u8; 2];
    let mut at = found.iter_mut();
    write_path(path, &mut |b| {
        if let Some(to) = at.next() {
            *to = b;
        }
    });
    found == *b"//"
}

/// The path that will be written has a colon before its first slash.
fn first_segment_has_colon(path: &[u8]) -> bool {
    let (mut inside, mut found) = (true, false);
    write_path(path, &mut |b| {
        inside &= b != b'/';
        found |= inside && b == b':';
    });
    found
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
