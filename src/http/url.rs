//! The URL of an outgoing request (Go: `url.Parse`, `URL.RequestURI`, `canonicalAddr`).

use super::authority::is_valid_host;
use super::escaped::unescape;
use super::target::{self, Form, Target};
use super::{token, Span};
use crate::config::MAX_HOST;
use crate::error::{Error, Result};

/// An absolute `http` or `https` URL, checked: nothing of it can split a head.
#[derive(Clone, Copy)]
pub struct Url<'a> {
    text: &'a [u8],
    target: Target,
    secure: bool,
}

/// Room for a host, brackets, a colon and a port.
const ADDRESS_MAX: usize = MAX_HOST + 8;

/// `host:port` as it is dialed, in lower case; also what tells idle connections apart.
pub struct Address {
    text: [u8; ADDRESS_MAX],
    len: usize,
}

impl Address {
    /// The text.
    pub fn bytes(&self) -> &[u8] {
        self.text.get(..self.len).unwrap_or(&[])
    }

    fn push(&mut self, byte: u8) -> Result<()> {
        *self.text.get_mut(self.len).ok_or(Error::NAME_TOO_LONG)? = byte;
        self.len += 1;
        Ok(())
    }
}

impl<'a> Url<'a> {
    /// Reads a URL; its fragment is left out. Errors: `HTTP_INVALID_TARGET` for bytes or escapes that
    /// do not belong there, `HTTP_UNSUPPORTED_SCHEME`, `HTTP_NO_HOST_IN_URL`, `HTTP_MALFORMED_HOST`
    /// for a host that no Host field may have, `INVALID_PORT`.
    pub fn parse(text: &'a [u8]) -> Result<Url<'a>> {
        let end = text.iter().position(|b| *b == b'#').unwrap_or(text.len());
        let text = text.get(..end).unwrap_or(text);
        let target = target::parse(text, false)?;
        let scheme = target.scheme.of(text);
        let secure = scheme.eq_ignore_ascii_case(b"https");
        if !secure && !scheme.eq_ignore_ascii_case(b"http") {
            return Err(Error::HTTP_UNSUPPORTED_SCHEME);
        }
        if target.query.is_some_and(|q| q.of(text).contains(&b' ')) {
            return Err(Error::HTTP_INVALID_TARGET);
        }
        let url = Url { text, target, secure };
        if target.form != Form::Absolute || url.name().is_empty() {
            return Err(Error::HTTP_NO_HOST_IN_URL);
        }
        // Names past ASCII would need Punycode, which a device leaves to its application.
        let host = target.host.of(text);
        if !is_valid_host(host) || !host.is_ascii() {
            return Err(Error::HTTP_MALFORMED_HOST);
        }
        url.port()?;
        Ok(url)
    }

    /// The scheme is `https`.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Host and port as written.
    fn authority(&self) -> (&'a [u8], &'a [u8]) {
        let host = self.target.host.of(self.text);
        let from = host.iter().rposition(|b| *b == b']').unwrap_or(0);
        match host.iter().skip(from).position(|b| *b == b':') {
            Some(at) => host.split_at_checked(from + at).unwrap_or((host, &[])),
            None => (host, &[]),
        }
    }

    /// The host without its port, an IPv6 address in brackets.
    pub fn name(&self) -> &'a [u8] {
        self.authority().0
    }

    /// The port, or the scheme's own.
    pub fn port(&self) -> Result<u16> {
        match self.authority().1.get(1..).unwrap_or(&[]) {
            [] => Ok(if self.secure { 443 } else { 80 }),
            digits => {
                let port = token::decimal(digits).and_then(|n| u16::try_from(n).ok());
                port.ok_or(Error::INVALID_PORT)
            }
        }
    }

    /// What is dialed: `NAME_TOO_LONG` for a host beyond `DUNLIN_MAX_HOST` bytes.
    pub fn address(&self) -> Result<Address> {
        let mut address = Address { text: [0; ADDRESS_MAX], len: 0 };
        for byte in unescape(self.name()) {
            address.push(byte.to_ascii_lowercase())?;
        }
        let brackets = if self.name().first() == Some(&b'[') { 2 } else { 0 };
        if address.len > MAX_HOST + brackets {
            return Err(Error::NAME_TOO_LONG);
        }
        address.push(b':')?;
        let mut digits = [0; 20];
        for byte in super::write::decimal(u64::from(self.port()?), &mut digits) {
            address.push(*byte)?;
        }
        Ok(address)
    }

