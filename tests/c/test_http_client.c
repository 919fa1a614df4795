/* The HTTP client against a peer that answers by script. */
#include "app.h"

#include <stdlib.h>

/* A peer that accepts a connection per answer, reads one request and sends what it is told. */
struct peer {
    struct app_task task;
    dunlin_listener_t listener;
    char url[96];
    const char *answers[4]; /* up to NULL; "" closes without one */
    bool keep;              /* one connection for all answers */
    char request[4096];     /* the last one */
};

static size_t head_len(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n");
    return end != NULL ? (size_t)(end - text) + 4 : 0;
}

/* Reads a head and the body that it announces. */
static void read_request(dunlin_conn_t conn, char *buf, size_t capacity)
{
    size_t len = 0, want = 0;
    do {
        dunlin_ssize_t n = dunlin_conn_read(conn, buf + len, capacity - 1 - len);
        if (n <= 0) {
            break;
        }
        len += (size_t)n;
        buf[len] = '\0';
        if (want == 0 && head_len(buf) > 0) {
            const char *length = strstr(buf, "\r\nContent-Length: ");
            want = head_len(buf) + (length != NULL ? (size_t)atol(length + 18) : 0);
        }
        if (want > 0 && strstr(buf, "\r\nTransfer-Encoding: chunked\r\n") != NULL) {
            want = strstr(buf, "\r\n0\r\n\r\n") != NULL ? len : len + 1;
        }
    } while (want == 0 || len < want);
    buf[len] = '\0';
}

static void *answer(void *arg)
{
    struct peer *p = arg;
    dunlin_conn_t conn = 0;
    for (int i = 0; p->answers[i] != NULL; i++) {
        const char *text = p->answers[i];
        if (conn == 0) {
            conn = dunlin_accept(p->listener);
            app_check(conn > 0);
            dunlin_conn_set_deadline(conn, dunlin_after_ms(8000));
        }
        read_request(conn, p->request, sizeof p->request);
        app_check(dunlin_conn_write(conn, text, strlen(text)) == (dunlin_ssize_t)strlen(text));
        if (!p->keep) {
            dunlin_conn_close(conn);
            conn = 0;
        }
    }
    if (conn != 0) {
        char buf[8];
        app_check(dunlin_conn_read(conn, buf, sizeof buf) <= 0); /* until the client closes it */
        dunlin_conn_close(conn);
    }
    return NULL;
}

static void peer_up(struct peer *p)
{
    char text[DUNLIN_ADDR_TEXT_MAX];
    p->listener = app_listen(text, sizeof text);
    dunlin_listener_set_deadline(p->listener, dunlin_after_ms(8000));
    snprintf(p->url, sizeof p->url, "http://%s/path?q", text);
    assert_int_equal(pthread_create(&p->task.thread, NULL, answer, p), 0);
}

static void peer_down(struct peer *p)
{
    pthread_join(p->task.thread, NULL);
    assert_int_equal(dunlin_listener_close(p->listener), 0);
}

static bool str_is(struct dunlin_str str, const char *text)
{
    return str.len == strlen(text) && (str.len == 0 || memcmp(str.ptr, text, str.len) == 0);
}

static void body_is(dunlin_http_response_t r, const char *text)
{
    char buf[256];
    size_t len = 0;
    dunlin_ssize_t n;
    while ((n = dunlin_http_response_read(r, buf + len, sizeof buf - len)) > 0) {
        len += (size_t)n;
    }
    assert_int_equal(n, 0);
    assert_int_equal(len, strlen(text));
    assert_memory_equal(buf, text, len);
}

