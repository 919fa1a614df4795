#include "walk.h"

static struct dunlin_addr addr;
static struct dunlin_http_server_stats stats = DUNLIN_HTTP_SERVER_STATS_INIT;

static int32_t new_server(const struct dunlin_http_route *list)
{
    struct dunlin_http_server_config sc = DUNLIN_HTTP_SERVER_CONFIG_INIT;
    sc.routes = list;
    sc.route_count = 1;
    return dunlin_http_server_new(&sc);
}

WALK(http_server_addr, SERVER, 1, 0, dunlin_http_server_addr(h, 0, P(1, &addr)))
WALK(http_server_adopt, SERVER, 0, 0, dunlin_http_server_adopt(h, spare_conn()))
WALK_AS(http_server_adopt, conn, CONN, 0, 0, dunlin_http_server_adopt(live[SERVER], h))
WALK(http_server_close, SERVER, 0, 0, dunlin_http_server_close(h))
WALK(http_server_listen, SERVER, 1, 0, dunlin_http_server_listen(h, P(1, "127.0.0.1:0")))
WALK(http_server_listen_with, SERVER, 2, 0,
     dunlin_http_server_listen_with(h, NULL, P(1, "tcp"), P(2, "127.0.0.1:0")))
WALK(http_server_new, NONE, 2, 0,
     null == 1 ? dunlin_http_server_new(NULL) : new_server(P(2, routes)))
WALK(http_server_serve, SERVER, 0, 0, dunlin_http_server_serve(h))
WALK(http_server_serve_until, SERVER, 0, 0, dunlin_http_server_serve_until(h, -1))
WALK(http_server_shutdown, SERVER, 0, 0, dunlin_http_server_shutdown(h, -1))
WALK(http_server_stats, SERVER, 1, 0, dunlin_http_server_stats(h, P(1, &stats)))
