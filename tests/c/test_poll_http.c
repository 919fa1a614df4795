/* HTTP servers, exchanges and clients in a poll set. */
#include "app.h"

static dunlin_http_server_t server;
static char address[DUNLIN_ADDR_TEXT_MAX];
static dunlin_http_exchange_t kept;
static unsigned ran;

static uint16_t ready(int32_t handle, unsigned events, int64_t ms)
{
    struct dunlin_poll_item set[] = {DUNLIN_POLL(handle, events)};
    int32_t n = dunlin_poll(set, 1, dunlin_after_ms(ms));
    app_check(n == (set[0].revents != 0));
    return set[0].revents;
}

static int32_t hello(void *ctx, dunlin_http_exchange_t x)
{
    (void)ctx;
    __atomic_add_fetch(&ran, 1, __ATOMIC_SEQ_CST);
    return dunlin_http_reply(x, 200, "hello", 5);
}

/* A chunked body of four bytes that comes later, perhaps behind its chunk's length, and its end. */
static int32_t body(void *ctx, dunlin_http_exchange_t x)
{
    char buf[8];
    (void)ctx;
    app_check(ready(x, DUNLIN_READABLE, 40) == 0);
    app_check(ready(x, DUNLIN_READABLE | DUNLIN_WRITABLE, 5000) == DUNLIN_WRITABLE);
    __atomic_add_fetch(&ran, 1, __ATOMIC_SEQ_CST);
    app_check(ready(x, DUNLIN_READABLE, 8000) == DUNLIN_READABLE);
    app_check(dunlin_http_read(x, buf, sizeof buf) == 4);
    app_check(ready(x, DUNLIN_READABLE, 8000) == DUNLIN_READABLE);
    app_check(dunlin_http_read(x, buf, sizeof buf) == 0);
    return dunlin_http_reply(x, 200, "read", 4);
}

static int32_t events(void *ctx, dunlin_http_exchange_t x)
{
    (void)ctx;
    app_check(dunlin_http_sse_begin(x) == 0);
    app_check(dunlin_http_detach(x, NULL, NULL) == x);
    __atomic_store_n(&kept, x, __ATOMIC_SEQ_CST);
    return 0;
}

static const struct dunlin_http_route routes[] = {
    DUNLIN_HTTP_ROUTE("/", hello, NULL),
    DUNLIN_HTTP_ROUTE("/body", body, NULL),
    DUNLIN_HTTP_ROUTE("/events", events, NULL),
};

static void make_server(int32_t header_timeout_ms)
{
    struct dunlin_http_server_config config = DUNLIN_HTTP_SERVER_CONFIG_INIT;
    struct dunlin_addr addr;
    config.routes = routes;
    config.route_count = DUNLIN_COUNT(routes);
    config.max_detached = 1;
    config.read_header_timeout_ms = header_timeout_ms;
    server = dunlin_http_server_new(&config);
    assert_true(server > 0);
    assert_int_equal(dunlin_http_server_listen(server, "127.0.0.1:0"), 0);
    assert_int_equal(dunlin_http_server_addr(server, 0, &addr), 0);
    assert_true(dunlin_addr_format(&addr, address, sizeof address) > 0);
    __atomic_store_n(&ran, 0, __ATOMIC_SEQ_CST);
}

static dunlin_conn_t dial(void)
{
    dunlin_conn_t conn = dunlin_dial(NULL, "tcp", address);
    assert_true(conn > 0);
    dunlin_conn_set_deadline(conn, dunlin_after_ms(10000));
    return conn;
}

static void say(dunlin_conn_t conn, const char *text)
{
    assert_int_equal(dunlin_conn_write(conn, text, strlen(text)), strlen(text));
}

/* The server has something to do, and when it is done, nothing more. */
static void one_step(void)
{
    assert_int_equal(ready(server, DUNLIN_READABLE, 8000), DUNLIN_READABLE);
    for (int i = 0; i < 5 && ready(server, DUNLIN_READABLE, 20) != 0; i++) {
        assert_int_equal(dunlin_http_server_serve_until(server, -1), DUNLIN_ERR_TIMEOUT);
    }
    assert_int_equal(ready(server, DUNLIN_READABLE, 20), 0);
}

