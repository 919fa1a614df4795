/* What an answer may have besides status, fields and body, spoken to in raw bytes. */
#include "http_server.h"

static int32_t hints(void *ctx, dunlin_http_exchange_t x)
{
    (void)ctx;
    app_check(dunlin_http_set_header(x, "Link", "</a>") == 0);
    app_check(str_is(dunlin_http_answer_header(x, "lINK"), "</a>"));
    app_check(dunlin_http_answer_header(x, "None").ptr == NULL);
    app_check(dunlin_http_write_informational(x, 101) == DUNLIN_ERR_INVALID);
    app_check(dunlin_http_write_informational(x, 200) == DUNLIN_ERR_INVALID);
    app_check(dunlin_http_write_informational(x, 103) == 0);
    app_check(dunlin_http_omit_header(x, "date") == 0);
    app_check(dunlin_http_omit_header(x, "Content-Type") == 0);
    return dunlin_http_write_str(x, "<html>");
}

static int32_t trailers(void *ctx, dunlin_http_exchange_t x)
{
    struct dunlin_str name, value;
    char buf[16];
    (void)ctx;
    app_check(dunlin_http_set_header(x, "Trailer", "X-Sum") == 0);
    app_check(dunlin_http_set_trailer(x, "X-Other", "o") == 0);
    app_check(dunlin_http_trailer(x, "X-T").ptr == NULL);
    while (dunlin_http_read(x, buf, sizeof buf) > 0) {
        /* thrown away */
    }
    app_check(str_is(dunlin_http_trailer(x, "x-t"), "tv"));
    app_check(dunlin_http_trailer_at(x, 1, &name, &value) == 1);
    app_check(str_is(name, "X-U") && str_is(value, "uv"));
    app_check(dunlin_http_trailer_at(x, 2, &name, &value) == 0);
    dunlin_http_write_str(x, "body");
    dunlin_http_flush(x);
    app_check(dunlin_http_set_header(x, "X-Sum", "7") == 0);
    app_check(dunlin_http_set_header(x, "X-Late", "7") == DUNLIN_ERR_HTTP_HEADERS_SENT);
    return 0;
}

static int32_t cookies(void *ctx, dunlin_http_exchange_t x)
{
    struct dunlin_http_cookie cookie = DUNLIN_HTTP_COOKIE_INIT;
    (void)ctx;
    app_check(dunlin_http_set_cookie(x, &cookie) == DUNLIN_ERR_HTTP_INVALID_HEADER_NAME);
    cookie.name = dunlin_str_of("bad name");
    app_check(dunlin_http_set_cookie(x, &cookie) == DUNLIN_ERR_HTTP_INVALID_HEADER_NAME);
    cookie.name = dunlin_str_of("id");
    cookie.value = dunlin_str_of("a b");
    cookie.path = dunlin_str_of("/p");
    cookie.max_age = 5;
    cookie.flags = DUNLIN_COOKIE_SECURE | DUNLIN_COOKIE_HTTP_ONLY;
    cookie.same_site = DUNLIN_SAME_SITE_LAX;
    app_check(dunlin_http_set_cookie(x, &cookie) == 0);
    cookie.same_site = 5;
    app_check(dunlin_http_set_cookie(x, &cookie) == DUNLIN_ERR_INVALID);
    cookie.same_site = 0;
    cookie.flags = 1u << 31;
    app_check(dunlin_http_set_cookie(x, &cookie) == DUNLIN_ERR_INVALID);
    return dunlin_http_reply(x, 200, NULL, 0);
}

/* A peer sends more than it asked for: the bytes behind its head are the next that are read. */
static int32_t hijack(void *ctx, dunlin_http_exchange_t x)
{
    bool upgrade = str_is(dunlin_http_query(x), "upgrade");
    dunlin_conn_t conn = upgrade ? dunlin_http_upgrade(x, "chat") : dunlin_http_hijack(x);
    char buf[8];
    (void)ctx;
    app_check(conn > 0);
    app_check(dunlin_http_write_str(x, "late") == DUNLIN_ERR_BAD_HANDLE);
    app_check(dunlin_http_hijack(x) == DUNLIN_ERR_BAD_HANDLE);
    app_check(dunlin_conn_set_deadline(conn, dunlin_after_ms(10000)) == 0);
    app_check(dunlin_conn_read(conn, buf, 2) == 2);
    app_check(memcmp(buf, "ab", 2) == 0);
    app_check(dunlin_conn_read(conn, buf, sizeof buf) == 1);
    app_check(buf[0] == 'c');
    app_check(dunlin_conn_write(conn, "raw", 3) == 3);
    app_check(dunlin_conn_close(conn) == 0);
    return DUNLIN_ERR_IO; /* of no matter any more */
}

static int32_t not_asked(void *ctx, dunlin_http_exchange_t x)
{
    (void)ctx;
    app_check(dunlin_http_upgrade(x, "chat") == DUNLIN_ERR_HTTP_UNEXPECTED_UPGRADE);
    return dunlin_http_reply(x, 204, NULL, 0);
}

static int32_t aborts(void *ctx, dunlin_http_exchange_t x)
{
    (void)ctx;
    dunlin_http_write_str(x, "never seen");
    if (str_is(dunlin_http_query(x), "call")) {
        app_check(dunlin_http_abort(x) == 0);
        app_check(dunlin_http_write_str(x, "x") == DUNLIN_ERR_CLOSED);
        return 0;
    }
    return DUNLIN_ERR_HTTP_ABORTED;
}

