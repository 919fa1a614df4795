/*
 * Made by `cargo xtask abi`. Within a major version no line may change: structs that start with
 * their size may grow at the end, so only the number of their size may.
 */
#include <dunlin/dunlin.h>

#ifdef __cplusplus
#define _Static_assert static_assert
#endif

#if UINTPTR_MAX > 0xffffffff
#define HOLDS(what, wide, narrow) _Static_assert((what) == (wide), #what)
#else
#define HOLDS(what, wide, narrow) _Static_assert((what) == (narrow), #what)
#endif

HOLDS(sizeof(int), 4, 4);
HOLDS(sizeof(DUNLIN_ERR_TIMEOUT), 4, 4);

HOLDS(sizeof(struct dunlin_config), 24, 16);
HOLDS(offsetof(struct dunlin_config, size), 0, 0);
HOLDS(offsetof(struct dunlin_config, abi_version), 4, 4);
HOLDS(offsetof(struct dunlin_config, arena), 8, 8);
HOLDS(offsetof(struct dunlin_config, arena_len), 16, 12);

HOLDS(sizeof(struct dunlin_usage), 88, 88);
HOLDS(offsetof(struct dunlin_usage, size), 0, 0);
HOLDS(offsetof(struct dunlin_usage, arena_pieces), 4, 4);
HOLDS(offsetof(struct dunlin_usage, arena_total), 8, 8);
HOLDS(offsetof(struct dunlin_usage, arena_used), 16, 16);
HOLDS(offsetof(struct dunlin_usage, arena_peak), 24, 24);
HOLDS(offsetof(struct dunlin_usage, netdevs), 32, 32);
HOLDS(offsetof(struct dunlin_usage, sockets), 36, 36);
HOLDS(offsetof(struct dunlin_usage, conns), 40, 40);
HOLDS(offsetof(struct dunlin_usage, listeners), 44, 44);
HOLDS(offsetof(struct dunlin_usage, pipes), 48, 48);
HOLDS(offsetof(struct dunlin_usage, cancels), 52, 52);
HOLDS(offsetof(struct dunlin_usage, tasks), 56, 56);
HOLDS(offsetof(struct dunlin_usage, http_servers), 60, 60);
HOLDS(offsetof(struct dunlin_usage, http_exchanges), 64, 64);
HOLDS(offsetof(struct dunlin_usage, http_clients), 68, 68);
HOLDS(offsetof(struct dunlin_usage, http_responses), 72, 72);
HOLDS(offsetof(struct dunlin_usage, subscriptions), 76, 76);
HOLDS(offsetof(struct dunlin_usage, packet_conns), 80, 80);
HOLDS(offsetof(struct dunlin_usage, reserved), 84, 84);

HOLDS(sizeof(struct dunlin_build_config), 64, 64);
HOLDS(offsetof(struct dunlin_build_config, size), 0, 0);
HOLDS(offsetof(struct dunlin_build_config, max_netdevs), 4, 4);
HOLDS(offsetof(struct dunlin_build_config, max_conns), 8, 8);
HOLDS(offsetof(struct dunlin_build_config, max_listeners), 12, 12);
HOLDS(offsetof(struct dunlin_build_config, max_pipes), 16, 16);
HOLDS(offsetof(struct dunlin_build_config, max_cancels), 20, 20);
HOLDS(offsetof(struct dunlin_build_config, max_tasks), 24, 24);
HOLDS(offsetof(struct dunlin_build_config, max_poll), 28, 28);
HOLDS(offsetof(struct dunlin_build_config, max_http_servers), 32, 32);
HOLDS(offsetof(struct dunlin_build_config, max_http_clients), 36, 36);
HOLDS(offsetof(struct dunlin_build_config, max_http_responses), 40, 40);
HOLDS(offsetof(struct dunlin_build_config, max_http_exchanges), 44, 44);
HOLDS(offsetof(struct dunlin_build_config, max_host), 48, 48);
HOLDS(offsetof(struct dunlin_build_config, max_addrs), 52, 52);
HOLDS(offsetof(struct dunlin_build_config, max_subscriptions), 56, 56);
HOLDS(offsetof(struct dunlin_build_config, max_packet_conns), 60, 60);

