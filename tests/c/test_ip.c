/* IP addresses, masks, networks and hardware addresses, as text and by their kind. */
#include "app.h"

static struct dunlin_addr ip(const char *text)
{
    struct dunlin_addr addr;
    assert_int_equal(dunlin_ip_parse(text, &addr), 0);
    return addr;
}

static void addresses_come_back_in_both_forms(void **state)
{
    static const struct {
        const char *in, *plain, *expanded;
    } cases[] = {
        {"192.0.2.1", "192.0.2.1", "192.0.2.1"},
        {"2001:DB8::1", "2001:db8::1", "2001:0db8:0000:0000:0000:0000:0000:0001"},
        {"::ffff:1.2.3.4", "::ffff:1.2.3.4", "0000:0000:0000:0000:0000:ffff:0102:0304"},
        {"fe80::1%007", "fe80::1%7", "fe80:0000:0000:0000:0000:0000:0000:0001%7"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295",
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295",
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295"},
    };
    static const char *const bad[] = {"",      "1.2.3",          "1.2.3.4:80",         "[::1]", "::1%",
                                      "host",  "1.2.3.4%1",      "fe80::1%4294967296", "%1",    "01.2.3.4",
                                      "1::2::3"};
    char text[DUNLIN_IP_TEXT_MAX];
    struct dunlin_addr addr;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        addr = ip(cases[i].in);
        assert_int_equal(dunlin_ip_format(&addr, text, sizeof text), strlen(cases[i].plain));
        assert_string_equal(text, cases[i].plain);
        assert_int_equal(dunlin_ip_format_expanded(&addr, text, sizeof text), strlen(cases[i].expanded));
        assert_string_equal(text, cases[i].expanded);
        assert_int_equal(dunlin_ip_format_expanded(&addr, text, strlen(cases[i].expanded)),
                         DUNLIN_ERR_BUFFER_TOO_SMALL);
    }
    memset(&addr, 0xee, sizeof addr);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(dunlin_ip_parse(bad[i], &addr), DUNLIN_ERR_INVALID_ADDRESS);
    }
    assert_int_equal(addr.family, 0xeeee); /* untouched by every failure */
    assert_int_equal(dunlin_ip_format(&addr, text, sizeof text), DUNLIN_ERR_INVALID_ADDRESS);
    addr.family = 0;
    assert_int_equal(dunlin_ip_format(&addr, text, sizeof text), DUNLIN_ERR_INVALID_ADDRESS);
}

