//! Made by `cargo xtask abi`: the layout that C sees, asserted in every build.

/// The number for this target's pointer width.
#[allow(dead_code)]
const fn on(wide: usize, narrow: usize) -> usize {
    if cfg!(target_pointer_width = "64") {
        wide
    } else {
        narrow
    }
}

use crate::netdev::table::dunlin_addr;
const _: () = assert!(core::mem::size_of::<dunlin_addr>() == on(32, 28));
const _: () = assert!(core::mem::offset_of!(dunlin_addr, family) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_addr, port) == on(2, 2));
const _: () = assert!(core::mem::offset_of!(dunlin_addr, scope_id) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_addr, ip) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_addr, options) == on(24, 24));

use crate::netdev::table::dunlin_netdev_poll;
const _: () = assert!(core::mem::size_of::<dunlin_netdev_poll>() == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_poll, sock) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_poll, events) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_poll, revents) == on(6, 6));

use crate::netdev::table::dunlin_iovec;
const _: () = assert!(core::mem::size_of::<dunlin_iovec>() == on(16, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_iovec, ptr) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_iovec, len) == on(8, 4));

use crate::netdev::table::dunlin_netdev_ops;
const _: () = assert!(core::mem::size_of::<dunlin_netdev_ops>() == on(192, 104));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, size) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, caps) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, max_sockets) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, reserved) == on(12, 12));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, get_host_by_name) == on(16, 16));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, addr) == on(24, 20));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, socket) == on(32, 24));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, bind) == on(40, 28));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, connect) == on(48, 32));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, listen) == on(56, 36));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, accept) == on(64, 40));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, send) == on(72, 44));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, recv) == on(80, 48));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, send_to) == on(88, 52));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, recv_from) == on(96, 56));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, close) == on(104, 60));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, set_sock_opt) == on(112, 64));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, shutdown) == on(120, 68));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, poll) == on(128, 72));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, wake) == on(136, 76));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, step) == on(144, 80));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, send_vec) == on(152, 84));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, local_addr) == on(160, 88));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, peer_addr) == on(168, 92));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, get_sock_opt) == on(176, 96));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_ops, tls_provision) == on(184, 100));