HOLDS(sizeof(struct dunlin_tick_clock), 8, 8);
HOLDS(offsetof(struct dunlin_tick_clock, last), 0, 0);
HOLDS(offsetof(struct dunlin_tick_clock, wraps), 4, 4);

HOLDS(sizeof(struct dunlin_str), 16, 8);
HOLDS(offsetof(struct dunlin_str, ptr), 0, 0);
HOLDS(offsetof(struct dunlin_str, len), 8, 4);

HOLDS(sizeof(struct dunlin_addr), 32, 28);
HOLDS(offsetof(struct dunlin_addr, family), 0, 0);
HOLDS(offsetof(struct dunlin_addr, port), 2, 2);
HOLDS(offsetof(struct dunlin_addr, scope_id), 4, 4);
HOLDS(offsetof(struct dunlin_addr, ip), 8, 8);
HOLDS(offsetof(struct dunlin_addr, options), 24, 24);

HOLDS(sizeof(struct dunlin_iovec), 16, 8);
HOLDS(offsetof(struct dunlin_iovec, ptr), 0, 0);
HOLDS(offsetof(struct dunlin_iovec, len), 8, 4);

HOLDS(sizeof(struct dunlin_netdev_poll), 8, 8);
HOLDS(offsetof(struct dunlin_netdev_poll, sock), 0, 0);
HOLDS(offsetof(struct dunlin_netdev_poll, events), 4, 4);
HOLDS(offsetof(struct dunlin_netdev_poll, revents), 6, 6);

HOLDS(sizeof(struct dunlin_netdev_ops), 192, 104);
HOLDS(offsetof(struct dunlin_netdev_ops, size), 0, 0);
HOLDS(offsetof(struct dunlin_netdev_ops, caps), 4, 4);
HOLDS(offsetof(struct dunlin_netdev_ops, max_sockets), 8, 8);
HOLDS(offsetof(struct dunlin_netdev_ops, reserved), 12, 12);
HOLDS(offsetof(struct dunlin_netdev_ops, get_host_by_name), 16, 16);
HOLDS(offsetof(struct dunlin_netdev_ops, addr), 24, 20);
HOLDS(offsetof(struct dunlin_netdev_ops, socket), 32, 24);
HOLDS(offsetof(struct dunlin_netdev_ops, bind), 40, 28);
HOLDS(offsetof(struct dunlin_netdev_ops, connect), 48, 32);
HOLDS(offsetof(struct dunlin_netdev_ops, listen), 56, 36);
HOLDS(offsetof(struct dunlin_netdev_ops, accept), 64, 40);
HOLDS(offsetof(struct dunlin_netdev_ops, send), 72, 44);
HOLDS(offsetof(struct dunlin_netdev_ops, recv), 80, 48);
HOLDS(offsetof(struct dunlin_netdev_ops, send_to), 88, 52);
HOLDS(offsetof(struct dunlin_netdev_ops, recv_from), 96, 56);
HOLDS(offsetof(struct dunlin_netdev_ops, close), 104, 60);
HOLDS(offsetof(struct dunlin_netdev_ops, set_sock_opt), 112, 64);
HOLDS(offsetof(struct dunlin_netdev_ops, shutdown), 120, 68);
HOLDS(offsetof(struct dunlin_netdev_ops, poll), 128, 72);
HOLDS(offsetof(struct dunlin_netdev_ops, wake), 136, 76);
HOLDS(offsetof(struct dunlin_netdev_ops, step), 144, 80);
HOLDS(offsetof(struct dunlin_netdev_ops, send_vec), 152, 84);
HOLDS(offsetof(struct dunlin_netdev_ops, local_addr), 160, 88);
HOLDS(offsetof(struct dunlin_netdev_ops, peer_addr), 168, 92);
HOLDS(offsetof(struct dunlin_netdev_ops, get_sock_opt), 176, 96);
HOLDS(offsetof(struct dunlin_netdev_ops, tls_provision), 184, 100);

HOLDS(sizeof(struct dunlin_prefix), 20, 20);
HOLDS(offsetof(struct dunlin_prefix, family), 0, 0);
HOLDS(offsetof(struct dunlin_prefix, bits), 2, 2);
HOLDS(offsetof(struct dunlin_prefix, reserved), 3, 3);
HOLDS(offsetof(struct dunlin_prefix, ip), 4, 4);