static void ipv4_in_ipv6(void **state)
{
    struct dunlin_addr v4 = ip("192.0.2.1"), mapped = ip("::ffff:192.0.2.1"), v6 = ip("2001:db8::1%3"), other;
    (void)state;
    mapped.port = 80;
    assert_int_equal(dunlin_ip_equal(&v4, &mapped), 1);
    assert_int_equal(dunlin_ip_unmap(&mapped), 1);
    assert_int_equal(mapped.family, DUNLIN_AF_INET);
    assert_int_equal(mapped.port, 80);
    assert_memory_equal(mapped.ip, v4.ip, sizeof v4.ip);
    assert_int_equal(dunlin_ip_map(&mapped), 0);
    assert_int_equal(mapped.family, DUNLIN_AF_INET6);
    assert_int_equal(mapped.port, 80);
    assert_memory_equal(mapped.ip, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\x00\x02\x01", 16);
    other = v6;
    assert_int_equal(dunlin_ip_unmap(&other), 0);
    assert_int_equal(dunlin_ip_map(&other), 0);
    assert_int_equal(other.scope_id, 3);
    assert_int_equal(dunlin_ip_equal(&v6, &other), 1);
    other.scope_id = 4;
    assert_int_equal(dunlin_ip_equal(&v6, &other), 0);
    assert_int_equal(dunlin_ip_equal(&v6, &v4), 0);
    other.family = 0;
    assert_int_equal(dunlin_ip_equal(&v6, &other), DUNLIN_ERR_INVALID_ADDRESS);
    assert_int_equal(dunlin_ip_map(&other), DUNLIN_ERR_INVALID_ADDRESS);
}

static void classes(void **state)
{
    static const struct {
        const char *ip;
        uint32_t want;
    } cases[] = {
        {"0.0.0.0", DUNLIN_IP_UNSPECIFIED},
        {"::1", DUNLIN_IP_LOOPBACK},
        {"::ffff:10.1.2.3", DUNLIN_IP_PRIVATE | DUNLIN_IP_GLOBAL_UNICAST},
        {"239.1.2.3", DUNLIN_IP_MULTICAST},
        {"ff01::1", DUNLIN_IP_MULTICAST | DUNLIN_IP_INTERFACE_LOCAL_MULTICAST},
        {"224.0.0.251", DUNLIN_IP_MULTICAST | DUNLIN_IP_LINK_LOCAL_MULTICAST},
        {"fe80::1%2", DUNLIN_IP_LINK_LOCAL_UNICAST},
        {"192.0.2.1", DUNLIN_IP_GLOBAL_UNICAST},
        {"255.255.255.255", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct dunlin_addr addr = ip(cases[i].ip);
        assert_int_equal(dunlin_ip_class(&addr), cases[i].want);
    }
}

static void masks(void **state)
{
    char text[DUNLIN_IP_TEXT_MAX];
    struct dunlin_addr mask, addr = ip("192.168.1.127"), v6 = ip("2001:db8::1%3");
    (void)state;
    assert_int_equal(dunlin_mask_make(25, DUNLIN_AF_INET, &mask), 0);
    assert_int_equal(dunlin_mask_ones(&mask), 25);
    assert_int_equal(dunlin_mask_format(&mask, text, sizeof text), 8);
    assert_string_equal(text, "ffffff80");
    assert_int_equal(dunlin_ip_format(&mask, text, sizeof text), 15);
    assert_string_equal(text, "255.255.255.128");
    addr.port = 80;
    assert_int_equal(dunlin_ip_mask(&addr, &mask), 0);
    assert_int_equal(addr.port, 80);
    assert_int_equal(dunlin_ip_format(&addr, text, sizeof text), 11);
    assert_string_equal(text, "192.168.1.0");
    assert_int_equal(dunlin_ip_mask(&v6, &mask), DUNLIN_ERR_INVALID_ADDRESS);
    assert_int_equal(dunlin_mask_make(128, DUNLIN_AF_INET6, &mask), 0);
    assert_int_equal(dunlin_mask_ones(&mask), 128);
    assert_int_equal(dunlin_mask_format(&mask, text, sizeof text), 32);
    mask = ip("255.0.255.0");
    assert_int_equal(dunlin_mask_ones(&mask), DUNLIN_ERR_INVALID_ADDRESS);
    assert_int_equal(dunlin_mask_make(33, DUNLIN_AF_INET, &mask), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_mask_make(129, DUNLIN_AF_INET6, &mask), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_mask_make(256 + 24, DUNLIN_AF_INET, &mask), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_mask_make(24, DUNLIN_AF_UNIX, &mask), DUNLIN_ERR_INVALID);
}

static void networks(void **state)
{
    static const char *const bad[] = {"", "1.2.3.4", "1.2.3.4/33", "::/129", "1.2.3.4/-1", "fe80::1%1/64"};
    char text[DUNLIN_PREFIX_TEXT_MAX];
    struct dunlin_prefix net;
    struct dunlin_addr addr, in = ip("::ffff:192.0.2.9"), out = ip("192.0.3.1"), v6 = ip("::1");
    (void)state;
    assert_int_equal(dunlin_prefix_parse("192.0.2.7/24", &net, &addr), 0);
    assert_int_equal(net.bits, 24);
    assert_int_equal(dunlin_prefix_format(&net, text, sizeof text), 12);
    assert_string_equal(text, "192.0.2.0/24");
    assert_int_equal(dunlin_prefix_contains(&net, &addr), 1);
    assert_int_equal(dunlin_prefix_contains(&net, &in), 1);
    assert_int_equal(dunlin_prefix_contains(&net, &out), 0);
    assert_int_equal(dunlin_prefix_contains(&net, &v6), 0);
    assert_int_equal(dunlin_ip_format(&addr, text, sizeof text), 9);
    assert_string_equal(text, "192.0.2.7");
    assert_int_equal(dunlin_prefix_make(&addr, 16, &net), 0);
    assert_int_equal(dunlin_prefix_format(&net, text, sizeof text), 12);
    assert_string_equal(text, "192.0.2.7/16");
    assert_int_equal(dunlin_prefix_mask(&net), 0);
    assert_int_equal(dunlin_prefix_format(&net, text, 12), DUNLIN_ERR_BUFFER_TOO_SMALL);
    assert_int_equal(dunlin_prefix_format(&net, text, 13), 12);
    assert_string_equal(text, "192.0.0.0/16");
    assert_int_equal(dunlin_prefix_make(&in, DUNLIN_PREFIX_DEFAULT, &net), 0);
    assert_int_equal(dunlin_prefix_mask(&net), 0);
    assert_int_equal(dunlin_prefix_format(&net, text, sizeof text), 12);
    assert_string_equal(text, "192.0.2.0/24");
    assert_int_equal(dunlin_prefix_make(&v6, DUNLIN_PREFIX_DEFAULT, &net), DUNLIN_ERR_INVALID_ADDRESS);
    assert_int_equal(dunlin_prefix_make(&addr, 33, &net), DUNLIN_ERR_INVALID);
    net.bits = 33;
    assert_int_equal(dunlin_prefix_contains(&net, &addr), DUNLIN_ERR_INVALID_ADDRESS);
    net.family = DUNLIN_AF_UNIX;
    assert_int_equal(dunlin_prefix_mask(&net), DUNLIN_ERR_INVALID_ADDRESS);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(dunlin_prefix_parse(bad[i], &net, NULL), DUNLIN_ERR_INVALID_ADDRESS);
    }
}

static void hardware_addresses(void **state)
{
    static const char *const forms[] = {"02:00:5E:10:00:00:00:01", "02-00-5e-10-00-00-00-01", "0200.5e10.0000.0001",
                                        "02005e1000000001"};
    static const char *const bad[] = {"", "02:00", "02:00:5e:10:00:00:01", "02:00-5e:10:00:01", "0200.5e10:0001"};
    char text[DUNLIN_MAC_TEXT_MAX];
    struct dunlin_mac mac;
    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        assert_int_equal(dunlin_mac_parse(forms[i], &mac), 0);
        assert_int_equal(mac.len, 8);
        assert_int_equal(dunlin_mac_format(&mac, text, sizeof text), 23);
        assert_string_equal(text, "02:00:5e:10:00:00:00:01");
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(dunlin_mac_parse(bad[i], &mac), DUNLIN_ERR_INVALID_ADDRESS);
    }
    mac.len = 20;
    assert_int_equal(dunlin_mac_format(&mac, text, sizeof text), sizeof text - 1);
    assert_int_equal(dunlin_mac_format(&mac, text, sizeof text - 1), DUNLIN_ERR_BUFFER_TOO_SMALL);
    mac.len = 0;
    assert_int_equal(dunlin_mac_format(&mac, text, 1), 0);
    mac.len = 7;
    assert_int_equal(dunlin_mac_format(&mac, text, sizeof text), DUNLIN_ERR_INVALID_ADDRESS);
    mac.len = 255;
    assert_int_equal(dunlin_mac_format(&mac, text, sizeof text), DUNLIN_ERR_INVALID_ADDRESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_come_back_in_both_forms),
        cmocka_unit_test(ipv4_in_ipv6),
        cmocka_unit_test(classes),
        cmocka_unit_test(masks),
        cmocka_unit_test(networks),
        cmocka_unit_test(hardware_addresses),
    };
    return cmocka_run_group_tests_name("ip", tests, NULL, NULL);
}