static void one_task_serves_and_does_other_things(void **state)
{
    dunlin_conn_t conn, p, q;
    char buf[512];
    (void)state;
    make_server(300);
    assert_int_equal(dunlin_pipe(&p, &q), 0);
    assert_int_equal(ready(server, DUNLIN_READABLE, 40), 0);
    assert_int_equal(dunlin_http_server_serve_until(server, -1), DUNLIN_ERR_TIMEOUT);
    int64_t until = dunlin_after_ms(50);
    assert_int_equal(dunlin_http_server_serve_until(server, until), DUNLIN_ERR_TIMEOUT);
    assert_true(dunlin_now_ms() >= until && dunlin_now_ms() < until + 4000);
    conn = dial();
    one_step();
    say(conn, "GET / HTTP/1.1\r\n");
    one_step();
    assert_int_equal(ran, 0);
    say(conn, "Host: h\r\n\r\n");
    one_step();
    assert_int_equal(ran, 1);
    assert_true(dunlin_conn_read(conn, buf, sizeof buf) > 0);
    assert_memory_equal(buf, "HTTP/1.1 200 OK", 15);
    /* Something else in the same set. */
    struct app_task writer;
    writer.buf = buf;
    writer.len = 4;
    app_start(&writer, app_write, q);
    struct dunlin_poll_item set[] = {DUNLIN_POLL(server, DUNLIN_READABLE), DUNLIN_POLL(p, DUNLIN_READABLE)};
    assert_int_equal(dunlin_poll(set, DUNLIN_COUNT(set), dunlin_after_ms(8000)), 1);
    assert_int_equal(set[0].revents, 0);
    assert_int_equal(dunlin_conn_read(p, buf, sizeof buf), 4);
    assert_int_equal(app_join(&writer), 4);
    /* A time that is over is something to do, too. */
    say(conn, "GET / HTTP/1.1\r\n");
    one_step();
    until = dunlin_after_ms(200);
    assert_int_equal(ready(server, DUNLIN_READABLE, 8000), DUNLIN_READABLE);
    assert_int_equal(dunlin_http_server_serve_until(server, -1), DUNLIN_ERR_TIMEOUT);
    assert_int_equal(dunlin_conn_read(conn, buf, sizeof buf), 0);
    dunlin_conn_close(conn);
    dunlin_conn_close(p);
    dunlin_conn_close(q);
    assert_int_equal(dunlin_http_server_close(server), 0);
    assert_int_equal(ready(server, DUNLIN_READABLE, 0), DUNLIN_ERROR);
}