HOLDS(sizeof(struct dunlin_mac), 21, 21);
HOLDS(offsetof(struct dunlin_mac, len), 0, 0);
HOLDS(offsetof(struct dunlin_mac, octets), 1, 1);

HOLDS(sizeof(struct dunlin_dialer), 56, 40);
HOLDS(offsetof(struct dunlin_dialer, size), 0, 0);
HOLDS(offsetof(struct dunlin_dialer, timeout_ms), 4, 4);
HOLDS(offsetof(struct dunlin_dialer, deadline), 8, 8);
HOLDS(offsetof(struct dunlin_dialer, device), 16, 16);
HOLDS(offsetof(struct dunlin_dialer, cancel), 24, 20);
HOLDS(offsetof(struct dunlin_dialer, fallback_delay_ms), 28, 24);
HOLDS(offsetof(struct dunlin_dialer, local_addr), 32, 28);
HOLDS(offsetof(struct dunlin_dialer, keep_alive), 40, 32);
HOLDS(offsetof(struct dunlin_dialer, error), 48, 36);

HOLDS(sizeof(struct dunlin_error_info), 88, 76);
HOLDS(offsetof(struct dunlin_error_info, size), 0, 0);
HOLDS(offsetof(struct dunlin_error_info, op), 4, 4);
HOLDS(offsetof(struct dunlin_error_info, code), 8, 8);
HOLDS(offsetof(struct dunlin_error_info, driver_code), 12, 12);
HOLDS(offsetof(struct dunlin_error_info, source), 16, 16);
HOLDS(offsetof(struct dunlin_error_info, addr), 48, 44);
HOLDS(offsetof(struct dunlin_error_info, network), 80, 72);

HOLDS(sizeof(struct dunlin_keep_alive), 20, 20);
HOLDS(offsetof(struct dunlin_keep_alive, size), 0, 0);
HOLDS(offsetof(struct dunlin_keep_alive, off), 4, 4);
HOLDS(offsetof(struct dunlin_keep_alive, idle_s), 8, 8);
HOLDS(offsetof(struct dunlin_keep_alive, interval_s), 12, 12);
HOLDS(offsetof(struct dunlin_keep_alive, count), 16, 16);

HOLDS(sizeof(struct dunlin_listen_config), 32, 24);
HOLDS(offsetof(struct dunlin_listen_config, size), 0, 0);
HOLDS(offsetof(struct dunlin_listen_config, backlog), 4, 4);
HOLDS(offsetof(struct dunlin_listen_config, device), 8, 8);
HOLDS(offsetof(struct dunlin_listen_config, keep_alive), 16, 12);
HOLDS(offsetof(struct dunlin_listen_config, reuse_port), 24, 16);
HOLDS(offsetof(struct dunlin_listen_config, reserved), 28, 20);

HOLDS(sizeof(struct dunlin_lookup_config), 32, 32);
HOLDS(offsetof(struct dunlin_lookup_config, size), 0, 0);
HOLDS(offsetof(struct dunlin_lookup_config, timeout_ms), 4, 4);
HOLDS(offsetof(struct dunlin_lookup_config, deadline), 8, 8);
HOLDS(offsetof(struct dunlin_lookup_config, device), 16, 16);
HOLDS(offsetof(struct dunlin_lookup_config, cancel), 24, 20);
HOLDS(offsetof(struct dunlin_lookup_config, reserved), 28, 24);

HOLDS(sizeof(struct dunlin_mx), 24, 16);
HOLDS(offsetof(struct dunlin_mx, host), 0, 0);
HOLDS(offsetof(struct dunlin_mx, pref), 16, 8);
HOLDS(offsetof(struct dunlin_mx, reserved), 20, 12);

HOLDS(sizeof(struct dunlin_srv), 24, 16);
HOLDS(offsetof(struct dunlin_srv, target), 0, 0);
HOLDS(offsetof(struct dunlin_srv, port), 16, 8);
HOLDS(offsetof(struct dunlin_srv, priority), 18, 10);
HOLDS(offsetof(struct dunlin_srv, weight), 20, 12);
HOLDS(offsetof(struct dunlin_srv, reserved), 22, 14);

