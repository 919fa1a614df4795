/* A server: a wildcard, a streamed upload, and server-sent events without a task each. */
#include <dunlin/dunlin.h>

struct clients {
    dunlin_http_exchange_t x[4];
    int count;
};

struct store {
    uint64_t bytes;
};

int32_t run(void);
int32_t stop(dunlin_http_server_t server);
void on_sample(struct clients *c, const char *value);

static void store(void *ctx, const uint8_t *data, size_t len)
{
    (void)data;
    ((struct store *)ctx)->bytes += len;
}

static void on_gone(void *ctx, dunlin_http_exchange_t x)
{
    struct clients *c = (struct clients *)ctx;
    for (int i = 0; i < c->count; i++) {
        if (c->x[i] == x)
            c->x[i] = c->x[--c->count];
    }
    dunlin_http_finish(x);
}

static int32_t hello(void *ctx, dunlin_http_exchange_t x)
{
    (void)ctx;
    dunlin_http_write_str(x, "Hello, ");
    return dunlin_http_write(x, dunlin_http_path_value(x, "name"));
}

static int32_t upload(void *ctx, dunlin_http_exchange_t x)
{
    uint8_t buf[256];
    dunlin_ssize_t n;
    dunlin_http_limit_body(x, 64 * 1024); /* past it: 413, by itself */
    while ((n = dunlin_http_read(x, buf, sizeof buf)) > 0)
        store(ctx, buf, (size_t)n);
    if (n < 0)
        return (int32_t)n;
    return dunlin_http_reply(x, 204, NULL, 0);
}

static int32_t events(void *ctx, dunlin_http_exchange_t x)
{
    struct clients *c = (struct clients *)ctx;
    if (c->count == 4)
        return dunlin_http_error(x, 503, "busy");
    dunlin_http_sse_begin(x);
    dunlin_http_exchange_t detached = dunlin_http_detach(x, on_gone, c);
    if (detached > 0)
        c->x[c->count++] = detached;
    return 0;
}

void on_sample(struct clients *c, const char *value)
{
    for (int i = 0; i < c->count; i++)
        dunlin_http_sse_send(c->x[i], "sample", value);
}

static struct store flash_store;
static struct clients clients;

static const struct dunlin_http_route routes[] = {
    DUNLIN_HTTP_ROUTE("GET /hello/{name}", hello, NULL),
    DUNLIN_HTTP_ROUTE("POST /upload", upload, &flash_store),
    DUNLIN_HTTP_ROUTE("GET /events", events, &clients),
};

int32_t run(void)
{
    struct dunlin_http_server_config sc = DUNLIN_HTTP_SERVER_CONFIG_INIT;
    sc.routes = routes;
    sc.route_count = DUNLIN_COUNT(routes);
    dunlin_http_server_t server = dunlin_http_server_new(&sc);
    dunlin_http_server_listen(server, ":8080");
    return dunlin_http_server_serve(server);
}

int32_t stop(dunlin_http_server_t server)
{
    return dunlin_http_server_shutdown(server, dunlin_after_ms(5000));
}
