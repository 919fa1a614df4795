//! Addresses from text, by the rules of the network (Go: `ResolveTCPAddr`, `ResolveUDPAddr`,
//! `ResolveIPAddr`). Nothing here asks anybody: a host name is handed back for a lookup.

use crate::error::{Error, Result};
use crate::net::hostport::{parse_port, split_host_port};
use crate::net::ip::{parse_zoned, unmap};
use crate::net::network::{Carrier, Network};
use crate::netdev::table::{dunlin_addr, DUNLIN_AF_INET, DUNLIN_AF_INET6};
use core::net::{IpAddr, Ipv4Addr};

/// An address taken apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target<'a> {
    /// No host: this system, or any of its addresses.
    Any {
        /// The port; 0 for networks without ports.
        port: u16,
    },
    /// An IP address, with its zone, empty for none.
    Ip {
        /// The address; IPv4 in IPv6 as it was written.
        ip: IpAddr,
        /// What stood behind `%`.
        zone: &'a [u8],
        /// The port; 0 for networks without ports.
        port: u16,
    },
    /// A name to look up.
    Name {
        /// The name.
        host: &'a [u8],
        /// The port of what is found.
        port: u16,
        /// Which of the families the address of a name is taken from first, when the network is of
        /// both.
        prefers_v6: bool,
    },
    /// The path of a unix socket.
    Path(&'a [u8]),
}

/// The network of one of Go's functions for one carrier: an empty name is the carrier's own. Errors:
/// [`Error::UNKNOWN_NETWORK`] for that of another carrier.
pub fn network_of(carrier: Carrier, name: &[u8]) -> Result<Network> {
    let name: &[u8] = match (name, carrier) {
        (b"", Carrier::Tcp) => b"tcp",
        (b"", Carrier::Udp) => b"udp",
        (b"", Carrier::Ip) => b"ip",
        (name, _) => name,
    };
    Some(Network::parse_address_kind(name)?).filter(|n| n.carrier() == carrier).ok_or(Error::UNKNOWN_NETWORK)
}

/// Takes `address` apart: "host:port" for TCP and UDP, a host for IP, a path for unix networks (Go:
/// `Resolver.internetAddrList`).
///
/// Errors: [`Error::NO_SUITABLE_ADDRESS`] for an IP address that is not of the network's family, and
/// those of the host and the port.
pub fn target(network: Network, address: &[u8]) -> Result<Target<'_>> {
    if network.is_unix() {
        return Ok(Target::Path(address));
    }
    let (host, port) = match network.transport() {
        Some(transport) if !address.is_empty() => {
            let (host, port) = split_host_port(address)?;
            (host, parse_port(port, transport)?)
        }
        _ => (address, 0),
    };
    if host.is_empty() {
        return Ok(Target::Any { port });
    }
    let Ok((ip, zone)) = parse_zoned(host) else {
        let mark = if network.carrier() == Carrier::Ip { b':' } else { b'[' };
        return Ok(Target::Name { host, port, prefers_v6: address.contains(&mark) });
    };
    match (network.family(), unmap(ip)) {
        (DUNLIN_AF_INET, IpAddr::V6(v6)) if v6.is_unspecified() => {
            // The unspecified address stands for that of the other family.
            Ok(Target::Ip { ip: IpAddr::V4(Ipv4Addr::UNSPECIFIED), zone: &[], port })
        }
        (DUNLIN_AF_INET, IpAddr::V6(_)) | (DUNLIN_AF_INET6, IpAddr::V4(_)) => Err(Error::NO_SUITABLE_ADDRESS),
        _ => Ok(Target::Ip { ip, zone, port }),
    }
}

