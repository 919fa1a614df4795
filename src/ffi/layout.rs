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

use crate::ffi::init::dunlin_config;
const _: () = assert!(core::mem::size_of::<dunlin_config>() == on(24, 16));
const _: () = assert!(core::mem::offset_of!(dunlin_config, size) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_config, abi_version) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_config, arena) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_config, arena_len) == on(16, 12));

use crate::ffi::init::dunlin_usage;
const _: () = assert!(core::mem::size_of::<dunlin_usage>() == on(88, 88));
const _: () = assert!(core::mem::offset_of!(dunlin_usage, size) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_usage, arena_pieces) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_usage, arena_total) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_usage, arena_used) == on(16, 16));
const _: () = assert!(core::mem::offset_of!(dunlin_usage, arena_peak) == on(24, 24));
const _: () = assert!(core::mem::offset_of!(dunlin_usage, netdevs) == on(32, 32));
const _: () = assert!(core::mem::offset_of!(dunlin_usage, sockets) == on(36, 36));
const _: () = assert!(core::mem::offset_of!(dunlin_usage, conns) == on(40, 40));
const _: () = assert!(core::mem::offset_of!(dunlin_usage, listeners) == on(44, 44));
const _: () = assert!(core::mem::offset_of!(dunlin_usage, pipes) == on(48, 48));
const _: () = assert!(core::mem::offset_of!(dunlin_usage, cancels) == on(52, 52));
const _: () = assert!(core::mem::offset_of!(dunlin_usage, tasks) == on(56, 56));
const _: () = assert!(core::mem::offset_of!(dunlin_usage, http_servers) == on(60, 60));
const _: () = assert!(core::mem::offset_of!(dunlin_usage, http_exchanges) == on(64, 64));
const _: () = assert!(core::mem::offset_of!(dunlin_usage, http_clients) == on(68, 68));
const _: () = assert!(core::mem::offset_of!(dunlin_usage, http_responses) == on(72, 72));
const _: () = assert!(core::mem::offset_of!(dunlin_usage, subscriptions) == on(76, 76));
const _: () = assert!(core::mem::offset_of!(dunlin_usage, packet_conns) == on(80, 80));
const _: () = assert!(core::mem::offset_of!(dunlin_usage, reserved) == on(84, 84));

use crate::ffi::init::dunlin_build_config;
const _: () = assert!(core::mem::size_of::<dunlin_build_config>() == on(64, 64));
const _: () = assert!(core::mem::offset_of!(dunlin_build_config, size) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_build_config, max_netdevs) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_build_config, max_conns) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_build_config, max_listeners) == on(12, 12));
const _: () = assert!(core::mem::offset_of!(dunlin_build_config, max_pipes) == on(16, 16));
const _: () = assert!(core::mem::offset_of!(dunlin_build_config, max_cancels) == on(20, 20));
const _: () = assert!(core::mem::offset_of!(dunlin_build_config, max_tasks) == on(24, 24));
const _: () = assert!(core::mem::offset_of!(dunlin_build_config, max_poll) == on(28, 28));
const _: () = assert!(core::mem::offset_of!(dunlin_build_config, max_http_servers) == on(32, 32));
const _: () = assert!(core::mem::offset_of!(dunlin_build_config, max_http_clients) == on(36, 36));
const _: () = assert!(core::mem::offset_of!(dunlin_build_config, max_http_responses) == on(40, 40));
const _: () = assert!(core::mem::offset_of!(dunlin_build_config, max_http_exchanges) == on(44, 44));
const _: () = assert!(core::mem::offset_of!(dunlin_build_config, max_host) == on(48, 48));
const _: () = assert!(core::mem::offset_of!(dunlin_build_config, max_addrs) == on(52, 52));
const _: () = assert!(core::mem::offset_of!(dunlin_build_config, max_subscriptions) == on(56, 56));
const _: () = assert!(core::mem::offset_of!(dunlin_build_config, max_packet_conns) == on(60, 60));

use crate::ffi::time::dunlin_tick_clock;
const _: () = assert!(core::mem::size_of::<dunlin_tick_clock>() == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_tick_clock, last) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_tick_clock, wraps) == on(4, 4));

use crate::ffi::str::dunlin_str;
const _: () = assert!(core::mem::size_of::<dunlin_str>() == on(16, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_str, ptr) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_str, len) == on(8, 4));

