/* Dialing of what is not TCP, from where, and what a failed dial tells. */
#include "stub_driver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* A UDP socket of the test's own on the loopback, and its address as text. */
static int udp_peer(char *text, size_t capacity)
{
    struct sockaddr_in sin;
    socklen_t len = sizeof sin;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    memset(&sin, 0, sizeof sin);
    sin.sin_family = AF_INET;
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof sin), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
    snprintf(text, capacity, "127.0.0.1:%u", ntohs(sin.sin_port));
    return fd;
}

static void a_udp_connection_keeps_messages(void **state)
{
    const struct dunlin_iovec pieces[3] = {{"one ", 4}, {NULL, 0}, {"piece", 5}};
    struct dunlin_addr local;
    struct sockaddr_in from;
    socklen_t len = sizeof from;
    char text[32], buf[64];
    (void)state;
    int peer = udp_peer(text, sizeof text);
    dunlin_conn_t c = dunlin_dial(NULL, "udp", text);
    assert_true(c > 0);
    dunlin_conn_set_deadline(c, dunlin_after_ms(5000));
    assert_int_equal(dunlin_conn_write(c, "hello", 5), 5);
    assert_int_equal(recvfrom(peer, buf, sizeof buf, 0, (struct sockaddr *)&from, &len), 5);
    assert_int_equal(dunlin_conn_local_addr(c, &local), 0);
    assert_int_equal(ntohs(from.sin_port), local.port);

    assert_int_equal(dunlin_conn_writev(c, pieces, 3), 9);
    assert_int_equal(recv(peer, buf, sizeof buf, 0), 9);
    assert_memory_equal(buf, "one piece", 9);
    assert_int_equal(dunlin_conn_write(c, NULL, 0), 0);
    assert_int_equal(recv(peer, buf, sizeof buf, 0), 0);

    assert_int_equal(sendto(peer, "first", 5, 0, (struct sockaddr *)&from, len), 5);
    assert_int_equal(sendto(peer, "", 0, 0, (struct sockaddr *)&from, len), 0);
    assert_int_equal(sendto(peer, "too long", 8, 0, (struct sockaddr *)&from, len), 8);
    assert_int_equal(sendto(peer, "last", 4, 0, (struct sockaddr *)&from, len), 4);
    struct dunlin_poll_item item = DUNLIN_POLL(c, DUNLIN_READABLE);
    assert_int_equal(dunlin_poll(&item, 1, dunlin_after_ms(5000)), 1);
    assert_int_equal(dunlin_conn_read(c, buf, sizeof buf), 5);
    assert_int_equal(dunlin_conn_read(c, buf, sizeof buf), 0);
    assert_int_equal(dunlin_conn_read(c, buf, 3), DUNLIN_ERR_MESSAGE_SIZE);
    assert_memory_equal(buf, "too", 3);
    assert_int_equal(dunlin_conn_read(c, buf, sizeof buf), 4);
    dunlin_conn_set_read_deadline(c, dunlin_after_ms(30));
    assert_int_equal(dunlin_conn_read(c, buf, sizeof buf), DUNLIN_ERR_TIMEOUT);

    assert_int_equal(dunlin_conn_set_read_buffer(c, 8192), 0);
    assert_int_equal(dunlin_conn_set_no_delay(c, 1), DUNLIN_ERR_NOT_SUPPORTED);
    assert_int_equal(dunlin_conn_set_keep_alive(c, NULL), DUNLIN_ERR_NOT_SUPPORTED);
    assert_int_equal(dunlin_conn_close(c), 0);
    close(peer);
}

static void a_port_that_nobody_has_refuses(void **state)
{
    char text[32], buf[4];
    (void)state;
    close(udp_peer(text, sizeof text));
    dunlin_conn_t c = dunlin_dial(NULL, "udp4", text);
    assert_true(c > 0);
    dunlin_conn_set_deadline(c, dunlin_after_ms(5000));
    assert_int_equal(dunlin_conn_write(c, "x", 1), 1);
    assert_int_equal(dunlin_conn_read(c, buf, sizeof buf), DUNLIN_ERR_CONN_REFUSED);
    /* Told once; the connection goes on. */
    dunlin_conn_set_read_deadline(c, dunlin_after_ms(30));
    assert_int_equal(dunlin_conn_read(c, buf, sizeof buf), DUNLIN_ERR_TIMEOUT);
    dunlin_conn_close(c);
}

