//! Header section "Packet connections".

use core::ffi::{c_char, c_void};

use super::arg;
use super::conn::{dunlin_error_info, op};
use super::init::dunlin_ssize_t;
use super::listen::{dunlin_listen_config, How};
use super::netdev::dunlin_netdev_t;
use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::net::conn::Limit;
use crate::net::packet::{self, PacketConn, PACKETS};
use crate::netdev::registry::NAME_LEN;
use crate::netdev::table::dunlin_addr;
use crate::time::Deadline;

/// An unconnected packet connection: UDP, raw IP, unix datagrams (Go: `PacketConn`, `UDPConn`,
/// `IPConn`, `UnixConn`). Made by `dunlin_listen_packet`, `dunlin_listen_multicast`; used by the
/// `dunlin_packet_conn_…` functions and `dunlin_poll`. One task may read and one write at the same
/// time; any task may close it or move its deadlines. It outlives the links of its devices.
/// Released by: `dunlin_packet_conn_close`.
pub type dunlin_packet_conn_t = i32;

/// `flags`: the datagram was longer than the buffer; the rest is gone.
pub const DUNLIN_PACKET_TRUNCATED: u32 = 1;

/// A datagram's other end (Go: the results of `ReadMsgUDP`). As `dunlin_packet_conn_read_msg` fills it,
/// it serves to answer by `dunlin_packet_conn_write_msg`. Set up with `DUNLIN_PACKET_INFO_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dunlin_packet_info {
    /// `sizeof(struct dunlin_packet_info)`.
    pub size: u32,
    /// Of one that was read: `DUNLIN_PACKET_TRUNCATED`.
    pub flags: u32,
    /// The device it came on, or is to go out on; 0: the one that a dial would take.
    pub device: dunlin_netdev_t,
    /// Zero.
    pub reserved: u32,
    /// The sender, or the destination. Of family 0 when the device does not tell; a unix sender's path
    /// is not told.
    pub addr: dunlin_addr,
}

// SAFETY: repr(C), begins with its size, has only numbers and pointers.
unsafe impl arg::Sized for dunlin_packet_info {}

fn enter(pc: dunlin_packet_conn_t) -> Result<PacketConn> {
    PACKETS.enter(Handle(pc))
}

/// dunlin_listen_packet receives datagrams on `address` (Go: `net.ListenPacket`). `network` is
/// "udp", "udp4", "udp6" with an address "host:port", the host an IP address or nothing (":5353",
/// "127.0.0.1:0"; port 0 lets the device choose); "ip", "ip4" or "ip6" and a protocol ("ip4:icmp",
/// "ip:89") with an IP address or nothing; or "unixgram" with a path. Without a host, and with no
/// device named in `config`, it is on every device, those registered later too. The port of a multicast address
/// is shared with others; its group is joined by `dunlin_packet_conn_join`. `config` may be NULL; its backlog
/// and keep_alive are not used.
///
/// Returns a handle, or `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`, `DUNLIN_ERR_UNKNOWN_NETWORK`,
/// `DUNLIN_ERR_UNKNOWN_PROTOCOL`, `DUNLIN_ERR_MISSING_PORT`, `DUNLIN_ERR_MISSING_ADDRESS`,
/// `DUNLIN_ERR_INVALID_ADDRESS`, `DUNLIN_ERR_NO_SUITABLE_ADDRESS` (of the other family),
/// `DUNLIN_ERR_NOT_SUPPORTED` (no device has such sockets), `DUNLIN_ERR_NO_NETDEV`, `DUNLIN_ERR_NO_DEVICE`,
/// `DUNLIN_ERR_ADDR_IN_USE`, `DUNLIN_ERR_NO_SLOT`, or the driver's. Does not wait for the network. Any
/// task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_listen_packet(
    config: *const dunlin_listen_config,
    network: *const c_char,
    address: *const c_char,
) -> dunlin_packet_conn_t {
    arg::handle(|| {
        // SAFETY: a struct and strings by the caller's word.
        let how = unsafe { How::take(config, network, address) }?;
        Ok(packet::listen_with(&how.config, how.network, how.address)?.handle())
    })
}

/// dunlin_listen_multicast receives what is sent to a group, "group:port", and joins it on the device
/// named in `config`, or on every device that can, later ones too (Go: `ListenMulticastUDP`). What it
/// sends to the group does not come back to this host. `network` is "udp", "udp4" or "udp6".
///
/// Returns as `dunlin_listen_packet`; `DUNLIN_ERR_INVALID_ADDRESS` for an address that is no group,
/// `DUNLIN_ERR_NOT_SUPPORTED` when no device joins groups. Does not wait for the network. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_listen_multicast(
    config: *const dunlin_listen_config,
    network: *const c_char,
    address: *const c_char,
) -> dunlin_packet_conn_t {
    arg::handle(|| {
        // SAFETY: a struct and strings by the caller's word.
        let how = unsafe { How::take(config, network, address) }?;
        Ok(packet::listen_multicast(&how.config, how.network, how.address)?.handle())
    })
}