HOLDS(sizeof(struct dunlin_packet_info), 48, 44);
HOLDS(offsetof(struct dunlin_packet_info, size), 0, 0);
HOLDS(offsetof(struct dunlin_packet_info, flags), 4, 4);
HOLDS(offsetof(struct dunlin_packet_info, device), 8, 8);
HOLDS(offsetof(struct dunlin_packet_info, reserved), 12, 12);
HOLDS(offsetof(struct dunlin_packet_info, addr), 16, 16);

HOLDS(sizeof(struct dunlin_poll_item), 8, 8);
HOLDS(offsetof(struct dunlin_poll_item, handle), 0, 0);
HOLDS(offsetof(struct dunlin_poll_item, events), 4, 4);
HOLDS(offsetof(struct dunlin_poll_item, revents), 6, 6);

HOLDS(sizeof(struct dunlin_http_header), 24, 12);
HOLDS(offsetof(struct dunlin_http_header, name), 0, 0);
HOLDS(offsetof(struct dunlin_http_header, value), 8, 4);
HOLDS(offsetof(struct dunlin_http_header, options), 16, 8);

HOLDS(sizeof(struct dunlin_http_client_config), 72, 64);
HOLDS(offsetof(struct dunlin_http_client_config, size), 0, 0);
HOLDS(offsetof(struct dunlin_http_client_config, timeout_ms), 4, 4);
HOLDS(offsetof(struct dunlin_http_client_config, dial_timeout_ms), 8, 8);
HOLDS(offsetof(struct dunlin_http_client_config, first_byte_timeout_ms), 12, 12);
HOLDS(offsetof(struct dunlin_http_client_config, idle_timeout_ms), 16, 16);
HOLDS(offsetof(struct dunlin_http_client_config, expect_timeout_ms), 20, 20);
HOLDS(offsetof(struct dunlin_http_client_config, idle_conn_timeout_ms), 24, 24);
HOLDS(offsetof(struct dunlin_http_client_config, max_idle), 28, 28);
HOLDS(offsetof(struct dunlin_http_client_config, responses), 32, 32);
HOLDS(offsetof(struct dunlin_http_client_config, head_len), 36, 36);
HOLDS(offsetof(struct dunlin_http_client_config, fields), 40, 40);
HOLDS(offsetof(struct dunlin_http_client_config, chunk_line), 44, 44);
HOLDS(offsetof(struct dunlin_http_client_config, drain_len), 48, 48);
HOLDS(offsetof(struct dunlin_http_client_config, reserved), 52, 52);
HOLDS(offsetof(struct dunlin_http_client_config, user_agent), 56, 56);
HOLDS(offsetof(struct dunlin_http_client_config, device), 64, 60);

HOLDS(sizeof(struct dunlin_http_failure), 16, 16);
HOLDS(offsetof(struct dunlin_http_failure, size), 0, 0);
HOLDS(offsetof(struct dunlin_http_failure, stage), 4, 4);
HOLDS(offsetof(struct dunlin_http_failure, code), 8, 8);
HOLDS(offsetof(struct dunlin_http_failure, driver_code), 12, 12);

HOLDS(sizeof(struct dunlin_http_request), 88, 64);
HOLDS(offsetof(struct dunlin_http_request, size), 0, 0);
HOLDS(offsetof(struct dunlin_http_request, header_count), 4, 4);
HOLDS(offsetof(struct dunlin_http_request, method), 8, 8);
HOLDS(offsetof(struct dunlin_http_request, url), 16, 12);
HOLDS(offsetof(struct dunlin_http_request, headers), 24, 16);
HOLDS(offsetof(struct dunlin_http_request, body), 32, 20);
HOLDS(offsetof(struct dunlin_http_request, body_len), 40, 24);
HOLDS(offsetof(struct dunlin_http_request, deadline), 48, 32);
HOLDS(offsetof(struct dunlin_http_request, body_read), 56, 40);
HOLDS(offsetof(struct dunlin_http_request, body_rewind), 64, 44);
HOLDS(offsetof(struct dunlin_http_request, body_ctx), 72, 48);
HOLDS(offsetof(struct dunlin_http_request, cancel), 80, 52);
HOLDS(offsetof(struct dunlin_http_request, reserved), 84, 56);

