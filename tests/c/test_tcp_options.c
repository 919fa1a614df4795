/* Options of TCP connections and of listeners, over the driver of this host. */
#include "app.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/* The descriptor behind a connection: the one whose own port is the connection's. */
static int descriptor(dunlin_conn_t conn)
{
    struct dunlin_addr local, remote;
    assert_int_equal(dunlin_conn_local_addr(conn, &local), 0);
    assert_int_equal(dunlin_conn_remote_addr(conn, &remote), 0);
    for (int fd = 3; fd < 256; fd++) {
        struct sockaddr_in own, peer;
        socklen_t len = sizeof own, peer_len = sizeof peer;
        if (getsockname(fd, (struct sockaddr *)&own, &len) == 0 && own.sin_family == AF_INET &&
            ntohs(own.sin_port) == local.port &&
            getpeername(fd, (struct sockaddr *)&peer, &peer_len) == 0 &&
            ntohs(peer.sin_port) == remote.port) {
            return fd;
        }
    }
    fail_msg("no descriptor has port %u", local.port);
    return -1;
}

static int option(int fd, int level, int name)
{
    int value = -1;
    socklen_t len = sizeof value;
    assert_int_equal(getsockopt(fd, level, name, &value, &len), 0);
    return value;
}

static void assert_keep_alive(int fd, int on, int idle, int interval, int count)
{
    assert_int_equal(option(fd, SOL_SOCKET, SO_KEEPALIVE), on);
    assert_int_equal(option(fd, IPPROTO_TCP, TCP_KEEPIDLE), idle);
    assert_int_equal(option(fd, IPPROTO_TCP, TCP_KEEPINTVL), interval);
    assert_int_equal(option(fd, IPPROTO_TCP, TCP_KEEPCNT), count);
}

static void connections_begin_with_go_s_defaults(void **state)
{
    dunlin_conn_t a, b;
    (void)state;
    app_pair(&a, &b);
    assert_keep_alive(descriptor(a), 1, 15, 15, 9);
    assert_keep_alive(descriptor(b), 1, 15, 15, 9);
    assert_int_equal(option(descriptor(a), IPPROTO_TCP, TCP_NODELAY), 1);
    assert_int_equal(option(descriptor(b), IPPROTO_TCP, TCP_NODELAY), 1);
    dunlin_conn_close(a);
    dunlin_conn_close(b);
}

static void every_option_reaches_the_socket(void **state)
{
    struct dunlin_keep_alive probes = DUNLIN_KEEP_ALIVE_INIT;
    struct linger linger;
    socklen_t len = sizeof linger;
    dunlin_conn_t a, b;
    (void)state;
    app_pair(&a, &b);
    int fd = descriptor(a);
    assert_int_equal(dunlin_conn_set_no_delay(a, 0), 0);
    assert_int_equal(option(fd, IPPROTO_TCP, TCP_NODELAY), 0);
    assert_int_equal(dunlin_conn_set_no_delay(a, 1), 0);
    assert_int_equal(option(fd, IPPROTO_TCP, TCP_NODELAY), 1);

    probes.idle_s = 70;
    probes.interval_s = -1;
    probes.count = 3;
    assert_int_equal(dunlin_conn_set_keep_alive(a, &probes), 0);
    assert_keep_alive(fd, 1, 70, 15, 3);
    probes.off = 1;
    assert_int_equal(dunlin_conn_set_keep_alive(a, &probes), 0);
    assert_keep_alive(fd, 0, 70, 15, 3);
    assert_int_equal(dunlin_conn_set_keep_alive(a, NULL), 0);
    assert_keep_alive(fd, 1, 15, 15, 9);
    probes.off = 2;
    assert_int_equal(dunlin_conn_set_keep_alive(a, &probes), DUNLIN_ERR_INVALID);
    probes.size = 0;
    assert_int_equal(dunlin_conn_set_keep_alive(a, &probes), DUNLIN_ERR_VERSION);

    assert_int_equal(dunlin_conn_set_linger(a, 5), 0);
    assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &len), 0);
    assert_int_equal(linger.l_onoff, 1);
    assert_int_equal(linger.l_linger, 5);
    assert_int_equal(dunlin_conn_set_linger(a, -7), 0);
    assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &len), 0);
    assert_int_equal(linger.l_onoff, 0);

    /* Linux doubles what is asked. */
    assert_int_equal(dunlin_conn_set_read_buffer(a, 8192), 0);
    assert_int_equal(option(fd, SOL_SOCKET, SO_RCVBUF), 16384);
    assert_int_equal(dunlin_conn_set_write_buffer(a, 16384), 0);
    assert_int_equal(option(fd, SOL_SOCKET, SO_SNDBUF), 32768);
    assert_int_equal(dunlin_conn_set_read_buffer(a, 0), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_conn_set_write_buffer(a, 0x80000000u), DUNLIN_ERR_INVALID);
    dunlin_conn_close(a);
    dunlin_conn_close(b);
}

