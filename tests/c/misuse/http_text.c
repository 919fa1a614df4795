#include "walk.h"

static struct dunlin_http_cookie cookie = DUNLIN_HTTP_COOKIE_INIT;
static struct dunlin_str line;
static int64_t unix_time;
static char room[256];

static struct dunlin_str of(const char *text)
{
    line.ptr = text;
    line.len = text != NULL ? strlen(text) : 0;
    return line;
}

static const struct dunlin_http_cookie *named(const struct dunlin_http_cookie *c)
{
    cookie.name = of("a");
    return c;
}

WALK(cookie_format, NONE, 2, ANYTIME,
     dunlin_cookie_format(named(P(1, &cookie)), P(2, room), sizeof room))
WALK(cookie_parse, NONE, 2, ANYTIME, dunlin_cookie_parse(of(P(1, "a=b")), P(2, &cookie)))
WALK(http_canonical_header_key, NONE, 2, ANYTIME,
     dunlin_http_canonical_header_key(of(P(1, "a")), P(2, room), sizeof room))
WALK(http_detect_content_type, NONE, 1, ANYTIME | VIEW,
     dunlin_http_detect_content_type(P(1, "a"), 1).ptr != NULL)
WALK(http_status_text, NONE, 0, ANYTIME | HARMLESS, dunlin_http_status_text(200).ptr != NULL)
WALK(http_time_format, NONE, 1, ANYTIME, dunlin_http_time_format(0, P(1, room), sizeof room))
WALK(http_time_parse, NONE, 2, ANYTIME,
     dunlin_http_time_parse(of(P(1, "Thu, 01 Jan 1970 00:00:00 GMT")), P(2, &unix_time)))
