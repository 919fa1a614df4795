//! Dialing (Go: `Dialer.Dial`): a name or a literal, its addresses one after another within the
//! deadline, on the device that is named or that the route says.

use core::ffi::CStr;

use crate::config::{MAX_ADDRS, MAX_HOST};
use crate::error::{Error, Result};
use crate::net::conn::{Conn, Limit, CONNS};
use crate::net::hostport::{parse_port, split_host_port, Transport};
use crate::net::network::{Carrier, Network};
use crate::net::option::{self, KeepAlive};
use crate::net::target::{literal, to_local};
use crate::net::tcp::{self, SOCKET};
use crate::netdev::registry::{self, Dev};
use crate::netdev::table::{
    dunlin_addr, DUNLIN_AF_INET, DUNLIN_AF_INET6, DUNLIN_CAP_IPV6, DUNLIN_IPPROTO_TCP, DUNLIN_SOCK_STREAM,
};
use crate::netdev::wait::{self, Gate};
use crate::sync::cs::CriticalSection;
use crate::sync::park::TaskRef;
use crate::time::Deadline;

/// How to dial; all empty is the default.
#[derive(Clone, Copy, Default)]
pub struct Dialer<'a> {
    /// The device by name; otherwise the route decides.
    pub device: Option<&'a [u8]>,
}

/// The least share of the time that one of several addresses gets (Go: `partialDeadline`).
const SHARE_MIN_MS: i64 = 2000;

/// What a dial or a lookup looks at while it waits: its limit, nothing else yet exists.
struct DialGate<'a> {
    limit: Limit<'a>,
    epoch: u16,
}

impl<'a> DialGate<'a> {
    /// `NET_DOWN` when the link is down: nothing will come of it.
    fn new(dev: &Dev, limit: Limit<'a>) -> Result<DialGate<'a>> {
        // The epoch first: a fall after the question counts.
        let epoch = dev.epoch();
        if !dev.is_up() {
            return Err(Error::NET_DOWN);
        }
        Ok(DialGate { limit, epoch })
    }
}

impl Gate for DialGate<'_> {
    fn enter(&self, cs: CriticalSection<'_>, task: TaskRef) -> Result<Deadline> {
        if let Some(cancel) = self.limit.cancel {
            cancel.enter(cs, task)?;
        }
        Ok(self.limit.deadline)
    }

    fn epoch(&self) -> Option<u16> {
        Some(self.epoch)
    }
}

/// The addresses of a name, asked of `dev` (Go: `Resolver.LookupIPAddr`); how many.
pub fn lookup(
    dev: &Dev,
    network: Network,
    host: &[u8],
    port: u16,
    addrs: &mut [dunlin_addr; MAX_ADDRS],
    limit: Limit<'_>,
) -> Result<usize> {
    let v6 = dev.table().caps() & DUNLIN_CAP_IPV6 != 0;
    // What a device does not carry need not be asked for.
    let family = if v6 { network.family() } else { DUNLIN_AF_INET };
    let found = crate::net::lookup::host(dev, family, host, addrs, limit)?;
    // What the network or the device cannot carry is left out.
    let mut kept = 0;
    for i in 0..found {
        let Some(mut addr) = addrs.get(i).copied() else { break };
        addr.port = port;
        if network.takes(&addr) && (v6 || addr.family == DUNLIN_AF_INET) {
            if let Some(to) = addrs.get_mut(kept) {
                *to = addr;
                kept += 1;
            }
        }
    }
    if kept == 0 {
        return Err(Error::NO_SUCH_HOST);
    }
    Ok(kept)
}

/// Connects to `address` ("host:port"). Within the limit every address of the name is tried, each for
/// its share of the time that is left; the first error is the one reported.
pub fn dial(dialer: &Dialer<'_>, network: &[u8], address: &[u8], limit: Limit<'_>) -> Result<Conn> {
    let network = Network::parse(network)?;
    if network.carrier() != Carrier::Tcp {
        return Err(Error::UNKNOWN_NETWORK);
    }
    let (host, port) = split_host_port(address)?;
    let port = parse_port(port, Transport::Tcp)?;
    let by_name = |to: Option<&dunlin_addr>| match dialer.device {
        Some(name) => registry::by_name(name),
        None => registry::route(to),
    };
    let mut addrs = [dunlin_addr::NONE; MAX_ADDRS];
    // An empty host is this one (Go: "the local system is assumed").
    let local: &[u8] = if network.family() == DUNLIN_AF_INET6 { b"::1" } else { b"127.0.0.1" };
    let host = if host.is_empty() { local } else { host };
    let (count, named) = match literal(network, host, port) {
        Some(addr) => {
            if let Some(first) = addrs.first_mut() {
                *first = to_local(addr?);
            }
            (1, None)
        }
        None => {
            let dev = by_name(None)?;
            (lookup(&dev, network, host, port, &mut addrs, limit)?, Some(host))
        }
    };
    let mut first = None;
    for (i, addr) in addrs.iter().take(count).enumerate() {
        let share = share_of(limit.deadline, count - i);
        let tried = by_name(Some(addr))
            .and_then(|dev| connect(&dev, named, addr, Limit { deadline: share, ..limit }));
        match tried {
            Ok(conn) => return Ok(conn),
            Err(e) => {
                first.get_or_insert(e);
                if e == Error::CANCELED || limit.deadline.is_past() {
                    break;
                }
            }
        }
    }
    Err(first.unwrap_or(Error::NO_SUCH_HOST))
}

/// The deadline of the next of `left` addresses (Go: `partialDeadline`).
fn share_of(deadline: Deadline, left: usize) -> Deadline {
    match deadline.remaining_ms() {
        None => Deadline::NONE,
        Some(ms) => {
            let share = (ms / (left.max(1) as i64)).max(SHARE_MIN_MS);
            Deadline::after_ms(share).earliest(deadline)
        }
    }
}

/// Connects one address.
fn connect(dev: &Dev, host: Option<&[u8]>, addr: &dunlin_addr, limit: Limit<'_>) -> Result<Conn> {
    if addr.family == DUNLIN_AF_INET6 && dev.table().caps() & DUNLIN_CAP_IPV6 == 0 {
        return Err(Error::NET_UNREACHABLE);
    }
    let gate = DialGate::new(dev, limit)?;
    let conn = CONNS.claim()?;
    match open(dev, host, addr, &gate) {
        Ok(sock) => {
            conn.make(&SOCKET, dev.handle(), sock, gate.epoch);
            Ok(conn)
        }
        Err(e) => {
            conn.close();
            Err(e)
        }
    }
}

fn open(dev: &Dev, host: Option<&[u8]>, addr: &dunlin_addr, gate: &DialGate<'_>) -> Result<i32> {
    let mut name = [0u8; MAX_HOST + 1];
    for (to, from) in name.iter_mut().zip(host.unwrap_or(&[])).take(MAX_HOST) {
        *to = *from;
    }
    let name = CStr::from_bytes_until_nul(&name).ok().filter(|n| !n.is_empty());
    let sock =
        wait::in_turn(dev, &mut |t, _, _| t.socket(addr.family, DUNLIN_SOCK_STREAM, DUNLIN_IPPROTO_TCP))?;
    let sock = tcp::adopt(dev, sock)?;
    let connected = wait::blocking(dev, sock, true, gate, &mut |t, _, d| t.connect(sock, name, addr, d));
    match connected {
        Ok(_) => {
            option::set_defaults(dev, sock, &KeepAlive::DEFAULT);
            Ok(sock)
        }
        Err(fault) => {
            tcp::close_socket(dev, sock);
            Err(fault.error)
        }
    }
}
