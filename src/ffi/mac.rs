//! Header section "Hardware addresses".

use core::ffi::c_char;

use super::arg;
use crate::error::{Error, Result};
use crate::net::mac::{Mac, MAC_MAX, MAC_TEXT_MAX};

/// The most octets of a hardware address, those of IP over InfiniBand.
pub const DUNLIN_MAC_MAX: usize = 20;
const _: () = assert!(DUNLIN_MAC_MAX == MAC_MAX);
/// Bytes that any hardware address takes as text, its NUL included.
pub const DUNLIN_MAC_TEXT_MAX: usize = 60;
const _: () = assert!(DUNLIN_MAC_TEXT_MAX == MAC_TEXT_MAX + 1);

/// A hardware address: EUI-48, EUI-64, or of IP over InfiniBand (Go: `net.HardwareAddr`). Frozen: its
/// layout never changes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_mac {
    /// How many octets: 6, 8 or 20; 0 is no address.
    pub len: u8,
    /// The octets, in the order they are sent.
    pub octets: [u8; 20],
}

impl dunlin_mac {
    /// The same as it crosses to C.
    pub(crate) fn of(mac: &Mac) -> dunlin_mac {
        let mut c = dunlin_mac { len: 0, octets: [0; DUNLIN_MAC_MAX] };
        for (to, from) in c.octets.iter_mut().zip(mac.octets()) {
            *to = *from;
            c.len += 1;
        }
        c
    }

    fn read(&self) -> Result<Mac> {
        Mac::new(self.octets.get(..self.len.into()).ok_or(Error::INVALID_ADDRESS)?)
    }
}

/// dunlin_mac_parse reads a hardware address of 6, 8 or 20 octets: "00:00:5e:00:53:01",
/// "00-00-5e-00-53-01", "0000.5e00.5301" or "00005e005301" (Go: `net.ParseMAC`).
///
/// Returns 0, or `DUNLIN_ERR_INVALID_ADDRESS`, `DUNLIN_ERR_NAME_TOO_LONG`, `DUNLIN_ERR_INVALID` for
/// NULL. Does not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_mac_parse(text: *const c_char, mac: *mut dunlin_mac) -> i32 {
    arg::plain(|| {
        // SAFETY: a string and a place by the caller's word.
        let (text, out) = unsafe { (arg::text(text, arg::ADDRESS_MAX)?, arg::place(mac)?) };
        out.write(dunlin_mac::of(&Mac::parse(text)?));
        Ok(())
    })
}

/// dunlin_mac_format writes a hardware address, NUL-terminated: "00:00:5e:00:53:01"; nothing for no
/// address (Go: `HardwareAddr.String`). `DUNLIN_MAC_TEXT_MAX` bytes are always enough.
///
/// Returns the length without the NUL, or `DUNLIN_ERR_BUFFER_TOO_SMALL`,
/// `DUNLIN_ERR_INVALID_ADDRESS` (another number of octets), `DUNLIN_ERR_INVALID` for NULL. Does not
/// block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_mac_format(mac: *const dunlin_mac, buf: *mut c_char, capacity: usize) -> i32 {
    arg::length(|| {
        // SAFETY: a hardware address and a buffer by the caller's word.
        unsafe {
            let mac = arg::one(mac)?.read()?;
            arg::give_text(buf, capacity, |room| mac.write(room))
        }
    })
}