use crate::netdev::ops::dunlin_addr;
const _: () = assert!(core::mem::size_of::<dunlin_addr>() == on(32, 28));
const _: () = assert!(core::mem::offset_of!(dunlin_addr, family) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_addr, port) == on(2, 2));
const _: () = assert!(core::mem::offset_of!(dunlin_addr, scope_id) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_addr, ip) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_addr, options) == on(24, 24));

use crate::netdev::ops::dunlin_iovec;
const _: () = assert!(core::mem::size_of::<dunlin_iovec>() == on(16, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_iovec, ptr) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_iovec, len) == on(8, 4));

use crate::netdev::ops::dunlin_netdev_poll;
const _: () = assert!(core::mem::size_of::<dunlin_netdev_poll>() == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_poll, sock) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_poll, events) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_poll, revents) == on(6, 6));

use crate::netdev::ops::dunlin_netdev_ops;
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

use crate::ffi::prefix::dunlin_prefix;
const _: () = assert!(core::mem::size_of::<dunlin_prefix>() == on(20, 20));
const _: () = assert!(core::mem::offset_of!(dunlin_prefix, family) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_prefix, bits) == on(2, 2));
const _: () = assert!(core::mem::offset_of!(dunlin_prefix, reserved) == on(3, 3));
const _: () = assert!(core::mem::offset_of!(dunlin_prefix, ip) == on(4, 4));

use crate::ffi::mac::dunlin_mac;
const _: () = assert!(core::mem::size_of::<dunlin_mac>() == on(21, 21));
const _: () = assert!(core::mem::offset_of!(dunlin_mac, len) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_mac, octets) == on(1, 1));

use crate::ffi::dial::dunlin_dialer;
const _: () = assert!(core::mem::size_of::<dunlin_dialer>() == on(56, 40));
const _: () = assert!(core::mem::offset_of!(dunlin_dialer, size) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_dialer, timeout_ms) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_dialer, deadline) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_dialer, device) == on(16, 16));
const _: () = assert!(core::mem::offset_of!(dunlin_dialer, cancel) == on(24, 20));
const _: () = assert!(core::mem::offset_of!(dunlin_dialer, fallback_delay_ms) == on(28, 24));
const _: () = assert!(core::mem::offset_of!(dunlin_dialer, local_addr) == on(32, 28));
const _: () = assert!(core::mem::offset_of!(dunlin_dialer, keep_alive) == on(40, 32));
const _: () = assert!(core::mem::offset_of!(dunlin_dialer, error) == on(48, 36));

use crate::ffi::conn::dunlin_error_info;
const _: () = assert!(core::mem::size_of::<dunlin_error_info>() == on(88, 76));
const _: () = assert!(core::mem::offset_of!(dunlin_error_info, size) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_error_info, op) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_error_info, code) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_error_info, driver_code) == on(12, 12));
const _: () = assert!(core::mem::offset_of!(dunlin_error_info, source) == on(16, 16));
const _: () = assert!(core::mem::offset_of!(dunlin_error_info, addr) == on(48, 44));
const _: () = assert!(core::mem::offset_of!(dunlin_error_info, network) == on(80, 72));

use crate::ffi::conn_option::dunlin_keep_alive;
const _: () = assert!(core::mem::size_of::<dunlin_keep_alive>() == on(20, 20));
const _: () = assert!(core::mem::offset_of!(dunlin_keep_alive, size) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_keep_alive, off) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_keep_alive, idle_s) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_keep_alive, interval_s) == on(12, 12));
const _: () = assert!(core::mem::offset_of!(dunlin_keep_alive, count) == on(16, 16));

use crate::ffi::listen::dunlin_listen_config;
const _: () = assert!(core::mem::size_of::<dunlin_listen_config>() == on(32, 24));
const _: () = assert!(core::mem::offset_of!(dunlin_listen_config, size) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_listen_config, backlog) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_listen_config, device) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_listen_config, keep_alive) == on(16, 12));
const _: () = assert!(core::mem::offset_of!(dunlin_listen_config, reuse_port) == on(24, 16));
const _: () = assert!(core::mem::offset_of!(dunlin_listen_config, reserved) == on(28, 20));

