//! The host of a URL (RFC 3986 §3.2.2, RFC 6874; Go: `parseHost`).

use super::token::{self, HOST_FIELD, URL_HOST};
use crate::error::{Error, Result};
use crate::net::addr::parse_ip;
use core::net::IpAddr;

/// Go: `parseHost`. `strict_colons`: for http and https only one colon, that of the port.
pub(super) fn check_host(host: &[u8], strict_colons: bool) -> Result<()> {
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

/// Whether a Host field may have this value (Go: `httpguts.ValidHostHeader`).
pub fn is_valid_host(host: &[u8]) -> bool {
    token::all(host, HOST_FIELD)
}
