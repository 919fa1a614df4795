#include "walk.h"

static struct dunlin_http_form_field field = {"a", {NULL, 0}, NULL};
static struct dunlin_str str_a, str_b;
static char room[256];

WALK(http_basic_auth, EXCHANGE, 3, 0,
     dunlin_http_basic_auth(h, P(1, room), sizeof room, P(2, &str_a), P(3, &str_b)))
WALK(http_cookie, EXCHANGE, 1, VIEW, dunlin_http_cookie(h, P(1, "a")).ptr != NULL)
WALK(http_cookie_at, EXCHANGE, 2, 0, dunlin_http_cookie_at(h, 0, P(1, &str_a), P(2, &str_b)))
WALK(http_form_read, EXCHANGE, 1, 0, dunlin_http_form_read(h, P(1, room), sizeof room))
WALK(http_form_value, EXCHANGE, 2, 0,
     dunlin_http_form_value(h, P(1, "a"), P(2, room), sizeof room))
WALK(http_form_values, EXCHANGE, 2, 0,
     dunlin_http_form_values(h, P(1, &field), 1, P(2, room), sizeof room))
WALK(http_header_value_at, EXCHANGE, 1, VIEW,
     dunlin_http_header_value_at(h, P(1, "Host"), 0).ptr != NULL)
WALK(http_query_value, EXCHANGE, 2, 0,
     dunlin_http_query_value(h, P(1, "a"), P(2, room), sizeof room))
WALK(http_referer, EXCHANGE, 0, VIEW, dunlin_http_referer(h).ptr != NULL)
WALK(http_same_secret, NONE, 1, ANYTIME,
     (str_a.ptr = "s", str_a.len = 1, dunlin_http_same_secret(str_a, P(1, "s"))))
WALK(http_transfer_encoding, EXCHANGE, 0, VIEW, dunlin_http_transfer_encoding(h).ptr != NULL)
WALK(http_user_agent, EXCHANGE, 0, VIEW, dunlin_http_user_agent(h).ptr != NULL)
