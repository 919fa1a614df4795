//! The C port and driver of POSIX hosts, linked into the Rust tests.
//!
//! A test names this crate (`use dunlin_host as _;`) and with it gets the `dunlin_port_*` functions
//! that the library calls; [`posix_ops`] is the driver's table.

use std::ffi::c_void;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

extern "C" {
    #[link_name = "dunlin_posix_ops"]
    static POSIX_OPS: u32; // its first field, `size`; this crate does not know the rest
}

extern "C" {
    fn dunlin_host_random(buf: *mut c_void, len: usize) -> i32;
}

/// Draws that are left, `u32::MAX` is any number.
static DRAWS: AtomicU32 = AtomicU32::new(u32::MAX);

/// After so many draws there is no entropy any more; `None` brings it back.
pub fn fail_random_after(draws: Option<u32>) {
    DRAWS.store(draws.unwrap_or(u32::MAX), SeqCst);
}

/// The port's, as long as a test lets it.
///
/// # Safety
/// `buf` has room for `len` bytes.
#[no_mangle]
pub unsafe extern "C" fn dunlin_port_random(buf: *mut c_void, len: usize) -> i32 {
    let draw = |left: u32| if left == u32::MAX { Some(left) } else { left.checked_sub(1) };
    if DRAWS.fetch_update(SeqCst, SeqCst, draw).is_err() {
        return -1;
    }
    // SAFETY: the caller's promise.
    unsafe { dunlin_host_random(buf, len) }
}

/// `&dunlin_posix_ops`, a `const struct dunlin_netdev_ops *`.
pub fn posix_ops() -> *const c_void {
    (&raw const POSIX_OPS).cast()
}

#[cfg(test)]
mod tests {
    extern "C" {
        fn dunlin_port_now_ms() -> i64;
    }

    #[test]
    fn the_port_is_linked() {
        let mut bytes = [0u8; 32];
        // SAFETY: both are the port's, and the buffer has the length given.
        let (now, random) = unsafe {
            (dunlin_port_now_ms(), super::dunlin_port_random(bytes.as_mut_ptr().cast(), bytes.len()))
        };
        assert!(now >= 1);
        assert_eq!(random, 0);
        assert_ne!(bytes, [0; 32]);
    }

    #[test]
    fn the_driver_is_linked() {
        // SAFETY: every version of the table begins with its size.
        let size = unsafe { *super::posix_ops().cast::<u32>() };
        assert_eq!(size as usize, 16 + 22 * size_of::<usize>());
    }
}
