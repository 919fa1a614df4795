//! Addresses (Go: `net/ip.go`, `net/netip`, `TCPAddr`).

use crate::error::{Error, Result};
use crate::netdev::table::{dunlin_addr, DUNLIN_AF_INET, DUNLIN_AF_INET6, DUNLIN_AF_UNSPEC};
use crate::text::{hex_value, Text};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Room for the longest [`Addr::write`]: `[` IPv6 `%` scope `]:` port.
pub const ADDR_TEXT_MAX: usize = 1 + 39 + 1 + 10 + 2 + 5;

/// The address of one end of a connection over IP.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Addr {
    /// The IP address.
    pub ip: IpAddr,
    /// Interface of a link-local IPv6 address, 0 for none (Go: `Zone`, by number).
    pub scope: u32,
    /// The port.
    pub port: u16,
}

impl Addr {
    /// An address without scope.
    pub const fn new(ip: IpAddr, port: u16) -> Addr {
        Addr { ip, scope: 0, port }
    }

    /// Writes it as Go's `TCPAddr.String` does: `192.0.2.1:80`, `[2001:db8::1]:80`, `[fe80::1%2]:80`;
    /// gives the bytes written, at most [`ADDR_TEXT_MAX`]. Errors: [`Error::BUFFER_TOO_SMALL`].
    pub fn write(&self, buf: &mut [u8]) -> Result<usize> {
        let mut out = Text::new(buf);
        // Without brackets only if the text has no colon, as JoinHostPort decides.
        let brackets = unmap(self.ip).is_ipv6();
        if brackets {
            out.push(b'[')?;
        }
        put_ip(self.ip, &mut out)?;
        if self.scope != 0 {
            out.push(b'%')?;
            out.put_u32(self.scope)?;
        }
        if brackets {
            out.push(b']')?;
        }
        out.push(b':')?;
        out.put_u32(self.port.into())?;
        Ok(out.len())
    }

    /// The same as it crosses to C.
    pub fn to_c(&self) -> dunlin_addr {
        let mut c = dunlin_addr { port: self.port, scope_id: self.scope, ..dunlin_addr::NONE };
        match self.ip {
            IpAddr::V4(v4) => {
                c.family = DUNLIN_AF_INET;
                let octets = v4.octets();
                c.ip.iter_mut().zip(octets).for_each(|(to, from)| *to = from);
            }
            IpAddr::V6(v6) => {
                c.family = DUNLIN_AF_INET6;
                c.ip = v6.octets();
            }
        }
        c
    }

    /// From C; `None` for no address. Errors: [`Error::INVALID_ADDRESS`] for another family.
    pub fn from_c(c: &dunlin_addr) -> Result<Option<Addr>> {
        let ip = match c.family {
            DUNLIN_AF_UNSPEC => return Ok(None),
            DUNLIN_AF_INET => {
                let [a, b, c, d, ..] = c.ip;
                IpAddr::V4(Ipv4Addr::new(a, b, c, d))
            }
            DUNLIN_AF_INET6 => IpAddr::V6(Ipv6Addr::from(c.ip)),
            _ => return Err(Error::INVALID_ADDRESS),
        };
        let scope = if ip.is_ipv6() { c.scope_id } else { 0 };
        Ok(Some(Addr { ip, scope, port: c.port }))
    }
}

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

fn put_ip(ip: IpAddr, out: &mut Text<'_>) -> Result<()> {
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

#[cfg(test)]
#[path = "addr_tests.rs"]
mod tests;
