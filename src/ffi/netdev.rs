//! Header section "Netdevs".

use core::ffi::{c_char, c_void};

use super::arg;
use crate::error::Error;
use crate::handle::Handle;
use crate::net::device;
use crate::netdev::registry::{self, Route, DEVICES};
use crate::netdev::table::{
    dunlin_addr, dunlin_netdev_ops, Table, DUNLIN_AF_INET, DUNLIN_AF_INET6, DUNLIN_HANGUP,
};
use crate::sync::inside;
use crate::time::Deadline;

/// A registered device. Made by `dunlin_netdev_register`; used by `dunlin_netdev_notify`,
/// `dunlin_netdev_link`, `dunlin_netdev_add_route`. Released by: `dunlin_netdev_unregister`.
pub type dunlin_netdev_t = i32;

/// A network that is reached through a device. Frozen: its layout never changes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_route {
    /// Its address; of family `DUNLIN_AF_INET` or `DUNLIN_AF_INET6`, the port is not used.
    pub network: dunlin_addr,
    /// Leading bits of the network, 0 is the default route.
    pub prefix_len: u32,
    /// Of two routes of equal length the smaller wins; up to 65535.
    pub metric: u32,
    /// NULL.
    pub options: *const c_void,
}

/// dunlin_netdev_register makes a device known under a name (1 to 15 bytes). Its link counts as up;
/// wildcard listeners that exist open on it too. `ops` is constant and, like `ctx`, is used until
/// `dunlin_netdev_unregister` returns. (TinyGo: `useNetdev`, made plural.)
///
/// Returns a handle, or `DUNLIN_ERR_INVALID` (NULL, a bad name, an entry every driver must have is
/// missing: socket, connect, send, recv, close), `DUNLIN_ERR_VERSION` (the table's size),
/// `DUNLIN_ERR_EXISTS`, `DUNLIN_ERR_NO_SLOT`. Any task; does not block.
#[no_mangle]
pub unsafe extern "C" fn dunlin_netdev_register(
    name: *const c_char,
    ops: *const dunlin_netdev_ops,
    ctx: *mut c_void,
) -> dunlin_netdev_t {
    arg::handle(|| {
        // SAFETY: a string and a table by the caller's word.
        let (name, table) = unsafe { (arg::text(name, registry::NAME_LEN - 1)?, Table::new(ops, ctx)?) };
        Ok(device::register(name, table)?.handle())
    })
}

/// dunlin_netdev_unregister takes a device away. Its connections fail with `DUNLIN_ERR_NET_DOWN`,
/// its sockets are closed; it returns when no call is inside the driver any more, so that its
/// context may go.
///
/// Returns 0, `DUNLIN_ERR_BAD_HANDLE`, `DUNLIN_ERR_TIMEOUT` when a call did not leave the driver by
/// `deadline` (the device is still registered, with its link down: try again), `DUNLIN_ERR_REENTRANT` from
/// inside a driver or a callback of a link. Blocks up to `deadline`. Any task.
#[no_mangle]
pub extern "C" fn dunlin_netdev_unregister(dev: dunlin_netdev_t, deadline: i64) -> i32 {
    arg::status(|| {
        // The task may be inside the device: it would wait for itself.
        if inside::link() {
            return Err(Error::REENTRANT);
        }
        device::unregister(Handle(dev), Deadline(deadline))
    })
}

/// dunlin_netdev_notify tells what happened at a device: `DUNLIN_READABLE`, `DUNLIN_WRITABLE`,
/// `DUNLIN_HANGUP`, `DUNLIN_ERROR` of a socket, or `DUNLIN_WORK` (with any socket number) when the
/// driver wants its `step` called. For an unknown device or socket it does nothing; a notify too
/// many is harmless.
///
/// Does not block. Any task, and ISR-safe; also from inside the driver's own functions.
#[no_mangle]
pub extern "C" fn dunlin_netdev_notify(dev: dunlin_netdev_t, sock: i32, events: u32) {
    // A bit that is not known is news of some kind: then both directions are looked at.
    registry::notify(Handle(dev), sock, u16::try_from(events).unwrap_or(DUNLIN_HANGUP));
}

/// dunlin_netdev_link tells that the device's link went down (`up` is 0) or came up. Down: its
/// connections fail with `DUNLIN_ERR_NET_DOWN` at once, and new dials take another device;
/// listeners stay. Up: a device with a link table counts as up when it has an address too.
///
/// Returns 0, `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task; from an interrupt use
/// `dunlin_netlink_notify`.
#[no_mangle]
pub extern "C" fn dunlin_netdev_link(dev: dunlin_netdev_t, up: i32) -> i32 {
    arg::status(|| registry::told(Handle(dev), up != 0))
}

/// dunlin_netdev_add_route says that a network is reached through the device, until it is
/// unregistered. A dial takes the longest prefix, then the smallest metric, then the first device
/// whose link is up; a device without routes comes last.
///
/// Returns 0, `DUNLIN_ERR_INVALID` (family, prefix longer than the address, metric above 65535,
/// options), `DUNLIN_ERR_NO_SLOT` (four routes a device), `DUNLIN_ERR_BAD_HANDLE`. Does not block.
/// Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_netdev_add_route(dev: dunlin_netdev_t, route: *const dunlin_route) -> i32 {
    arg::status(|| {
        // SAFETY: a route by the caller's word.
        let route = unsafe { arg::one(route) }?;
        let bits = match route.network.family {
            DUNLIN_AF_INET => 32,
            DUNLIN_AF_INET6 => 128,
            _ => return Err(Error::INVALID),
        };
        if route.prefix_len > bits || !route.options.is_null() {
            return Err(Error::INVALID);
        }
        DEVICES.enter(Handle(dev))?.add_route(Route {
            network: route.network,
            prefix_len: u8::try_from(route.prefix_len).map_err(|_| Error::INVALID)?,
            metric: u16::try_from(route.metric).map_err(|_| Error::INVALID)?,
        })
    })
}
