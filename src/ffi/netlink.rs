//! Header section "Links".

use core::ffi::c_void;

use super::arg;
use super::netdev::dunlin_netdev_t;
use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::netdev::link_events;
use crate::netdev::link_ops::{
    dunlin_connect_params, dunlin_ip_config, dunlin_netlink_ops, DUNLIN_AUTH_OPEN, DUNLIN_AUTH_WPA3_MIXED,
    DUNLIN_CONNECT_ACCESS_POINT, DUNLIN_NETLINK_DOWN, DUNLIN_NETLINK_UP,
};
use crate::netdev::link_table::{LinkTable, Subscriber};
use crate::netdev::netlink;
use crate::netdev::ops::{DUNLIN_AF_INET, DUNLIN_AF_INET6};
use crate::netdev::registry::DEVICES;
use crate::time::Deadline;

/// A subscription to the events of links. Made by `dunlin_netlink_subscribe`. Released by:
/// `dunlin_netlink_unsubscribe`.
pub type dunlin_netlink_sub_t = i32;

/// Nobody asked for it; the device may come up by itself.
pub const DUNLIN_LINK_IDLE: u32 = 0;
/// Between two attempts.
pub const DUNLIN_LINK_RESTING: u32 = 1;
/// An attempt is in progress.
pub const DUNLIN_LINK_CONNECTING: u32 = 2;
/// Connected, and waiting for an address.
pub const DUNLIN_LINK_ADDRESSING: u32 = 3;
/// Usable.
pub const DUNLIN_LINK_UP: u32 = 4;
/// As many attempts as were allowed have failed.
pub const DUNLIN_LINK_FAILED: u32 = 5;

/// How a link is. Set up with `DUNLIN_NETLINK_STATUS_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_netlink_status {
    /// `sizeof(struct dunlin_netlink_status)`.
    pub size: u32,
    /// `DUNLIN_LINK_…`.
    pub state: u32,
    /// Attempts that failed since it was up last.
    pub failures: u32,
    /// Why it is not up: the last attempt's error, or `DUNLIN_ERR_NET_DOWN`; 0 when it is up.
    pub error: i32,
    /// 1 when it is connected again whenever it is lost.
    pub kept: u32,
    /// Zero.
    pub reserved: u32,
}

// SAFETY: repr(C), begins with its size, has only numbers.
unsafe impl arg::Sized for dunlin_netlink_status {}
// SAFETY: repr(C), begins with its size, has only numbers and pointers.
unsafe impl arg::Sized for dunlin_connect_params {}
// SAFETY: repr(C), begins with its size, has only numbers and addresses.
unsafe impl arg::Sized for dunlin_ip_config {}

/// The longest names of IEEE 802.11, of 3GPP TS 23.003 and of RFC 1035.
const SSID_MAX: usize = 32;
const PASSPHRASE_MAX: usize = 64;
const PASSPHRASE_MIN: usize = 8;
const APN_MAX: usize = 100;
const HOSTNAME_MAX: usize = 63;
const PIN_MAX: usize = 8;

/// Looks at everything that the pointers of `p` say, before a driver does.
///
/// # Safety
/// They are NULL or point to what the fields' comments say.
unsafe fn check_params(p: &dunlin_connect_params) -> Result<()> {
    // SAFETY: the caller's promise.
    unsafe {
        let ssid = arg::optional(p.ssid, SSID_MAX)?;
        let passphrase = arg::optional(p.passphrase, PASSPHRASE_MAX)?;
        for (text, max) in
            [(p.hostname, HOSTNAME_MAX), (p.apn, APN_MAX), (p.user, PASSPHRASE_MAX), (p.pin, PIN_MAX)]
        {
            arg::optional(text, max)?;
        }
        let country = arg::optional(p.country, 2)?;
        let short = passphrase.is_none_or(|p| p.len() < PASSPHRASE_MIN);
        // An access point's password that cannot be one is told now, not after ten seconds of trying.
        let wifi = ssid.is_some_and(|s| s.is_empty() || (p.auth != DUNLIN_AUTH_OPEN && short));
        if wifi
            || p.mode > DUNLIN_CONNECT_ACCESS_POINT
            || p.auth > DUNLIN_AUTH_WPA3_MIXED
            || country.is_some_and(|c| c.len() != 2)
            || p.connect_timeout_ms < 0
            || p.watchdog_ms < 0
        {
            return Err(Error::INVALID);
        }
        if !p.ip.is_null() {
            let ip = arg::take(p.ip)?;
            let bits = match ip.addr.family {
                DUNLIN_AF_INET => 32,
                DUNLIN_AF_INET6 => 128,
                _ => return Err(Error::INVALID),
            };
            if ip.prefix_len > bits {
                return Err(Error::INVALID);
            }
        }
    }
    Ok(())
}

