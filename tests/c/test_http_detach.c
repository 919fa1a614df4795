/* How long an exchange lives: until its handler returns, or detached until somebody finishes it. */
#include "http_server.h"

static dunlin_http_exchange_t stale;

static int32_t keep_handle(void *ctx, dunlin_http_exchange_t x)
{
    (void)ctx;
    stale = x;
    return dunlin_http_reply(x, 200, NULL, 0);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static dunlin_http_exchange_t detached;
static int gone;

static void on_gone(void *ctx, dunlin_http_exchange_t x)
{
    pthread_mutex_lock(&lock);
    app_check(strcmp(ctx, "ctx") == 0);
    app_check(x == detached);
    gone++;
    pthread_mutex_unlock(&lock);
}

static char ctx_text[] = "ctx";

static int32_t events(void *ctx, dunlin_http_exchange_t x)
{
    (void)ctx;
    app_check(dunlin_http_sse_send(x, NULL, "early") == DUNLIN_ERR_STATE);
    app_check(dunlin_http_sse_begin(x) == 0);
    app_check(dunlin_http_sse_send(x, "a\nb", "x") == DUNLIN_ERR_INVALID);
    app_check(dunlin_http_sse_send(x, "e", NULL) == DUNLIN_ERR_INVALID);
    pthread_mutex_lock(&lock);
    detached = dunlin_http_detach(x, on_gone, ctx_text);
    app_check(detached == x);
    app_check(dunlin_http_detach(x, on_gone, ctx_text) == DUNLIN_ERR_STATE);
    /* Views of the request ended with that. */
    app_check(dunlin_http_path(x).ptr == NULL);
    pthread_mutex_unlock(&lock);
    return DUNLIN_ERR_IO; /* not looked at any more */
}

static const struct dunlin_http_route routes[] = {
    DUNLIN_HTTP_ROUTE("/handle", keep_handle, NULL),
    DUNLIN_HTTP_ROUTE("/events", events, NULL),
};

static int up(void **state)
{
    return server_up(state, routes, DUNLIN_COUNT(routes));
}

static void an_exchange_ends_with_its_handler(void **state)
{
    char buf[4];
    (void)state;
    begins(talk(GET("/handle")), "HTTP/1.1 200 OK\r\n");
    assert_true(stale > 0);
    assert_int_equal(dunlin_http_write_str(stale, "late"), DUNLIN_ERR_BAD_HANDLE);
    assert_int_equal(dunlin_http_read(stale, buf, sizeof buf), DUNLIN_ERR_BAD_HANDLE);
    assert_int_equal(dunlin_http_detach(stale, NULL, NULL), DUNLIN_ERR_BAD_HANDLE);
    assert_null(dunlin_http_path(stale).ptr);
}

static size_t read_until(dunlin_conn_t conn, char *buf, size_t capacity, const char *what)
{
    size_t len = 0;
    do {
        dunlin_ssize_t n = dunlin_conn_read(conn, buf + len, capacity - 1 - len);
        assert_true(n > 0);
        len += (size_t)n;
        buf[len] = '\0';
    } while (strstr(buf, what) == NULL);
    return len;
}

static dunlin_http_exchange_t current(void)
{
    dunlin_http_exchange_t x;
    pthread_mutex_lock(&lock);
    x = detached;
    pthread_mutex_unlock(&lock);
    return x;
}

static void a_detached_exchange_lives_on(void **state)
{
    struct dunlin_http_server_stats stats = DUNLIN_HTTP_SERVER_STATS_INIT;
    char buf[1024];
    dunlin_conn_t conn = dunlin_dial(NULL, "tcp", address);
    dunlin_http_exchange_t x;
    (void)state;
    dunlin_conn_set_deadline(conn, dunlin_after_ms(10000));
    assert_true(dunlin_conn_write(conn, GET("/events"), strlen(GET("/events"))) > 0);
    read_until(conn, buf, sizeof buf, "\r\n\r\n");
    contains(buf, "\r\nContent-Type: text/event-stream\r\n");
    while (dunlin_http_server_stats(server, &stats) == 0 && stats.detached == 0) {
        app_sleep(5);
    }
    x = current();
    assert_int_equal(dunlin_http_sse_send(x, "sample", "one\ntwo"), 0);
    assert_int_equal(dunlin_http_sse_send(x, NULL, "three"), 0);
    read_until(conn, buf, sizeof buf, "data: three\n\n");
    contains(buf, "event: sample\ndata: one\ndata: two\n\n");
    assert_int_equal(dunlin_http_finish(x), 0);
    assert_int_equal(dunlin_http_finish(x), DUNLIN_ERR_BAD_HANDLE);
    assert_int_equal(dunlin_http_sse_send(x, NULL, "late"), DUNLIN_ERR_BAD_HANDLE);
    buf[app_read_all(conn, buf, sizeof buf - 1)] = '\0';
    contains(buf, "0\r\n\r\n");
    assert_int_equal(dunlin_conn_close(conn), 0);
    assert_int_equal(gone, 0);
}

static void the_peer_of_a_detached_exchange_leaves(void **state)
{
    char buf[1024];
    dunlin_conn_t conn = dunlin_dial(NULL, "tcp", address);
    int told = 0;
    (void)state;
    dunlin_conn_set_deadline(conn, dunlin_after_ms(10000));
    assert_true(dunlin_conn_write(conn, GET("/events"), strlen(GET("/events"))) > 0);
    read_until(conn, buf, sizeof buf, "\r\n\r\n");
    assert_int_equal(dunlin_conn_close(conn), 0);
    for (int i = 0; i < 500 && told == 0; i++) {
        app_sleep(10);
        pthread_mutex_lock(&lock);
        told = gone;
        pthread_mutex_unlock(&lock);
    }
    assert_int_equal(told, 1);
    assert_int_equal(dunlin_http_finish(current()), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(an_exchange_ends_with_its_handler, app_checked),
        cmocka_unit_test_teardown(a_detached_exchange_lives_on, app_checked),
        cmocka_unit_test_teardown(the_peer_of_a_detached_exchange_leaves, app_checked),
    };
    return cmocka_run_group_tests_name("http_detach", tests, up, server_down);
}
