//! The address of a text for dialing and listening, as far as no name is looked up; [`resolve`] takes the
//! text apart. And the zones of addresses, and the paths of unix addresses.
//!
//! [`resolve`]: crate::net::resolve

use crate::error::{Error, Result};
use crate::net::addr::Addr;
use crate::net::hostport::{parse_port, split_host_port, Transport};
use crate::net::ip::{decimal, parse_zoned, unmap};
use crate::net::network::Network;
use crate::net::resolve::{target, Target};
use crate::netdev::registry;
use crate::netdev::table::{dunlin_addr, DUNLIN_AF_INET, DUNLIN_AF_INET6, DUNLIN_AF_UNIX};
use core::net::IpAddr;

/// Bytes of the longest path of a unix address (Linux: `sun_path` without its NUL).
const MAX_PATH: usize = 107;

/// The path of a unix address, with its NUL; an address made of it points here.
pub(crate) struct Path([u8; MAX_PATH + 1]);

impl Path {
    /// No path yet.
    pub(crate) const EMPTY: Path = Path([0; MAX_PATH + 1]);

    /// The unix address of a path. Errors: [`Error::NAME_TOO_LONG`], [`Error::INVALID_ADDRESS`] for one with
    /// a NUL.
    pub(crate) fn addr(&mut self, path: &[u8]) -> Result<dunlin_addr> {
        if path.len() > MAX_PATH {
            return Err(Error::NAME_TOO_LONG);
        }
        if path.contains(&0) {
            return Err(Error::INVALID_ADDRESS);
        }
        self.0 = [0; MAX_PATH + 1];
        for (to, from) in self.0.iter_mut().zip(path) {
            *to = *from;
        }
        Ok(dunlin_addr { family: DUNLIN_AF_UNIX, options: self.0.as_ptr().cast(), ..dunlin_addr::NONE })
    }
}

/// The number of a zone, 0 for none: it is a number (leading zeros do not count), or the name of an
/// interface (Go: `zoneCache.index`). Errors: [`Error::INVALID_ADDRESS`] when no interface has the name.
pub(crate) fn scope(zone: &[u8]) -> Result<u32> {
    if zone.is_empty() {
        return Ok(0);
    }
    decimal(zone, u32::MAX).or_else(|| registry::zone(zone)).ok_or(Error::INVALID_ADDRESS)
}

/// An IP address and its zone as an address; IPv4 in IPv6 is IPv4, unless it has a zone.
fn literal(ip: IpAddr, zone: &[u8], port: u16) -> Result<dunlin_addr> {
    let scope = scope(zone)?;
    Ok(Addr { ip: if scope == 0 { unmap(ip) } else { ip }, scope, port }.to_c())
}

/// What is dialed.
pub(crate) enum Peer<'a> {
    /// Its address is known.
    Known(dunlin_addr),
    /// Its name is to be looked up; the port of what is found.
    Named(&'a [u8], u16),
    /// The path of a unix address.
    Path(&'a [u8]),
}

/// The peer of an address text: no host, or an unspecified one, is this system (Go: `toLocal`).
pub(crate) fn peer(network: Network, address: &[u8]) -> Result<Peer<'_>> {
    Ok(match target(network, address)? {
        Target::Path(path) => Peer::Path(path),
        Target::Any { port } => {
            let family = if network.family() == DUNLIN_AF_INET6 { DUNLIN_AF_INET6 } else { DUNLIN_AF_INET };
            Peer::Known(to_local(dunlin_addr { family, port, ..dunlin_addr::NONE }))
        }
        Target::Ip { ip, zone, port } => Peer::Known(to_local(literal(ip, zone, port)?)),
        Target::Name { host, port, .. } => Peer::Named(host, port),
    })
}

/// The address of a listener: an empty host is the unspecified one, a path that of a unix network.
pub(crate) fn parse_address(network: Network, address: &[u8], path: &mut Path) -> Result<dunlin_addr> {
    match target(network, address)? {
        Target::Path([]) => Err(Error::MISSING_ADDRESS),
        Target::Path(name) => path.addr(name),
        Target::Any { port } => Ok(dunlin_addr { family: network.family(), port, ..dunlin_addr::NONE }),
        Target::Ip { ip, zone, port } => literal(ip, zone, port),
        Target::Name { .. } => Err(Error::INVALID_ADDRESS),
    }
}

/// An IP address with or without a port (Go: `netip.ParseAddrPort`, `netip.ParseAddr`).
pub(crate) fn parse_literal(text: &[u8]) -> Result<dunlin_addr> {
    let (host, port) = match split_host_port(text) {
        Ok((host, port)) => (host, parse_port(port, Transport::Tcp)?),
        Err(_) => (text, 0),
    };
    let (ip, zone) = parse_zoned(host)?;
    literal(ip, zone, port)
}