/// dunlin_packet_conn_read_from waits for one datagram, until the read deadline (Go:
/// `PacketConn.ReadFrom`). `*from` is its sender; `from` may be NULL.
///
/// Returns its bytes; 0 is a datagram of no bytes, not an end: packet connections have none.
/// `DUNLIN_ERR_MESSAGE_SIZE`: it was longer than `len`; the first `len` bytes and the sender are there,
/// the rest is gone (`dunlin_packet_conn_read_msg` tells the same by a flag). `DUNLIN_ERR_TIMEOUT`: the
/// deadline came, nothing is lost; `DUNLIN_ERR_WOULD_BLOCK` with a deadline before 0; `DUNLIN_ERR_CLOSED` (by another task),
/// `DUNLIN_ERR_NET_DOWN` (the only device is gone), `DUNLIN_ERR_BUSY` (another task reads),
/// `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BAD_HANDLE`, or the driver's; one may read on after any that is
/// the driver's. Blocks. Any task, one reader at a time.
#[no_mangle]
pub unsafe extern "C" fn dunlin_packet_conn_read_from(
    pc: dunlin_packet_conn_t,
    buf: *mut c_void,
    len: usize,
    from: *mut dunlin_addr,
) -> dunlin_ssize_t {
    arg::bytes(|| {
        let conn = enter(pc)?;
        // SAFETY: a buffer and a place by the caller's word.
        let (buf, out) = unsafe { (arg::output(buf, len)?, arg::place_or_none(from)?) };
        let got = conn.read_from(buf, Limit::NONE)?;
        if let Some(out) = out {
            out.write(got.from);
        }
        if got.truncated {
            return Err(Error::MESSAGE_SIZE);
        }
        Ok(got.len)
    })
}

/// dunlin_packet_conn_read_msg waits for one datagram as `dunlin_packet_conn_read_from` does, and tells
/// more of it (Go: `UDPConn.ReadMsgUDP`): the sender, the device it came on, and whether it was cut.
///
/// Returns the bytes stored, `len` with `DUNLIN_PACKET_TRUNCATED` for a longer one; otherwise as
/// `dunlin_packet_conn_read_from`, and `DUNLIN_ERR_VERSION`. Blocks. Any task, one reader at a time.
#[no_mangle]
pub unsafe extern "C" fn dunlin_packet_conn_read_msg(
    pc: dunlin_packet_conn_t,
    buf: *mut c_void,
    len: usize,
    info: *mut dunlin_packet_info,
) -> dunlin_ssize_t {
    arg::bytes(|| {
        let conn = enter(pc)?;
        // First, so that no datagram is lost for it.
        arg::check(info)?;
        // SAFETY: a buffer by the caller's word.
        let buf = unsafe { arg::output(buf, len) }?;
        let got = conn.read_from(buf, Limit::NONE)?;
        let value = dunlin_packet_info {
            size: 0,
            flags: if got.truncated { DUNLIN_PACKET_TRUNCATED } else { 0 },
            device: got.device.0,
            reserved: 0,
            addr: got.from,
        };
        // SAFETY: checked above.
        unsafe { arg::give(info, &value) }?;
        Ok(got.len)
    })
}

/// dunlin_packet_conn_write_to sends one datagram, of no bytes too, to `to` (Go:
/// `PacketConn.WriteTo`), on the device that a dial to it would take. It blocks only while the device
/// has no room, until the write deadline.
///
/// Returns `len`; a datagram goes out whole or not at all. `DUNLIN_ERR_MESSAGE_SIZE`: it is too long;
/// `DUNLIN_ERR_INVALID_ADDRESS`: none, of another family, or port 0; `DUNLIN_ERR_NET_DOWN`: no device's link is
/// up; `DUNLIN_ERR_CONN_REFUSED` where a device reports an earlier datagram's fate; `DUNLIN_ERR_TIMEOUT`,
/// `DUNLIN_ERR_WOULD_BLOCK` with a deadline before 0, `DUNLIN_ERR_CLOSED` (by another task),
/// `DUNLIN_ERR_BUSY` (another task writes), `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BAD_HANDLE`, or the driver's.
/// Blocks. Any task, one writer at a time.
#[no_mangle]
pub unsafe extern "C" fn dunlin_packet_conn_write_to(
    pc: dunlin_packet_conn_t,
    data: *const c_void,
    len: usize,
    to: *const dunlin_addr,
) -> dunlin_ssize_t {
    arg::bytes(|| {
        let conn = enter(pc)?;
        // SAFETY: a buffer and an address by the caller's word.
        let (data, to) = unsafe { (arg::input(data, len)?, arg::one(to)?) };
        conn.write_to(data, &to, Handle::NONE, Limit::NONE)?;
        Ok(len)
    })
}