static void a_path_is_dialed(void **state)
{
    char path[64], buf[16];
    struct dunlin_addr addr;
    (void)state;
    snprintf(path, sizeof path, "/tmp/dunlin-dial-%ld.sock", (long)getpid());
    unlink(path);
    dunlin_listener_t listener = dunlin_listen(NULL, "unix", path);
    assert_true(listener > 0);
    assert_int_equal(dunlin_listener_addr(listener, &addr), 0);
    assert_int_equal(addr.family, DUNLIN_AF_UNIX);
    dunlin_conn_t a = dunlin_dial(NULL, "unix", path);
    assert_true(a > 0);
    dunlin_conn_t b = dunlin_accept(listener);
    assert_true(b > 0);
    assert_int_equal(dunlin_conn_write(a, "over", 4), 4);
    assert_int_equal(dunlin_conn_close(a), 0);
    assert_int_equal(app_read_all(b, buf, sizeof buf), 4);
    dunlin_conn_close(b);
    dunlin_listener_close(listener);
    assert_int_equal(access(path, F_OK), -1); /* the listener took its name along */
    assert_true(dunlin_dial(NULL, "unix", path) < 0);
}

static void a_path_of_datagrams_is_dialed(void **state)
{
    char path[64], buf[16];
    struct dunlin_error_info info = DUNLIN_ERROR_INFO_INIT;
    (void)state;
    snprintf(path, sizeof path, "/tmp/dunlin-dial-%ld.gram", (long)getpid());
    unlink(path);
    assert_int_equal(dunlin_dial(NULL, "unixgram", path) < 0, 1); /* nobody is there */
    dunlin_packet_conn_t pc = dunlin_listen_packet(NULL, "unixgram", path);
    assert_true(pc > 0);
    dunlin_packet_conn_set_deadline(pc, dunlin_after_ms(5000));
    dunlin_conn_t c = dunlin_dial(NULL, "unixgram", path);
    assert_true(c > 0);
    dunlin_conn_set_deadline(c, dunlin_after_ms(5000));
    assert_int_equal(dunlin_conn_write(c, "one", 3), 3);
    assert_int_equal(dunlin_conn_write(c, NULL, 0), 0);
    assert_int_equal(dunlin_conn_write(c, "three", 5), 5);
    assert_int_equal(dunlin_packet_conn_read_from(pc, buf, sizeof buf, NULL), 3);
    assert_int_equal(dunlin_packet_conn_read_from(pc, buf, sizeof buf, NULL), 0);
    assert_int_equal(dunlin_packet_conn_read_from(pc, buf, 2, NULL), DUNLIN_ERR_MESSAGE_SIZE);
    assert_memory_equal(buf, "th", 2);
    dunlin_conn_set_read_deadline(c, dunlin_after_ms(30));
    assert_int_equal(dunlin_conn_read(c, buf, sizeof buf), DUNLIN_ERR_TIMEOUT);
    assert_int_equal(dunlin_conn_error(c, &info), 0);
    assert_string_equal(info.network, "unixgram");
    dunlin_conn_close(c);
    dunlin_packet_conn_close(pc);
    unlink(path);
}

/* An echo request and its answer: a connected raw socket gets what the peer sends, from behind the
 * IP header. */
static void raw_ip_is_dialed(void **state)
{
    static const uint8_t ping[8] = {8, 0, 0xe7, 0xeb, 0x10, 0x13, 0, 1};
    struct dunlin_error_info info = DUNLIN_ERROR_INFO_INIT;
    uint8_t buf[64];
    dunlin_ssize_t n;
    (void)state;
    dunlin_conn_t c = dunlin_dial(NULL, "ip4:icmp", "127.0.0.1");
    if (c == DUNLIN_ERR_PERMISSION) {
        printf("skipped: raw IP, which this user may not have\n");
        skip();
    }
    assert_true(c > 0);
    dunlin_conn_set_deadline(c, dunlin_after_ms(5000));
    assert_int_equal(dunlin_conn_write(c, ping, sizeof ping), (int)sizeof ping);
    do {
        n = dunlin_conn_read(c, buf, sizeof buf);
        assert_true(n > 0);
    } while (n != (int)sizeof ping || buf[0] != 0 || buf[4] != 0x10 || buf[5] != 0x13);
    dunlin_conn_set_read_deadline(c, dunlin_after_ms(1));
    while (dunlin_conn_read(c, buf, sizeof buf) >= 0) {
    }
    assert_int_equal(dunlin_conn_error(c, &info), 0);
    assert_string_equal(info.network, "ip4:icmp");
    dunlin_conn_close(c);
}

