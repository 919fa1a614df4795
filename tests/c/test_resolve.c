/* Addresses from text, by the rules of their network. */
#include "app.h"

static void what_needs_no_lookup(void **state)
{
    static const struct {
        const char *network, *address, *want;
    } cases[] = {
        {"tcp", "192.0.2.1:https", "192.0.2.1:443"},
        {"udp", "192.0.2.1:domain", "192.0.2.1:53"},
        {"tcp4", "[::ffff:192.0.2.1]:80", "192.0.2.1:80"},
        {"tcp4", "[::]:80", "0.0.0.0:80"},
        {"udp6", "[fe80::1%2]:80", "[fe80::1%2]:80"},
        {"ip", "2001:db8::1", "[2001:db8::1]:0"},
        {"ip4:icmp", "192.0.2.1", "192.0.2.1:0"},
        {"unixgram", "/run/x", "/run/x"},
    };
    static const struct {
        const char *network, *address;
        int32_t want;
    } bad[] = {
        {"tcp7", "192.0.2.1:80", DUNLIN_ERR_UNKNOWN_NETWORK},
        {"", "192.0.2.1:80", DUNLIN_ERR_UNKNOWN_NETWORK},
        {"ip:nothing", "192.0.2.1", DUNLIN_ERR_UNKNOWN_PROTOCOL},
        {"tcp6", "192.0.2.1:80", DUNLIN_ERR_NO_SUITABLE_ADDRESS},
        {"tcp6", "[::ffff:192.0.2.1]:80", DUNLIN_ERR_NO_SUITABLE_ADDRESS},
        {"udp", "192.0.2.1:http", DUNLIN_ERR_INVALID_PORT},
        {"tcp", "192.0.2.1", DUNLIN_ERR_MISSING_PORT},
        {"tcp", "::1:80", DUNLIN_ERR_TOO_MANY_COLONS},
        {"tcp", "[fe80::1%eth0]:80", DUNLIN_ERR_INVALID_ADDRESS},
        {"tcp", "localhost:80", DUNLIN_ERR_STATE}, /* a lookup needs dunlin_init() */
    };
    char text[DUNLIN_ADDR_TEXT_MAX];
    struct dunlin_addr addr;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(dunlin_resolve_addr(cases[i].network, cases[i].address, -1, &addr), 0);
        assert_int_equal(dunlin_addr_format(&addr, text, sizeof text), strlen(cases[i].want));
        assert_string_equal(text, cases[i].want);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(dunlin_resolve_addr(bad[i].network, bad[i].address, -1, &addr), bad[i].want);
    }
    assert_int_equal(dunlin_resolve_addr("tcp", ":http", -1, &addr), 0);
    assert_int_equal(addr.family, 0);
    assert_int_equal(addr.port, 80);
    assert_int_equal(dunlin_resolve_addr("udp6", ":1", -1, &addr), 0);
    assert_int_equal(addr.family, DUNLIN_AF_INET6);
}

static void a_name_is_looked_up(void **state)
{
    struct dunlin_addr addr;
    char text[DUNLIN_ADDR_TEXT_MAX];
    (void)state;
    assert_int_equal(dunlin_resolve_addr("tcp4", "localhost:80", dunlin_after_ms(10000), &addr), 0);
    assert_true(dunlin_addr_format(&addr, text, sizeof text) > 0);
    assert_string_equal(text, "127.0.0.1:80");
    assert_int_equal(dunlin_resolve_addr("ip", "a name", dunlin_after_ms(10000), &addr), DUNLIN_ERR_NO_SUCH_HOST);
}

int main(void)
{
    const struct CMUnitTest first[] = {cmocka_unit_test(what_needs_no_lookup)};
    const struct CMUnitTest then[] = {APP_TEST(a_name_is_looked_up)};
    int failed = cmocka_run_group_tests_name("resolve", first, NULL, NULL);
    return failed + cmocka_run_group_tests_name("resolve by name", then, app_up, app_down);
}
