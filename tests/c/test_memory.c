/* No allocation after init but from the arena, and from that only when servers and clients are made. */
#include "app.h"

#include <stdlib.h>

/* Every call of an allocator in the library, its port and its driver comes through here. */
void *__real_malloc(size_t len);
void *__real_calloc(size_t count, size_t len);
void *__real_realloc(void *old, size_t len);
void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t count, size_t len);
void *__wrap_realloc(void *old, size_t len);

static unsigned allocations;

static unsigned tally(unsigned more)
{
    return __atomic_add_fetch(&allocations, more, __ATOMIC_SEQ_CST);
}

void *__wrap_malloc(size_t len)
{
    tally(1);
    return __real_malloc(len);
}

void *__wrap_calloc(size_t count, size_t len)
{
    tally(1);
    return __real_calloc(count, len);
}

void *__wrap_realloc(void *old, size_t len)
{
    tally(1);
    return __real_realloc(old, len);
}

static int32_t hello(void *ctx, dunlin_http_exchange_t x)
{
    (void)ctx;
    return dunlin_http_write_str(x, "Hello, World!");
}

static int32_t echo(void *ctx, dunlin_http_exchange_t x)
{
    char buf[256];
    dunlin_ssize_t n;
    (void)ctx;
    dunlin_http_full_duplex(x); /* the answer begins before the body was read */
    while ((n = dunlin_http_read(x, buf, sizeof buf)) > 0) {
        int32_t err = dunlin_http_write_bytes(x, buf, (size_t)n);
        if (err < 0) {
            return err;
        }
    }
    return (int32_t)n;
}

static const struct dunlin_http_route routes[] = {
    DUNLIN_HTTP_ROUTE("GET /", hello, NULL),
    DUNLIN_HTTP_ROUTE("POST /echo", echo, NULL),
};

static void *serve(void *arg)
{
    struct app_task *task = arg;
    task->result = dunlin_http_server_serve(task->handle);
    return NULL;
}

static void exchange(dunlin_http_client_t client, const char *url, const char *body, size_t len)
{
    char buf[256];
    dunlin_ssize_t n;
    size_t got = 0;
    dunlin_http_response_t r =
        body != NULL ? dunlin_http_post(client, url, "text/plain", body, len) : dunlin_http_get(client, url);
    assert_int_equal(dunlin_http_response_status(r), 200);
    while ((n = dunlin_http_response_read(r, buf, sizeof buf)) > 0) {
        got += (size_t)n;
    }
    assert_int_equal(n, 0);
    assert_int_equal(got, body != NULL ? len : 13);
    assert_int_equal(dunlin_http_response_close(r), 0);
}

/* A wrapped allocator that is never reached would count nothing: this call is. */
static void the_counter_counts(void **state)
{
    unsigned before = tally(0);
    void *volatile p = malloc(16);
    (void)state;
    free(p);
    assert_int_equal(tally(0), before + 1);
}

static void nothing_is_allocated_while_http_is_served(void **state)
{
    static char body[5000];
    char root[96], target[96], host[DUNLIN_ADDR_TEXT_MAX];
    struct dunlin_http_server_config config = DUNLIN_HTTP_SERVER_CONFIG_INIT;
    struct dunlin_addr addr;
    struct app_task worker;
    unsigned before = tally(0);
    (void)state;
    config.routes = routes;
    config.route_count = DUNLIN_COUNT(routes);
    dunlin_http_server_t server = dunlin_http_server_new(&config);
    assert_true(server > 0);
    dunlin_http_client_t client = dunlin_http_client_new(NULL);
    assert_true(client > 0);
    struct dunlin_usage made = app_usage();
    assert_true(made.arena_pieces > 0);
    assert_int_equal(dunlin_http_server_listen(server, "127.0.0.1:0"), 0);
    assert_int_equal(dunlin_http_server_addr(server, 0, &addr), 0);
    assert_true(dunlin_addr_format(&addr, host, sizeof host) > 0);
    snprintf(root, sizeof root, "http://%s/", host);
    snprintf(target, sizeof target, "http://%s/echo", host);
    memset(body, 'b', sizeof body);
    app_start(&worker, serve, server);
    for (int i = 0; i < 100; i++) {
        exchange(client, root, NULL, 0);
        exchange(client, target, body, sizeof body);
        if (i % 10 == 0) {
            assert_int_equal(dunlin_http_client_close_idle(client), 0);
        }
    }
    struct dunlin_usage served = app_usage();
    assert_int_equal(served.arena_used, made.arena_used);
    assert_int_equal(served.arena_pieces, made.arena_pieces);
    struct dunlin_usage peak = DUNLIN_USAGE_INIT;
    assert_int_equal(dunlin_usage(&peak), 0);
    assert_int_equal(peak.arena_peak, made.arena_used);
    assert_int_equal(dunlin_http_client_close(client), 0);
    assert_int_equal(dunlin_http_server_shutdown(server, dunlin_after_ms(5000)), 0);
    assert_int_equal(app_join(&worker), DUNLIN_ERR_HTTP_SERVER_CLOSED);
    assert_int_equal(dunlin_http_server_close(server), 0);
    assert_int_equal(tally(0), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_counter_counts),
        APP_TEST(nothing_is_allocated_while_http_is_served),
    };
    return cmocka_run_group_tests_name("memory", tests, app_up, app_down);
}
