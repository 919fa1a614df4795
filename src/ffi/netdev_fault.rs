//! Header section "Faulty netdevs".

use core::ffi::c_void;

use super::arg;
use crate::error::Error;
use crate::netdev::fault::{
    dunlin_netdev_fault, dunlin_netdev_fault_config, dunlin_netdev_fault_stats, Faulty,
};
use crate::netdev::table::dunlin_netdev_ops;

// SAFETY: repr(C), begins with its size, has only numbers and pointers.
unsafe impl arg::Sized for dunlin_netdev_fault_config {}
// SAFETY: as above.
unsafe impl arg::Sized for dunlin_netdev_fault_stats {}

/// dunlin_netdev_fault_init makes a device that passes every call on to another driver and injects
/// faults on the way: for tests of an application, or of a driver's and a device's worst days. It is
/// registered like any other: `dunlin_netdev_register(name, dunlin_netdev_fault_ops(fault),
/// fault)`; the wrapped driver is not registered itself, and notifies with the handle of this one.
///
/// `fault` is storage of the caller that stays in place until `dunlin_netdev_fault_free`. Nothing
/// is allocated. Returns 0, `DUNLIN_ERR_INVALID` (NULL, a script without steps), what
/// `dunlin_netdev_register` says of a bad table, `DUNLIN_ERR_VERSION`, `DUNLIN_ERR_NO_MEMORY` (the
/// operating system's). Does not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_netdev_fault_init(
    fault: *mut dunlin_netdev_fault,
    config: *const dunlin_netdev_fault_config,
) -> i32 {
    arg::plain(|| {
        if fault.is_null() || !fault.is_aligned() {
            return Err(Error::INVALID);
        }
        // SAFETY: a config and a storage by the caller's word.
        unsafe { Faulty::make(fault, &arg::take(config)?) }
    })
}

/// dunlin_netdev_fault_ops gives the table to register, with `fault` as its context; it has the
/// entries that the wrapped table has. NULL for NULL. Does not block. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_netdev_fault_ops(
    fault: *const dunlin_netdev_fault,
) -> *const dunlin_netdev_ops {
    if fault.is_null() || !fault.is_aligned() {
        return core::ptr::null();
    }
    // SAFETY: made by `dunlin_netdev_fault_init` by the caller's word.
    unsafe { Faulty::at(fault.cast::<c_void>()) }.table()
}

/// dunlin_netdev_fault_get_stats tells how often each operation was called and each fault injected:
/// a first run without faults tells how many runs "the k-th call fails" needs. Returns 0,
/// `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`. Does not block. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_netdev_fault_get_stats(
    fault: *const dunlin_netdev_fault,
    stats: *mut dunlin_netdev_fault_stats,
) -> i32 {
    arg::plain(|| {
        if fault.is_null() || !fault.is_aligned() {
            return Err(Error::INVALID);
        }
        // SAFETY: made by `dunlin_netdev_fault_init`, and a struct, by the caller's word.
        unsafe { arg::give(stats, &Faulty::at(fault.cast::<c_void>()).stats()) }
    })
}

/// dunlin_netdev_fault_free ends what `dunlin_netdev_fault_init` began; the device must have been
/// unregistered. Nothing for NULL. Does not block. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_netdev_fault_free(fault: *mut dunlin_netdev_fault) {
    if !fault.is_null() && fault.is_aligned() {
        // SAFETY: made by `dunlin_netdev_fault_init` by the caller's word.
        unsafe { Faulty::at(fault.cast::<c_void>()) }.free();
    }
}