    /// The pieces of the Host field: no zone, no colon without a port (Go: `removeZone`).
    pub fn host_field(&self) -> [&'a [u8]; 3] {
        let (name, port) = self.authority();
        let port = if port.len() > 1 { port } else { &[] };
        match name.iter().position(|b| *b == b'%') {
            Some(zone) if name.first() == Some(&b'[') => [name.get(..zone).unwrap_or(&[]), b"]", port],
            _ => [name, b"", port],
        }
    }

    /// Writes the target of the request line, byte by byte: path and query, `/` for no path (Go:
    /// `URL.RequestURI`).
    pub fn write_target(&self, put: &mut dyn FnMut(u8)) {
        if self.target.path.is_empty() {
            put(b'/');
        }
        let origin =
            Target { form: Form::Origin, scheme: Span::EMPTY, user: None, host: Span::EMPTY, ..self.target };
        origin.write(self.text, put);
    }

    /// User and password as written, for `Authorization: Basic`.
    pub fn user(&self) -> Option<&'a [u8]> {
        self.target.user.map(|u| u.of(self.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Result<(String, String, String)> {
        let url = Url::parse(text.as_bytes())?;
        let mut target = Vec::new();
        url.write_target(&mut |b| target.push(b));
        let text = |b: &[u8]| String::from_utf8(b.to_vec()).unwrap();
        Ok((text(url.address()?.bytes()), text(&url.host_field().concat()), text(&target)))
    }

    #[test]
    fn parts_are_gos() {
        for (url, address, host, target) in [
            ("http://H.example", "h.example:80", "H.example", "/"),
            ("HTTP://h:8080/a b?c=d#e", "h:8080", "h:8080", "/a%20b?c=d"),
            ("https://h:/x?", "h:443", "h", "/x?"),
            ("http://h?q", "h:80", "h", "/?q"),
            ("http://u:p@h//x", "h:80", "h", "//x"),
            ("http://[::1]:81/", "[::1]:81", "[::1]:81", "/"),
            ("http://[FE80::1%25en0]/", "[fe80::1%en0]:80", "[FE80::1]", "/"),
            ("http://10.0.0.1:00080/", "10.0.0.1:80", "10.0.0.1:00080", "/"),
        ] {
            let want = (address.to_owned(), host.to_owned(), target.to_owned());
            assert_eq!(parts(url), Ok(want), "{url}");
        }
    }

    #[test]
    fn what_cannot_be_fetched_is_an_error() {
        for (url, error) in [
            ("ftp://h/", Error::HTTP_UNSUPPORTED_SCHEME),
            ("/path", Error::HTTP_UNSUPPORTED_SCHEME),
            ("mailto:a@b", Error::HTTP_UNSUPPORTED_SCHEME),
            ("http:/x", Error::HTTP_NO_HOST_IN_URL),
            ("http:x", Error::HTTP_NO_HOST_IN_URL),
            ("http://:80/", Error::HTTP_NO_HOST_IN_URL),
            ("", Error::HTTP_INVALID_TARGET),
            ("http://h:65536/", Error::INVALID_PORT),
            ("http://h/\r\nX: y", Error::HTTP_INVALID_TARGET),
            ("http://h\r\nX:/", Error::HTTP_INVALID_TARGET),
            ("http://h/?a b", Error::HTTP_INVALID_TARGET),
            ("http://[::1]x/", Error::HTTP_INVALID_TARGET),
            ("http://\u{e9}/", Error::HTTP_MALFORMED_HOST),
        ] {
            assert_eq!(parts(url), Err(error), "{url:?}");
        }
        let long = format!("http://{}/", "a".repeat(MAX_HOST + 1));
        assert_eq!(parts(&long), Err(Error::NAME_TOO_LONG));
    }
}
