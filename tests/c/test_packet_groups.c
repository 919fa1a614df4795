/*
 * Groups, shared ports and raw IP over the driver of this host, in a network of the test's own: two
 * ends of a cable, as the loopback carries no groups everywhere.
 */
#if !defined(_GNU_SOURCE)
#    define _GNU_SOURCE 1 /* unshare() */
#endif
#include "app.h"

#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

/* The end of the cable that the test is on. */
#define CABLE "v0"

static bool apart; /* there is such a network */

static uint16_t port_of(dunlin_packet_conn_t pc)
{
    struct dunlin_addr addr;
    assert_int_equal(dunlin_packet_conn_local_addr(pc, &addr), 0);
    return addr.port;
}

/* Two receivers of one group on one port, and one of another group; one sender. */
static void a_group_is_received(void **state)
{
    static const struct {
        const char *network, *join, *other, *bind;
    } rows[] = {
        {"udp4", "224.0.0.77", "224.0.0.78", ":0"},
        {"udp6", "ff02::77", "ff02::78", ":0"},
    };
    (void)state;
    if (!apart) {
        printf("skipped: groups, for which this user may make no network\n");
        skip();
    }
    for (size_t i = 0; i < DUNLIN_COUNT(rows); i++) {
        struct dunlin_listen_config config = DUNLIN_LISTEN_CONFIG_INIT;
        struct dunlin_addr group, from;
        char text[64], buf[16];
        config.device = CABLE;
        dunlin_packet_conn_t sender = dunlin_listen_packet(&config, rows[i].network, rows[i].bind);
        assert_true(sender > 0);
        uint16_t port = port_of(sender);
        dunlin_packet_conn_t in[3];
        for (size_t k = 0; k < 3; k++) {
            const char *to = k < 2 ? rows[i].join : rows[i].other;
            snprintf(text, sizeof text, strchr(to, ':') ? "[%s]:%u" : "%s:%u", to, port + 1u);
            in[k] = dunlin_listen_multicast(&config, rows[i].network, text);
            assert_true(in[k] > 0);
            assert_int_equal(port_of(in[k]), port + 1u);
            dunlin_packet_conn_set_deadline(in[k], dunlin_after_ms(5000));
        }
        assert_int_equal(dunlin_addr_parse(rows[i].join, &group), 0);
        group.port = (uint16_t)(port + 1u);
        dunlin_packet_conn_set_deadline(sender, dunlin_after_ms(5000));
        assert_int_equal(dunlin_packet_conn_write_to(sender, "all", 3, &group), 3);
        for (size_t k = 0; k < 2; k++) {
            memset(buf, 0, sizeof buf);
            assert_int_equal(dunlin_packet_conn_read_from(in[k], buf, sizeof buf, &from), 3);
            assert_string_equal(buf, "all");
            assert_int_equal(from.port, port);
        }
        /* What a receiver of the group sends to it does not come back to this host. */
        assert_int_equal(dunlin_packet_conn_write_to(in[0], "quiet", 5, &group), 5);
        dunlin_packet_conn_set_deadline(in[1], dunlin_after_ms(60));
        assert_int_equal(dunlin_packet_conn_read_from(in[1], buf, sizeof buf, &from),
                         DUNLIN_ERR_TIMEOUT);
        /* One that has left hears nothing more; the other does. */
        assert_int_equal(dunlin_packet_conn_leave(in[0], &group, CABLE), 0);
        assert_int_equal(dunlin_packet_conn_close(in[1]), 0);
        assert_int_equal(dunlin_packet_conn_write_to(sender, "gone", 4, &group), 4);
        dunlin_packet_conn_set_deadline(in[0], dunlin_after_ms(60));
        assert_int_equal(dunlin_packet_conn_read_from(in[0], buf, sizeof buf, NULL),
                         DUNLIN_ERR_TIMEOUT);
        dunlin_packet_conn_close(in[0]);
        dunlin_packet_conn_close(in[2]);
        dunlin_packet_conn_close(sender);
    }
    assert_int_equal(dunlin_listen_multicast(NULL, "udp4", "192.0.2.1:9"),
                     DUNLIN_ERR_INVALID_ADDRESS);
    assert_int_equal(dunlin_listen_multicast(NULL, "udp6", "224.0.0.1:9"),
                     DUNLIN_ERR_NO_SUITABLE_ADDRESS);
    assert_int_equal(dunlin_listen_multicast(NULL, "ip4:icmp", "224.0.0.1"),
                     DUNLIN_ERR_UNKNOWN_NETWORK);
}

