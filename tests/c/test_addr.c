/* Addresses as text. */
#include "app.h"

static void addresses_come_back_as_go_writes_them(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"192.0.2.1", "192.0.2.1:0"},
        {"192.0.2.1:80", "192.0.2.1:80"},
        {"192.0.2.1:http", "192.0.2.1:80"},
        {"::1", "[::1]:0"},
        {"[2001:db8:0:0:1::]:443", "[2001:db8:0:0:1::]:443"},
        {"[fe80::1%2]:1", "[fe80::1%2]:1"},
        {"fe80::1%4294967295", "[fe80::1%4294967295]:0"},
        {"::ffff:192.0.2.1", "192.0.2.1:0"},
    };
    char text[DUNLIN_ADDR_TEXT_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct dunlin_addr addr;
        assert_int_equal(dunlin_addr_parse(cases[i].in, &addr), 0);
        assert_int_equal(dunlin_addr_format(&addr, text, sizeof text), strlen(cases[i].out));
        assert_string_equal(text, cases[i].out);
        assert_null(addr.options);
    }
}

static void what_is_no_address_is_refused(void **state)
{
    static const char *const bad[] = {"", ":80", "host", "host:80", "1.2.3", "1.2.3.4.5", "[::1]", "::1%",
                                      "[::1%eth0]:80", "1.2.3.4:http:80"};
    struct dunlin_addr addr;
    char longest[400];
    (void)state;
    memset(&addr, 0xee, sizeof addr);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(dunlin_addr_parse(bad[i], &addr), DUNLIN_ERR_INVALID_ADDRESS);
    }
    assert_int_equal(dunlin_addr_parse("1.2.3.4:65536", &addr), DUNLIN_ERR_INVALID_PORT);
    memset(longest, '1', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(dunlin_addr_parse(longest, &addr), DUNLIN_ERR_NAME_TOO_LONG);
    assert_int_equal(dunlin_addr_parse(NULL, &addr), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_addr_parse("::1", NULL), DUNLIN_ERR_INVALID);
    assert_int_equal(addr.family, 0xeeee); /* untouched by every failure */
}

static void a_small_buffer_is_an_error(void **state)
{
    struct dunlin_addr addr;
    char text[16];
    (void)state;
    assert_int_equal(dunlin_addr_parse("1.2.3.4:5", &addr), 0);
    assert_int_equal(dunlin_addr_format(&addr, text, 10), 9);
    memset(text, 'x', sizeof text);
    assert_int_equal(dunlin_addr_format(&addr, text, 9), DUNLIN_ERR_BUFFER_TOO_SMALL);
    assert_int_equal(text[9], 'x');
    assert_int_equal(dunlin_addr_format(&addr, text, 0), DUNLIN_ERR_BUFFER_TOO_SMALL);
    assert_int_equal(dunlin_addr_format(&addr, NULL, 9), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_addr_format(NULL, text, sizeof text), DUNLIN_ERR_INVALID);
    addr.family = 0;
    assert_int_equal(dunlin_addr_format(&addr, text, sizeof text), DUNLIN_ERR_INVALID_ADDRESS);
    addr.family = DUNLIN_AF_UNIX;
    addr.options = "/run/x";
    assert_int_equal(dunlin_addr_format(&addr, text, sizeof text), 6);
    assert_string_equal(text, "/run/x");
}

static void host_and_port(void **state)
{
    struct dunlin_str host, port;
    char text[32];
    (void)state;
    assert_int_equal(dunlin_split_host_port("[::1%lo]:http", &host, &port), 0);
    assert_int_equal(host.len, 6);
    assert_memory_equal(host.ptr, "::1%lo", 6);
    assert_int_equal(port.len, 4);
    assert_memory_equal(port.ptr, "http", 4);
    assert_int_equal(dunlin_split_host_port("host", &host, &port), DUNLIN_ERR_MISSING_PORT);
    assert_int_equal(dunlin_split_host_port("a:b:c", &host, &port), DUNLIN_ERR_TOO_MANY_COLONS);
    assert_int_equal(dunlin_split_host_port("[a:80", &host, &port), DUNLIN_ERR_UNEXPECTED_BRACKET);
    assert_int_equal(dunlin_split_host_port(NULL, &host, &port), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_split_host_port("a:1", NULL, &port), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_split_host_port("a:1", &host, NULL), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_join_host_port("::1", "80", text, sizeof text), 8);
    assert_string_equal(text, "[::1]:80");
    assert_int_equal(dunlin_join_host_port("a", "b", text, 3), DUNLIN_ERR_BUFFER_TOO_SMALL);
    assert_int_equal(dunlin_join_host_port("a", "b", text, 4), 3);
    assert_int_equal(dunlin_join_host_port(NULL, "b", text, 4), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_join_host_port("a", NULL, text, 4), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_join_host_port("a", "b", NULL, 4), DUNLIN_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_come_back_as_go_writes_them),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(a_small_buffer_is_an_error),
        cmocka_unit_test(host_and_port),
    };
    return cmocka_run_group_tests_name("addr", tests, NULL, NULL);
}