/* Echoes piece by piece: the body is read while the answer goes out, or is over when it does. */
static int32_t echo(void *ctx, dunlin_http_exchange_t x)
{
    char c;
    (void)ctx;
    if (str_is(dunlin_http_query(x), "duplex")) {
        app_check(dunlin_http_full_duplex(x) == 0);
        while (dunlin_http_read(x, &c, 1) == 1) {
            dunlin_http_write_bytes(x, &c, 1);
            dunlin_http_flush(x);
        }
        return 0;
    }
    app_check(dunlin_http_read(x, &c, 1) == 1);
    dunlin_http_write_bytes(x, &c, 1);
    dunlin_http_flush(x);
    app_check(dunlin_http_read(x, &c, 1) == DUNLIN_ERR_HTTP_BODY_READ_AFTER_CLOSE);
    return 0;
}

static int32_t closes_body(void *ctx, dunlin_http_exchange_t x)
{
    char c;
    (void)ctx;
    app_check(dunlin_http_close_body(x) == 0);
    app_check(dunlin_http_read(x, &c, 1) == DUNLIN_ERR_HTTP_BODY_READ_AFTER_CLOSE);
    return dunlin_http_reply(x, 200, "closed", 6);
}

static const struct dunlin_http_route routes[] = {
    DUNLIN_HTTP_ROUTE("/hints", hints, NULL),
    DUNLIN_HTTP_ROUTE("/trailers", trailers, NULL),
    DUNLIN_HTTP_ROUTE("/cookies", cookies, NULL),
    DUNLIN_HTTP_ROUTE("/hijack", hijack, NULL),
    DUNLIN_HTTP_ROUTE("/not", not_asked, NULL),
    DUNLIN_HTTP_ROUTE("/abort", aborts, NULL),
    DUNLIN_HTTP_ROUTE("/echo", echo, NULL),
    DUNLIN_HTTP_ROUTE("/close", closes_body, NULL),
};

static int up(void **state)
{
    return server_up(state, routes, DUNLIN_COUNT(routes));
}

static void hints_come_first(void **state)
{
    (void)state;
    assert_string_equal(talk(GET("/hints")),
                        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                        "HTTP/1.1 200 OK\r\nLink: </a>\r\nServer: test\r\nContent-Length: 6\r\n"
                        "Connection: close\r\n\r\n<html>");
}

static void trailers_both_ways(void **state)
{
    const char *answer = talk("POST /trailers HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                              "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX-T: tv\r\n"
                              "X-U: uv\r\n\r\n");
    (void)state;
    contains(answer, "\r\nTrailer: X-Sum\r\n");
    contains(answer, "\r\n\r\n4\r\nbody\r\n0\r\nX-Other: o\r\nX-Sum: 7\r\n\r\n");
}

static void a_cookie_is_set(void **state)
{
    (void)state;
    contains(talk(GET("/cookies")),
             "\r\nSet-Cookie: id=\"a b\"; Path=/p; Max-Age=5; HttpOnly; Secure; SameSite=Lax\r\n");
}

static void a_connection_is_taken_over(void **state)
{
    struct dunlin_http_server_stats stats = DUNLIN_HTTP_SERVER_STATS_INIT;
    const char *answer;
    uint32_t before;
    (void)state;
    assert_int_equal(dunlin_http_server_stats(server, &stats), 0);
    before = stats.hijacked;
    assert_string_equal(talk("GET /hijack HTTP/1.1\r\nHost: h\r\n\r\nabc"), "raw");
    answer = talk("GET /hijack?upgrade HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n"
                  "Upgrade: other, chat\r\n\r\nabc");
    begins(answer, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n");
    contains(answer, "\r\n\r\nraw");
    begins(talk(GET("/not")), "HTTP/1.1 204 ");
    assert_int_equal(dunlin_http_server_stats(server, &stats), 0);
    assert_int_equal(stats.hijacked, before + 2);
}

static void an_answer_is_dropped(void **state)
{
    (void)state;
    assert_string_equal(talk(GET("/abort")), "");
    assert_string_equal(talk(GET("/abort?call")), "");
}

static void bodies_end_with_the_head_of_the_answer(void **state)
{
    (void)state;
    contains(talk("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
                  "GET /hints HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
             "\r\n\r\n1\r\na\r\n0\r\n\r\nHTTP/1.1 103 ");
    contains(talk("POST /echo?duplex HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n"
                  "Connection: close\r\n\r\nab"),
             "\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n");
    contains(talk("POST /close HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
                  "GET /hints HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
             "\r\n\r\nclosedHTTP/1.1 103 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(hints_come_first, app_checked),
        cmocka_unit_test_teardown(trailers_both_ways, app_checked),
        cmocka_unit_test_teardown(a_cookie_is_set, app_checked),
        cmocka_unit_test_teardown(a_connection_is_taken_over, app_checked),
        cmocka_unit_test_teardown(an_answer_is_dropped, app_checked),
        cmocka_unit_test_teardown(bodies_end_with_the_head_of_the_answer, app_checked),
    };
    return cmocka_run_group_tests_name("http_answer", tests, up, server_down);
}