HOLDS(sizeof(struct dunlin_http_route), 32, 16);
HOLDS(offsetof(struct dunlin_http_route, pattern), 0, 0);
HOLDS(offsetof(struct dunlin_http_route, handler), 8, 4);
HOLDS(offsetof(struct dunlin_http_route, ctx), 16, 8);
HOLDS(offsetof(struct dunlin_http_route, options), 24, 12);

HOLDS(sizeof(struct dunlin_http_server_config), 104, 96);
HOLDS(offsetof(struct dunlin_http_server_config, size), 0, 0);
HOLDS(offsetof(struct dunlin_http_server_config, route_count), 4, 4);
HOLDS(offsetof(struct dunlin_http_server_config, routes), 8, 8);
HOLDS(offsetof(struct dunlin_http_server_config, name), 16, 12);
HOLDS(offsetof(struct dunlin_http_server_config, max_body_len), 24, 16);
HOLDS(offsetof(struct dunlin_http_server_config, drain_len), 32, 24);
HOLDS(offsetof(struct dunlin_http_server_config, head_len), 40, 32);
HOLDS(offsetof(struct dunlin_http_server_config, fields), 44, 36);
HOLDS(offsetof(struct dunlin_http_server_config, chunk_line), 48, 40);
HOLDS(offsetof(struct dunlin_http_server_config, trailer_len), 52, 44);
HOLDS(offsetof(struct dunlin_http_server_config, output_len), 56, 48);
HOLDS(offsetof(struct dunlin_http_server_config, buffered_body_len), 60, 52);
HOLDS(offsetof(struct dunlin_http_server_config, max_conns), 64, 56);
HOLDS(offsetof(struct dunlin_http_server_config, max_requests), 68, 60);
HOLDS(offsetof(struct dunlin_http_server_config, max_detached), 72, 64);
HOLDS(offsetof(struct dunlin_http_server_config, read_header_timeout_ms), 76, 68);
HOLDS(offsetof(struct dunlin_http_server_config, read_timeout_ms), 80, 72);
HOLDS(offsetof(struct dunlin_http_server_config, write_timeout_ms), 84, 76);
HOLDS(offsetof(struct dunlin_http_server_config, idle_timeout_ms), 88, 80);
HOLDS(offsetof(struct dunlin_http_server_config, min_rate), 92, 84);
HOLDS(offsetof(struct dunlin_http_server_config, min_rate_window_ms), 96, 88);
HOLDS(offsetof(struct dunlin_http_server_config, flags), 100, 92);

HOLDS(sizeof(struct dunlin_http_server_stats), 56, 56);
HOLDS(offsetof(struct dunlin_http_server_stats, size), 0, 0);
HOLDS(offsetof(struct dunlin_http_server_stats, accepted), 4, 4);
HOLDS(offsetof(struct dunlin_http_server_stats, active), 8, 8);
HOLDS(offsetof(struct dunlin_http_server_stats, detached), 12, 12);
HOLDS(offsetof(struct dunlin_http_server_stats, answers), 16, 16);
HOLDS(offsetof(struct dunlin_http_server_stats, timeouts), 36, 36);
HOLDS(offsetof(struct dunlin_http_server_stats, rejected), 40, 40);
HOLDS(offsetof(struct dunlin_http_server_stats, evicted), 44, 44);
HOLDS(offsetof(struct dunlin_http_server_stats, slow), 48, 48);
HOLDS(offsetof(struct dunlin_http_server_stats, hijacked), 52, 52);

HOLDS(sizeof(struct dunlin_http_multipart), 112, 104);
HOLDS(offsetof(struct dunlin_http_multipart, size), 0, 0);
HOLDS(offsetof(struct dunlin_http_multipart, exchange), 4, 4);
HOLDS(offsetof(struct dunlin_http_multipart, window), 8, 8);
HOLDS(offsetof(struct dunlin_http_multipart, window_len), 16, 12);
HOLDS(offsetof(struct dunlin_http_multipart, max_parts), 24, 16);
HOLDS(offsetof(struct dunlin_http_multipart, max_fields), 28, 20);
HOLDS(offsetof(struct dunlin_http_multipart, state), 32, 24);

