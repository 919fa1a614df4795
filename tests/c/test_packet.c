/* Packet connections over the driver of this host. */
#include "app.h"

#include <unistd.h>

static dunlin_packet_conn_t open_at(const char *network, const char *address,
                                    struct dunlin_addr *addr)
{
    dunlin_packet_conn_t pc = dunlin_listen_packet(NULL, network, address);
    assert_true(pc > 0);
    assert_int_equal(dunlin_packet_conn_local_addr(pc, addr), 0);
    assert_int_equal(dunlin_packet_conn_set_deadline(pc, dunlin_after_ms(10000)), 0);
    return pc;
}

static void datagrams_keep_their_bounds(void **state)
{
    static const char *const local[] = {"127.0.0.1:0", "[::1]:0"};
    (void)state;
    for (size_t i = 0; i < DUNLIN_COUNT(local); i++) {
        struct dunlin_addr a_addr, b_addr, from;
        struct dunlin_packet_info info = DUNLIN_PACKET_INFO_INIT;
        char buf[32];
        dunlin_packet_conn_t a = open_at("udp", local[i], &a_addr);
        dunlin_packet_conn_t b = open_at("udp", local[i], &b_addr);
        assert_int_equal(dunlin_packet_conn_write_to(a, "one", 3, &b_addr), 3);
        assert_int_equal(dunlin_packet_conn_write_to(a, NULL, 0, &b_addr), 0);
        assert_int_equal(dunlin_packet_conn_write_to(a, "three", 5, &b_addr), 5);
        assert_int_equal(dunlin_packet_conn_write_to(a, "four", 4, &b_addr), 4);
        assert_int_equal(dunlin_packet_conn_read_from(b, buf, sizeof buf, &from), 3);
        assert_memory_equal(buf, "one", 3);
        assert_int_equal(from.port, a_addr.port);
        assert_memory_equal(from.ip, a_addr.ip, sizeof from.ip);
        /* A datagram of no bytes, not an end. */
        assert_int_equal(dunlin_packet_conn_read_from(b, buf, sizeof buf, NULL), 0);
        /* One that is cut is told in either way. */
        memset(&from, 0, sizeof from);
        memset(buf, 0, sizeof buf);
        assert_int_equal(dunlin_packet_conn_read_from(b, buf, 2, &from), DUNLIN_ERR_MESSAGE_SIZE);
        assert_memory_equal(buf, "th", 3);
        assert_int_equal(from.port, a_addr.port);
        assert_int_equal(dunlin_packet_conn_read_msg(b, buf, 2, &info), 2);
        assert_memory_equal(buf, "fo", 2);
        assert_int_equal(info.flags, DUNLIN_PACKET_TRUNCATED);
        assert_int_equal(info.addr.port, a_addr.port);
        assert_true(info.device > 0);
        /* What was read serves to answer. */
        assert_int_equal(dunlin_packet_conn_write_msg(b, "back", 4, &info), 4);
        assert_int_equal(dunlin_packet_conn_read_msg(a, buf, sizeof buf, &info), 4);
        assert_int_equal(info.flags, 0);
        info.reserved = 1;
        assert_int_equal(dunlin_packet_conn_write_msg(a, "x", 1, &info), DUNLIN_ERR_VERSION);
        info.reserved = 0;
        info.device = 12345;
        assert_int_equal(dunlin_packet_conn_write_msg(a, "x", 1, &info), DUNLIN_ERR_NO_DEVICE);
        assert_int_equal(dunlin_packet_conn_close(a), 0);
        assert_int_equal(dunlin_packet_conn_close(b), 0);
    }
}

static void *read_one(void *arg)
{
    struct app_task *task = arg;
    char buf[8];
    task->result = dunlin_packet_conn_read_from(task->handle, buf, sizeof buf, NULL);
    return NULL;
}

static void a_read_ends_by_deadline_and_close(void **state)
{
    struct dunlin_addr addr;
    struct app_task reader;
    char buf[8];
    dunlin_packet_conn_t pc = open_at("udp4", ":0", &addr);
    (void)state;
    dunlin_packet_conn_set_read_deadline(pc, -1);
    assert_int_equal(dunlin_packet_conn_read_from(pc, buf, 8, NULL), DUNLIN_ERR_WOULD_BLOCK);
    dunlin_packet_conn_set_read_deadline(pc, dunlin_after_ms(30));
    assert_int_equal(dunlin_packet_conn_read_from(pc, buf, 8, NULL), DUNLIN_ERR_TIMEOUT);
    dunlin_packet_conn_set_read_deadline(pc, 0);
    app_start(&reader, read_one, pc);
    app_sleep(30);
    assert_int_equal(dunlin_packet_conn_read_from(pc, buf, 8, NULL), DUNLIN_ERR_BUSY);
    assert_int_equal(dunlin_packet_conn_close(pc), 0);
    assert_int_equal(app_join(&reader), DUNLIN_ERR_CLOSED);
    assert_int_equal(dunlin_packet_conn_close(pc), DUNLIN_ERR_BAD_HANDLE);
}

