//! IP addresses as text: parsing and writing (Go: `net.ParseIP`, `IP.String`, `netip.ParseAddr`,
//! `netip.Addr`). A zone is the text behind `%`.

use crate::error::{Error, Result};
use crate::text::{hex_value, Text};
use core::net::{IpAddr, Ipv6Addr};

/// Room for the longest [`write_ip`] and [`write_expanded`], the zone not counted.
pub const IP_TEXT_MAX: usize = 39;

/// IPv4 in IPv6 as the IPv4 it is (Go: `IP.To4`).
pub fn unmap(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(ip, IpAddr::V4),
        v4 => v4,
    }
}

/// Writes an IP address as Go's `IP.String` does: IPv4 in IPv6 dotted, otherwise lower case with the
/// first of the longest runs of zero groups as `::`. Gives the bytes written, at most 39.
pub fn write_ip(ip: IpAddr, buf: &mut [u8]) -> Result<usize> {
    let mut out = Text::new(buf);
    put_ip(ip, &mut out)?;
    Ok(out.len())
}

pub(crate) fn put_ip(ip: IpAddr, out: &mut Text<'_>) -> Result<()> {
    match unmap(ip) {
        IpAddr::V4(v4) => {
            for (i, octet) in v4.octets().into_iter().enumerate() {
                if i > 0 {
                    out.push(b'.')?;
                }
                out.put_u32(octet.into())?;
            }
        }
        IpAddr::V6(v6) => {
            let groups = v6.segments();
            let (zeros, run) = longest_zeros(&groups);
            for (i, group) in groups.into_iter().enumerate() {
                if run >= 2 && i == zeros {
                    out.put(b"::")?;
                }
                if run >= 2 && (zeros..zeros + run).contains(&i) {
                    continue;
                }
                if i > 0 && !(run >= 2 && i == zeros + run) {
                    out.push(b':')?;
                }
                out.put_hex(group.into())?;
            }
        }
    }
    Ok(())
}

fn longest_zeros(groups: &[u16; 8]) -> (usize, usize) {
    let (mut best, mut run) = ((0, 0), 0);
    for (i, group) in groups.iter().enumerate() {
        run = if *group == 0 { run + 1 } else { 0 };
        if run > best.1 {
            best = (i + 1 - run, run);
        }
    }
    best
}

/// Parses an address without zone, brackets and port (Go: `net.ParseIP`): four decimal fields
/// without leading zeros, or IPv6 with at most one `::` and perhaps a dotted end. `::ffff:1.2.3.4`
/// stays IPv6. Errors: [`Error::INVALID_ADDRESS`].
pub fn parse_ip(text: &[u8]) -> Result<IpAddr> {
    match text.iter().find(|b| matches!(b, b'.' | b':' | b'%')) {
        Some(b'.') => parse_v4(text).map(IpAddr::from),
        Some(b':') => parse_v6(text).map(IpAddr::from),
        _ => None,
    }
    .ok_or(Error::INVALID_ADDRESS)
}

fn parse_v4(text: &[u8]) -> Option<[u8; 4]> {
    let mut octets = [0; 4];
    let mut fields = text.split(|b| *b == b'.');
    for octet in &mut octets {
        let field = fields.next()?;
        if field.is_empty() || field.len() > 3 || (field.len() > 1 && field.first() == Some(&b'0')) {
            return None;
        }
        let mut value = 0u16;
        for digit in field {
            value = value * 10 + u16::from(digit.is_ascii_digit().then(|| digit - b'0')?);
        }
        *octet = u8::try_from(value).ok()?;
    }
    fields.next().is_none().then_some(octets)
}

fn parse_v6(text: &[u8]) -> Option<[u8; 16]> {
    /// Groups in front of `::` and behind it.
    struct Half {
        bytes: [u8; 16],
        len: usize,
    }
    impl Half {
        fn put(&mut self, part: &[u8]) -> Option<()> {
            self.bytes.get_mut(self.len..)?.get_mut(..part.len())?.copy_from_slice(part);
            self.len += part.len();
            Some(())
        }

        /// Groups between single colons; the last may be dotted if `end`.
        fn parse(text: &[u8], end: bool) -> Option<Half> {
            let mut half = Half { bytes: [0; 16], len: 0 };
            let mut fields = text.split(|b| *b == b':').peekable();
            while let Some(field) = (!text.is_empty()).then(|| fields.next()).flatten() {
                if end && fields.peek().is_none() && field.contains(&b'.') {
                    half.put(&parse_v4(field)?)?;
                    continue;
                }
                if field.is_empty() || field.len() > 4 {
                    return None;
                }
                let mut group = 0u16;
                for digit in field {
                    group = group << 4 | u16::from(hex_value(*digit)?);
                }
                half.put(&group.to_be_bytes())?;
            }
            Some(half)
        }
    }

    let Some(gap) = text.windows(2).position(|w| w == b"::") else {
        let all = Half::parse(text, true)?;
        return (all.len == 16).then_some(all.bytes);
    };
    let (front, back) = text.split_at_checked(gap)?;
    let front = Half::parse(front, false)?;
    let back = Half::parse(back.get(2..)?, true)?;
    let zeros = 16usize.checked_sub(front.len + back.len).filter(|n| *n > 0)?;
    let mut bytes = front.bytes;
    let tail = bytes.get_mut(front.len + zeros..)?;
    tail.copy_from_slice(back.bytes.get(..back.len)?);
    Some(bytes)
}