use crate::ffi::lookup::dunlin_lookup_config;
const _: () = assert!(core::mem::size_of::<dunlin_lookup_config>() == on(32, 32));
const _: () = assert!(core::mem::offset_of!(dunlin_lookup_config, size) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_lookup_config, timeout_ms) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_lookup_config, deadline) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_lookup_config, device) == on(16, 16));
const _: () = assert!(core::mem::offset_of!(dunlin_lookup_config, cancel) == on(24, 20));
const _: () = assert!(core::mem::offset_of!(dunlin_lookup_config, reserved) == on(28, 24));

use crate::ffi::lookup::dunlin_mx;
const _: () = assert!(core::mem::size_of::<dunlin_mx>() == on(24, 16));
const _: () = assert!(core::mem::offset_of!(dunlin_mx, host) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_mx, pref) == on(16, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_mx, reserved) == on(20, 12));

use crate::ffi::lookup::dunlin_srv;
const _: () = assert!(core::mem::size_of::<dunlin_srv>() == on(24, 16));
const _: () = assert!(core::mem::offset_of!(dunlin_srv, target) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_srv, port) == on(16, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_srv, priority) == on(18, 10));
const _: () = assert!(core::mem::offset_of!(dunlin_srv, weight) == on(20, 12));
const _: () = assert!(core::mem::offset_of!(dunlin_srv, reserved) == on(22, 14));

use crate::ffi::packet::dunlin_packet_info;
const _: () = assert!(core::mem::size_of::<dunlin_packet_info>() == on(48, 44));
const _: () = assert!(core::mem::offset_of!(dunlin_packet_info, size) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_packet_info, flags) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_packet_info, device) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_packet_info, reserved) == on(12, 12));
const _: () = assert!(core::mem::offset_of!(dunlin_packet_info, addr) == on(16, 16));

use crate::ffi::poll::dunlin_poll_item;
const _: () = assert!(core::mem::size_of::<dunlin_poll_item>() == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_poll_item, handle) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_poll_item, events) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_poll_item, revents) == on(6, 6));

use crate::ffi::http::dunlin_http_header;
const _: () = assert!(core::mem::size_of::<dunlin_http_header>() == on(24, 12));
const _: () = assert!(core::mem::offset_of!(dunlin_http_header, name) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_http_header, value) == on(8, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_http_header, options) == on(16, 8));

use crate::ffi::http_client::dunlin_http_client_config;
const _: () = assert!(core::mem::size_of::<dunlin_http_client_config>() == on(72, 64));
const _: () = assert!(core::mem::offset_of!(dunlin_http_client_config, size) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_http_client_config, timeout_ms) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_http_client_config, dial_timeout_ms) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_http_client_config, first_byte_timeout_ms) == on(12, 12));
const _: () = assert!(core::mem::offset_of!(dunlin_http_client_config, idle_timeout_ms) == on(16, 16));
const _: () = assert!(core::mem::offset_of!(dunlin_http_client_config, expect_timeout_ms) == on(20, 20));
const _: () = assert!(core::mem::offset_of!(dunlin_http_client_config, idle_conn_timeout_ms) == on(24, 24));
const _: () = assert!(core::mem::offset_of!(dunlin_http_client_config, max_idle) == on(28, 28));
const _: () = assert!(core::mem::offset_of!(dunlin_http_client_config, responses) == on(32, 32));
const _: () = assert!(core::mem::offset_of!(dunlin_http_client_config, head_len) == on(36, 36));
const _: () = assert!(core::mem::offset_of!(dunlin_http_client_config, fields) == on(40, 40));
const _: () = assert!(core::mem::offset_of!(dunlin_http_client_config, chunk_line) == on(44, 44));
const _: () = assert!(core::mem::offset_of!(dunlin_http_client_config, drain_len) == on(48, 48));
const _: () = assert!(core::mem::offset_of!(dunlin_http_client_config, reserved) == on(52, 52));
const _: () = assert!(core::mem::offset_of!(dunlin_http_client_config, user_agent) == on(56, 56));
const _: () = assert!(core::mem::offset_of!(dunlin_http_client_config, device) == on(64, 60));

use crate::ffi::http_client::dunlin_http_failure;
const _: () = assert!(core::mem::size_of::<dunlin_http_failure>() == on(16, 16));
const _: () = assert!(core::mem::offset_of!(dunlin_http_failure, size) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_http_failure, stage) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_http_failure, code) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_http_failure, driver_code) == on(12, 12));

