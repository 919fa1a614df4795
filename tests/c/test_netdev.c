/* Devices: registering, routes, links, and drivers that cannot be believed. */
#include "stub_driver.h"

static void a_device_needs_a_name_and_a_whole_table(void **state)
{
    struct dunlin_netdev_ops ops = stub_ops;
    struct {
        struct dunlin_netdev_ops ops;
        void (*later)(void);
    } newer = {stub_ops, NULL};
    struct stub s;
    dunlin_netdev_t dev;
    (void)state;
    stub_up(&s, "stub0");
    assert_int_equal(dunlin_netdev_register("stub0", &stub_ops, &s), DUNLIN_ERR_EXISTS);
    assert_int_equal(dunlin_netdev_register("", &stub_ops, &s), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_netdev_register("sixteen.letters.", &stub_ops, &s), DUNLIN_ERR_NAME_TOO_LONG);
    assert_int_equal(dunlin_netdev_register(NULL, &stub_ops, &s), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_netdev_register("stub1", NULL, &s), DUNLIN_ERR_INVALID);
    ops.size = 0;
    assert_int_equal(dunlin_netdev_register("stub1", &ops, &s), DUNLIN_ERR_VERSION);
    ops.size = 1 << 20;
    assert_int_equal(dunlin_netdev_register("stub1", &ops, &s), DUNLIN_ERR_VERSION);
    ops.size = sizeof ops;
    ops.recv = NULL;
    assert_int_equal(dunlin_netdev_register("stub1", &ops, &s), DUNLIN_ERR_INVALID);
    newer.ops.size = sizeof newer;
    newer.later = (void (*)(void))dunlin_abi_version;
    assert_int_equal(dunlin_netdev_register("stub1", &newer.ops, &s), DUNLIN_ERR_VERSION);
    newer.later = NULL;
    dev = dunlin_netdev_register("stub1", &newer.ops, &s);
    assert_true(dev > 0);
    assert_int_equal(dunlin_netdev_unregister(dev, 0), 0);
    assert_int_equal(dunlin_netdev_unregister(dev, 0), DUNLIN_ERR_BAD_HANDLE);
    stub_down(&s);
}

static void devices_run_out(void **state)
{
    struct dunlin_build_config numbers = DUNLIN_BUILD_CONFIG_INIT;
    struct stub s[8];
    char name[16];
    uint32_t n;
    (void)state;
    assert_int_equal(dunlin_build_config(&numbers), 0);
    for (n = 0; n < numbers.max_netdevs; n++) {
        snprintf(name, sizeof name, "stub%u", (unsigned)n);
        stub_up(&s[n], name);
    }
    assert_int_equal(dunlin_netdev_register("more", &stub_ops, NULL), DUNLIN_ERR_NO_SLOT);
    while (n > 0) {
        stub_down(&s[--n]);
    }
}

static struct dunlin_route route_to(const char *network, uint32_t prefix_len, uint32_t metric)
{
    struct dunlin_route route;
    memset(&route, 0, sizeof route);
    assert_int_equal(dunlin_addr_parse(network, &route.network), 0);
    route.prefix_len = prefix_len;
    route.metric = metric;
    return route;
}

static void dial_and_close(const char *address)
{
    dunlin_conn_t conn = dunlin_dial(NULL, "tcp", address);
    assert_true(conn > 0);
    assert_int_equal(dunlin_conn_close(conn), 0);
}

static void the_longest_prefix_carries_the_dial(void **state)
{
    struct stub near, far, down;
    struct dunlin_route all = route_to("0.0.0.0", 0, 10), lan = route_to("10.1.0.0", 16, 5);
    struct dunlin_route lan_too = route_to("10.1.0.0", 16, 1);
    (void)state;
    stub_up(&far, "far");
    stub_up(&near, "near");
    stub_up(&down, "down");
    assert_int_equal(dunlin_netdev_add_route(far.dev, &all), 0);
    assert_int_equal(dunlin_netdev_add_route(near.dev, &lan), 0);
    assert_int_equal(dunlin_netdev_add_route(down.dev, &lan_too), 0);
    dial_and_close("10.1.2.3:80");
    assert_int_equal(down.connects, 1); /* the smaller metric */
    assert_int_equal(dunlin_netdev_link(down.dev, 0), 0);
    dial_and_close("10.1.2.3:80");
    assert_int_equal(near.connects, 1); /* the next whose link is up */
    dial_and_close("10.2.2.3:80");
    assert_int_equal(far.connects, 1);
    assert_int_equal(far.peer.port, 80);

    lan.prefix_len = 33;
    assert_int_equal(dunlin_netdev_add_route(near.dev, &lan), DUNLIN_ERR_INVALID);
    lan.prefix_len = 16;
    lan.metric = 65536;
    assert_int_equal(dunlin_netdev_add_route(near.dev, &lan), DUNLIN_ERR_INVALID);
    lan.metric = 0;
    lan.network.family = 0;
    assert_int_equal(dunlin_netdev_add_route(near.dev, &lan), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_netdev_add_route(near.dev, NULL), DUNLIN_ERR_INVALID);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(dunlin_netdev_add_route(near.dev, &all), 0);
    }
    assert_int_equal(dunlin_netdev_add_route(near.dev, &all), DUNLIN_ERR_NO_SLOT);
    stub_down(&far);
    stub_down(&near);
    stub_down(&down);
}