/// dunlin_netlink_attach gives a registered device its link table (TinyGo: `netlink.UseNetlink`). From
/// then on the device's link is down until it is connected **and** has an address; a device that is
/// connected already says so. `ops` is constant and, like `ctx`, is used until `dunlin_netdev_unregister`
/// returns.
///
/// Returns 0, or `DUNLIN_ERR_INVALID` (NULL; `poll_ms` without `net_check`), `DUNLIN_ERR_VERSION` (the
/// table's size), `DUNLIN_ERR_EXISTS` (it has one), `DUNLIN_ERR_BAD_HANDLE`, `DUNLIN_ERR_BUSY`. Waits only
/// for a call that is inside the device. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_netlink_attach(
    dev: dunlin_netdev_t,
    ops: *const dunlin_netlink_ops,
    ctx: *mut c_void,
) -> i32 {
    arg::status(|| {
        let dev = DEVICES.enter(Handle(dev))?;
        // SAFETY: a table by the caller's word.
        let table = unsafe { LinkTable::new(ops, ctx) }?;
        netlink::attach(&dev, table)
    })
}

/// dunlin_netlink_connect connects the device to its network and keeps it connected (TinyGo:
/// `Netlinker.NetConnect`): a link that is lost is connected again in the background, that is by every
/// call that waits and by `dunlin_run`. Between two attempts it pauses: 500 ms, then twice as long each
/// time up to 60 s, of which half is certain and half drawn from the port's entropy; a link that was up
/// for 10 s begins anew. Every attempt may take `connect_timeout_ms`, the address included; after
/// `retries` failed ones in a row it gives up until the next `dunlin_netlink_connect`.
///
/// Returns 0 when the device is up (connected and with an address); `DUNLIN_ERR_TIMEOUT` when it is not by
/// `deadline`: then it goes on in the background; the last attempt's error when it gave up, for
/// example `DUNLIN_ERR_PERMISSION`; `DUNLIN_ERR_CANCELED` when another task disconnected it;
/// `DUNLIN_ERR_STATE` when it is kept connected already; `DUNLIN_ERR_NOT_SUPPORTED` for a device without a link
/// table; `DUNLIN_ERR_INVALID` (a field that cannot be: a passphrase below 8 characters, a country that is
/// not two letters), `DUNLIN_ERR_NAME_TOO_LONG`, `DUNLIN_ERR_VERSION`, `DUNLIN_ERR_BAD_HANDLE`,
/// `DUNLIN_ERR_NO_SLOT`. Blocks up to `deadline`; with one in the past it only begins. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_netlink_connect(
    dev: dunlin_netdev_t,
    params: *const dunlin_connect_params,
    deadline: i64,
) -> i32 {
    arg::status(|| {
        DEVICES.enter(Handle(dev))?;
        // SAFETY: a struct by the caller's word, and what its fields' comments say.
        let params = unsafe {
            let params = arg::take(params)?;
            check_params(&params)?;
            params
        };
        netlink::connect(Handle(dev), &params, Deadline(deadline))
    })
}

/// dunlin_netlink_disconnect takes the link down, its connections fail with `DUNLIN_ERR_NET_DOWN`, and it
/// stays down whatever the device tells, until the next `dunlin_netlink_connect` (TinyGo:
/// `Netlinker.NetDisconnect`). When it has returned 0, what the parameters point to is the
/// application's again.
///
/// Returns 0, `DUNLIN_ERR_TIMEOUT` when the driver could not be told by `deadline` (it will be, in the
/// background), `DUNLIN_ERR_NOT_SUPPORTED` for a device without a link table, `DUNLIN_ERR_BAD_HANDLE`,
/// `DUNLIN_ERR_NO_SLOT`. Blocks up to `deadline`, as a rule not at all. Any task.
#[no_mangle]
pub extern "C" fn dunlin_netlink_disconnect(dev: dunlin_netdev_t, deadline: i64) -> i32 {
    arg::status(|| netlink::disconnect(Handle(dev), Deadline(deadline)))
}

