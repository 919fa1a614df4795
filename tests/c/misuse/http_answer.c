#include "walk.h"

static struct dunlin_str str_a, str_b;
static struct dunlin_http_cookie cookie = {.size = sizeof cookie, .name = {"a", 1}, .value = {"b", 1}};

WALK(http_abort, EXCHANGE, 0, 0, dunlin_http_abort(h))
WALK(http_answer_header, EXCHANGE, 1, VIEW, dunlin_http_answer_header(h, P(1, "A")).ptr != NULL)
WALK(http_close_body, EXCHANGE, 0, 0, dunlin_http_close_body(h))
WALK(http_full_duplex, EXCHANGE, 0, 0, dunlin_http_full_duplex(h))
WALK(http_hijack, EXCHANGE, 0, 0, dunlin_http_hijack(h))
WALK(http_omit_header, EXCHANGE, 1, 0, dunlin_http_omit_header(h, P(1, "A")))
WALK(http_set_cookie, EXCHANGE, 1, 0, dunlin_http_set_cookie(h, P(1, &cookie)))
WALK(http_set_trailer, EXCHANGE, 2, 0, dunlin_http_set_trailer(h, P(1, "A"), P(2, "b")))
WALK(http_trailer, EXCHANGE, 1, VIEW, dunlin_http_trailer(h, P(1, "A")).ptr != NULL)
WALK(http_trailer_at, EXCHANGE, 2, 0, dunlin_http_trailer_at(h, 0, P(1, &str_a), P(2, &str_b)))
WALK(http_upgrade, EXCHANGE, 1, 0, dunlin_http_upgrade(h, P(1, "x")))
WALK(http_write_informational, EXCHANGE, 0, 0, dunlin_http_write_informational(h, 103))
