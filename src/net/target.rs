//! What an address text of a network says (Go: `Resolver.internetAddrList`, `ResolveUnixAddr`), as far as
//! no name is looked up.

use crate::error::{Error, Result};
use crate::net::addr::{parse_ip, unmap, Addr};
use crate::net::hostport::{parse_port, split_host_port, Transport};
use crate::net::network::Network;
use crate::netdev::registry;
use crate::netdev::table::{dunlin_addr, DUNLIN_AF_INET, DUNLIN_AF_INET6, DUNLIN_AF_UNIX};

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

/// Host and port of an address text; networks without ports have only a host. Go: `LookupPort` for the
/// services' names.
pub(crate) fn host_and_port(network: Network, address: &[u8]) -> Result<(&[u8], u16)> {
    let Some(transport) = network.transport() else { return Ok((address, 0)) };
    let (host, port) = split_host_port(address)?;
    Ok((host, parse_port(port, transport)?))
}

/// A zone that is a number.
fn zone_number(zone: &[u8]) -> Option<u32> {
    zone.iter().try_fold(0u32, |n, d| {
        let digit = u32::from(d.wrapping_sub(b'0'));
        if digit > 9 {
            return None;
        }
        n.checked_mul(10)?.checked_add(digit)
    })
}

/// An IP literal (with a zone: a number, or the name of an interface) as an address of the network; IPv4 in IPv6 is IPv4. `None` when
/// it is none and may be a name.
pub(crate) fn literal(network: Network, host: &[u8], port: u16) -> Option<Result<dunlin_addr>> {
    let mut parts = host.splitn(2, |b| *b == b'%');
    let ip = parse_ip(parts.next()?).ok()?;
    let zone = match parts.next() {
        None => 0,
        Some(zone) if zone.first() == Some(&b'0') || zone.is_empty() => return None,
        Some(zone) => zone_number(zone).or_else(|| registry::zone(zone))?,
    };
    let ip = if host.contains(&b':') && zone != 0 { ip } else { unmap(ip) };
    let addr = Addr { ip, scope: zone, port }.to_c();
    Some(if network.takes(&addr) { Ok(addr) } else { Err(Error::NO_SUITABLE_ADDRESS) })
}

/// The address of a listener: an empty host is the unspecified one, a path that of a unix network.
pub(crate) fn parse_address(network: Network, address: &[u8], path: &mut Path) -> Result<dunlin_addr> {
    if network.is_unix() {
        return if address.is_empty() { Err(Error::MISSING_ADDRESS) } else { path.addr(address) };
    }
    let (host, port) = host_and_port(network, address)?;
    if host.is_empty() {
        return Ok(dunlin_addr { family: network.family(), port, ..dunlin_addr::NONE });
    }
    literal(network, host, port).unwrap_or(Err(Error::INVALID_ADDRESS))
}

/// An IP address with or without a port (Go: `netip.ParseAddrPort`, `netip.ParseAddr`).
pub(crate) fn parse_literal(text: &[u8]) -> Result<dunlin_addr> {
    let (host, port) = match split_host_port(text) {
        Ok((host, port)) => (host, parse_port(port, Transport::Tcp)?),
        Err(_) => (text, 0),
    };
    literal(Network::TCP, host, port).unwrap_or(Err(Error::INVALID_ADDRESS))
}

/// The loopback in place of an unspecified address: dialing that means this system (Go: `toLocal`).
pub(crate) fn to_local(mut addr: dunlin_addr) -> dunlin_addr {
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

    #[test]
    fn ports_go_by_the_network() {
        for (net, text, want) in [
            ("tcp", "[::1]:http", Ok(("::1", 80))),
            ("udp", "h:domain", Ok(("h", 53))),
            ("udp4", "h:http", Err(Error::INVALID_PORT)),
            ("tcp", "h", Err(Error::MISSING_PORT)),
            ("ip4:icmp", "10.0.0.1", Ok(("10.0.0.1", 0))),
            ("ip6:1", "::1", Ok(("::1", 0))),
        ] {
            let want = want.map(|(host, port): (&str, u16)| (host.as_bytes(), port));
            assert_eq!(host_and_port(network(net), text.as_bytes()), want, "{net} {text}");
        }
    }

    #[test]
    fn literals_are_of_the_network_s_family() {
        let of = |net, text: &str| literal(network(net), text.as_bytes(), 7).map(|a| a.map(|a| a.family));
        assert_eq!(of("tcp", "127.0.0.1"), Some(Ok(4)));
        assert_eq!(of("udp6", "::1"), Some(Ok(6)));
        assert_eq!(of("tcp", "::ffff:1.2.3.4"), Some(Ok(4)));
        assert_eq!(of("tcp6", "127.0.0.1"), Some(Err(Error::NO_SUITABLE_ADDRESS)));
        assert_eq!(of("ip4:1", "::1"), Some(Err(Error::NO_SUITABLE_ADDRESS)));
        assert_eq!(of("tcp", "localhost"), None);
        assert_eq!(of("tcp", "fe80::1%eth0"), None);
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

    #[test]
    fn the_unspecified_is_this_system() {
        let local = |text: &str| to_local(parse_literal(text.as_bytes()).unwrap()).ip;
        assert_eq!(local("0.0.0.0")[..5], [127, 0, 0, 1, 0]);
        assert_eq!(local("::"), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(local("10.0.0.0")[..4], [10, 0, 0, 0]);
    }
}
