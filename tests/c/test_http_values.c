/* What a handler asks of a request beyond its head's parts: cookies, secrets, queries and forms. */
#include "http_server.h"

static int32_t ask(void *ctx, dunlin_http_exchange_t x)
{
    struct dunlin_str name, value;
    char room[32];
    uint32_t n = 0;
    (void)ctx;
    app_check(str_is(dunlin_http_user_agent(x), "tester/1"));
    app_check(str_is(dunlin_http_referer(x), "http://r/"));
    app_check(dunlin_http_transfer_encoding(x).ptr == NULL);
    app_check(str_is(dunlin_http_header_value_at(x, "x-many", 0), "1"));
    app_check(str_is(dunlin_http_header_value_at(x, "X-Many", 1), "2"));
    app_check(dunlin_http_header_value_at(x, "X-Many", 2).ptr == NULL);
    app_check(str_is(dunlin_http_cookie(x, "a"), "1"));
    app_check(str_is(dunlin_http_cookie(x, "c"), "3 4"));
    app_check(dunlin_http_cookie(x, "A").ptr == NULL);
    while (dunlin_http_cookie_at(x, n, &name, &value) == 1) {
        n++;
    }
    app_check(n == 4);
    app_check(dunlin_http_cookie_at(x, 1, &name, &value) == 1);
    app_check(str_is(name, "b") && str_is(value, "2"));
    app_check(dunlin_http_basic_auth(x, room, sizeof room, &name, &value) == 1);
    app_check(str_is(name, "user") && str_is(value, "p:w"));
    app_check(dunlin_http_same_secret(value, "p:w") == 1);
    app_check(dunlin_http_basic_auth(x, room, 3, &name, &value) == DUNLIN_ERR_BUFFER_TOO_SMALL);
    app_check(dunlin_http_query_value(x, "q", room, sizeof room) == 3);
    app_check(strcmp(room, "a b") == 0);
    app_check(dunlin_http_query_value(x, "none", room, sizeof room) == 0 && room[0] == '\0');
    app_check(dunlin_http_query_value(x, "q", room, 3) == DUNLIN_ERR_BUFFER_TOO_SMALL);
    app_check(dunlin_http_form_value(x, "q", room, sizeof room) == 3);
    return dunlin_http_reply(x, 204, NULL, 0);
}

/* Neither cookies nor anything else came. */
static int32_t bare(void *ctx, dunlin_http_exchange_t x)
{
    struct dunlin_str name, value;
    char room[8];
    (void)ctx;
    app_check(dunlin_http_user_agent(x).ptr == NULL && dunlin_http_referer(x).ptr == NULL);
    app_check(dunlin_http_cookie(x, "a").ptr == NULL);
    app_check(dunlin_http_cookie_at(x, 0, &name, &value) == 0);
    app_check(dunlin_http_basic_auth(x, room, sizeof room, &name, &value) == 0);
    return dunlin_http_reply(x, 204, NULL, 0);
}

/* Answers with the first value of "a". */
static int32_t form(void *ctx, dunlin_http_exchange_t x)
{
    char room[600];
    int32_t n = dunlin_http_form_value(x, "a", room, sizeof room);
    (void)ctx;
    return n < 0 ? n : dunlin_http_reply(x, 200, room, (size_t)n);
}

static int32_t several(void *ctx, dunlin_http_exchange_t x)
{
    struct dunlin_http_form_field fields[] = {
        {"a", {NULL, 0}, NULL}, {"b", {NULL, 0}, NULL}, {"c", {NULL, 0}, NULL}};
    struct dunlin_http_form_field many[DUNLIN_HTTP_FORM_FIELDS_MAX + 1];
    char room[8];
    (void)ctx;
    for (size_t i = 0; i < sizeof many / sizeof many[0]; i++) {
        many[i] = fields[0];
    }
    app_check(dunlin_http_form_values(x, many, DUNLIN_COUNT(many), room, 8) == DUNLIN_ERR_INVALID);
    many[0].options = room;
    app_check(dunlin_http_form_values(x, many, 1, room, 8) == DUNLIN_ERR_VERSION);
    app_check(str_is(dunlin_http_transfer_encoding(x), "chunked"));
    app_check(dunlin_http_form_values(x, fields, 3, room, sizeof room) == 2);
    app_check(str_is(fields[0].value, "1 2") && str_is(fields[1].value, "url"));
    app_check(fields[2].value.ptr == NULL);
    return dunlin_http_reply(x, 204, NULL, 0);
}

