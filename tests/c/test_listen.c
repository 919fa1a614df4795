/* Listeners over the driver of this host. */
#include "app.h"

static void an_accept_waits_until_its_deadline(void **state)
{
    char text[DUNLIN_ADDR_TEXT_MAX];
    dunlin_listener_t listener = app_listen(text, sizeof text);
    struct app_task accepter;
    int64_t until = dunlin_after_ms(50);
    (void)state;
    assert_int_equal(dunlin_listener_set_deadline(listener, until), 0);
    assert_int_equal(dunlin_accept(listener), DUNLIN_ERR_TIMEOUT);
    assert_true(dunlin_now_ms() >= until && dunlin_now_ms() < until + 2000);
    assert_int_equal(dunlin_listener_set_deadline(listener, -1), 0);
    assert_int_equal(dunlin_accept(listener), DUNLIN_ERR_WOULD_BLOCK);

    assert_int_equal(dunlin_listener_set_deadline(listener, 0), 0);
    app_start(&accepter, app_accept, listener);
    app_sleep(30);
    assert_int_equal(dunlin_accept(listener), DUNLIN_ERR_BUSY);
    assert_int_equal(dunlin_listener_close(listener), 0);
    assert_int_equal(app_join(&accepter), DUNLIN_ERR_CLOSED);
    assert_int_equal(dunlin_listener_close(listener), DUNLIN_ERR_BAD_HANDLE);
}

static void a_listener_names_its_address(void **state)
{
    struct dunlin_listen_config config = DUNLIN_LISTEN_CONFIG_INIT;
    struct dunlin_addr addr;
    dunlin_listener_t listener;
    char text[DUNLIN_ADDR_TEXT_MAX];
    (void)state;
    config.device = "posix0";
    config.backlog = 1;
    listener = dunlin_listen(&config, "tcp4", "127.0.0.1:0");
    assert_true(listener > 0);
    assert_int_equal(dunlin_listener_addr(listener, &addr), 0);
    assert_int_equal(addr.family, DUNLIN_AF_INET);
    assert_true(addr.port != 0);
    assert_int_equal(dunlin_listener_addr(listener, NULL), DUNLIN_ERR_INVALID);
    assert_true(dunlin_addr_format(&addr, text, sizeof text) > 0);
    assert_int_equal(dunlin_listen(NULL, "tcp", text), DUNLIN_ERR_ADDR_IN_USE);
    assert_int_equal(dunlin_listener_close(listener), 0);
}

static void a_wildcard_takes_both_families(void **state)
{
    struct dunlin_addr addr;
    dunlin_listener_t listener = dunlin_listen(NULL, "tcp", ":0");
    dunlin_conn_t a, b;
    char port[8], text[DUNLIN_ADDR_TEXT_MAX];
    (void)state;
    assert_true(listener > 0);
    assert_int_equal(dunlin_listener_addr(listener, &addr), 0);
    snprintf(port, sizeof port, "%u", addr.port);
    assert_true(dunlin_join_host_port("127.0.0.1", port, text, sizeof text) > 0);
    a = dunlin_dial(NULL, "tcp", text);
    assert_true(a > 0);
    b = dunlin_accept(listener);
    assert_true(b > 0);
    dunlin_conn_close(a);
    dunlin_conn_close(b);
    assert_int_equal(dunlin_listener_close(listener), 0);
}

/* Go: the OpError of accept. */
static void a_listener_tells_its_last_error(void **state)
{
    struct dunlin_error_info info = DUNLIN_ERROR_INFO_INIT;
    char text[DUNLIN_ADDR_TEXT_MAX], addr[DUNLIN_ADDR_TEXT_MAX];
    dunlin_listener_t listener = app_listen(text, sizeof text);
    (void)state;
    assert_int_equal(dunlin_listener_error(listener, &info), 0);
    assert_int_equal(info.op, DUNLIN_OP_NONE);
    assert_int_equal(info.code, 0);
    dunlin_listener_set_deadline(listener, dunlin_after_ms(10));
    assert_int_equal(dunlin_accept(listener), DUNLIN_ERR_TIMEOUT);
    assert_int_equal(dunlin_listener_error(listener, &info), 0);
    assert_int_equal(info.op, DUNLIN_OP_ACCEPT);
    assert_int_equal(info.code, DUNLIN_ERR_TIMEOUT);
    assert_int_equal(info.source.family, 0);
    assert_true(dunlin_addr_format(&info.addr, addr, sizeof addr) > 0);
    assert_string_equal(addr, text);
    info.size = 0;
    assert_int_equal(dunlin_listener_error(listener, &info), DUNLIN_ERR_VERSION);
    dunlin_listener_close(listener);
    assert_int_equal(dunlin_listener_error(listener, &info), DUNLIN_ERR_BAD_HANDLE);
}