HOLDS(sizeof(struct dunlin_http_cookie), 96, 64);
HOLDS(offsetof(struct dunlin_http_cookie, size), 0, 0);
HOLDS(offsetof(struct dunlin_http_cookie, flags), 4, 4);
HOLDS(offsetof(struct dunlin_http_cookie, same_site), 8, 8);
HOLDS(offsetof(struct dunlin_http_cookie, reserved), 12, 12);
HOLDS(offsetof(struct dunlin_http_cookie, expires), 16, 16);
HOLDS(offsetof(struct dunlin_http_cookie, max_age), 24, 24);
HOLDS(offsetof(struct dunlin_http_cookie, name), 32, 32);
HOLDS(offsetof(struct dunlin_http_cookie, value), 48, 40);
HOLDS(offsetof(struct dunlin_http_cookie, path), 64, 48);
HOLDS(offsetof(struct dunlin_http_cookie, domain), 80, 56);

HOLDS(sizeof(struct dunlin_http_form_field), 32, 16);
HOLDS(offsetof(struct dunlin_http_form_field, name), 0, 0);
HOLDS(offsetof(struct dunlin_http_form_field, value), 8, 4);
HOLDS(offsetof(struct dunlin_http_form_field, options), 24, 12);

HOLDS(sizeof(struct dunlin_route), 48, 40);
HOLDS(offsetof(struct dunlin_route, network), 0, 0);
HOLDS(offsetof(struct dunlin_route, prefix_len), 32, 28);
HOLDS(offsetof(struct dunlin_route, metric), 36, 32);
HOLDS(offsetof(struct dunlin_route, options), 40, 36);

HOLDS(sizeof(struct dunlin_netdev_fault), 2048, 2048);
HOLDS(offsetof(struct dunlin_netdev_fault, opaque), 0, 0);

HOLDS(sizeof(struct dunlin_netdev_fault_step), 20, 20);
HOLDS(offsetof(struct dunlin_netdev_fault_step, op), 0, 0);
HOLDS(offsetof(struct dunlin_netdev_fault_step, nth), 4, 4);
HOLDS(offsetof(struct dunlin_netdev_fault_step, count), 8, 8);
HOLDS(offsetof(struct dunlin_netdev_fault_step, kind), 12, 12);
HOLDS(offsetof(struct dunlin_netdev_fault_step, arg), 16, 16);

HOLDS(sizeof(struct dunlin_netdev_fault_config), 72, 56);
HOLDS(offsetof(struct dunlin_netdev_fault_config, size), 0, 0);
HOLDS(offsetof(struct dunlin_netdev_fault_config, seed), 4, 4);
HOLDS(offsetof(struct dunlin_netdev_fault_config, ops), 8, 8);
HOLDS(offsetof(struct dunlin_netdev_fault_config, ctx), 16, 12);
HOLDS(offsetof(struct dunlin_netdev_fault_config, script), 24, 16);
HOLDS(offsetof(struct dunlin_netdev_fault_config, script_len), 32, 20);
HOLDS(offsetof(struct dunlin_netdev_fault_config, rates), 40, 24);

HOLDS(sizeof(struct dunlin_netdev_fault_stats), 136, 136);
HOLDS(offsetof(struct dunlin_netdev_fault_stats, size), 0, 0);
HOLDS(offsetof(struct dunlin_netdev_fault_stats, open_sockets), 4, 4);
HOLDS(offsetof(struct dunlin_netdev_fault_stats, calls), 8, 8);
HOLDS(offsetof(struct dunlin_netdev_fault_stats, injected), 72, 72);

HOLDS(sizeof(struct dunlin_interface), 64, 60);
HOLDS(offsetof(struct dunlin_interface, name), 0, 0);
HOLDS(offsetof(struct dunlin_interface, index), 16, 16);
HOLDS(offsetof(struct dunlin_interface, flags), 20, 20);
HOLDS(offsetof(struct dunlin_interface, mtu), 24, 24);
HOLDS(offsetof(struct dunlin_interface, device), 28, 28);
HOLDS(offsetof(struct dunlin_interface, hardware_addr_len), 32, 32);
HOLDS(offsetof(struct dunlin_interface, hardware_addr), 36, 36);
HOLDS(offsetof(struct dunlin_interface, options), 56, 56);

HOLDS(sizeof(struct dunlin_interface_addr), 40, 36);
HOLDS(offsetof(struct dunlin_interface_addr, addr), 0, 0);
HOLDS(offsetof(struct dunlin_interface_addr, prefix_len), 32, 28);
HOLDS(offsetof(struct dunlin_interface_addr, index), 36, 32);