/// dunlin_netlink_status tells how a device's link is. Returns 0, or `DUNLIN_ERR_BAD_HANDLE`,
/// `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`. Does not block. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_netlink_status(
    dev: dunlin_netdev_t,
    status: *mut dunlin_netlink_status,
) -> i32 {
    arg::status(|| {
        let now = netlink::status(&DEVICES.enter(Handle(dev))?)?;
        let value = dunlin_netlink_status {
            size: 0,
            state: now.phase as u32,
            failures: now.failures,
            error: now.error.map_or(0, Error::code),
            kept: u32::from(now.kept),
            reserved: 0,
        };
        // SAFETY: a struct by the caller's word.
        unsafe { arg::give(status, &value) }
    })
}

/// dunlin_netlink_hardware_addr tells the device's hardware (MAC) address (TinyGo:
/// `Netlinker.GetHardwareAddr`). `DUNLIN_HARDWARE_ADDR_MAX` bytes are always enough.
///
/// Returns how many bytes it has (6, 8 or 20), or `DUNLIN_ERR_BUFFER_TOO_SMALL`,
/// `DUNLIN_ERR_NOT_SUPPORTED`, `DUNLIN_ERR_BUSY`, `DUNLIN_ERR_BAD_HANDLE`, `DUNLIN_ERR_INVALID`, or the
/// driver's. Waits only for a call that is inside the device. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_netlink_hardware_addr(
    dev: dunlin_netdev_t,
    addr: *mut u8,
    capacity: usize,
) -> i32 {
    arg::number(|| {
        let dev = DEVICES.enter(Handle(dev))?;
        // SAFETY: a buffer by the caller's word.
        let out = unsafe {
            arg::place(addr)?;
            arg::output(addr.cast(), capacity)?
        };
        let (found, len) = netlink::hardware_addr(&dev)?;
        let room = out.get_mut(..len).ok_or(Error::BUFFER_TOO_SMALL)?;
        for (to, from) in room.iter_mut().zip(found) {
            *to = from;
        }
        Ok(len)
    })
}

/// dunlin_netlink_notify is how a driver tells that its device is connected (`DUNLIN_NETLINK_UP`: it may
/// get its address later, and may tell again when it has) or not any more (`DUNLIN_NETLINK_DOWN`).
/// Down counts at once: connections fail with `DUNLIN_ERR_NET_DOWN`, new dials take another device. What
/// else is to be done, the application's callbacks too, is done in the background by a task. For an
/// unknown device or event it does nothing; one too many is harmless.
///
/// Does not block. Any task, and ISR-safe; also from inside the driver's own functions.
#[no_mangle]
pub extern "C" fn dunlin_netlink_notify(dev: dunlin_netdev_t, event: u32) {
    if event == DUNLIN_NETLINK_UP || event == DUNLIN_NETLINK_DOWN {
        netlink::notify(Handle(dev), event == DUNLIN_NETLINK_UP, true);
    }
}

/// dunlin_netlink_subscribe has `callback` called with every event of every device from now on:
/// `DUNLIN_NETLINK_UP` when it is usable, `DUNLIN_NETLINK_DOWN` when it is not any more (TinyGo:
/// `Netlinker.NetNotify`, for any number of subscribers). What changes faster than it can be told is
/// told in short: a link that fell and is back is told as DOWN and UP, however often it did so.
///
/// `callback`: called by whatever task does background work, outside all locks, one event after another
/// and never two calls at once. It may call any function but `dunlin_deinit` and
/// `dunlin_netdev_unregister` (`DUNLIN_ERR_REENTRANT`), but should be quick: that task has its own affairs,
/// and its stack is what the callback runs on.
///
/// Returns a handle, or `DUNLIN_ERR_INVALID` for NULL, `DUNLIN_ERR_NO_SLOT`. Does not block. Any task.
#[no_mangle]
pub extern "C" fn dunlin_netlink_subscribe(
    callback: Option<unsafe extern "C" fn(ctx: *mut c_void, dev: dunlin_netdev_t, event: u32)>,
    ctx: *mut c_void,
) -> dunlin_netlink_sub_t {
    arg::handle(|| link_events::subscribe(Subscriber::new(callback, ctx)?))
}

/// dunlin_netlink_unsubscribe ends a subscription. When it has returned 0 the callback is not inside and
/// is not called any more. From inside the callback itself it does not wait.
///
/// Returns 0, `DUNLIN_ERR_TIMEOUT` when the callback was still inside at `deadline` (the subscription
/// stands, try again), `DUNLIN_ERR_BAD_HANDLE`, `DUNLIN_ERR_NO_SLOT`. Blocks up to `deadline`. Any task.
#[no_mangle]
pub extern "C" fn dunlin_netlink_unsubscribe(sub: dunlin_netlink_sub_t, deadline: i64) -> i32 {
    arg::status(|| link_events::unsubscribe(Handle(sub), Deadline(deadline)))
}
