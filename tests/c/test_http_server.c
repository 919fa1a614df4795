/* The HTTP server and what its handlers call, spoken to in raw bytes. */
#include "app.h"

#include <stdlib.h>

static dunlin_http_server_t server;
static char address[DUNLIN_ADDR_TEXT_MAX];

static bool str_is(struct dunlin_str str, const char *text)
{
    return str.len == strlen(text) && (str.len == 0 || memcmp(str.ptr, text, str.len) == 0);
}

static int32_t hello(void *ctx, dunlin_http_exchange_t x)
{
    app_check(strcmp(ctx, "the context") == 0);
    dunlin_http_set_header(x, "Content-Type", "text/plain");
    app_check(dunlin_http_write_str(x, "Hello, ") == 0);
    return dunlin_http_write(x, dunlin_http_path_value(x, "name"));
}

/* Asks everything a request can be asked. */
static int32_t ask(void *ctx, dunlin_http_exchange_t x)
{
    struct dunlin_str name, value;
    struct dunlin_addr addr;
    char copy[8];
    int64_t length;
    uint32_t n = 0;
    (void)ctx;
    app_check(str_is(dunlin_http_method(x), "POST"));
    app_check(str_is(dunlin_http_target(x), "/ask%21/now?q=%41"));
    app_check(str_is(dunlin_http_path(x), "/ask%21/now"));
    app_check(str_is(dunlin_http_query(x), "q=%41"));
    app_check(str_is(dunlin_http_host(x), "h:1"));
    app_check(str_is(dunlin_http_proto(x), "HTTP/1.1"));
    app_check(str_is(dunlin_http_path_value(x, "what"), "ask!"));
    app_check(str_is(dunlin_http_path_value(x, "other"), ""));
    app_check(str_is(dunlin_http_header(x, "x-ONE"), "1"));
    app_check(dunlin_http_header(x, "X-None").ptr == NULL);
    app_check(dunlin_http_header(x, NULL).ptr == NULL);
    while (dunlin_http_header_at(x, n, &name, &value) == 1) {
        n++;
    }
    app_check(n == 3);
    app_check(dunlin_http_header_at(x, 0, &name, &value) == 1);
    app_check(str_is(name, "X-One") && str_is(value, "1"));
    app_check(dunlin_http_header_at(x, 0, NULL, &value) == DUNLIN_ERR_INVALID);
    app_check(dunlin_http_content_length(x, &length) == 0);
    app_check(length == 5);
    app_check(dunlin_http_content_length(x, NULL) == DUNLIN_ERR_INVALID);
    app_check(dunlin_http_remote_addr(x, &addr) == 0);
    app_check(addr.family == DUNLIN_AF_INET);
    app_check(dunlin_http_local_addr(x, &addr) == 0);
    app_check(addr.port != 0);
    app_check(dunlin_str_copy(value, copy, sizeof copy) == 1);
    app_check(strcmp(copy, "1") == 0);
    app_check(dunlin_str_copy(value, copy, 1) == DUNLIN_ERR_BUFFER_TOO_SMALL);
    app_check(dunlin_str_copy(value, NULL, 2) == DUNLIN_ERR_INVALID);

    app_check(dunlin_http_read(x, copy, 0) == DUNLIN_ERR_INVALID);
    app_check(dunlin_http_read(x, NULL, 1) == DUNLIN_ERR_INVALID);
    app_check(dunlin_http_read(x, copy, 3) == 3);
    app_check(dunlin_http_read(x, copy + 3, 5) == 2);
    app_check(memcmp(copy, "12345", 5) == 0);
    app_check(dunlin_http_read(x, copy, sizeof copy) == 0);
    return dunlin_http_reply(x, 204, NULL, 0);
}