static void a_linger_of_zero_resets(void **state)
{
    struct dunlin_error_info info = DUNLIN_ERROR_INFO_INIT;
    char buf[4];
    dunlin_conn_t a, b;
    (void)state;
    app_pair(&a, &b);
    assert_int_equal(dunlin_conn_set_linger(a, 0), 0);
    assert_int_equal(dunlin_conn_close(a), 0);
    assert_int_equal(dunlin_conn_read(b, buf, sizeof buf), DUNLIN_ERR_CONN_RESET);
    assert_int_equal(dunlin_conn_error(b, &info), 0);
    assert_int_equal(info.op, DUNLIN_OP_READ);
    assert_int_equal(info.code, DUNLIN_ERR_CONN_RESET);
    dunlin_conn_close(b);
}

static void the_reading_direction_ends_alone(void **state)
{
    struct app_task reader;
    char buf[8];
    dunlin_conn_t a, b;
    (void)state;
    app_pair(&a, &b);
    reader.buf = buf;
    reader.len = sizeof buf;
    app_start(&reader, app_read, a);
    app_sleep(30);
    assert_int_equal(dunlin_conn_close_read(a), 0);
    assert_int_equal(app_join(&reader), 0);
    assert_int_equal(dunlin_conn_read(a, buf, sizeof buf), 0);
    struct dunlin_poll_item item = DUNLIN_POLL(a, DUNLIN_READABLE);
    assert_int_equal(dunlin_poll(&item, 1, dunlin_after_ms(5000)), 1);
    assert_int_equal(item.revents & DUNLIN_READABLE, DUNLIN_READABLE);
    assert_int_equal(dunlin_conn_write(a, "still", 5), 5);
    assert_int_equal(dunlin_conn_read(b, buf, sizeof buf), 5);
    dunlin_conn_close(a);
    dunlin_conn_close(b);
}

static void a_pipe_has_no_options(void **state)
{
    struct dunlin_error_info info = DUNLIN_ERROR_INFO_INIT;
    dunlin_conn_t a, b;
    (void)state;
    assert_int_equal(dunlin_pipe(&a, &b), 0);
    assert_int_equal(dunlin_conn_set_no_delay(a, 1), DUNLIN_ERR_NOT_SUPPORTED);
    assert_int_equal(dunlin_conn_set_keep_alive(a, NULL), DUNLIN_ERR_NOT_SUPPORTED);
    assert_int_equal(dunlin_conn_set_linger(a, 0), DUNLIN_ERR_NOT_SUPPORTED);
    assert_int_equal(dunlin_conn_set_read_buffer(a, 4096), DUNLIN_ERR_NOT_SUPPORTED);
    assert_int_equal(dunlin_conn_set_write_buffer(a, 4096), DUNLIN_ERR_NOT_SUPPORTED);
    assert_int_equal(dunlin_conn_error(a, &info), 0);
    assert_int_equal(info.op, DUNLIN_OP_SET);
    assert_int_equal(dunlin_conn_close_read(a), DUNLIN_ERR_NOT_SUPPORTED);
    dunlin_conn_close(a);
    dunlin_conn_close(b);
}