static void what_cannot_be_sent(void **state)
{
    static char big[70000];
    struct dunlin_addr addr, to;
    struct dunlin_error_info error = DUNLIN_ERROR_INFO_INIT;
    dunlin_packet_conn_t pc = open_at("udp4", "127.0.0.1:0", &addr);
    (void)state;
    to = addr;
    assert_int_equal(dunlin_packet_conn_write_to(pc, big, 65508, &to), DUNLIN_ERR_MESSAGE_SIZE);
    assert_int_equal(dunlin_packet_conn_error(pc, &error), 0);
    assert_int_equal(error.op, DUNLIN_OP_WRITE);
    assert_int_equal(error.code, DUNLIN_ERR_MESSAGE_SIZE);
    assert_int_equal(error.addr.port, addr.port);
    assert_int_equal(error.source.port, addr.port);
    to.port = 0;
    assert_int_equal(dunlin_packet_conn_write_to(pc, big, 1, &to), DUNLIN_ERR_INVALID_ADDRESS);
    to.family = 0;
    assert_int_equal(dunlin_packet_conn_write_to(pc, big, 1, &to), DUNLIN_ERR_INVALID_ADDRESS);
    assert_int_equal(dunlin_addr_parse("[::1]:9", &to), 0);
    assert_int_equal(dunlin_packet_conn_write_to(pc, big, 1, &to), DUNLIN_ERR_INVALID_ADDRESS);
    assert_int_equal(dunlin_packet_conn_close(pc), 0);
}

static void what_cannot_be_received_on(void **state)
{
    struct dunlin_listen_config config = DUNLIN_LISTEN_CONFIG_INIT;
    struct dunlin_addr addr;
    char text[DUNLIN_ADDR_TEXT_MAX];
    dunlin_packet_conn_t pc;
    (void)state;
    assert_int_equal(dunlin_listen_packet(NULL, "tcp", ":0"), DUNLIN_ERR_UNKNOWN_NETWORK);
    assert_int_equal(dunlin_listen_packet(NULL, "unix", "/tmp/x"), DUNLIN_ERR_UNKNOWN_NETWORK);
    assert_int_equal(dunlin_listen_packet(NULL, "ip:no", ""), DUNLIN_ERR_UNKNOWN_PROTOCOL);
    assert_int_equal(dunlin_listen_packet(NULL, "udp", "127.0.0.1"), DUNLIN_ERR_MISSING_PORT);
    assert_int_equal(dunlin_listen_packet(NULL, "udp", "name:0"), DUNLIN_ERR_INVALID_ADDRESS);
    assert_int_equal(dunlin_listen_multicast(NULL, "udp", "127.0.0.1:0"),
                     DUNLIN_ERR_INVALID_ADDRESS);
    config.device = "modem0";
    assert_int_equal(dunlin_listen_packet(&config, "udp", ":0"), DUNLIN_ERR_NO_DEVICE);
    pc = open_at("udp", "127.0.0.1:0", &addr);
    assert_true(dunlin_addr_format(&addr, text, sizeof text) > 0);
    assert_int_equal(dunlin_listen_packet(NULL, "udp", text), DUNLIN_ERR_ADDR_IN_USE);
    assert_int_equal(dunlin_packet_conn_close(pc), 0);
}

static void a_set_tells_of_a_datagram(void **state)
{
    struct dunlin_addr addr;
    dunlin_packet_conn_t pc = open_at("udp", "127.0.0.1:0", &addr);
    struct dunlin_poll_item set[] = {DUNLIN_POLL(pc, DUNLIN_READABLE)};
    char buf[4];
    (void)state;
    assert_int_equal(dunlin_poll(set, 1, dunlin_after_ms(30)), 0);
    assert_int_equal(dunlin_packet_conn_write_to(pc, "me", 2, &addr), 2);
    assert_int_equal(dunlin_poll(set, 1, dunlin_after_ms(5000)), 1);
    assert_int_equal(set[0].revents, DUNLIN_READABLE);
    assert_int_equal(dunlin_packet_conn_read_from(pc, buf, sizeof buf, NULL), 2);
    set[0].events = DUNLIN_READABLE | DUNLIN_WRITABLE;
    assert_int_equal(dunlin_poll(set, 1, dunlin_after_ms(5000)), 1);
    assert_int_equal(set[0].revents, DUNLIN_WRITABLE);
    assert_int_equal(dunlin_packet_conn_close(pc), 0);
    assert_int_equal(dunlin_poll(set, 1, dunlin_after_ms(5000)), 1);
    assert_int_equal(set[0].revents, DUNLIN_ERROR);
}

