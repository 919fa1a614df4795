/* One HTTP exchange over a pipe: a server in the second task, a raw client in the first. */
#include "exchange.h"

#include <dunlin/dunlin.h>

#include "image.h"

#include <string.h>

static int32_t hello(void *ctx, dunlin_http_exchange_t x)
{
    (void)ctx;
    int32_t err = dunlin_http_write_str(x, "Hello, ");
    return err < 0 ? err : dunlin_http_write(x, dunlin_http_path_value(x, "name"));
}

static int32_t echo(void *ctx, dunlin_http_exchange_t x)
{
    (void)ctx;
    char buf[16];
    dunlin_ssize_t n;
    dunlin_http_full_duplex(x); /* the answer begins before the body was read */
    while ((n = dunlin_http_read(x, buf, sizeof buf)) > 0) {
        int32_t err = (int32_t)dunlin_http_write_bytes(x, buf, (size_t)n);
        if (err < 0) {
            return err;
        }
    }
    return (int32_t)n;
}

static const struct dunlin_http_route routes[] = {
    DUNLIN_HTTP_ROUTE("GET /hello/{name}", hello, NULL),
    DUNLIN_HTTP_ROUTE("POST /echo", echo, NULL),
};

static int32_t served;

static void serve(void *argument)
{
    const dunlin_http_server_t *server = argument;
    served = dunlin_http_server_serve(*server);
}

/* What the server sends until it closes, NUL-terminated. */
static size_t read_all(dunlin_conn_t conn, char *buf, size_t capacity)
{
    size_t len = 0;
    dunlin_ssize_t n = 0;
    while (len < capacity - 1 && (n = dunlin_conn_read(conn, buf + len, capacity - 1 - len)) > 0) {
        len += (size_t)n;
    }
    buf[len] = '\0';
    return n == 0 ? len : 0;
}

static int begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static int ends(const char *text, const char *with)
{
    size_t len = strlen(text), tail = strlen(with);
    return len >= tail && strcmp(text + len - tail, with) == 0;
}

/* The client over the other end of a pipe: one request, its answer streamed. */
static void fetch(dunlin_http_server_t server, void (*check)(int condition, const char *what))
{
    dunlin_conn_t near = 0, far = 0;
    char body[32];
    struct dunlin_http_client_config config = DUNLIN_HTTP_CLIENT_CONFIG_INIT;
    config.head_len = 1024;
    dunlin_http_client_t client = dunlin_http_client_new(&config);
    check(client > 0, "an HTTP client");
    check(dunlin_pipe(&near, &far) == 0 && dunlin_http_server_adopt(server, far) == 0 &&
              dunlin_http_client_adopt(client, "http://device/", near) == 0,
          "both have an end of a pipe");
    dunlin_http_response_t r = dunlin_http_get(client, "http://device/hello/client");
    check(dunlin_http_response_status(r) == 200, "the client gets 200");
    check(dunlin_http_response_read(r, body, sizeof body) == 13 && memcmp(body, "Hello, client", 13) == 0, "its body");
    check(dunlin_http_response_read(r, body, sizeof body) == 0, "its end");
    check(dunlin_http_response_close(r) == 0 && dunlin_http_client_close(client) == 0, "the client ends");
}

void exchange(void (*check)(int condition, const char *what))
{
    static const char request[] = "GET /hello/Cortex HTTP/1.1\r\nHost: device\r\n\r\n"
                                  "POST /echo HTTP/1.1\r\nHost: device\r\nConnection: close\r\n"
                                  "Transfer-Encoding: chunked\r\n\r\n"
                                  "5\r\nfirst\r\n7\r\n second\r\n0\r\n\r\n";
    static char answer[1024];
    dunlin_conn_t client = 0, peer = 0;
    struct dunlin_http_server_config config = DUNLIN_HTTP_SERVER_CONFIG_INIT;
    config.routes = routes;
    config.route_count = DUNLIN_COUNT(routes);
    config.max_conns = 2;
    dunlin_http_server_t server = dunlin_http_server_new(&config);
    check(server > 0, "an HTTP server");
    check(dunlin_pipe(&client, &peer) == 0 && dunlin_http_server_adopt(server, peer) == 0, "it has a connection");
    image_task_start(serve, &server);

    dunlin_conn_set_deadline(client, dunlin_after_ms(5000));
    dunlin_ssize_t sent = dunlin_conn_write(client, request, sizeof request - 1);
    check(sent == (dunlin_ssize_t)sizeof request - 1, "two requests");
    check(read_all(client, answer, sizeof answer) > 0, "their answers, to the end");
    const char *second = strstr(answer + 1, "HTTP/1.1 200 OK\r\n");
    check(begins(answer, "HTTP/1.1 200 OK\r\n") && strstr(answer, "\r\n\r\nHello, Cortex") != NULL, "GET");
    check(second != NULL && ends(second, "first second"), "POST, a chunked body sent back");

    check(dunlin_conn_close(client) == 0, "the client closes");
    fetch(server, check);
    check(dunlin_http_server_shutdown(server, dunlin_after_ms(1000)) == 0, "the server is shut down");
    check(dunlin_http_server_close(server) == 0, "and closed");
    while (image_task_running()) {
        image_yield();
    }
    check(served == DUNLIN_ERR_HTTP_SERVER_CLOSED, "its worker came back");
}