/* With a past deadline one handler runs at most, however many requests wait. */
static void a_step_is_bounded(void **state)
{
    dunlin_conn_t conns[3];
    (void)state;
    make_server(0);
    for (int i = 0; i < 3; i++) {
        conns[i] = dial();
        say(conns[i], "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    }
    for (unsigned i = 0; ran < 3; i++) {
        unsigned before = ran;
        assert_true(i < 50);
        assert_int_equal(ready(server, DUNLIN_READABLE, 8000), DUNLIN_READABLE);
        assert_int_equal(dunlin_http_server_serve_until(server, -1), DUNLIN_ERR_TIMEOUT);
        assert_true(ran - before <= 1);
    }
    for (int i = 0; i < 3; i++) {
        dunlin_conn_close(conns[i]);
    }
    assert_int_equal(dunlin_http_server_close(server), 0);
    assert_int_equal(dunlin_http_server_serve_until(server, -1), DUNLIN_ERR_BAD_HANDLE);
}

static void *serve(void *arg)
{
    struct app_task *task = arg;
    task->result = dunlin_http_server_serve(task->handle);
    return NULL;
}

static void *poll_one(void *arg)
{
    struct app_task *task = arg;
    task->arg = ready(task->handle, (unsigned)task->len, 10000);
    return NULL;
}

static void a_handler_polls_its_exchange(void **state)
{
    static const char *const heads[] = {
        "POST /body HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST /body HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n",
    };
    struct app_task worker;
    char buf[512];
    (void)state;
    make_server(0);
    app_start(&worker, serve, server);
    for (unsigned i = 0; i < 2; i++) {
        dunlin_conn_t conn = dial();
        say(conn, heads[i]);
        for (int k = 0; __atomic_load_n(&ran, __ATOMIC_SEQ_CST) <= i; k++) {
            assert_true(k < 8000);
            app_sleep(1);
        }
        say(conn, i == 0 ? "4\r\n1234\r\n0\r\n\r\n" : "1234\r\n0\r\n\r\n");
        assert_true(dunlin_conn_read(conn, buf, sizeof buf) > 0);
        assert_memory_equal(buf, "HTTP/1.1 200 OK", 15);
        dunlin_conn_close(conn);
    }
    assert_int_equal(dunlin_http_server_close(server), 0);
    assert_int_equal(app_join(&worker), DUNLIN_ERR_HTTP_SERVER_CLOSED);
}

static dunlin_http_exchange_t detached(dunlin_conn_t conn)
{
    dunlin_http_exchange_t x;
    __atomic_store_n(&kept, 0, __ATOMIC_SEQ_CST);
    say(conn, "GET /events HTTP/1.1\r\nHost: h\r\n\r\n");
    for (int k = 0; (x = __atomic_load_n(&kept, __ATOMIC_SEQ_CST)) == 0; k++) {
        assert_true(k < 8000);
        app_sleep(1);
    }
    return x;
}

static void a_detached_exchange_is_polled(void **state)
{
    struct app_task worker, poller;
    static char data[1001], buf[4096];
    dunlin_http_exchange_t x;
    int32_t sent;
    (void)state;
    make_server(0);
    app_start(&worker, serve, server);
    memset(data, 'd', sizeof data - 1);
    dunlin_conn_t conn = dial();
    x = detached(conn);
    assert_int_equal(ready(x, DUNLIN_WRITABLE, 8000), DUNLIN_WRITABLE);
    for (int i = 0; (sent = dunlin_http_sse_send(x, NULL, data)) == 0; i++) {
        assert_true(i < 100000);
    }
    assert_int_equal(sent, DUNLIN_ERR_WOULD_BLOCK);
    assert_int_equal(ready(x, DUNLIN_WRITABLE, 60), 0);
    poller.len = DUNLIN_WRITABLE;
    app_start(&poller, poll_one, x);
    app_sleep(30);
    /* The peer reads what there is. */
    while (ready(conn, DUNLIN_READABLE, 200) != 0) {
        assert_true(dunlin_conn_read(conn, buf, sizeof buf) > 0);
    }
    app_join(&poller);
    assert_int_equal(poller.arg, DUNLIN_WRITABLE);
    assert_int_equal(dunlin_http_sse_send(x, NULL, data), 0);
    /* The peer leaves. */
    assert_int_equal(ready(x, 0, 30), 0);
    poller.len = 0;
    app_start(&poller, poll_one, x);
    app_sleep(30);
    dunlin_conn_close(conn);
    app_join(&poller);
    assert_int_equal(poller.arg, DUNLIN_HANGUP);
    assert_int_equal(dunlin_http_finish(x), 0);
    assert_int_equal(ready(x, 0, 0), DUNLIN_ERROR);
    /* Another task ends it. */
    conn = dial();
    x = detached(conn);
    app_start(&poller, poll_one, x);
    app_sleep(30);
    assert_int_equal(dunlin_http_finish(x), 0);
    app_join(&poller);
    assert_int_equal(poller.arg, DUNLIN_ERROR);
    dunlin_conn_close(conn);
    assert_int_equal(dunlin_http_server_close(server), 0);
    assert_int_equal(app_join(&worker), DUNLIN_ERR_HTTP_SERVER_CLOSED);
}

static void a_client_is_writable_while_it_has_places(void **state)
{
    struct dunlin_build_config numbers = DUNLIN_BUILD_CONFIG_INIT;
    dunlin_http_client_t client = dunlin_http_client_new(NULL);
    struct app_task worker, poller;
    dunlin_http_response_t open[64];
    char url[DUNLIN_ADDR_TEXT_MAX + 16];
    uint32_t n;
    (void)state;
    make_server(0);
    app_start(&worker, serve, server);
    snprintf(url, sizeof url, "http://%s/", address);
    assert_int_equal(dunlin_build_config(&numbers), 0);
    assert_int_equal(ready(client, DUNLIN_WRITABLE, 0), DUNLIN_WRITABLE);
    for (n = 0; ready(client, DUNLIN_WRITABLE, 0) != 0; n++) {
        assert_true(n < DUNLIN_COUNT(open));
        open[n] = dunlin_http_get(client, url);
        assert_true(open[n] > 0);
    }
    assert_true(n > 0);
    assert_int_equal(dunlin_http_get(client, url), DUNLIN_ERR_NO_SLOT);
    poller.len = DUNLIN_WRITABLE;
    app_start(&poller, poll_one, client);
    app_sleep(30);
    dunlin_http_response_close(open[--n]);
    app_join(&poller);
    assert_int_equal(poller.arg, DUNLIN_WRITABLE);
    while (n > 0) {
        dunlin_http_response_close(open[--n]);
    }
    poller.len = 0;
    app_start(&poller, poll_one, client);
    app_sleep(30);
    assert_int_equal(dunlin_http_client_close(client), 0);
    app_join(&poller);
    assert_int_equal(poller.arg, DUNLIN_ERROR);
    assert_int_equal(dunlin_http_server_close(server), 0);
    assert_int_equal(app_join(&worker), DUNLIN_ERR_HTTP_SERVER_CLOSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        APP_TEST(one_task_serves_and_does_other_things),
        APP_TEST(a_step_is_bounded),
        APP_TEST(a_handler_polls_its_exchange),
        APP_TEST(a_detached_exchange_is_polled),
        APP_TEST(a_client_is_writable_while_it_has_places),
    };
    return cmocka_run_group_tests_name("poll http", tests, app_up, app_down);
}
