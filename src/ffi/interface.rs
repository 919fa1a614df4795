//! Header section "Interfaces".

use core::ffi::c_char;

use super::arg;
use crate::net::interface;
use crate::netdev::link_ops::{dunlin_interface, dunlin_interface_addr, DUNLIN_INTERFACE_NAME_MAX};

/// dunlin_interfaces tells the network interfaces of all devices (Go: `net.Interfaces`). A device is one
/// interface with its own name, unless its driver tells of several, as that of POSIX hosts does.
///
/// Returns how many there are, of which the first `capacity` are stored; `list` may be NULL with 0. Or
/// `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BUSY`, or a driver's. Waits only for calls that are inside a device.
/// Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_interfaces(list: *mut dunlin_interface, capacity: usize) -> i32 {
    arg::number(|| {
        // SAFETY: elements by the caller's word.
        let list = unsafe { arg::list_mut(list, capacity) }?;
        let mut count = 0;
        interface::each(&mut |interface| {
            if let Some(to) = list.get_mut(count) {
                *to = *interface;
            }
            count += 1;
            true
        })?;
        Ok(count)
    })
}

/// dunlin_interface_by_index tells the interface with that index (Go: `net.InterfaceByIndex`). Returns 0,
/// or `DUNLIN_ERR_NO_SUCH_INTERFACE`, `DUNLIN_ERR_INVALID` (0, NULL), `DUNLIN_ERR_BUSY`, or a driver's.
/// Waits only for calls that are inside a device. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_interface_by_index(index: u32, out: *mut dunlin_interface) -> i32 {
    arg::status(|| {
        // SAFETY: a place by the caller's word.
        let out = unsafe { arg::place(out) }?;
        out.write(interface::by_index(index)?);
        Ok(())
    })
}

/// dunlin_interface_by_name tells the interface of that name (Go: `net.InterfaceByName`). Returns 0, or
/// `DUNLIN_ERR_NO_SUCH_INTERFACE`, `DUNLIN_ERR_INVALID` (an empty name, NULL), `DUNLIN_ERR_NAME_TOO_LONG`,
/// `DUNLIN_ERR_BUSY`, or a driver's. Waits only for calls that are inside a device. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_interface_by_name(name: *const c_char, out: *mut dunlin_interface) -> i32 {
    arg::status(|| {
        // SAFETY: a string and a place by the caller's word.
        let (name, out) = unsafe { (arg::text(name, DUNLIN_INTERFACE_NAME_MAX - 1)?, arg::place(out)?) };
        out.write(interface::by_name(name)?);
        Ok(())
    })
}

/// dunlin_interface_addrs tells the addresses of the interface with that index and their networks (Go:
/// `Interface.Addrs`), or with `index` 0 those of all (Go: `net.InterfaceAddrs`). A device that does not
/// tell the length of its prefix is told with all bits.
///
/// Returns how many there are, of which the first `capacity` are stored; `list` may be NULL with 0. Or
/// `DUNLIN_ERR_NO_SUCH_INTERFACE`, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BUSY`, or a driver's. Waits only for
/// calls that are inside a device. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_interface_addrs(
    index: u32,
    list: *mut dunlin_interface_addr,
    capacity: usize,
) -> i32 {
    arg::number(|| {
        // SAFETY: elements by the caller's word.
        let list = unsafe { arg::list_mut(list, capacity) }?;
        interface::addrs(index, list)
    })
}
