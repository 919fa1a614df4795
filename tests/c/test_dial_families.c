/* Dialing a name that has both families: real sockets on the loopback. */
#include "app.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* The driver of this host, but every name is ::1 and 127.0.0.1. */
static struct dunlin_netdev_ops ops;

static int32_t both(void *ctx, const char *name, uint32_t family, struct dunlin_addr *addrs, uint32_t capacity,
                    int64_t deadline)
{
    uint32_t count = 0;
    (void)ctx;
    (void)name;
    (void)deadline;
    memset(addrs, 0, capacity * sizeof *addrs);
    if (family != DUNLIN_AF_INET) {
        addrs[count].family = DUNLIN_AF_INET6;
        addrs[count++].ip[15] = 1;
    }
    if (family != DUNLIN_AF_INET6) {
        addrs[count].family = DUNLIN_AF_INET;
        addrs[count].ip[0] = 127;
        addrs[count++].ip[3] = 1;
    }
    return (int32_t)count;
}

static dunlin_netdev_t dev;

static int up(void **state)
{
    app_up(state);
    memcpy(&ops, &dunlin_posix_ops, sizeof ops);
    ops.get_host_by_name = both;
    dev = dunlin_netdev_register("both0", &ops, NULL);
    assert_true(dev > 0);
    return 0;
}

/* A listener on ::1 with this port whose backlog is full: a further connect is not answered. */
static int black_hole(uint16_t port, int fill[], size_t count)
{
    struct sockaddr_in6 sin6;
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    memset(&sin6, 0, sizeof sin6);
    sin6.sin6_family = AF_INET6;
    sin6.sin6_addr = in6addr_loopback;
    sin6.sin6_port = htons(port);
    assert_int_equal(bind(fd, (struct sockaddr *)&sin6, sizeof sin6), 0);
    assert_int_equal(listen(fd, 0), 0);
    for (size_t i = 0; i < count; i++) {
        fill[i] = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)!connect(fill[i], (struct sockaddr *)&sin6, sizeof sin6);
    }
    return fd;
}

static dunlin_conn_t dial(const char *text)
{
    struct dunlin_dialer dialer = DUNLIN_DIALER_INIT;
    struct dunlin_str host, port;
    char named[64];
    assert_int_equal(dunlin_split_host_port(text, &host, &port), 0);
    snprintf(named, sizeof named, "both.example:%.*s", DUNLIN_STR_ARG(port));
    dialer.device = "both0";
    dialer.timeout_ms = 20000;
    return dunlin_dial(&dialer, "tcp", named);
}

static void assert_family(dunlin_conn_t conn, uint16_t family)
{
    struct dunlin_addr peer;
    assert_true(conn > 0);
    assert_int_equal(dunlin_conn_remote_addr(conn, &peer), 0);
    assert_int_equal(peer.family, family);
    assert_int_equal(dunlin_conn_close(conn), 0);
}

static void a_refused_family_gives_way(void **state)
{
    char text[DUNLIN_ADDR_TEXT_MAX];
    dunlin_listener_t listener = app_listen(text, sizeof text); /* IPv4 only */
    (void)state;
    assert_family(dial(text), DUNLIN_AF_INET);
    dunlin_conn_close(dunlin_accept(listener));
    dunlin_listener_close(listener);
    assert_int_equal(dial(text), DUNLIN_ERR_CONN_REFUSED);
}

static void the_first_family_wins_when_both_answer(void **state)
{
    struct dunlin_addr addr;
    char text[DUNLIN_ADDR_TEXT_MAX];
    dunlin_listener_t listener = dunlin_listen(NULL, "tcp", ":0");
    (void)state;
    assert_true(listener > 0);
    assert_int_equal(dunlin_listener_addr(listener, &addr), 0);
    assert_true(dunlin_addr_format(&addr, text, sizeof text) > 0);
    assert_family(dial(text), DUNLIN_AF_INET6);
    dunlin_conn_close(dunlin_accept(listener));
    dunlin_listener_close(listener);
}

static void a_silent_family_is_not_waited_for(void **state)
{
    struct dunlin_addr addr;
    char text[DUNLIN_ADDR_TEXT_MAX];
    dunlin_listener_t listener = app_listen(text, sizeof text);
    int fill[4];
    (void)state;
    assert_int_equal(dunlin_listener_addr(listener, &addr), 0);
    int hole = black_hole(addr.port, fill, 4);
    int64_t began = dunlin_now_ms();
    assert_family(dial(text), DUNLIN_AF_INET);
    int64_t took = dunlin_now_ms() - began;
    assert_true(took >= 300 && took < 5000);
    for (size_t i = 0; i < 4; i++) {
        close(fill[i]);
    }
    close(hole);
    dunlin_conn_close(dunlin_accept(listener));
    dunlin_listener_close(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        APP_TEST(a_refused_family_gives_way),
        APP_TEST(the_first_family_wins_when_both_answer),
        APP_TEST(a_silent_family_is_not_waited_for),
    };
    return cmocka_run_group_tests_name("dial families", tests, up, app_down);
}
