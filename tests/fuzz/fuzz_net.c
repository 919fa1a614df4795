/* Calls of the net part, with any arguments. */
#include "fuzz.h"

static struct dunlin_addr *address(void)
{
    struct dunlin_addr *addr = fuzz_memory(sizeof *addr);
    static const uint16_t families[] = {0, DUNLIN_AF_INET, DUNLIN_AF_INET6, DUNLIN_AF_UNIX};
    memset(addr, 0, sizeof *addr);
    addr->family = once_in(16) ? (uint16_t)pick(65536) : families[pick(4)];
    addr->port = (uint16_t)pick(65536);
    addr->scope_id = once_in(4) ? pick(9) : 0;
    for (size_t i = 0; i < sizeof addr->ip; i++) {
        addr->ip[i] = (uint8_t)(once_in(2) ? pick(256) : 0);
    }
    addr->options = addr->family == DUNLIN_AF_UNIX ? fuzz_text() : NULL;
    return once_in(24) ? NULL : addr;
}

/* The size that a struct begins with; seldom one of an older caller, or wrong. */
static uint32_t size_of(size_t size)
{
    return once_in(24) ? pick((uint32_t)size) : (uint32_t)size;
}

#define ROOM(n) ((n) = pick(once_in(8) ? 2000 : 70), fuzz_memory(n))

static struct dunlin_lookup_config *lookup(void)
{
    struct dunlin_lookup_config *c = fuzz_memory(sizeof *c);
    memset(c, 0, sizeof *c);
    c->size = (uint32_t)sizeof *c;
    c->deadline = fuzz_deadline();
    c->timeout_ms = (int32_t)pick(3);
    c->device = once_in(8) ? fuzz_text() : NULL;
    c->cancel = once_in(4) ? some(CANCEL) : 0;
    return c;
}

void call_text(void)
{
    size_t n;
    char *buf = ROOM(n);
    struct dunlin_str a = {NULL, 0}, b = {NULL, 0};
    struct dunlin_prefix prefix;
    struct dunlin_mac mac;
    struct dunlin_error_info info;
    memset(&prefix, 0, sizeof prefix);
    memset(&mac, (int)pick(256), sizeof mac);
    memset(&info, 0, sizeof info);
    switch (pick(24)) {
    case 0: dunlin_addr_parse(fuzz_text(), address()); break;
    case 1: dunlin_addr_format(address(), buf, n); break;
    case 2: dunlin_split_host_port(fuzz_text(), &a, &b); break;
    case 3: dunlin_join_host_port(fuzz_text(), fuzz_text(), buf, n); break;
    case 4: dunlin_ip_parse(fuzz_text(), address()); break;
    case 5: dunlin_ip_format(address(), buf, n); break;
    case 6: dunlin_ip_format_expanded(address(), buf, n); break;
    case 7: dunlin_ip_unmap(address()); break;
    case 8: dunlin_ip_map(address()); break;
    case 9: dunlin_ip_class(address()); break;
    case 10: dunlin_ip_equal(address(), address()); break;
    case 11: dunlin_mask_make(pick(200), (uint16_t)pick(8), address()); break;
    case 12: dunlin_mask_ones(address()); break;
    case 13: dunlin_mask_format(address(), buf, n); break;
    case 14: dunlin_ip_mask(address(), address()); break;
    case 15:
        dunlin_prefix_parse(fuzz_text(), &prefix, address());
        dunlin_prefix_format(&prefix, buf, n);
        break;
    case 16:
        dunlin_prefix_make(address(), pick(200), &prefix);
        prefix.bits = once_in(4) ? (uint8_t)pick(256) : prefix.bits;
        dunlin_prefix_mask(&prefix);
        dunlin_prefix_contains(&prefix, address());
        break;
    case 17:
        dunlin_mac_parse(fuzz_text(), &mac);
        dunlin_mac_format(&mac, buf, n);
        break;
    case 18: dunlin_strerror((int32_t)(pick(300)) - 2300); break;
    case 19:
        info.size = size_of(sizeof info);
        info.op = pick(12);
        info.code = -2001 - (int32_t)pick(250);
        info.network = fuzz_text();
        dunlin_error_format(&info, buf, n);
        break;
    case 20: dunlin_flags_format(pick(100), buf, n); break;
    case 21: dunlin_lookup_port(fuzz_text(), fuzz_text()); break;
    case 22: dunlin_resolve_addr(fuzz_text(), fuzz_text(), fuzz_deadline(), address()); break;
    default:
        a.ptr = fuzz_text();
        a.len = a.ptr == NULL ? pick(3) : strlen(a.ptr);
        dunlin_str_copy(a, buf, n);
    }
}

static void told(void *ctx, dunlin_netdev_t dev, uint32_t event)
{
    static int depth;
    (void)ctx, (void)dev, (void)event;
    if (depth == 0 && once_in(2)) {
        depth++;
        call_any();
        depth--;
    }
}