static void a_listener_gives_its_options(void **state)
{
    struct dunlin_listen_config config = DUNLIN_LISTEN_CONFIG_INIT;
    struct dunlin_keep_alive probes = DUNLIN_KEEP_ALIVE_INIT;
    struct dunlin_addr addr;
    char text[DUNLIN_ADDR_TEXT_MAX];
    (void)state;
    probes.idle_s = 33;
    probes.interval_s = 7;
    probes.count = 4;
    config.keep_alive = &probes;
    config.reuse_port = 1;
    dunlin_listener_t one = dunlin_listen(&config, "tcp", "127.0.0.1:0");
    assert_true(one > 0);
    assert_int_equal(dunlin_listener_addr(one, &addr), 0);
    assert_true(dunlin_addr_format(&addr, text, sizeof text) > 0);
    dunlin_conn_t a = dunlin_dial(NULL, "tcp", text);
    assert_true(a > 0);
    dunlin_conn_t b = dunlin_accept(one);
    assert_true(b > 0);
    assert_keep_alive(descriptor(b), 1, 33, 7, 4);
    assert_keep_alive(descriptor(a), 1, 15, 15, 9);
    dunlin_conn_close(a);
    dunlin_conn_close(b);
    dunlin_listener_t two = dunlin_listen(&config, "tcp", text);
    assert_true(two > 0);
    dunlin_listener_close(two);
    probes.size = 0;
    assert_int_equal(dunlin_listen(&config, "tcp", text), DUNLIN_ERR_VERSION);
    config.keep_alive = NULL;
    config.reuse_port = 0;
    assert_int_equal(dunlin_listen(&config, "tcp", text), DUNLIN_ERR_ADDR_IN_USE);
    dunlin_listener_close(one);
}

static void a_write_of_pieces_counts_what_went_out(void **state)
{
    static char big[1 << 20], sink[65536];
    struct dunlin_iovec pieces[5] = {{"ab", 2}, {NULL, 0}, {"cd", 2}, {big, sizeof big}, {"ef", 2}};
    char buf[4];
    dunlin_conn_t a, b;
    (void)state;
    app_pair(&a, &b);
    memset(big, 'x', sizeof big);
    dunlin_conn_set_read_buffer(b, 4096);
    dunlin_conn_set_write_buffer(a, 4096);
    /* Nobody reads: the deadline ends the write in the fourth piece. */
    assert_int_equal(dunlin_conn_set_write_deadline(a, dunlin_after_ms(250)), 0);
    dunlin_ssize_t n = dunlin_conn_writev(a, pieces, 5);
    assert_true(n > 4 && n < (dunlin_ssize_t)sizeof big);
    assert_int_equal(dunlin_conn_writev(a, pieces, 5), DUNLIN_ERR_TIMEOUT);
    assert_int_equal(dunlin_conn_close_write(a), 0);
    assert_int_equal(dunlin_conn_read(b, buf, 4), 4);
    assert_memory_equal(buf, "abcd", 4);
    dunlin_ssize_t got = 4, r;
    while ((r = dunlin_conn_read(b, sink, sizeof sink)) > 0) {
        got += r;
    }
    assert_int_equal(r, 0);
    assert_int_equal(got, n);
    dunlin_conn_close(a);
    dunlin_conn_close(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        APP_TEST(connections_begin_with_go_s_defaults),
        APP_TEST(every_option_reaches_the_socket),
        APP_TEST(a_linger_of_zero_resets),
        APP_TEST(the_reading_direction_ends_alone),
        APP_TEST(a_pipe_has_no_options),
        APP_TEST(a_listener_gives_its_options),
        APP_TEST(a_write_of_pieces_counts_what_went_out),
    };
    return cmocka_run_group_tests_name("tcp options", tests, app_up, app_down);
}
