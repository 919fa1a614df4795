/* The interfaces of this host as devices tell them, zones by name, and devices bound to an interface. */
#include "app.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MOST 64

static void interfaces_are_those_of_the_host(void **state)
{
    struct dunlin_interface list[MOST], one;
    struct if_nameindex *host = if_nameindex();
    struct ifreq request;
    int32_t count = dunlin_interfaces(list, MOST);
    int32_t at = 0;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    (void)state;
    assert_non_null(host);
    assert_true(count > 0 && count <= MOST && fd >= 0);
    for (const struct if_nameindex *i = host; i->if_index != 0; i++, at++) {
        assert_true(at < count);
        assert_string_equal(list[at].name, i->if_name);
        assert_int_equal(list[at].index, i->if_index);
        assert_true(list[at].device > 0 && list[at].device == list[0].device);
        assert_null(list[at].options);
        memset(&request, 0, sizeof request);
        memcpy(request.ifr_name, list[at].name, sizeof list[at].name);
        assert_int_equal(ioctl(fd, SIOCGIFMTU, &request), 0);
        assert_int_equal(list[at].mtu, request.ifr_mtu);
        assert_int_equal(ioctl(fd, SIOCGIFFLAGS, &request), 0);
        assert_int_equal((list[at].flags & DUNLIN_FLAG_UP) != 0, (request.ifr_flags & IFF_UP) != 0);
        assert_int_equal((list[at].flags & DUNLIN_FLAG_LOOPBACK) != 0,
                         (request.ifr_flags & IFF_LOOPBACK) != 0);
        assert_int_equal(dunlin_interface_by_index(i->if_index, &one), 0);
        assert_string_equal(one.name, i->if_name);
        assert_int_equal(dunlin_interface_by_name(i->if_name, &one), 0);
        assert_int_equal(one.index, i->if_index);
    }
    assert_int_equal(at, count);
    /* What there is no room for is counted. */
    assert_int_equal(dunlin_interfaces(&one, 1), count);
    assert_int_equal(one.index, list[0].index);
    assert_int_equal(dunlin_interfaces(NULL, 0), count);
    assert_int_equal(dunlin_interfaces(NULL, 1), DUNLIN_ERR_INVALID);
    close(fd);
    if_freenameindex(host);
}

static void what_is_no_interface(void **state)
{
    struct dunlin_interface one;
    struct dunlin_interface_addr addr;
    (void)state;
    assert_int_equal(dunlin_interface_by_index(0, &one), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_interface_by_index(65535, &one), DUNLIN_ERR_NO_SUCH_INTERFACE);
    assert_int_equal(dunlin_interface_by_index(1, NULL), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_interface_by_name("", &one), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_interface_by_name("nosuch0", &one), DUNLIN_ERR_NO_SUCH_INTERFACE);
    assert_int_equal(dunlin_interface_by_name("sixteen-letters-", &one), DUNLIN_ERR_NAME_TOO_LONG);
    assert_int_equal(dunlin_interface_by_name("lo", NULL), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_interface_addrs(65535, &addr, 1), DUNLIN_ERR_NO_SUCH_INTERFACE);
}

static uint32_t ones_of(const struct sockaddr *mask, const void *bytes, size_t len)
{
    uint32_t ones = 0;
    const uint8_t *byte = bytes;
    assert_non_null(mask);
    for (size_t i = 0; i < len * 8; i++)
        ones += byte[i / 8] >> (7 - i % 8) & 1;
    return ones;
}

