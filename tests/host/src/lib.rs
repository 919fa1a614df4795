//! The C port and driver of POSIX hosts, linked into the Rust tests.
//!
//! A test names this crate (`use dunlin_host as _;`) and with it gets the `dunlin_port_*` functions
//! that the library calls; [`posix_ops`] is the driver's table.

use std::ffi::c_void;

extern "C" {
    #[link_name = "dunlin_posix_ops"]
    static POSIX_OPS: u32; // its first field, `size`; this crate does not know the rest
}

/// `&dunlin_posix_ops`, a `const struct dunlin_netdev_ops *`.
pub fn posix_ops() -> *const c_void {
    (&raw const POSIX_OPS).cast()
}

#[cfg(test)]
mod tests {
    use std::ffi::c_void;

    extern "C" {
        fn dunlin_port_now_ms() -> i64;
        fn dunlin_port_random(buf: *mut c_void, len: usize) -> i32;
    }

    #[test]
    fn the_port_is_linked() {
        let mut bytes = [0u8; 32];
        // SAFETY: both are the port's, and the buffer has the length given.
        let (now, random) =
            unsafe { (dunlin_port_now_ms(), dunlin_port_random(bytes.as_mut_ptr().cast(), bytes.len())) };
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