static void an_answer_is_asked_and_read(void **state)
{
    struct peer p = {.answers = {"HTTP/1.1 203 Very Fine\r\nX-One: 1\r\nx-two: 2\r\nX-One: 3\r\n"
                                 "Content-Length: 5\r\n\r\nhello"}};
    dunlin_http_client_t client = dunlin_http_client_new(NULL);
    struct dunlin_str name, value;
    dunlin_http_response_t r;
    char buf[8];
    int64_t length;
    uint32_t n = 0;
    (void)state;
    assert_true(client > 0);
    peer_up(&p);
    r = dunlin_http_get(client, p.url);
    assert_true(r > 0);
    assert_int_equal(strncmp(p.request, "GET /path?q HTTP/1.1\r\nHost: 127.0.0.1:", 38), 0);
    assert_int_equal(dunlin_http_response_status(r), 203);
    assert_true(str_is(dunlin_http_response_status_text(r), "203 Very Fine"));
    assert_true(str_is(dunlin_http_response_proto(r), "HTTP/1.1"));
    assert_true(str_is(dunlin_http_response_header(r, "X-TWO"), "2"));
    assert_true(str_is(dunlin_http_response_header(r, "X-One"), "1"));
    assert_null(dunlin_http_response_header(r, "X-None").ptr);
    assert_null(dunlin_http_response_header(r, NULL).ptr);
    while (dunlin_http_response_header_at(r, n, &name, &value) == 1) {
        n++;
    }
    assert_int_equal(n, 4);
    assert_int_equal(dunlin_http_response_header_at(r, 1, &name, &value), 1);
    assert_true(str_is(name, "x-two") && str_is(value, "2"));
    assert_int_equal(dunlin_http_response_header_at(r, 9, NULL, &value), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_http_response_content_length(r, &length), 0);
    assert_int_equal(length, 5);
    assert_int_equal(dunlin_http_response_content_length(r, NULL), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_http_response_read(r, buf, 0), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_http_response_read(r, NULL, 4), DUNLIN_ERR_INVALID);
    body_is(r, "hello");
    assert_int_equal(dunlin_http_response_close(r), 0);
    assert_int_equal(dunlin_http_response_close(r), DUNLIN_ERR_BAD_HANDLE);
    assert_int_equal(dunlin_http_response_status(r), DUNLIN_ERR_BAD_HANDLE);
    assert_null(dunlin_http_response_status_text(r).ptr);
    peer_down(&p);
    assert_int_equal(dunlin_http_client_close(client), 0);
    assert_int_equal(dunlin_http_client_close(client), DUNLIN_ERR_BAD_HANDLE);
}

