//! Dialing (Go: `Dialer.Dial`): a name, a literal or a path, its addresses one after another, or two
//! families at once, within the deadline, on the device that is named or that the route says.

mod attempt;
mod race;

use core::ffi::CStr;

use crate::config::{MAX_ADDRS, MAX_HOST};
use crate::error::{Error, Result};
use crate::net::conn::{Conn, Limit};
use crate::net::network::{Carrier, Network};
use crate::net::option::KeepAlive;
use crate::net::target::{peer, Path, Peer};
use crate::netdev::registry::{self, Dev};
use crate::netdev::table::{
    dunlin_addr, Fault, DUNLIN_AF_INET, DUNLIN_AF_INET6, DUNLIN_AF_UNIX, DUNLIN_AF_UNSPEC, DUNLIN_CAP_IPV6,
};
use crate::netdev::wait::{self, Gate};
use crate::sync::cs::CriticalSection;
use crate::sync::park::TaskRef;
use crate::time::Deadline;

/// How to dial; the default is Go's.
#[derive(Clone, Copy)]
pub struct Dialer<'a> {
    /// The device by name; otherwise the route decides.
    pub device: Option<&'a [u8]>,
    /// Where from (Go: `LocalAddr`); family 0 with a port is that port of any address.
    pub local: Option<&'a dunlin_addr>,
    /// The probes of a TCP connection (Go: `KeepAliveConfig`).
    pub keep_alive: KeepAlive,
    /// After how many milliseconds the other family is tried too (Go: `FallbackDelay`); 0 is 300,
    /// negative is never.
    pub fallback_ms: i32,
}

impl Default for Dialer<'_> {
    fn default() -> Self {
        Dialer { device: None, local: None, keep_alive: KeepAlive::DEFAULT, fallback_ms: 0 }
    }
}

/// Why a dial failed (Go: `OpError` of "dial").
#[derive(Clone, Copy, Debug)]
pub struct Failed {
    /// The error, and what the driver returned.
    pub fault: Fault,
    /// The address that was tried; family 0 when it did not come to that.
    pub addr: dunlin_addr,
}

impl<E: Into<Fault>> From<E> for Failed {
    fn from(error: E) -> Failed {
        Failed { fault: error.into(), addr: dunlin_addr::NONE }
    }
}

/// RFC 8305, section 5, recommends 250 ms; this is Go's.
const FALLBACK_MS: i64 = 300;
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

/// A host name with its NUL.
struct Name([u8; MAX_HOST + 1]);

impl Name {
    /// `NO_SUCH_HOST` for what is no name: a control byte among it would let a driver see it cut short.
    fn new(host: &[u8]) -> Result<Name> {
        let mut name = [0u8; MAX_HOST + 1];
        if host.len() > MAX_HOST {
            return Err(Error::NAME_TOO_LONG);
        }
        if host.is_empty() || host.iter().any(|b| *b <= b' ' || *b == 0x7f) {
            return Err(Error::NO_SUCH_HOST);
        }
        for (to, from) in name.iter_mut().zip(host) {
            *to = *from;
        }
        Ok(Name(name))
    }

    fn c_str(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.0).unwrap_or_default()
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
    for addr in addrs.iter_mut() {
        addr.port = port;
    }
    // What the network or the device cannot carry is left out.
    match keep(addrs, found, |addr| network.takes(addr) && (v6 || addr.family == DUNLIN_AF_INET)) {
        0 => Err(Error::NO_SUCH_HOST),
        kept => Ok(kept),
    }
}

/// Keeps those of the first `count` addresses that fit, in their order; how many.
fn keep(addrs: &mut [dunlin_addr; MAX_ADDRS], count: usize, fits: impl Fn(&dunlin_addr) -> bool) -> usize {
    let all = *addrs;
    let fitting = all.iter().take(count).filter(|addr| fits(addr));
    let mut kept = 0;
    for (to, from) in addrs.iter_mut().zip(fitting) {
        *to = *from;
        kept += 1;
    }
    kept
}

/// What all attempts of one dial have in common.
struct Plan<'a> {
    dialer: &'a Dialer<'a>,
    network: Network,
    /// The name that was dialed, if it was one.
    host: Option<Name>,
    limit: Limit<'a>,
}