use crate::ffi::http_client::dunlin_http_request;
const _: () = assert!(core::mem::size_of::<dunlin_http_request>() == on(88, 64));
const _: () = assert!(core::mem::offset_of!(dunlin_http_request, size) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_http_request, header_count) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_http_request, method) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_http_request, url) == on(16, 12));
const _: () = assert!(core::mem::offset_of!(dunlin_http_request, headers) == on(24, 16));
const _: () = assert!(core::mem::offset_of!(dunlin_http_request, body) == on(32, 20));
const _: () = assert!(core::mem::offset_of!(dunlin_http_request, body_len) == on(40, 24));
const _: () = assert!(core::mem::offset_of!(dunlin_http_request, deadline) == on(48, 32));
const _: () = assert!(core::mem::offset_of!(dunlin_http_request, body_read) == on(56, 40));
const _: () = assert!(core::mem::offset_of!(dunlin_http_request, body_rewind) == on(64, 44));
const _: () = assert!(core::mem::offset_of!(dunlin_http_request, body_ctx) == on(72, 48));
const _: () = assert!(core::mem::offset_of!(dunlin_http_request, cancel) == on(80, 52));
const _: () = assert!(core::mem::offset_of!(dunlin_http_request, reserved) == on(84, 56));

use crate::http::server::route::dunlin_http_route;
const _: () = assert!(core::mem::size_of::<dunlin_http_route>() == on(32, 16));
const _: () = assert!(core::mem::offset_of!(dunlin_http_route, pattern) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_http_route, handler) == on(8, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_http_route, ctx) == on(16, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_http_route, options) == on(24, 12));

use crate::ffi::http_server::dunlin_http_server_config;
const _: () = assert!(core::mem::size_of::<dunlin_http_server_config>() == on(104, 96));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_config, size) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_config, route_count) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_config, routes) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_config, name) == on(16, 12));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_config, max_body_len) == on(24, 16));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_config, drain_len) == on(32, 24));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_config, head_len) == on(40, 32));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_config, fields) == on(44, 36));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_config, chunk_line) == on(48, 40));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_config, trailer_len) == on(52, 44));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_config, output_len) == on(56, 48));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_config, buffered_body_len) == on(60, 52));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_config, max_conns) == on(64, 56));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_config, max_requests) == on(68, 60));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_config, max_detached) == on(72, 64));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_config, read_header_timeout_ms) == on(76, 68));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_config, read_timeout_ms) == on(80, 72));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_config, write_timeout_ms) == on(84, 76));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_config, idle_timeout_ms) == on(88, 80));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_config, min_rate) == on(92, 84));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_config, min_rate_window_ms) == on(96, 88));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_config, flags) == on(100, 92));

use crate::ffi::http_server::dunlin_http_server_stats;
const _: () = assert!(core::mem::size_of::<dunlin_http_server_stats>() == on(56, 56));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_stats, size) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_stats, accepted) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_stats, active) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_stats, detached) == on(12, 12));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_stats, answers) == on(16, 16));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_stats, timeouts) == on(36, 36));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_stats, rejected) == on(40, 40));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_stats, evicted) == on(44, 44));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_stats, slow) == on(48, 48));
const _: () = assert!(core::mem::offset_of!(dunlin_http_server_stats, hijacked) == on(52, 52));

use crate::ffi::http_multipart::dunlin_http_multipart;
const _: () = assert!(core::mem::size_of::<dunlin_http_multipart>() == on(112, 104));
const _: () = assert!(core::mem::offset_of!(dunlin_http_multipart, size) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_http_multipart, exchange) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_http_multipart, window) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_http_multipart, window_len) == on(16, 12));
const _: () = assert!(core::mem::offset_of!(dunlin_http_multipart, max_parts) == on(24, 16));
const _: () = assert!(core::mem::offset_of!(dunlin_http_multipart, max_fields) == on(28, 20));
const _: () = assert!(core::mem::offset_of!(dunlin_http_multipart, state) == on(32, 24));

