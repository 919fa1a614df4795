/* A server with two workers for the tests of what it serves, and raw requests to it. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "app.h"

static dunlin_http_server_t server;
static char address[DUNLIN_ADDR_TEXT_MAX];
static struct app_task workers[2];

static inline bool str_is(struct dunlin_str str, const char *text)
{
    return str.len == strlen(text) && (str.len == 0 || memcmp(str.ptr, text, str.len) == 0);
}

static inline void *serve(void *arg)
{
    struct app_task *task = arg;
    task->result = dunlin_http_server_serve(task->handle);
    return NULL;
}

static inline int server_up(void **state, const struct dunlin_http_route *routes, uint32_t count)
{
    struct dunlin_http_server_config config = DUNLIN_HTTP_SERVER_CONFIG_INIT;
    struct dunlin_addr addr;
    app_up(state);
    config.routes = routes;
    config.route_count = count;
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

static inline int server_down(void **state)
{
    assert_int_equal(dunlin_http_server_shutdown(server, dunlin_after_ms(8000)), 0);
    assert_int_equal(dunlin_http_server_close(server), 0);
    assert_int_equal(app_join(&workers[0]), DUNLIN_ERR_HTTP_SERVER_CLOSED);
    assert_int_equal(app_join(&workers[1]), DUNLIN_ERR_HTTP_SERVER_CLOSED);
    assert_int_equal(dunlin_http_server_close(server), DUNLIN_ERR_BAD_HANDLE);
    return app_down(state);
}

/* Sends a request on a connection of its own; the answer as text, up to its end. */
static inline const char *talk(const char *request)
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

static inline void begins(const char *text, const char *with)
{
    if (strncmp(text, with, strlen(with)) != 0) {
        fail_msg("\"%s\" does not begin with \"%s\"", text, with);
    }
}

static inline void contains(const char *text, const char *what)
{
    if (strstr(text, what) == NULL) {
        fail_msg("no \"%s\" in \"%s\"", what, text);
    }
}

#define GET(target) "GET " target " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"

#endif
