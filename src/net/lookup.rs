//! Looking names up (Go: `lookup.go`, `Resolver`): by the device where it can, otherwise by DNS over
//! the device's UDP, asked of the servers that were set for it; names below ".local" by multicast.

mod addresses;
mod client;
mod order;
mod record;
mod servers;

use core::cell::Cell;
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
use crate::sync::cs::{self, Mutex};
use crate::sync::hook::Hook;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

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
    if is_localhost(name) {
        return one_of(family, &[Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()], addrs);
    }
    match by_device(dev, family, name, addrs, limit) {
        Err(Error::NOT_SUPPORTED) => match DNS.get() {
            Some(dns) => (dns.addresses)(dev, name, family, addrs, limit),
            None => Err(Error::NO_NAME_SERVER),
        },
        found => found,
    }
}

/// Says whether the name is "localhost", or below it.
fn is_localhost(name: &[u8]) -> bool {
    const LOCALHOST: &[u8] = b"localhost";
    let name = name.strip_suffix(b".").unwrap_or(name);
    let at = name.len().checked_sub(LOCALHOST.len()).and_then(|at| name.split_at_checked(at));
    at.is_some_and(|(below, last)| {
        last.eq_ignore_ascii_case(LOCALHOST) && (below.is_empty() || below.ends_with(b"."))
    })
}

/// What [`host`] does for a name that must be asked for.
type Find = fn(&Dev, &[u8], u16, &mut [dunlin_addr], Limit<'_>) -> Result<usize>;

/// What names need of the DNS client.
struct Dns {
    addresses: Find,
    free: fn(),
}

static DNS: Hook<Dns> = Hook::new();
static CLIENT: Dns = Dns { addresses: by_dns, free: addresses::free };

#[derive(Clone, Copy, PartialEq, Eq)]
enum Life {
    None,
    Starting,
    Ready,
}

static LIFE: Mutex<Cell<Life>> = Mutex::new(Cell::new(Life::None));

/// Lets names be asked for by DNS. Every function that says how does it: a program without them does
/// not carry the client.
///
/// Errors: those of the port's mutex; `NO_SLOT` when another task is at it and this one cannot wait.
pub fn enable() -> Result<()> {
    loop {
        let was = cs::with(|cs| {
            let life = LIFE.borrow(cs);
            let was = life.get();
            if was == Life::None {
                life.set(Life::Starting);
            }
            was
        });
        match was {
            Life::None => break,
            Life::Starting => wait::moment()?,
            Life::Ready => return Ok(()),
        }
    }
    let made = addresses::init();
    if made.is_ok() {
        DNS.set(&CLIENT);
    }
    cs::with(|cs| LIFE.borrow(cs).set(if made.is_ok() { Life::Ready } else { Life::None }));
    made
}

/// Forgets everything that was learnt by DNS, and how it is asked.
pub fn free() {
    if let Some(dns) = DNS.get() {
        DNS.clear();
        (dns.free)();
        cs::with(|cs| LIFE.borrow(cs).set(Life::None));
    }
}

/// Asks name servers.
#[inline(never)]
fn by_dns(dev: &Dev, name: &[u8], family: u16, addrs: &mut [dunlin_addr], limit: Limit<'_>) -> Result<usize> {
    addresses::addresses(dev, &Name::parse(name)?, family, addrs, limit)
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
#[inline(never)]
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