use crate::ffi::http_text::dunlin_http_cookie;
const _: () = assert!(core::mem::size_of::<dunlin_http_cookie>() == on(96, 64));
const _: () = assert!(core::mem::offset_of!(dunlin_http_cookie, size) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_http_cookie, flags) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_http_cookie, same_site) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_http_cookie, reserved) == on(12, 12));
const _: () = assert!(core::mem::offset_of!(dunlin_http_cookie, expires) == on(16, 16));
const _: () = assert!(core::mem::offset_of!(dunlin_http_cookie, max_age) == on(24, 24));
const _: () = assert!(core::mem::offset_of!(dunlin_http_cookie, name) == on(32, 32));
const _: () = assert!(core::mem::offset_of!(dunlin_http_cookie, value) == on(48, 40));
const _: () = assert!(core::mem::offset_of!(dunlin_http_cookie, path) == on(64, 48));
const _: () = assert!(core::mem::offset_of!(dunlin_http_cookie, domain) == on(80, 56));

use crate::ffi::http_values::dunlin_http_form_field;
const _: () = assert!(core::mem::size_of::<dunlin_http_form_field>() == on(32, 16));
const _: () = assert!(core::mem::offset_of!(dunlin_http_form_field, name) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_http_form_field, value) == on(8, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_http_form_field, options) == on(24, 12));

use crate::ffi::netdev::dunlin_route;
const _: () = assert!(core::mem::size_of::<dunlin_route>() == on(48, 40));
const _: () = assert!(core::mem::offset_of!(dunlin_route, network) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_route, prefix_len) == on(32, 28));
const _: () = assert!(core::mem::offset_of!(dunlin_route, metric) == on(36, 32));
const _: () = assert!(core::mem::offset_of!(dunlin_route, options) == on(40, 36));

use crate::netdev::fault_config::dunlin_netdev_fault;
const _: () = assert!(core::mem::size_of::<dunlin_netdev_fault>() == on(2048, 2048));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_fault, opaque) == on(0, 0));

use crate::netdev::fault_config::dunlin_netdev_fault_step;
const _: () = assert!(core::mem::size_of::<dunlin_netdev_fault_step>() == on(20, 20));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_fault_step, op) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_fault_step, nth) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_fault_step, count) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_fault_step, kind) == on(12, 12));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_fault_step, arg) == on(16, 16));

use crate::netdev::fault_config::dunlin_netdev_fault_config;
const _: () = assert!(core::mem::size_of::<dunlin_netdev_fault_config>() == on(72, 56));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_fault_config, size) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_fault_config, seed) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_fault_config, ops) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_fault_config, ctx) == on(16, 12));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_fault_config, script) == on(24, 16));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_fault_config, script_len) == on(32, 20));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_fault_config, rates) == on(40, 24));

use crate::netdev::fault_config::dunlin_netdev_fault_stats;
const _: () = assert!(core::mem::size_of::<dunlin_netdev_fault_stats>() == on(136, 136));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_fault_stats, size) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_fault_stats, open_sockets) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_fault_stats, calls) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_netdev_fault_stats, injected) == on(72, 72));

use crate::netdev::link_ops::dunlin_interface;
const _: () = assert!(core::mem::size_of::<dunlin_interface>() == on(64, 60));
const _: () = assert!(core::mem::offset_of!(dunlin_interface, name) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_interface, index) == on(16, 16));
const _: () = assert!(core::mem::offset_of!(dunlin_interface, flags) == on(20, 20));
const _: () = assert!(core::mem::offset_of!(dunlin_interface, mtu) == on(24, 24));
const _: () = assert!(core::mem::offset_of!(dunlin_interface, device) == on(28, 28));
const _: () = assert!(core::mem::offset_of!(dunlin_interface, hardware_addr_len) == on(32, 32));
const _: () = assert!(core::mem::offset_of!(dunlin_interface, hardware_addr) == on(36, 36));
const _: () = assert!(core::mem::offset_of!(dunlin_interface, options) == on(56, 56));

use crate::netdev::link_ops::dunlin_interface_addr;
const _: () = assert!(core::mem::size_of::<dunlin_interface_addr>() == on(40, 36));
const _: () = assert!(core::mem::offset_of!(dunlin_interface_addr, addr) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_interface_addr, prefix_len) == on(32, 28));
const _: () = assert!(core::mem::offset_of!(dunlin_interface_addr, index) == on(36, 32));

use crate::netdev::link_ops::dunlin_ip_config;
const _: () = assert!(core::mem::size_of::<dunlin_ip_config>() == on(136, 120));
const _: () = assert!(core::mem::offset_of!(dunlin_ip_config, size) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_ip_config, prefix_len) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_ip_config, addr) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_ip_config, gateway) == on(40, 36));
const _: () = assert!(core::mem::offset_of!(dunlin_ip_config, dns) == on(72, 64));

