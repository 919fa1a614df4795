//! Header section "Addresses".

use core::ffi::{c_char, CStr};

use super::arg;
use super::str::dunlin_str;
use crate::error::Error;
use crate::net::addr::{Addr, ADDR_TEXT_MAX};
use crate::net::hostport::{join_host_port, split_host_port};
use crate::net::target::parse_literal;
use crate::netdev::table::{dunlin_addr, DUNLIN_AF_UNIX};

/// Bytes that any IP address takes as text, its NUL included: `[` IPv6 `%` zone `]:` port.
pub const DUNLIN_ADDR_TEXT_MAX: usize = 59;
const _: () = assert!(DUNLIN_ADDR_TEXT_MAX == ADDR_TEXT_MAX + 1);

/// dunlin_addr_parse reads an IP address, with or without a port: "192.0.2.1", "192.0.2.1:80",
/// "2001:db8::1", "[fe80::1%2]:80" (Go: `netip.ParseAddr`, `netip.ParseAddrPort`). No name is
/// looked up; a zone is the number of an interface, or its name.
///
/// Returns 0, or `DUNLIN_ERR_INVALID_ADDRESS` (also for a zone that no interface has),
/// `DUNLIN_ERR_INVALID_PORT`, `DUNLIN_ERR_NAME_TOO_LONG`, `DUNLIN_ERR_INVALID` for NULL. Waits only for
/// calls that are inside a device, and only for a zone by name. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_addr_parse(text: *const c_char, addr: *mut dunlin_addr) -> i32 {
    arg::plain(|| {
        // SAFETY: a string and a place by the caller's word.
        let (text, out) = unsafe { (arg::text(text, arg::ADDRESS_MAX)?, arg::place(addr)?) };
        out.write(parse_literal(text)?);
        Ok(())
    })
}

/// dunlin_addr_format writes an address as text with its port, NUL-terminated: "192.0.2.1:80",
/// "[2001:db8::1]:80" (Go: `TCPAddr.String`); a unix address is its path. `DUNLIN_ADDR_TEXT_MAX`
/// bytes are enough for IP.
///
/// Returns the length without the NUL, or `DUNLIN_ERR_BUFFER_TOO_SMALL`,
/// `DUNLIN_ERR_INVALID_ADDRESS` (no address, or an unknown family), `DUNLIN_ERR_INVALID` for NULL.
/// Does not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_addr_format(
    addr: *const dunlin_addr,
    buf: *mut c_char,
    capacity: usize,
) -> i32 {
    arg::length(|| {
        // SAFETY: an address by the caller's word.
        let addr = unsafe { arg::one(addr) }?;
        // SAFETY: a buffer by the caller's word.
        unsafe {
            arg::give_text(buf, capacity, |room| {
                if addr.family == DUNLIN_AF_UNIX && !addr.options.is_null() {
                    // SAFETY: a path by the struct's comment.
                    let path = CStr::from_ptr(addr.options.cast()).to_bytes();
                    room.get_mut(..path.len()).ok_or(Error::BUFFER_TOO_SMALL)?.copy_from_slice(path);
                    return Ok(path.len());
                }
                Addr::from_c(&addr)?.ok_or(Error::INVALID_ADDRESS)?.write(room)
            })
        }
    })
}

/// dunlin_split_host_port splits "host:port", "[host]:port" or "[host%zone]:port" (Go:
/// `net.SplitHostPort`). `*host` and `*port` are views of `text`; either may be empty.
///
/// Returns 0, or `DUNLIN_ERR_MISSING_PORT`, `DUNLIN_ERR_TOO_MANY_COLONS`,
/// `DUNLIN_ERR_UNEXPECTED_BRACKET`, `DUNLIN_ERR_NAME_TOO_LONG`, `DUNLIN_ERR_INVALID` for NULL. Does
/// not block. Any task, before `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_split_host_port(
    text: *const c_char,
    host: *mut dunlin_str,
    port: *mut dunlin_str,
) -> i32 {
    arg::plain(|| {
        // SAFETY: a string by the caller's word.
        let text = unsafe { arg::text(text, arg::ADDRESS_MAX) }?;
        let (h, p) = split_host_port(text)?;
        // SAFETY: places by the caller's word.
        unsafe {
            let _ = arg::place(port)?;
            arg::place(host)?.write(dunlin_str::of(h));
            arg::place(port)?.write(dunlin_str::of(p));
        }
        Ok(())
    })
}

/// dunlin_join_host_port writes "host:port", or "[host]:port" when the host has a colon,
/// NUL-terminated (Go: `net.JoinHostPort`).
///
/// Returns the length without the NUL, or `DUNLIN_ERR_BUFFER_TOO_SMALL`,
/// `DUNLIN_ERR_NAME_TOO_LONG`, `DUNLIN_ERR_INVALID` for NULL. Does not block. Any task, before
/// `dunlin_init` too.
#[no_mangle]
pub unsafe extern "C" fn dunlin_join_host_port(
    host: *const c_char,
    port: *const c_char,
    buf: *mut c_char,
    capacity: usize,
) -> i32 {
    arg::length(|| {
        // SAFETY: strings and a buffer by the caller's word.
        unsafe {
            let host = arg::text(host, arg::ADDRESS_MAX)?;
            let port = arg::text(port, arg::WORD_MAX)?;
            arg::give_text(buf, capacity, |room| join_host_port(host, port, room))
        }
    })
}