static void options_and_groups(void **state)
{
    struct dunlin_addr addr, group;
    dunlin_packet_conn_t pc = open_at("udp4", ":0", &addr);
    (void)state;
    assert_int_equal(dunlin_packet_conn_set_read_buffer(pc, 65536), 0);
    assert_int_equal(dunlin_packet_conn_set_write_buffer(pc, 65536), 0);
    assert_int_equal(dunlin_packet_conn_set_write_buffer(pc, 0), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_packet_conn_set_broadcast(pc, 0), 0);
    assert_int_equal(dunlin_addr_parse("255.255.255.255:9", &group), 0);
    assert_int_equal(dunlin_packet_conn_write_to(pc, "x", 1, &group), DUNLIN_ERR_PERMISSION);
    assert_int_equal(dunlin_packet_conn_join(pc, &group, NULL), DUNLIN_ERR_INVALID_ADDRESS);
    /* On the loopback, which is interface 1 of this host. */
    assert_int_equal(dunlin_addr_parse("224.0.0.251", &group), 0);
    group.scope_id = 1;
    assert_int_equal(dunlin_packet_conn_leave(pc, &group, NULL), DUNLIN_ERR_ADDR_NOT_AVAILABLE);
    assert_int_equal(dunlin_packet_conn_join(pc, &group, "nobody"), DUNLIN_ERR_NO_DEVICE);
    assert_int_equal(dunlin_packet_conn_join(pc, &group, "posix0"), 0);
    assert_int_equal(dunlin_packet_conn_leave(pc, &group, "posix0"), 0);
    assert_int_equal(dunlin_packet_conn_close(pc), 0);
}

static void unix_datagrams(void **state)
{
    char path[64], buf[8];
    struct dunlin_addr to;
    dunlin_packet_conn_t pc;
    (void)state;
    snprintf(path, sizeof path, "/tmp/dunlin-test-packet-%d", (int)getpid());
    unlink(path);
    pc = dunlin_listen_packet(NULL, "unixgram", path);
    assert_true(pc > 0);
    memset(&to, 0, sizeof to);
    to.family = DUNLIN_AF_UNIX;
    assert_int_equal(dunlin_packet_conn_write_to(pc, "u", 1, &to), DUNLIN_ERR_INVALID_ADDRESS);
    to.options = path;
    assert_int_equal(dunlin_packet_conn_write_to(pc, "to me", 5, &to), 5);
    dunlin_packet_conn_set_read_deadline(pc, dunlin_after_ms(5000));
    assert_int_equal(dunlin_packet_conn_read_from(pc, buf, sizeof buf, &to), 5);
    assert_int_equal(to.family, DUNLIN_AF_UNIX);
    assert_null(to.options);
    assert_int_equal(dunlin_packet_conn_close(pc), 0);
    unlink(path);
}

/* An echo request to the loopback and its answer, where this user may have raw sockets. */
static void raw_ip(void **state)
{
    static const uint8_t ping[8] = {8, 0, 0xe7, 0xed, 0x10, 0x11, 0, 1};
    struct dunlin_addr to, from;
    uint8_t buf[64];
    dunlin_ssize_t n;
    dunlin_packet_conn_t pc = dunlin_listen_packet(NULL, "ip4:icmp", "127.0.0.1");
    (void)state;
    if (pc == DUNLIN_ERR_PERMISSION) {
        printf("skipped: raw IP, which this user may not have\n");
        skip();
    }
    assert_true(pc > 0);
    dunlin_packet_conn_set_deadline(pc, dunlin_after_ms(5000));
    assert_int_equal(dunlin_addr_parse("127.0.0.1", &to), 0);
    assert_int_equal(dunlin_packet_conn_write_to(pc, ping, sizeof ping, &to), (int)sizeof ping);
    /* The request comes back too; what is read begins behind the IP header. */
    do {
        n = dunlin_packet_conn_read_from(pc, buf, sizeof buf, &from);
        assert_int_equal(n, sizeof ping);
    } while (buf[0] != 0 || buf[4] != 0x10);
    assert_int_equal(from.port, 0);
    assert_int_equal(from.ip[0], 127);
    assert_int_equal(dunlin_packet_conn_close(pc), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        APP_TEST(datagrams_keep_their_bounds),
        APP_TEST(a_read_ends_by_deadline_and_close),
        APP_TEST(what_cannot_be_sent),
        APP_TEST(what_cannot_be_received_on),
        APP_TEST(a_set_tells_of_a_datagram),
        APP_TEST(options_and_groups),
        APP_TEST(unix_datagrams),
        APP_TEST(raw_ip),
    };
    return cmocka_run_group_tests(tests, app_up, app_down);
}
