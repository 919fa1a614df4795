//! Which servers are asked through which device.

use core::cell::Cell;

use crate::config::MAX_NETDEVS;
use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::net::addr::Addr;
use crate::net::lookup::addresses;
use crate::netdev::registry::Dev;
use crate::netdev::table::dunlin_addr;
use crate::sync::cs::{self, Mutex};

/// The most servers of a device (as libc has it, and DHCP gives them).
pub const MAX_SERVERS: usize = 3;
/// Where DNS is served.
const PORT: u16 = 53;

/// The servers of one device; those of a device that is gone are nobody's, as its handle is stale.
#[derive(Clone, Copy)]
struct Servers {
    device: Handle,
    addrs: [dunlin_addr; MAX_SERVERS],
}

const NONE: Servers = Servers { device: Handle::NONE, addrs: [dunlin_addr::NONE; MAX_SERVERS] };

static TABLE: [Mutex<Cell<Servers>>; MAX_NETDEVS] = [const { Mutex::new(Cell::new(NONE)) }; MAX_NETDEVS];

/// Says which servers are asked through the device, in their order; none takes them away. What was
/// learnt from others is forgotten. Port 0 is 53.
///
/// Errors: `INVALID_ADDRESS` (no IP address), `NO_SLOT` (more than [`MAX_SERVERS`]).
pub fn set_servers(dev: &Dev, addrs: &[dunlin_addr]) -> Result<()> {
    let mut servers = Servers { device: dev.handle(), ..NONE };
    if addrs.len() > MAX_SERVERS {
        return Err(Error::NO_SLOT);
    }
    for (to, from) in servers.addrs.iter_mut().zip(addrs) {
        let addr = Addr::from_c(from)?.ok_or(Error::INVALID_ADDRESS)?;
        *to = addr.to_c();
        if to.port == 0 {
            to.port = PORT;
        }
    }
    let place = TABLE.get(usize::from(dev.handle().index())).ok_or(Error::BAD_HANDLE)?;
    super::enable()?;
    cs::with(|cs| place.borrow(cs).set(servers));
    addresses::forget(dev.handle());
    Ok(())
}

/// The servers of a device, and how many they are.
pub(super) fn of(dev: &Dev) -> ([dunlin_addr; MAX_SERVERS], usize) {
    let device = dev.handle();
    let place = TABLE.get(usize::from(device.index()));
    let servers = place.map_or(NONE, |p| cs::with(|cs| p.borrow(cs).get()));
    if servers.device != device {
        return (NONE.addrs, 0);
    }
    (servers.addrs, servers.addrs.iter().take_while(|a| a.family != 0).count())
}