static void call_device(void)
{
    static const char *const names[] = {"fuzz0", "fuzz1"};
    struct dunlin_route route;
    struct dunlin_netlink_status status = DUNLIN_NETLINK_STATUS_INIT;
    struct dunlin_connect_params *params = fuzz_memory(sizeof *params);
    struct dunlin_interface interfaces[2];
    struct dunlin_interface_addr addrs[2];
    size_t n;
    uint8_t *buf = ROOM(n);
    switch (pick(16)) {
    case 0: keep(dunlin_netdev_register(once_in(8) ? fuzz_text() : names[pick(2)], &fuzz_ops, NULL)); break;
    case 1:
        if (once_in(4)) {
            dunlin_netdev_unregister(some(NETDEV), fuzz_deadline());
        }
        break;
    case 2: dunlin_netdev_notify(some(NETDEV), (int32_t)pick(20) - 3, pick(32)); break;
    case 3: dunlin_netdev_link(some(NETDEV), !once_in(4)); break;
    case 4: {
        const struct dunlin_addr *to = address();
        memset(&route, 0, sizeof route);
        if (to != NULL) {
            route.network = *to;
        }
        route.prefix_len = pick(140);
        dunlin_netdev_add_route(some(NETDEV), &route);
        break;
    }
    case 5:
        if (once_in(4)) {
            dunlin_netlink_attach(some(NETDEV), &fuzz_link_ops, NULL);
        }
        break;
    case 6: {
        /* What it points to must stay until the device is disconnected: it is static. */
        static const struct dunlin_connect_params plain = DUNLIN_CONNECT_PARAMS_INIT;
        *params = plain;
        params->size = size_of(sizeof *params);
        params->retries = pick(3);
        params->watchdog_ms = (int32_t)pick(10);
        params->connect_timeout_ms = (int32_t)pick(5);
        dunlin_netlink_connect(some(NETDEV), params, fuzz_deadline());
        break;
    }
    case 7: dunlin_netlink_disconnect(some(NETDEV), fuzz_deadline()); break;
    case 8: dunlin_netlink_status(some(NETDEV), &status); break;
    case 9: dunlin_netlink_hardware_addr(some(NETDEV), buf, n); break;
    case 10: dunlin_netlink_notify(some(NETDEV), pick(4)); break;
    case 11: keep(dunlin_netlink_subscribe(told, NULL)); break;
    case 12: dunlin_netlink_unsubscribe(some(SUBSCRIPTION), fuzz_deadline()); break;
    case 13: dunlin_interfaces(interfaces, pick(3)); break;
    case 14: dunlin_interface_addrs(pick(5), addrs, pick(3)); break;
    default: dunlin_netdev_set_dns_servers(some(NETDEV), address(), 1); break;
    }
}

static void call_lookup(void)
{
    size_t n;
    char *buf = ROOM(n);
    struct dunlin_addr addrs[3];
    struct dunlin_str names[3];
    struct dunlin_mx mx[3];
    struct dunlin_srv srv[3];
    switch (pick(6)) {
    case 0: dunlin_lookup_host(lookup(), fuzz_text(), pick(8), addrs, pick(4)); break;
    case 1: dunlin_lookup_cname(lookup(), fuzz_text(), buf, n); break;
    case 2: dunlin_lookup_addr(lookup(), address(), buf, n, names, pick(4)); break;
    case 3: dunlin_lookup_txt(lookup(), fuzz_text(), buf, n, names, pick(4)); break;
    case 4: dunlin_lookup_mx(lookup(), fuzz_text(), buf, n, mx, pick(4)); break;
    default: dunlin_lookup_srv(lookup(), fuzz_text(), fuzz_text(), fuzz_text(), buf, n, srv, pick(4)); break;
    }
}

