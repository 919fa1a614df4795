//! Header section "IP addresses".

use core::ffi::c_char;

use super::arg;
use crate::error::{Error, Result};
use crate::net::addr::Addr;
use crate::net::class;
use crate::net::ip::{parse_zoned, unmap, write_expanded, write_zoned};
use crate::net::prefix::{cidr_mask, mask_ip, mask_size, write_mask};
use crate::net::target::scope;
use crate::netdev::table::{dunlin_addr, DUNLIN_AF_INET, DUNLIN_AF_INET6};
use crate::text::Text;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Bytes that any IP address without port takes as text, its NUL included.
pub const DUNLIN_IP_TEXT_MAX: usize = 51;

/// No address, or any: 0.0.0.0 or ::.
pub const DUNLIN_IP_UNSPECIFIED: u32 = 1;
/// This system: 127.0.0.0/8 or ::1.
pub const DUNLIN_IP_LOOPBACK: u32 = 2;
/// RFC 1918 (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16) or RFC 4193 (fc00::/7).
pub const DUNLIN_IP_PRIVATE: u32 = 4;
/// 224.0.0.0/4 or ff00::/8.
pub const DUNLIN_IP_MULTICAST: u32 = 8;
/// Multicast that stays inside the interface, ffx1::.
pub const DUNLIN_IP_INTERFACE_LOCAL_MULTICAST: u32 = 16;
/// Multicast that stays on the link: 224.0.0.0/24 or ffx2::.
pub const DUNLIN_IP_LINK_LOCAL_MULTICAST: u32 = 32;
/// 169.254.0.0/16 or fe80::/10.
pub const DUNLIN_IP_LINK_LOCAL_UNICAST: u32 = 64;
/// One host beyond the link, private addresses too.
pub const DUNLIN_IP_GLOBAL_UNICAST: u32 = 128;

type Class = fn(IpAddr) -> bool;

/// The bit of each class.
const CLASSES: [(u32, Class); 8] = [
    (DUNLIN_IP_UNSPECIFIED, class::is_unspecified),
    (DUNLIN_IP_LOOPBACK, class::is_loopback),
    (DUNLIN_IP_PRIVATE, class::is_private),
    (DUNLIN_IP_MULTICAST, class::is_multicast),
    (DUNLIN_IP_INTERFACE_LOCAL_MULTICAST, class::is_interface_local_multicast),
    (DUNLIN_IP_LINK_LOCAL_MULTICAST, class::is_link_local_multicast),
    (DUNLIN_IP_LINK_LOCAL_UNICAST, class::is_link_local_unicast),
    (DUNLIN_IP_GLOBAL_UNICAST, class::is_global_unicast),
];

/// Reads an IP address.
///
/// # Safety
/// As [`arg::one`].
pub(super) unsafe fn take(addr: *const dunlin_addr) -> Result<Addr> {
    // SAFETY: the caller's promise.
    Addr::from_c(&unsafe { arg::one(addr) }?)?.ok_or(Error::INVALID_ADDRESS)
}

/// Writes an address with its zone by number.
fn write(addr: &Addr, room: &mut [u8], put: fn(IpAddr, &[u8], &mut [u8]) -> Result<usize>) -> Result<usize> {
    let mut digits = [0; 10];
    let mut zone = Text::new(&mut digits);
    if addr.scope != 0 {
        zone.put_u32(addr.scope)?;
    }
    put(addr.ip, zone.bytes(), room)
}

/// dunlin_ip_parse reads an IP address without port: "192.0.2.1", "2001:db8::1", "fe80::1%2" (Go:
/// `netip.ParseAddr`, `net.ParseIP`). "::ffff:192.0.2.1" stays IPv6; see `dunlin_ip_unmap`. A zone is
/// the number of an interface, or its name ("fe80::1%eth0").
///
/// Returns 0, or `DUNLIN_ERR_INVALID_ADDRESS` (also for a zone that no interface has),
/// `DUNLIN_ERR_NAME_TOO_LONG`, `DUNLIN_ERR_INVALID` for NULL. Waits only for calls that are inside a
/// device, and only for a zone by name. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_ip_parse(text: *const c_char, addr: *mut dunlin_addr) -> i32 {
    arg::plain(|| {
        // SAFETY: a string and a place by the caller's word.
        let (text, out) = unsafe { (arg::text(text, arg::ADDRESS_MAX)?, arg::place(addr)?) };
        let (ip, zone) = parse_zoned(text)?;
        out.write(Addr { ip, scope: scope(zone)?, port: 0 }.to_c());
        Ok(())
    })
}

