/* Time and errors: what works before the library is ready. */
#include "app.h"

static void deadlines(void **state)
{
    int64_t now = dunlin_now_ms(), soon = dunlin_after_ms(1000);
    (void)state;
    assert_true(now >= 1);
    assert_true(soon >= now + 1000 && soon < now + 2000);
    assert_true(dunlin_remaining_ms(soon) > 500 && dunlin_remaining_ms(soon) <= 1000);
    assert_int_equal(dunlin_remaining_ms(0), -1);
    assert_int_equal(dunlin_remaining_ms(1), 0);
    assert_int_equal(dunlin_remaining_ms(-1), 0);
    assert_int_equal(dunlin_remaining_ms(INT64_MIN), 0);
    assert_true(dunlin_after_ms(0) < 0 && dunlin_after_ms(INT64_MIN) < 0);
    assert_true(dunlin_after_ms(INT64_MAX) == INT64_MAX);
}

static void wall_time_is_the_hosts(void **state)
{
    int64_t there = (int64_t)time(NULL), here = dunlin_wall_time_s();
    (void)state;
    assert_true(here >= there && here <= there + 2);
}

static void ticks_survive_their_wrap(void **state)
{
    struct dunlin_tick_clock clock = {0, 0};
    int64_t last;
    (void)state;
    assert_int_equal(dunlin_ticks_to_ms(&clock, 0, 1000), 1);
    last = dunlin_ticks_to_ms(&clock, UINT32_MAX, 1000);
    assert_int_equal(last, (int64_t)UINT32_MAX + 1);
    assert_int_equal(dunlin_ticks_to_ms(&clock, 1, 1000), last + 2);
    assert_int_equal(dunlin_ticks_to_ms(&clock, 0, 1000), last + 2); /* overtaken, no second wrap */
    assert_int_equal(clock.wraps, 1);
    assert_int_equal(dunlin_ticks_to_ms(NULL, 5, 1000), 1);
    assert_int_equal(dunlin_ticks_to_ms(&clock, 5, 0), 1);
}

static void every_result_has_a_text(void **state)
{
    (void)state;
    assert_string_equal(dunlin_strerror(DUNLIN_ERR_TIMEOUT), "i/o timeout");
    assert_string_equal(dunlin_strerror(0), "ok");
    assert_string_equal(dunlin_strerror(INT32_MAX), "ok");
    assert_string_equal(dunlin_strerror(-1), "unknown error");
    assert_string_equal(dunlin_strerror(INT32_MIN), "driver error");
    assert_string_equal(dunlin_strerror(DUNLIN_ERR_DRIVER(0)), "driver error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deadlines),
        cmocka_unit_test(wall_time_is_the_hosts),
        cmocka_unit_test(ticks_survive_their_wrap),
        cmocka_unit_test(every_result_has_a_text),
    };
    return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