static void call_conn(void)
{
    dunlin_conn_t h = some(CONN), a, b;
    struct dunlin_error_info info = DUNLIN_ERROR_INFO_INIT;
    struct dunlin_keep_alive keep_alive = DUNLIN_KEEP_ALIVE_INIT;
    struct dunlin_dialer dialer = DUNLIN_DIALER_INIT;
    struct dunlin_iovec vec[4];
    size_t n;
    void *buf = ROOM(n);
    /* No call waits for long. */
    dunlin_conn_set_deadline(h, fuzz_deadline());
    switch (pick(18)) {
    case 0:
    case 1:
        dialer.deadline = fuzz_deadline();
        dialer.size = size_of(sizeof dialer);
        if (dialer.size < 16) {
            dialer.size = 0;
        }
        dialer.cancel = once_in(4) ? some(CANCEL) : 0;
        dialer.local_addr = once_in(4) ? address() : NULL;
        dialer.error = once_in(4) ? &info : NULL;
        keep(dunlin_dial(&dialer, fuzz_text(), fuzz_text()));
        break;
    case 2:
        dialer.deadline = dunlin_after_ms(2);
        keep(dunlin_dial(&dialer, once_in(3) ? "udp" : "tcp", "10.0.0.1:80"));
        break;
    case 3: dunlin_conn_read(h, once_in(20) ? NULL : buf, n); break;
    case 4:
        fuzz_fill(buf, n);
        dunlin_conn_write(h, buf, n);
        break;
    case 5:
        for (int i = 0; i < 4; i++) {
            vec[i].len = pick((uint32_t)n + 1);
            vec[i].ptr = once_in(20) ? NULL : buf;
        }
        memset(buf, 0, n);
        dunlin_conn_writev(h, vec, pick(5));
        break;
    case 6: dunlin_conn_close(h); break;
    case 7: dunlin_conn_close_write(h); break;
    case 8: dunlin_conn_close_read(h); break;
    case 9: dunlin_conn_set_read_deadline(h, fuzz_deadline()); break;
    case 10: dunlin_conn_local_addr(h, address()); break;
    case 11: dunlin_conn_remote_addr(h, address()); break;
    case 12:
        info.size = size_of(sizeof info);
        dunlin_conn_error(h, &info);
        break;
    case 13: dunlin_conn_set_no_delay(h, (int32_t)pick(3)); break;
    case 14: dunlin_conn_set_keep_alive(h, once_in(2) ? NULL : &keep_alive); break;
    case 15: dunlin_conn_set_linger(h, (int32_t)pick(5) - 2); break;
    case 16: dunlin_conn_set_read_buffer(h, pick(100000)); break;
    default:
        if (dunlin_pipe(&a, &b) == 0) {
            keep(a);
            keep(b);
        }
    }
}

static void call_listener(void)
{
    int32_t h = some(LISTENER);
    struct dunlin_listen_config config = DUNLIN_LISTEN_CONFIG_INIT;
    struct dunlin_error_info info = DUNLIN_ERROR_INFO_INIT;
    dunlin_listener_set_deadline(h, fuzz_deadline());
    config.backlog = pick(20);
    config.reuse_port = pick(2);
    switch (pick(7)) {
    case 0: keep(dunlin_listen(&config, fuzz_text(), fuzz_text())); break;
    case 1: keep(dunlin_listen(NULL, "tcp", ":80")); break;
    case 2:
    case 3: keep(dunlin_accept(h)); break;
    case 4: dunlin_listener_addr(h, address()); break;
    case 5: dunlin_listener_error(h, &info); break;
    default: dunlin_listener_close(h); break;
    }
}

static void call_packets(void)
{
    int32_t h = some(PACKET_CONN);
    struct dunlin_error_info info = DUNLIN_ERROR_INFO_INIT;
    struct dunlin_listen_config config = DUNLIN_LISTEN_CONFIG_INIT;
    size_t n;
    void *buf = ROOM(n);
    memset(buf, 0, n);
    dunlin_packet_conn_set_deadline(h, fuzz_deadline());
    switch (pick(12)) {
    case 0: keep(dunlin_listen_packet(&config, fuzz_text(), fuzz_text())); break;
    case 1: keep(dunlin_listen_packet(NULL, "udp", ":53")); break;
    case 2:
    case 3: dunlin_packet_conn_read_from(h, buf, n, address()); break;
    case 4:
    case 5: dunlin_packet_conn_write_to(h, buf, n, address()); break;
    case 6: dunlin_packet_conn_close(h); break;
    case 7: dunlin_packet_conn_local_addr(h, address()); break;
    case 8: dunlin_packet_conn_error(h, &info); break;
    case 9: dunlin_packet_conn_join(h, address(), once_in(2) ? NULL : fuzz_text()); break;
    case 10: dunlin_packet_conn_leave(h, address(), once_in(2) ? NULL : fuzz_text()); break;
    default: dunlin_packet_conn_set_broadcast(h, (int32_t)pick(2)); break;
    }
}

static void call_others(void)
{
    uint32_t count = pick(5);
    struct dunlin_poll_item *items = fuzz_memory(count * sizeof *items);
    struct dunlin_usage usage = DUNLIN_USAGE_INIT;
    switch (pick(6)) {
    case 0: keep(dunlin_cancel_new()); break;
    case 1: dunlin_cancel(some(CANCEL)); break;
    case 2: dunlin_cancel_close(some(CANCEL)); break;
    case 3:
        usage.size = size_of(sizeof usage);
        dunlin_usage(&usage);
        break;
    case 4:
        for (uint32_t i = 0; i < count; i++) {
            items[i].handle = any();
            items[i].events = (uint16_t)(once_in(8) ? pick(65536) : pick(4));
            items[i].revents = 0;
        }
        dunlin_poll(items, count, fuzz_deadline());
        break;
    default: dunlin_run(fuzz_deadline()); break;
    }
}

void call_net(void)
{
    switch (pick(12)) {
    case 0: call_lookup(); break;
    case 1:
    case 2: call_device(); break;
    case 3:
    case 4: call_listener(); break;
    case 5: call_packets(); break;
    case 6: call_others(); break;
    case 7: call_text(); break;
    default: call_conn(); break;
    }
}