static void a_link_that_falls_takes_its_connections(void **state)
{
    struct stub s;
    dunlin_conn_t conn;
    char buf[4];
    (void)state;
    stub_up(&s, "stub0");
    s.recv = 1;
    conn = stub_dial("stub0");
    assert_int_equal(dunlin_conn_read(conn, buf, sizeof buf), 1);
    assert_int_equal(dunlin_netdev_link(s.dev, 0), 0);
    assert_int_equal(dunlin_conn_read(conn, buf, sizeof buf), DUNLIN_ERR_NET_DOWN);
    assert_int_equal(dunlin_dial(NULL, "tcp", "192.0.2.1:80"), DUNLIN_ERR_NET_DOWN);
    assert_int_equal(dunlin_netdev_link(s.dev, 1), 0);
    assert_int_equal(dunlin_conn_read(conn, buf, sizeof buf), DUNLIN_ERR_NET_DOWN); /* it stays dead */
    assert_int_equal(dunlin_conn_close(conn), 0);
    stub_down(&s);
    assert_int_equal(dunlin_dial(NULL, "tcp", "192.0.2.1:80"), DUNLIN_ERR_NO_NETDEV);
}

static void impossible_answers_are_not_believed(void **state)
{
    static const struct {
        int32_t send, recv;
    } bad[] = {{5, 5}, {0, -1}, {-110, -11}, {-9999, -9999}, {INT32_MAX, INT32_MAX}};
    struct dunlin_error_info info = DUNLIN_ERROR_INFO_INIT;
    struct stub s;
    char buf[4];
    (void)state;
    stub_up(&s, "stub0");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        dunlin_conn_t conn = stub_dial("stub0");
        s.send = bad[i].send;
        assert_int_equal(dunlin_conn_write(conn, "abcd", 4), DUNLIN_ERR_DRIVER_BAD_RESULT);
        assert_int_equal(dunlin_conn_error(conn, &info), 0);
        assert_int_equal(info.op, DUNLIN_OP_WRITE);
        assert_int_equal(info.code, DUNLIN_ERR_DRIVER_BAD_RESULT);
        assert_int_equal(info.driver_code, bad[i].send);
        assert_int_equal(dunlin_conn_close(conn), 0);

        conn = stub_dial("stub0");
        s.recv = bad[i].recv;
        assert_int_equal(dunlin_conn_read(conn, buf, sizeof buf), DUNLIN_ERR_DRIVER_BAD_RESULT);
        assert_int_equal(dunlin_conn_error(conn, &info), 0);
        assert_int_equal(info.driver_code, bad[i].recv);
        /* A broken driver's socket is not used again. */
        s.recv = 1;
        assert_int_equal(dunlin_conn_read(conn, buf, sizeof buf), DUNLIN_ERR_DRIVER_BAD_RESULT);
        assert_int_equal(dunlin_conn_close(conn), 0);
    }
    stub_down(&s);
}

static void a_drivers_own_error_passes_through(void **state)
{
    struct dunlin_error_info info = DUNLIN_ERROR_INFO_INIT;
    struct stub s;
    char buf[4];
    dunlin_conn_t conn;
    (void)state;
    stub_up(&s, "stub0");
    s.connect = DUNLIN_ERR_DRIVER(3);
    assert_int_equal(dunlin_dial(NULL, "tcp", "192.0.2.1:80"), -10003);
    s.connect = 0;
    conn = stub_dial("stub0");
    s.recv = DUNLIN_ERR_DRIVER(7);
    assert_int_equal(dunlin_conn_read(conn, buf, sizeof buf), -10007);
    assert_int_equal(dunlin_conn_error(conn, &info), 0);
    assert_int_equal(info.code, -10007);
    assert_int_equal(info.driver_code, -10007);
    assert_int_equal(dunlin_conn_close(conn), 0);
    stub_down(&s);
}

