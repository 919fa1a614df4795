/* What a handler asks of a request and says in its answer, spoken to in raw bytes. */
#include "http_server.h"

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
    app_check(dunlin_http_set_header(x, "X-B", "a\r\nb: c") == 0); /* one field, as in Go */
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
        return dunlin_http_redirect(x, "../there?x=1", 302);
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
};

static int up(void **state)
{
    return server_up(state, routes, DUNLIN_COUNT(routes));
}

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
    begins(talk("PUT /hello/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
           "HTTP/1.1 405 Method Not Allowed\r\n");
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
    begins(answer, "HTTP/1.1 201 Created\r\nX-A: 1\r\nX-A: 2\r\nX-B: a  b: c\r\n");
    contains(answer, "\r\nTransfer-Encoding: chunked\r\n");
    contains(answer, "\r\n\r\n1b\r\n4294967295 fedcba9876543210\r\n2\r\n");
    assert_memory_equal(answer + len - 9, "\0!\r\n0\r\n\r\n", 9);
    assert_int_equal(dunlin_conn_close(conn), 0);
}

static void a_body_past_the_limit_is_413(void **state)
{
    (void)state;
    contains(talk("POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\nConnection: "
                  "close\r\n\r\n0123456789"),
             "\r\n\r\nok");
    begins(talk("POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\nConnection: "
                "close\r\n\r\n01234567890"),
           "HTTP/1.1 413 ");
    begins(talk("POST /upload HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: "
                "close\r\n\r\nx\r\n"),
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
    contains(answer, "\r\nLocation: /there?x=1\r\n");
    contains(talk(GET("/whole")), "404 page not found\n");
    contains(talk(GET("/reenter")), "\r\n\r\nfine");
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
    };
    return cmocka_run_group_tests_name("http_exchange", tests, up, server_down);
}