static void a_port_is_shared_when_all_say_so(void **state)
{
    struct dunlin_listen_config config = DUNLIN_LISTEN_CONFIG_INIT;
    char text[32], buf[8];
    struct dunlin_addr to;
    (void)state;
    config.reuse_port = 1;
    dunlin_packet_conn_t a = dunlin_listen_packet(&config, "udp4", "127.0.0.1:0");
    assert_true(a > 0);
    snprintf(text, sizeof text, "127.0.0.1:%u", port_of(a));
    dunlin_packet_conn_t b = dunlin_listen_packet(&config, "udp4", text);
    assert_true(b > 0);
    assert_int_equal(dunlin_listen_packet(NULL, "udp4", text), DUNLIN_ERR_ADDR_IN_USE);
    /* Each datagram goes to one of them. */
    assert_int_equal(dunlin_addr_parse(text, &to), 0);
    dunlin_packet_conn_set_deadline(a, -1);
    dunlin_packet_conn_set_deadline(b, -1);
    assert_int_equal(dunlin_packet_conn_write_to(b, "one", 3, &to), 3);
    int got = 0;
    for (int i = 0; i < 500 && got == 0; i++) {
        got += dunlin_packet_conn_read_from(a, buf, sizeof buf, NULL) == 3;
        got += dunlin_packet_conn_read_from(b, buf, sizeof buf, NULL) == 3;
        app_sleep(got == 0 ? 5 : 0);
    }
    assert_int_equal(got, 1);
    dunlin_packet_conn_close(a);
    dunlin_packet_conn_close(b);
}

/* An echo over IPv6: the system fills in the checksum and gives no IP header. */
static void raw_ip_over_ipv6(void **state)
{
    static const uint8_t ping[8] = {128, 0, 0, 0, 0x10, 0x12, 0, 1};
    struct dunlin_addr to, from;
    uint8_t buf[64];
    dunlin_ssize_t n;
    dunlin_packet_conn_t pc = dunlin_listen_packet(NULL, "ip6:ipv6-icmp", "::1");
    (void)state;
    if (pc == DUNLIN_ERR_PERMISSION) {
        printf("skipped: raw IP over IPv6, which this user may not have\n");
        skip();
    }
    assert_true(pc > 0);
    dunlin_packet_conn_set_deadline(pc, dunlin_after_ms(5000));
    assert_int_equal(dunlin_addr_parse("::1", &to), 0);
    assert_int_equal(dunlin_packet_conn_write_to(pc, ping, sizeof ping, &to), (int)sizeof ping);
    do {
        n = dunlin_packet_conn_read_from(pc, buf, sizeof buf, &from);
        assert_true(n >= 0);
    } while (n != (int)sizeof ping || buf[0] != 129 || buf[4] != 0x10 || buf[5] != 0x12);
    assert_int_equal(from.family, DUNLIN_AF_INET6);
    assert_int_equal(from.port, 0);
    assert_int_equal(from.ip[15], 1);
    assert_int_equal(dunlin_packet_conn_close(pc), 0);
}

/* The host, and the end of the cable as a device of its own. */
static int up(void **state)
{
    apart = unshare(CLONE_NEWNET) == 0 &&
            system("set -e; ip link set lo up; ip link add " CABLE " type veth peer name v1;"
                   " echo 1 >/proc/sys/net/ipv6/conf/v1/disable_ipv6;"
                   " ip addr add 10.9.0.1/24 dev " CABLE ";"
                   " ip -6 addr add fd09::1/64 dev " CABLE " nodad;"
                   " ip link set " CABLE " up addrgenmode none; ip link set v1 up") == 0;
    if (app_up(state) != 0)
        return -1;
    return apart && dunlin_posix_register_on(CABLE) < 0 ? -1 : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        APP_TEST(a_group_is_received),
        APP_TEST(a_port_is_shared_when_all_say_so),
        APP_TEST(raw_ip_over_ipv6),
    };
    return cmocka_run_group_tests(tests, up, app_down);
}
