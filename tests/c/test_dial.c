/* Dialing. */
#include "stub_driver.h"

static void what_cannot_be_dialed(void **state)
{
    struct dunlin_dialer dialer = DUNLIN_DIALER_INIT;
    struct dunlin_keep_alive absurd = {UINT32_MAX, 0, 0, 0, 0};
    char longest[512];
    (void)state;
    assert_int_equal(dunlin_dial(NULL, "tcp", "127.0.0.1:1"), DUNLIN_ERR_CONN_REFUSED);
    assert_int_equal(dunlin_dial(NULL, "sctp", "127.0.0.1:1"), DUNLIN_ERR_UNKNOWN_NETWORK);
    assert_int_equal(dunlin_dial(NULL, "tcp", "127.0.0.1"), DUNLIN_ERR_MISSING_PORT);
    assert_int_equal(dunlin_dial(NULL, "tcp", "::1:80"), DUNLIN_ERR_TOO_MANY_COLONS);
    assert_int_equal(dunlin_dial(NULL, "tcp", "127.0.0.1:http!"), DUNLIN_ERR_INVALID_PORT);
    assert_int_equal(dunlin_dial(NULL, "tcp6", "127.0.0.1:1"), DUNLIN_ERR_NO_SUITABLE_ADDRESS);
    assert_int_equal(dunlin_dial(NULL, "tcp", "bad name:1"), DUNLIN_ERR_NO_SUCH_HOST);
    assert_int_equal(dunlin_dial(NULL, NULL, "127.0.0.1:1"), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_dial(NULL, "tcp", NULL), DUNLIN_ERR_INVALID);
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(dunlin_dial(NULL, "tcp", longest), DUNLIN_ERR_NAME_TOO_LONG);
    assert_int_equal(dunlin_dial(NULL, longest, "127.0.0.1:1"), DUNLIN_ERR_NAME_TOO_LONG);
    dialer.device = "modem0";
    assert_int_equal(dunlin_dial(&dialer, "tcp", "127.0.0.1:1"), DUNLIN_ERR_NO_DEVICE);
    dialer.device = NULL;
    dialer.cancel = 12345;
    assert_int_equal(dunlin_dial(&dialer, "tcp", "127.0.0.1:1"), DUNLIN_ERR_BAD_HANDLE);
    dialer.cancel = 0;
    dialer.keep_alive = &absurd;
    assert_int_equal(dunlin_dial(&dialer, "tcp", "127.0.0.1:1"), DUNLIN_ERR_VERSION);
    dialer.keep_alive = NULL;
    dialer.size = UINT32_MAX;
    assert_int_equal(dunlin_dial(&dialer, "tcp", "127.0.0.1:1"), DUNLIN_ERR_VERSION);
    dialer.size = sizeof dialer;
    dialer.deadline = -1;
    assert_int_equal(dunlin_dial(&dialer, "tcp", "127.0.0.1:1"), DUNLIN_ERR_TIMEOUT);
}

static void a_dial_ends_with_its_time(void **state)
{
    struct dunlin_dialer dialer = DUNLIN_DIALER_INIT;
    struct stub s;
    int64_t began = dunlin_now_ms();
    (void)state;
    stub_up(&s, "stub0");
    s.connect = DUNLIN_ERR_TIMEOUT;
    dialer.device = "stub0";
    dialer.timeout_ms = 120;
    assert_int_equal(dunlin_dial(&dialer, "tcp", "192.0.2.1:80"), DUNLIN_ERR_TIMEOUT);
    assert_true(dunlin_now_ms() - began >= 120 && dunlin_now_ms() - began < 3000);
    dialer.timeout_ms = DUNLIN_NO_TIMEOUT;
    dialer.deadline = dunlin_after_ms(60); /* only tightens */
    assert_int_equal(dunlin_dial(&dialer, "tcp", "192.0.2.1:80"), DUNLIN_ERR_TIMEOUT);
    stub_down(&s);
}

static void *dial_under(void *arg)
{
    struct app_task *task = arg;
    struct dunlin_dialer dialer = DUNLIN_DIALER_INIT;
    dialer.device = "stub0";
    dialer.timeout_ms = 20000;
    dialer.cancel = task->handle;
    task->result = dunlin_dial(&dialer, "tcp", "192.0.2.1:80");
    return NULL;
}

static void another_task_cancels(void **state)
{
    dunlin_cancel_t token = dunlin_cancel_new();
    struct app_task dialer;
    struct stub s;
    int64_t began = dunlin_now_ms();
    (void)state;
    stub_up(&s, "stub0");
    s.connect = DUNLIN_ERR_TIMEOUT;
    app_start(&dialer, dial_under, token);
    app_sleep(60);
    assert_int_equal(dunlin_cancel(token), 0);
    assert_int_equal(app_join(&dialer), DUNLIN_ERR_CANCELED);
    assert_true(dunlin_now_ms() - began < 5000);
    /* Once canceled, it stays so. */
    app_start(&dialer, dial_under, token);
    assert_int_equal(app_join(&dialer), DUNLIN_ERR_CANCELED);
    assert_int_equal(dunlin_cancel_close(token), 0);
    stub_down(&s);
}

static void a_name_is_looked_up(void **state)
{
    char text[DUNLIN_ADDR_TEXT_MAX], named[64];
    dunlin_listener_t listener = app_listen(text, sizeof text);
    dunlin_conn_t a, b;
    struct dunlin_str host, port;
    (void)state;
    assert_int_equal(dunlin_split_host_port(text, &host, &port), 0);
    snprintf(named, sizeof named, "localhost:%.*s", DUNLIN_STR_ARG(port));
    a = dunlin_dial(NULL, "tcp4", named);
    assert_true(a > 0);
    b = dunlin_accept(listener);
    assert_true(b > 0);
    dunlin_conn_close(a);
    dunlin_conn_close(b);
    dunlin_listener_close(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        APP_TEST(what_cannot_be_dialed),
        APP_TEST(a_dial_ends_with_its_time),
        APP_TEST(another_task_cancels),
        APP_TEST(a_name_is_looked_up),
    };
    return cmocka_run_group_tests_name("dial", tests, app_up, app_down);
}
