#include "walk.h"

static char window[256], room[64];
static struct dunlin_http_multipart m = {
    .size = sizeof(struct dunlin_http_multipart), .window = window, .window_len = sizeof window};
static struct dunlin_str str_a, str_b;

WALK(http_multipart_begin, EXCHANGE, 1, 0, dunlin_http_multipart_begin(h, P(1, &m)))
WALK(http_multipart_file_name, NONE, 2, 0,
     dunlin_http_multipart_file_name(P(1, &m), P(2, room), sizeof room))
WALK(http_multipart_header, NONE, 2, VIEW,
     dunlin_http_multipart_header(P(1, &m), P(2, "a")).ptr != NULL)
WALK(http_multipart_header_at, NONE, 3, 0,
     dunlin_http_multipart_header_at(P(1, &m), 0, P(2, &str_a), P(3, &str_b)))
WALK(http_multipart_name, NONE, 2, 0,
     dunlin_http_multipart_name(P(1, &m), P(2, room), sizeof room))
WALK(http_multipart_next, NONE, 1, 0, dunlin_http_multipart_next(P(1, &m)))
WALK(http_multipart_read, NONE, 2, 0, dunlin_http_multipart_read(P(1, &m), P(2, room), sizeof room))