static void a_connection_serves_again(void **state)
{
    struct peer p = {.answers = {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
                                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nb\r\n0\r\n\r\n"},
                     .keep = true};
    dunlin_http_client_t client = dunlin_http_client_new(NULL);
    dunlin_http_response_t r;
    (void)state;
    peer_up(&p);
    r = dunlin_http_get(client, p.url);
    body_is(r, "a");
    assert_int_equal(dunlin_http_get(client, p.url), DUNLIN_ERR_NO_SLOT); /* one answer at a time */
    assert_int_equal(dunlin_http_response_close(r), 0);
    r = dunlin_http_get(client, p.url);
    body_is(r, "b");
    assert_int_equal(dunlin_http_response_close(r), 0);
    assert_int_equal(app_usage().conns, 2); /* both ends of the one that is kept */
    assert_int_equal(dunlin_http_client_close_idle(client), 0);
    peer_down(&p);
    assert_int_equal(dunlin_http_client_close(client), 0);
}

static void a_body_that_is_cut_short_is_an_error(void **state)
{
    struct peer p = {.answers = {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
                                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf",
                                 "HTTP/1.0 200 OK\r\n\r\nuntil the end"}};
    dunlin_http_client_t client = dunlin_http_client_new(NULL);
    char buf[32];
    (void)state;
    peer_up(&p);
    for (int i = 0; i < 2; i++) {
        dunlin_http_response_t r = dunlin_http_get(client, p.url);
        assert_int_equal(dunlin_http_response_read(r, buf, sizeof buf), 4);
        assert_int_equal(dunlin_http_response_read(r, buf, sizeof buf), DUNLIN_ERR_UNEXPECTED_EOF);
        assert_int_equal(dunlin_http_response_read(r, buf, sizeof buf), DUNLIN_ERR_UNEXPECTED_EOF);
        assert_int_equal(dunlin_http_response_close(r), 0);
    }
    dunlin_http_response_t r = dunlin_http_get(client, p.url);
    body_is(r, "until the end");
    assert_int_equal(dunlin_http_response_close(r), 0);
    peer_down(&p);
    dunlin_http_client_close(client);
}

/* A body in three pieces. */
struct source {
    int at, rewinds;
    dunlin_ssize_t fails;
};

static dunlin_ssize_t give(void *ctx, void *buf, size_t len)
{
    static const char *const pieces[] = {"one,", "two,", "three"};
    struct source *s = ctx;
    if (s->at == 3) {
        return s->fails;
    }
    app_check(len >= 5);
    memcpy(buf, pieces[s->at], strlen(pieces[s->at]));
    return (dunlin_ssize_t)strlen(pieces[s->at++]);
}

static int32_t again(void *ctx)
{
    struct source *s = ctx;
    s->at = 0;
    s->rewinds++;
    return 0;
}

static void a_request_says_everything(void **state)
{
    static const struct dunlin_http_header headers[] = {
        DUNLIN_HTTP_HEADER("X-Mine", "yes"),
        DUNLIN_HTTP_HEADER("Content-Type", "text/csv"),
    };
    const char *ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    struct peer p = {.answers = {ok, ok, ok, NULL}};
    struct dunlin_http_client_config config = DUNLIN_HTTP_CLIENT_CONFIG_INIT;
    struct dunlin_http_request req = DUNLIN_HTTP_REQUEST_INIT;
    struct source s = {0, 0, 0};
    dunlin_http_client_t client;
    (void)state;
    config.user_agent = "tester/1";
    config.max_idle = -1;
    client = dunlin_http_client_new(&config);
    assert_true(client > 0);
    peer_up(&p);
    req.method = "PUT";
    req.url = p.url;
    req.headers = headers;
    req.header_count = DUNLIN_COUNT(headers);
    req.body_read = give;
    req.body_rewind = again;
    req.body_ctx = &s;
    dunlin_http_response_t r = dunlin_http_do(client, &req);
    assert_true(r > 0);
    dunlin_http_response_close(r);
    assert_int_equal(strncmp(p.request, "PUT /path?q HTTP/1.1\r\n", 22), 0);
    assert_non_null(strstr(p.request, "\r\nUser-Agent: tester/1\r\n"));
    assert_non_null(strstr(p.request, "\r\nX-Mine: yes\r\nContent-Type: text/csv\r\n"));
    assert_non_null(strstr(p.request, "\r\nTransfer-Encoding: chunked\r\n"));
    assert_non_null(strstr(p.request, "one,"));
    assert_non_null(strstr(p.request, "three\r\n0\r\n\r\n"));

    s.at = 0;
    req.body_len = 13; /* known: announced */
    r = dunlin_http_do(client, &req);
    assert_true(r > 0);
    dunlin_http_response_close(r);
    assert_non_null(strstr(p.request, "\r\nContent-Length: 13\r\n"));
    assert_non_null(strstr(p.request, "\r\n\r\none,two,three"));

    r = dunlin_http_post(client, p.url, "text/plain", "body", 4);
    assert_true(r > 0);
    dunlin_http_response_close(r);
    assert_int_equal(strncmp(p.request, "POST ", 5), 0);
    assert_non_null(strstr(p.request, "\r\nContent-Type: text/plain\r\n"));
    assert_non_null(strstr(p.request, "\r\n\r\nbody"));
    peer_down(&p);
    dunlin_http_client_close(client);
}

static void nothing_is_sent_that_is_not_right(void **state)
{
    static const struct dunlin_http_header bad_name[] = {DUNLIN_HTTP_HEADER("bad name", "1")};
    static const struct dunlin_http_header bad_value[] = {DUNLIN_HTTP_HEADER("X", "a\r\nb: c")};
    static const struct dunlin_http_header no_value[] = {DUNLIN_HTTP_HEADER("X", NULL)};
    static const struct dunlin_http_header options[] = {{"X", "1", "later"}};
    struct dunlin_http_failure why = DUNLIN_HTTP_FAILURE_INIT;
    struct dunlin_http_request req = DUNLIN_HTTP_REQUEST_INIT;
    dunlin_http_client_t client = dunlin_http_client_new(NULL);
    (void)state;
    assert_int_equal(dunlin_http_client_failure(client, &why), 0);
    assert_int_equal(why.code, 0);
    assert_int_equal(dunlin_http_get(client, "https://h/"), DUNLIN_ERR_TLS_NOT_CONFIGURED);
    assert_int_equal(dunlin_http_get(client, "ftp://h/"), DUNLIN_ERR_HTTP_UNSUPPORTED_SCHEME);
    assert_int_equal(dunlin_http_get(client, "http:///"), DUNLIN_ERR_HTTP_NO_HOST_IN_URL);
    assert_int_equal(dunlin_http_get(client, NULL), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_http_post(client, "http://h/", NULL, NULL, 3), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_http_do(client, NULL), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_http_do(client, &req), DUNLIN_ERR_INVALID); /* no URL */
    req.url = "http://127.0.0.1:1/";
    req.header_count = 1;
    assert_int_equal(dunlin_http_do(client, &req), DUNLIN_ERR_INVALID);
    req.headers = bad_name;
    assert_int_equal(dunlin_http_do(client, &req), DUNLIN_ERR_HTTP_INVALID_HEADER_NAME);
    req.headers = bad_value;
    assert_int_equal(dunlin_http_do(client, &req), DUNLIN_ERR_HTTP_INVALID_HEADER_VALUE);
    req.headers = no_value;
    assert_int_equal(dunlin_http_do(client, &req), DUNLIN_ERR_INVALID);
    req.headers = options;
    assert_int_equal(dunlin_http_do(client, &req), DUNLIN_ERR_VERSION);
    req.header_count = 0;
    req.method = "BAD METHOD";
    assert_int_equal(dunlin_http_do(client, &req), DUNLIN_ERR_HTTP_INVALID_METHOD);
    req.method = NULL;
    req.body = "x";
    req.body_read = give;
    assert_int_equal(dunlin_http_do(client, &req), DUNLIN_ERR_INVALID); /* one or the other */
    req.body = NULL;
    req.body_read = NULL;
    req.body_len = 1;
    assert_int_equal(dunlin_http_do(client, &req), DUNLIN_ERR_INVALID);
    req.body_len = 0;
    req.cancel = 4711;
    assert_int_equal(dunlin_http_do(client, &req), DUNLIN_ERR_BAD_HANDLE);
    req.cancel = 0;
    req.size = 4;
    assert_int_equal(dunlin_http_do(client, &req), DUNLIN_ERR_VERSION);
    req.size = sizeof req;
    assert_int_equal(dunlin_http_do(client, &req), DUNLIN_ERR_CONN_REFUSED);
    assert_int_equal(dunlin_http_client_failure(client, &why), 0);
    assert_int_equal(why.stage, DUNLIN_HTTP_STAGE_DIAL);
    assert_int_equal(why.code, DUNLIN_ERR_CONN_REFUSED);
    assert_int_equal(dunlin_http_client_failure(client, NULL), DUNLIN_ERR_INVALID);
    dunlin_http_client_close(client);
}

static void a_source_that_fails_ends_the_request(void **state)
{
    struct peer p = {.answers = {"", NULL}};
    struct dunlin_http_request req = DUNLIN_HTTP_REQUEST_INIT;
    struct source s = {3, 0, DUNLIN_ERR_DRIVER(9)};
    dunlin_http_client_t client = dunlin_http_client_new(NULL);
    (void)state;
    peer_up(&p);
    req.method = "POST";
    req.url = p.url;
    req.body_read = give;
    req.body_ctx = &s;
    assert_int_equal(dunlin_http_do(client, &req), DUNLIN_ERR_DRIVER(9));
    dunlin_http_client_close_idle(client);
    peer_down(&p);
    dunlin_http_client_close(client);
}

static void *get_under(void *arg)
{
    struct app_task *task = arg;
    struct dunlin_http_request req = DUNLIN_HTTP_REQUEST_INIT;
    req.url = task->buf;
    req.cancel = (dunlin_cancel_t)task->arg;
    task->result = dunlin_http_do(task->handle, &req);
    return NULL;
}

static void a_request_is_canceled_or_closed(void **state)
{
    char text[DUNLIN_ADDR_TEXT_MAX], url[96];
    dunlin_listener_t silent = app_listen(text, sizeof text); /* accepts nothing, answers nothing */
    dunlin_http_client_t client = dunlin_http_client_new(NULL);
    dunlin_cancel_t token = dunlin_cancel_new();
    struct app_task getter = {.buf = url, .arg = token};
    (void)state;
    snprintf(url, sizeof url, "http://%s/", text);
    app_start(&getter, get_under, client);
    app_sleep(60);
    assert_int_equal(dunlin_cancel(token), 0);
    assert_int_equal(app_join(&getter), DUNLIN_ERR_CANCELED);
    getter.arg = 0;
    app_start(&getter, get_under, client);
    app_sleep(60);
    assert_int_equal(dunlin_http_client_close(client), 0);
    assert_int_equal(app_join(&getter), DUNLIN_ERR_CLOSED);
    dunlin_cancel_close(token);
    dunlin_listener_close(silent);
}

static void time_outs_and_deadlines(void **state)
{
    struct dunlin_http_client_config config = DUNLIN_HTTP_CLIENT_CONFIG_INIT;
    char text[DUNLIN_ADDR_TEXT_MAX], url[96], buf[8];
    dunlin_listener_t silent = app_listen(text, sizeof text);
    int64_t began = dunlin_now_ms();
    dunlin_http_client_t client;
    dunlin_conn_t a, b;
    (void)state;
    config.timeout_ms = 100;
    client = dunlin_http_client_new(&config);
    snprintf(url, sizeof url, "http://%s/", text);
    assert_int_equal(dunlin_http_get(client, url), DUNLIN_ERR_TIMEOUT);
    assert_true(dunlin_now_ms() - began >= 100 && dunlin_now_ms() - began < 3000);
    dunlin_http_client_close(client);
    dunlin_listener_close(silent);

    /* An answer's own deadline, and a poll for its body. */
    client = dunlin_http_client_new(NULL);
    app_pair(&a, &b);
    assert_int_equal(dunlin_http_client_adopt(client, "http://pair/", a), 0);
    const char *head = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";
    assert_int_equal(dunlin_conn_write(b, head, strlen(head)), strlen(head));
    dunlin_http_response_t r = dunlin_http_get(client, "http://pair/");
    assert_true(r > 0);
    struct dunlin_poll_item set[] = {DUNLIN_POLL(r, DUNLIN_READABLE)};
    assert_int_equal(dunlin_poll(set, 1, dunlin_after_ms(30)), 0);
    assert_int_equal(dunlin_http_response_set_deadline(r, dunlin_after_ms(40)), 0);
    assert_int_equal(dunlin_http_response_read(r, buf, sizeof buf), DUNLIN_ERR_TIMEOUT);
    assert_int_equal(dunlin_http_response_set_deadline(r, 0), 0);
    assert_int_equal(dunlin_conn_write(b, "late", 4), 4);
    assert_int_equal(dunlin_poll(set, 1, dunlin_after_ms(5000)), 1);
    assert_int_equal(set[0].revents, DUNLIN_READABLE);
    body_is(r, "late");
    dunlin_http_response_close(r);
    dunlin_http_client_close(client);
    dunlin_conn_close(b);
}

static void configs_that_make_no_sense(void **state)
{
    struct dunlin_http_client_config config = DUNLIN_HTTP_CLIENT_CONFIG_INIT;
    dunlin_conn_t a, b;
    (void)state;
    config.head_len = 1;
    assert_int_equal(dunlin_http_client_new(&config), DUNLIN_ERR_INVALID);
    config.head_len = 1 << 20;
    assert_int_equal(dunlin_http_client_new(&config), DUNLIN_ERR_NO_MEMORY);
    config.head_len = 0;
    config.chunk_line = 70000;
    assert_int_equal(dunlin_http_client_new(&config), DUNLIN_ERR_INVALID);
    config.chunk_line = 0;
    config.user_agent = "a\nb";
    assert_int_equal(dunlin_http_client_new(&config), DUNLIN_ERR_HTTP_INVALID_HEADER_VALUE);
    config.user_agent = NULL;
    config.reserved = 1;
    assert_int_equal(dunlin_http_client_new(&config), DUNLIN_ERR_VERSION);

    /* A connection that cannot be adopted is gone too. */
    dunlin_http_client_t client = dunlin_http_client_new(NULL);
    assert_int_equal(dunlin_pipe(&a, &b), 0);
    assert_int_equal(dunlin_http_client_adopt(client, NULL, a), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_conn_close(a), DUNLIN_ERR_BAD_HANDLE);
    dunlin_conn_close(b);
    dunlin_http_client_close(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        APP_TEST(an_answer_is_asked_and_read),
        APP_TEST(a_connection_serves_again),
        APP_TEST(a_body_that_is_cut_short_is_an_error),
        APP_TEST(a_request_says_everything),
        APP_TEST(nothing_is_sent_that_is_not_right),
        APP_TEST(a_source_that_fails_ends_the_request),
        APP_TEST(a_request_is_canceled_or_closed),
        APP_TEST(time_outs_and_deadlines),
        APP_TEST(configs_that_make_no_sense),
    };
    return cmocka_run_group_tests_name("http_client", tests, app_up, app_down);
}
