/*
 * The helpers of dunlin/driver.h.
 *
 * Build: this file, port/posix/dunlin_port_posix.c; -Iinclude; -lcmocka -pthread.
 */
#include <dunlin/driver.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>

#include <cmocka.h>

static void test_errno(void **state)
{
    (void)state;
    assert_int_equal(dunlin_err_from_errno(ECONNREFUSED), DUNLIN_ERR_CONN_REFUSED);
    assert_int_equal(dunlin_err_from_errno(-ECONNREFUSED), DUNLIN_ERR_CONN_REFUSED);
    assert_int_equal(dunlin_err_from_errno(EWOULDBLOCK), DUNLIN_ERR_WOULD_BLOCK);
    assert_int_equal(dunlin_err_from_errno(ENETDOWN), DUNLIN_ERR_NET_DOWN);
    assert_int_equal(dunlin_err_from_errno(0), DUNLIN_ERR_IO);
    assert_int_equal(dunlin_err_from_errno(ENOENT), -10000 - ENOENT);
    assert_int_equal(dunlin_err_from_errno(INT32_MIN), INT32_MIN + 1);
}

static void test_codes(void **state)
{
    (void)state;
    assert_int_equal(dunlin_driver_error(5), -10005);
    assert_int_equal(dunlin_driver_error(-5), -10005);
    assert_int_equal(dunlin_driver_error(INT32_MAX), INT32_MIN + 1);
    assert_int_equal(dunlin_driver_code(-10005), 5);
    assert_int_equal(dunlin_driver_code(-10000), 0);
    assert_int_equal(dunlin_driver_code(DUNLIN_ERR_IO), -1);
    assert_int_equal(dunlin_driver_code(INT32_MIN), INT32_MAX - 10000);
}

static void test_remaining(void **state)
{
    (void)state;
    assert_int_equal(dunlin_driver_remaining_ms(0), -1);
    assert_int_equal(dunlin_driver_remaining_ms(1), 0);
    assert_int_equal(dunlin_driver_remaining_ms(INT64_MIN), 0);
    assert_int_equal(dunlin_driver_remaining_ms(INT64_MAX), INT32_MAX);
    int32_t left = dunlin_driver_remaining_ms(dunlin_port_now_ms() + 1000);
    assert_true(left > 500 && left <= 1000);
    assert_true(dunlin_driver_remaining_ticks(0, 100) == UINT32_MAX);
    assert_int_equal(dunlin_driver_remaining_ticks(1, 100), 0);
    uint32_t ticks = dunlin_driver_remaining_ticks(dunlin_port_now_ms() + 1001, 100);
    assert_true(ticks > 51 && ticks <= 102);
    assert_true(dunlin_driver_remaining_ticks(INT64_MAX, 1000000000) == UINT32_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errno),
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_remaining),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
