/* Waiting for many, and cancel tokens. */
#include "app.h"

static void nothing_is_ready_until_the_deadline(void **state)
{
    dunlin_cancel_t token = dunlin_cancel_new();
    char text[DUNLIN_ADDR_TEXT_MAX];
    dunlin_listener_t listener = app_listen(text, sizeof text);
    dunlin_conn_t a, b, p, q;
    (void)state;
    app_pair(&a, &b);
    assert_int_equal(dunlin_pipe(&p, &q), 0);
    struct dunlin_poll_item set[] = {
        DUNLIN_POLL(listener, DUNLIN_READABLE),
        DUNLIN_POLL(a, DUNLIN_READABLE),
        DUNLIN_POLL(p, DUNLIN_READABLE | DUNLIN_WRITABLE),
        DUNLIN_POLL(token, DUNLIN_READABLE),
    };
    int64_t until = dunlin_after_ms(50);
    assert_int_equal(dunlin_poll(set, DUNLIN_COUNT(set), until), 0);
    assert_true(dunlin_now_ms() >= until && dunlin_now_ms() < until + 2000);
    assert_int_equal(dunlin_poll(set, DUNLIN_COUNT(set), -1), 0);

    assert_int_equal(dunlin_conn_write(b, "x", 1), 1);
    assert_int_equal(dunlin_poll(set, DUNLIN_COUNT(set), dunlin_after_ms(5000)), 1);
    assert_int_equal(set[1].revents, DUNLIN_READABLE);
    assert_int_equal(set[0].revents | set[2].revents | set[3].revents, 0);

    dunlin_conn_t c = dunlin_dial(NULL, "tcp", text);
    assert_true(c > 0);
    assert_int_equal(dunlin_cancel(token), 0);
    assert_true(dunlin_poll(set, DUNLIN_COUNT(set), dunlin_after_ms(5000)) >= 2);
    assert_int_equal(set[3].revents, DUNLIN_READABLE);
    while (set[0].revents == 0) {
        assert_true(dunlin_poll(set, 1, dunlin_after_ms(5000)) == 1);
    }
    dunlin_conn_close(c);
    dunlin_conn_close(a);
    dunlin_conn_close(b);
    dunlin_conn_close(p);
    dunlin_conn_close(q);
    dunlin_cancel_close(token);
    dunlin_listener_close(listener);
}

static void a_connection_can_be_written(void **state)
{
    dunlin_conn_t a, b;
    (void)state;
    app_pair(&a, &b);
    struct dunlin_poll_item set[] = {DUNLIN_POLL(a, DUNLIN_WRITABLE)};
    assert_int_equal(dunlin_poll(set, 1, dunlin_after_ms(5000)), 1);
    assert_int_equal(set[0].revents, DUNLIN_WRITABLE);
    dunlin_conn_close(a);
    dunlin_conn_close(b);
}

static void *poll_one(void *arg)
{
    struct app_task *task = arg;
    struct dunlin_poll_item set[] = {DUNLIN_POLL(task->handle, task->len)};
    task->result = dunlin_poll(set, 1, dunlin_after_ms(10000));
    task->arg = set[0].revents;
    return NULL;
}

/* The task polls a handle that the other one ends or makes ready. */
static void check_wake(int32_t handle, uint16_t events, int32_t (*act)(int32_t), int32_t on, uint16_t want)
{
    struct app_task poller;
    int64_t began = dunlin_now_ms();
    poller.len = events;
    app_start(&poller, poll_one, handle);
    app_sleep(30);
    assert_int_equal(act(on), 0);
    assert_int_equal(app_join(&poller), 1);
    assert_int_equal(poller.arg, want);
    assert_true(dunlin_now_ms() - began < 5000);
}

static void closing_and_canceling_end_a_poll(void **state)
{
    char text[DUNLIN_ADDR_TEXT_MAX];
    dunlin_conn_t a, b, p, q;
    dunlin_cancel_t token = dunlin_cancel_new();
    (void)state;
    app_pair(&a, &b);
    assert_int_equal(dunlin_pipe(&p, &q), 0);
    check_wake(a, DUNLIN_READABLE, dunlin_conn_close, a, DUNLIN_ERROR);
    check_wake(p, DUNLIN_READABLE, dunlin_conn_close, q, DUNLIN_READABLE); /* the end of the stream */
    dunlin_listener_t listener = app_listen(text, sizeof text);
    check_wake(listener, DUNLIN_READABLE, dunlin_listener_close, listener, DUNLIN_ERROR);
    check_wake(token, DUNLIN_READABLE, dunlin_cancel, token, DUNLIN_READABLE);
    dunlin_cancel_close(token);
    dunlin_conn_close(b);
    dunlin_conn_close(p);
}

