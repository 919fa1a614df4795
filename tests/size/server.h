/* A server of two routes. */
#ifndef SIZE_SERVER_H
#define SIZE_SERVER_H

#include "size.h"

static int32_t size_hello(void *ctx, dunlin_http_exchange_t x)
{
    (void)ctx;
    return dunlin_http_reply(x, 200, "Hello, World!", 13);
}

static int32_t size_name(void *ctx, dunlin_http_exchange_t x)
{
    (void)ctx;
    return dunlin_http_write(x, dunlin_http_path_value(x, "name"));
}

static const struct dunlin_http_route size_routes[] = {
    DUNLIN_HTTP_ROUTE("GET /", size_hello, NULL),
    DUNLIN_HTTP_ROUTE("GET /hello/{name}", size_name, NULL),
};

static inline int32_t size_serve(void)
{
    struct dunlin_http_server_config config = DUNLIN_HTTP_SERVER_CONFIG_INIT;
    config.routes = size_routes;
    config.route_count = DUNLIN_COUNT(size_routes);
    config.max_requests = 2;
    dunlin_http_server_t server = dunlin_http_server_new(&config);
    int32_t err = dunlin_http_server_listen(server, ":80");
    return err < 0 ? err : dunlin_http_server_serve(server);
}

#endif