/* A driver's own number comes through, from behind the device that injects it. */
static void a_driver_s_number_is_in_the_error(void **state)
{
    static struct dunlin_netdev_fault fault;
    static const struct dunlin_netdev_fault_step script[] = {
        {DUNLIN_FAULT_OP_ACCEPT, 1, UINT32_MAX, DUNLIN_FAULT_CODE, -10042},
    };
    struct dunlin_netdev_fault_config config = DUNLIN_NETDEV_FAULT_CONFIG_INIT;
    struct dunlin_listen_config how = DUNLIN_LISTEN_CONFIG_INIT;
    struct dunlin_error_info info = DUNLIN_ERROR_INFO_INIT;
    (void)state;
    config.ops = &dunlin_posix_ops;
    config.script = script;
    config.script_len = DUNLIN_COUNT(script);
    assert_int_equal(dunlin_netdev_fault_init(&fault, &config), 0);
    dunlin_netdev_t device = dunlin_netdev_register("fault0", dunlin_netdev_fault_ops(&fault), &fault);
    assert_true(device > 0);
    how.device = "fault0";
    dunlin_listener_t listener = dunlin_listen(&how, "tcp", "127.0.0.1:0");
    assert_true(listener > 0);
    assert_int_equal(dunlin_accept(listener), -10042);
    assert_int_equal(dunlin_listener_error(listener, &info), 0);
    assert_int_equal(info.op, DUNLIN_OP_ACCEPT);
    assert_int_equal(info.code, -10042);
    assert_int_equal(info.driver_code, -10042);
    dunlin_listener_close(listener);
    assert_int_equal(dunlin_netdev_unregister(device, dunlin_after_ms(5000)), 0);
    dunlin_netdev_fault_free(&fault);
}

static void what_cannot_be_listened_on(void **state)
{
    struct dunlin_listen_config config = DUNLIN_LISTEN_CONFIG_INIT;
    (void)state;
    assert_int_equal(dunlin_listen(NULL, "udp", "127.0.0.1:0"), DUNLIN_ERR_UNKNOWN_NETWORK);
    assert_int_equal(dunlin_listen(NULL, "tcp", "127.0.0.1"), DUNLIN_ERR_MISSING_PORT);
    assert_int_equal(dunlin_listen(NULL, "tcp", "localhost:0"), DUNLIN_ERR_INVALID_ADDRESS);
    assert_int_equal(dunlin_listen(NULL, "tcp6", "127.0.0.1:0"), DUNLIN_ERR_NO_SUITABLE_ADDRESS);
    assert_int_equal(dunlin_listen(NULL, NULL, "127.0.0.1:0"), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_listen(NULL, "tcp", NULL), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_listen(NULL, "unixgram", "/tmp/x"), DUNLIN_ERR_UNKNOWN_NETWORK);
    assert_int_equal(dunlin_listen(NULL, "unix", ""), DUNLIN_ERR_MISSING_ADDRESS);
    config.reuse_port = 2;
    assert_int_equal(dunlin_listen(&config, "tcp", ":0"), DUNLIN_ERR_INVALID);
    config.reuse_port = 0;
    config.reserved = 1;
    assert_int_equal(dunlin_listen(&config, "tcp", ":0"), DUNLIN_ERR_VERSION);
    config.reserved = 0;
    config.device = "modem0";
    assert_int_equal(dunlin_listen(&config, "tcp", ":0"), DUNLIN_ERR_NO_DEVICE);
    config.size = 0;
    assert_int_equal(dunlin_listen(&config, "tcp", ":0"), DUNLIN_ERR_VERSION);
}

static void with_the_table_full_nothing_is_accepted(void **state)
{
    struct dunlin_build_config numbers = DUNLIN_BUILD_CONFIG_INIT;
    char text[DUNLIN_ADDR_TEXT_MAX], buf[4];
    dunlin_listener_t listener = app_listen(text, sizeof text);
    dunlin_conn_t conns[1024], last;
    uint32_t n;
    (void)state;
    assert_int_equal(dunlin_build_config(&numbers), 0);
    for (n = 0; n < numbers.max_conns; n++) {
        conns[n] = dunlin_dial(NULL, "tcp", text);
        if (conns[n] < 0) {
            break; /* the listener's queue is full */
        }
        if (n > 0 && n + 1 < numbers.max_conns) {
            conns[++n] = dunlin_accept(listener);
            assert_true(conns[n] > 0);
        }
    }
    assert_int_equal(n, numbers.max_conns);
    assert_int_equal(dunlin_accept(listener), DUNLIN_ERR_NO_SLOT);
    assert_int_equal(dunlin_conn_write(conns[n - 1], "late", 4), 4);
    assert_int_equal(dunlin_conn_close(conns[1]), 0);
    /* Who waited in the queue is still there. */
    last = dunlin_accept(listener);
    assert_true(last > 0);
    dunlin_conn_close(last);
    last = dunlin_accept(listener);
    assert_true(last > 0);
    dunlin_conn_set_read_deadline(last, dunlin_after_ms(5000));
    assert_int_equal(dunlin_conn_read(last, buf, sizeof buf), 4);
    dunlin_conn_close(last);
    dunlin_conn_close(conns[0]);
    for (uint32_t i = 2; i < n; i++) {
        dunlin_conn_close(conns[i]);
    }
    dunlin_listener_close(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        APP_TEST(an_accept_waits_until_its_deadline),
        APP_TEST(a_listener_names_its_address),
        APP_TEST(a_wildcard_takes_both_families),
        APP_TEST(a_listener_tells_its_last_error),
        APP_TEST(a_driver_s_number_is_in_the_error),
        APP_TEST(what_cannot_be_listened_on),
        APP_TEST(with_the_table_full_nothing_is_accepted),
    };
    return cmocka_run_group_tests_name("listen", tests, app_up, app_down);
}
