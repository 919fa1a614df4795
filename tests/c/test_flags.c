/* The flags of an interface as text. */
#include "app.h"

static void flags_are_written_as_go_does(void **state)
{
    char text[DUNLIN_FLAGS_TEXT_MAX];
    (void)state;
    assert_int_equal(dunlin_flags_format(0, text, sizeof text), 1);
    assert_string_equal(text, "0");
    assert_int_equal(
        dunlin_flags_format(DUNLIN_FLAG_UP | DUNLIN_FLAG_BROADCAST | DUNLIN_FLAG_MULTICAST, text, sizeof text), 22);
    assert_string_equal(text, "up|broadcast|multicast");
    assert_int_equal(dunlin_flags_format(DUNLIN_FLAG_LOOPBACK | DUNLIN_FLAG_POINT_TO_POINT | DUNLIN_FLAG_RUNNING |
                                             (1U << 31),
                                         text, sizeof text),
                     29);
    assert_string_equal(text, "loopback|pointtopoint|running");
    assert_int_equal(dunlin_flags_format(UINT32_MAX, text, sizeof text), sizeof text - 1);
    assert_int_equal(dunlin_flags_format(UINT32_MAX, text, sizeof text - 1), DUNLIN_ERR_BUFFER_TOO_SMALL);
    assert_int_equal(dunlin_flags_format(0, text, 0), DUNLIN_ERR_BUFFER_TOO_SMALL);
    assert_int_equal(dunlin_flags_format(0, NULL, 9), DUNLIN_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(flags_are_written_as_go_does)};
    return cmocka_run_group_tests_name("flags", tests, NULL, NULL);
}