static int32_t whole(void *ctx, dunlin_http_exchange_t x)
{
    struct dunlin_str rest, name, value;
    char room[7], text[8];
    int32_t n = dunlin_http_form_read(x, room, sizeof room);
    (void)ctx;
    if (n < 0) {
        return n;
    }
    rest.ptr = room;
    rest.len = (size_t)n;
    app_check(n == 7);
    app_check(dunlin_query_next(&rest, &name, &value) == 1 && str_is(name, "a"));
    app_check(dunlin_query_next(&rest, &name, &value) == 1 && str_is(name, "b"));
    app_check(dunlin_url_unescape(DUNLIN_URL_QUERY, value, text, sizeof text) == 1);
    app_check(text[0] == ' ');
    return dunlin_http_reply(x, 204, NULL, 0);
}

static const struct dunlin_http_route routes[] = {
    DUNLIN_HTTP_ROUTE("/ask", ask, NULL),         DUNLIN_HTTP_ROUTE("/bare", bare, NULL),
    DUNLIN_HTTP_ROUTE("/form", form, NULL),       DUNLIN_HTTP_ROUTE("/several", several, NULL),
    DUNLIN_HTTP_ROUTE("POST /whole", whole, NULL),
};

static int up(void **state)
{
    return server_up(state, routes, DUNLIN_COUNT(routes));
}

#define POST(target, type, len, body)                                                   \
    "POST " target " HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: " type   \
    "\r\nContent-Length: " len "\r\n\r\n" body
#define FORM "application/x-www-form-urlencoded"

static void a_request_is_asked(void **state)
{
    (void)state;
    begins(talk("GET /ask?x;y&q=a+%62 HTTP/1.1\r\nHost: h\r\nConnection: close\r\nUser-Agent: tester/1\r\n"
                "Referer: http://r/\r\nX-Many: 1\r\nX-Many: 2\r\nCookie: a=1; b=2; b(d=3\r\n"
                "Cookie: c=\"3 4\"; a=5\r\nAuthorization: basic dXNlcjpwOnc=\r\n\r\n"),
           "HTTP/1.1 204");
    begins(talk(GET("/bare")), "HTTP/1.1 204");
}

static void forms_come_before_the_query(void **state)
{
    (void)state;
    contains(talk(POST("/form?a=url", FORM, "9", "x=1&a=%31")), "\r\n\r\n1");
    contains(talk(POST("/form?a=url", FORM, "6", "x=1&ab")), "\r\n\r\nurl");
    contains(talk(POST("/form?a=url", "text/plain", "3", "a=1")), "\r\n\r\nurl");
    contains(talk(GET("/form?a=url")), "\r\n\r\nurl");
    begins(talk("POST /several?a=3&b=url HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: " FORM
                "\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n2\r\n+2\r\n4\r\n&d=9\r\n0\r\n\r\n"),
           "HTTP/1.1 204");
    begins(talk(POST("/whole", FORM, "7", "a=1&b=+")), "HTTP/1.1 204");
}

/* A long body goes by; only what is asked for needs room. */
static void long_forms(void **state)
{
    static char request[5000];
    int head;
    (void)state;
    head = snprintf(request, sizeof request, POST("/form", FORM, "%d", "x="), 4006);
    memset(request + head, 'y', 4000);
    strcpy(request + head + 4000, "&a=1");
    contains(talk(request), "\r\n\r\n1");
    head = snprintf(request, sizeof request, POST("/form", FORM, "%d", "a="), 1002);
    memset(request + head, 'y', 1000);
    request[head + 1000] = '\0';
    begins(talk(request), "HTTP/1.1 500");
    begins(talk(POST("/whole", FORM, "8", "a=1&b=+1")), "HTTP/1.1 500");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_request_is_asked, app_checked),
        cmocka_unit_test_teardown(forms_come_before_the_query, app_checked),
        cmocka_unit_test_teardown(long_forms, app_checked),
    };
    return cmocka_run_group_tests(tests, up, server_down);
}