/* Every address that the host has is told once, with its network. */
static void addresses_have_their_prefixes(void **state)
{
    struct dunlin_interface_addr list[MOST], own[MOST];
    struct ifaddrs *host = NULL;
    int32_t count = dunlin_interface_addrs(0, list, MOST), wanted = 0, sum = 0;
    (void)state;
    assert_true(count > 0 && count <= MOST);
    assert_int_equal(getifaddrs(&host), 0);
    for (const struct ifaddrs *i = host; i != NULL; i = i->ifa_next) {
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
        uint32_t ones;
        const void *ip;
        size_t len;
        int32_t at, found = 0;
        if (i->ifa_addr == NULL)
            continue;
        if (i->ifa_addr->sa_family == AF_INET) {
            memcpy(&in, i->ifa_netmask, sizeof in);
            ones = ones_of(i->ifa_netmask, &in.sin_addr, 4);
            memcpy(&in, i->ifa_addr, sizeof in);
            ip = &in.sin_addr;
            len = 4;
        } else if (i->ifa_addr->sa_family == AF_INET6) {
            memcpy(&in6, i->ifa_netmask, sizeof in6);
            ones = ones_of(i->ifa_netmask, &in6.sin6_addr, 16);
            memcpy(&in6, i->ifa_addr, sizeof in6);
            ip = &in6.sin6_addr;
            len = 16;
        } else {
            continue;
        }
        wanted++;
        for (at = 0; at < count; at++) {
            found += memcmp(list[at].addr.ip, ip, len) == 0 && list[at].prefix_len == ones &&
                     list[at].addr.family == (len == 4 ? DUNLIN_AF_INET : DUNLIN_AF_INET6) &&
                     list[at].index == if_nametoindex(i->ifa_name) && list[at].addr.port == 0;
        }
        assert_int_equal(found, 1);
    }
    freeifaddrs(host);
    assert_int_equal(count, wanted);
    /* Interface by interface they are the same. */
    struct if_nameindex *names = if_nameindex();
    assert_non_null(names);
    for (const struct if_nameindex *i = names; i->if_index != 0; i++) {
        int32_t n = dunlin_interface_addrs(i->if_index, own, MOST);
        assert_true(n >= 0 && n <= MOST);
        for (int32_t at = 0; at < n; at++)
            assert_int_equal(own[at].index, i->if_index);
        sum += n;
    }
    if_freenameindex(names);
    assert_int_equal(sum, count);
    assert_int_equal(dunlin_interface_addrs(0, own, 1), count);
    assert_int_equal(dunlin_interface_addrs(0, NULL, 0), count);
}

/* Every reader of addresses takes a number, leading zeros too, or the name of an interface. */
static void zones_are_numbers_and_names(void **state)
{
    static const char *const good[] = {"fe80::1%lo", "fe80::1%1", "fe80::1%0001"};
    static const char *const bad[] = {"fe80::1%nosuch0", "fe80::1%", "192.0.2.1%lo"};
    struct dunlin_addr addr;
    char text[64];
    uint32_t lo = if_nametoindex("lo");
    (void)state;
    assert_int_equal(lo, 1);
    for (size_t i = 0; i < DUNLIN_COUNT(good); i++) {
        assert_int_equal(dunlin_ip_parse(good[i], &addr), 0);
        assert_int_equal(addr.scope_id, lo);
        assert_int_equal(dunlin_addr_parse(good[i], &addr), 0);
        assert_int_equal(addr.scope_id, lo);
        snprintf(text, sizeof text, "[%s]:80", good[i]);
        assert_int_equal(dunlin_addr_parse(text, &addr), 0);
        assert_int_equal(addr.scope_id, lo);
        assert_int_equal(dunlin_resolve_addr("tcp", text, -1, &addr), 0);
        assert_int_equal(addr.scope_id, lo);
        assert_int_equal(dunlin_resolve_addr("ip", good[i], -1, &addr), 0);
        assert_int_equal(addr.scope_id, lo);
    }
    for (size_t i = 0; i < DUNLIN_COUNT(bad); i++) {
        assert_int_equal(dunlin_ip_parse(bad[i], &addr), DUNLIN_ERR_INVALID_ADDRESS);
        assert_int_equal(dunlin_addr_parse(bad[i], &addr), DUNLIN_ERR_INVALID_ADDRESS);
    }
    assert_int_equal(dunlin_dial(NULL, "tcp", "[fe80::1%nosuch0]:80"), DUNLIN_ERR_INVALID_ADDRESS);
    assert_int_equal(dunlin_listen(NULL, "tcp", "[fe80::1%nosuch0]:0"), DUNLIN_ERR_INVALID_ADDRESS);
}

static void dial_both_ends(const char *host, const char *device)
{
    struct dunlin_listen_config how = DUNLIN_LISTEN_CONFIG_INIT;
    struct dunlin_dialer dialer = DUNLIN_DIALER_INIT;
    struct dunlin_addr addr, peer;
    char text[128];
    how.device = device;
    dialer.device = device;
    dialer.timeout_ms = 5000;
    snprintf(text, sizeof text, "[%s]:0", host);
    dunlin_listener_t listener = dunlin_listen(&how, "tcp", text);
    assert_true(listener > 0);
    assert_int_equal(dunlin_listener_addr(listener, &addr), 0);
    snprintf(text, sizeof text, "[%s]:%u", host, (unsigned)addr.port);
    dunlin_conn_t a = dunlin_dial(&dialer, "tcp", text);
    assert_true(a > 0);
    assert_int_equal(dunlin_conn_remote_addr(a, &peer), 0);
    assert_int_equal(peer.port, addr.port);
    assert_memory_equal(peer.ip, addr.ip, sizeof peer.ip);
    dunlin_listener_set_deadline(listener, dunlin_after_ms(5000));
    dunlin_conn_t b = dunlin_accept(listener);
    assert_true(b > 0);
    assert_int_equal(dunlin_conn_write(a, "x", 1), 1);
    assert_int_equal(dunlin_conn_read(b, text, sizeof text), 1);
    dunlin_conn_close(a);
    dunlin_conn_close(b);
    assert_int_equal(dunlin_listener_close(listener), 0);
}

