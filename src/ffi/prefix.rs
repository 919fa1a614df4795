//! Header section "Networks".

use core::ffi::c_char;

use super::arg;
use super::ip::take;
use crate::error::{Error, Result};
use crate::net::addr::Addr;
use crate::net::class::default_bits;
use crate::net::ip::unmap;
use crate::net::prefix::{parse_cidr, Prefix, PREFIX_TEXT_MAX};
use crate::netdev::table::{dunlin_addr, DUNLIN_AF_INET, DUNLIN_AF_INET6};
use core::net::IpAddr;

/// Bytes that any network takes as text, its NUL included.
pub const DUNLIN_PREFIX_TEXT_MAX: usize = 44;
const _: () = assert!(DUNLIN_PREFIX_TEXT_MAX == PREFIX_TEXT_MAX + 1);

/// The bits that an IPv4 address had by its class.
pub const DUNLIN_PREFIX_DEFAULT: u32 = 0xFFFF_FFFF;

/// A network: an address, and how many of its leading bits all members share (Go: `net.IPNet`). The
/// other bits may be set, as in the address of an interface. Frozen: its layout never changes. IPv4
/// lies in the first four bytes of `ip`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_prefix {
    /// `DUNLIN_AF_INET` or `DUNLIN_AF_INET6`.
    pub family: u16,
    /// The bits that the members share, at most 32 or 128.
    pub bits: u8,
    /// Zero.
    pub reserved: u8,
    /// The address, in network order.
    pub ip: [u8; 16],
}

impl dunlin_prefix {
    /// The same as it crosses to C.
    pub(crate) fn of(prefix: &Prefix) -> dunlin_prefix {
        let addr = Addr::new(prefix.ip(), 0).to_c();
        dunlin_prefix { family: addr.family, bits: prefix.bits(), reserved: 0, ip: addr.ip }
    }

    fn read(&self) -> Result<Prefix> {
        let ip = match self.family {
            DUNLIN_AF_INET => {
                let [a, b, c, d, ..] = self.ip;
                IpAddr::from([a, b, c, d])
            }
            DUNLIN_AF_INET6 => IpAddr::from(self.ip),
            _ => return Err(Error::INVALID_ADDRESS),
        };
        Prefix::new(ip, self.bits.into()).map_err(|_| Error::INVALID_ADDRESS)
    }
}

/// dunlin_prefix_parse reads "192.0.2.1/24" or "2001:db8::1/32" (Go: `net.ParseCIDR`). `*network` gets
/// the network, its other bits cleared; `*addr`, unless NULL, the address as it was written.
///
/// Returns 0, or `DUNLIN_ERR_INVALID_ADDRESS`, `DUNLIN_ERR_NAME_TOO_LONG`, `DUNLIN_ERR_INVALID` for
/// NULL. Does not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_prefix_parse(
    text: *const c_char,
    network: *mut dunlin_prefix,
    addr: *mut dunlin_addr,
) -> i32 {
    arg::plain(|| {
        // SAFETY: a string and places by the caller's word.
        unsafe {
            let (ip, prefix) = parse_cidr(arg::text(text, arg::ADDRESS_MAX)?)?;
            let out = arg::place(network)?;
            if !addr.is_null() {
                arg::place(addr)?.write(Addr::new(ip, 0).to_c());
            }
            out.write(dunlin_prefix::of(&prefix));
        }
        Ok(())
    })
}

/// dunlin_prefix_make makes the network of an address, whose other bits stay. `bits` as
/// `DUNLIN_PREFIX_DEFAULT` are those of an IPv4 address by its old class, 8, 16 or 24 (Go:
/// `IP.DefaultMask`).
///
/// Returns 0, or `DUNLIN_ERR_INVALID_ADDRESS` (no IP address, or an IPv6 one, which has no default),
/// `DUNLIN_ERR_INVALID` (NULL, or more bits than the address has). Does not block. Any task, before
/// `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_prefix_make(
    addr: *const dunlin_addr,
    bits: u32,
    network: *mut dunlin_prefix,
) -> i32 {
    arg::plain(|| {
        // SAFETY: an address and a place by the caller's word.
        let (mut ip, out) = unsafe { (take(addr)?.ip, arg::place(network)?) };
        let bits = match bits {
            DUNLIN_PREFIX_DEFAULT => {
                ip = unmap(ip);
                default_bits(ip).ok_or(Error::INVALID_ADDRESS)?.into()
            }
            bits => bits,
        };
        out.write(dunlin_prefix::of(&Prefix::new(ip, bits)?));
        Ok(())
    })
}

/// dunlin_prefix_mask clears the bits of a network's address that its members do not share.
///
/// Returns 0, or `DUNLIN_ERR_INVALID_ADDRESS` (no network), `DUNLIN_ERR_INVALID` for NULL. Does not
/// block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_prefix_mask(network: *mut dunlin_prefix) -> i32 {
    arg::plain(|| {
        // SAFETY: a network by the caller's word.
        let (prefix, out) = unsafe { (arg::one(network)?.read()?, arg::place(network)?) };
        out.write(dunlin_prefix::of(&prefix.masked()));
        Ok(())
    })
}

/// dunlin_prefix_contains says whether an address is in a network (Go: `IPNet.Contains`); IPv4 in
/// IPv6 form is the IPv4 it is, ports and zones do not count.
///
/// Returns 1 or 0, or `DUNLIN_ERR_INVALID_ADDRESS` (no network, or no IP address),
/// `DUNLIN_ERR_INVALID` for NULL. Does not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_prefix_contains(
    network: *const dunlin_prefix,
    addr: *const dunlin_addr,
) -> i32 {
    arg::length(|| {
        // SAFETY: a network and an address by the caller's word.
        let (prefix, addr) = unsafe { (arg::one(network)?.read()?, take(addr)?) };
        Ok(prefix.contains(addr.ip).into())
    })
}

/// dunlin_prefix_format writes a network, NUL-terminated: "192.0.2.0/24", "2001:db8::/32" (Go:
/// `IPNet.String`). `DUNLIN_PREFIX_TEXT_MAX` bytes are always enough.
///
/// Returns the length without the NUL, or `DUNLIN_ERR_BUFFER_TOO_SMALL`,
/// `DUNLIN_ERR_INVALID_ADDRESS` (no network), `DUNLIN_ERR_INVALID` for NULL. Does not block. Any
/// task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_prefix_format(
    network: *const dunlin_prefix,
    buf: *mut c_char,
    capacity: usize,
) -> i32 {
    arg::length(|| {
        // SAFETY: a network and a buffer by the caller's word.
        unsafe {
            let prefix = arg::one(network)?.read()?;
            arg::give_text(buf, capacity, |room| prefix.write(room))
        }
    })
}
