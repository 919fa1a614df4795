//! Host and port in one text (Go: `net/ipsock.go`, `net/port.go`).

use crate::error::{Error, Result};
use crate::text::Text;

/// Splits `host:port`, `[host]:port` or `[host%zone]:port` (Go: `net.SplitHostPort`). Brackets are
/// dropped; neither part is checked, both may be empty.
///
/// Errors: [`Error::MISSING_PORT`], [`Error::TOO_MANY_COLONS`], [`Error::UNEXPECTED_BRACKET`].
pub fn split_host_port(text: &[u8]) -> Result<(&[u8], &[u8])> {
    let colon = text.iter().rposition(|b| *b == b':').ok_or(Error::MISSING_PORT)?;
    let (host, port) = text.split_at_checked(colon).ok_or(Error::MISSING_PORT)?;
    let port = port.get(1..).unwrap_or_default();
    let Some(inner) = text.strip_prefix(b"[") else {
        if host.contains(&b':') {
            return Err(Error::TOO_MANY_COLONS);
        }
        return no_brackets(text).map(|()| (host, port));
    };
    let end = inner.iter().position(|b| *b == b']').ok_or(Error::UNEXPECTED_BRACKET)?;
    let (host, rest) = inner.split_at_checked(end).ok_or(Error::UNEXPECTED_BRACKET)?;
    let rest = rest.get(1..).unwrap_or_default();
    if rest.len() != port.len() + 1 {
        return Err(if rest.first() == Some(&b':') { Error::TOO_MANY_COLONS } else { Error::MISSING_PORT });
    }
    if host.contains(&b'[') {
        return Err(Error::UNEXPECTED_BRACKET);
    }
    no_brackets(port).map(|()| (host, port))
}

fn no_brackets(text: &[u8]) -> Result<()> {
    if text.iter().any(|b| matches!(b, b'[' | b']')) {
        Err(Error::UNEXPECTED_BRACKET)
    } else {
        Ok(())
    }
}

/// Writes `host:port`, or `[host]:port` if the host has a colon (Go: `net.JoinHostPort`); gives the
/// bytes written, at most both lengths plus 3. Errors: [`Error::BUFFER_TOO_SMALL`].
pub fn join_host_port(host: &[u8], port: &[u8], buf: &mut [u8]) -> Result<usize> {
    let mut out = Text::new(buf);
    if host.contains(&b':') {
        out.push(b'[')?;
        out.put(host)?;
        out.put(b"]:")?;
    } else {
        out.put(host)?;
        out.push(b':')?;
    }
    out.put(port)?;
    Ok(out.len())
}

/// The services that Go knows without a list from the system.
const TCP_SERVICES: [(&[u8], u16); 14] = [
    (b"ftp", 21),
    (b"ftps", 990),
    (b"gopher", 70),
    (b"http", 80),
    (b"https", 443),
    (b"imap2", 143),
    (b"imap3", 220),
    (b"imaps", 993),
    (b"pop3", 110),
    (b"pop3s", 995),
    (b"smtp", 25),
    (b"submissions", 465),
    (b"ssh", 22),
    (b"telnet", 23),
];

/// Which services a port name may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Transport {
    /// Those of TCP.
    Tcp,
    /// Those of UDP.
    Udp,
}

/// The number of a port: empty is 0, decimal with an optional sign (`+80`, `-0`), or the name of a
/// service in any case (Go: `parsePort`, `Resolver.LookupPort`).
///
/// Errors: [`Error::INVALID_PORT`] for others and for numbers outside 0 to 65535.
pub fn parse_port(text: &[u8], transport: Transport) -> Result<u16> {
    let (negative, digits) = match text {
        [b'+', rest @ ..] => (false, rest),
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let mut number: u32 = 0;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return service(text, transport);
        }
        // Saturates far above the greatest port.
        number = number.saturating_mul(10).saturating_add(u32::from(digit - b'0'));
    }
    match u16::try_from(number) {
        Ok(port) if !negative || port == 0 => Ok(port),
        _ => Err(Error::INVALID_PORT),
    }
}

fn service(name: &[u8], transport: Transport) -> Result<u16> {
    let udp: &[(&[u8], u16)] = &[(b"domain", 53)];
    let known = match transport {
        Transport::Tcp => &TCP_SERVICES,
        Transport::Udp => udp,
    };
    let found = known.iter().find(|s| s.0.eq_ignore_ascii_case(name));
    found.map(|s| s.1).ok_or(Error::INVALID_PORT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitting() {
        for (text, host, port) in [
            ("localhost:http", "localhost", "http"),
            ("[::1%lo0]:80", "::1%lo0", "80"),
            (":", "", ""),
            ("[]:", "", ""),
            ("a b:c", "a b", "c"),
            ("[a:b]:x", "a:b", "x"),
        ] {
            assert_eq!(split_host_port(text.as_bytes()), Ok((host.as_bytes(), port.as_bytes())));
        }
        let bad: [(&[u8], Error); 10] = [
            (b"", Error::MISSING_PORT),
            (b"[::1]", Error::MISSING_PORT),
            (b"[::1]x:1", Error::MISSING_PORT),
            (b"[::1]:1:2", Error::TOO_MANY_COLONS),
            (b"::1", Error::TOO_MANY_COLONS),
            (b"[::1:80", Error::UNEXPECTED_BRACKET),
            (b"[[::1]:80", Error::UNEXPECTED_BRACKET),
            (b"a]:80", Error::UNEXPECTED_BRACKET),
            (b"[a]:8]", Error::UNEXPECTED_BRACKET),
            (b"a:[80", Error::UNEXPECTED_BRACKET),
        ];
        for (text, want) in bad {
            assert_eq!(split_host_port(text), Err(want), "{:?}", core::str::from_utf8(text));
        }
    }

    #[test]
    fn joining() {
        let mut buf = [0; 10];
        assert_eq!(join_host_port(b"::1", b"80", &mut buf), Ok(8));
        assert_eq!(&buf[..8], b"[::1]:80");
        assert_eq!(join_host_port(b"fe80%lo0", b"", &mut buf), Ok(9));
        assert_eq!(join_host_port(b"localhost", b"80", &mut buf), Err(Error::BUFFER_TOO_SMALL));
    }

    #[test]
    fn ports() {
        for (text, port) in
            [("", 0), ("80", 80), ("+80", 80), ("-0", 0), ("+", 0), ("0080", 80), ("65535", 65535)]
        {
            assert_eq!(parse_port(text.as_bytes(), Transport::Tcp), Ok(port));
        }
        assert_eq!(parse_port(b"HTTPS", Transport::Tcp), Ok(443));
        assert_eq!(parse_port(b"domain", Transport::Udp), Ok(53));
        for text in ["-1", "65536", "99999999999999999999", "http ", "0x50", "8 0", "domain"] {
            assert_eq!(parse_port(text.as_bytes(), Transport::Tcp), Err(Error::INVALID_PORT), "{text}");
        }
    }
}