/* As an application asks that has no room for one more connection at the moment. */
static void what_is_not_asked_for_does_not_end_a_poll(void **state)
{
    char text[DUNLIN_ADDR_TEXT_MAX];
    dunlin_listener_t listener = app_listen(text, sizeof text);
    dunlin_cancel_t token = dunlin_cancel_new();
    dunlin_conn_t a, b, c = dunlin_dial(NULL, "tcp", text);
    (void)state;
    assert_true(c > 0);
    app_pair(&a, &b);
    assert_int_equal(dunlin_conn_write(b, "x", 1), 1);
    assert_int_equal(dunlin_cancel(token), 0);
    struct dunlin_poll_item set[] = {
        DUNLIN_POLL(listener, DUNLIN_READABLE),
        DUNLIN_POLL(a, DUNLIN_READABLE),
        DUNLIN_POLL(token, DUNLIN_READABLE),
    };
    for (int i = 0; i < 3; i++) {
        assert_int_equal(dunlin_poll(set + i, 1, dunlin_after_ms(5000)), 1);
        set[i].events = 0;
    }
    assert_int_equal(dunlin_poll(set, DUNLIN_COUNT(set), dunlin_after_ms(50)), 0);
    dunlin_conn_close(a);
    dunlin_conn_close(b);
    dunlin_conn_close(c);
    dunlin_cancel_close(token);
    check_wake(listener, 0, dunlin_listener_close, listener, DUNLIN_ERROR);
}

static void a_handle_that_is_none_is_ready_with_an_error(void **state)
{
    struct dunlin_poll_item set[] = {DUNLIN_POLL(0, DUNLIN_READABLE), DUNLIN_POLL(-7, 0), DUNLIN_POLL(INT32_MAX, 0)};
    (void)state;
    assert_int_equal(dunlin_poll(set, DUNLIN_COUNT(set), 0), 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(set[i].revents, DUNLIN_ERROR);
    }
    assert_int_equal(dunlin_poll(NULL, 1, 0), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_poll(set, 65536, 0), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_poll(NULL, 0, -1), 0);
}

static int32_t link_down(int32_t dev)
{
    return dunlin_netdev_link(dev, 0);
}

static int32_t link_up(int32_t dev)
{
    return dunlin_netdev_link(dev, 1);
}

static int32_t unregister(int32_t dev)
{
    return dunlin_netdev_unregister(dev, dunlin_after_ms(5000));
}

static void a_link_that_falls_or_rises_ends_a_poll(void **state)
{
    dunlin_netdev_t dev = dunlin_netdev_register("second0", &dunlin_posix_ops, NULL);
    (void)state;
    assert_true(dev > 0);
    struct dunlin_poll_item set[] = {
        DUNLIN_POLL(dev, DUNLIN_READABLE | DUNLIN_WRITABLE),
        DUNLIN_POLL(dev, 0),
        DUNLIN_POLL(dev, DUNLIN_WRITABLE | DUNLIN_HANGUP),
    };
    assert_int_equal(dunlin_poll(set, DUNLIN_COUNT(set), -1), 2);
    assert_int_equal(set[0].revents, DUNLIN_READABLE | DUNLIN_WRITABLE);
    assert_int_equal(set[2].revents, DUNLIN_WRITABLE);
    check_wake(dev, 0, link_down, dev, DUNLIN_HANGUP);
    assert_int_equal(dunlin_poll(set, DUNLIN_COUNT(set), -1), 2);
    assert_int_equal(set[0].revents, 0);
    assert_int_equal(set[1].revents, DUNLIN_HANGUP);
    assert_int_equal(set[2].revents, DUNLIN_HANGUP);
    check_wake(dev, DUNLIN_READABLE, link_up, dev, DUNLIN_READABLE);
    check_wake(dev, 0, unregister, dev, DUNLIN_ERROR);
}

static void tokens_run_out_and_come_back(void **state)
{
    struct dunlin_build_config numbers = DUNLIN_BUILD_CONFIG_INIT;
    dunlin_cancel_t tokens[64];
    uint32_t n;
    (void)state;
    assert_int_equal(dunlin_build_config(&numbers), 0);
    for (n = 0; n < numbers.max_cancels; n++) {
        tokens[n] = dunlin_cancel_new();
        assert_true(tokens[n] > 0);
    }
    assert_int_equal(dunlin_cancel_new(), DUNLIN_ERR_NO_SLOT);
    for (n = 0; n < numbers.max_cancels; n++) {
        assert_int_equal(dunlin_cancel(tokens[n]), 0);
        assert_int_equal(dunlin_cancel(tokens[n]), 0);
        assert_int_equal(dunlin_cancel_close(tokens[n]), 0);
        assert_int_equal(dunlin_cancel(tokens[n]), DUNLIN_ERR_BAD_HANDLE);
        assert_int_equal(dunlin_cancel_close(tokens[n]), DUNLIN_ERR_BAD_HANDLE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        APP_TEST(nothing_is_ready_until_the_deadline),
        APP_TEST(a_connection_can_be_written),
        APP_TEST(closing_and_canceling_end_a_poll),
        APP_TEST(what_is_not_asked_for_does_not_end_a_poll),
        APP_TEST(a_handle_that_is_none_is_ready_with_an_error),
        APP_TEST(a_link_that_falls_or_rises_ends_a_poll),
        APP_TEST(tokens_run_out_and_come_back),
    };
    return cmocka_run_group_tests_name("poll", tests, app_up, app_down);
}