/// dunlin_ip_format writes an IP address without its port, NUL-terminated: "192.0.2.1",
/// "::ffff:192.0.2.1", "fe80::1%2" (Go: `netip.Addr.String`). `DUNLIN_IP_TEXT_MAX` bytes are always
/// enough.
///
/// Returns the length without the NUL, or `DUNLIN_ERR_BUFFER_TOO_SMALL`,
/// `DUNLIN_ERR_INVALID_ADDRESS` (no IP address), `DUNLIN_ERR_INVALID` for NULL. Does not block. Any
/// task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_ip_format(
    addr: *const dunlin_addr,
    buf: *mut c_char,
    capacity: usize,
) -> i32 {
    arg::length(|| {
        // SAFETY: an address and a buffer by the caller's word.
        unsafe {
            let addr = take(addr)?;
            arg::give_text(buf, capacity, |room| write(&addr, room, write_zoned))
        }
    })
}

/// dunlin_ip_format_expanded is `dunlin_ip_format` with all digits of an IPv6 address:
/// "2001:0db8:0000:0000:0000:0000:0000:0001" (Go: `netip.Addr.StringExpanded`).
#[no_mangle]
pub unsafe extern "C" fn dunlin_ip_format_expanded(
    addr: *const dunlin_addr,
    buf: *mut c_char,
    capacity: usize,
) -> i32 {
    arg::length(|| {
        // SAFETY: an address and a buffer by the caller's word.
        unsafe {
            let addr = take(addr)?;
            arg::give_text(buf, capacity, |room| write(&addr, room, write_expanded))
        }
    })
}

/// dunlin_ip_unmap makes an IPv4 address in IPv6 form, "::ffff:192.0.2.1", the IPv4 address that it
/// is; others stay (Go: `netip.Addr.Unmap`, `IP.To4`). The port stays.
///
/// Returns 1 when the address now is IPv4, 0 when it is IPv6, or `DUNLIN_ERR_INVALID_ADDRESS` (no IP
/// address), `DUNLIN_ERR_INVALID` for NULL. Does not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_ip_unmap(addr: *mut dunlin_addr) -> i32 {
    arg::length(|| {
        // SAFETY: an address by the caller's word.
        let (old, out) = unsafe { (take(addr)?, arg::place(addr)?) };
        let ip = unmap(old.ip);
        if ip != old.ip {
            out.write(Addr::new(ip, old.port).to_c());
        }
        Ok(ip.is_ipv4().into())
    })
}

/// dunlin_ip_map makes an IPv4 address its IPv6 form, "::ffff:192.0.2.1"; IPv6 stays (Go:
/// `IP.To16`). The port stays.
///
/// Returns 0, or `DUNLIN_ERR_INVALID_ADDRESS` (no IP address), `DUNLIN_ERR_INVALID` for NULL. Does not
/// block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_ip_map(addr: *mut dunlin_addr) -> i32 {
    arg::plain(|| {
        // SAFETY: an address by the caller's word.
        let (old, out) = unsafe { (take(addr)?, arg::place(addr)?) };
        if let IpAddr::V4(v4) = old.ip {
            out.write(Addr::new(IpAddr::V6(v4.to_ipv6_mapped()), old.port).to_c());
        }
        Ok(())
    })
}

/// dunlin_ip_class tells what an address is for, as a sum of `DUNLIN_IP_…` (Go: `IP.IsLoopback`,
/// `IP.IsPrivate` and the like). IPv4 in IPv6 form counts as the IPv4 it is.
///
/// Returns the sum, which may be 0, or `DUNLIN_ERR_INVALID_ADDRESS` (no IP address),
/// `DUNLIN_ERR_INVALID` for NULL. Does not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_ip_class(addr: *const dunlin_addr) -> i32 {
    arg::length(|| {
        // SAFETY: an address by the caller's word.
        let ip = unsafe { take(addr) }?.ip;
        Ok(CLASSES.iter().filter(|c| (c.1)(ip)).fold(0, |sum, c| sum | c.0 as usize))
    })
}

