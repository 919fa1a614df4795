/* The HTTP server itself: its connections, counters and configuration. */
#include "http_server.h"

static int32_t hello(void *ctx, dunlin_http_exchange_t x)
{
    app_check(strcmp(ctx, "the context") == 0);
    dunlin_http_set_header(x, "Content-Type", "text/plain");
    app_check(dunlin_http_write_str(x, "Hello, ") == 0);
    return dunlin_http_write(x, dunlin_http_path_value(x, "name"));
}

static int32_t refuse(void *ctx, dunlin_http_exchange_t x)
{
    (void)ctx;
    (void)x;
    return DUNLIN_ERR_IO;
}

static char ctx_hello[] = "the context";

static const struct dunlin_http_route routes[] = {
    DUNLIN_HTTP_ROUTE("GET /hello/{name}", hello, ctx_hello),
};

static int up(void **state)
{
    return server_up(state, routes, DUNLIN_COUNT(routes));
}

static void a_connection_of_other_making_is_served(void **state)
{
    char buf[512];
    dunlin_conn_t a, b;
    (void)state;
    assert_int_equal(dunlin_pipe(&a, &b), 0);
    dunlin_conn_set_deadline(a, dunlin_after_ms(10000));
    assert_int_equal(dunlin_http_server_adopt(server, b), 0);
    assert_true(dunlin_conn_write(a, GET("/hello/pipe"), strlen(GET("/hello/pipe"))) > 0);
    buf[app_read_all(a, buf, sizeof buf - 1)] = '\0';
    contains(buf, "\r\n\r\nHello, pipe");
    dunlin_conn_close(a);
    assert_int_equal(dunlin_http_server_adopt(server, a), DUNLIN_ERR_BAD_HANDLE);
}

static void the_counters_count(void **state)
{
    struct dunlin_http_server_stats before = DUNLIN_HTTP_SERVER_STATS_INIT, after = before;
    (void)state;
    assert_int_equal(dunlin_http_server_stats(server, &before), 0);
    talk(GET("/hello/x"));
    talk(GET("/nothing"));
    talk("nonsense\r\n\r\n");
    assert_int_equal(dunlin_http_server_stats(server, &after), 0);
    assert_int_equal(after.accepted - before.accepted, 3);
    assert_int_equal(after.answers[1] - before.answers[1], 1);
    assert_true(after.answers[3] - before.answers[3] >= 1);
    assert_int_equal(after.rejected - before.rejected, 1);
    after.size = 0;
    assert_int_equal(dunlin_http_server_stats(server, &after), DUNLIN_ERR_VERSION);
    assert_int_equal(dunlin_http_server_stats(server, NULL), DUNLIN_ERR_INVALID);
}

static void configs_that_make_no_sense(void **state)
{
    static const struct dunlin_http_route twice[] = {
        DUNLIN_HTTP_ROUTE("/a", refuse, NULL),
        DUNLIN_HTTP_ROUTE("/a", refuse, NULL),
    };
    struct dunlin_http_server_config config = DUNLIN_HTTP_SERVER_CONFIG_INIT;
    struct dunlin_http_route route = DUNLIN_HTTP_ROUTE("/", NULL, NULL);
    dunlin_http_server_t other;
    (void)state;
    assert_int_equal(dunlin_http_server_new(NULL), DUNLIN_ERR_INVALID);
    config.route_count = 1;
    assert_int_equal(dunlin_http_server_new(&config), DUNLIN_ERR_INVALID);
    config.routes = &route;
    assert_int_equal(dunlin_http_server_new(&config), DUNLIN_ERR_INVALID); /* no handler */
    route.handler = refuse;
    route.pattern = NULL;
    assert_int_equal(dunlin_http_server_new(&config), DUNLIN_ERR_INVALID);
    route.pattern = "no path";
    assert_int_equal(dunlin_http_server_new(&config), DUNLIN_ERR_HTTP_PATTERN);
    config.routes = twice;
    config.route_count = 2;
    assert_int_equal(dunlin_http_server_new(&config), DUNLIN_ERR_HTTP_PATTERN_CONFLICT);
    config.route_count = 1;
    config.head_len = 1;
    assert_int_equal(dunlin_http_server_new(&config), DUNLIN_ERR_INVALID);
    config.head_len = 4 * 1024 * 1024;
    assert_int_equal(dunlin_http_server_new(&config), DUNLIN_ERR_NO_MEMORY);
    config.head_len = 0;
    config.flags = 1u << 31;
    assert_int_equal(dunlin_http_server_new(&config), DUNLIN_ERR_VERSION);
    config.flags = 0;
    config.size = offsetof(struct dunlin_http_server_config, routes) + 4;
    assert_int_equal(dunlin_http_server_new(&config),
                     sizeof(void *) > 4 ? DUNLIN_ERR_VERSION : DUNLIN_ERR_INVALID);
    config.size = offsetof(struct dunlin_http_server_config, routes);
    assert_int_equal(dunlin_http_server_new(&config), DUNLIN_ERR_INVALID); /* routes are cut off */
    config.size = sizeof config;
    config.max_conns = 1;
    other = dunlin_http_server_new(&config);
    assert_true(other > 0);
    assert_int_equal(dunlin_http_server_listen(other, "127.0.0.1"), DUNLIN_ERR_MISSING_PORT);
    assert_int_equal(dunlin_http_server_listen(other, NULL), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_http_server_listen(other, address), DUNLIN_ERR_ADDR_IN_USE);
    assert_int_equal(dunlin_http_server_listen_with(other, NULL, "tcp4", "127.0.0.1:0"), 0);
    assert_int_equal(dunlin_http_server_close(other), 0);
    assert_int_equal(dunlin_http_server_serve(other), DUNLIN_ERR_BAD_HANDLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_connection_of_other_making_is_served, app_checked),
        cmocka_unit_test_teardown(the_counters_count, app_checked),
        cmocka_unit_test_teardown(configs_that_make_no_sense, app_checked),
    };
    return cmocka_run_group_tests_name("http_server", tests, up, server_down);
}