static int32_t fields(void *ctx, dunlin_http_exchange_t x)
{
    (void)ctx;
    app_check(dunlin_http_set_header(x, "X-A", "old") == 0);
    app_check(dunlin_http_set_header(x, "x-a", "1") == 0);
    app_check(dunlin_http_add_header(x, "X-A", "2") == 0);
    app_check(dunlin_http_add_header(x, "X-Gone", "x") == 0);
    app_check(dunlin_http_del_header(x, "x-gone") == 0);
    app_check(dunlin_http_set_header(x, "bad name", "1") == DUNLIN_ERR_HTTP_INVALID_HEADER_NAME);
    app_check(dunlin_http_set_header(x, "X-B", "a\r\nb: c") == DUNLIN_ERR_HTTP_INVALID_HEADER_VALUE);
    app_check(dunlin_http_set_header(x, NULL, "1") == DUNLIN_ERR_INVALID);
    app_check(dunlin_http_set_header(x, "X-B", NULL) == DUNLIN_ERR_INVALID);
    app_check(dunlin_http_write_head(x, 99) == DUNLIN_ERR_INVALID);
    app_check(dunlin_http_write_head(x, 70000) == DUNLIN_ERR_INVALID);
    app_check(dunlin_http_write_head(x, -1) == DUNLIN_ERR_INVALID);
    app_check(dunlin_http_write_head(x, 201) == 0);
    app_check(dunlin_http_write_head(x, 201) == DUNLIN_ERR_HTTP_HEADERS_SENT);
    app_check(dunlin_http_set_header(x, "X-Late", "1") == DUNLIN_ERR_HTTP_HEADERS_SENT);
    app_check(dunlin_http_reply(x, 200, "x", 1) == DUNLIN_ERR_HTTP_HEADERS_SENT);
    dunlin_http_write_u32(x, 4294967295u);
    dunlin_http_write_str(x, " ");
    dunlin_http_write_hex(x, 0xfedcba9876543210u);
    dunlin_http_flush(x);
    return dunlin_http_write_bytes(x, "\0!", 2);
}

static int32_t upload(void *ctx, dunlin_http_exchange_t x)
{
    char buf[64];
    dunlin_ssize_t n;
    (void)ctx;
    app_check(dunlin_http_limit_body(x, 10) == 0);
    while ((n = dunlin_http_read(x, buf, sizeof buf)) > 0) {
        /* thrown away */
    }
    return n < 0 ? (int32_t)n : dunlin_http_reply(x, 200, "ok", 2);
}

static int32_t refuse(void *ctx, dunlin_http_exchange_t x)
{
    (void)ctx;
    (void)x;
    return DUNLIN_ERR_IO;
}

static int32_t breaks_off(void *ctx, dunlin_http_exchange_t x)
{
    (void)ctx;
    dunlin_http_write_str(x, "half");
    dunlin_http_flush(x);
    return DUNLIN_ERR_IO;
}

static int32_t whole(void *ctx, dunlin_http_exchange_t x)
{
    static const char text[] = "from flash";
    struct dunlin_str what = dunlin_http_query(x);
    (void)ctx;
    if (str_is(what, "static")) {
        return dunlin_http_reply_static(x, 200, text, sizeof text - 1);
    } else if (str_is(what, "error")) {
        return dunlin_http_error(x, 418, "teapot");
    } else if (str_is(what, "redirect")) {
        app_check(dunlin_http_redirect(x, "/there", 200) == DUNLIN_ERR_INVALID);
        app_check(dunlin_http_redirect(x, "/a\nb", 302) == DUNLIN_ERR_HTTP_INVALID_HEADER_VALUE);
        return dunlin_http_redirect(x, "/there", 302);
    }
    return dunlin_http_not_found(x);
}

/* What cannot work from a handler. */
static int32_t reenter(void *ctx, dunlin_http_exchange_t x)
{
    (void)ctx;
    app_check(dunlin_deinit(0) == DUNLIN_ERR_REENTRANT);
    app_check(dunlin_http_server_shutdown(server, 0) == DUNLIN_ERR_REENTRANT);
    app_check(dunlin_http_finish(x) == DUNLIN_ERR_STATE);
    return dunlin_http_reply(x, 200, "fine", 4);
}

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

static char ctx_hello[] = "the context";

