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
fn keep(addrs: &mut [dunlin_addr], count: usize, fits: impl Fn(&dunlin_addr) -> bool) -> usize {
    let mut kept = 0;
    for at in 0..count {
        let Some(addr) = addrs.get(at).copied().filter(|addr| fits(addr)) else { continue };
        if let Some(place) = addrs.get_mut(kept) {
            *place = addr;
            kept += 1;
        }
    }
    kept
}

/// What all attempts of one dial have in common.
#[derive(Clone, Copy)]
struct Plan<'a> {
    dialer: &'a Dialer<'a>,
    network: Network,
    /// The name that was dialed, if it was one, for a device that verifies it.
    host: Option<&'a CStr>,
    limit: Limit<'a>,
}

type Dialed = core::result::Result<Conn, Failed>;

// What a kind of address needs on the stack lies in a function of its own: an address in digits, the
// common case of a device, costs none of it.
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

    /// Dials the path of a unix address.
    #[inline(never)]
    fn dial_path(&self, address: &[u8]) -> Dialed {
        let mut path = Path::EMPTY;
        self.dial_one(path.addr(address)?).map_err(|mut failed| {
            // The path goes with this call.
            failed.addr.options = core::ptr::null();
            failed
        })
    }

    /// Dials an address.
    fn dial_one(&self, addr: dunlin_addr) -> Dialed {
        let mut addrs = [addr];
        self.suit_local(&mut addrs, 1)?;
        self.serial(&addrs)
    }

    /// Dials the addresses of a name.
    #[inline(never)]
    fn dial_name(&self, host: &[u8], port: u16) -> Dialed {
        let name = Name::new(host)?;
        let mut addrs = [dunlin_addr::NONE; MAX_ADDRS];
        let count = self.look_up(host, port, &mut addrs)?;
        let plan = Plan { host: Some(name.c_str()), ..*self };
        plan.dial(addrs.get(..count).unwrap_or_default())
    }

    /// The addresses of a name: how many.
    #[inline(never)]
    fn look_up(&self, host: &[u8], port: u16, addrs: &mut [dunlin_addr; MAX_ADDRS]) -> Result<usize> {
        let dev = self.device(None)?;
        let found = lookup(&dev, self.network, host, port, addrs, self.limit)?;
        self.suit_local(addrs, found)
    }

    /// Leaves out the addresses that cannot be reached from the local one (Go: `resolveAddrList`).
    fn suit_local(&self, addrs: &mut [dunlin_addr], count: usize) -> Result<usize> {
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
    #[inline(never)]
    fn serial(&self, addrs: &[dunlin_addr]) -> Dialed {
        let mut first = None;
        let mut left = addrs.len();
        for addr in addrs {
            let share = share_of(self.limit.deadline, left);
            left -= 1;
            match self.connect(addr, Limit { deadline: share, ..self.limit }) {
                Ok(conn) => return Ok(conn),
                Err(fault) => {
                    first.get_or_insert((fault, addr));
                    if fault.error == Error::CANCELED || self.limit.deadline.is_past() {
                        break;
                    }
                }
            }
        }
        match first {
            Some((fault, addr)) => Err(Failed { fault, addr: *addr }),
            None => Err(Error::NO_SUCH_HOST.into()),
        }
    }

    /// Tries the addresses: two families at once where the devices can (Go: `dialParallel`).
    fn dial(&self, addrs: &[dunlin_addr]) -> Dialed {
        let delay = match self.dialer.fallback_ms {
            0 => FALLBACK_MS,
            ms => i64::from(ms),
        };
        let dual = self.network.carrier() == Carrier::Tcp && self.network.family() == DUNLIN_AF_UNSPEC;
        let family = addrs.first().map_or(DUNLIN_AF_UNSPEC, |addr| addr.family);
        let one = addrs.iter().all(|addr| addr.family == family);
        if delay < 0 || !dual || one || !self.can_race(addrs) {
            return self.serial(addrs);
        }
        self.race(addrs, family, delay)
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
    let plan = Plan { dialer, network: Network::parse(network)?, host: None, limit };
    if address.is_empty() {
        return Err(Error::MISSING_ADDRESS.into());
    }
    match peer(plan.network, address)? {
        Peer::Known(addr) => plan.dial_one(addr),
        Peer::Path(path) => plan.dial_path(path),
        Peer::Named(host, port) => plan.dial_name(host, port),
    }
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
