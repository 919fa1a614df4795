//! Looking names up (Go: `lookup.go`, `Resolver`): by the device where it can, otherwise by DNS over
//! the device's UDP, asked of the servers that were set for it; names below ".local" by multicast.

mod addresses;
mod client;
mod order;
mod record;
mod servers;

use core::ffi::CStr;

use crate::config::MAX_HOST;
use crate::error::{Error, Result};
use crate::net::addr::{parse_ip, unmap, Addr};
use crate::net::conn::Limit;
use crate::net::dns::name::Name;
use crate::net::hostport::{parse_port, Transport};
use crate::net::network::Network;
use crate::netdev::registry::Dev;
use crate::netdev::table::{
    dunlin_addr, DUNLIN_AF_INET, DUNLIN_AF_INET6, DUNLIN_AF_UNSPEC, DUNLIN_WAKE_LOOKUP,
};
use crate::netdev::wait;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub use addresses::{free, init};
pub use record::{canonical, each, each_by_priority};
pub use servers::{set_servers, MAX_SERVERS};

/// The addresses of a name (Go: `Resolver.LookupHost`), of one family or of both for
/// `DUNLIN_AF_UNSPEC`, in the order in which they are worth a try (RFC 6724), without a port. How many
/// there are, of which a device tells no more than fit; as many as fit are stored, and of each family
/// some. An address in text is its own.
///
/// Errors: `NO_SUCH_HOST`, `NAME_SERVER` (the servers do not or cannot answer), `NO_NAME_SERVER`,
/// `TIMEOUT`, `CANCELED`, `NET_DOWN`, `ENTROPY`, `NAME_TOO_LONG`, and the driver's.
pub fn host(
    dev: &Dev,
    family: u16,
    name: &[u8],
    addrs: &mut [dunlin_addr],
    limit: Limit<'_>,
) -> Result<usize> {
    if name.len() > MAX_HOST {
        return Err(Error::NAME_TOO_LONG);
    }
    // A name with a control byte is no name; the driver must not see it cut short.
    if name.is_empty() || name.iter().any(|b| *b <= b' ' || *b == 0x7f) {
        return Err(Error::NO_SUCH_HOST);
    }
    if let Ok(ip) = parse_ip(name) {
        return one_of(family, &[unmap(ip)], addrs);
    }
    // It never leaves the device (RFC 6761 §6.3).
    let parsed = Name::parse(name);
    if parsed.as_ref().is_ok_and(|n| n.ends_with(&[b"localhost"])) {
        return one_of(family, &[Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()], addrs);
    }
    match by_device(dev, family, name, addrs, limit) {
        Err(Error::NOT_SUPPORTED) => addresses::addresses(dev, &parsed?, family, addrs, limit),
        found => found,
    }
}

/// Stores the addresses of a family; how many there are.
fn one_of(family: u16, ips: &[IpAddr], addrs: &mut [dunlin_addr]) -> Result<usize> {
    let all = ips.iter().map(|ip| Addr::new(*ip, 0).to_c());
    let mut room = addrs.iter_mut();
    let mut count = 0;
    for addr in all.filter(|a| family == DUNLIN_AF_UNSPEC || a.family == family) {
        if let Some(place) = room.next() {
            *place = addr;
        }
        count += 1;
    }
    if count == 0 {
        return Err(Error::NO_SUCH_HOST);
    }
    Ok(count)
}

/// Asks the driver.
fn by_device(
    dev: &Dev,
    family: u16,
    name: &[u8],
    addrs: &mut [dunlin_addr],
    limit: Limit<'_>,
) -> Result<usize> {
    let mut text = [0u8; MAX_HOST + 1];
    text.iter_mut().zip(name).for_each(|(to, from)| *to = *from);
    let name = CStr::from_bytes_until_nul(&text).map_err(|_| Error::NAME_TOO_LONG)?;
    let gate = client::Wait::new(dev, limit)?;
    let count = wait::blocking(dev, DUNLIN_WAKE_LOOKUP, true, &gate, &mut |t, _, d| {
        t.get_host_by_name(name, family, addrs, d)
    })?;
    // What was not asked for is left out.
    let mut kept = 0;
    for i in 0..count {
        let Some(addr) = addrs.get(i).copied() else { break };
        if family == DUNLIN_AF_UNSPEC || addr.family == family {
            if let Some(place) = addrs.get_mut(kept) {
                *place = dunlin_addr { port: 0, ..addr };
                kept += 1;
            }
        }
    }
    if kept == 0 {
        return Err(Error::NO_SUCH_HOST);
    }
    Ok(kept)
}

/// The names of an address (Go: `Resolver.LookupAddr`) are those of this one.
pub fn reverse_name(addr: &dunlin_addr) -> Result<Name> {
    let addr = Addr::from_c(addr)?.ok_or(Error::INVALID_ADDRESS)?;
    Name::reverse(addr.ip)
}

/// The port of a service, or of a number in text (Go: `Resolver.LookupPort`). `network` is "tcp",
/// "tcp4", "tcp6", "udp", "udp4", "udp6"; "ip" or empty takes either's.
///
/// Errors: `UNKNOWN_NETWORK`, `INVALID_PORT`.
pub fn port(network: &[u8], service: &[u8]) -> Result<u16> {
    if matches!(network, b"" | b"ip") {
        return parse_port(service, Transport::Tcp).or_else(|_| parse_port(service, Transport::Udp));
    }
    let transport = Network::parse(network)?.transport().ok_or(Error::UNKNOWN_NETWORK)?;
    parse_port(service, transport)
}

/// Says whether a family may be asked for.
pub fn is_family(family: u32) -> bool {
    [DUNLIN_AF_UNSPEC, DUNLIN_AF_INET, DUNLIN_AF_INET6].iter().any(|f| u32::from(*f) == family)
}