HOLDS(sizeof(struct dunlin_ip_config), 136, 120);
HOLDS(offsetof(struct dunlin_ip_config, size), 0, 0);
HOLDS(offsetof(struct dunlin_ip_config, prefix_len), 4, 4);
HOLDS(offsetof(struct dunlin_ip_config, addr), 8, 8);
HOLDS(offsetof(struct dunlin_ip_config, gateway), 40, 36);
HOLDS(offsetof(struct dunlin_ip_config, dns), 72, 64);

HOLDS(sizeof(struct dunlin_connect_params), 88, 56);
HOLDS(offsetof(struct dunlin_connect_params, size), 0, 0);
HOLDS(offsetof(struct dunlin_connect_params, mode), 4, 4);
HOLDS(offsetof(struct dunlin_connect_params, ssid), 8, 8);
HOLDS(offsetof(struct dunlin_connect_params, passphrase), 16, 12);
HOLDS(offsetof(struct dunlin_connect_params, auth), 24, 16);
HOLDS(offsetof(struct dunlin_connect_params, retries), 28, 20);
HOLDS(offsetof(struct dunlin_connect_params, country), 32, 24);
HOLDS(offsetof(struct dunlin_connect_params, hostname), 40, 28);
HOLDS(offsetof(struct dunlin_connect_params, connect_timeout_ms), 48, 32);
HOLDS(offsetof(struct dunlin_connect_params, watchdog_ms), 52, 36);
HOLDS(offsetof(struct dunlin_connect_params, ip), 56, 40);
HOLDS(offsetof(struct dunlin_connect_params, apn), 64, 44);
HOLDS(offsetof(struct dunlin_connect_params, user), 72, 48);
HOLDS(offsetof(struct dunlin_connect_params, pin), 80, 52);

HOLDS(sizeof(struct dunlin_netlink_ops), 64, 36);
HOLDS(offsetof(struct dunlin_netlink_ops, size), 0, 0);
HOLDS(offsetof(struct dunlin_netlink_ops, poll_ms), 4, 4);
HOLDS(offsetof(struct dunlin_netlink_ops, net_connect), 8, 8);
HOLDS(offsetof(struct dunlin_netlink_ops, net_disconnect), 16, 12);
HOLDS(offsetof(struct dunlin_netlink_ops, net_notify), 24, 16);
HOLDS(offsetof(struct dunlin_netlink_ops, get_hardware_addr), 32, 20);
HOLDS(offsetof(struct dunlin_netlink_ops, net_check), 40, 24);
HOLDS(offsetof(struct dunlin_netlink_ops, interface_at), 48, 28);
HOLDS(offsetof(struct dunlin_netlink_ops, interface_addrs), 56, 32);

HOLDS(sizeof(struct dunlin_netlink_status), 24, 24);
HOLDS(offsetof(struct dunlin_netlink_status, size), 0, 0);
HOLDS(offsetof(struct dunlin_netlink_status, state), 4, 4);
HOLDS(offsetof(struct dunlin_netlink_status, failures), 8, 8);
HOLDS(offsetof(struct dunlin_netlink_status, error), 12, 12);
HOLDS(offsetof(struct dunlin_netlink_status, kept), 16, 16);
HOLDS(offsetof(struct dunlin_netlink_status, reserved), 20, 20);

HOLDS(sizeof(struct dunlin_url), 168, 88);
HOLDS(offsetof(struct dunlin_url, size), 0, 0);
HOLDS(offsetof(struct dunlin_url, reserved), 4, 4);
HOLDS(offsetof(struct dunlin_url, scheme), 8, 8);
HOLDS(offsetof(struct dunlin_url, opaque), 24, 16);
HOLDS(offsetof(struct dunlin_url, user), 40, 24);
HOLDS(offsetof(struct dunlin_url, password), 56, 32);
HOLDS(offsetof(struct dunlin_url, host), 72, 40);
HOLDS(offsetof(struct dunlin_url, hostname), 88, 48);
HOLDS(offsetof(struct dunlin_url, port), 104, 56);
HOLDS(offsetof(struct dunlin_url, path), 120, 64);
HOLDS(offsetof(struct dunlin_url, query), 136, 72);
HOLDS(offsetof(struct dunlin_url, fragment), 152, 80);