/* Errors tell the network that was asked for, of either end. */
static void the_network_s_name_is_kept(void **state)
{
    static const char *const rows[][2] = {
        {"tcp", "127.0.0.1:0"}, {"tcp4", "127.0.0.1:0"}, {"tcp6", "[::1]:0"}};
    struct dunlin_error_info info = DUNLIN_ERROR_INFO_INIT;
    struct dunlin_dialer dialer = DUNLIN_DIALER_INIT;
    struct dunlin_addr addr;
    char text[DUNLIN_ADDR_TEXT_MAX], buf[4];
    (void)state;
    for (size_t i = 0; i < DUNLIN_COUNT(rows); i++) {
        dunlin_listener_t listener = dunlin_listen(NULL, rows[i][0], rows[i][1]);
        assert_true(listener > 0);
        assert_int_equal(dunlin_listener_addr(listener, &addr), 0);
        assert_true(dunlin_addr_format(&addr, text, sizeof text) > 0);
        dunlin_conn_t ends[2] = {dunlin_dial(NULL, rows[i][0], text), 0};
        ends[1] = dunlin_accept(listener);
        for (size_t k = 0; k < 2; k++) {
            assert_true(ends[k] > 0);
            dunlin_conn_set_read_deadline(ends[k], dunlin_after_ms(1));
            assert_int_equal(dunlin_conn_read(ends[k], buf, sizeof buf), DUNLIN_ERR_TIMEOUT);
            assert_int_equal(dunlin_conn_error(ends[k], &info), 0);
            assert_string_equal(info.network, rows[i][0]);
        }
        dunlin_conn_close(ends[0]);
        dunlin_conn_close(ends[1]);
        dunlin_listener_close(listener);
    }
    dunlin_conn_t c = dunlin_dial(NULL, "udp6", "[::1]:9");
    assert_true(c > 0);
    dunlin_conn_set_read_deadline(c, -1);
    assert_int_equal(dunlin_conn_read(c, buf, sizeof buf), DUNLIN_ERR_WOULD_BLOCK);
    assert_int_equal(dunlin_conn_error(c, &info), 0);
    assert_string_equal(info.network, "udp6");
    dunlin_conn_close(c);
    dialer.error = &info;
    assert_int_equal(dunlin_dial(&dialer, "ip6:ICMP", "127.0.0.1"), DUNLIN_ERR_NO_SUITABLE_ADDRESS);
    assert_string_equal(info.network, "ip6:icmp");
    assert_int_equal(dunlin_dial(&dialer, "ip:89", ""), DUNLIN_ERR_MISSING_ADDRESS);
    assert_string_equal(info.network, "ip"); /* a protocol without a name */
}

static void the_local_address_is_chosen(void **state)
{
    struct dunlin_dialer dialer = DUNLIN_DIALER_INIT;
    struct dunlin_addr from, local, unused;
    char text[DUNLIN_ADDR_TEXT_MAX];
    dunlin_listener_t listener = app_listen(text, sizeof text);
    (void)state;
    /* A port that is free: one that was given just now. */
    dunlin_listener_t other = dunlin_listen(NULL, "tcp", "127.0.0.1:0");
    assert_int_equal(dunlin_listener_addr(other, &unused), 0);
    dunlin_listener_close(other);
    assert_int_equal(dunlin_addr_parse("127.0.0.2", &from), 0);
    from.port = unused.port;
    dialer.local_addr = &from;
    dunlin_conn_t a = dunlin_dial(&dialer, "tcp", text);
    assert_true(a > 0);
    assert_int_equal(dunlin_conn_local_addr(a, &local), 0);
    assert_memory_equal(local.ip, from.ip, 4);
    assert_int_equal(local.port, unused.port);
    dunlin_conn_t b = dunlin_accept(listener);
    assert_true(b > 0);
    dunlin_conn_set_linger(a, 0);
    dunlin_conn_close(a);
    dunlin_conn_close(b);

    assert_int_equal(dunlin_addr_parse("::1", &from), 0);
    assert_int_equal(dunlin_dial(&dialer, "tcp", text), DUNLIN_ERR_NO_SUITABLE_ADDRESS);
    from.family = DUNLIN_AF_UNIX;
    assert_int_equal(dunlin_dial(&dialer, "tcp", text), DUNLIN_ERR_MISMATCHED_ADDRESS);
    memset(&from, 0, sizeof from); /* nothing chosen */
    a = dunlin_dial(&dialer, "tcp", text);
    assert_true(a > 0);
    dunlin_conn_close(a);
    dunlin_conn_close(dunlin_accept(listener));
    dunlin_listener_close(listener);
}

