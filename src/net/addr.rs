//! The address of one end of a connection (Go: `TCPAddr`, `UDPAddr`, `IPAddr`, `netip.AddrPort`).

use crate::error::{Error, Result};
use crate::net::ip::put_ip;
use crate::netdev::table::{dunlin_addr, DUNLIN_AF_INET, DUNLIN_AF_INET6, DUNLIN_AF_UNSPEC};
use crate::text::Text;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub use crate::net::ip::{parse_ip, unmap, write_ip};

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

#[cfg(test)]
#[path = "addr_tests.rs"]
mod tests;