/// dunlin_packet_conn_write_msg sends one datagram to `info->addr` on `info->device`: with what
/// `dunlin_packet_conn_read_msg` gave, an answer on the device that the question came on (Go:
/// `UDPConn.WriteMsgUDP`).
///
/// Returns as `dunlin_packet_conn_write_to`; `DUNLIN_ERR_NO_DEVICE` when the connection is not on that
/// device, `DUNLIN_ERR_VERSION`. Blocks. Any task, one writer at a time.
#[no_mangle]
pub unsafe extern "C" fn dunlin_packet_conn_write_msg(
    pc: dunlin_packet_conn_t,
    data: *const c_void,
    len: usize,
    info: *const dunlin_packet_info,
) -> dunlin_ssize_t {
    arg::bytes(|| {
        let conn = enter(pc)?;
        // SAFETY: a buffer and a struct by the caller's word.
        let (data, info) = unsafe { (arg::input(data, len)?, arg::take(info)?) };
        if info.reserved != 0 {
            return Err(Error::VERSION);
        }
        conn.write_to(data, &info.addr, Handle(info.device), Limit::NONE)?;
        Ok(len)
    })
}

/// dunlin_packet_conn_set_deadline sets both deadlines (Go: `PacketConn.SetDeadline`): for reads and
/// writes in progress and all later ones; 0 is none. Returns 0 or `DUNLIN_ERR_BAD_HANDLE`. Does not
/// block. Any task.
#[no_mangle]
pub extern "C" fn dunlin_packet_conn_set_deadline(pc: dunlin_packet_conn_t, deadline: i64) -> i32 {
    arg::status(|| {
        let conn = enter(pc)?;
        conn.set_read_deadline(Deadline(deadline));
        conn.set_write_deadline(Deadline(deadline));
        Ok(())
    })
}

/// dunlin_packet_conn_set_read_deadline bounds the read in progress and later ones (Go:
/// `PacketConn.SetReadDeadline`); 0 is none, a negative number makes every read a single try. Returns 0
/// or `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
#[no_mangle]
pub extern "C" fn dunlin_packet_conn_set_read_deadline(pc: dunlin_packet_conn_t, deadline: i64) -> i32 {
    arg::status(|| {
        enter(pc)?.set_read_deadline(Deadline(deadline));
        Ok(())
    })
}

/// dunlin_packet_conn_set_write_deadline bounds the write in progress and later ones (Go:
/// `PacketConn.SetWriteDeadline`); 0 is none, a negative number makes every write a single try. Returns
/// 0 or `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
#[no_mangle]
pub extern "C" fn dunlin_packet_conn_set_write_deadline(pc: dunlin_packet_conn_t, deadline: i64) -> i32 {
    arg::status(|| {
        enter(pc)?.set_write_deadline(Deadline(deadline));
        Ok(())
    })
}

/// dunlin_packet_conn_local_addr tells the local address (Go: `PacketConn.LocalAddr`), with the port that
/// the device chose; of a connection on several devices the first one's.
///
/// Returns 0, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_NET_DOWN` (it is on no device now),
/// `DUNLIN_ERR_NOT_SUPPORTED` (by the driver), `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_packet_conn_local_addr(
    pc: dunlin_packet_conn_t,
    addr: *mut dunlin_addr,
) -> i32 {
    arg::status(|| {
        // SAFETY: a place by the caller's word.
        let out = unsafe { arg::place(addr) }?;
        out.write(enter(pc)?.local_addr()?);
        Ok(())
    })
}

/// dunlin_packet_conn_error tells the last error of the packet connection (Go: the `OpError`): `addr` is
/// the destination of a write. It stays until the next one; ask before the connection is closed.
///
/// Returns 0, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`, `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any
/// task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_packet_conn_error(
    pc: dunlin_packet_conn_t,
    info: *mut dunlin_error_info,
) -> i32 {
    arg::status(|| {
        let conn = enter(pc)?;
        let packet::PacketDetail { detail, addr } = conn.detail();
        let value = dunlin_error_info {
            size: 0,
            op: op(detail.op),
            code: detail.code,
            driver_code: detail.raw,
            source: conn.local_addr().unwrap_or(dunlin_addr::NONE),
            addr,
            network: conn.network().c_name().as_ptr(),
        };
        // SAFETY: a struct by the caller's word.
        unsafe { arg::give(info, &value) }
    })
}

