/* Errors as text and by their class. */
#include "app.h"

static void an_error_is_written_as_go_does(void **state)
{
    struct dunlin_error_info info = DUNLIN_ERROR_INFO_INIT;
    char text[160];
    (void)state;
    assert_int_equal(dunlin_error_format(&info, text, sizeof text), 5);
    assert_string_equal(text, "<nil>");
    info.op = DUNLIN_OP_DIAL;
    info.network = "tcp4";
    info.code = DUNLIN_ERR_CONN_REFUSED;
    assert_int_equal(dunlin_addr_parse("192.0.2.1:80", &info.addr), 0);
    assert_true(dunlin_error_format(&info, text, sizeof text) > 0);
    assert_string_equal(text, "dial tcp4 192.0.2.1:80: connection refused");
    assert_int_equal(dunlin_addr_parse("[fe80::1%2]:9", &info.source), 0);
    info.op = DUNLIN_OP_WRITE;
    info.code = DUNLIN_ERR_DRIVER(42);
    assert_true(dunlin_error_format(&info, text, sizeof text) > 0);
    assert_string_equal(text, "write tcp4 [fe80::1%2]:9->192.0.2.1:80: driver error -10042");
    assert_int_equal(dunlin_error_format(&info, text, strlen(text)), DUNLIN_ERR_BUFFER_TOO_SMALL);
    memset(&info.source, 0, sizeof info.source);
    info.network = NULL;
    info.op = DUNLIN_OP_LISTEN;
    info.addr.family = DUNLIN_AF_UNIX;
    info.addr.options = "/run/x";
    info.code = DUNLIN_ERR_ADDR_IN_USE;
    assert_true(dunlin_error_format(&info, text, sizeof text) > 0);
    assert_string_equal(text, "listen /run/x: address already in use");
    info.addr.family = 9;
    assert_int_equal(dunlin_error_format(&info, text, sizeof text), DUNLIN_ERR_INVALID_ADDRESS);
    info.addr.family = 0;
    info.op = 99;
    assert_int_equal(dunlin_error_format(&info, text, sizeof text), DUNLIN_ERR_INVALID);
    info.size = 0;
    assert_int_equal(dunlin_error_format(&info, text, sizeof text), DUNLIN_ERR_VERSION);
}

static void the_words_of_operations(void **state)
{
    static const char *const words[] = {"",      "dial",   "read",   "write",
                                        "close", "accept", "listen", "set"};
    char text[64], want[64];
    (void)state;
    for (uint32_t op = 0; op < sizeof words / sizeof words[0]; op++) {
        struct dunlin_error_info info = DUNLIN_ERROR_INFO_INIT;
        info.op = op;
        info.code = DUNLIN_ERR_CLOSED;
        info.network = "tcp";
        snprintf(want, sizeof want, "%s tcp: use of closed network connection", words[op]);
        assert_int_equal(dunlin_error_format(&info, text, sizeof text), strlen(want));
        assert_string_equal(text, want);
    }
}

static void the_error_of_a_connection(void **state)
{
    struct dunlin_error_info info = DUNLIN_ERROR_INFO_INIT;
    char text[160], want[160], local[DUNLIN_ADDR_TEXT_MAX], remote[DUNLIN_ADDR_TEXT_MAX];
    dunlin_conn_t a, b;
    (void)state;
    app_pair(&a, &b);
    assert_int_equal(dunlin_conn_set_read_deadline(a, dunlin_after_ms(1)), 0);
    assert_int_equal(dunlin_conn_read(a, text, 1), DUNLIN_ERR_TIMEOUT);
    assert_int_equal(dunlin_conn_error(a, &info), 0);
    assert_string_equal(info.network, "tcp");
    assert_true(dunlin_addr_format(&info.source, local, sizeof local) > 0);
    assert_true(dunlin_addr_format(&info.addr, remote, sizeof remote) > 0);
    snprintf(want, sizeof want, "read tcp %s->%s: i/o timeout", local, remote);
    assert_int_equal(dunlin_error_format(&info, text, sizeof text), strlen(want));
    assert_string_equal(text, want);
    assert_int_equal(dunlin_conn_close(a), 0);
    assert_int_equal(dunlin_conn_close(b), 0);

    assert_int_equal(dunlin_pipe(&a, &b), 0);
    assert_int_equal(dunlin_conn_set_read_deadline(a, dunlin_after_ms(1)), 0);
    assert_int_equal(dunlin_conn_read(a, text, 1), DUNLIN_ERR_TIMEOUT);
    assert_int_equal(dunlin_conn_error(a, &info), 0);
    assert_true(dunlin_error_format(&info, text, sizeof text) > 0);
    assert_string_equal(text, "read pipe: i/o timeout");
    assert_int_equal(dunlin_conn_close(a), 0);
    assert_int_equal(dunlin_conn_close(b), 0);
}

static void classes(void **state)
{
    (void)state;
    assert_int_equal(dunlin_error_is_timeout(DUNLIN_ERR_TIMEOUT), 1);
    assert_int_equal(dunlin_error_is_timeout(DUNLIN_ERR_WOULD_BLOCK), 1);
    assert_int_equal(dunlin_error_is_timeout(DUNLIN_ERR_CANCELED), 0);
    assert_int_equal(dunlin_error_is_timeout(0), 0);
    assert_int_equal(dunlin_error_is_timeout(5), 0);
    assert_int_equal(dunlin_error_is_timeout(DUNLIN_ERR_DRIVER(1)), 0);
    assert_int_equal(dunlin_error_is_temporary(DUNLIN_OP_READ, DUNLIN_ERR_TIMEOUT), 1);
    assert_int_equal(dunlin_error_is_temporary(DUNLIN_OP_DIAL, DUNLIN_ERR_NO_SOCKETS), 1);
    assert_int_equal(dunlin_error_is_temporary(DUNLIN_OP_DIAL, DUNLIN_ERR_NAME_SERVER), 1);
    assert_int_equal(dunlin_error_is_temporary(DUNLIN_OP_READ, DUNLIN_ERR_CONN_RESET), 0);
    assert_int_equal(dunlin_error_is_temporary(DUNLIN_OP_ACCEPT, DUNLIN_ERR_CONN_RESET), 1);
    assert_int_equal(dunlin_error_is_temporary(DUNLIN_OP_ACCEPT, DUNLIN_ERR_CONN_ABORTED), 1);
    assert_int_equal(dunlin_error_is_temporary(DUNLIN_OP_ACCEPT, DUNLIN_ERR_CLOSED), 0);
    assert_int_equal(dunlin_error_is_temporary(99, DUNLIN_ERR_TIMEOUT), 0);
    assert_int_equal(dunlin_error_is_temporary(DUNLIN_OP_READ, 0), 0);
}

int main(void)
{
    const struct CMUnitTest first[] = {
        cmocka_unit_test(an_error_is_written_as_go_does),
        cmocka_unit_test(the_words_of_operations),
        cmocka_unit_test(classes),
    };
    const struct CMUnitTest then[] = {APP_TEST(the_error_of_a_connection)};
    int failed = cmocka_run_group_tests_name("error", first, NULL, NULL);
    return failed + cmocka_run_group_tests_name("error of a connection", then, app_up, app_down);
}