impl Plan<'_> {
    /// The device for an address, or for a lookup. `NOT_SUPPORTED` when none carries the network.
    fn device(&self, to: Option<&dunlin_addr>) -> Result<Dev> {
        let caps = self.network.caps();
        let Some(name) = self.dialer.device else { return registry::route_with(to, caps) };
        let dev = registry::by_name(name)?;
        if dev.table().caps() & caps != caps {
            return Err(Error::NOT_SUPPORTED);
        }
        Ok(dev)
    }

    /// The addresses of an address text: how many.
    fn resolve(
        &mut self,
        address: &[u8],
        path: &mut Path,
        addrs: &mut [dunlin_addr; MAX_ADDRS],
    ) -> Result<usize> {
        if address.is_empty() {
            return Err(Error::MISSING_ADDRESS);
        }
        let known = match peer(self.network, address, path)? {
            Peer::Known(addr) => addr,
            Peer::Named(host, port) => {
                let name = Name::new(host)?;
                let dev = self.device(None)?;
                let found = lookup(&dev, self.network, host, port, addrs, self.limit)?;
                self.host = Some(name);
                return self.suit_local(addrs, found);
            }
        };
        if let Some(first) = addrs.first_mut() {
            *first = known;
        }
        self.suit_local(addrs, 1)
    }

    /// Leaves out the addresses that cannot be reached from the local one (Go: `resolveAddrList`).
    fn suit_local(&self, addrs: &mut [dunlin_addr; MAX_ADDRS], count: usize) -> Result<usize> {
        let Some(local) = self.dialer.local else { return Ok(count) };
        if (local.family == DUNLIN_AF_UNIX) != self.network.is_unix() {
            return Err(Error::MISMATCHED_ADDRESS);
        }
        if self.network.is_unix() || local.ip == [0; 16] {
            return Ok(count);
        }
        match keep(addrs, count, |addr| addr.family == local.family) {
            0 => Err(Error::NO_SUITABLE_ADDRESS),
            kept => Ok(kept),
        }
    }

    /// Tries one address after another, each for its share of the time (Go: `dialSerial`).
    fn serial(&self, addrs: &[dunlin_addr]) -> core::result::Result<Conn, Failed> {
        let mut first = None;
        for (i, addr) in addrs.iter().enumerate() {
            let share = share_of(self.limit.deadline, addrs.len() - i);
            match self.connect(addr, Limit { deadline: share, ..self.limit }) {
                Ok(conn) => return Ok(conn),
                Err(fault) => {
                    first.get_or_insert(Failed { fault, addr: *addr });
                    if fault.error == Error::CANCELED || self.limit.deadline.is_past() {
                        break;
                    }
                }
            }
        }
        Err(first.unwrap_or_else(|| Error::NO_SUCH_HOST.into()))
    }

    /// Tries the addresses: two families at once where the devices can (Go: `dialParallel`).
    fn dial(&self, addrs: &[dunlin_addr; MAX_ADDRS], count: usize) -> core::result::Result<Conn, Failed> {
        let all = addrs.get(..count).unwrap_or_default();
        let delay = match self.dialer.fallback_ms {
            0 => FALLBACK_MS,
            ms => i64::from(ms),
        };
        let dual = self.network.carrier() == Carrier::Tcp && self.network.family() == DUNLIN_AF_UNSPEC;
        let family = all.first().map_or(DUNLIN_AF_UNSPEC, |addr| addr.family);
        // The first address's family leads, each family in its order.
        let (mut lead, mut other) = (*addrs, *addrs);
        let leads = keep(&mut lead, count, |addr| addr.family == family);
        let others = keep(&mut other, count, |addr| addr.family != family);
        if delay < 0 || !dual || others == 0 || !self.can_race(all) {
            return self.serial(all);
        }
        self.race(lead.get(..leads).unwrap_or_default(), other.get(..others).unwrap_or_default(), delay)
    }
}

/// Connects to `address` (Go: `Dialer.Dial`). Within the limit every address of a name is tried, each for
/// its share of the time that is left; the first error is the one reported.
pub fn dial(dialer: &Dialer<'_>, network: &[u8], address: &[u8], limit: Limit<'_>) -> Result<Conn> {
    dial_telling(dialer, network, address, limit).map_err(|failed| failed.fault.error)
}

/// As [`dial`], and tells where it failed.
pub fn dial_telling(
    dialer: &Dialer<'_>,
    network: &[u8],
    address: &[u8],
    limit: Limit<'_>,
) -> core::result::Result<Conn, Failed> {
    let mut plan = Plan { dialer, network: Network::parse(network)?, host: None, limit };
    let mut path = Path::EMPTY;
    let mut addrs = [dunlin_addr::NONE; MAX_ADDRS];
    let count = plan.resolve(address, &mut path, &mut addrs)?;
    plan.dial(&addrs, count).map_err(|mut failed| {
        // The path goes with this call.
        failed.addr.options = core::ptr::null();
        failed
    })
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
