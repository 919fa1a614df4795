#include "walk.h"

static char bytes[64];
static struct dunlin_str str_a, str_b;
static struct dunlin_addr addr;
static int64_t number;

WALK(http_add_header, EXCHANGE, 2, 0, dunlin_http_add_header(h, P(1, "A"), P(2, "b")))
WALK(http_content_length, EXCHANGE, 1, 0, dunlin_http_content_length(h, P(1, &number)))
WALK(http_del_header, EXCHANGE, 1, 0, dunlin_http_del_header(h, P(1, "A")))
WALK(http_detach, EXCHANGE, 0, 0, dunlin_http_detach(h, NULL, NULL))
WALK(http_error, EXCHANGE, 1, 0, dunlin_http_error(h, 500, P(1, "text")))
WALK(http_finish, EXCHANGE, 0, 0, dunlin_http_finish(h))
WALK(http_flush, EXCHANGE, 0, 0, dunlin_http_flush(h))
WALK(http_header, EXCHANGE, 1, VIEW, dunlin_http_header(h, P(1, "Host")).ptr != NULL)
WALK(http_header_at, EXCHANGE, 2, 0, dunlin_http_header_at(h, 0, P(1, &str_a), P(2, &str_b)))
WALK(http_host, EXCHANGE, 0, VIEW, dunlin_http_host(h).ptr != NULL)
WALK(http_limit_body, EXCHANGE, 0, 0, dunlin_http_limit_body(h, 1))
WALK(http_local_addr, EXCHANGE, 1, 0, dunlin_http_local_addr(h, P(1, &addr)))
WALK(http_method, EXCHANGE, 0, VIEW, dunlin_http_method(h).ptr != NULL)
WALK(http_not_found, EXCHANGE, 0, 0, dunlin_http_not_found(h))
WALK(http_path, EXCHANGE, 0, VIEW, dunlin_http_path(h).ptr != NULL)
WALK(http_path_value, EXCHANGE, 1, VIEW, dunlin_http_path_value(h, P(1, "x")).ptr != NULL)
WALK(http_proto, EXCHANGE, 0, VIEW, dunlin_http_proto(h).ptr != NULL)
WALK(http_query, EXCHANGE, 0, VIEW, dunlin_http_query(h).ptr != NULL)
WALK(http_read, EXCHANGE, 1, 0, dunlin_http_read(h, P(1, bytes), sizeof bytes))
WALK(http_redirect, EXCHANGE, 1, 0, dunlin_http_redirect(h, P(1, "/"), 302))
WALK(http_remote_addr, EXCHANGE, 1, 0, dunlin_http_remote_addr(h, P(1, &addr)))
WALK(http_reply, EXCHANGE, 1, 0, dunlin_http_reply(h, 200, P(1, bytes), 1))
WALK(http_reply_static, EXCHANGE, 1, 0, dunlin_http_reply_static(h, 200, P(1, bytes), 1))
WALK(http_set_header, EXCHANGE, 2, 0, dunlin_http_set_header(h, P(1, "A"), P(2, "b")))
WALK(http_sse_begin, EXCHANGE, 0, 0, dunlin_http_sse_begin(h))
WALK(http_sse_send, EXCHANGE, 1, 0, dunlin_http_sse_send(h, NULL, P(1, "data")))
WALK(http_target, EXCHANGE, 0, VIEW, dunlin_http_target(h).ptr != NULL)
WALK(http_write, EXCHANGE, 1, 0,
     (str_a.ptr = P(1, bytes), str_a.len = 1, dunlin_http_write(h, str_a)))
WALK(http_write_bytes, EXCHANGE, 1, 0, dunlin_http_write_bytes(h, P(1, bytes), 1))
WALK(http_write_head, EXCHANGE, 0, 0, dunlin_http_write_head(h, 200))
WALK(http_write_hex, EXCHANGE, 0, 0, dunlin_http_write_hex(h, 1))
WALK(http_write_str, EXCHANGE, 1, 0, dunlin_http_write_str(h, P(1, "text")))
WALK(http_write_u32, EXCHANGE, 0, 0, dunlin_http_write_u32(h, 1))