/// dunlin_packet_conn_join receives what is sent to a group (golang.org/x/net: `JoinGroup`), on the
/// named device, or for NULL on every one that can, later ones too. `group->scope_id` is the device's own
/// interface by number, 0 lets it choose; the port is not used.
///
/// Returns 0, or `DUNLIN_ERR_INVALID_ADDRESS` (no group, or of the other family), `DUNLIN_ERR_NOT_SUPPORTED` (no
/// device joins groups), `DUNLIN_ERR_NO_DEVICE` (no such device, or the connection is not on it), `DUNLIN_ERR_NO_SLOT` (more than four on
/// all devices), `DUNLIN_ERR_NET_DOWN` (it is on no device), `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BAD_HANDLE`, or the
/// driver's. Does not block. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_packet_conn_join(
    pc: dunlin_packet_conn_t,
    group: *const dunlin_addr,
    device: *const c_char,
) -> i32 {
    arg::status(|| {
        let conn = enter(pc)?;
        // SAFETY: an address and a string by the caller's word.
        let (group, device) = unsafe { (arg::one(group)?, arg::optional(device, NAME_LEN)?) };
        conn.join(&group, device)
    })
}

/// dunlin_packet_conn_leave ends what `dunlin_packet_conn_join` began with the same arguments
/// (golang.org/x/net: `LeaveGroup`). Returns as that does; the driver's error, as
/// `DUNLIN_ERR_ADDR_NOT_AVAILABLE`, for a group that was not joined. Does not block. Any task.
#[no_mangle]
pub unsafe extern "C" fn dunlin_packet_conn_leave(
    pc: dunlin_packet_conn_t,
    group: *const dunlin_addr,
    device: *const c_char,
) -> i32 {
    arg::status(|| {
        let conn = enter(pc)?;
        // SAFETY: an address and a string by the caller's word.
        let (group, device) = unsafe { (arg::one(group)?, arg::optional(device, NAME_LEN)?) };
        conn.leave(&group, device)
    })
}

/// dunlin_packet_conn_set_broadcast allows datagrams to broadcast addresses, which is so from the start
/// as in Go, or for 0 refuses them.
///
/// Returns 0, `DUNLIN_ERR_NOT_SUPPORTED` (by the driver), `DUNLIN_ERR_NET_DOWN` (it is on no device),
/// `DUNLIN_ERR_BAD_HANDLE`, or the driver's. Does not block. Any task.
#[no_mangle]
pub extern "C" fn dunlin_packet_conn_set_broadcast(pc: dunlin_packet_conn_t, on: i32) -> i32 {
    arg::status(|| enter(pc)?.set_broadcast(on != 0))
}

/// dunlin_packet_conn_set_read_buffer sets the size of the devices' receive buffers in bytes (Go:
/// `UDPConn.SetReadBuffer`). Returns as `dunlin_packet_conn_set_broadcast`; `DUNLIN_ERR_INVALID` for 0 or
/// more than 2147483647. Does not block. Any task.
#[no_mangle]
pub extern "C" fn dunlin_packet_conn_set_read_buffer(pc: dunlin_packet_conn_t, bytes: u32) -> i32 {
    arg::status(|| enter(pc)?.set_read_buffer(bytes))
}

/// dunlin_packet_conn_set_write_buffer sets the size of the devices' send buffers in bytes (Go:
/// `UDPConn.SetWriteBuffer`). Returns as `dunlin_packet_conn_set_read_buffer`. Does not block. Any task.
#[no_mangle]
pub extern "C" fn dunlin_packet_conn_set_write_buffer(pc: dunlin_packet_conn_t, bytes: u32) -> i32 {
    arg::status(|| enter(pc)?.set_write_buffer(bytes))
}

/// dunlin_packet_conn_close closes the packet connection (Go: `PacketConn.Close`): the handle is stale at
/// once, blocked calls end with `DUNLIN_ERR_CLOSED`, the sockets are given back when they have left.
///
/// Returns 0; `DUNLIN_ERR_BAD_HANDLE` the second time. Does not wait. Any task.
#[no_mangle]
pub extern "C" fn dunlin_packet_conn_close(pc: dunlin_packet_conn_t) -> i32 {
    arg::status(|| packet::close(Handle(pc)))
}