static dunlin_conn_t inner;

/* Inside a driver only notify and time work. */
static int32_t call_back(struct stub *s)
{
    struct dunlin_poll_item set[] = {DUNLIN_POLL(inner, DUNLIN_READABLE)};
    char buf[1];
    assert_int_equal(dunlin_conn_read(inner, buf, 1), DUNLIN_ERR_REENTRANT);
    assert_int_equal(dunlin_conn_close(inner), DUNLIN_ERR_REENTRANT);
    assert_int_equal(dunlin_netdev_unregister(s->dev, 0), DUNLIN_ERR_REENTRANT);
    assert_int_equal(dunlin_poll(set, 1, 0), DUNLIN_ERR_REENTRANT);
    assert_int_equal(dunlin_dial(NULL, "tcp", "192.0.2.1:80"), DUNLIN_ERR_REENTRANT);
    assert_int_equal(dunlin_run(0), DUNLIN_ERR_REENTRANT);
    assert_int_equal(dunlin_deinit(0), DUNLIN_ERR_REENTRANT);
    dunlin_netdev_notify(s->dev, 0, DUNLIN_READABLE);
    assert_true(dunlin_now_ms() > 0);
    return 1;
}

static void a_driver_cannot_call_back(void **state)
{
    struct stub s;
    char buf[1];
    (void)state;
    stub_up(&s, "stub0");
    s.in_recv = call_back;
    inner = stub_dial("stub0");
    assert_int_equal(dunlin_conn_read(inner, buf, 1), 1);
    assert_int_equal(dunlin_conn_close(inner), 0);
    stub_down(&s);
}

static int32_t stay(struct stub *s)
{
    (void)s;
    app_sleep(150);
    return 1;
}

static void unregister_waits_for_who_is_inside(void **state)
{
    struct app_task reader;
    struct stub s;
    char buf[1];
    (void)state;
    stub_up(&s, "stub0");
    s.in_recv = stay;
    reader.buf = buf;
    reader.len = 1;
    dunlin_conn_t conn = stub_dial("stub0");
    app_start(&reader, app_read, conn);
    app_sleep(50);
    assert_int_equal(dunlin_netdev_unregister(s.dev, -1), DUNLIN_ERR_TIMEOUT);
    assert_int_equal(dunlin_netdev_unregister(s.dev, dunlin_after_ms(5000)), 0);
    assert_int_equal(s.closes, s.sockets);
    app_join(&reader);
    assert_true(reader.result == 1 || reader.result == DUNLIN_ERR_NET_DOWN);
    assert_int_equal(dunlin_conn_read(conn, buf, 1), DUNLIN_ERR_NET_DOWN);
    assert_int_equal(dunlin_conn_close(conn), 0);
}

static void a_notify_for_nobody_does_nothing(void **state)
{
    struct stub s;
    (void)state;
    stub_up(&s, "stub0");
    dunlin_netdev_notify(0, 0, DUNLIN_READABLE);
    dunlin_netdev_notify(-1, -1, UINT32_MAX);
    dunlin_netdev_notify(s.dev, 77, DUNLIN_READABLE | DUNLIN_WRITABLE | DUNLIN_HANGUP | DUNLIN_ERROR);
    dunlin_netdev_notify(s.dev, INT32_MIN, DUNLIN_WORK);
    stub_down(&s);
    dunlin_netdev_notify(s.dev, 0, DUNLIN_WORK);
}

static int bare_up(void **state)
{
    (void)state;
    return app_init();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        APP_TEST(a_device_needs_a_name_and_a_whole_table),
        APP_TEST(devices_run_out),
        APP_TEST(the_longest_prefix_carries_the_dial),
        APP_TEST(a_link_that_falls_takes_its_connections),
        APP_TEST(impossible_answers_are_not_believed),
        APP_TEST(a_drivers_own_error_passes_through),
        APP_TEST(a_driver_cannot_call_back),
        APP_TEST(unregister_waits_for_who_is_inside),
        APP_TEST(a_notify_for_nobody_does_nothing),
    };
    return cmocka_run_group_tests_name("netdev", tests, bare_up, app_down);
}