static const struct dunlin_http_route routes[] = {
    DUNLIN_HTTP_ROUTE("GET /hello/{name}", hello, ctx_hello),
    DUNLIN_HTTP_ROUTE("POST /{what}/now", ask, NULL),
    DUNLIN_HTTP_ROUTE("/fields", fields, NULL),
    DUNLIN_HTTP_ROUTE("POST /upload", upload, NULL),
    DUNLIN_HTTP_ROUTE("/refuse", refuse, NULL),
    DUNLIN_HTTP_ROUTE("/breaks", breaks_off, NULL),
    DUNLIN_HTTP_ROUTE("/whole", whole, NULL),
    DUNLIN_HTTP_ROUTE("/reenter", reenter, NULL),
    DUNLIN_HTTP_ROUTE("/handle", keep_handle, NULL),
    DUNLIN_HTTP_ROUTE("/events", events, NULL),
};

static void *serve(void *arg)
{
    struct app_task *task = arg;
    task->result = dunlin_http_server_serve(task->handle);
    return NULL;
}

static struct app_task workers[2];

static int up(void **state)
{
    struct dunlin_http_server_config config = DUNLIN_HTTP_SERVER_CONFIG_INIT;
    struct dunlin_addr addr;
    app_up(state);
    config.routes = routes;
    config.route_count = DUNLIN_COUNT(routes);
    config.name = "test";
    config.max_detached = 1;
    server = dunlin_http_server_new(&config);
    assert_true(server > 0);
    assert_int_equal(dunlin_http_server_listen(server, "127.0.0.1:0"), 0);
    assert_int_equal(dunlin_http_server_addr(server, 0, &addr), 0);
    assert_true(dunlin_addr_format(&addr, address, sizeof address) > 0);
    app_start(&workers[0], serve, server);
    app_start(&workers[1], serve, server);
    return 0;
}

static int down(void **state)
{
    assert_int_equal(dunlin_http_server_shutdown(server, dunlin_after_ms(8000)), 0);
    assert_int_equal(dunlin_http_server_close(server), 0);
    assert_int_equal(app_join(&workers[0]), DUNLIN_ERR_HTTP_SERVER_CLOSED);
    assert_int_equal(app_join(&workers[1]), DUNLIN_ERR_HTTP_SERVER_CLOSED);
    assert_int_equal(dunlin_http_server_close(server), DUNLIN_ERR_BAD_HANDLE);
    return app_down(state);
}

/* Sends a request on a connection of its own; the answer as text, up to its end. */
static const char *talk(const char *request)
{
    static char answer[8192];
    dunlin_conn_t conn = dunlin_dial(NULL, "tcp", address);
    size_t len;
    assert_true(conn > 0);
    dunlin_conn_set_deadline(conn, dunlin_after_ms(10000));
    assert_int_equal(dunlin_conn_write(conn, request, strlen(request)), strlen(request));
    len = app_read_all(conn, answer, sizeof answer - 1);
    answer[len] = '\0';
    assert_int_equal(dunlin_conn_close(conn), 0);
    return answer;
}

static void begins(const char *text, const char *with)
{
    if (strncmp(text, with, strlen(with)) != 0) {
        fail_msg("\"%s\" does not begin with \"%s\"", text, with);
    }
}

static void contains(const char *text, const char *what)
{
    if (strstr(text, what) == NULL) {
        fail_msg("no \"%s\" in \"%s\"", what, text);
    }
}

#define GET(target) "GET " target " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"

static void a_handler_answers(void **state)
{
    const char *answer = talk(GET("/hello/a%20b"));
    (void)state;
    begins(answer, "HTTP/1.1 200 OK\r\n");
    contains(answer, "\r\nContent-Length: 10\r\n");
    contains(answer, "\r\nServer: test\r\n");
    contains(answer, "\r\nContent-Type: text/plain\r\n");
    contains(answer, "\r\n\r\nHello, a b");
    begins(talk(GET("/none")), "HTTP/1.1 404 Not Found\r\n");
    begins(talk("PUT /hello/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"), "HTTP/1.1 405 Method Not Allowed\r\n");
}

static void a_request_answers_every_question(void **state)
{
    (void)state;
    begins(talk("POST /ask%21/now?q=%41 HTTP/1.1\r\nHost: h:1\r\nX-One: 1\r\nContent-Length: 5\r\n"
                "Connection: close\r\n\r\n12345"),
           "HTTP/1.1 204 No Content\r\n");
}