use crate::netdev::link_ops::dunlin_connect_params;
const _: () = assert!(core::mem::size_of::<dunlin_connect_params>() == on(88, 56));
const _: () = assert!(core::mem::offset_of!(dunlin_connect_params, size) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_connect_params, mode) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_connect_params, ssid) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_connect_params, passphrase) == on(16, 12));
const _: () = assert!(core::mem::offset_of!(dunlin_connect_params, auth) == on(24, 16));
const _: () = assert!(core::mem::offset_of!(dunlin_connect_params, retries) == on(28, 20));
const _: () = assert!(core::mem::offset_of!(dunlin_connect_params, country) == on(32, 24));
const _: () = assert!(core::mem::offset_of!(dunlin_connect_params, hostname) == on(40, 28));
const _: () = assert!(core::mem::offset_of!(dunlin_connect_params, connect_timeout_ms) == on(48, 32));
const _: () = assert!(core::mem::offset_of!(dunlin_connect_params, watchdog_ms) == on(52, 36));
const _: () = assert!(core::mem::offset_of!(dunlin_connect_params, ip) == on(56, 40));
const _: () = assert!(core::mem::offset_of!(dunlin_connect_params, apn) == on(64, 44));
const _: () = assert!(core::mem::offset_of!(dunlin_connect_params, user) == on(72, 48));
const _: () = assert!(core::mem::offset_of!(dunlin_connect_params, pin) == on(80, 52));

use crate::netdev::link_ops::dunlin_netlink_ops;
const _: () = assert!(core::mem::size_of::<dunlin_netlink_ops>() == on(64, 36));
const _: () = assert!(core::mem::offset_of!(dunlin_netlink_ops, size) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_netlink_ops, poll_ms) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_netlink_ops, net_connect) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_netlink_ops, net_disconnect) == on(16, 12));
const _: () = assert!(core::mem::offset_of!(dunlin_netlink_ops, net_notify) == on(24, 16));
const _: () = assert!(core::mem::offset_of!(dunlin_netlink_ops, get_hardware_addr) == on(32, 20));
const _: () = assert!(core::mem::offset_of!(dunlin_netlink_ops, net_check) == on(40, 24));
const _: () = assert!(core::mem::offset_of!(dunlin_netlink_ops, interface_at) == on(48, 28));
const _: () = assert!(core::mem::offset_of!(dunlin_netlink_ops, interface_addrs) == on(56, 32));

use crate::ffi::netlink::dunlin_netlink_status;
const _: () = assert!(core::mem::size_of::<dunlin_netlink_status>() == on(24, 24));
const _: () = assert!(core::mem::offset_of!(dunlin_netlink_status, size) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_netlink_status, state) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_netlink_status, failures) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_netlink_status, error) == on(12, 12));
const _: () = assert!(core::mem::offset_of!(dunlin_netlink_status, kept) == on(16, 16));
const _: () = assert!(core::mem::offset_of!(dunlin_netlink_status, reserved) == on(20, 20));

use crate::ffi::url::dunlin_url;
const _: () = assert!(core::mem::size_of::<dunlin_url>() == on(168, 88));
const _: () = assert!(core::mem::offset_of!(dunlin_url, size) == on(0, 0));
const _: () = assert!(core::mem::offset_of!(dunlin_url, reserved) == on(4, 4));
const _: () = assert!(core::mem::offset_of!(dunlin_url, scheme) == on(8, 8));
const _: () = assert!(core::mem::offset_of!(dunlin_url, opaque) == on(24, 16));
const _: () = assert!(core::mem::offset_of!(dunlin_url, user) == on(40, 24));
const _: () = assert!(core::mem::offset_of!(dunlin_url, password) == on(56, 32));
const _: () = assert!(core::mem::offset_of!(dunlin_url, host) == on(72, 40));
const _: () = assert!(core::mem::offset_of!(dunlin_url, hostname) == on(88, 48));
const _: () = assert!(core::mem::offset_of!(dunlin_url, port) == on(104, 56));
const _: () = assert!(core::mem::offset_of!(dunlin_url, path) == on(120, 64));
const _: () = assert!(core::mem::offset_of!(dunlin_url, query) == on(136, 72));
const _: () = assert!(core::mem::offset_of!(dunlin_url, fragment) == on(152, 80));
