/* Links: connecting, events, what a table must have. */
#include "stub_driver.h"

struct radio {
    struct stub s;
    int32_t answer, connected, hardware_len;
    uint32_t connects, disconnects;
    const char *ssid;
    int64_t longest_ms;
};

static int32_t radio_addr(void *ctx, struct dunlin_addr *addrs, uint32_t capacity)
{
    (void)ctx;
    if (capacity > 0) {
        memset(addrs, 0, sizeof *addrs);
        addrs->family = DUNLIN_AF_INET;
        addrs->ip[0] = 10;
    }
    return capacity > 0 ? 1 : 0;
}

static int32_t radio_connect(void *ctx, const struct dunlin_connect_params *params, int64_t deadline)
{
    struct radio *r = ctx;
    int64_t left = dunlin_remaining_ms(deadline);
    r->connects++;
    r->ssid = params->ssid;
    r->longest_ms = left > r->longest_ms ? left : r->longest_ms;
    return r->answer;
}

static int32_t radio_disconnect(void *ctx)
{
    struct radio *r = ctx;
    r->disconnects++;
    return 0;
}

static int32_t radio_notify(void *ctx, dunlin_netdev_t dev)
{
    struct radio *r = ctx;
    app_check(dev > 0);
    return r->connected;
}

static int32_t radio_hardware_addr(void *ctx, uint8_t *addr, uint32_t capacity)
{
    struct radio *r = ctx;
    app_check(capacity >= 20);
    memset(addr, 0x42, 6);
    return r->hardware_len;
}

static const struct dunlin_netlink_ops radio_ops = {
    .size = sizeof(struct dunlin_netlink_ops),
    .net_connect = radio_connect,
    .net_disconnect = radio_disconnect,
    .net_notify = radio_notify,
    .get_hardware_addr = radio_hardware_addr,
};

static struct dunlin_netdev_ops radio_dev_ops;

static void radio_up(struct radio *r, int32_t connected)
{
    memset(r, 0, sizeof *r);
    r->connected = connected;
    r->hardware_len = 6;
    radio_dev_ops = stub_ops;
    radio_dev_ops.addr = radio_addr;
    r->s.dev = dunlin_netdev_register("wlan0", &radio_dev_ops, &r->s);
    assert_true(r->s.dev > 0);
    assert_int_equal(dunlin_netlink_attach(r->s.dev, &radio_ops, r), 0);
}

static struct dunlin_connect_params wifi(void)
{
    struct dunlin_connect_params params = DUNLIN_CONNECT_PARAMS_INIT;
    params.ssid = "home";
    params.passphrase = "correct horse";
    params.country = "CH";
    return params;
}

static struct dunlin_netlink_status status_of(dunlin_netdev_t dev)
{
    struct dunlin_netlink_status status = DUNLIN_NETLINK_STATUS_INIT;
    assert_int_equal(dunlin_netlink_status(dev, &status), 0);
    return status;
}

struct heard {
    uint32_t ups, downs;
    dunlin_netdev_t dev;
    int32_t unregistered;
};

static void hear(void *ctx, dunlin_netdev_t dev, uint32_t event)
{
    struct heard *h = ctx;
    h->dev = dev;
    *(event == DUNLIN_NETLINK_UP ? &h->ups : &h->downs) += 1;
    h->unregistered = dunlin_netdev_unregister(dev, 0); /* it would wait for itself */
}

