/* Pipes: connections in memory, as Go's net.Pipe. */
#include "app.h"

static char hello[] = "hello";

static void a_write_waits_for_the_reads_that_take_it(void **state)
{
    struct app_task writer = {.buf = hello, .len = 5};
    dunlin_conn_t a, b;
    char buf[8];
    (void)state;
    assert_int_equal(dunlin_pipe(&a, &b), 0);
    app_start(&writer, app_write, a);
    assert_int_equal(dunlin_conn_read(b, buf, 2), 2);
    assert_int_equal(dunlin_conn_read(b, buf + 2, 6), 3);
    assert_memory_equal(buf, hello, 5);
    assert_int_equal(app_join(&writer), 5);
    assert_int_equal(dunlin_conn_close(a), 0);
    assert_int_equal(dunlin_conn_read(b, buf, sizeof buf), 0);
    assert_int_equal(dunlin_conn_write(b, buf, 1), DUNLIN_ERR_CLOSED_PIPE);
    assert_int_equal(dunlin_conn_close(b), 0);
}

static void *write_nothing_then_something(void *arg)
{
    struct app_task *task = arg;
    app_check(dunlin_conn_write(task->handle, NULL, 0) == 0);
    task->result = dunlin_conn_write(task->handle, hello, 5);
    return NULL;
}

static void an_empty_write_is_no_end(void **state)
{
    struct app_task writer;
    dunlin_conn_t a, b;
    char buf[8];
    (void)state;
    assert_int_equal(dunlin_pipe(&a, &b), 0);
    dunlin_conn_set_deadline(a, dunlin_after_ms(5000));
    dunlin_conn_set_deadline(b, dunlin_after_ms(5000));
    app_start(&writer, write_nothing_then_something, a);
    assert_int_equal(dunlin_conn_read(b, buf, sizeof buf), 5);
    assert_int_equal(app_join(&writer), 5);
    dunlin_conn_close(a);
    dunlin_conn_close(b);
}

static void places_run_out_and_come_back(void **state)
{
    struct dunlin_build_config numbers = DUNLIN_BUILD_CONFIG_INIT;
    dunlin_conn_t ends[128];
    dunlin_conn_t a = -1, b = -1;
    uint32_t n;
    (void)state;
    assert_int_equal(dunlin_build_config(&numbers), 0);
    for (n = 0; n < numbers.max_pipes; n++) {
        assert_int_equal(dunlin_pipe(&ends[2 * n], &ends[2 * n + 1]), 0);
    }
    assert_int_equal(dunlin_pipe(&a, &b), DUNLIN_ERR_NO_SLOT);
    assert_true(a == -1 && b == -1);
    for (n = 0; n < 2 * numbers.max_pipes; n++) {
        assert_int_equal(dunlin_conn_close(ends[n]), 0);
    }
    assert_int_equal(dunlin_pipe(&a, NULL), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_pipe(NULL, &b), DUNLIN_ERR_INVALID);
}

static void its_addresses_are_empty(void **state)
{
    struct dunlin_addr addr;
    dunlin_conn_t a, b;
    (void)state;
    assert_int_equal(dunlin_pipe(&a, &b), 0);
    assert_int_equal(dunlin_conn_local_addr(a, &addr), 0);
    assert_int_equal(addr.family, 0);
    assert_int_equal(dunlin_conn_remote_addr(b, &addr), 0);
    assert_int_equal(addr.family, 0);
    dunlin_conn_close(a);
    dunlin_conn_close(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        APP_TEST(a_write_waits_for_the_reads_that_take_it),
        APP_TEST(an_empty_write_is_no_end),
        APP_TEST(places_run_out_and_come_back),
        APP_TEST(its_addresses_are_empty),
    };
    return cmocka_run_group_tests_name("pipe", tests, app_up, app_down);
}