/// The address that stands for a name: the first of the preferred family, or else the first (Go:
/// `addrList.forResolve`).
pub fn choose(addrs: &[dunlin_addr], prefers_v6: bool) -> Option<dunlin_addr> {
    let family = if prefers_v6 { DUNLIN_AF_INET6 } else { DUNLIN_AF_INET };
    addrs.iter().find(|a| a.family == family).or(addrs.first()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::ip::parse_ip;

    fn of<'a>(network: &str, address: &'a str) -> Result<Target<'a>> {
        target(Network::parse_address_kind(network.as_bytes())?, address.as_bytes())
    }

    fn ip(ip: &str, zone: &'static str, port: u16) -> Result<Target<'static>> {
        Ok(Target::Ip { ip: parse_ip(ip.as_bytes())?, zone: zone.as_bytes(), port })
    }

    #[test]
    fn targets() {
        assert_eq!(of("tcp", ":http"), Ok(Target::Any { port: 80 }));
        assert_eq!(of("tcp", ""), Ok(Target::Any { port: 0 }));
        assert_eq!(of("ip4:icmp", ""), Ok(Target::Any { port: 0 }));
        assert_eq!(of("udp", "1.2.3.4:domain"), ip("1.2.3.4", "", 53));
        assert_eq!(of("tcp", "1.2.3.4:domain"), Err(Error::INVALID_PORT));
        assert_eq!(of("tcp", "[fe80::1%eth0]:80"), ip("fe80::1", "eth0", 80));
        assert_eq!(of("ip", "fe80::1%eth0"), ip("fe80::1", "eth0", 0));
        assert_eq!(of("tcp4", "[::ffff:1.2.3.4]:80"), ip("::ffff:1.2.3.4", "", 80));
        assert_eq!(of("tcp6", "[::ffff:1.2.3.4]:80"), Err(Error::NO_SUITABLE_ADDRESS));
        assert_eq!(of("tcp6", "1.2.3.4:80"), Err(Error::NO_SUITABLE_ADDRESS));
        assert_eq!(of("udp4", "[::1]:80"), Err(Error::NO_SUITABLE_ADDRESS));
        assert_eq!(of("tcp4", "[::]:80"), ip("0.0.0.0", "", 80));
        assert_eq!(of("tcp", "[::]:80"), ip("::", "", 80));
        assert_eq!(of("tcp", "1.2.3.4"), Err(Error::MISSING_PORT));
        assert_eq!(of("ip6:58", "1.2.3.4"), Err(Error::NO_SUITABLE_ADDRESS));
        let name = |prefers_v6| Ok(Target::Name { host: b"host", port: 80, prefers_v6 });
        assert_eq!(of("tcp", "host:80"), name(false));
        assert_eq!(of("tcp", "[host]:80"), name(true));
        assert_eq!(of("ip", "a:b"), Ok(Target::Name { host: b"a:b", port: 0, prefers_v6: true }));
        assert_eq!(of("unixgram", "/run/x"), Ok(Target::Path(b"/run/x")));
    }

    #[test]
    fn the_address_of_a_name() {
        let of = |families: &[u16], prefers_v6| {
            let addrs: Vec<_> =
                families.iter().map(|f| dunlin_addr { family: *f, ..dunlin_addr::NONE }).collect();
            choose(&addrs, prefers_v6).map(|a| a.family)
        };
        assert_eq!(of(&[6, 4], false), Some(4));
        assert_eq!(of(&[4, 6], true), Some(6));
        assert_eq!(of(&[6, 6], false), Some(6));
        assert_eq!(of(&[4], true), Some(4));
        assert_eq!(of(&[], true), None);
    }

    #[test]
    fn networks_of_one_carrier() {
        assert_eq!(network_of(Carrier::Tcp, b""), Ok(Network::TCP));
        assert_eq!(network_of(Carrier::Udp, b""), Ok(Network::UDP));
        assert_eq!(network_of(Carrier::Ip, b"").map(Network::name), Ok("ip"));
        assert_eq!(network_of(Carrier::Ip, b"ip6:icmp").map(Network::name), Ok("ip6:icmp"));
        for (carrier, name) in
            [(Carrier::Tcp, "udp"), (Carrier::Ip, "tcp"), (Carrier::Unix, ""), (Carrier::Tcp, "tcp7")]
        {
            assert_eq!(network_of(carrier, name.as_bytes()), Err(Error::UNKNOWN_NETWORK));
        }
    }
}
