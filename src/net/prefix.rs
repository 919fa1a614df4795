//! Networks and masks (Go: `net.IPNet`, `net.IPMask`, `net.ParseCIDR`).

use crate::error::{Error, Result};
use crate::net::ip::{decimal, parse_ip, put_ip, unmap};
use crate::text::Text;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Room for the longest [`Prefix::write`].
pub const PREFIX_TEXT_MAX: usize = 39 + 4;
/// Room for the longest [`write_mask`].
pub const MASK_TEXT_MAX: usize = 32;

/// A network: an address and how many of its leading bits all members share. The other bits may be
/// set, as in the address of an interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Prefix {
    ip: IpAddr,
    bits: u8,
}

/// The bits of an address of this family, 32 or 128.
pub fn bit_len(ip: IpAddr) -> u8 {
    if ip.is_ipv4() {
        32
    } else {
        128
    }
}

impl Prefix {
    /// A network. Errors: [`Error::INVALID`] for more bits than the address has.
    pub fn new(ip: IpAddr, bits: u32) -> Result<Prefix> {
        let bits = u8::try_from(bits).map_err(|_| Error::INVALID)?;
        if bits > bit_len(ip) {
            return Err(Error::INVALID);
        }
        Ok(Prefix { ip, bits })
    }

    /// Its address, as it was given.
    pub fn ip(&self) -> IpAddr {
        self.ip
    }

    /// How many bits its members share.
    pub fn bits(&self) -> u8 {
        self.bits
    }

    /// The same network with all other bits cleared (Go: the `IPNet` of `ParseCIDR`).
    pub fn masked(&self) -> Prefix {
        Prefix { ip: and(self.ip, cidr_mask(self.ip, self.bits)).unwrap_or(self.ip), bits: self.bits }
    }

    /// Its address and bits, those of IPv4 in IPv6 as IPv4 (Go: `networkNumberAndMask`).
    fn number(&self) -> (IpAddr, u8) {
        let ip = unmap(self.ip);
        let bits = if ip.is_ipv4() && self.ip.is_ipv6() { self.bits.saturating_sub(96) } else { self.bits };
        (ip, bits)
    }

    /// Says whether an address is in it (Go: `IPNet.Contains`); IPv4 in IPv6 is the IPv4 it is.
    pub fn contains(&self, ip: IpAddr) -> bool {
        let ((number, bits), ip) = (self.number(), unmap(ip));
        let mask = cidr_mask(number, bits);
        and(ip, mask).is_some_and(|ip| and(number, mask) == Some(ip))
    }

    /// Writes `192.0.2.0/24` or `2001:db8::/32` (Go: `IPNet.String`); gives the bytes written, at most
    /// [`PREFIX_TEXT_MAX`]. Errors: [`Error::BUFFER_TOO_SMALL`].
    pub fn write(&self, buf: &mut [u8]) -> Result<usize> {
        let (ip, bits) = self.number();
        let mut out = Text::new(buf);
        put_ip(ip, &mut out)?;
        out.push(b'/')?;
        out.put_u32(bits.into())?;
        Ok(out.len())
    }
}

/// Parses `192.0.2.1/24` (Go: `net.ParseCIDR`): the address, and its network with the other bits
/// cleared. Errors: [`Error::INVALID_ADDRESS`].
pub fn parse_cidr(text: &[u8]) -> Result<(IpAddr, Prefix)> {
    let slash = text.iter().position(|b| *b == b'/').ok_or(Error::INVALID_ADDRESS)?;
    let (ip, bits) = text.split_at_checked(slash).ok_or(Error::INVALID_ADDRESS)?;
    let ip = parse_ip(ip)?;
    let bits = decimal(bits.get(1..).unwrap_or_default(), bit_len(ip).into());
    let prefix = Prefix::new(ip, bits.ok_or(Error::INVALID_ADDRESS)?)?;
    Ok((ip, prefix.masked()))
}

/// The mask of a prefix length, of the family of `ip`; more bits than it has are all (Go:
/// `net.CIDRMask`).
pub fn cidr_mask(ip: IpAddr, bits: u8) -> IpAddr {
    if ip.is_ipv4() {
        IpAddr::V4(Ipv4Addr::from(!u32::MAX.checked_shr(bits.into()).unwrap_or(0)))
    } else {
        IpAddr::V6(Ipv6Addr::from(!u128::MAX.checked_shr(bits.into()).unwrap_or(0)))
    }
}

/// How many leading ones a mask has, and all its bits; `None` when a one comes behind a zero (Go:
/// `IPMask.Size`).
pub fn mask_size(mask: IpAddr) -> Option<(u8, u8)> {
    let bits = bit_len(mask);
    let ones = match mask {
        IpAddr::V4(m) => u32::from(m).leading_ones(),
        IpAddr::V6(m) => u128::from(m).leading_ones(),
    };
    let ones = u8::try_from(ones).ok()?;
    (cidr_mask(mask, ones) == mask).then_some((ones, bits))
}

/// The bits of an address that a mask has (Go: `IP.Mask`): a mask of 16 bytes fits IPv4 if it
/// begins with 12 bytes of ones, one of 4 bytes IPv4 in IPv6. `None` when they do not fit.
pub fn mask_ip(ip: IpAddr, mask: IpAddr) -> Option<IpAddr> {
    match (ip, mask) {
        (IpAddr::V4(_), IpAddr::V6(m)) => {
            let low = u128::from(m) as u32;
            let high = u128::from(m) >> 32 == u128::MAX >> 32;
            and(ip, IpAddr::V4(Ipv4Addr::from(low))).filter(|_| high)
        }
        (IpAddr::V6(_), IpAddr::V4(_)) => and(unmap(ip), mask),
        _ => and(ip, mask),
    }
}

fn and(ip: IpAddr, mask: IpAddr) -> Option<IpAddr> {
    match (ip, mask) {
        (IpAddr::V4(a), IpAddr::V4(m)) => Some(IpAddr::V4(a & m)),
        (IpAddr::V6(a), IpAddr::V6(m)) => Some(IpAddr::V6(a & m)),
        _ => None,
    }
}

/// Writes a mask as hexadecimal digits, `ffffff00` (Go: `IPMask.String`); gives the bytes written,
/// at most [`MASK_TEXT_MAX`]. Errors: [`Error::BUFFER_TOO_SMALL`].
pub fn write_mask(mask: IpAddr, buf: &mut [u8]) -> Result<usize> {
    let mut out = Text::new(buf);
    match mask {
        IpAddr::V4(m) => m.octets().into_iter().try_for_each(|b| out.put_hex2(b))?,
        IpAddr::V6(m) => m.octets().into_iter().try_for_each(|b| out.put_hex2(b))?,
    }
    Ok(out.len())
}

#[cfg(test)]
#[path = "prefix_tests.rs"]
mod tests;