/// dunlin_ip_equal says whether two addresses have the same IP address and zone; ports do not count,
/// and IPv4 in IPv6 form is the IPv4 it is (Go: `IP.Equal`).
///
/// Returns 1 or 0, or `DUNLIN_ERR_INVALID_ADDRESS` (no IP address), `DUNLIN_ERR_INVALID` for NULL.
/// Does not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_ip_equal(a: *const dunlin_addr, b: *const dunlin_addr) -> i32 {
    arg::length(|| {
        // SAFETY: addresses by the caller's word.
        let (a, b) = unsafe { (take(a)?, take(b)?) };
        Ok((unmap(a.ip) == unmap(b.ip) && a.scope == b.scope).into())
    })
}

/// dunlin_mask_make makes the mask that begins with `ones` ones, as an address of the family:
/// 255.255.255.0 for 24 and `DUNLIN_AF_INET` (Go: `net.CIDRMask`).
///
/// Returns 0, or `DUNLIN_ERR_INVALID` (NULL, another family, or more ones than it has bits). Does not
/// block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_mask_make(ones: u32, family: u16, mask: *mut dunlin_addr) -> i32 {
    arg::plain(|| {
        // SAFETY: a place by the caller's word.
        let out = unsafe { arg::place(mask) }?;
        let (any, bits) = match family {
            DUNLIN_AF_INET => (IpAddr::V4(Ipv4Addr::UNSPECIFIED), 32),
            DUNLIN_AF_INET6 => (IpAddr::V6(Ipv6Addr::UNSPECIFIED), 128),
            _ => return Err(Error::INVALID),
        };
        let ones = u8::try_from(ones).ok().filter(|n| *n <= bits).ok_or(Error::INVALID)?;
        out.write(Addr::new(cidr_mask(any, ones), 0).to_c());
        Ok(())
    })
}

/// dunlin_mask_ones counts the ones that a mask begins with, 24 for 255.255.255.0 (Go:
/// `IPMask.Size`).
///
/// Returns how many, or `DUNLIN_ERR_INVALID_ADDRESS` (no IP address, or a one comes behind a zero),
/// `DUNLIN_ERR_INVALID` for NULL. Does not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_mask_ones(mask: *const dunlin_addr) -> i32 {
    arg::length(|| {
        // SAFETY: an address by the caller's word.
        let (ones, _) = mask_size(unsafe { take(mask) }?.ip).ok_or(Error::INVALID_ADDRESS)?;
        Ok(ones.into())
    })
}

/// dunlin_mask_format writes a mask as hexadecimal digits, NUL-terminated: "ffffff00" (Go:
/// `IPMask.String`). `DUNLIN_IP_TEXT_MAX` bytes are always enough. Returns as `dunlin_ip_format`.
#[no_mangle]
pub unsafe extern "C" fn dunlin_mask_format(
    mask: *const dunlin_addr,
    buf: *mut c_char,
    capacity: usize,
) -> i32 {
    arg::length(|| {
        // SAFETY: an address and a buffer by the caller's word.
        unsafe {
            let mask = take(mask)?;
            arg::give_text(buf, capacity, |room| write_mask(mask.ip, room))
        }
    })
}

/// dunlin_ip_mask clears the bits of an address that the mask does not have (Go: `IP.Mask`); of IPv4
/// in IPv6 form with an IPv4 mask the result is IPv4. The port stays, the zone goes.
///
/// Returns 0, or `DUNLIN_ERR_INVALID_ADDRESS` (no IP address, or a mask of another family),
/// `DUNLIN_ERR_INVALID` for NULL. Does not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_ip_mask(addr: *mut dunlin_addr, mask: *const dunlin_addr) -> i32 {
    arg::plain(|| {
        // SAFETY: addresses by the caller's word.
        let (old, mask, out) = unsafe { (take(addr)?, take(mask)?, arg::place(addr)?) };
        let ip = mask_ip(old.ip, mask.ip).ok_or(Error::INVALID_ADDRESS)?;
        out.write(Addr::new(ip, old.port).to_c());
        Ok(())
    })
}