static void a_device_connects_is_lost_and_connects_again(void **state)
{
    struct dunlin_connect_params params = wifi();
    struct heard h = {0, 0, 0, 0};
    struct radio r;
    dunlin_conn_t conn;
    char buf[4];
    (void)state;
    dunlin_netlink_sub_t sub = dunlin_netlink_subscribe(hear, &h);
    assert_true(sub > 0);
    radio_up(&r, 0);
    assert_int_equal(dunlin_dial(NULL, "tcp", "192.0.2.1:80"), DUNLIN_ERR_NET_DOWN);
    assert_int_equal(status_of(r.s.dev).state, DUNLIN_LINK_IDLE);
    assert_int_equal(dunlin_netlink_connect(r.s.dev, &params, dunlin_after_ms(5000)), 0);
    assert_string_equal(r.ssid, "home");
    assert_in_range(r.longest_ms, 0, 50); /* the task that waits has a deadline of its own */
    assert_int_equal(status_of(r.s.dev).state, DUNLIN_LINK_UP);
    assert_int_equal(status_of(r.s.dev).error, 0);
    assert_int_equal(dunlin_netlink_connect(r.s.dev, &params, 0), DUNLIN_ERR_STATE);
    r.s.recv = 1;
    conn = stub_dial("wlan0");
    dunlin_netlink_notify(r.s.dev, DUNLIN_NETLINK_DOWN);
    assert_int_equal(dunlin_conn_read(conn, buf, sizeof buf), DUNLIN_ERR_NET_DOWN);
    assert_int_equal(dunlin_conn_close(conn), 0);
    assert_int_equal(status_of(r.s.dev).state, DUNLIN_LINK_RESTING);
    assert_int_equal(status_of(r.s.dev).error, DUNLIN_ERR_NET_DOWN);
    assert_int_equal(dunlin_run(dunlin_after_ms(900)), 0); /* the first pause: 250 to 500 ms */
    assert_int_equal(r.connects, 2);
    assert_int_equal(status_of(r.s.dev).state, DUNLIN_LINK_UP);
    assert_int_equal(h.dev, r.s.dev);
    assert_int_equal(h.ups, 2);
    assert_int_equal(h.downs, 1);
    assert_int_equal(h.unregistered, DUNLIN_ERR_REENTRANT);
    assert_int_equal(dunlin_netlink_disconnect(r.s.dev, dunlin_after_ms(5000)), 0);
    assert_int_equal(r.disconnects, 1);
    assert_int_equal(dunlin_netdev_link(r.s.dev, 1), 0); /* it stays down */
    assert_int_equal(dunlin_dial(NULL, "tcp", "192.0.2.1:80"), DUNLIN_ERR_NET_DOWN);
    assert_int_equal(dunlin_netlink_unsubscribe(sub, dunlin_after_ms(5000)), 0);
    stub_down(&r.s);
}

static void connecting_ends_at_its_deadline_and_with_the_last_error(void **state)
{
    struct dunlin_connect_params params = wifi();
    struct radio r;
    (void)state;
    radio_up(&r, 0);
    r.answer = DUNLIN_ERR_TIMEOUT; /* call me again */
    assert_int_equal(dunlin_netlink_connect(r.s.dev, &params, dunlin_after_ms(60)), DUNLIN_ERR_TIMEOUT);
    assert_true(r.connects > 1);
    r.answer = 0;
    assert_int_equal(dunlin_run(dunlin_after_ms(300)), 0); /* it goes on */
    assert_int_equal(status_of(r.s.dev).state, DUNLIN_LINK_UP);
    assert_int_equal(dunlin_netlink_disconnect(r.s.dev, dunlin_after_ms(5000)), 0);
    r.answer = DUNLIN_ERR_DRIVER(17);
    params.retries = 1;
    assert_int_equal(dunlin_netlink_connect(r.s.dev, &params, 0), DUNLIN_ERR_DRIVER(17));
    assert_int_equal(status_of(r.s.dev).state, DUNLIN_LINK_FAILED);
    assert_int_equal(status_of(r.s.dev).failures, 1);
    stub_down(&r.s);
}

static void a_device_that_is_connected_already_says_so(void **state)
{
    struct radio r;
    uint8_t addr[DUNLIN_HARDWARE_ADDR_MAX];
    (void)state;
    radio_up(&r, 1);
    assert_int_equal(status_of(r.s.dev).state, DUNLIN_LINK_UP);
    assert_int_equal(dunlin_netlink_hardware_addr(r.s.dev, addr, sizeof addr), 6);
    assert_int_equal(addr[5], 0x42);
    assert_int_equal(dunlin_netlink_hardware_addr(r.s.dev, addr, 5), DUNLIN_ERR_BUFFER_TOO_SMALL);
    r.hardware_len = 7;
    assert_int_equal(dunlin_netlink_hardware_addr(r.s.dev, addr, sizeof addr),
                     DUNLIN_ERR_DRIVER_BAD_RESULT);
    stub_down(&r.s);
}

