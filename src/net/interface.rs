//! Network interfaces (Go: `net.Interfaces`). A device is one interface, unless its driver tells of
//! several.

use crate::error::{Error, Result};
use crate::net::flags::{DUNLIN_FLAG_BROADCAST, DUNLIN_FLAG_MULTICAST, DUNLIN_FLAG_RUNNING, DUNLIN_FLAG_UP};
use crate::netdev::link_ops::{dunlin_interface, dunlin_interface_addr, DUNLIN_HARDWARE_ADDR_MAX};
use crate::netdev::link_table::LinkTable;
use crate::netdev::netlink::{self, in_turn};
use crate::netdev::registry::{own_index, Dev, DEVICES};
use crate::netdev::table::{dunlin_addr, DUNLIN_AF_INET, DUNLIN_CAP_MULTICAST, DUNLIN_CAP_UDP};

/// Interfaces that a driver may have; a list without end is cut here.
const MOST: u32 = 1024;
/// Addresses asked of a device that does not tell its interfaces.
const ADDRS: usize = 8;

/// A device as an interface.
fn whole(dev: &Dev, table: Option<&LinkTable>) -> dunlin_interface {
    let caps = dev.table().caps();
    let mut interface = dunlin_interface::none();
    interface.set_name(dev.name().split(|b| *b == 0).next().unwrap_or(&[]));
    interface.index = own_index(dev);
    interface.flags = DUNLIN_FLAG_UP
        | if dev.is_up() { DUNLIN_FLAG_RUNNING } else { 0 }
        | if caps & DUNLIN_CAP_UDP != 0 { DUNLIN_FLAG_BROADCAST } else { 0 }
        | if caps & DUNLIN_CAP_MULTICAST != 0 { DUNLIN_FLAG_MULTICAST } else { 0 };
    if let Some(table) = table {
        let mut addr = [0; DUNLIN_HARDWARE_ADDR_MAX];
        if let Ok(len) = in_turn(dev, || table.get_hardware_addr(&mut addr)) {
            interface.hardware_addr = addr;
            interface.hardware_addr_len = len as u32;
        }
    }
    interface
}

/// Calls `f` with each interface of a device until it says that it has enough.
fn each_of(dev: &Dev, f: &mut dyn FnMut(&dunlin_interface) -> bool) -> Result<()> {
    let table = netlink::table(dev);
    let device = dev.handle().0;
    match table.filter(LinkTable::has_interfaces) {
        None => {
            f(&dunlin_interface { device, ..whole(dev, table.as_ref()) });
        }
        Some(table) => {
            for at in 0..MOST {
                match in_turn(dev, || table.interface_at(at))? {
                    Some(interface) if f(&dunlin_interface { device, ..interface }) => {}
                    _ => break,
                }
            }
        }
    }
    Ok(())
}

/// Calls `f` with each interface of every device (Go: `net.Interfaces`); the first error of a driver,
/// after the others have told theirs.
pub fn each(f: &mut dyn FnMut(&dunlin_interface) -> bool) -> Result<()> {
    let mut on = true;
    let mut told = Ok(());
    DEVICES.each(|dev| {
        if on {
            let result = each_of(dev, &mut |interface| {
                on = f(interface);
                on
            });
            told = told.and(result);
        }
    });
    told
}

fn find(is: impl Fn(&dunlin_interface) -> bool) -> Result<dunlin_interface> {
    let mut found = None;
    let told = each(&mut |interface| {
        if is(interface) {
            found = Some(*interface);
        }
        found.is_none()
    });
    match found {
        Some(interface) => Ok(interface),
        None => told.and(Err(Error::NO_SUCH_INTERFACE)),
    }
}

/// The interface with that index (Go: `net.InterfaceByIndex`).
pub fn by_index(index: u32) -> Result<dunlin_interface> {
    if index == 0 {
        return Err(Error::INVALID);
    }
    find(|interface| interface.index == index)
}

/// The interface of that name (Go: `net.InterfaceByName`).
pub fn by_name(name: &[u8]) -> Result<dunlin_interface> {
    if name.is_empty() {
        return Err(Error::INVALID);
    }
    find(|interface| interface.name() == name)
}

/// The index of the interface of that name, as the zone of an IPv6 address means it.
pub fn index_of(name: &[u8]) -> Option<u32> {
    by_name(name).ok().map(|interface| interface.index)
}

/// The addresses of an interface (Go: `Interface.Addrs`), or of all with `index` 0 (Go:
/// `net.InterfaceAddrs`): how many there are; those are stored that there is room for.
pub fn addrs(index: u32, out: &mut [dunlin_interface_addr]) -> Result<usize> {
    let only = if index == 0 { None } else { Some(by_index(index)?) };
    let mut count = 0;
    let mut told = Ok(());
    DEVICES.each(|dev| {
        if only.is_some_and(|i| i.device != dev.handle().0) {
            return;
        }
        let room = out.get_mut(count..).unwrap_or(&mut []);
        match addrs_of(dev, index, room) {
            Ok(n) => count = count.saturating_add(n),
            Err(Error::NOT_SUPPORTED) => {}
            Err(e) => told = Err(e),
        }
    });
    told.map(|()| count)
}

/// The addresses of one device, or of one of its interfaces.
fn addrs_of(dev: &Dev, index: u32, out: &mut [dunlin_interface_addr]) -> Result<usize> {
    let own = own_index(dev);
    if let Some(table) = netlink::table(dev) {
        let asked = if index == own { 0 } else { index };
        let several = table.has_interfaces();
        match in_turn(dev, || table.interface_addrs(asked, out)) {
            Err(Error::NOT_SUPPORTED) => {}
            Ok(count) => {
                // What is one interface need not know its number.
                out.iter_mut().take(count).filter(|_| !several).for_each(|a| a.index = own);
                return Ok(count);
            }
            Err(e) => return Err(e),
        }
    }
    let mut plain = [dunlin_addr::NONE; ADDRS];
    let count = in_turn(dev, || Ok(dev.table().addr(&mut plain)?))?;
    for (to, addr) in out.iter_mut().zip(plain.iter().take(count)) {
        let prefix_len = if addr.family == DUNLIN_AF_INET { 32 } else { 128 };
        *to = dunlin_interface_addr { addr: *addr, prefix_len, index: own };
    }
    Ok(count)
}