/// Parses an address that may have a zone, `fe80::1%eth0` (Go: `netip.ParseAddr`): the address, and
/// the zone, which is empty when there is none. Only IPv6 has zones.
///
/// Errors: [`Error::INVALID_ADDRESS`].
pub fn parse_zoned(text: &[u8]) -> Result<(IpAddr, &[u8])> {
    let percent = text.iter().position(|b| *b == b'%');
    let Some((ip, zone)) = percent.and_then(|at| text.split_at_checked(at)) else {
        return parse_ip(text).map(|ip| (ip, &[][..]));
    };
    let zone = zone.get(1..).unwrap_or_default();
    match parse_ip(ip) {
        Ok(v6 @ IpAddr::V6(_)) if !zone.is_empty() => Ok((v6, zone)),
        _ => Err(Error::INVALID_ADDRESS),
    }
}

/// Parses `192.0.2.1:80` or `[fe80::1%eth0]:80` (Go: `netip.ParseAddrPort`): address, zone, port. The
/// port is decimal; brackets stand around IPv6 and nothing else.
///
/// Errors: [`Error::MISSING_PORT`], [`Error::INVALID_PORT`], [`Error::UNEXPECTED_BRACKET`],
/// [`Error::INVALID_ADDRESS`].
pub fn parse_addr_port(text: &[u8]) -> Result<(IpAddr, &[u8], u16)> {
    let colon = text.iter().rposition(|b| *b == b':').ok_or(Error::MISSING_PORT)?;
    let (host, port) = text.split_at_checked(colon).ok_or(Error::MISSING_PORT)?;
    let port = port.get(1..).filter(|p| !p.is_empty()).ok_or(Error::MISSING_PORT)?;
    let (host, brackets) = match host.strip_prefix(b"[") {
        Some(inner) => (inner.strip_suffix(b"]").ok_or(Error::UNEXPECTED_BRACKET)?, true),
        None => (host, false),
    };
    let port = decimal(port, u16::MAX.into()).and_then(|p| u16::try_from(p).ok());
    let port = port.ok_or(Error::INVALID_PORT)?;
    match parse_zoned(host)? {
        (ip, zone) if ip.is_ipv6() == brackets => Ok((ip, zone, port)),
        _ => Err(Error::INVALID_ADDRESS),
    }
}

/// One or more decimal digits, leading zeros allowed, up to `max`.
pub(crate) fn decimal(text: &[u8], max: u32) -> Option<u32> {
    let value = text.iter().try_fold(0u32, |n, b| {
        let digit = b.is_ascii_digit().then(|| u32::from(b - b'0'))?;
        n.checked_mul(10)?.checked_add(digit).filter(|n| *n <= max)
    });
    value.filter(|_| !text.is_empty())
}

/// Writes an address with its zone as Go's `netip.Addr.String` does: IPv4 in IPv6 stays
/// `::ffff:192.0.2.1`. Gives the bytes written, at most [`IP_TEXT_MAX`], 1 and the zone.
///
/// Errors: [`Error::BUFFER_TOO_SMALL`].
pub fn write_zoned(ip: IpAddr, zone: &[u8], buf: &mut [u8]) -> Result<usize> {
    let mut out = Text::new(buf);
    put_zoned(ip, zone, &mut out)?;
    Ok(out.len())
}

fn put_zoned(ip: IpAddr, zone: &[u8], out: &mut Text<'_>) -> Result<()> {
    if ip.is_ipv6() && unmap(ip).is_ipv4() {
        out.put(b"::ffff:")?;
    }
    put_ip(ip, out)?;
    put_zone(ip, zone, out)
}

/// Writes an address, its zone and a port as Go's `netip.AddrPort.String` does: `192.0.2.1:80`,
/// `[::ffff:192.0.2.1]:80`. Errors: [`Error::BUFFER_TOO_SMALL`].
pub fn write_addr_port(ip: IpAddr, zone: &[u8], port: u16, buf: &mut [u8]) -> Result<usize> {
    let mut out = Text::new(buf);
    if ip.is_ipv6() {
        out.push(b'[')?;
    }
    put_zoned(ip, zone, &mut out)?;
    if ip.is_ipv6() {
        out.push(b']')?;
    }
    out.push(b':')?;
    out.put_u32(port.into())?;
    Ok(out.len())
}

/// As [`write_zoned`], but an IPv6 address has all its digits (Go: `netip.Addr.StringExpanded`).
pub fn write_expanded(ip: IpAddr, zone: &[u8], buf: &mut [u8]) -> Result<usize> {
    let IpAddr::V6(v6) = ip else { return write_ip(ip, buf) };
    let mut out = Text::new(buf);
    for (i, group) in v6.segments().into_iter().enumerate() {
        if i > 0 {
            out.push(b':')?;
        }
        for half in group.to_be_bytes() {
            out.put_hex2(half)?;
        }
    }
    put_zone(ip, zone, &mut out)?;
    Ok(out.len())
}

fn put_zone(ip: IpAddr, zone: &[u8], out: &mut Text<'_>) -> Result<()> {
    if ip.is_ipv4() || zone.is_empty() {
        return Ok(());
    }
    out.push(b'%')?;
    out.put(zone)
}

/// The sixteen bytes of an address; IPv4 as it lies in IPv6 (Go: `IP.To16`).
pub fn to16(ip: IpAddr) -> Ipv6Addr {
    match ip {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    }
}

#[cfg(test)]
#[path = "ip_tests.rs"]
mod tests;