static void a_failed_dial_tells_more(void **state)
{
    struct dunlin_dialer dialer = DUNLIN_DIALER_INIT;
    struct dunlin_error_info info = DUNLIN_ERROR_INFO_INIT;
    struct dunlin_addr local, want;
    struct stub s;
    (void)state;
    stub_up(&s, "stub0");
    assert_int_equal(dunlin_addr_parse("192.0.2.9:7", &want), 0);
    memset(&local, 0, sizeof local);
    dialer.error = &info;
    dialer.device = "stub0";
    s.connect = -5; /* no number of ours */
    assert_int_equal(dunlin_dial(&dialer, "tcp", "192.0.2.9:7"), DUNLIN_ERR_DRIVER_BAD_RESULT);
    assert_int_equal(info.op, DUNLIN_OP_DIAL);
    assert_int_equal(info.code, DUNLIN_ERR_DRIVER_BAD_RESULT);
    assert_int_equal(info.driver_code, -5);
    assert_memory_equal(&info.addr, &want, sizeof want);
    assert_int_equal(info.source.family, 0);
    s.connect = 0;
    dunlin_conn_t c = dunlin_dial(&dialer, "tcp", "192.0.2.9:7");
    assert_true(c > 0);
    assert_int_equal(info.code, 0);
    assert_int_equal(info.op, DUNLIN_OP_NONE);
    dunlin_conn_close(c);
    /* It did not come to an address. */
    assert_int_equal(dunlin_dial(&dialer, "tcp", "192.0.2.9"), DUNLIN_ERR_MISSING_PORT);
    assert_int_equal(info.code, DUNLIN_ERR_MISSING_PORT);
    assert_int_equal(info.addr.family, 0);
    info.size = 0;
    assert_int_equal(dunlin_dial(&dialer, "tcp", "192.0.2.9:7"), DUNLIN_ERR_VERSION);
    assert_int_equal(s.connects, 2);
    stub_down(&s);
    info.size = sizeof info;
    dialer.device = NULL;
    int32_t failed = dunlin_dial(&dialer, "unix", "/nowhere/at/all");
    assert_true(failed < 0);
    assert_int_equal(info.code, failed);
    assert_int_equal(info.addr.family, DUNLIN_AF_UNIX);
    assert_string_equal(info.addr.options, "/nowhere/at/all");
}

static void what_a_device_cannot_is_not_supported(void **state)
{
    struct dunlin_dialer dialer = DUNLIN_DIALER_INIT;
    struct stub s;
    (void)state;
    stub_up(&s, "stub0");
    dialer.device = "stub0"; /* TCP over IPv4 only */
    assert_int_equal(dunlin_dial(&dialer, "udp", "192.0.2.9:7"), DUNLIN_ERR_NOT_SUPPORTED);
    assert_int_equal(dunlin_dial(&dialer, "ip4:icmp", "192.0.2.9"), DUNLIN_ERR_NOT_SUPPORTED);
    assert_int_equal(dunlin_dial(&dialer, "unix", "/tmp/x"), DUNLIN_ERR_NOT_SUPPORTED);
    assert_int_equal(dunlin_dial(&dialer, "tcp", "[2001:db8::1]:7"), DUNLIN_ERR_NET_UNREACHABLE);
    assert_int_equal(s.sockets, 0);
    stub_down(&s);
    assert_int_equal(dunlin_dial(NULL, "ip", "127.0.0.1"), DUNLIN_ERR_UNKNOWN_NETWORK);
    assert_int_equal(dunlin_dial(NULL, "ip:none", "127.0.0.1"), DUNLIN_ERR_UNKNOWN_PROTOCOL);
    assert_int_equal(dunlin_dial(NULL, "udp", "127.0.0.1"), DUNLIN_ERR_MISSING_PORT);
    assert_int_equal(dunlin_dial(NULL, "udp", "127.0.0.1:http"), DUNLIN_ERR_INVALID_PORT);
    assert_int_equal(dunlin_dial(NULL, "unix", ""), DUNLIN_ERR_MISSING_ADDRESS);
    assert_int_equal(dunlin_dial(NULL, "tcp", ""), DUNLIN_ERR_MISSING_ADDRESS);
}

static void the_unspecified_host_is_this_system(void **state)
{
    char text[DUNLIN_ADDR_TEXT_MAX], to[64];
    dunlin_listener_t listener = app_listen(text, sizeof text);
    static const char *const hosts[] = {"", "0.0.0.0"};
    struct dunlin_str host, port;
    (void)state;
    assert_int_equal(dunlin_split_host_port(text, &host, &port), 0);
    for (size_t i = 0; i < 2; i++) {
        snprintf(to, sizeof to, "%s:%.*s", hosts[i], DUNLIN_STR_ARG(port));
        dunlin_conn_t a = dunlin_dial(NULL, "tcp", to);
        assert_true(a > 0);
        dunlin_conn_close(a);
        dunlin_conn_close(dunlin_accept(listener));
    }
    dunlin_listener_close(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        APP_TEST(a_udp_connection_keeps_messages),
        APP_TEST(a_port_that_nobody_has_refuses),
        APP_TEST(a_path_is_dialed),
        APP_TEST(a_path_of_datagrams_is_dialed),
        APP_TEST(raw_ip_is_dialed),
        APP_TEST(the_network_s_name_is_kept),
        APP_TEST(the_local_address_is_chosen),
        APP_TEST(a_failed_dial_tells_more),
        APP_TEST(what_a_device_cannot_is_not_supported),
        APP_TEST(the_unspecified_host_is_this_system),
    };
    return cmocka_run_group_tests_name("dial networks", tests, app_up, app_down);
}