static void fields_and_pieces(void **state)
{
    static char answer[512];
    dunlin_conn_t conn = dunlin_dial(NULL, "tcp", address);
    size_t len;
    (void)state;
    dunlin_conn_set_deadline(conn, dunlin_after_ms(10000));
    assert_true(dunlin_conn_write(conn, GET("/fields"), strlen(GET("/fields"))) > 0);
    len = app_read_all(conn, answer, sizeof answer - 1);
    begins(answer, "HTTP/1.1 201 Created\r\nX-A: 1\r\nX-A: 2\r\n");
    contains(answer, "\r\nTransfer-Encoding: chunked\r\n");
    contains(answer, "\r\n\r\n1b\r\n4294967295 fedcba9876543210\r\n2\r\n");
    assert_memory_equal(answer + len - 9, "\0!\r\n0\r\n\r\n", 9);
    assert_int_equal(dunlin_conn_close(conn), 0);
}

static void a_body_past_the_limit_is_413(void **state)
{
    (void)state;
    contains(talk("POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\nConnection: close\r\n\r\n0123456789"),
             "\r\n\r\nok");
    begins(talk("POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\nConnection: close\r\n\r\n01234567890"),
           "HTTP/1.1 413 ");
    begins(talk("POST /upload HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nx\r\n"),
           "HTTP/1.1 400 ");
}

static void a_handler_that_fails(void **state)
{
    const char *answer;
    (void)state;
    begins(talk(GET("/refuse")), "HTTP/1.1 500 Internal Server Error\r\n");
    answer = talk(GET("/breaks"));
    begins(answer, "HTTP/1.1 200 OK\r\n");
    contains(answer, "half");
    assert_null(strstr(answer, "\r\n0\r\n")); /* the peer can tell that it was cut short */
}

static void whole_answers(void **state)
{
    const char *answer = talk(GET("/whole?static"));
    (void)state;
    contains(answer, "\r\nContent-Length: 10\r\n");
    contains(answer, "\r\n\r\nfrom flash");
    answer = talk(GET("/whole?error"));
    begins(answer, "HTTP/1.1 418 I'm a teapot\r\n");
    contains(answer, "\r\n\r\nteapot\n");
    answer = talk(GET("/whole?redirect"));
    begins(answer, "HTTP/1.1 302 Found\r\n");
    contains(answer, "\r\nLocation: /there\r\n");
    contains(talk(GET("/whole")), "404 page not found\n");
    contains(talk(GET("/reenter")), "\r\n\r\nfine");
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
    config.reserved = 1;
    assert_int_equal(dunlin_http_server_new(&config), DUNLIN_ERR_VERSION);
    config.reserved = 0;
    config.size = offsetof(struct dunlin_http_server_config, routes) + 4;
    assert_int_equal(dunlin_http_server_new(&config), sizeof(void *) > 4 ? DUNLIN_ERR_VERSION : DUNLIN_ERR_INVALID);
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
        cmocka_unit_test_teardown(a_handler_answers, app_checked),
        cmocka_unit_test_teardown(a_request_answers_every_question, app_checked),
        cmocka_unit_test_teardown(fields_and_pieces, app_checked),
        cmocka_unit_test_teardown(a_body_past_the_limit_is_413, app_checked),
        cmocka_unit_test_teardown(a_handler_that_fails, app_checked),
        cmocka_unit_test_teardown(whole_answers, app_checked),
        cmocka_unit_test_teardown(an_exchange_ends_with_its_handler, app_checked),
        cmocka_unit_test_teardown(a_detached_exchange_lives_on, app_checked),
        cmocka_unit_test_teardown(the_peer_of_a_detached_exchange_leaves, app_checked),
        cmocka_unit_test_teardown(a_connection_of_other_making_is_served, app_checked),
        cmocka_unit_test_teardown(the_counters_count, app_checked),
        cmocka_unit_test_teardown(configs_that_make_no_sense, app_checked),
    };
    return cmocka_run_group_tests_name("http_server", tests, up, down);
}