static void parameters_that_cannot_be_are_refused(void **state)
{
    struct dunlin_ip_config ip = DUNLIN_IP_CONFIG_INIT;
    struct dunlin_connect_params params;
    struct radio r;
    struct stub plain;
    (void)state;
    radio_up(&r, 0);
#define REFUSED(change, err)                                                       \
    do {                                                                           \
        params = wifi();                                                           \
        change;                                                                    \
        assert_int_equal(dunlin_netlink_connect(r.s.dev, &params, -1), err);       \
    } while (0)
    REFUSED(params.passphrase = "short", DUNLIN_ERR_INVALID);
    REFUSED(params.passphrase = NULL, DUNLIN_ERR_INVALID);
    REFUSED(params.ssid = "", DUNLIN_ERR_INVALID);
    REFUSED(params.ssid = "a name of more than thirty-two byte", DUNLIN_ERR_NAME_TOO_LONG);
    REFUSED(params.country = "C", DUNLIN_ERR_INVALID);
    REFUSED(params.mode = 2, DUNLIN_ERR_INVALID);
    REFUSED(params.auth = 6, DUNLIN_ERR_INVALID);
    REFUSED(params.connect_timeout_ms = -1, DUNLIN_ERR_INVALID);
    REFUSED(params.watchdog_ms = -1, DUNLIN_ERR_INVALID);
    REFUSED(params.ip = &ip, DUNLIN_ERR_INVALID); /* no family */
    ip.addr.family = DUNLIN_AF_INET;
    ip.prefix_len = 33;
    REFUSED(params.ip = &ip, DUNLIN_ERR_INVALID);
    REFUSED(params.size = 0, DUNLIN_ERR_VERSION);
    assert_int_equal(r.connects, 0);
    params = wifi();
    params.auth = DUNLIN_AUTH_OPEN;
    params.passphrase = NULL;
    ip.prefix_len = 24;
    params.ip = &ip;
    assert_int_equal(dunlin_netlink_connect(r.s.dev, &params, dunlin_after_ms(5000)), 0);
    stub_up(&plain, "eth0");
    params = wifi();
    assert_int_equal(dunlin_netlink_connect(plain.dev, &params, -1), DUNLIN_ERR_NOT_SUPPORTED);
    assert_int_equal(dunlin_netlink_disconnect(plain.dev, -1), DUNLIN_ERR_NOT_SUPPORTED);
    stub_down(&plain);
    stub_down(&r.s);
}

static void a_table_is_checked_and_attached_once(void **state)
{
    struct dunlin_netlink_ops ops = radio_ops;
    struct radio r;
    (void)state;
    radio_up(&r, 0);
    assert_int_equal(dunlin_netlink_attach(r.s.dev, &radio_ops, &r), DUNLIN_ERR_EXISTS);
    ops.size = 0;
    assert_int_equal(dunlin_netlink_attach(r.s.dev, &ops, &r), DUNLIN_ERR_VERSION);
    ops.size = sizeof ops;
    ops.poll_ms = 100; /* and nothing to poll with */
    assert_int_equal(dunlin_netlink_attach(r.s.dev, &ops, &r), DUNLIN_ERR_INVALID);
    stub_down(&r.s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        APP_TEST(a_device_connects_is_lost_and_connects_again),
        APP_TEST(connecting_ends_at_its_deadline_and_with_the_last_error),
        APP_TEST(a_device_that_is_connected_already_says_so),
        APP_TEST(parameters_that_cannot_be_are_refused),
        APP_TEST(a_table_is_checked_and_attached_once),
    };
    assert_int_equal(app_init(), 0);
    return cmocka_run_group_tests_name("netlink", tests, NULL, app_down);
}
