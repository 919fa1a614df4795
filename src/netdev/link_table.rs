//! The adapter that calls a driver's link table and believes nothing it answers.
#![allow(unsafe_code)]

use core::ffi::c_void;

use crate::error::{Error, Result};
use crate::netdev::link_ops::{
    dunlin_connect_params, dunlin_interface, dunlin_interface_addr, dunlin_netlink_ops,
    DUNLIN_HARDWARE_ADDR_MAX,
};
use crate::netdev::ops::{DUNLIN_AF_INET, DUNLIN_AF_INET6};
use crate::sync::inside::{self, Callback};
use crate::time::Deadline;

/// The least table: up to and with `get_hardware_addr`.
const MIN_SIZE: usize = core::mem::offset_of!(dunlin_netlink_ops, net_check);
/// The greatest index that a driver may give an interface.
pub const MAX_OWN_INDEX: u32 = 0xFFFF;

/// A driver's link table and its context.
#[derive(Clone, Copy)]
pub struct LinkTable {
    ops: *const dunlin_netlink_ops,
    ctx: *mut c_void,
    size: u32,
    poll_ms: u32,
}

// SAFETY: a table is constant; how its context may be used is told by the device's caps.
unsafe impl Send for LinkTable {}

macro_rules! entry {
    ($self:ident, $name:ident) => {{
        let end = core::mem::offset_of!(dunlin_netlink_ops, $name) + core::mem::size_of::<usize>();
        if end <= $self.size as usize {
            // SAFETY: `ops` is live until the device is unregistered and its size covers the entry.
            unsafe { (*$self.ops).$name }
        } else {
            None
        }
    }};
}

macro_rules! call {
    ($self:ident, $name:ident, $most:expr $(, $arg:expr)*) => {
        match entry!($self, $name) {
            Some(f) => {
                let _inside = inside::enter(Callback::Driver);
                // SAFETY: the arguments are what the table's comments promise.
                checked(unsafe { f($self.ctx $(, $arg)*) }, $most)
            }
            None => Err(Error::NOT_SUPPORTED),
        }
    };
}

/// Believes a result only within what it may be.
fn checked(result: i32, most: usize) -> Result<usize> {
    match usize::try_from(result) {
        Ok(n) if n <= most => Ok(n),
        Ok(_) => Err(Error::DRIVER_BAD_RESULT),
        Err(_) if result == i32::MIN => Err(Error::DRIVER_BAD_RESULT),
        Err(_) => Err(Error::from_code(result)),
    }
}

impl LinkTable {
    /// Checks a table's size.
    ///
    /// # Safety
    /// `ops` is NULL or points to a table that lives until its device is unregistered and whose `size`
    /// is true.
    pub unsafe fn new(ops: *const dunlin_netlink_ops, ctx: *mut c_void) -> Result<LinkTable> {
        if ops.is_null() || !ops.is_aligned() {
            return Err(Error::INVALID);
        }
        // SAFETY: these fields are in every version of the struct.
        let (size, poll_ms) = unsafe { ((*ops).size, (*ops).poll_ms) };
        if (size as usize) < MIN_SIZE || size > 4096 {
            return Err(Error::VERSION);
        }
        let known = size_of::<dunlin_netlink_ops>();
        for at in known..(size as usize).max(known) {
            // SAFETY: within the size the driver claims.
            if unsafe { *ops.cast::<u8>().add(at) } != 0 {
                return Err(Error::VERSION);
            }
        }
        let table = LinkTable { ops, ctx, size, poll_ms };
        // Whoever cannot tell must be able to answer.
        if poll_ms > 0 && entry!(table, net_check).is_none() {
            return Err(Error::INVALID);
        }
        Ok(table)
    }

    /// How often the device must be asked, 0 is never.
    pub fn poll_ms(&self) -> i64 {
        i64::from(self.poll_ms)
    }

    /// Says whether the device tells its interfaces.
    pub fn has_interfaces(&self) -> bool {
        entry!(self, interface_at).is_some()
    }

    /// See `net_connect` of the table.
    pub fn net_connect(&self, params: &dunlin_connect_params, deadline: Deadline) -> Result<usize> {
        call!(self, net_connect, 0, params, deadline.0)
    }

    /// See `net_disconnect` of the table.
    pub fn net_disconnect(&self) -> Result<usize> {
        call!(self, net_disconnect, 0)
    }

    /// See `net_notify` of the table: whether the device is connected.
    pub fn net_notify(&self, device: i32) -> Result<bool> {
        call!(self, net_notify, 1, device).map(|n| n == 1)
    }

    /// See `get_hardware_addr` of the table; a length that no address has is not believed.
    pub fn get_hardware_addr(&self, addr: &mut [u8; DUNLIN_HARDWARE_ADDR_MAX]) -> Result<usize> {
        let len = call!(self, get_hardware_addr, addr.len(), addr.as_mut_ptr(), addr.len() as u32)?;
        match len {
            6 | 8 | 20 => Ok(len),
            _ => Err(Error::DRIVER_BAD_RESULT),
        }
    }

    /// See `net_check` of the table: whether the device is connected.
    pub fn net_check(&self) -> Result<bool> {
        call!(self, net_check, 1).map(|n| n == 1)
    }

    /// See `interface_at` of the table; `None` when there are not so many.
    pub fn interface_at(&self, at: u32) -> Result<Option<dunlin_interface>> {
        let mut interface = dunlin_interface::none();
        let there = call!(self, interface_at, 1, at, &mut interface)?;
        if there == 0 {
            return Ok(None);
        }
        let sound = (1..=MAX_OWN_INDEX).contains(&interface.index)
            && interface.hardware_addr_len as usize <= DUNLIN_HARDWARE_ADDR_MAX
            && !interface.name().is_empty()
            && interface.name().len() < interface.name.len();
        if !sound {
            return Err(Error::DRIVER_BAD_RESULT);
        }
        interface.options = core::ptr::null();
        Ok(Some(interface))
    }

    /// See `interface_addrs` of the table: how many there are, of which as many are stored as there is
    /// room for.
    pub fn interface_addrs(&self, index: u32, addrs: &mut [dunlin_interface_addr]) -> Result<usize> {
        let room = u32::try_from(addrs.len()).unwrap_or(u32::MAX);
        let count = call!(self, interface_addrs, i32::MAX as usize, index, addrs.as_mut_ptr(), room)?;
        let sound = addrs.iter().take(count).all(|a| match a.addr.family {
            DUNLIN_AF_INET => a.prefix_len <= 32,
            DUNLIN_AF_INET6 => a.prefix_len <= 128,
            _ => false,
        });
        if sound {
            Ok(count)
        } else {
            Err(Error::DRIVER_BAD_RESULT)
        }
    }
}

/// What is called when a link comes or goes.
pub type Notice = unsafe extern "C" fn(ctx: *mut c_void, device: i32, event: u32);

/// A callback and its context.
#[derive(Clone, Copy)]
pub struct Subscriber {
    callback: Notice,
    ctx: *mut c_void,
}

// SAFETY: the context is the application's, which says that any task may call with it.
unsafe impl Send for Subscriber {}

impl Subscriber {
    /// A subscriber; `INVALID` without a callback.
    pub fn new(callback: Option<Notice>, ctx: *mut c_void) -> Result<Subscriber> {
        Ok(Subscriber { callback: callback.ok_or(Error::INVALID)?, ctx })
    }

    /// Tells an event of a device.
    pub fn call(&self, device: i32, event: u32) {
        let _inside = inside::enter(Callback::Link);
        // SAFETY: the application's own, with its own context.
        unsafe { (self.callback)(self.ctx, device, event) }
    }
}