/* With the zone by name, through every link-local address that this host has. */
static void a_zone_leads_to_its_interface(void **state)
{
    struct dunlin_interface_addr list[MOST];
    struct dunlin_interface interface;
    char host[96], ip[DUNLIN_IP_TEXT_MAX];
    int32_t count = dunlin_interface_addrs(0, list, MOST);
    (void)state;
    dial_both_ends("::1%lo", NULL);
    for (int32_t i = 0; i < count && i < MOST; i++) {
        if (dunlin_ip_class(&list[i].addr) != (DUNLIN_IP_LINK_LOCAL_UNICAST) ||
            list[i].addr.family != DUNLIN_AF_INET6)
            continue;
        assert_int_equal(list[i].addr.scope_id, list[i].index);
        list[i].addr.scope_id = 0;
        assert_true(dunlin_ip_format(&list[i].addr, ip, sizeof ip) > 0);
        assert_int_equal(dunlin_interface_by_index(list[i].index, &interface), 0);
        snprintf(host, sizeof host, "%s%%%s", ip, interface.name);
        dial_both_ends(host, NULL);
    }
}

/* A device for one interface. */
static void a_device_may_be_one_interface(void **state)
{
    struct dunlin_netlink_status status = DUNLIN_NETLINK_STATUS_INIT;
    struct dunlin_dialer dialer = DUNLIN_DIALER_INIT;
    struct dunlin_interface list[MOST];
    int32_t before = dunlin_interfaces(list, MOST);
    uint8_t hardware[DUNLIN_HARDWARE_ADDR_MAX];
    dunlin_netdev_t dev = dunlin_posix_register_on("lo");
    (void)state;
    assert_true(dev > 0);
    assert_int_equal(dunlin_posix_register_on("lo"), DUNLIN_ERR_EXISTS);
    assert_int_equal(dunlin_netlink_status(dev, &status), 0);
    assert_int_equal(status.state, DUNLIN_LINK_UP);
    dial_both_ends("::1", "lo");
    dial_both_ends("127.0.0.1", "lo");
    /* One more interface is told: the device's own, and no other. */
    assert_int_equal(dunlin_interfaces(list, MOST), before + 1);
    assert_string_equal(list[before].name, "lo");
    assert_int_equal(list[before].index, 1);
    assert_int_equal(list[before].device, dev);
    /* The loopback has no hardware address. */
    assert_int_equal(dunlin_netlink_hardware_addr(dev, hardware, sizeof hardware),
                     DUNLIN_ERR_NOT_SUPPORTED);
    assert_int_equal(dunlin_netdev_unregister(dev, dunlin_after_ms(5000)), 0);
    assert_int_equal(dunlin_interfaces(list, MOST), before);

    /* Nothing that is not there is up. */
    dev = dunlin_posix_register_on("nosuch0");
    assert_true(dev > 0);
    assert_int_equal(dunlin_netlink_status(dev, &status), 0);
    assert_int_equal(status.state, DUNLIN_LINK_IDLE);
    dialer.device = "nosuch0";
    assert_int_equal(dunlin_dial(&dialer, "tcp", "127.0.0.1:1"), DUNLIN_ERR_NET_DOWN);
    assert_int_equal(dunlin_interfaces(list, MOST), before);
    assert_int_equal(dunlin_netdev_unregister(dev, dunlin_after_ms(5000)), 0);

    assert_int_equal(dunlin_posix_register_on(NULL), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_posix_register_on(""), DUNLIN_ERR_NO_SUCH_INTERFACE);
    assert_int_equal(dunlin_posix_register_on("sixteen-letters-"), DUNLIN_ERR_NO_SUCH_INTERFACE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        APP_TEST(interfaces_are_those_of_the_host), APP_TEST(what_is_no_interface),
        APP_TEST(addresses_have_their_prefixes),    APP_TEST(zones_are_numbers_and_names),
        APP_TEST(a_zone_leads_to_its_interface),    APP_TEST(a_device_may_be_one_interface),
    };
    return cmocka_run_group_tests(tests, app_up, app_down);
}