/// The loopback in place of an unspecified address: dialing that means this system (Go: `toLocal`).
fn to_local(mut addr: dunlin_addr) -> dunlin_addr {
    if addr.ip == [0; 16] {
        match (addr.family, &mut addr.ip) {
            (DUNLIN_AF_INET, [first, _, _, fourth, ..]) => (*first, *fourth) = (127, 1),
            (DUNLIN_AF_INET6, [.., last]) => *last = 1,
            _ => {}
        }
    }
    addr
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(name: &str) -> Network {
        Network::parse(name.as_bytes()).unwrap()
    }

    /// The peer's IP address, zone and port.
    fn known(net: &str, text: &str) -> Result<(IpAddr, u32, u16)> {
        match peer(network(net), text.as_bytes())? {
            Peer::Known(addr) => {
                let addr = Addr::from_c(&addr)?.unwrap();
                Ok((addr.ip, addr.scope, addr.port))
            }
            Peer::Named(..) | Peer::Path(_) => Err(Error::NO_SUCH_HOST),
        }
    }

    #[test]
    fn peers() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        for (net, text, want) in [
            ("tcp", "127.0.0.1:http", Ok(("127.0.0.1", 0, 80))),
            ("tcp", "[::ffff:1.2.3.4]:1", Ok(("1.2.3.4", 0, 1))),
            ("tcp6", "127.0.0.1:1", Err(Error::NO_SUITABLE_ADDRESS)),
            ("ip4:1", "::1", Err(Error::NO_SUITABLE_ADDRESS)),
            ("udp4", "127.0.0.1:http", Err(Error::INVALID_PORT)),
            ("tcp", "localhost:80", Err(Error::NO_SUCH_HOST)),
            // What leads nowhere leads here.
            ("tcp", ":80", Ok(("127.0.0.1", 0, 80))),
            ("tcp6", ":80", Ok(("::1", 0, 80))),
            ("tcp", "0.0.0.0:80", Ok(("127.0.0.1", 0, 80))),
            ("tcp", "[::]:80", Ok(("::1", 0, 80))),
            ("tcp4", "[::]:80", Ok(("127.0.0.1", 0, 80))),
            // Zones.
            ("tcp", "[fe80::1%2]:80", Ok(("fe80::1", 2, 80))),
            ("tcp", "[fe80::1%007]:80", Ok(("fe80::1", 7, 80))),
            ("tcp", "[fe80::1%0]:80", Ok(("fe80::1", 0, 80))),
            ("tcp", "[fe80::1%4294967295]:80", Ok(("fe80::1", u32::MAX, 80))),
            ("tcp", "[fe80::1%4294967296]:80", Err(Error::INVALID_ADDRESS)),
            ("tcp", "[fe80::1%nosuch9]:80", Err(Error::INVALID_ADDRESS)),
            ("ip6:58", "fe80::1%3", Ok(("fe80::1", 3, 0))),
        ] {
            let want = want.map(|(text, zone, port)| (ip(text), zone, port));
            assert_eq!(known(net, text), want, "{net} {text}");
        }
    }

    #[test]
    fn addresses_of_listeners() {
        let of = |net, text: &str| {
            let mut path = Path::EMPTY;
            parse_address(network(net), text.as_bytes(), &mut path).map(|a| (a.family, a.port))
        };
        assert_eq!(of("tcp", ":80"), Ok((0, 80)));
        assert_eq!(of("tcp4", ":80"), Ok((4, 80)));
        assert_eq!(of("tcp", "[::]:0"), Ok((6, 0)));
        assert_eq!(of("tcp", ""), Ok((0, 0)));
        assert_eq!(of("tcp", "localhost:80"), Err(Error::INVALID_ADDRESS));
        assert_eq!(of("unix", ""), Err(Error::MISSING_ADDRESS));
    }

    #[test]
    fn literals_with_and_without_a_port() {
        let of = |text: &str| parse_literal(text.as_bytes()).map(|a| (a.family, a.scope_id, a.port));
        assert_eq!(of("fe80::1%05"), Ok((6, 5, 0)));
        assert_eq!(of("[fe80::1%05]:9"), Ok((6, 5, 9)));
        assert_eq!(of("1.2.3.4%5"), Err(Error::INVALID_ADDRESS));
        assert_eq!(of("fe80::1%"), Err(Error::INVALID_ADDRESS));
        assert_eq!(of("localhost"), Err(Error::INVALID_ADDRESS));
    }

    #[test]
    fn paths() {
        let mut path = Path::EMPTY;
        for len in [1, MAX_PATH] {
            let addr = path.addr(&vec![b'p'; len]).unwrap();
            assert_eq!((addr.family, path.0[len - 1], path.0.get(len)), (1, b'p', Some(&0)));
            assert_eq!(addr.options, path.0.as_ptr().cast());
        }
        assert_eq!(path.addr(&[b'p'; MAX_PATH + 1]).err(), Some(Error::NAME_TOO_LONG));
        assert_eq!(path.addr(b"a\0b").err(), Some(Error::INVALID_ADDRESS));
        let unix = network("unix");
        assert_eq!(parse_address(unix, b"", &mut path).err(), Some(Error::MISSING_ADDRESS));
        assert_eq!(parse_address(unix, b"/tmp/x:1", &mut path).unwrap().port, 0);
    }
}
